"""The known mistakes of `mlp`: each replaces a helper, a step of the forward pass or of the derivation; with hints.

A mistake with a `quantity` maps what a function was given, by name, to what it gives instead; in the forward pass `x`
and `before_s` are what the layer before gave, in rows. The others are functions of a
`grader.diagnosis.catalogue.Layer`.
"""

import numpy as np

from grader.diagnosis.catalogue import Catalogue, Method, Step


def slope(s):
    """The derivative of tanh."""
    return 1 / np.cosh(s) ** 2


def logistic(s):
    """The sigmoid with values from 0 to 1."""
    return 1 / (1 + np.exp(-s))


def outer(rows, columns):
    """Of every example rows^T columns."""
    return rows[..., :, None] * columns[..., None, :]


RIGHT = {
    Step.LOSS: lambda layer: 2 * (layer.a - layer.y),
    Step.ACTIVATION: lambda layer: layer.e * slope(layer.z),
    Step.BACK: lambda layer: layer.delta @ layer.weight,
    Step.WEIGHTS: lambda layer: outer(layer.delta, layer.before),
    Step.BIASES: lambda layer: layer.delta,
}
FORMULAS = {
    "sigma(x)": "σ(x) = tanh x",
    "dsigma(x)": "σ'(x) = 1 − tanh² x",
    "loss(v, t)": "Σ (t − v)²",
    "dloss(v, t)": "2 (v − t)",
    "s": "s[l] = w[l] x[l-1] + b[l]",
    "x": "x[l] = σ(s[l])",
    Step.LOSS: "∂L/∂x2 = dloss(x2, t) = 2 (x2 − t)",
    Step.ACTIVATION: "∂L/∂s[l] = ∂L/∂x[l] ⊙ σ'(s[l])",
    Step.BACK: "∂L/∂x1 = w2ᵀ ∂L/∂s2",
    Step.WEIGHTS: "∂L/∂w[l] = ∂L/∂s[l] x[l-1]ᵀ",
    Step.BIASES: "∂L/∂b[l] = ∂L/∂s[l]",
    Step.STORING: "each gradient is added to what its tensor holds",
    Step.RUN: "",
}
PRINCIPLES = {
    Step.HELPERS: """Test a small function by itself before anything is built on it: work out two or three values by
        hand, one of them negative, and compare a derivative with the difference quotient of the function that it
        belongs to.""",
    Step.FORWARD: """Write the four equations of the statement on paper, one below the other, and mark which result
        enters the next line. The code has one line for each of them, in the same order.""",
    Step.LOSS: """Everything in the backward pass is built on this first quantity, so an error here reaches all
        four gradients. Take one output, write its term of the loss, and differentiate that term.""",
    Step.ACTIVATION: """Each unit has its own activation, and going back through it costs one factor for that unit
        alone: the slope of tanh at the place where the unit was in the forward pass.""",
    Step.BACK: """Draw one hidden unit and every path that leads from it to the outputs. The chain rule multiplies along
        each path and adds the paths up, one weight for each of them.""",
    Step.WEIGHTS: """Write the forward equation of a single unit as a sum, and ask how that sum changes when one of its
        weights changes a little. That gives one number for each weight.""",
    Step.STORING: """Call the function once by hand, with tensors that you fill yourself, and print all of them before
        and after the call. Only the last four may change, and each by its gradient.""",
}
CATALOGUE = Catalogue(RIGHT, FORMULAS, PRINCIPLES, method=Method.PASSES)
mistake, also = CATALOGUE.mistake, CATALOGUE.also


# sigma and dsigma


@mistake(
    "sigma-is-sigmoid",
    Step.HELPERS,
    "the logistic function is used, not tanh",
    "σ(x) = 1 / (1 + e⁻ˣ)",
    quantity="sigma(x)",
)
def _(at):
    """Evaluate your activation at zero, and at a number far below zero.

    At zero yours gives one half, and it is never negative. The activation of the statement is zero there, and changes
    its sign.

    Both functions have the same S shape, but another range: from 0 to 1 for the logistic function, from -1 to 1 for
    tanh. The name of the function in the exercise is the same for both.
    """
    return logistic(at["x"])


also("sigma-is-sigmoid", Step.FORWARD, lambda at: logistic(at["s"]), quantity="x")
also(
    "sigma-is-sigmoid",
    Step.HELPERS,
    lambda at: 1 - logistic(at["x"]) ** 2,
    quantity="dsigma(x)",
    given="sigma-is-sigmoid",
)


