"""The known mistakes of `mynet`: each replaces one step of the derivation; its docstring holds three levels of hints.

Arrays are those of `grader.diagnosis.catalogue.Layer`: the last axis holds units, the one before it examples. The more
common mistakes of a step come first.
"""

import numpy as np

from grader.diagnosis.catalogue import Catalogue, Role, Step


def slope(z):
    """The derivative of tanh."""
    return 1 / np.cosh(z) ** 2


def outer(rows, columns):
    """Of every example rows^T columns."""
    return rows[..., :, None] * columns[..., None, :]


def rows_times(rows, matrices):
    """Of every example its row times its own matrix."""
    return np.matmul(rows[..., None, :], matrices)[..., 0, :]


RIGHT = {
    Step.LOSS: lambda layer: 2 * (layer.a - layer.y),
    Step.ACTIVATION: lambda layer: layer.e * slope(layer.z),
    Step.BACK: lambda layer: layer.delta @ layer.weight,
    Step.WEIGHTS: lambda layer: outer(layer.delta, layer.before),
    Step.BIASES: lambda layer: layer.delta,
}
FORMULAS = {
    Step.LOSS: "e[L] = 2 (ŷ − y)",
    Step.ACTIVATION: "δ[l] = e[l] ⊙ f'(z[l])",
    Step.BACK: "e[l-1] = W[l]ᵀ δ[l]",
    Step.WEIGHTS: "∂L/∂W[l] = δ[l] a[l-1]ᵀ",
    Step.BIASES: "∂L/∂b[l] = δ[l]",
    Step.LOOP: "l = L, …, 1, each with the δ of its own layer",
    Step.STORING: "dL_dw[l], dL_db[l] for l = 1, …, L",
    Step.RUN: "",
}
PRINCIPLES = {
    Step.LOSS: """Everything else in the derivation is built on this first quantity, so an error here reaches every
        layer unchanged. Take one output, write its term of the loss on paper, and differentiate that single term,
        one move after the other.""",
    Step.ACTIVATION: """Each unit has its own activation, and going back through it costs one factor for that unit
        alone: the slope of tanh at the place where the unit was in the forward pass. Check your factor by hand on
        two units.""",
    Step.BACK: """Take a small net with two units in each layer. Draw one hidden unit and every path that leads from
        it to the layer above. The chain rule multiplies along each path and adds the paths up.""",
    Step.WEIGHTS: """Write the forward equation of a single unit as a sum, and ask how that sum changes when one
        weight changes a little. That gives one number for each weight, in its own row and its own column.""",
    Step.BIASES: """Write the forward equation of a single unit, and ask how it changes when only its bias changes a
        little. Each unit has exactly one bias, so each unit has exactly one number here, whatever the other units
        of the layer above or of this layer do.""",
    Step.LOOP: """Follow the loop with pencil and paper on a net with three layers, and note for each turn which
        layer it fills, which quantities it reads, and which one it hands on to the next.""",
    Step.STORING: """The statement names the two dictionaries, their keys and the shapes. Print type, key and shape
        of what you store, and compare each of them with those of the parameter that the gradient belongs to.""",
    Step.RUN: """Start the function yourself on a small net before you hand it in, with two inputs, three hidden
        units and two outputs, and look at all that it has stored when it comes back.""",
}
CATALOGUE = Catalogue(RIGHT, FORMULAS, PRINCIPLES)
mistake = CATALOGUE.mistake


# The loss: e[L]


@mistake("loss-factor-2-missing", Step.LOSS, "the 2 of the squared error is missing", "e[L] = ŷ − y")
def _(layer):
    """All your gradients point in the right direction. Compare their size with the expected ones.

    Your numbers are the right ones times the same constant in every layer. A constant that is everywhere comes from the
    very first thing that you compute, unless you multiply all that you store.

    Each term of the loss is a square. Apply the power rule to one of them, then the inner derivative. A number comes
    down in front, and it is not in your result.
    """
    return layer.a - layer.y


@mistake(
    "loss-sign-flipped",
    Step.LOSS,
    "the error has the wrong sign",
    "e[L] = 2 (y − ŷ)",
    same_as=("signature-swapped",),
    turns=True,
)
def _(layer):
    """Would a small step against your gradient make the loss smaller?

    Every number has the right size and the wrong sign. The sign is decided at the one place where prediction and target
    meet, or by the order of the arguments, unless you turn all that you store.

    The inner derivative of a squared difference is +1 or -1, depending on which of the two you differentiate with
    respect to. Here it is the prediction, and it comes second or first in your difference.
    """
    return 2 * (layer.y - layer.a)


@mistake("loss-mean-over-outputs", Step.LOSS, "the loss is averaged over the outputs", "e[L] = 2 (ŷ − y) / n(L)")
def _(layer):
    """Is there a division in the loss of the statement?

    Your gradients are too small, in every layer, by the number of output units of the net.

    The statement adds the squared errors of the outputs. A mean, which is what a ready-made loss takes by default,
    divides by their number, and this divisor shows in every gradient.
    """
    return 2 * (layer.a - layer.y) / layer.a.shape[-1]


