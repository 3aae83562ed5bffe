"""A table of numbers that students fit, read from a file beside an exercise."""

from pathlib import Path

import numpy as np


def standardised(file: Path, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The columns `x` and the column `y` of a table, each with mean 0 and variance 1; a fifth of the rows for the test.

    Args:
        file: an `.npz` with `x`, shape (n, columns), and `y`, shape (n,).
        rng: which rows are kept for the test.
    """
    with np.load(file) as data:
        x, y = data["x"], data["y"][:, None]
    x, y = ((a - a.mean(0)) / a.std(0) for a in (x, y))
    train, test = np.split(rng.permutation(len(x)), [len(x) * 4 // 5])
    return {"x": x[train], "y": y[train], "x_test": x[test], "y_test": y[test]}
