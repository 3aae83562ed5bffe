"""The known mistakes of `functions`: each replaces one step of one class; its docstring holds three levels of hints.

Points are those of `grader.diagnosis.points`; the more common mistakes of a step come first. Those of ReLU are shared
with the exercise `relu`. Mistakes in the training loop are not described: it is not part of the derivation. Nor is the
shape of the gradient of a bias row, since all biases of the probes are vectors.
"""

from pathlib import Path

import numpy as np

from grader.diagnosis.functions import FunctionCatalogue, FunctionStep, Kind, Subject
from grader.diagnosis.loading import load_catalogue
from grader.records import Outcome

SUBJECTS = (
    Subject("MSE", "mse", ("yhat", "y")),
    Subject("Linear", "linear", ("x", "w", "b")),
    Subject("Tanh", "tanh", ("x",)),
    Subject("ReLU", "relu", ("x",)),
)


def divisor(p):
    """What the submission's forward divides by: the squares over what it gave; NaN where that is no mean of squares."""
    squares = (p.seen.yhat - p.seen.y) ** 2
    total = squares.sum() if np.size(p.value) == 1 else squares.sum(0)
    rows, columns = squares.shape
    counts = [n * m for n in (1, rows, columns, rows * columns, rows**2) for m in (0.5, 1, 2)]
    if np.shape(total) != np.shape(np.squeeze(p.value)):
        return np.nan
    return next((n for n in counts if np.allclose(p.value * n, total, 1e-4)), np.nan)


def error(p):
    """The error, with the sign of the inner derivative: yhat - y, and for the gradient of y the opposite."""
    return p.yhat - p.y if p.argument == "yhat" else p.y - p.yhat


def means(p):
    """The legal readings of the statement: a mean for each column, over all entries, and of the squared lengths."""
    squares = (p.yhat - p.y) ** 2
    return squares.mean(0), squares.mean(), squares.sum() / len(squares)


CALLS_PRINCIPLE = """Try your class alone, on tensors of a few rows and columns that you can check by hand, in the way
    in which the statement calls it and through apply. Print what goes in and what comes out."""
CHAIN_PRINCIPLE = """Your class is one link of a chain. What arrives from above is the derivative of the loss with
    respect to your output; what you hand on must be its derivative with respect to your input, entry by entry."""

MSE_VALUE = FunctionStep(
    "MSE",
    Kind.VALUE,
    "mean of (ŷ − y)²",
    """Take two examples with errors one and two. Work the value out by hand from the formula of the statement, and
    compare it with what your forward returns for them.""",
    right=lambda p: (
        ((p.yhat - p.y) ** 2).mean(0),
        ((p.yhat - p.y) ** 2).mean(),
        ((p.yhat - p.y) ** 2).sum() / len(p.y),
    ),
)
MSE_SLOPE = FunctionStep(
    "MSE",
    Kind.SLOPE,
    "2 (ŷ − y) / N",
    """Write the value for two examples as a sum on paper, with everything that stands in front of it, and differentiate
    this sum with respect to one single prediction. Nothing that stands in front gets lost on the way.""",
    right=lambda p: 2 * error(p) / divisor(p),
)
MSE_CHAIN = FunctionStep("MSE", Kind.CHAIN, "g ⊙ slope", CHAIN_PRINCIPLE)
MSE_Y = FunctionStep(
    "MSE",
    Kind.GRADIENT,
    "∂L/∂y = −∂L/∂ŷ",
    """The value depends on prediction and target only through their difference. Raise both by the same amount: the
    value stays as it is, so the two gradients must cancel.""",
    ("y",),
    right=lambda p: -p.gradients["yhat"],
)
MSE_CALLS = FunctionStep("MSE", Kind.CALLS, "", CALLS_PRINCIPLE)
LINEAR_VALUE = FunctionStep(
    "Linear",
    Kind.VALUE,
    "x w + b",
    """An affine map has two parts. Set the weights to zero and look at what comes out, then set the bias to zero and
    look again. Both times you should know the answer beforehand.""",
)
LINEAR_PRINCIPLE = """Write the map for two examples, two inputs and two outputs, entry by entry. Pick one entry of the
    argument, find all entries of the output in which it appears, and add up what arrives from each of them."""