@mistake("loss-value-instead-of-derivative", Step.LOSS, "the loss is used, not its derivative", "e[L] = (ŷ − y)²")
def _(layer):
    """What should travel backwards: how large the error is, or how fast the loss changes?

    Your first quantity is never negative. Can a derivative of the loss have the same sign for every output?

    Backpropagation starts with the slope of the loss with respect to each output. You start with the value of the loss
    itself, before any differentiation.
    """
    return (layer.a - layer.y) ** 2


@mistake(
    "loss-squared-twice-minus",
    Step.LOSS,
    "the square is kept, with the sign of the inner derivative",
    "e[L] = −2 (y − ŷ)²",
)
def _(layer):
    """After the power rule, which exponent is left on the difference of the statement?

    The factor in front and the sign of the inner derivative are there, but your first quantity is never positive.

    The statement subtracts the prediction, so a minus comes out of the inner derivative. The outer one lowers the
    exponent by one; in your formula it has stayed, and a square has forgotten which of the two was larger.
    """
    return -2 * (layer.a - layer.y) ** 2


@mistake("loss-squared-twice", Step.LOSS, "the square is kept after differentiating", "e[L] = 2 (ŷ − y)²")
def _(layer):
    """After the power rule, which exponent is left?

    The factor in front is there, but the sign of the error is lost in your first step: it is never negative.

    When the exponent comes to the front, the power that remains goes down by one. In your formula it has stayed as it
    was.
    """
    return 2 * (layer.a - layer.y) ** 2


@mistake("loss-abs-derivative", Step.LOSS, "the absolute error is differentiated", "e[L] = sign(ŷ − y)")
def _(layer):
    """Does your first quantity tell a small error from a large one?

    All entries of your first quantity are plus or minus one, whatever the size of the error.

    That is the slope of the absolute value of the error. The loss of the statement is squared, so its slope grows with
    the error.
    """
    return np.sign(layer.a - layer.y)


@mistake("loss-abs-value", Step.LOSS, "the error lost its sign", "e[L] = 2 |ŷ − y|")
def _(layer):
    """Can the loss never decrease when one output grows?

    The sizes in your first quantity are right, but it has lost its sign.

    An output above its target and one below it must push in opposite directions. An absolute value makes them push the
    same way.
    """
    return 2 * np.abs(layer.a - layer.y)


@mistake("loss-norm-not-squared", Step.LOSS, "the norm is differentiated, not its square", "e[L] = (ŷ − y) / ‖ŷ − y‖")
def _(layer):
    """Look at the length of your first vector for several examples.

    It has always length one, whatever the error is.

    The root of a sum of squares has a gradient of unit length. The loss of the statement is the sum itself, without a
    root.
    """
    error = layer.a - layer.y
    return error / np.linalg.norm(error, axis=-1, keepdims=True)


@mistake("loss-derivative-summed", Step.LOSS, "the errors of all outputs are added up", "e[L]_j = Σ 2 (ŷ_k − y_k)")
def _(layer):
    """How many numbers should the derivative of the loss with respect to the prediction have?

    All output units receive the same error in your code.

    The loss is a sum, but each output appears in one of its terms only. Its derivative keeps one number for each
    output: nothing is left to add up.
    """
    return 2 * (layer.a - layer.y).sum(-1, keepdims=True) + 0 * layer.a


@mistake("loss-target-forgotten", Step.LOSS, "the target is not subtracted", "e[L] = 2 ŷ")
def _(layer):
    """Would your gradient change if the target changed?

    The target has no influence on what you store.

    The square contains a difference, and the power rule keeps the whole bracket. In your first quantity only the
    prediction is left of it.
    """
    return 2 * layer.a


@mistake("loss-at-z-not-a", Step.LOSS, "z is compared with the target, not a", "e[L] = 2 (z[L] − y)")
def _(layer):
    """Which of the two does the loss compare with the target: z or a?

    Where activations are small your numbers look nearly right, where they are large they do not.

    The loss sees the output after the activation. The pre-activation of the last layer enters in the next step, through
    the slope, and not here.
    """
    return 2 * (layer.z - layer.y)


@mistake("loss-softmax-ce", Step.LOSS, "the shortcut of softmax and cross-entropy is used", "δ[L] = softmax(ŷ) − y")
def _(layer):
    """Which loss does the statement use, and which activation?

    Probability minus target is the result for another loss and another output layer than those of this net.

    The shortcut holds where softmax and cross-entropy meet, because factors cancel there. Here tanh meets squares:
    nothing cancels, and the two derivatives are taken one after the other.
    """
    weights = np.exp(layer.a - layer.a.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) - layer.y


@mistake("loss-bce-derivative", Step.LOSS, "binary cross-entropy is differentiated", "e[L] = (ŷ − y) / (ŷ (1 − ŷ))")
def _(layer):
    """What happens to your first quantity when an output is near 0 or near 1?

    There is a denominator in it that a squared error does not have.

    The denominator belongs to the logarithms of binary cross-entropy. Differentiate the loss of this statement, which
    has none.
    """
    return (layer.a - layer.y) / (layer.a * (1 - layer.a))


# Through the activation: delta[l]; each variant at the output layer (out:) and at the hidden ones (hid:)