@mistake(
    "dsigma-square-forgotten", Step.HELPERS, "the square in the slope is forgotten", "1 − tanh x", quantity="dsigma(x)"
)
def _(at):
    """Can the slope of tanh be larger than one? Look at your derivative for a negative number.

    In your formula one exponent is missing, so it is right nowhere but at zero.

    Write tanh as a quotient and differentiate it by the quotient rule. When you simplify, look at the power of tanh
    that is left over.
    """
    return 1 - np.tanh(at["x"])


also("dsigma-square-forgotten", Step.ACTIVATION, lambda layer: layer.e * (1 - np.tanh(layer.z)))


@mistake("dsigma-1-minus-x2", Step.HELPERS, "x is squared in the slope, not tanh x", "1 − x²", quantity="dsigma(x)")
def _(at):
    """In one minus a square: what is squared?

    Where the argument is larger than one your slope is negative, although tanh rises everywhere.

    The identity for the slope squares the value of tanh. You square the argument. Some authors hand the activation to
    such a function, but the statement hands it the number that the activation was applied to.
    """
    return 1 - at["x"] ** 2


also("dsigma-1-minus-x2", Step.ACTIVATION, lambda layer: layer.e * (1 - layer.z**2))


@mistake(
    "dsigma-of-sigmoid",
    Step.HELPERS,
    "the rule for the logistic function is used",
    "f(x) (1 − f(x))",
    quantity="dsigma(x)",
)
def _(at):
    """Which function do you differentiate?

    At zero the slope of tanh is one. Yours is another number there.

    The value times one minus the value is derived for the logistic function, and holds for it alone. The rule for tanh
    looks similar and is another one: derive it from the definition of tanh.
    """
    return np.tanh(at["x"]) * (1 - np.tanh(at["x"]))


also("dsigma-of-sigmoid", Step.HELPERS, lambda at: logistic(at["x"]) * (1 - logistic(at["x"])), quantity="dsigma(x)")
also("dsigma-of-sigmoid", Step.ACTIVATION, lambda layer: layer.e * np.tanh(layer.z) * (1 - np.tanh(layer.z)))
also("dsigma-of-sigmoid", Step.ACTIVATION, lambda layer: layer.e * logistic(layer.z) * (1 - logistic(layer.z)))


@mistake(
    "dsigma-2-tanh", Step.HELPERS, "tanh is doubled in the slope, not squared", "1 − 2 tanh x", quantity="dsigma(x)"
)
def _(at):
    """Is it a square or a double that is subtracted?

    At one your slope is negative, but tanh rises everywhere. At minus one it is larger than two.

    The exponent belongs on tanh. A factor of two comes down when a square is differentiated, and in the slope of tanh
    itself no square is differentiated. Check it with the quotient rule.
    """
    return 1 - 2 * np.tanh(at["x"])


also("dsigma-2-tanh", Step.ACTIVATION, lambda layer: layer.e * (1 - 2 * np.tanh(layer.z)))


@mistake(
    "dsigma-cosh-not-squared", Step.HELPERS, "the hyperbolic cosine is not squared", "1 / cosh x", quantity="dsigma(x)"
)
def _(at):
    """Compare a few of your values with difference quotients of tanh.

    You have the square root of the right value everywhere, so yours is too large except at zero.

    Write tanh as sine over cosine and apply the quotient rule. The rule divides by the square of the denominator, and
    an identity makes the numerator equal to one.
    """
    return 1 / np.cosh(at["x"])


also("dsigma-cosh-not-squared", Step.ACTIVATION, lambda layer: layer.e / np.cosh(layer.z))


# loss and dloss


@mistake(
    "loss-mean-not-sum",
    Step.HELPERS,
    "the squared errors are averaged, not added",
    "mean (t − v)²",
    quantity="loss(v, t)",
)
def _(at):
    """Is there a division in the formula of the statement?

    Your value is the right one divided by the number of elements.

    The squared norm of a vector adds the squares of its entries. Ready-made losses take the mean by default, which
    divides by their number; the statement does not, and neither do its gradients.
    """
    return np.mean((at["t"] - at["v"]) ** 2)


@mistake("loss-norm-not-squared", Step.HELPERS, "the norm is not squared", "‖t − v‖", quantity="loss(v, t)")
def _(at):
    """Square your value and compare it with the expected one.

    You return the norm of the error. The statement asks for the square of that norm.

    The definition of the norm ends with a root, and squaring it removes the root. What is left is a plain sum of
    squares, without a point at which the slope is not defined.
    """
    return np.linalg.norm(at["t"] - at["v"])


