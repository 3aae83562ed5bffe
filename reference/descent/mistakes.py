"""The known mistakes of `descent`: each tells from what was `Watched` of a script whether it was made; with hints.

A rule names a mistake only where a claim fails that it breaks, and the trace or the message of an error shows it.
"""

from grader.diagnosis.catalogue import Catalogue, Method, Step
from grader.training.claims import (
    advances,
    aligned,
    anew,
    architecture,
    failing,
    is_in_a_container,
    is_of_modules,
    moved,
    optimised,
    reset,
    size,
    squared_error,
    update,
)
from grader.training.rules import update_objection

FORMULAS = {Step.DESCENT: "", Step.OPTIMISER: ""}
PRINCIPLES = {
    Step.DESCENT: """One turn of the loop is always the same: predict, compute the loss, send it back, change the
        parameters, and empty the gradients. Print one parameter and its gradient over three turns, and see which step
        is missing.""",
    Step.OPTIMISER: """A model, its parameters and the optimiser are three objects. Print the shapes of what the
        optimiser holds and of what the model has, and compare the values before and after one step.""",
}
CATALOGUE = Catalogue({}, FORMULAS, PRINCIPLES, method=Method.TRAINING)
mistake = CATALOGUE.mistake

MANY = 10
"""Gradients after which a single update can be no accident."""


def everywhere(seen, objection):
    """The runs, of either question, of which an objection holds and that no other attempt makes good."""
    return [run for network in (False, True) for run in failing(seen.trace, objection, network=network)]


def wrong(seen, objection):
    """The same; what is asked of optimisers is asked of networks only."""
    return failing(seen.trace, objection, network=objection is optimised)


def unreached(run):
    """Whether backward was called and reached no parameter."""
    return run.counts.failed and not run.counts.backwards and not run.counts.leaves


def halted(run):
    """Whether there was a gradient or two, and then no parameter had changed."""
    return 1 <= run.counts.backwards <= 2 and not run.counts.updates and run.counts.unmoved == run.counts.leaves > 0


@mistake("gd-no-zeroing", Step.DESCENT, "gradients of earlier steps are still there", "")
def _(seen):
    """Print the gradient of one parameter in the first and in the second turn of your loop.

    The second one contains the first one: they add up, turn after turn.

    Each backward adds to what it finds. Somebody has to reset the gradients of all parameters between one step and the
    next, unless you want to sum several batches on purpose.
    """
    return any(run.counts.stale for objection in (reset, optimised) for run in wrong(seen, objection))


@mistake("gd-zero-before-step", Step.DESCENT, "gradients are reset before the step uses them", "")
def _(seen):
    """What do the gradients hold at the moment when the step is taken?

    They have just been emptied there, so the parameters never change.

    The order decides: fill the gradients, use them, then empty them. Emptying them right before the backward does as
    well, because it is also after the last use.
    """
    return any(run.counts.zeroed for run in wrong(seen, update) + wrong(seen, optimised))


@mistake("gd-update-tracked-by-autograd", Step.DESCENT, "the update itself is recorded by autograd", "")
def _(seen):
    """Should the update be differentiated, too?

    PyTorch stops with an error about a leaf that is changed in place.

    Parameters are leaves of the graph, and while it is being recorded nobody may change them in place. The update is
    no part of the model: tell autograd not to watch it.
    """
    return "a leaf Variable that requires grad is being used in an in-place operation" in seen.message and any(
        halted(run) for run in everywhere(seen, update)
    )


@mistake("gd-rebinds-to-nonleaf", Step.DESCENT, "the parameter is replaced by a result", "w = w − ε ∇")
def _(seen):
    """Is your parameter, after the first step, still the tensor that you created?

    There is no gradient in it after the second backward, or after the update.

    Subtracting makes a new tensor, and giving it the old name does not make it a parameter. Gradients are kept for the
    leaves of the graph only. Change the values of the old tensor instead, unseen by autograd.
    """
    if "'NoneType'" in seen.message:
        return any(halted(run) for run in failing(seen.trace, update, network=False))
    pairs = zip(seen.trace.runs, seen.trace.runs[1:], strict=False)
    untracked = "does not require grad" in seen.message
    return untracked and any(halted(first) and unreached(second) for first, second in pairs)


@mistake("gd-sign-ascent", Step.DESCENT, "the parameters go uphill", "w ← w + ε ∇")
def _(seen):
    """Does the loss fall in the first few turns?

    It grows from the first step, and the faster the larger the rate is.

    The gradient points to where the loss grows fastest. To make it smaller you have to go the opposite way, with the
    opposite sign in front of the rate.
    """
    runs = failing(seen.trace, update, network=False)
    return any((fact := update_objection(run.updates)) and fact.kind == "update-uphill" for run in runs)