@mistake("actderiv-missing", Step.ACTIVATION, "the activation was not differentiated", "δ[l] = e[l]")
def _(layer):
    """How does the loss depend on z in this layer, not on a?

    The ratio of your numbers to the expected ones differs from unit to unit, and is the same along each row of the
    weight gradient.

    On the way from a back to z you cross the activation, and the chain rule owes one factor for it. You went on as if
    the layer were linear.
    """
    return layer.e


@mistake("actderiv-at-a", Step.ACTIVATION, "the slope is taken at a, not at z", "δ[l] = e[l] ⊙ f'(a[l])")
def _(layer):
    """At which point is the derivative of the activation taken?

    Your factor is too close to one: it is taken at the already squashed value.

    The derivative tells how the activation changes around its input. Its input is the pre-activation; what you have put
    in is what came out.
    """
    return layer.e * slope(layer.a)


@mistake("act-instead-of-deriv", Step.ACTIVATION, "the activation itself is used as its slope", "δ[l] = e[l] ⊙ f(z[l])")
def _(layer):
    """Is the factor that you multiply by a slope?

    The slope of tanh lies between 0 and 1. Your factor is sometimes negative.

    You multiplied by the value of the activation where its derivative is needed. Both are functions of z, and the net
    has both at hand.
    """
    return layer.e * np.tanh(layer.z)


@mistake("actderiv-applied-twice", Step.ACTIVATION, "the slope is multiplied in twice", "δ[l] = e[l] ⊙ f'(z[l])²")
def _(layer):
    """Count the activations that lie between z and a in this layer.

    Your numbers are too small, by a factor that is the slope itself.

    One crossing, one factor. Perhaps the slope is already in a quantity that you multiply with it once more.
    """
    return layer.e * slope(layer.z) ** 2


@mistake("actderiv-sigmoid", Step.ACTIVATION, "the slope of the sigmoid is used", "δ[l] = e[l] ⊙ a[l] (1 − a[l])")
def _(layer):
    """Which function is the activation of this net?

    Your factor is negative where the activation is negative. A slope of tanh never is.

    The value times one minus the value is the rule for the logistic function. The rule for tanh looks similar and is
    another one: derive it.
    """
    return layer.e * layer.a * (1 - layer.a)


@mistake(
    "actderiv-square-forgotten", Step.ACTIVATION, "the square in the slope is forgotten", "δ[l] = e[l] ⊙ (1 − a[l])"
)
def _(layer):
    """Evaluate your derivative at a negative z. Can a slope of tanh exceed one?

    In your factor one exponent is missing.

    Write tanh as a quotient and differentiate it by the quotient rule. Look at the power of tanh that is left over when
    you simplify.
    """
    return layer.e * (1 - layer.a)


@mistake("actderiv-1-minus-z2", Step.ACTIVATION, "z is squared in the slope, not a", "δ[l] = e[l] ⊙ (1 − z[l]²)")
def _(layer):
    """In one minus a square: what is squared?

    Your factor turns negative where z is larger than one.

    The identity for the slope of tanh squares the value of tanh. You squared the argument, which can be as large as it
    likes.
    """
    return layer.e * (1 - layer.z**2)


@mistake("actderiv-sign-inside", Step.ACTIVATION, "the slope has a plus for a minus", "δ[l] = e[l] ⊙ (1 + a[l]²)")
def _(layer):
    """Is tanh steepest at zero, or far away from it?

    Your slope grows with the distance from zero, and is larger than one everywhere.

    One sign is wrong in the formula of the slope. It comes from the identity that links the squares of the hyperbolic
    cosine and sine.
    """
    return layer.e * (1 + layer.a**2)


@mistake(
    "actderiv-cosh-not-squared", Step.ACTIVATION, "the cosh in the slope is not squared", "δ[l] = e[l] / cosh z[l]"
)
def _(layer):
    """Compare your derivative at a few points with the one that the net provides.

    Your factor is the square root of the right one.

    The quotient rule squares the denominator. Check the power of the hyperbolic cosine in your formula.
    """
    return layer.e / np.cosh(layer.z)


@mistake(
    "actderiv-at-upstream", Step.ACTIVATION, "the slope is taken at the incoming gradient", "δ[l] = e[l] ⊙ f'(e[l])"
)
def _(layer):
    """At which point is the derivative of the activation taken?

    Your factor changes when only the target changes. It should depend on the forward pass alone.

    The incoming gradient multiplies the slope. It is not the argument of the slope: that is the place where the unit
    was in the forward pass.
    """
    return layer.e * slope(layer.e)


@mistake("actderiv-relu", Step.ACTIVATION, "the slope of ReLU is used", "δ[l] = e[l] ⊙ 1[z[l] > 0]")
def _(layer):
    """Which function is the activation of this net?

    About half of your units send exactly zero.

    A mask of zeros and ones is the derivative of ReLU. The slope of tanh is never exactly zero, and is one at a single
    point only.
    """
    return layer.e * (layer.z > 0)


@mistake("actderiv-inverse", Step.ACTIVATION, "the slope divides where it should multiply", "δ[l] = e[l] / f'(z[l])")
def _(layer):
    """Do you multiply or divide when you cross the activation?

    Look whether your factor lies between zero and one. It is larger than one everywhere.

    The chain rule is a product of slopes. Dividing by one would undo the crossing that you want to make.
    """
    return layer.e / slope(layer.z)


