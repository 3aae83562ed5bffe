"""The probes of the exercise, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

import numpy as np
import torch
from torch.autograd import Function

from grader.kit.calling import apply
from grader.kit.functions import FunctionPart

__all__ = ["Function"]


def formula(x):
    """What forward is to compute. Change it: the oracles differentiate this, weighed by the incoming gradient."""
    return x * x


# The first word of a check is what the part reports, the second its id in assignment.yaml.
CHECKS = {"value": "forward", "x": "backward", "own": "own", "untouched": "untouched"}


class function:  # noqa: N801  a family of parts, named as in the probes
    """The class called in two ways: with a plain context, and by autograd."""

    context = FunctionPart("TemplateExercise", ("x",), formula, CHECKS)
    apply = FunctionPart("TemplateExercise", ("x",), formula, {"value": "forward", "x": "backward"}, through=apply)


def probes(rng):
    """What a submission is tried on. Draw everything from `rng`, and keep away from kinks and from what hides mistakes.

    Rows and columns are of different lengths, so that it shows if one is taken for the other.
    """
    for way in ("context", "apply"):
        for shape in ((4, 3), (2, 5)):
            x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2.0, shape)
            size = x.size
            yield {
                "name": f"{way} {shape}",
                "title": f"{way}, shape {shape}",
                "part": f"function.{way}",
                "inputs": {"x": x, "grad_output": upstream(rng, size)},
                "public": shape == (4, 3),
            }


def upstream(rng, size):
    """Incoming gradients, a row for each call: of both signs, of sizes from 0.1 to 10, none of them all ones."""
    return rng.choice([-1.0, 1.0], (2, size)) * 10 ** rng.uniform(-1, 1, (2, size))