@mistake(
    "gd-requires-grad-forgotten",
    Step.DESCENT,
    "nothing in the loss is tracked by autograd",
    "",
    same_as=("gd-loss-detached",),
)
def _(seen):
    """Which tensors did you ask autograd to track, and does your loss still know of them?

    Backward stops with an error: the loss has no connection to anything that requires a gradient.

    Either the parameters were created without the flag that asks for gradients, or the loss has been cut off from
    them, for example by taking the bare data out of it. Only the roots need the flag, but they do need it.
    """
    runs = seen.trace.runs
    alone = [r for before, r in zip((None, *runs), runs, strict=False) if not (before and halted(before))]
    return "does not require grad" in seen.message and any(unreached(run) for run in alone)


@mistake("gd-loss-detached", Step.DESCENT, "the loss is rebuilt from a number", "")
def _(seen):
    """Does your loss know how it was computed? Print it and look for the function at its end.

    Backward reaches no parameter: their gradients stay empty, and nothing moves.

    Turning the loss into a plain number cuts it off from the parameters, and making a tensor of that number again does
    not bring the connection back. Keep the tensor for backward, and the number for printing.
    """
    if "'float' object has no attribute 'backward'" in seen.message:
        return True
    lost = any(unreached(run) for run in failing(seen.trace, update, network=False))
    return lost and "'NoneType'" in seen.message and "does not require grad" not in seen.message


@mistake("gd-target-broadcast", Step.DESCENT, "every prediction meets every target", "(N, 1) − (N,)")
def _(seen):
    """What is the shape of prediction minus target?

    It is a square table with a row for each prediction and a column for each target. The loss settles near the variance
    of the targets.

    A column of N rows and a vector of N entries are stretched to a table when they are subtracted, without any error.
    Give both the same shape first.
    """
    return any(run.counts.spread and run.counts.outputs < 2 for run in everywhere(seen, squared_error))


@mistake("gd-forward-outside-loop", Step.DESCENT, "the prediction is not computed anew", "")
def _(seen):
    """Which line of your loop uses the new values of the parameters?

    Gradients come from a prediction that was made before the last update, or the same graph is used twice.

    Prediction and loss belong to one set of values. After each step both have to be computed again, so both belong
    inside the loop.
    """
    return any(run.counts.old_forward for objection in (anew, optimised) for run in wrong(seen, objection))


@mistake("gd-step-outside-loop", Step.DESCENT, "there is one step, after the loop", "")
def _(seen):
    """How many steps does your program take?

    It takes one, after many gradients.

    The step belongs to every turn of the loop, as the gradient does. In Python the indentation decides what is inside:
    look at the line that changes the parameters, or that asks the optimiser to do so.
    """
    by_hand = any(
        run.counts.updates == 1 and run.counts.backwards >= MANY and not run.counts.failed
        for run in wrong(seen, update)
    )
    runs = wrong(seen, optimised)
    return by_hand or any(
        run.counts.optimiser_steps == 1 and run.counts.backwards >= MANY and not run.counts.failed for run in runs
    )


@mistake("mse-sum-not-mean", Step.DESCENT, "the squared errors are added, not averaged", "Σ (ŷ − y)²")
def _(seen):
    """If you had twice as many examples, should one step be twice as long?

    The loss is the sum of the squared errors, so its gradient grows with the number of examples, and the same rate
    makes it diverge.

    The mean squared error divides by the number of examples. Then the size of a batch has no influence on the size of a
    step.
    """
    return any(run.counts.summed > run.counts.averaged + run.counts.halved for run in everywhere(seen, squared_error))


@mistake("minibatch-target-misaligned", Step.DESCENT, "inputs meet the targets of other rows", "")
def _(seen):
    """Print the row numbers of the inputs and of the targets in one batch.

    They are not the same rows, so the loss stays high.

    When rows are shuffled or cut, inputs and targets must be cut with the same row numbers. Draw them once for each
    batch, and use them for both.
    """
    claims = ("all rows", "one row", "some rows")
    small = seen.fails(*(f"linear: {which} an update" for which in claims)) and any(
        aligned(run) for run in seen.trace.linear()
    )
    return small or (
        seen.fails("network: the loss is the mean squared error") and any(aligned(r) for r in seen.trace.networks())
    )


@mistake("minibatch-always-first", Step.DESCENT, "the same rows are used at every step", "")
def _(seen):
    """Which examples has your program ever looked at?

    At every step they are the same few rows. All others are never seen.

    The window over the data has to move from step to step, or the rows have to be drawn anew. Look at what changes
    from one turn of the loop to the next in the expression that cuts out the batch.
    """
    kinds = {"stochastic": "linear: one row an update", "mini-batch": "linear: some rows an update"}
    return any(
        seen.fails(kinds[kind])
        for run in seen.trace.linear()
        if advances(run) and (kind := size(run, seen.trace.rows)) in kinds
    )