@mistake("actderiv-z-instead", Step.ACTIVATION, "z is used where its slope is needed", "δ[l] = e[l] ⊙ z[l]")
def _(layer):
    """Is the factor that you multiply by a slope?

    Look whether your factor lies between zero and one. Yours is the pre-activation itself.

    The pre-activation says where the unit was. What the chain rule needs is how steep the activation is at that place.
    """
    return layer.e * layer.z


# Through the weights: e[l-1]


@mistake("back-weights-not-transposed", Step.BACK, "the weights are used the wrong way round", "e[l-1] = W[l] δ[l]")
def _(layer):
    """Which index do you sum over on the way back?

    Shapes do not match on nets of different widths. On square ones it runs, and is wrong.

    Forward, a row of the weight matrix collects all inputs of one unit. Backward, one unit collects from all units
    above: that is the other index.
    """
    return layer.delta @ layer.weight.T


@mistake("back-weights-reshaped", Step.BACK, "a reshape is used as a transpose", "e[l-1] = reshape(W[l]) δ[l]")
def _(layer):
    """Print a matrix with two rows and three columns, and your transposed version of it.

    The shapes fit, yet the values are shuffled.

    Reshaping keeps the order in which entries are read, and only moves the ends of the rows. Transposing exchanges rows
    and columns.
    """
    return layer.delta @ layer.weight.reshape(layer.weight.shape[::-1]).T


@mistake("back-weights-of-own-layer", Step.BACK, "the weights of another layer are used", "e[l-1] = W[l-1]ᵀ δ[l]")
def _(layer):
    """Which weights lie between the layer whose delta you have and the one whose delta you want?

    On nets of equal widths it runs, with the weights of the layer below; on others the shapes do not match.

    An error goes back by the way on which the values came. The units of a layer reached the layer above through the
    weights of that layer above, so the index of the weights is that of the delta that you start from.
    """
    if layer.delta.shape[-1] != layer.weight_below.shape[0]:
        raise ValueError("the shapes do not match")
    return layer.delta @ layer.weight_below


@mistake("back-uses-e-not-delta", Step.BACK, "dL/da is passed on instead of dL/dz", "e[l-1] = W[l]ᵀ e[l]")
def _(layer):
    """Which of your two quantities of the layer above goes through the weights?

    The last layer is right. The next one lacks the factor of the layer above it.

    The weights connect the activation below with the pre-activation above. So what goes through them is the derivative
    after you have crossed the activation above, not before.
    """
    return layer.e @ layer.weight


@mistake("back-weights-missing", Step.BACK, "the error is spread without the weights", "e[l-1]_j = Σ δ[l]_k")
def _(layer):
    """Does a strongly connected unit get more of the error in your code?

    All hidden units of a layer receive the same number.

    A unit reaches another one through a weight. This weight is the slope on the way back, and it differs from path to
    path.
    """
    return np.repeat(layer.delta.sum(-1, keepdims=True), layer.weight.shape[1], -1)


@mistake("back-mean-over-neurons", Step.BACK, "the paths are averaged", "e[l-1] = W[l]ᵀ δ[l] / n(l)")
def _(layer):
    """Sum or mean over the units above?

    From the hidden layer on, your numbers are too small by a constant: the width of the layer above.

    Several paths lead from one unit to the loss. Their contributions add up; nothing divides by their number.
    """
    return layer.delta @ layer.weight / layer.weight.shape[0]


@mistake("back-only-first-neuron", Step.BACK, "only the first unit above counts", "e[l-1]_j = W[l]_1j δ[l]_1")
def _(layer):
    """How many paths leave one hidden unit?

    Only the first row of the weights above matters in your result.

    A hidden unit feeds every unit of the next layer, and each of them sends something back. You have followed the first
    path and left out the others.
    """
    return layer.delta[..., :1] @ layer.weight[:1]


@mistake(
    "back-uses-gradient-not-weights", Step.BACK, "the weight gradient is used as weights", "e[l-1] = (∂L/∂W[l])ᵀ δ[l]"
)
def _(layer):
    """What links two layers: the weights, or their gradient?

    Your hidden gradients are quadratic in the error: double the error and look.

    Going back you use the same weights as forward. You have taken the gradient that you have just stored, which has the
    same shape.
    """
    return rows_times(layer.delta, layer.gradient)


@mistake(
    "back-uses-updated-weights",
    Step.BACK,
    "the weights were updated before the error passed",
    "e[l-1] = (W[l] − η ∂L/∂W[l])ᵀ δ[l]",
    fitted=True,
)
def _(layer):
    """Are the weights still those of the forward pass when the error goes through them?

    The last layer is right. The hidden layers differ a little, and more with a larger step.

    All gradients belong to the same point. First compute all of them, and take a step only afterwards, outside of this
    function.
    """
    return layer.delta @ layer.weight, -rows_times(layer.delta, layer.gradient)


