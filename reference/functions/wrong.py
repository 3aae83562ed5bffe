"""Code that makes those known mistakes of `functions` that no wrong submission among the tests makes."""

from pathlib import Path

from grader.validation.wrong_code import edited

RIGHT = Path(__file__).with_name("solution.py").read_text(encoding="utf-8")
RELU, TANH = "relu_grad(g, relu_slope(x))", "return 1 - a * a"

WRONG = (
    (
        "state-on-class",
        edited(RIGHT, ("ctx.save_for_backward(a)", "Tanh.a = a"), ("(a,) = ctx.saved_tensors", "a = Tanh.a")),
    ),
    ("linear-grad-b-ones", edited(RIGHT, ("return g.sum(0)", "return torch.ones_like(g[0])"))),
    ("relu-step-constant", edited(RIGHT, (RELU, "0 * g"))),
    ("relu-upstream-ignored", edited(RIGHT, (RELU, "relu_slope(x)"))),
    ("tanh-1-minus-x2", edited(RIGHT, ("ctx.save_for_backward(a)", "ctx.save_for_backward(x)"))),
    ("tanh-sigmoid-rule", edited(RIGHT, (TANH, "return a * (1 - a)"))),
    ("tanh-sign-inside", edited(RIGHT, (TANH, "return 1 + a * a"))),
)
