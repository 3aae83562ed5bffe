"""A backward pass is linear in the upstream gradient; what is not finite is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.judging.objections import CHECKS
from grader.records import Estimate, Expectation, Observation, Outcome, Rule

V1, V2 = np.array([1.0, -2.0]), np.array([0.5, 3.0])
RIGHT = np.stack([V1, V2, V1 + V2, -3 * V1, 0 * V1])
EXPECTED = Expectation(
    "linear", "upstream", Rule.LINEAR, "dx", Estimate(RIGHT, RIGHT * 0 + 1e-12), Estimate(RIGHT, RIGHT * 0 + 1e-5)
)


def objection(observed):
    seen = Observation(Outcome.RETURNED, arrays={"dx": np.asarray(observed)})
    return CHECKS[Rule.LINEAR](EXPECTED, seen, (replace(EXPECTED, rule=Rule.GRADIENT, quantity="dx"),))


@pytest.mark.parametrize("factor", [1.0, 2.0, -7.5, 1e6])
def test_any_multiple_is_linear(factor):
    assert objection(factor * RIGHT) is None


@pytest.mark.parametrize("entry", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("place", [(0, 0), (2, 1), (4, 0), np.s_[:]])
def test_what_is_not_finite_is_not_linear(entry, place):
    observed = RIGHT.copy()
    observed[place] = entry
    assert objection(observed)


def test_a_gap_beyond_all_numbers_is_one():
    assert objection(np.sign(RIGHT) * 1.7e308)
