"""What people decided about the reports of a folder: a record that only grows, and what follows from it."""

from __future__ import annotations

from grader.decisions.log import FILE, DecisionLog
from grader.decisions.record import Decision, What
from grader.decisions.standing import Standing

__all__ = ["FILE", "Decision", "DecisionLog", "Standing", "What"]
