"""What the four functions give where nothing is derived: autograd differentiates the exercise's own formulas.

Students' own checks get their expected numbers so. It does not run where submissions do.
"""

import torch

from grader.machine import differentiated


def submission(exercise, reading):
    """The entry points; `reading` tells what the mean of MSE is taken over."""
    mean = next((mean for mean, words in exercise.READINGS.items() if words == reading), exercise.by_column)
    formulas = {"MSE": mean, "Linear": exercise.affine, "Tanh": torch.tanh, "ReLU": torch.relu}
    return {entry: differentiated(formula) for entry, formula in formulas.items()}
