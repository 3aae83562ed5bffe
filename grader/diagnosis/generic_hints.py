"""What is said of mistakes that are found from a formula: a title, and a nudge, a pointer and an explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.diagnosis.generic_hints_fr import FR

Texts = tuple[str, str, str, str]
"""Title, nudge, pointer, explanation, with places for `gradients`, `where`, `factor`, and what stands there `instead`."""

EN: Mapping[str, Texts] = {
    "zero": (
        "One path on the way back is not followed",
        "{gradients}: does the loss depend on it in more ways than you followed?",
        "Look at the step {where}: nothing of what arrives there is passed on.",
        "Every place in which a value is used sends a gradient back, and these are added. What is passed {where} is"
        " missing from {gradients}.",
    ),
    "minus": (
        "A sign is the opposite of what it should be",
        "{gradients}: follow the signs.",
        "Look at the step {where}: the sign changes there, or should not.",
        "What is passed {where} has the opposite sign in {gradients}. The derivative of a - b by b is -1, that of 1/b"
        " is -1/b^2.",
    ),
    "twice": (
        "A factor 2 is too much",
        "{gradients}: what is the derivative of a square, and is anything counted twice?",
        "Look at the step {where}: what is passed on there is twice what it should be.",
        "What is passed {where} is doubled in {gradients}. Either a factor 2 does not belong there, or something is"
        " added a second time.",
    ),
    "half": (
        "A factor 2 is missing",
        "{gradients}: what is the derivative of a square, and is everything counted that is used twice?",
        "Look at the step {where}: what is passed on there is half of what it should be.",
        "What is passed {where} is halved in {gradients}. The derivative of x^2 is 2 x; of what is used twice, both"
        " gradients are added.",
    ),
    "times": (
        "A mean is missing: all of it is too large",
        "{gradients}: is it a sum or a mean?",
        "Look at the step {where}: a division by {factor} is missing, or something was multiplied by it.",
        "What is passed {where} is {factor} times what it should be in {gradients}. A mean over n numbers passes 1/n"
        " of what arrives to each of them.",
    ),
    "over": (
        "A division too many: all of it is too small",
        "{gradients}: is it a sum or a mean?",
        "Look at the step {where}: there is a division by {factor} that does not belong there.",
        "What is passed {where} is divided by {factor} in {gradients}. A sum passes what arrives on to each of its"
        " terms as it is.",
    ),
    "factor": (
        "A constant factor is wrong",
        "{gradients}: is there a constant that does not belong there?",
        "Look at the step {where}: what is passed on there is {factor} times what it should be.",
        "What is passed {where} is {factor} times what it should be in {gradients}, in every trial.",
    ),
    "no-slope": (
        "A step is passed over: its slope is left out",
        "{gradients}: is every step of the chain rule there?",
        "Look at the step {where}: what arrives there is passed on as it is.",
        "The chain rule multiplies what arrives by the slope of the step. {where_too}, that factor is missing in"
        " {gradients}.",
    ),
    "no-arriving": (
        "What arrives from above is left out",
        "{gradients}: is every step of the chain rule there?",
        "Look at the step {where}: the slope is passed on, without what arrives.",
        "The chain rule multiplies the slope of a step by the gradient that arrives. {where_too}, that gradient is left"
        " out in {gradients}.",
    ),
    "slope-sign": (
        "A sign in a slope is wrong",
        "{gradients}: what is the slope of the function, as a formula of what it gives out?",
        "Look at the step {where}: there is a plus in the slope that must be a minus.",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " a sign is the opposite.",
    ),
    "slope-part": (
        "A slope is not complete",
        "{gradients}: what is the slope of the function, as a formula of what it gives out?",
        "Look at the step {where}: a part of the slope is missing.",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " a part of it is missing.",
    ),
    "slope-at-output": (
        "A slope is taken at the wrong place",
        "{gradients}: at which number is the slope taken?",
        "Look at the step {where}: is the slope that of the input of the function, or of what it gave out?",
        "The slope of f at x is f'(x). {where_too}, it is taken at f(x) instead.",
    ),
    "slope-of-input": (
        "A slope is computed from the wrong number",
        "{gradients}: of which number is the slope a formula?",
        "Look at the step {where}: which number do you put into the formula of the slope?",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " its input stands in the place of y.",
    ),
    "transposed": (
        "A matrix must be transposed",
        "{gradients}: look at the shapes, and at what belongs to rows and to columns.",
        "Look at the step {where}: one of the two matrices has to be transposed.",
        "For c = a @ b, what comes back to a is dc @ b^T, and to b it is a^T @ dc. {where_too}, one is not transposed; here"
        " it is square, so the shapes do not tell.",
    ),
    "overwritten": (
        "What is looked up twice must be added",
        "{gradients}: what if the same index occurs twice?",
        "Look at the step {where}: of several gradients for one row, only one is kept.",
        "A row that is looked up several times gets the sum of all that comes back to it. Assignment by an index keeps"
        " one of them, and so does `dW[i] += g`; numpy has np.add.at, torch index_add_.",
    ),
    "diagonal": (
        "A softmax depends on all of its inputs",
        "{gradients}: does one output of the softmax depend on one input alone?",
        "Look at the step {where}: each entry is treated as if it depended on itself only.",
        "The derivative of y_i by x_j is y_i (1 - y_i) for i = j, and -y_i y_j otherwise. {where_too}, the second part is"
        " missing.",
    ),
    "slope-of-another": (
        "A slope is that of another function",
        "{gradients}: whose slope is it that you multiply by?",
        "Look at the step {where}: is the slope that of a sigmoid, or of tanh?",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " the one stands in the place of the other.",
    ),
    "row-sum": (
        "What a softmax subtracts on the way back is missing or wrong",
        "{gradients}: one output of a softmax depends on all of its inputs; is all of that there?",
        "Look at the step {where}: before the product with the softmax, one number is taken off each row of what arrives;"
        " which, with which sign, and over which axis is it a sum?",
        "For y = softmax(x), what comes back to x is y (dy - sum(dy y)): the sum runs over the axis of the softmax, and over"
        " products of what arrives with y. {where_too}, it is missing or another one.",
    ),
    "part": (
        "A derivative that has two parts is not complete",
        "{gradients}: the derivative is a sum of two parts; are both there, with the right signs?",
        "Look at the step {where}: of the two parts of its derivative, one is missing or has the opposite sign.",
        "A product such as x f(x) has the derivative f(x) + x f'(x), and the cross-entropy of a softmax gives p minus one at"
        " the right class. {where_too}, one of the two is missing or has the opposite sign.",
    ),
    "mask": (
        "What arrives passes at the wrong places",
        "{gradients}: where does ReLU pass on what arrives?",
        "Look at the step {where}: by which numbers, and on which side of zero, do you choose what is passed on?",
        "ReLU passes on what arrives where its own input is above zero, and nothing elsewhere. {where_too}, it is another"
        " choice.",
    ),
    "threshold": (
        "A comparison is made with zero",
        "{gradients}: from which number on does the formula change its way?",
        "Look at the step {where}: which number do you compare with?",
        "The formula changes its way at a number that is not zero. {where_too}, {gradients} came out as if it were zero.",
    ),
    "window-share": (
        "The largest of a window gets all that arrives",
        "{gradients}: which number of a window does the maximum depend on?",
        "Look at the step {where}: all numbers of a window get something.",
        "A maximum depends on the largest number alone: that one gets what arrives, the others nothing. {where_too}, all of"
        " a window get a gradient.",
    ),
    "flipped": (
        "A filter is the wrong way round",
        "{gradients}: which entry of the filter met which number on the way forth?",
        "Look at the step {where}: rows and columns of the filter are turned around, or should be.",
        "On the way back each number meets the same entry of the filter as on the way forth; as one slides the filter over"
        " what arrives, it must be turned around. {where_too}, it is the other way round.",
    ),
    "own-factors": (
        "The factors of a product are exchanged",
        "{gradients}: what is the derivative of a product by one of its factors?",
        "Look at the step {where}: which factor is multiplied with what goes back to which?",
        "For c = a b, what comes back to a is dc b, and to b it is dc a. {where_too}, it is the other way round.",
    ),
    "left-out": (
        "A factor is left out on the way back",
        "{gradients}: by which inputs is it multiplied on the way forth?",
        "Look for `{step}`, by which what goes on was multiplied: it is nowhere in what comes back.",
        "For c = a b, what comes back to a is dc b. `{step}` is such a factor, and left out in {gradients}.",
    ),
    "parts-exchanged": (
        "Two parts are put together in another order",
        "{gradients}: in which order were the parts taken apart on the way forth?",
        "Look at the step {where}: two parts stand in each other's place.",
        "What is taken apart on the way forth is put together on the way back, in the same order. {where_too}, two parts"
        " are exchanged.",
    ),
    "one-stays": (
        "Of what must be added, one contribution alone is kept",
        "{gradients}: how often is it used, and is everything added that comes back?",
        "Look at the step {where}: is there a `=` where `+=` belongs, or is one example, place or step alone looked at?",
        "What is used several times, by all examples, at all places or at all steps, gets the sum of all that comes back."
        " {where_too}, one contribution (or those of one row) is all that is left in {gradients}.",
    ),
    "power": (
        "A factor is there once too often, or missing",
        "{gradients}: look at the powers and at what is divided by what.",
        "Look at the step {where}: what is passed on there is off by `{instead}`, or by its square, as a factor.",
        "The derivative of x^n is n x^(n-1), that of 1/x is -1/x^2, that of sqrt(x) 1/(2 sqrt(x)). {where_too}, there is"
        " `{instead}` too often or not often enough: a power is wrong, or a quantity is used that holds it already.",
    ),
    "operand": (
        "Another quantity stands where one belongs",
        "{gradients}: look at which quantity you multiply by.",
        "Look at the step {where}: is `{instead}` what belongs there?",
        "For c = a b, what comes back to a is dc b: the other factor, as it was on the way forth. {where_too}, `{instead}`"
        " stands in its place.",
    ),
    "exchanged": (
        "Two gradients are exchanged",
        "{gradients}: which is which?",
        "{gradients}: each has the numbers that belong to the other. Look at the order in which you give them out, and at"
        " which factor goes with which.",
        "{gradients} are right, but for their places: each is where the other belongs.",
    ),
    "instead": (
        "A gradient is that of something else",
        "{gradients}: whose gradient is it?",
        "{gradients} has the numbers of `{instead}`, which is right in its own place.",
        "What stands in {gradients} is the gradient that belongs to `{instead}`.",
    ),
    "not-summed": (
        "A sum over an axis is missing",
        "{gradients}: what shape must it have?",
        "{gradients} has an axis too many: how often is the value used along it?",
        "What is used for all along an axis gets the sum of all that comes back along it. Summed over one of its axes,"
        " {gradients} would be right.",
    ),
    "summed-too-far": (
        "A sum runs over too many axes",
        "{gradients}: what shape must it have?",
        "{gradients} has an axis too few: over which axes must it be summed?",
        "A gradient has the shape of what it belongs to. In {gradients} numbers are added that belong to different entries.",
    ),
    "turned": (
        "A gradient is the transpose of what it should be",
        "{gradients}: what shape must it have?",
        "{gradients} is right but for its axes: rows stand as columns.",
        "A gradient has the shape of what it belongs to. The transpose of {gradients} would be right.",
    ),
}  # fmt: skip
_WHERE: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("from `{step}` back to `{operand}`", "at the very start, into `{operand}`", " or ", "within `{step}`"),
    "fr": ("de `{step}` vers `{operand}`, au retour", "tout au début, vers `{operand}`", " ou ", "dans `{step}`"),
}  # fmt: skip


def told(
    kind: str, factor: str, steps: Sequence[tuple[str, str, str]], quantities: Sequence[str]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The title in English, and for each language three texts.

    Args:
        kind: `edge`, or how a step is done in another way.
        factor: at an edge: `zero`, `times N`, `over N D`, or a number.
        steps: the expressions between which it may be, `xhat` and `x - mu`, and what stands there instead.
        quantities: the gradients that it makes wrong.
    """
    word, _, letters = factor.partition(" ")
    which = kind if kind != "edge" else word if word in EN else "factor"
    factor = " ".join(letters.split()).replace(" ", "·") or factor
    instead = "`, `".join(dict.fromkeys(each for _, _, each in steps if each))
    hints: dict[str, tuple[str, ...]] = {}
    for language, texts in (("en", EN[which][1:]), ("fr", FR[which])):
        where = _WHERE[language][2].join(dict.fromkeys(_place(language, step, at) for step, at, _ in steps))
        values = {
            "gradients": ", ".join(quantities),
            "where": where,
            "factor": factor,
            "instead": instead,
            "step": steps[0][0],
        }
        hints[language] = tuple(text.format(**values, where_too=where[0].upper() + where[1:]) for text in texts)
    return EN[which][0], hints


def _place(language: str, step: str, operand: str) -> str:
    between, beginning, _, within = _WHERE[language]
    if not step:
        return beginning.format(operand=operand)
    return within.format(step=step) if step == operand else between.format(step=step, operand=operand)
