"""What an author reads of a declaration or a formula that cannot be used: file, line, what is wrong, what to write."""

import pytest

from grader.assignment import load
from grader.errors import AssignmentError
from grader.key import builder
from grader.validation.layers import validate_layers

FORWARD, BACKWARD = (
    "layer_forward(x: N D, w: D M, y: int < M: N) -> out, cache",
    "layer_backward(dout, cache) -> dx, dw",
)
YAML = """title: A layer
version: 1
layers:
  layer:
    calls:
      - "{forward}"
      - "{backward}"
    points: {points}
"""
FORMULA = "import torch\n\n\ndef layer(x, w):\n    out = x @ w\n    return out\n"


def declared(forward=FORWARD, backward=BACKWARD, points="{out: 1, dx: 1, dw: 1}", more=""):
    return YAML.format(forward=forward, backward=backward, points=points) + more


def returning(text):
    return FORMULA.replace("    return out\n", text)


FORMULAS = {
    "is not there": ("def other(x, w):\n    return x @ w\n", 1, "write the forward formula, `def layer(...)`"),
    "is no Python": ("def layer(x, w):\n    return x @\n", 2, "SyntaxError"),
    "takes what is no input": (FORMULA.replace("x, w", "x, v"), 0, "takes `v`, which is no input; write what it is"),
    "has shapes that do not fit": (FORMULA.replace("x @ w", "x @ w.T"), 5, "(for x (4, 3), w (3, 5), y (4,))"),
    "has a name that torch does not have": (FORMULA.replace("x @ w", "torch.sigmod(x @ w)"), 5, "no attribute 'sigmod'"),
    "is written in numpy": ("import numpy as np\n\ndef layer(x, w):\n    return np.exp(x @ w)\n", 4, "write `torch.exp(x)`"),
    "draws random numbers": (returning("    return out * torch.rand(1)\n"), 4, "`m: mask 0.5: N D`"),
    "changes an input": (FORMULA.replace("    out", "    x *= 2\n    out"), 4, "write `x = ...` with a new tensor"),
    "gives nothing": (returning(""), 4, "returns nothing; let it return a tensor"),
    "gives a number of Python": (returning("    return 3.0\n"), 4, "returns a `float`"),
    "gives complex numbers": (returning("    return torch.fft.fft(out)\n"), 4, "let it give real ones"),
    "rounds to single precision": (returning("    return out.float()\n"), 4, "in the precision of the inputs"),
    "gives more than is named": (returning("    return out, x, w, out, x\n"), 4, "gives 5 values, the calls name out, cache"),
    "gives what no call names": (returning("    return {'oops': out}\n"), 4, "`oops`, which no call names; name it after `->`"),
    "is not defined where it is drawn": (returning("    return torch.log(out)\n"), 4, "`x: > 0: N D`"),
    "is steep steps": (returning("    return torch.sin(1e4 * out)\n"), 4, "smooth almost everywhere"),
    "is cut off from its inputs": (returning("    return out.detach()\n"), 4, "without `.detach()`"),
    "takes a value out of torch": (returning("    return out * x.sum().item()\n"), 4, "let it compute in tensors throughout"),
    "does not depend on an input": (FORMULA.replace("x @ w", "x @ torch.ones_like(w)"), 4, "does not depend on `w`: use it"),
}  # fmt: skip
DECLARATIONS = {
    "a bracket that is not closed": (declared("layer_forward(x: N D -> out"), 6, "a bracket is not closed"),
    "a call without brackets": (declared("layer_forward x -> out"), 6, "calls are written `relu_forward(x) -> out, cache`"),
    "a definition in place of a call": (declared("def layer_forward(x: N D) -> out"), 6, "calls are written"),
    "Python in place of an arrow": (declared("out = layer_forward(x: N D)"), 6, "neither a name nor a value"),
    "axes that are no letters": (declared("layer_forward(x: N/D) -> out"), 6, "write axes as letters"),
    "an input without letters": (declared("layer_forward(x, w: D M) -> out, cache"), 4, "takes `x`, which is no input"),
    "an axis without entries": (declared(FORWARD.replace("x: N D", "x: N D-9")), 4, "give larger `sizes`"),
    "an input that is declared twice": (declared(FORWARD.replace("w: D M", "x: D M")), 4, "declare it once"),
    "points for nothing": (declared(points="{dx: 1, dv: 1}"), 8, "`dv` has points, but no call gives it"),
    "points for what is no gradient": (declared(backward=BACKWARD.replace("dw", "dv"), points="{dv: 1}"), 4,
                                       "nor the gradient of an input; these are out, dx. Name it so"),
    "a gradient of labels": (declared(backward=BACKWARD.replace("dw", "dy"), points="{dy: 1}"), 4, "`y` is an integer"),
    "axes of what arrives": (declared(backward="layer_backward(dout: N M, cache) -> dx, dw"), 4, "leave out what stands after"),
    "a loss with several entries": (declared("layer_loss(x: N D, w: D M) -> out, dx", ".dw -> dw"), 0, "or let the formula give"),
    "sizes of no axis": (declared(more="    sizes: {Q: [3]}\n"), 4, "`sizes` has `Q`, which is no axis"),
    "sizes that are a number": (declared(more="    sizes: {N: 3}\n"), 9, "write a list, `[3]`"),
    "no sizes": (declared(more="    sizes: {N: []}\n"), 9, "is empty; write one at least"),
    "sizes that are too large": (declared(more="    sizes: {N: [500], D: [500]}\n"), 0, "give smaller `sizes`"),
    "a call without quotes": (declared().replace('"', ""), 6, "in quotes"),
    "helpers that are not there": (declared(more="    uses: [relu]\n"), 4, "uses `relu`; other layers are none"),
}  # fmt: skip


