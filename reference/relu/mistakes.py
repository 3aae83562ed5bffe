"""The known mistakes of `relu`: each replaces one step of the derivation; its docstring holds three levels of hints.

Points are those of `grader.diagnosis.points`. Mistakes in how classes call each other are recognised from how the calls
ended, and from the messages. Mistakes in training runs are not described: those are not part of the derivation.
"""

import re

import numpy as np

from grader.diagnosis.comparing import matches
from grader.diagnosis.functions import FunctionCatalogue, FunctionStep, Kind, Subject

SUBJECTS = (
    Subject("ReLU", "function", ("x",), upstream="g", value="y", gradient="dL_d{}", by_autograd=True),
    Subject("Module", "module", follows=True),
    Subject("Network", "network", follows=True),
)
VALUE = FunctionStep(
    "ReLU",
    Kind.VALUE,
    "y = max(0, x)",
    """ReLU has two pieces that meet at zero. Take one negative and one positive number and go through your forward with
    a pencil, then compare what you get with the formula of the statement.""",
)
SLOPE = FunctionStep(
    "ReLU",
    Kind.SLOPE,
    "dy/dx = 1[x > 0]",
    """Sketch ReLU and read off the slope of each of its two pieces. These two numbers, and the question on which piece
    the input of forward was, are all that the local derivative consists of.""",
    right=lambda p: (1.0 * (p.x > 0), 1.0 * (p.x >= 0)),
)
CHAIN = FunctionStep(
    "ReLU",
    Kind.CHAIN,
    "∂L/∂x = g ⊙ dy/dx",
    """Your class is one link of a chain. What arrives from above is the derivative of the loss with respect to your
    output; what you hand on must be its derivative with respect to your input, entry by entry.""",
)
CALLS = FunctionStep(
    "ReLU",
    Kind.CALLS,
    "",
    """Try your class alone, on a tensor with two negative and two positive numbers, before it becomes part of a
    network. Print what forward gives, what backward gets, and what it gives.""",
)
MODULE = FunctionStep(
    "Module",
    Kind.CALLS,
    "",
    """A Module is a layer that a network can hold; a Function is what autograd records. The Module does no computation
    of its own here: its forward hands the tensor to the Function and returns the result.""",
)
CATALOGUE = FunctionCatalogue.of_steps(SUBJECTS, (VALUE, SLOPE, CHAIN, CALLS, MODULE))
mistake = CATALOGUE.variant


@mistake("relu-forward-wrong", VALUE, "forward is not zero for negative inputs", "y = c x for x < 0")
def _(p):
    """What should your forward give for minus one?

    Positive numbers pass as they should. Negative ones come out as something else than zero.

    The absolute value and the leaky variant keep a part of the negative side alive. The function of the statement is
    flat there. Your backward may well fit your forward; it is then the derivative of another function.
    """
    x = p.seen.x
    factor = np.sum((x * p.value)[x < 0]) / np.sum(x[x < 0] ** 2)
    return np.where(p.x < 0, factor * p.x, p.x)


@mistake("relu-mask-inverted", SLOPE, "the wrong half passes", "dy/dx = 1[x < 0]")
def _(p):
    """Which inputs were let through on the way forward?

    Exactly those entries get a gradient that forward has blocked, and the others get none.

    Read the comparison in your backward aloud, and beside it the one that your forward makes. The two have to agree
    about who passes. A mask that selects what is to be set to zero is the opposite of a mask that is multiplied.
    """
    return 1.0 * (p.x < 0)


@mistake("relu-mask-on-upstream", SLOPE, "the sign of the incoming gradient decides", "dy/dx = 1[g > 0]", alone=True)
def _(p):
    """Whose sign decides what passes on the way back?

    Your result does not depend on the input of forward at all, only on the gradient that comes in.

    An entry that forward has blocked must be blocked on the way back, whatever arrives there. So the question is put to
    the input, which forward has to keep for this purpose, and not to the incoming gradient.
    """
    return 1.0 * (p.g > 0)


@mistake("relu-guided-backprop", SLOPE, "negative gradients are blocked, too", "dy/dx = 1[x > 0] 1[g > 0]", alone=True)
def _(p):
    """Can a negative gradient ever come back out of your backward?

    None does: besides the entries that forward has blocked, those with a negative incoming gradient are zero.

    Applying ReLU to the gradient is a way to draw pictures of what a network looks at. It is not the derivative. Where
    the unit was open, the gradient passes with its sign, up or down.
    """
    return 1.0 * (p.x > 0) * (p.g > 0)


@mistake("relu-value-instead-of-mask", SLOPE, "the value is used as the slope", "dy/dx = max(0, x)")
def _(p):
    """What is the slope of ReLU at three? And at thirty?

    Your factor grows with the input. On the positive side it should be the same everywhere.

    The value of a function and its slope are two things. On the positive side ReLU copies its input, so a small step of
    the input gives a step of the same size, wherever you are.
    """
    return np.maximum(0, p.x)