LINEAR_X = FunctionStep("Linear", Kind.GRADIENT, "∂L/∂x = g wᵀ", LINEAR_PRINCIPLE, ("x",))
LINEAR_W = FunctionStep("Linear", Kind.GRADIENT, "∂L/∂w = xᵀ g", LINEAR_PRINCIPLE, ("w",))
LINEAR_B = FunctionStep("Linear", Kind.GRADIENT, "∂L/∂b = Σ g over the examples", LINEAR_PRINCIPLE, ("b",))
LINEAR_CALLS = FunctionStep("Linear", Kind.CALLS, "", CALLS_PRINCIPLE)
TANH_VALUE = FunctionStep(
    "Tanh",
    Kind.VALUE,
    "tanh x",
    """Evaluate your forward at zero, at one, and at minus one, and compare the three numbers with a table or a
    calculator. Look at symmetry and at range, too.""",
)
TANH_SLOPE = FunctionStep(
    "Tanh",
    Kind.SLOPE,
    "1 − tanh² x",
    """Write tanh as a quotient of exponentials and differentiate it by the quotient rule, one line at a time. Then
    compare your factor with a difference quotient at zero, at one and at minus one.""",
    right=lambda p: 1 - np.tanh(p.x) ** 2,
)
TANH_CHAIN = FunctionStep("Tanh", Kind.CHAIN, "∂L/∂x = g ⊙ (1 − tanh² x)", CHAIN_PRINCIPLE)
TANH_CALLS = FunctionStep("Tanh", Kind.CALLS, "", CALLS_PRINCIPLE)
RELU_VALUE = FunctionStep("ReLU", Kind.VALUE, "max(0, x)", "")
RELU_SLOPE = FunctionStep(
    "ReLU",
    Kind.SLOPE,
    "1[x > 0]",
    """Sketch ReLU and read off the slope of each of its two pieces. These two numbers, and the question on which piece
    the input of forward was, are all that the local derivative consists of.""",
    right=lambda p: (1.0 * (p.x > 0), 1.0 * (p.x >= 0)),
)
RELU_CHAIN = FunctionStep("ReLU", Kind.CHAIN, "∂L/∂x = g ⊙ 1[x > 0]", CHAIN_PRINCIPLE)
RELU_CALLS = FunctionStep("ReLU", Kind.CALLS, "", CALLS_PRINCIPLE)
STEPS = (
    *(MSE_VALUE, MSE_SLOPE, MSE_CHAIN, MSE_Y, MSE_CALLS),
    *(LINEAR_VALUE, LINEAR_X, LINEAR_W, LINEAR_B, LINEAR_CALLS),
    *(TANH_VALUE, TANH_SLOPE, TANH_CHAIN, TANH_CALLS),
    *(RELU_VALUE, RELU_SLOPE, RELU_CHAIN, RELU_CALLS),
)
CATALOGUE = FunctionCatalogue.of_steps(SUBJECTS, STEPS)
mistake = CATALOGUE.variant


# MSE


@mistake("mse-forward-no-mean", MSE_VALUE, "the squares are not averaged", "(ŷ − y)²")
def _(p):
    """What does the first letter of MSE stand for?

    Your value is not divided by anything. With twice as many examples there is twice as much of it.

    A backward that fits it would belong to another function, too, than that of the statement, which takes a mean. A
    check that only compares the two with each other would be content.
    """
    squares = (p.yhat - p.y) ** 2
    return squares, squares.sum(0), squares.sum(), squares.sum(1)


@mistake("mse-forward-half", MSE_VALUE, "the value is halved", "½ mean of (ŷ − y)²")
def _(p):
    """Compare your value with that of the statement for one example.

    It is half of one of the means that the statement may have, and so is the gradient that belongs to it.

    Many books put one half in front of a squared error, so that it cancels the two that comes down when one
    differentiates. The statement does without, and its value is what is asked for.
    """
    return tuple(mean / 2 for mean in means(p))


