"""What an update may be, one rule a file: what it allows, and what it objects to. Pure: numbers in, facts out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.training.rules.downhill import Downhill
from grader.training.rules.plain import PlainDescent
from grader.wire.facts import Fact
from grader.wire.trace import Update

RULES = (PlainDescent(), Downhill())
"""An update is right if one of these allows it; the objection is that of the first."""


def update_objection(updates: Sequence[Update]) -> Fact | None:
    """What is wrong with a series of updates that began with the first of a training."""
    if not updates:
        return None
    if not all(_is_finite(update) for update in updates):
        updates = updates[:1]
        if not _is_finite(updates[0]):
            return Fact("update-no-number")
    if any(rule.allows(updates) for rule in RULES):
        return None
    return RULES[0].objection(updates)


def _is_finite(update: Update) -> bool:
    return bool(np.isfinite(np.concatenate([update.change, update.gradient, update.fresh])).all())