@mistake("relu-mask-missing", SLOPE, "everything passes", "dy/dx = 1")
def _(p):
    """Do units that were blocked on the way forward receive a gradient?

    They do: the whole incoming gradient comes back out, as if forward had been the identity.

    On its negative side ReLU is flat. A small step of the input changes nothing there, so nothing of the incoming
    gradient may reach it. Your backward needs to know on which side each entry was.
    """
    return np.ones_like(p.x)


@mistake("relu-upstream-ignored", CHAIN, "the incoming gradient is not used", "∂L/∂x = dy/dx")
def _(p):
    """Suppose the loss is doubled. What should happen to your gradient?

    It does not change: your backward returns its local derivative, whatever comes in.

    With a sum as the loss every incoming number is one, and nobody notices. In a network a layer follows, and its
    gradient is a factor of yours.
    """
    return p.slope


def upstream_after(trial):
    """What the incoming gradient was after the calls, where it was changed."""
    return trial.after.get("g", trial.after.get("grad_output"))


def gradient(trial):
    """What backward gave."""
    return trial.observed.get("dL_dx", trial.observed.get("gradient of x"))


def everywhere(trials, changed, result):
    """Whether something was changed in some trials, and in each of them to what the result holds."""
    pairs = [(after, result(trial)) for trial in trials if (after := changed(trial)) is not None]
    return bool(pairs) and all(
        r is not None and after.shape == r.shape and matches(after, r[None])[0] for after, r in pairs
    )


@mistake("relu-mutates-upstream", CALLS, "backward writes into the incoming gradient", "g[x < 0] = 0")
def _(trials):
    """Look at the incoming gradient before and after your backward. Is it the same?

    It holds your result afterwards: you have written into the tensor that you were given.

    That tensor is not yours. Where an output is used twice, another branch of the network may still need it, and would
    find your numbers in it. Work on a copy, or compute a new tensor.
    """
    return everywhere(trials, upstream_after, gradient)


@mistake("forward-modifies-input", CALLS, "forward writes into its input", "x[x < 0] = 0")
def _(trials):
    """Is the input the same after forward as it was before?

    It is not: it holds the output of your forward.

    The layer before may need its own output again when its gradient is computed, and would find other numbers there. An
    operation that ends with an underscore, or an assignment to a part of a tensor, changes it in place.
    """
    return everywhere(trials, lambda t: t.after.get("x"), lambda t: t.observed.get("y"))


@mistake("save-for-backward-forgotten", CALLS, "forward saves nothing for backward")
def _(trials):
    """What does your backward need to know of forward?

    It asks the context for saved tensors, and gets an empty tuple.

    The context is handed from forward to backward, and holds what you have put into it, nothing else. Unless forward
    saves the input, or something that is computed from it, backward cannot know it.
    """
    return any(re.search(r"saved_tensors.*\n.*(got 0\)|tuple index out of range)", t.message) for t in trials)


@mistake("saved-tensors-not-unpacked", CALLS, "a tuple is used as if it were a tensor")
def _(trials):
    """What type has the thing that the context gives back to you?

    Your backward computes with a tuple where it wants a tensor.

    Saved tensors come back as a tuple, even if there is only one. Take the tensor out of it before you compare it with
    a number or multiply with it.
    """
    words = "not supported between instances of 'tuple' and|must be Tensor, not tuple|'tuple' object has no|'tuple'$"
    multiplied = r".*\*.*\nTypeError: only integer tensors of a single element can be converted to an index"
    return any(re.search(rf"in backward\n({multiplied}|.*\n.*({words}))", t.message, re.MULTILINE) for t in trials)


@mistake("backward-returns-nothing", CALLS, "backward returns nothing")
def _(trials):
    """What does your backward give back when it comes to its end?

    It gives nothing, so autograd takes it that no gradient goes on from here.

    A Python function that ends without a return statement, or with an empty one, gives None. The result may have been
    computed inside, but nobody outside receives it.
    """
    return set().union(*(t.notes_of("dL_dx") for t in trials)) == {"gradient-stops"}


@mistake("backward-wrong-number", CALLS, "backward returns a wrong number of gradients")
def _(trials):
    """How many inputs does your forward have, besides the context?

    Autograd complains that the number of gradients is incorrect.

    The answer of backward has one place for each input of forward, in the same order, no more and no less. An input
    without a derivative gets a None in its place.
    """
    return any("returned an incorrect number of gradients" in t.message for t in trials)