@mistake("mse-forward-norm-not-squared", MSE_VALUE, "the norm is not squared", "‖ŷ − y‖ / N")
def _(p):
    """Is there a root in the formula of the statement?

    Your value grows in proportion to the error. Twice the error should give four times the value.

    The norm of a vector is the root of a sum of squares. The statement squares the norm, and this square takes the root
    away again. In your value the root is still there.
    """
    squares = (p.yhat - p.y) ** 2
    columns, whole = np.sqrt(squares.sum(0)), np.sqrt(squares.sum())
    rows, n = np.sqrt(squares.sum(1)), len(squares)
    return columns / n, whole / n, whole / squares.size, rows.mean(), columns, whole, whole / np.sqrt(n)


@mistake("mse-factor-2-missing", MSE_SLOPE, "the 2 of the square is missing", "(ŷ − y) / N")
def _(p):
    """Your gradient points in the right direction. Compare its size with a difference quotient.

    It is half of what it should be, in every entry.

    Each term of the mean is a square. By the power rule a number comes down to the front when you differentiate it.
    This number is not in what you return here.
    """
    return error(p) / divisor(p)


@mistake("mse-mean-not-differentiated", MSE_SLOPE, "backward does not divide as forward does", "2 (ŷ − y)")
def _(p):
    """Read your forward again. What divides there?

    Your gradient is too large, by just the number that forward divides by.

    A constant that divides a function divides its derivative, too. Your forward takes a mean; your backward goes on as
    if it had taken a sum.
    """
    return 2 * error(p) + 0 * divisor(p)


@mistake("mse-wrong-count-n", MSE_SLOPE, "backward divides by another count than forward", "2 (ŷ − y) / another N")
def _(p):
    """Which count does your forward divide by: rows, columns, or both together?

    Your gradient is off by a factor that is a number of rows or of columns.

    There are several ways to take a mean of a table, and each has its own divisor. Forward and backward have to use the
    same one. With a single column the difference cannot be seen.
    """
    rows, columns = p.y.shape
    counts = (rows * columns, rows, columns)
    # twice the right gradient would be an accident of these sizes
    return tuple(2 * error(p) / n if abs(divisor(p) / n - 2) > 0.01 else error(p) * np.nan for n in counts)


@mistake("mse-value-as-gradient", MSE_SLOPE, "the squares are used as their derivative", "(ŷ − y)²")
def _(p):
    """Can your gradient ever be negative?

    Without its sign a gradient cannot tell in which direction the prediction has to move. Yours is made of squares.

    What is asked for is how fast the value changes with each prediction, not the value itself. You hand back what
    forward computes, before any differentiation.
    """
    squares, sign = (p.yhat - p.y) ** 2, 1 if p.argument == "yhat" else -1
    value = p.value + 0 * squares + 0 * divisor(p)
    squares = squares + 0 * divisor(p)
    return squares, squares / divisor(p), value, sign * squares, sign * squares / divisor(p), sign * value


@mistake("mse-upstream-ignored", MSE_CHAIN, "the incoming gradient is not used", "the slope alone")
def _(p):
    """What if somebody multiplies the loss by three before going back?

    What you return here stays as it was. It is right only when the incoming gradient is one.

    In the training loop of the statement the loss comes last and a one comes in, so nothing is noticed. The mean may
    stand elsewhere in a chain as well; then what comes in is a factor.
    """
    return p.slope


@mistake("mse-grad-y-sign", MSE_Y, "the gradient of y has the sign of that of ŷ", "∂L/∂y = +∂L/∂ŷ")
def _(p):
    """Exchange prediction and target: what happens to their difference?

    Your two gradients are the same. The second should have the opposite sign of the first.

    Going through the square is the same for both. The last link of the chain is the difference, and there the target
    stands behind a minus sign, so its inner derivative is another one.
    """
    return p.gradients["yhat"] + 0 * divisor(p)


@mistake("mse-returns-one-gradient", MSE_CALLS, "one gradient is returned for two inputs")
def _(trials):
    """How many inputs does your forward have, besides the context?

    Your backward returns a single gradient, so autograd complains about their number.

    For each input of forward the answer of backward has one place, in the same order: here prediction and target, even
    if you never train the target.
    """
    return any("backward-gives-fewer" in t.notes_of() for t in trials)


@mistake("mse-grad-y-none", MSE_CALLS, "there is no gradient for y")
def _(trials):
    """Does the statement ask for one derivative of the mean squared error, or for two?

    The place of the target in your answer holds None.

    None says that the value does not depend on an input, or that nobody will want to know. The target is an input like
    the prediction, and the statement wants both gradients.
    """
    direct = [t for t in trials if not t.by_autograd]
    return bool(direct) and all(
        t.notes_of("gradient of y") == {"is-none"} and "gradient of yhat" in t.observed for t in direct
    )