@mistake("back-weights-scalar-sum", Step.BACK, "the error is collapsed to one number", "e[l-1]_j = Σ (W[l]ᵀ δ[l])_i")
def _(layer):
    """Recompute the error of one hidden unit by hand.

    The last layer is right. All units of the layer below receive one and the same number.

    After the product with the weights there is one number for each unit below. You have added these up, as if one unit
    were all of them.
    """
    return np.repeat((layer.delta @ layer.weight).sum(-1, keepdims=True), layer.weight.shape[1], -1)


@mistake("back-weights-abs-sum", Step.BACK, "the weights lost their sign", "e[l-1] = |W[l]|ᵀ δ[l]")
def _(layer):
    """Recompute the error of one hidden unit by hand, one with a negative weight.

    The last layer is right. Below, a negative weight counts as a positive one.

    A negative weight turns the direction of the influence around, and it has to do so on the way back, too.
    """
    return layer.delta @ np.abs(layer.weight)


@mistake("back-bias-added", Step.BACK, "the bias is mixed into the error", "e[l-1] = W[l]ᵀ (δ[l] ⊙ b[l])")
def _(layer):
    """Recompute the error of one hidden unit by hand, and see which parameters you need.

    The last layer is right. Below, your numbers change with the biases of the layer above.

    The bias is added to the sum, so it does not matter for how a unit below influences that sum.
    """
    return (layer.delta * layer.bias) @ layer.weight


@mistake("back-sign-flipped", Step.BACK, "the sign is turned on the way back", "e[l-1] = −W[l]ᵀ δ[l]")
def _(layer):
    """Recompute the error of one hidden unit by hand, and mind the signs.

    The last layer is right. In the next one every number has the right size and the wrong sign.

    There is no minus on the way from one layer to the one below: the weight alone is the slope between them.
    """
    return -layer.delta @ layer.weight


# The weights


@mistake("wgrad-transposed", Step.WEIGHTS, "the outer product is the wrong way round", "∂L/∂W[l] = a[l-1] δ[l]ᵀ")
def _(layer):
    """Compare the shape of your weight gradient with that of the weight.

    Rows and columns are exchanged.

    Row i, column j of the weight connects input j with unit i. The entry of the gradient at the same place belongs to
    the same pair, so the unit numbers the rows.
    """
    return outer(layer.before, layer.delta)


@mistake("wgrad-reshaped", Step.WEIGHTS, "the product is reshaped to fit", "∂L/∂W[l] = reshape(a[l-1] δ[l]ᵀ)")
def _(layer):
    """Where does the entry at row 0, column 1 of your product go?

    The shape is right and the values are shuffled. The biases are right.

    Your product is the transpose of the right one. Reshaping does not turn it around, it only breaks the rows at other
    places.
    """
    product = outer(layer.before, layer.delta)
    return product.reshape(*product.shape[:-2], *layer.weight.shape)


@mistake("wgrad-z-instead-of-a", Step.WEIGHTS, "z is used as the input of the layer, not a", "∂L/∂W[l] = δ[l] z[l-1]ᵀ")
def _(layer):
    """What enters the linear layer: the value before the activation below, or after it?

    The first layer and all biases are right. The other weights are off by a factor for each column.

    The pre-activation of a layer is computed from the activation of the layer below, so that is what its weights are
    multiplied with.
    """
    return outer(layer.delta, layer.z_before)


@mistake("wgrad-a-same-layer", Step.WEIGHTS, "the activation of the same layer is used", "∂L/∂W[l] = δ[l] a[l]ᵀ")
def _(layer):
    """Which activation feeds layer l?

    Your weight gradient has as many columns as rows, whatever the width of the layer below.

    A layer is fed by the one below it. The activation that you have used is what this layer gives, not what it gets.
    """
    return outer(layer.delta, layer.a)


@mistake("wgrad-no-outer-product", Step.WEIGHTS, "delta alone is stored for the weights", "∂L/∂W[l] = δ[l]")
def _(layer):
    """How many weights does the layer have, and how many numbers did you store?

    You have stored one number for each unit.

    Each weight has an input of its own. So there is one number for each pair of unit and input, and the inputs have to
    appear in it.
    """
    return layer.delta


@mistake(
    "wgrad-elementwise-product", Step.WEIGHTS, "an elementwise product for an outer one", "∂L/∂W[l] = δ[l] ⊙ a[l-1]"
)
def _(layer):
    """How many pairs of a unit and one of its inputs are there, and how many numbers did you store?

    Your product pairs each unit with the one input that has the same number; on most nets the two do not even fit.

    A layer has a weight for every unit and every input. So every entry of delta meets every entry of the input once,
    which gives a table; an elementwise product gives one row of it.
    """
    if layer.delta.shape[-1] != layer.before.shape[-1] and 1 not in (layer.delta.shape[-1], layer.before.shape[-1]):
        return np.full((*layer.delta.shape, 0), np.nan)  # it stops with an error
    return layer.delta * layer.before


@mistake("wgrad-input-missing", Step.WEIGHTS, "the input of the layer is left out", "∂L/∂W[l] = δ[l] 1ᵀ")
def _(layer):
    """Do weights with a small input get a small gradient?

    All columns of your weight gradient are equal. The biases are right.

    The pre-activation is linear in each weight, and its slope is the input that this weight is multiplied with. You
    have used one in its place.
    """
    return outer(layer.delta, np.ones_like(layer.before))