@mistake("loss-not-summed", Step.HELPERS, "the squared errors are not added up", "(t − v)²", quantity="loss(v, t)")
def _(at):
    """How many numbers is a loss?

    Your result still has the shape of the prediction: one number for each element.

    A norm collects all components into a single number, and descent needs a single number that becomes smaller. The
    squares are right; what is missing is the last operation of the formula.
    """
    return (at["t"] - at["v"]) ** 2


@mistake("loss-half", Step.HELPERS, "there is a factor of one half in the loss", "½ Σ (t − v)²", quantity="loss(v, t)")
def _(at):
    """Does the formula of the statement have a factor in front?

    Your value is half of the expected one.

    The half is a convention of other textbooks: they want the two of the derivative to cancel. The loss of the
    statement has no such factor, so the two stays in its gradient.
    """
    return np.sum((at["t"] - at["v"]) ** 2) / 2


@mistake(
    "dloss-factor-2-missing", Step.HELPERS, "the 2 of the squared error is missing", "v − t", quantity="dloss(v, t)"
)
def _(at):
    """Compare the size of your derivative with a difference quotient of the loss.

    The direction is right, and everything is half of what it should be.

    Apply the power rule to one squared term, then the inner derivative. A number comes down in front, and it is not in
    your result. It would cancel only if the loss had a factor of one half.
    """
    return at["v"] - at["t"]


also("dloss-factor-2-missing", Step.LOSS, lambda layer: layer.a - layer.y)


@mistake(
    "dloss-sign-flipped",
    Step.HELPERS,
    "the derivative of the loss has the wrong sign",
    "2 (t − v)",
    quantity="dloss(v, t)",
)
def _(at):
    """Would a small step against your derivative bring the prediction nearer to the target?

    Everything has the right size and the wrong sign.

    The derivative is taken with respect to the prediction, and in the difference of the statement the prediction is
    subtracted. The inner derivative carries that sign to the outside.
    """
    return 2 * (at["t"] - at["v"])


@mistake(
    "dloss-mean-not-sum",
    Step.HELPERS,
    "the derivative is divided by the number of elements",
    "2 (v − t) / n",
    quantity="dloss(v, t)",
)
def _(at):
    """Is your function the derivative of the loss of the statement, or of another loss?

    Your values are too small, by the number of elements.

    A mean divides by the number of elements, and so does its derivative. The loss of the statement is a sum, in which
    each element has a term of its own.
    """
    return 2 * (at["v"] - at["t"]) / at["v"].size


also("dloss-mean-not-sum", Step.LOSS, lambda layer: 2 * (layer.a - layer.y) / layer.a.shape[-1])


@mistake(
    "dloss-value-instead-of-derivative",
    Step.HELPERS,
    "the loss is returned, not its derivative",
    "Σ (v − t)²",
    quantity="dloss(v, t)",
)
def _(at):
    """What should travel backwards: how large the error is, or how fast the loss changes?

    What you return is never negative, as a loss is. A derivative has a sign of its own for each output.

    There is one partial derivative for each component of the prediction, and each tells whether this component is too
    large or too small. You return squares of errors, before any differentiation.
    """
    return np.sum((at["v"] - at["t"]) ** 2)


also("dloss-value-instead-of-derivative", Step.HELPERS, lambda at: (at["v"] - at["t"]) ** 2, quantity="dloss(v, t)")
also("dloss-value-instead-of-derivative", Step.LOSS, lambda layer: (layer.a - layer.y) ** 2)
also(
    "dloss-value-instead-of-derivative",
    Step.LOSS,
    lambda layer: np.sum((layer.a - layer.y) ** 2, -1, keepdims=True) + 0 * layer.a,
)


@mistake(
    "dloss-abs-derivative", Step.HELPERS, "the absolute error is differentiated", "sign(v − t)", quantity="dloss(v, t)"
)
def _(at):
    """Does your derivative tell a small error from a large one?

    Only plus and minus one come out, whatever the size of the error.

    That is the slope of the absolute value. The loss of the statement squares the errors, so its slope grows with the
    error, and a prediction that is far off is pulled harder.
    """
    return np.sign(at["v"] - at["t"])


also("dloss-abs-derivative", Step.LOSS, lambda layer: np.sign(layer.a - layer.y))


# The forward pass