@mistake("ctx-attribute-missing", CALLS, "backward asks ctx for something that forward did not keep")
def _(trials):
    """What did forward leave in the context, and under which name?

    Your backward reads an attribute of the context that nothing has been stored in.

    The context is a new object in each call, and what it carries is what your forward has put there. Compare the two
    names letter by letter. Tensors belong into save_for_backward, and come back as saved_tensors.
    """
    return any(
        re.search(r"in backward\n.*\nAttributeError: '\w+Backward' object has no attribute", t.message) for t in trials
    )


@mistake("self-in-static-method", CALLS, "forward or backward uses self, which it is not given")
def _(trials):
    """Which arguments does a static method get?

    Your method uses self, and no such name is known there.

    Nobody ever makes an object of a Function. Its two methods are static, and what forward wants to tell backward goes
    through the context, which is the first argument of both.
    """
    return any("NameError: name 'self' is not defined" in t.message for t in trials)


@mistake("name-not-defined", CALLS, "a name is not defined")
def _(trials):
    """Does the file run on its own, in a new session?

    Your class uses a name that nothing in the file defines.

    In a notebook a name may be left from a cell that has been deleted or changed. A name of forward is not known in
    backward, either. Start again with an empty memory and run everything once.
    """
    found = [re.search(r"(?:NameError|UnboundLocalError): .*?'(\w+)'", t.message) for t in trials]
    return any(name and name[1] != "self" for name in found)


@mistake("module-shadows-function", MODULE, "the Module calls its own apply, not that of the Function")
def _(trials):
    """Which class does the name mean that stands before `apply`, at the moment when the Module runs?

    The message about a missing argument `fn` comes from the apply that every Module has.

    If two classes have one name, the second replaces the first, and the Module finds itself under it. Give the Function
    a name of its own, and use that name inside the Module.
    """
    return any("Module.apply() missing 1 required positional argument: 'fn'" in t.message for t in trials)


@mistake("function-instantiated-not-applied", MODULE, "the Function is called like a constructor")
def _(trials):
    """What does calling a class give you?

    The Module returns an object of your Function class, not a tensor.

    Calling a class makes an object of it. A Function is never made into an object by hand: it is used through its apply
    method, by which autograd notes what happened and later calls backward.
    """
    notes = [t.notes["y"] for t in trials if "y" in t.notes]
    made = r"My\w*|\w*(Function|Fct|Fn)"
    return any(n.kind == "is-no-tensor" and re.fullmatch(made, str(n.values["type"])) for n in notes)


@mistake("function-object-called", MODULE, "an object of the Function is called")
def _(trials):
    """Which parts of a Function did the statement use: an object, or the class?

    The Module makes an object of your Function and calls it, which autograd refuses.

    In old versions of PyTorch a Function was an object with a state. Now its methods are static, and the class itself
    has the method apply, by which autograd notes what happened and later calls backward.
    """
    return any("Legacy autograd function with non-static forward" in t.message for t in trials)


@mistake("extra-repr-missing-attribute", MODULE, "printing the Module asks for an attribute that it does not have")
def _(trials):
    """Print a network that holds your Module. What happens?

    While the text is made, an attribute is looked up that your Module has not got.

    What a Module says about itself may mention only what its constructor has stored. A method taken over from a linear
    layer mentions sizes; this layer has none.
    """
    notes = [t.notes["printed"] for t in trials if "printed" in t.notes]
    return any(
        n.values["type"] == "AttributeError" and re.search("has no attribute '[a-z]", str(n.values["text"]))
        for n in notes
    )


@mistake("module-bypasses-function", MODULE, "no gradient goes from the Module to the Function")
def _(trials):
    """Does the layer before your Module receive a gradient, and is your backward called for it?

    The values of the Module are there, but no gradient goes back from them through your Function.

    If the Module uses a ready-made ReLU, computes outside the graph or cuts the result off from it, autograd has no way
    to your Function. What apply returns must be what the Module returns, without detours.
    """
    return any("not-by-way-of-function" in t.notes_of("dL_dw") and "y" in t.observed and t.own for t in trials)


@mistake("backward-in-module", MODULE, "backward is a method of the Module")
def _(trials):
    """Who calls the backward that you wrote?

    Nobody does: it belongs to a Module, and autograd derives your forward by itself.

    A Module is a layer, and autograd does not look for a backward there. A rule for a derivative is written in a class
    derived from Function, as a static method beside forward, and gets into the graph by apply.
    """
    return any("module-has-backward" in t.notes_of("dL_dw") for t in trials)


@mistake("function-missing", MODULE, "there is no Function")
def _(trials):
    """Which class of your file is derived from Function?

    None is: autograd derives what your Module computes, and nothing of the gradient is yours.

    The statement asks for two classes. The Function has forward and backward, and holds the derivative that you worked
    out; the Module is the layer that calls it. Begin with the Function.
    """
    return any("no-function-in-file" in t.notes_of("dL_dw") for t in trials)