@mistake("wgrad-uses-e-not-delta", Step.WEIGHTS, "dL/da is used for the weights", "∂L/∂W[l] = e[l] a[l-1]ᵀ", blind=True)
def _(layer):
    """Do the weights act on z or on a?

    The biases are right. The weights lack the slope of the activation.

    Between the weights and the activation of the layer lies the activation function. The factor for it is in your
    biases, and belongs to both.
    """
    return outer(layer.e, layer.before)


@mistake("wgrad-activated-twice", Step.WEIGHTS, "the input is activated once more", "∂L/∂W[l] = δ[l] f(a[l-1])ᵀ")
def _(layer):
    """Is the input of the layer already activated?

    The columns of your weight gradient are a little too small, the more so where the input is large.

    What the net keeps as activation is what went into the layer. It needs no second squashing.
    """
    return outer(layer.delta, np.tanh(layer.before))


@mistake(
    "wgrad-sign-flipped", Step.WEIGHTS, "the weight gradient has the wrong sign", "∂L/∂W[l] = −δ[l] a[l-1]ᵀ", turns=True
)
def _(layer):
    """Do your weights and your biases point in opposite ways?

    The biases are right. The weights have the right size and the wrong sign, so the sign appears after delta.

    The step against the gradient is taken by whoever uses it. What you store is the derivative itself, without a minus.
    """
    return -outer(layer.delta, layer.before)


@mistake("wgrad-divided-by-n", Step.WEIGHTS, "the weight gradient is divided by n(l)", "∂L/∂W[l] = δ[l] a[l-1]ᵀ / n(l)")
def _(layer):
    """Is there a mean in the statement?

    In each layer your weight gradient is too small by a constant: the number of its units. The biases are right.

    A mean over examples divides by their number. Nothing in this derivation divides by a number of units.
    """
    return outer(layer.delta, layer.before) / layer.weight.shape[0]


@mistake(
    "wgrad-divided-by-nin", Step.WEIGHTS, "the weight gradient is divided by n(l-1)", "∂L/∂W[l] = δ[l] a[l-1]ᵀ / n(l-1)"
)
def _(layer):
    """Is there a mean in the statement?

    In each layer your weight gradient is too small by a constant: the number of its inputs. The biases are right.

    A mean over examples divides by their number. Nothing in this derivation divides by a number of inputs.
    """
    return outer(layer.delta, layer.before) / layer.weight.shape[1]


@mistake("wgrad-df-of-input", Step.WEIGHTS, "a slope is used as the input", "∂L/∂W[l] = δ[l] f'(z[l-1])ᵀ")
def _(layer):
    """How does the pre-activation change with one weight?

    No derivative of the activation is needed in this step: delta has it already.

    The pre-activation is linear in the weights. What it is multiplied by is the activation below, and not the slope of
    that activation.
    """
    return outer(layer.delta, slope(layer.z_before))


@mistake(
    "wgrad-weight-decay-added", Step.WEIGHTS, "weight decay is added", "∂L/∂W[l] = δ[l] a[l-1]ᵀ + c W[l]", fitted=True
)
def _(layer):
    """Does the loss of the statement contain the weights themselves?

    Your gradient does not vanish when the error does: a multiple of the weights is left.

    Regularisation adds a term to the loss, and the statement has none. What you compute is the derivative of another
    loss.
    """
    product = outer(layer.delta, layer.before)
    return product, np.broadcast_to(layer.weight, product.shape)


# The biases


@mistake(
    "bgrad-summed-to-scalar",
    Step.BIASES,
    "the bias gradient is summed to one number",
    "∂L/∂b[l] = Σ δ[l]_j",
    role=Role.SUMS_TO_ONE,
)
def _(layer):
    """How many biases does the layer have?

    You have stored a single number for the whole layer.

    The sum over examples that is found in textbooks runs over another axis. The units must not be added up.
    """
    return layer.delta.sum(-1, keepdims=True)


@mistake("bgrad-uses-e-not-delta", Step.BIASES, "dL/da is used for the biases", "∂L/∂b[l] = e[l]", blind=True)
def _(layer):
    """Does the bias act before the activation, or after it?

    The weights are right. The biases lack the slope of the activation.

    The bias is part of the pre-activation. So its derivative is taken there, after the activation has been crossed on
    the way back.
    """
    return layer.e


@mistake("bgrad-ones", Step.BIASES, "the bias gradient is one everywhere", "∂L/∂b[l] = 1", blind=True)
def _(layer):
    """Does your bias gradient depend on the error at all?

    The weights are right. Every entry of the bias gradient is one.

    One is the derivative of the pre-activation with respect to the bias. The chain rule multiplies it by what comes
    from above.
    """
    return np.ones_like(layer.delta)


@mistake("bgrad-zero", Step.BIASES, "the bias gradient is never filled", "∂L/∂b[l] = 0", blind=True)
def _(layer):
    """Does your bias gradient depend on the error at all?

    The weights are right. Every entry of the bias gradient is zero.

    A zero says that the bias has no influence on the loss. It was probably put there in the beginning and never
    replaced.
    """
    return np.zeros_like(layer.delta)


