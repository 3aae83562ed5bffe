"""Code that makes those known mistakes of `relu` that no wrong submission among the tests makes."""

from pathlib import Path

from grader.validation.wrong_code import edited

RIGHT = Path(__file__).with_name("solution.py").read_text(encoding="utf-8")
ENTRIES = "Function, Module = MyReLUFunction, MyReLU  # the entry points, by the names that the assignment gives them\n"
RIGHT = edited(RIGHT, (ENTRIES, ""))
KEPT, APPLY, UNPACK = "ctx.save_for_backward(passes(x))", "return MyReLUFunction.apply(x)", "(open_units,) ="
FUNCTION = RIGHT[RIGHT.index("class MyReLUFunction") : RIGHT.index("class MyReLU(")]
RULE = "return x * (x > 0)\n\n    def backward(self, g):\n        return g\n"

WRONG = (
    ("backward-in-module", edited(RIGHT, (FUNCTION, ""), (APPLY, RULE))),
    ("ctx-attribute-missing", edited(RIGHT, (KEPT, "ctx.open = passes(x)"), ("ctx.saved_tensors", "(ctx.opened,)"))),
    ("function-missing", edited(RIGHT, (FUNCTION, ""), (APPLY, "return x * (x > 0)"))),
    ("function-object-called", edited(RIGHT, (APPLY, "return MyReLUFunction()(x)"))),
    ("name-not-defined", edited(RIGHT, (UNPACK, "(opened,) ="))),
    ("self-in-static-method", edited(RIGHT, ("= ctx.saved_tensors", "= self.saved_tensors"))),
)