# Linear


@mistake("linear-forward-no-bias", LINEAR_VALUE, "the bias is not added", "x w")
def _(p):
    """Change the bias: does your output change?

    It does not. Your output is off by exactly the bias, in every row.

    The statement's map multiplies and then adds. Your forward takes the bias as an argument, and your backward may even
    have a gradient for it, but the sum is never made.
    """
    return p.x @ p.w + 0 * p.b


@mistake("linear-grad-x-not-transposed", LINEAR_X, "w is not transposed", "∂L/∂x = g w")
def _(p):
    """Over which index of w does your product sum?

    With as many inputs as outputs it runs, and gives wrong numbers. With other sizes the shapes do not fit.

    On the way forward an output collects from all inputs. On the way back an input collects from all outputs: the sum
    runs over the other index of the same table.
    """
    return p.g @ p.w


@mistake("linear-grad-w-transposed", LINEAR_W, "the product for w is the wrong way round", "∂L/∂w = gᵀ x")
def _(p):
    """Compare the shape of your gradient with that of w, for a layer of three inputs and two outputs.

    Your table is the transpose of the right one. With a square w nothing complains.

    Here a row of w belongs to an input and a column to an output. So the entry of your gradient in some row and column
    must come from that input and that output.
    """
    return p.g.T @ p.x


@mistake("linear-grad-w-mean", LINEAR_W, "the gradient of w is averaged", "∂L/∂w = xᵀ g / n")
def _(p):
    """Where in the chain has the mean over the examples already been taken?

    Your gradient of w is too small, by the number of examples.

    The mean belongs to the loss, and is in the gradient that comes in. Taking it again here divides twice. All examples
    go through the same weights, and their contributions add.
    """
    return p.x.T @ p.g / len(p.x)


@mistake("linear-grad-b-not-summed", LINEAR_B, "the gradient of b has a row for every example", "∂L/∂b = g")
def _(p):
    """There is one bias, and there are many examples. Which shape should its gradient have?

    You hand on what comes in, a row for every example. Through apply autograd adds the rows up for you: this hides it.

    Every example goes through the same bias, so it gets something from each of them. In a training loop of your own,
    subtracting your table would turn the bias into a table.
    """
    return p.g


@mistake("linear-grad-b-mean", LINEAR_B, "the gradient of b is averaged", "∂L/∂b = mean of g")
def _(p):
    """Where in the chain has the mean over the examples already been taken?

    Your gradient of b is too small, by the number of examples.

    The mean belongs to the loss, and is in the gradient that comes in. Taking it again here divides twice. All examples
    go through the same bias, and their contributions add.
    """
    return p.g.mean(0)


@mistake("linear-grad-b-ones", LINEAR_B, "the gradient of b is one", "∂L/∂b = 1")
def _(p):
    """Does your gradient of b depend on what comes in?

    It does not: it is one everywhere, or a count of ones.

    That the output grows by one when the bias does is only the local slope. The chain rule multiplies it by what comes
    from above, for every example, before anything is added up.
    """
    return np.ones_like(p.b), np.ones_like(p.g), np.full_like(p.b, len(p.x)), np.ones(())


@mistake("linear-grad-b-summed-everything", LINEAR_B, "the gradient of b is one number", "∂L/∂b = Σ of all g")
def _(p):
    """How many biases has a layer with three outputs?

    All entries of your gradient of b are the same number: the sum of everything that comes in.

    Each output has its own bias, which the other outputs never meet. Add up over the examples, but leave the outputs
    apart. With one output there is no difference.
    """
    return p.g.sum() + 0 * p.b, p.g.sum()