@mistake("bgrad-mean-of-delta", Step.BIASES, "the mean of delta is used for every bias", "∂L/∂b[l]_j = mean δ[l]")
def _(layer):
    """Do all biases of a layer have the same influence on the loss?

    The weights are right. All entries of the bias gradient are equal: they are the mean of delta.

    A mean over the units mixes biases that act on different units. There is nothing to average with a single example.
    """
    return layer.delta.mean(-1, keepdims=True) + 0 * layer.delta


@mistake("bgrad-times-b", Step.BIASES, "delta is multiplied by the bias", "∂L/∂b[l] = δ[l] ⊙ b[l]")
def _(layer):
    """What is the derivative of z with respect to the bias?

    The weights are right. Your bias gradient changes with the value of the bias.

    The bias is added, so its slope is one, whatever its value. You have multiplied by the bias itself.
    """
    return layer.delta * layer.bias


@mistake(
    "bgrad-times-sum-of-a", Step.BIASES, "the weight gradient is summed over its inputs", "∂L/∂b[l] = δ[l] Σ a[l-1]_i"
)
def _(layer):
    """Which input is attached to a bias?

    The weights are right. Your bias gradient is the sum of each row of the weight gradient.

    A bias can be seen as a weight whose input is always one. The inputs of the other weights do not appear in it.
    """
    return layer.delta * layer.before.sum(-1, keepdims=True)


@mistake("bgrad-sign-flipped", Step.BIASES, "the bias gradient has the wrong sign", "∂L/∂b[l] = −δ[l]", turns=True)
def _(layer):
    """Do your weights and your biases point in opposite ways?

    The weights are right. The biases have the right size and the wrong sign, so the sign appears after delta.

    The step against the gradient is taken by whoever uses it. What you store is the derivative itself, without a minus.
    """
    return -layer.delta


# The loop, what is stored, and the run as a whole: seen from signs; those without a function of their own are found
# by the matcher where it says so


def stored_layers(signs, expected):
    """Whether in every net that came to its end those layers are filled that `expected` says for its depth."""
    return any(depth > 1 for depth, _ in signs.stored) and all(
        levels in [set(e) for e in expected(depth)] for depth, levels in signs.stored
    )


@mistake("loop-only-output-layer", Step.LOOP, "the hidden layers are never done", "l = L")
def _(signs):
    """Which layers did you fill?

    Of every net only the last layer is stored, all others are empty.

    The last layer is where the way back begins. From there the error must travel on to the layers below, one after the
    other, down to the first.
    """
    return stored_layers(signs, lambda depth: [[depth]])


@mistake("loop-stops-before-layer-1", Step.LOOP, "the loop stops before the first layer", "l = L, …, 2")
def _(signs):
    """Which layers did you fill?

    The first layer is still empty when your function ends, all others are there.

    The end of a range is not part of it. A loop that counts down to the first layer has to name an end that lies one
    beyond.
    """
    return stored_layers(signs, lambda depth: [range(2, depth + 1), [1] if depth == 1 else range(2, depth + 1)])


@mistake(
    "loop-hard-coded-two-layers", Step.LOOP, "the code is written for two layers", "l = 2, 1", role=Role.TWO_LAYERS
)
def _(signs):
    """Try a net with three layers, or with one.

    With two layers your code does what it should. Nets of another depth fail, or are left half empty.

    The names of the two layers are written into your code. The net knows how many layers it has; count from there.
    """
    return False


@mistake(
    "loop-delta-not-updated",
    Step.LOOP,
    "the delta of the last layer is used in all of them",
    "e[l-1] = W[l]ᵀ δ[L]",
    role=Role.KEEPS_DELTA,
)
def _(signs):
    """Which delta enters layer l?

    With two layers all is right, with three it is not: the first layer is wrong.

    Each layer computes its own delta and hands it on. In your loop the one of the last layer is used again and again.
    """
    return False


@mistake(
    "loop-accumulates", Step.LOOP, "gradients are added to what was stored", "dL_dw[l] += ∂L/∂W[l]", role=Role.ADDS
)
def _(signs):
    """Call your function twice on the same example, and look at what is stored.

    The second call adds to what the first one has left.

    The dictionaries hold the gradient of this call. Adding up over several calls is another design, which the statement
    does not ask for.
    """
    return signs.second == "sum"


@mistake(
    "side-effect-updates-weights",
    Step.STORING,
    "the weights are updated inside",
    "W[l] ← W[l] − η ∂L/∂W[l]",
    role=Role.DESCENDS,
)
def _(signs):
    """Are the weights of the net the same after your function as before it?

    The parameters are changed by a small step along your gradients.

    The function only computes. The step of gradient descent belongs to whoever calls it, who may want to look at the
    gradients first.
    """
    return signs.changed and signs.learning_rate is not None


@mistake(
    "bgrad-keeps-batch-dim",
    Step.STORING,
    "the bias gradient keeps the axis of the examples",
    "∂L/∂b[l] of shape (1, n)",
    role=Role.KEEPS_AXIS,
)
def _(signs):
    """Compare the shape of your bias gradient with that of the bias.

    What you store has one dimension more than the bias, whatever numbers it holds.

    The net works on rows, with one row for each example. A bias has no such axis, so its gradient must not have one
    either.
    """
    return False


