"""The known mistakes of TemplateExercise: each replaces one step; its docstring is a nudge, a pointer, an explanation.

A mistake maps a point, with the input `p.x`, the incoming gradient `p.g`, the value `p.value` and the slope `p.slope`
that the step before gave, to what the step gives instead. The more common ones of a step come first.
"""

from grader.diagnosis.functions import FunctionCatalogue, FunctionStep, Kind, Subject

# The name in reports, the part of the probes up to the dot, and the arguments of forward.
SUBJECTS = (Subject("TemplateExercise", "function", ("x",)),)
VALUE = FunctionStep(
    "TemplateExercise",
    Kind.VALUE,
    "y = x²",
    "Evaluate your forward on two numbers with a pencil, and compare.",
)
SLOPE = FunctionStep(
    "TemplateExercise",
    Kind.SLOPE,
    "dy/dx = 2 x",
    "Differentiate the formula of the statement for a single number, and compare with a small difference.",
    right=lambda p: 2 * p.x,
)
CHAIN = FunctionStep(
    "TemplateExercise",
    Kind.CHAIN,
    "∂L/∂x = g ⊙ dy/dx",
    "Your class is one link of a chain: what arrives from above is a factor of what you hand on.",
)
CATALOGUE = FunctionCatalogue.of_steps(SUBJECTS, (VALUE, SLOPE, CHAIN))
mistake = CATALOGUE.variant


@mistake("value-halved", VALUE, "the value is half of what it should be", "y = x²/2")
def _(p):
    """What does your forward give for one?

    It gives half of what it should, everywhere.

    A factor of one half makes the derivative look nicer, and is not in the statement.
    """
    return p.x**2 / 2


@mistake("slope-factor-missing", SLOPE, "the exponent does not come down", "dy/dx = x")
def _(p):
    """Compare the size of your gradient with the expected one.

    It is the same fraction of it everywhere.

    When a power is differentiated its exponent becomes a factor, and is not in your result.
    """
    return p.x


@mistake("slope-is-the-value", SLOPE, "the value is used as the slope", "dy/dx = x²")
def _(p):
    """Can the slope of this function be negative?

    Yours never is, whatever the input.

    You hand on the value of the function where its slope is wanted. They are two different functions of the input.
    """
    return p.x**2


@mistake("upstream-ignored", CHAIN, "the incoming gradient is not used", "∂L/∂x = dy/dx")
def _(p):
    """Suppose the loss is doubled. What should happen to your gradient?

    It does not change.

    With a sum as the loss every incoming number is one, and nobody notices. In a network it is not.
    """
    return p.slope
