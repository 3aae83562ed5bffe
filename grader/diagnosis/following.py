"""Which gradients of hidden layers are right given the submission's own delta above: errors carried forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from grader.diagnosis.catalogue import Catalogue, Step
from grader.diagnosis.comparing import matches
from grader.diagnosis.evidence import NetworkProbe, trials
from grader.diagnosis.stages import run, seen_delta
from grader.records import AnswerKey, Run


def followed(key: AnswerKey, observed: Run, catalogue: Catalogue) -> frozenset[tuple[str, str]]:
    """Probe and quantity of every gradient that each step of its own layer gives from the delta of the layer above.

    That delta is what the submission stored for the layer above, seen in its biases or in its weights. At the output
    layer there is none, so nothing there follows from an error.
    """
    titles = {probe.title: probe.name for probe in key.probes}
    with np.errstate(all="ignore"):
        return frozenset((titles[t.title], q) for t in trials(key, observed) for q in _followed(t, catalogue))


def _followed(t: NetworkProbe, catalogue: Catalogue) -> Iterator[str]:
    for l in range(t.depth - 1, 0, -1):
        for above in seen_delta(t, l + 1):
            if above is None:
                continue
            e = run(catalogue, None, Step.BACK, replace(t.layers[l + 1], delta=above))
            layer = replace(t.layers[l], e=e)
            layer = replace(layer, delta=run(catalogue, None, Step.ACTIVATION, layer))
            for step, kind, stored in ((Step.WEIGHTS, "w", t.weights[l]), (Step.BIASES, "b", t.biases[l])):
                right = run(catalogue, None, step, layer)
                if stored is not None and stored.shape == right.shape and matches(stored, right[None])[0]:
                    yield t.names[f"{kind}[{l}]"]
