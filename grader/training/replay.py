"""Is a trace that of a training on these very data? Pure: what was recorded is computed again from the answer key.

A trace comes from the process of the submission, which may send one that was recorded elsewhere. Of each training on
the given rows it holds some predictions and the gradients that arrived at them. The data of a grading are drawn by its
seed, so these fit no other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from grader.wire.trace import TEST, Meeting, Trace, Training

Floats = NDArray[np.float64]
_NEAR = 5e-3
"""How far a slope may be off, relative to the largest of its meeting."""


def is_replayed(trace: Trace, inputs: Mapping[str, Floats]) -> bool:
    """Whether a training says that it is one on the given data, and what it recorded does not follow from these.

    What is trained on the script's own rows cannot be checked, and is believed.
    """
    known = _targets(inputs)
    if not known:
        return False
    return any(not _holds(run, known, inputs["datax"]) for run in trace.runs)


def _targets(inputs: Mapping[str, Floats]) -> dict[int, float]:
    """The target of each row, where there is one a row."""
    pairs = (("datay", 0), ("testy", TEST))
    told = {
        shift + row: float(value)
        for name, shift in pairs
        for row, value in enumerate(inputs.get(name, np.empty(0)).reshape(-1))
    }
    return told if "datax" in inputs and len(inputs["datax"]) == inputs.get("datay", np.empty(0)).size else {}


def _holds(run: Training, targets: Mapping[int, float], table: Floats) -> bool:
    """Whether all that was recorded of a training fits, and something was, where it says that it is on these data."""
    n = run.counts
    if not run.meetings and not n.own_data and n.averaged + n.halved:
        return False
    return all(_is_right(meeting, targets) and _is_linear(run, meeting, table) for meeting in run.meetings)


def _is_right(meeting: Meeting, targets: Mapping[int, float]) -> bool:
    """Whether the slope at each prediction is 2 (prediction - target), the target being that of its row."""
    found = [targets.get(int(row)) if np.isfinite(row) else None for row in meeting.rows]
    if not found or None in found:
        return False
    target = np.array(found, np.float64)
    wanted = 2 * (meeting.prediction - target)
    rounding = 1e-5 * float(np.abs(meeting.prediction).max() + np.abs(target).max())
    return bool(np.all(np.abs(meeting.slope - wanted) <= _NEAR * float(np.abs(wanted).max()) + rounding))


def _is_linear(run: Training, meeting: Meeting, table: Floats) -> bool:
    """Whether predictions of many rows are what a linear model can give for these, if the training is of one."""
    rows = meeting.rows.astype(int)
    if run.path != "L" or len(rows) <= 2 * table.shape[1] or (rows >= len(table)).any() or run.counts.own_data:
        return True
    columns = np.c_[table[rows], np.ones(len(rows))]
    with np.errstate(all="ignore"):
        rest = meeting.prediction - columns @ np.linalg.lstsq(columns, meeting.prediction, rcond=None)[0]
    return bool(np.all(np.abs(rest) <= 1e-3 * float(np.abs(meeting.prediction).max())))