@mistake("linear-upstream-ignored", LINEAR_X, "the incoming gradient is not used", "∂L/∂x = wᵀ", joint=True)
@mistake("linear-upstream-ignored", LINEAR_W, "the incoming gradient is not used", "∂L/∂w = xᵀ", joint=True)
@mistake("linear-upstream-ignored", LINEAR_B, "the incoming gradient is not used", "∂L/∂b = 1", joint=True)
def _(p):
    """Double what comes in. Which of your results change?

    Not all of them: a gradient of weights, inputs or ones alone is the same, whatever comes from above.

    Those are local slopes, how the output of this layer changes with each argument. The chain rule multiplies them
    by the gradient that comes in, as a product of matrices.
    """
    ones = np.ones_like(p.g)
    given = {
        "x": (p.w, p.w.T, ones @ p.w.T, p.w.sum(1), p.w.sum(1) + 0 * p.x),
        "w": (p.x, p.x.T, p.x.T @ ones, p.x.sum(0)),
        "b": (np.ones_like(p.b), ones, np.full_like(p.b, len(p.x)), np.ones(())),
    }
    return given[p.argument]


@mistake("linear-gradient-order", LINEAR_X, "the gradients come in another order than the inputs", joint=True)
@mistake("linear-gradient-order", LINEAR_W, "the gradients come in another order than the inputs", joint=True)
@mistake("linear-gradient-order", LINEAR_B, "the gradients come in another order than the inputs", joint=True)
def _(p):
    """In which order does your forward take its inputs, and in which order does your backward answer?

    The numbers are right, but they stand in the place of another argument.

    Autograd, and everybody else who calls you, goes by the place alone: the first gradient belongs to the first input
    after the context. Only the order of the answer has to change.
    """
    gradients = {"x": p.g @ p.w.T, "w": p.x.T @ p.g, "b": p.g.sum(0)}
    return tuple(gradient for name, gradient in gradients.items() if name != p.argument)


# Tanh


@mistake("tanh-forward-wrong", TANH_VALUE, "forward computes another function than tanh")
def _(p):
    """Between which two numbers do the values of tanh lie, and which is its value at zero?

    Your backward may well fit your forward, but your forward is not tanh.

    Several functions have the shape of an S, and several activations are used in networks. They differ in range, in
    symmetry, or in how fast they bend.
    """
    x = p.x
    logistic, size = 1 / (1 + np.exp(-x)), np.abs(x)
    return (
        *(logistic, 2 * logistic - 1, x, np.arctan(x), x / (1 + size), np.maximum(0, x), np.tan(x), np.sin(x)),
        *(np.clip(x, -1, 1), np.sinh(x), np.tanh(x) / 2 + 0.5),
    )


@mistake("tanh-square-forgotten", TANH_SLOPE, "the square in the slope is forgotten", "1 − tanh x")
def _(p):
    """Can the slope of tanh be larger than one?

    Yours is, where the input is negative. In your factor one exponent is missing.

    When the quotient rule is simplified, a power of the quotient itself is left, and one minus this power is the slope.
    You have kept the function, and lost its power.
    """
    return 1 - np.tanh(p.x)


@mistake("tanh-1-minus-x2", TANH_SLOPE, "the input is squared in the slope", "1 − x²")
def _(p):
    """What did you save in forward: the input, or the output?

    Your slope is negative where the input is beyond one, though tanh rises everywhere.

    The short formula for the slope is made of the output of tanh, which never leaves the interval from minus one to
    one. You have put the input into it.
    """
    return 1 - p.x**2


@mistake("tanh-applied-to-saved-output", TANH_SLOPE, "tanh is applied to what is already tanh x", "1 − tanh²(tanh x)")
def _(p):
    """What did you save in forward: the input, or the output?

    Your factors are all too close to one.

    If the output is saved, it is already squashed. Your backward squashes it once more, as if it were the input, and so
    finds itself nearer to zero, where tanh is steepest.
    """
    return 1 - np.tanh(np.tanh(p.x)) ** 2


@mistake(
    "tanh-derivative-at-upstream", TANH_SLOPE, "the slope is taken at the incoming gradient", "1 − tanh² g", alone=True
)
def _(p):
    """On what may the slope of an activation depend?

    Your factor changes when only the incoming gradient changes.

    The slope tells how the function rises at the place where forward was. What comes in multiplies it; it does not
    decide where on the curve you are.
    """
    return 1 - np.tanh(p.g) ** 2, 1 - p.g**2