@mistake("test-loss-backpropagated", Step.DESCENT, "the loss on the test set sends gradients", "")
def _(seen):
    """Which losses do you call backward on?

    There are more gradients than steps, and some of them come from rows of the test set: the next step uses both.

    Measuring must not train. On the test set only the value of the loss is wanted, so nothing has to be recorded there
    and nothing sent back.
    """
    return any(
        run.counts.tested and run.counts.backwards > run.counts.updates
        for which, runs in (("linear", seen.trace.linear()), ("network", seen.trace.networks()))
        if seen.fails(f"{which}: the test set never trains")
        for run in runs
    )


def networks(seen):
    """The networks of the wrong layers, of modules and of a container."""
    if seen.fails("network: modules"):
        yield from (run for run in seen.trace.networks() if is_of_modules(run) and architecture(run))
    if seen.fails("network: a container"):
        yield from (run for run in seen.trace.networks() if is_in_a_container(run) and architecture(run))


@mistake("net-activation-missing", Step.OPTIMISER, "there is no activation between the layers", "W₂ W₁ x")
def _(seen):
    """Is the product of two matrices more than one matrix?

    Two linear layers follow one another directly, so your network is still linear.

    Without a bend in between, a second layer gains nothing: the two could be multiplied out to one. The statement puts
    a hyperbolic tangent between them.
    """
    return any(run.path == "LL" for run in networks(seen))


@mistake("net-activation-misplaced", Step.OPTIMISER, "the activation stands at the end", "tanh(W₂ W₁ x)")
def _(seen):
    """Which range can the output of your network have?

    It is never beyond plus or minus one, because the activation comes last.

    The activation stands between the two linear layers. At the end it cuts off the targets, and the layers before it
    are together only one linear map.
    """
    return any(run.path == "LLT" for run in networks(seen))


def unmoved(seen):
    """The networks of which some parameter never changes."""
    return failing(seen.trace, moved, network=True)


@mistake(
    "optim-misses-parameters",
    Step.OPTIMISER,
    "the optimiser has not got all parameters",
    "",
    same_as=("net-layers-not-registered",),
)
def _(seen):
    """Which tensors have changed after ten steps?

    Some parameters have a gradient and never change. The others do.

    An optimiser only moves what it was given. If you gave it the parameters of the whole model, count them: a layer
    that is kept in a plain list is none of them, since a module registers only its attributes and its containers.
    """
    return any(
        0 < run.counts.unmoved < run.counts.leaves and run.counts.updates and run.counts.optimiser_steps
        for run in unmoved(seen)
    )


@mistake("optim-of-another-model", Step.OPTIMISER, "the optimiser holds other tensors than the model", "")
def _(seen):
    """Does your optimiser hold the tensors of this very model?

    It takes its steps, and no parameter of the model ever changes.

    An optimiser keeps the tensors that it was given when it was made. A model that is created afterwards has others, of
    the same names and shapes. Create the model first and the optimiser last.
    """
    return any(
        run.counts.unmoved == run.counts.leaves > 1
        and run.counts.optimiser_steps
        and not run.counts.updates
        and not run.counts.zeroed
        for run in unmoved(seen)
    )


@mistake("net-layers-not-registered", Step.OPTIMISER, "the module does not know its layers", "")
def _(seen):
    """Count the parameters that your model says it has.

    There are none: the optimiser was given an empty list.

    A module only knows what is registered: its attributes that are modules or parameters, and what is in containers
    made for modules. Layers in a plain Python list stay invisible to it.
    """
    return bool(seen.broken) and "optimizer got an empty parameter list" in seen.message


@mistake("net-super-init-forgotten", Step.OPTIMISER, "the base class is not set up", "")
def _(seen):
    """Read the last line of the error: which call is it that should have come first?

    The first layer cannot be assigned, because the module is not ready for it.

    The base class keeps the lists in which layers are registered, and makes them in its own constructor. Call that at
    the beginning of yours, before the first assignment.
    """
    return bool(seen.broken) and "before Module.__init__() call" in seen.message


@mistake("optimiser-not-used", Step.OPTIMISER, "parameters are changed by hand, not by an optimiser", "")
def _(seen):
    """Which object does the question ask you to use for the steps?

    Your network learns, but its parameters are changed by your own lines.

    The second question asks for an optimiser of the library. It holds the parameters, and knows how to change them and
    how to reset their gradients. You call it in each turn of the loop.
    """
    return any(
        run.counts.updates and not run.counts.optimiser_steps for run in failing(seen.trace, optimised, network=True)
    )