@mistake("fwd-bias-forgotten", Step.FORWARD, "the bias is not added", "s[l] = w[l] x[l-1]", quantity="s")
def _(at):
    """Change only a bias: does the sum of its layer change?

    Your result is off by exactly the bias, the same for every example.

    An affine map has two parts, and one of them is missing here. Without it every unit is tied to zero where its
    inputs are zero.
    """
    return at["x"] @ at["w"].T


@mistake("fwd-no-output-activation", Step.FORWARD, "the last layer has no activation", "x2 = s2", quantity="x")
def _(at):
    """How many activations are in the list of equations of the statement?

    What you return as the prediction is equal to the sum before the activation.

    Both layers of this network end with the activation, the last one, too. Networks for regression often leave it out
    at the end; this statement does not.
    """
    return at["s"] if "before_s" in at else np.nan * at["s"]


@mistake(
    "fwd-second-layer-fed-by-s", Step.FORWARD, "the second layer reads s1, not x1", "s2 = w2 s1 + b2", quantity="s"
)
def _(at):
    """What enters the second layer?

    The first layer is right, and so is its activation. But the result of the activation is not used.

    The activation stands between the two linear maps. When the second layer reads what was there before it, two linear
    maps follow one another, and together they are only one.
    """
    if "before_s" not in at:
        return np.nan * (at["x"] @ at["w"].T)
    return at["before_s"] @ at["w"].T + at["b"]


@mistake(
    "fwd-weights-not-transposed",
    Step.FORWARD,
    "the weights are used the wrong way round",
    "s[l] = w[l]ᵀ x[l-1] + b[l]",
    quantity="s",
)
def _(at):
    """Which dimension of the weight matrix counts the inputs of the layer?

    The shapes fit only where a layer has as many units as inputs. There the code runs, and mixes up the weights.

    Row number i holds the weights of unit i, so the sum for a unit runs along a row. With examples in rows this needs
    a transpose, with an example as a column it does not.
    """
    return at["x"] @ at["w"] + at["b"]


# The backward pass


@mistake(
    "dloss-arguments-swapped",
    Step.LOSS,
    "the error enters the backward pass with the wrong sign",
    "∂L/∂x2 = dloss(t, x2)",
    same_as=("dloss-sign-flipped",),
    turns=True,
)
def _(layer):
    """Check the order in which prediction and target are handed over where the backward pass begins.

    All four gradients have the right size and the wrong sign.

    The function for the derivative of the loss distinguishes its two arguments: exchanging them turns the sign. The
    same happens where the difference is written out by hand the other way round, or where all four gradients are
    subtracted in the end and not added.
    """
    return 2 * (layer.y - layer.a)


@mistake("dsigma-missing", Step.ACTIVATION, "the activation was not differentiated", "∂L/∂s[l] = ∂L/∂x[l]")
def _(layer):
    """What do you cross on the way from the x of this layer back to its s?

    The ratio of your numbers to the expected ones differs from unit to unit, and is the same along each row of the
    weight gradient.

    On the way you go through the activation, and the chain rule owes one factor for it. You went on as if the layer
    were linear.
    """
    return layer.e


@mistake("dsigma-at-x-not-s", Step.ACTIVATION, "the slope is taken at x, not at s", "∂L/∂s[l] = ∂L/∂x[l] ⊙ σ'(x[l])")
def _(layer):
    """At which point do you take the slope of the activation?

    Your factors are too close to one: they are taken at the already squashed value.

    The activation was applied to s, so its slope is taken at s. There is a shortcut that starts from x, but it is
    another formula than that of your function for the slope.
    """
    return layer.e * slope(layer.a)


@mistake(
    "dsigma-wrong-layer",
    Step.ACTIVATION,
    "the slope of the other layer is used",
    "∂L/∂s1 = ∂L/∂x1 ⊙ σ'(s2)",
    places=("hid",),
)
def _(layer):
    """Which s belongs to the x of the hidden layer?

    The output layer is right. In the hidden layer shapes clash, unless both layers are equally wide: then the code
    runs, with the slopes of other units.

    Each layer has its own sums, and the slope of an activation is taken where that very activation was applied. Here
    the sums of the output layer are used a second time.
    """
    if np.shape(layer.z_above) != layer.z.shape:
        return np.nan * layer.e
    return layer.e * slope(layer.z_above)