@mistake("tanh-cosh-not-squared", TANH_SLOPE, "the cosh in the slope is not squared", "1 / cosh x")
def _(p):
    """Compare your factor with a difference quotient at a few points.

    It is the square root of the right one.

    The quotient rule has the square of the denominator below the line, and here the denominator is the hyperbolic
    cosine. Check its power in your formula.
    """
    return 1 / np.cosh(p.x)


@mistake("tanh-sign-inside", TANH_SLOPE, "the slope has a plus for a minus", "1 + tanh² x")
def _(p):
    """Where is tanh steepest: at zero, or far from it?

    Your slope grows with the distance from zero, and is never below one.

    One sign in the formula is wrong. Tanh flattens out on both sides, so what is subtracted from one has to grow there.
    """
    return 1 + np.tanh(p.x) ** 2


@mistake("tanh-sigmoid-rule", TANH_SLOPE, "the rule of the logistic function is used", "a (1 − a)")
def _(p):
    """Which function are you differentiating?

    The value times one minus the value is negative for negative values. Tanh rises there as everywhere.

    This rule is derived for the logistic function, whose values lie between zero and one. The rule for tanh looks
    similar and is another one.
    """
    a, logistic = np.tanh(p.x), 1 / (1 + np.exp(-p.x))
    return a * (1 - a), logistic * (1 - logistic)


@mistake("tanh-upstream-ignored", TANH_CHAIN, "the incoming gradient is not used", "∂L/∂x = 1 − tanh² x")
def _(p):
    """What if a layer follows after this activation?

    Your result does not depend on what comes in. It is right only where this is one.

    You return how the output of tanh changes with its input. How the loss changes with that output is what comes in,
    and the two belong together.
    """
    return p.slope


# ReLU: what `relu` knows of it, and one more


RELU = load_catalogue(Path(__file__).parent.parent / "relu")
for step in (RELU_VALUE, RELU_SLOPE):
    CATALOGUE.take(RELU, step)


@mistake("relu-step-constant", RELU_SLOPE, "the slope is zero everywhere", "0")
def _(p):
    """ReLU has two pieces. How many slopes does it have?

    Nothing ever comes back out of your backward, on neither side.

    On one side ReLU is flat, and nothing passes there. On the other side it follows its input, and what comes in has to
    pass. Your backward treats both sides as the flat one.
    """
    return np.zeros_like(p.x)


CATALOGUE.take(RELU, RELU_CHAIN)
CATALOGUE.take(RELU, RELU_CALLS, ids=("relu-mutates-upstream",))


# How classes are called


@mistake("state-on-class", MSE_CALLS, "what backward needs is kept elsewhere than in the context")
@mistake("state-on-class", LINEAR_CALLS, "what backward needs is kept elsewhere than in the context")
@mistake("state-on-class", TANH_CALLS, "what backward needs is kept elsewhere than in the context")
@mistake("state-on-class", RELU_CALLS, "what backward needs is kept elsewhere than in the context")
def _(trials):
    """Two layers of a network are of the same class. Whose numbers does backward of the first one find?

    Your gradients change when forward is called once more before backward: they are those of the later call.

    A class is shared by all that use it, and so is a global name. The context is made anew for each call, and this is
    what it is for: what forward keeps there, nobody else can replace.
    """
    return any("changes-after-another-forward" in t.notes_of() for t in trials)


@mistake("dtype-hard-coded", MSE_CALLS, "a type of numbers is written into the code")
@mistake("dtype-hard-coded", LINEAR_CALLS, "a type of numbers is written into the code")
@mistake("dtype-hard-coded", TANH_CALLS, "a type of numbers is written into the code")
@mistake("dtype-hard-coded", RELU_CALLS, "a type of numbers is written into the code")
def _(trials):
    """Try your class with single precision and with double precision.

    It works with one of them and stops with the other: two tensors of different types meet.

    Somewhere a tensor is made with a fixed type, or turned into one. New tensors should take their type from the data
    that came in; then one code serves both.
    """
    direct = [t for t in trials if not t.by_autograd]
    stops = [t for t in direct if t.outcome is Outcome.RAISED]
    words = ("same dtype", "scalar type", "dtypes")
    return (
        len({t.dtype for t in stops}) == 1
        and any(t.dtype != stops[0].dtype and t.outcome is Outcome.RETURNED for t in direct)
        and all(any(word in t.message for word in words) for t in stops)
    )
