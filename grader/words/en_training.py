"""English: what is said of a recorded training."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # a recorded training
    "trace-unreadable": "is not a trace",
    "trace-of-other-data": "is not shown: what was recorded is no training on these data",
    "no-linear-model": "not attempted: no loop trains a linear model",
    "no-network": "not attempted: no loop trains a network",
    "training-no-gradient": "cannot be seen: a training computed no gradient",
    "loss-spread": (
        "compares every prediction with every target in {losses} losses: the shapes of predictions and "
        "targets differ, as (N, 1) and (N,) do"
    ),
    "several-outputs": (
        "compares {outputs} predictions with each target in {losses} losses: the model has more outputs than "
        "there are targets"
    ),
    "loss-summed": "is the sum of the squared errors in {losses} of {of} losses, not their mean",
    "loss-rooted": "is the root of the mean of the squared errors in {losses} of {of} losses",
    "loss-absolute": "is the mean of the absolute errors in {losses} of {of} losses, not of their squares",
    "loss-unlike": (
        "is not the mean of the squared errors in {losses} of {of} losses: its gradient at the prediction is "
        "not 2 (prediction - target) / N"
    ),
    "loss-halved": (
        "In {losses} losses, half of the mean of the squared errors is computed: the gradient is half as "
        "long, and a rate twice as large makes the same steps. No points are lost."
    ),
    "rows-misaligned": "compares predictions with the targets of other rows, in {losses} losses",
    "gradients-stale": "are not: at {stale} of {updates} updates, .grad still held what an earlier update had used",
    "prediction-old": "is not: {gradients} gradients came from a prediction made before the last update",
    "update-lost": "is lost: at {steps} steps the gradient had just been reset",
    "update-missing": "does not happen: after {gradients} gradients, the tensors that they are of have not changed",
    "update-once": "happens once only, after {gradients} gradients: it stands outside the loop",
    "update-partial": "leaves {unmoved} of {parameters} parameters as they were, though each has a gradient",
    "update-no-number": "is not a number",
    "update-uphill": "goes uphill: the parameters change by +{rate:.4g} times the gradient",
    "update-at-two-rates": (
        "is no multiple of minus the gradient: at update {update}, entry {low} changes by {change:.5g}, "
        "{ratio:.4g} times its gradient, and entry {high} by {other_change:.5g}, {other_ratio:.4g} times its "
        "gradient"
    ),
    "update-no-multiple": (
        "is no multiple of minus the gradient: at update {update}, entry {entry} changes by {change:.5g}, "
        "where the gradient is {gradient:.5g}"
    ),
    "row-always-same": "uses the same row at each of {updates} updates",
    "rows-always-same": "uses the same {rows} rows at each of {updates} updates",
    "windows-overlap": "never gets to most of the data: the windows overlap, and reach {reached} of {rows} rows",
    "descent-not-seen": "was not seen; seen were: {seen}",
    "parameters-cut-off": "do not: no gradient reaches {missed} of {parameters}, the prediction is cut off from them",
    "parameters-unmoved": "do not: {unmoved} of {parameters} never change",
    "optimiser-missing": "is missing: no optimiser of torch.optim took a step in this loop",
    "optimiser-finds-nothing": "finds nothing at {steps} of its steps: the gradient had just been reset",
    "optimiser-once": "steps once only, after {gradients} gradients: the step stands outside the loop",
    "test-set-trains": "trains: {updates} updates used a gradient of its rows",
    "layers-differ": "is {layers}, must be linear - tanh - linear",
    "modules-not-seen": "was not seen: no loop trains a network made of modules",
    "container-not-seen": "was not seen: no loop trains a network made of a container",
}