@mistake("back-weights-not-transposed", Step.BACK, "the weights are used the wrong way round", "∂L/∂x1 = w2 ∂L/∂s2")
def _(layer):
    """Over which index do you sum on the way back?

    The output layer is right. After it, shapes do not match on nets of different widths; on square ones the code runs
    and is wrong.

    Forward, each output collects what comes from all hidden units. Backward, each hidden unit collects from all
    outputs: the sum runs over the other index of the same matrix.
    """
    return layer.delta @ layer.weight.T


@mistake("back-weights-reshaped", Step.BACK, "the weights are reshaped, not transposed", "∂L/∂x1 = reshape(w2) ∂L/∂s2")
def _(layer):
    """Print a small matrix with two rows and three columns, and next to it your version with three rows.

    The shapes fit, yet the values are shuffled.

    Reshaping keeps the reading order of the entries and cuts it into other lines. Transposing exchanges rows and
    columns. Only the second one makes each weight meet its own two units.
    """
    turned = layer.weight.reshape(layer.weight.shape[::-1])
    return layer.delta @ turned.T


@mistake("back-uses-e-not-delta", Step.BACK, "the error goes back before the slope is applied", "∂L/∂x1 = w2ᵀ ∂L/∂x2")
def _(layer):
    """Which gradient goes back through the second matrix: the one at x2 or the one at s2?

    The output layer is right, and in the hidden layer the slopes of the outputs are missing.

    The matrix connects the hidden activations with the sums of the output layer. What goes back through it is
    therefore the gradient at those sums, after the activation has been crossed.
    """
    return layer.e @ layer.weight


@mistake(
    "wgrad-transposed", Step.WEIGHTS, "the outer product is taken the wrong way round", "∂L/∂w[l] = x[l-1] (∂L/∂s[l])ᵀ"
)
def _(layer):
    """Compare the shape of your result with that of the weights.

    Where widths differ, adding it to the accumulator is an error. On square layers it runs and is transposed.

    Rows belong to the units of the layer and columns to its inputs, as in the weights themselves. In your product the
    two have changed places.
    """
    return outer(layer.before, layer.delta)


@mistake("wgrad-s-instead-of-x", Step.WEIGHTS, "s1 is taken as the input of the second layer", "∂L/∂w2 = ∂L/∂s2 s1ᵀ")
def _(layer):
    """What was multiplied with the second matrix in the forward pass?

    Only the gradient of the second weights is wrong: one factor too large for each column.

    A product of weights and input has, with respect to the weights, the input as its derivative, exactly as it entered
    the layer. What entered was the hidden activation, not the sum before it.
    """
    return outer(layer.delta, layer.z_before)


# What a call does to what it was given


@mistake("acc-rebinds-name", Step.STORING, "the gradients do not reach the tensors that were passed in", "g = g + …")
def _(signs):
    """Look, after the call, at the tensors that you passed in for the gradients.

    They still hold what they held before, although the gradients are computed.

    A parameter is only a local name. Giving the name to a new tensor, or returning one, does not change the tensor of
    the caller. You need an operation that writes into the tensor itself.
    """
    return "untouched" in signs.added and signs.added <= {"untouched", "kept"}


@mistake("acc-overwrites", Step.STORING, "what was accumulated is replaced", "g ← ∇")
def _(signs):
    """Start from tensors that are not zero. What do they hold after the call?

    The gradients of this call are right there, but what was there before is lost.

    The gradients of several calls are meant to add up, so that a batch can be worked through one example after the
    other. Somebody else decides when to begin at zero again.
    """
    return "replaced" in signs.added and signs.added <= {"replaced", "kept"}


@mistake("side-effect-updates-weights", Step.STORING, "the call makes a step of descent", "w ← w − η ∇")
def _(signs):
    """Are weights and biases the same after the call as before it?

    The gradients are there, but the parameters have changed, too, by a multiple of them.

    A backward pass only measures. The step of descent belongs to the training loop, which may want to add up several
    examples first, or to look at the gradients without moving.
    """
    return signs.changed and signs.learning_rate is not None


@mistake("autograd-called", Step.RUN, "autograd is asked for the gradient", "loss.backward()")
def _(signs):
    """Where are the gradients to come from in this exercise?

    Your code asks autograd for the gradient. Autograd is switched off while your function is called, so backward has
    nothing to go back through: that is what the error message says.

    The gradients are to be derived by hand, with the chain rule, from the loss back to the first layer. Each step is a
    product of quantities that the forward pass has computed already. Autograd is a fine way to check the result,
    outside of this function, where operations are recorded. Begin with the last layer: what is the derivative of the
    loss with respect to the output of the net?
    """
    return "does not require grad and does not have a grad_fn" in signs.messages