def told(folder, yaml, formulas):
    place = folder / "assignments/layer"
    place.mkdir(parents=True)
    (place / "assignment.yaml").write_text(yaml)
    (place / "formulas.py").write_text(formulas)
    try:
        flaws = [flaw for item in validate_layers(load(folder, "layer")) for flaw in item.problems]
    except AssignmentError as error:
        return str(error)
    return "\n".join(map(str, flaws))


@pytest.mark.parametrize("case", FORMULAS)
def test_a_formula_that_cannot_be_used_is_told_with_its_line(tmp_path, case):
    formulas, line, words = FORMULAS[case]
    message = told(tmp_path, declared(), formulas)
    assert words in message
    assert f"formulas.py:{line}: " in message or not line


@pytest.mark.parametrize("case", DECLARATIONS)
def test_a_declaration_that_cannot_be_used_is_told_with_its_line(tmp_path, case):
    yaml, line, words = DECLARATIONS[case]
    message = told(tmp_path, yaml, FORMULA)
    assert words in message
    assert f"assignment.yaml:{line}: " in message or not line
    assert message.count("\n") == 0


TWICE = """    inputs: {w: 3}
    calls:
      - "layer(x: N 3, w, {first}) -> out, cache"
      - "layer_back(dout, cache) -> dx, dw"
      - "layer(x, w, {second}) -> more, _"
    points: {dx: 1, dw: 1, more: 1}
"""
TWO_OUTPUTS = "def layer(x, w):\n    return {'out': x * w, 'more': x + w}\n"


@pytest.mark.parametrize(("first", "second", "words"), [
    ("'train'", "'test'", ""),
    ("{'mode': 1}", "{'mode': 0}", ""),
    ("'test'", "'test'", "let a fixed value tell them apart"),
])  # fmt: skip
def test_of_two_calls_of_one_function_each_gives_its_own_output_or_it_is_told_that_they_are_alike(
    tmp_path, first, second, words
):
    calls = TWICE.replace("{first}", first).replace("{second}", second)
    message = told(tmp_path, f"title: A layer\nversion: 1\nlayers:\n  layer:\n{calls}", TWO_OUTPUTS)
    assert words in message
    assert bool(words) == bool(message)


def test_what_is_right_is_not_complained_of(tmp_path):
    builder.prepare()
    assert not told(tmp_path, declared(), FORMULA)
