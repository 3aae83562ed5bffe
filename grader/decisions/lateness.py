"""How much being late takes off. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.decisions.record import What
from grader.decisions.standing import Standing

_DAY = 24.0


@dataclass(frozen=True)
class LateRule:
    """`percent` of the points for each day begun, at most `cap`; up to `grace` hours cost nothing."""

    percent: float
    cap: float
    grace: float

    def days(self, hours: float) -> int:
        """How many days are charged to somebody who was so many hours late."""
        return 0 if hours <= self.grace else math.ceil(hours / _DAY - 1e-9)

    def penalty(self, hours: float) -> float:
        """Percent of the points that are taken off."""
        return min(self.cap, self.days(hours) * self.percent)


def late_rule(standing: Standing) -> LateRule | None:
    """The rule of the class; None where there is none, or two."""
    rule = standing.on((What.LATE_RULE, "", ""))
    return LateRule(rule.percent or 0.0, rule.cap or 0.0, rule.grace or 0.0) if rule else None


def late_penalty(standing: Standing, name: str, *, marked: bool) -> float:
    """Percent of the points that the rule of the class takes off one report.

    A mark without a time is beyond any grace: the system gave its own.
    """
    rule = late_rule(standing)
    if rule is None:
        return 0.0
    told = standing.on((What.LATE, name, ""))
    if told is not None:
        return rule.penalty(told.hours or 0.0)
    return min(rule.cap, rule.percent) if marked else 0.0