@mistake("store-string-keys", Step.STORING, "the layers are stored under texts", 'dL_dw["1"]')
def _(signs):
    """Where does the statement want the result, and under which key?

    The key under which you store is a text; the statement counts layers with numbers.

    The layers of the net are named by texts, because that container wants texts. The two dictionaries for the gradients
    have the numbers 1 to L as keys.
    """
    return "stored-under-a-text" in signs.notes


@mistake("store-returned-not-stored", Step.STORING, "the gradients are returned, not stored", "return dL_dw, dL_db")
def _(signs):
    """Where does the statement want the result?

    Your function gives the gradients back to its caller, and the two dictionaries of the net stay empty.

    Nobody looks at what the function returns. The result belongs into the two dictionaries of the net that was passed
    to it.
    """
    return "returned-and-not-stored" in signs.notes


@mistake("store-in-grad-attribute", Step.STORING, "the gradients are stored in .grad", "W.grad = ∂L/∂W")
def _(signs):
    """Where does the statement want the result?

    The attribute of the parameters into which autograd writes is filled, and the dictionaries of the net are empty.

    That attribute is the place for PyTorch's own gradients. Yours belong into the two dictionaries of the net, so that
    both can be compared.
    """
    return bool(signs.notes & {"put-into-grad-of-the-weight", "put-into-grad-of-the-bias"})


@mistake("store-overwrites-dict", Step.STORING, "a dictionary is replaced by a tensor", "model.dL_db = ∂L/∂b[l]")
def _(signs):
    """What type do the two dictionaries have after your function?

    One of them is not a dictionary any more: an assignment has put something else in its place.

    Assigning to the attribute replaces the whole dictionary, and each layer replaces the one before. Assign to an entry
    of it.
    """
    return "dictionary-replaced" in signs.notes


@mistake("uses-autograd", Step.RUN, "autograd was used", "loss.backward()", role=Role.BLOCKS)
def _(signs):
    """The exercise asks for your own derivation.

    The engine of PyTorch recorded operations while your function ran, as it does to differentiate them later.

    Autograd is a fine way to check your result, outside of this function. Inside it every number has to come from
    formulas of your own.
    """
    return signs.autograd


@mistake("autograd-called", Step.RUN, "autograd is asked for the gradient", "loss.backward()", role=Role.BLOCKS)
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


@mistake("uses-finite-differences", Step.RUN, "finite differences were used", "(L(w + h) − L(w)) / h", role=Role.BLOCKS)
def _(signs):
    """The exercise asks for your own derivation.

    The net was evaluated again and again while your function ran, as difference quotients need.

    Finite differences are a fine way to check your result, outside of this function. Inside it every number has to come
    from formulas of your own.
    """
    return signs.evaluations > 20


@mistake("nan", Step.RUN, "something stored is not a number", "NaN or infinity", role=Role.BLOCKS)
def _(signs):
    """Print your quantities one after the other, from the loss on. Which is the first that is not a number?

    Some of what you have stored is infinite or not a number.

    Logarithms and roots of negative numbers and divisions by zero give such values, and everything that is computed
    from them has them, too. None of these occurs in this derivation.
    """
    return not signs.finite


@mistake("nondeterministic", Step.RUN, "two calls give different results", "")
def _(signs):
    """Call your function twice on the same example. Is the result the same?

    The second call stores something else than the first one.

    A gradient is determined by the net and the example. Look for random numbers, or for something that still remembers
    an earlier call.
    """
    return signs.second == "other"


@mistake("infinite-loop", Step.RUN, "your function does not finish in time", "", role=Role.BLOCKS)
def _(signs):
    """Does your loop come nearer to its end in every turn?

    The time was over before your function came back. Slow code is possible, a loop without end more likely.

    Look at the condition of each loop, and at the variable that it depends on. If that is not changed in every turn,
    the loop cannot end.
    """
    return "timed-out" in signs.outcomes


@mistake("syntax-error", Step.RUN, "Python cannot read the file", "", role=Role.BLOCKS)
def _(signs):
    """Does the file run on its own?

    Python stops while it reads the file, before anything is computed.

    The message names a line. The mistake is often at its end, or at the end of the line above: a bracket or a colon, or
    the indentation.
    """
    refused = any(name in signs.messages for name in ("SyntaxError", "IndentationError", "TabError"))
    return refused and "here runs Python" not in signs.messages


@mistake("name-not-found", Step.RUN, "a name is not defined", "")
def _(signs):
    """Does the file run on its own, in a new session?

    Your function uses a name that nothing in the file defines.

    In a notebook a name may be left from a cell that has been deleted or changed. Start again with an empty memory and
    run everything once.
    """
    return "NameError" in signs.messages


@mistake("not-attempted", Step.RUN, "nothing is stored", "", role=Role.BLOCKS)
def _(signs):
    """What does your function store when it comes back?

    It ends without an error, and leaves the dictionaries of the net empty.

    Begin with the last layer: its two gradients need only the error, the slope and the input of the layer. The others
    follow by the same steps.
    """
    return bool(signs.stored) and not signs.notes and not any(levels for _, levels in signs.stored)
