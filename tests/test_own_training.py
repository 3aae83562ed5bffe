"""The training loop that a submission brings: remarks where something is proved to be wrong, and never a point."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch

from grader.records import Outcome
from grader.training.remarks import remarks_on_training
from grader.watch.running.limits import EndOfTime
from grader.watch.training.by_hand import FunctionsByHand
from tests.conftest import assignment_and_key, words_of
from tests.corpus import cases, handed_in, header
from tests.test_corpus import TOLD

WITH_A_LOOP = ("functions", "mlp", "relu")
WAITING = {"mlp/loops/holds_on.py"}
"""Those that have to be stopped from outside."""


@pytest.fixture
def grade_case(graders):
    return lambda case, **limits: graders(case.split("/")[0])(handed_in(case), **limits)


@pytest.mark.parametrize("case", cases("loops"))
def test_a_loop_costs_nothing_and_what_is_wrong_with_it_is_told(case, grade_case):
    report = grade_case(case, **({"seconds": 4} if case in WAITING else {}))
    assert report.score == report.out_of, report.findings
    assert report.outcome == Outcome.RETURNED, words_of(report)
    assert report.policy == ()
    told = [remark for remark in map(words_of, report.remarks) if remark.startswith(TOLD)]
    words = header(case, "remark")
    assert len(told) == bool(words), told
    assert all(words in remark for remark in told), told


@pytest.mark.parametrize("slug", WITH_A_LOOP)
def test_the_loop_is_run_last_for_no_points(slug):
    probes = assignment_and_key(slug)[1].probes
    assert probes[-1].part == "own_training"
    assert not probes[-1].graded


def told_of(**facts: float) -> list[str]:
    arrays = {name.replace("_", " "): np.array(value, dtype=np.float64) for name, value in facts.items()}
    return list(map(words_of, remarks_on_training(arrays, right=True)))


def test_a_remark_carries_few_digits_of_what_a_submission_says_of_its_loop():
    (uphill,) = told_of(uphill=1001, rate=0.0123456789, first_loss=1.23456789, last_loss=98765.4321)
    assert "each of more than 1000 updates adds 0.012 times" in uphill
    assert "the loss rises from 1.2 to 99000." in uphill
    (uphill,) = told_of(uphill=7, rate=1, first_loss=1.21, last_loss=1.22)
    assert "the loss rises a little from 1.2." in uphill
    (stale,) = told_of(stale=999, updates=1000)
    assert "at 999 of 1000 updates" in stale


@pytest.mark.parametrize("number", [123456789.0, 100_001.0, 3.5, float("nan"), float("inf"), -1.0])
def test_what_is_no_count_is_ignored(number):
    assert told_of(stale=3, updates=number) == []
    assert told_of(spread=1, predictions=number) == []
    assert told_of(skipped=number, shared=number) == []


class Stack:
    """A context that keeps what several layers put into it."""

    def __init__(self):
        self.kept = []


class Linear:
    stops = None

    @staticmethod
    def forward(ctx, x, w, b):
        ctx.kept.append((x, w))
        return x @ w + b

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.kept.pop()
        if Linear.stops and not ctx.kept:
            raise Linear.stops
        return g @ w.T, x.T @ g, g.sum(0)


@pytest.mark.parametrize(("stops", "told"), [(None, 0), (EndOfTime, 0), (ValueError, 1)])
def test_a_layer_that_the_end_of_time_stops_is_not_held_against_its_context(stops, told):
    watch = FunctionsByHand({"Linear": Linear}, lambda x, w, b: x @ w + b, [(6, 3), (3, 4), (4,)])
    made = type("Linear", (), {n: staticmethod(getattr(Linear, n)) for n in ("forward", "backward")})
    Linear.stops = stops
    linear, ctx, first, second = watch.wrap(made), Stack(), torch.randn(3, 2), torch.randn(2, 4)
    y = linear.forward(ctx, torch.randn(5, 3), first, torch.zeros(2))
    linear.forward(ctx, y, second, torch.zeros(4))
    g, *_ = linear.backward(ctx, torch.ones(5, 4))
    with contextlib.suppress(EndOfTime, ValueError):
        linear.backward(ctx, g)
    assert watch.facts()["shared"] == told
