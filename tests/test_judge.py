"""Judging: what was expected is compared, what is missing is not overlooked, and nothing is taken away twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.judging.at_once import COMPARED, all_right
from grader.judging.judge import excess_over_double, judge
from grader.judging.objections import CHECKS, OF_SHAPE
from grader.judging.scoring import check_results
from grader.records import Estimate, Observation, Outcome, Rule, Run, Verdict
from grader.tolerance import agrees, error_ratio
from grader.wire.facts import Fact
from tests.conftest import words_of


def perfect(key) -> dict[str, dict[str, np.ndarray]]:
    """What a right submission reports."""
    return {
        name: {e.quantity: e.double.value.copy() for e in expected if e.rule is not Rule.DESCENDS}
        for name, expected in key.expected.items()
    }


def run_of(arrays, outcome=Outcome.RETURNED, notes=None) -> Run:
    observations = {name: Observation(outcome, None, found, notes or {}) for name, found in arrays.items()}
    return Run(Outcome.RETURNED, None, observations, "", 0.1)


def lost(assignment, key, run) -> dict[str, float]:
    """Points lost, by check."""
    results = check_results(assignment.specification.checks, key, list(judge(key, run)))
    return {result.id: result.out_of - result.points for result in results if result.points < result.out_of}


def message(key, run, probe, quantity) -> str:
    return next(words_of(f) for f in judge(key, run) if (f.probe, f.quantity) == (probe, quantity))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_never_agrees(bad):
    wide = Estimate(np.zeros(2), np.array([1.0, np.inf]))
    assert agrees(np.array([0.5, 1e300]), wide).all()
    assert not agrees(np.full(2, bad), wide).any()
    assert error_ratio(np.full(2, bad), Estimate(np.zeros(2), np.ones(2))) == np.inf


def test_right_numbers_lose_nothing(assignment, key):
    assert lost(assignment, key, run_of(perfect(key))) == {}


def test_an_error_at_the_edge_of_the_tolerance_decides(assignment, key):
    arrays = perfect(key)
    expected = next(e for e in key.expected["toy"] if e.quantity == "dL_dw[1]").single
    arrays["toy"]["dL_dw[1]"] = expected.value + 0.99 * expected.error
    arrays["toy"]["dL_dw[1] again"] = arrays["toy"]["dL_dw[1]"][:1]
    assert lost(assignment, key, run_of(arrays)) == {}
    arrays["toy"]["dL_dw[1]"] = expected.value.copy()
    arrays["toy"]["dL_dw[1]"][3, 2, 1] += 1.1 * expected.error[3, 2, 1]
    assert set(lost(assignment, key, run_of(arrays))) == {"hidden-weights"}


def test_work_in_single_precision_is_right_whatever_it_is_stored_in_and_is_told_apart(assignment, key):
    arrays = {
        p: {q: a.astype(np.float32) if q.startswith("dL") else a for q, a in found.items()}
        for p, found in perfect(key).items()
    }
    assert lost(assignment, key, run_of(arrays)) == {}
    assert excess_over_double(key, run_of(arrays)) == 0
    arrays = {p: {q: a.astype(np.float64) for q, a in found.items()} for p, found in arrays.items()}
    assert lost(assignment, key, run_of(arrays)) == {}
    assert excess_over_double(key, run_of(arrays)) > 1e3
    assert excess_over_double(key, run_of(perfect(key))) == 0


def test_nothing_reported_earns_nothing(assignment, key):
    run = run_of({name: {} for name in key.expected})
    assert sum(lost(assignment, key, run).values()) == assignment.out_of
    assert {f.verdict for f in judge(key, run)} == {Verdict.NOT_REPORTED}


def test_no_observation_at_all_earns_nothing(assignment, key):
    run = Run(Outcome.RETURNED, None, {}, "", 0.1)
    assert sum(lost(assignment, key, run).values()) == assignment.out_of
    assert {f.verdict for f in judge(key, run)} == {Verdict.NOT_RUN}


def test_unchanged_weights_alone_earn_nothing(assignment, key):
    arrays = {p: {q: a for q, a in found.items() if q.endswith("after")} for p, found in perfect(key).items()}
    assert sum(lost(assignment, key, run_of(arrays)).values()) == assignment.out_of


def test_a_net_that_fails_costs_its_share_of_a_check(assignment, key):
    arrays = perfect(key)
    arrays["square"] = {}
    assert lost(assignment, key, run_of(arrays)) == pytest.approx(
        {"output-weights": 2 / 6, "output-biases": 1 / 6, "hidden-weights": 3 / 5, "hidden-biases": 1 / 5,
         "descends": 1 / 6, "untouched": 1 / 6, "repeatable": 1 / 6}, abs=0.01,
    )  # fmt: skip


def test_a_probe_that_is_not_graded_costs_nothing(assignment, key):
    arrays = perfect(key)
    arrays["batch"] = {}
    assert lost(assignment, key, run_of(arrays)) == {}


def test_half_the_gradient_still_descends_and_repeats_but_the_opposite_does_not_descend(assignment, key):
    half = {p: {q: a * 0.5 if q.startswith("dL") else a for q, a in found.items()} for p, found in perfect(key).items()}
    assert set(lost(assignment, key, run_of(half))) == {
        "output-weights",
        "output-biases",
        "hidden-weights",
        "hidden-biases",
    }
    opposite = {p: {q: -a if q.startswith("dL") else a for q, a in found.items()} for p, found in perfect(key).items()}
    assert "descends" in lost(assignment, key, run_of(opposite))
    assert "the loss rises, with 1.00 of the steepest slope" in message(key, run_of(opposite), "toy", "a step")


def test_a_gradient_of_zeros_does_not_descend(assignment, key):
    zeros = {p: {q: a * 0 if q.startswith("dL") else a for q, a in found.items()} for p, found in perfect(key).items()}
    assert "descends" in lost(assignment, key, run_of(zeros))
    assert "cannot be taken" in message(key, run_of(zeros), "toy", "a step")


def test_a_changed_weight_is_found_to_the_last_bit(assignment, key):
    arrays = perfect(key)
    arrays["mnist"]["w[1] after"][0, 3, 7] = np.nextafter(arrays["mnist"]["w[1] after"][0, 3, 7], 9)
    run = run_of(arrays)
    assert lost(assignment, key, run) == {"untouched": pytest.approx(1 / 6, abs=0.01)}
    assert "was changed by the call: 1 of 9216 entries are wrong; the largest error is at [3, 7]" in message(
        key, run, "mnist", "w[1] after"
    )


def test_a_second_call_is_compared_with_the_first_and_not_with_the_truth(assignment, key):
    arrays = perfect(key)
    for found in arrays.values():
        for quantity in found:
            if quantity.endswith("again"):
                found[quantity] = found[quantity] * 2
    assert set(lost(assignment, key, run_of(arrays))) == {"repeatable"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g: g[:, 0], "is a single number, must have shape (2,)"),
        (lambda g: g[:, None], "has shape (1, 2), must have shape (2,): it keeps the axis of the examples"),
        (lambda g: g[:, :1], "has shape (1,), must have shape (2,)"),
        (lambda g: g[:4], "was stored in 4 of 10 calls"),
        (
            lambda g: g * np.where(np.arange(10) == 6, 2, 1)[:, None],
            "is wrong in 1 of 10 calls; the largest error is in call 7 at [",
        ),
    ],
)
def test_the_objection_says_where_and_how_much(key, change, words):
    arrays = perfect(key)
    arrays["toy"]["dL_db[2]"] = change(arrays["toy"]["dL_db[2]"])
    assert words in message(key, run_of(arrays), "toy", "dL_db[2]")


@pytest.mark.parametrize("shape", [(10,), (10, 3), (10, 2, 3), (10, 1, 3, 2), (10, 6)])
@pytest.mark.parametrize("quantity", ["dL_dw[1]", "dL_dw[1] again"])
def test_whatever_is_objected_to_a_shape_is_known_as_that(key, quantity, shape):
    arrays = perfect(key)
    arrays["toy"][quantity] = np.zeros(shape)
    found = [f for f in judge(key, run_of(arrays)) if (f.probe, f.quantity) == ("toy", quantity)]
    assert [f.fact.kind in OF_SHAPE for f in found] == [True]


def test_a_transposed_gradient_is_called_transposed(key):
    arrays = perfect(key)
    arrays["toy"]["dL_dw[1]"] = arrays["toy"]["dL_dw[1]"].swapaxes(1, 2)
    assert (
        message(key, run_of(arrays), "toy", "dL_dw[1]") == "has shape (2, 3), must have shape (3, 2): it is transposed"
    )


def test_two_numbers_that_differ_late_are_shown_with_enough_digits(key):
    arrays = perfect(key)
    arrays["single"]["dL_db[1]"] = arrays["single"]["dL_db[1]"] + 1e-5
    yours, right = message(key, run_of(arrays), "single", "dL_db[1]").split(": ")[-1].split(", should be ")
    assert 0 < abs(float(yours) - float(right)) < 1e-3


def test_a_single_number_may_come_without_axes_for_a_layer_of_width_one(assignment, key):
    arrays = perfect(key)
    arrays["narrow"]["dL_db[1]"] = arrays["narrow"]["dL_db[1]"].reshape(-1)
    arrays["narrow"]["dL_db[1] again"] = arrays["narrow"]["dL_db[1] again"].reshape(-1)
    assert lost(assignment, key, run_of(arrays)) == {}


def test_words_instead_of_an_array_are_passed_on(key):
    arrays = perfect(key)
    del arrays["toy"]["dL_dw[2]"]
    run = run_of(arrays, notes={"dL_dw[2]": Fact("holds-a", {"type": "str"})})
    finding = next(f for f in judge(key, run) if (f.probe, f.quantity) == ("toy", "dL_dw[2]"))
    assert (finding.verdict, words_of(finding)) == (Verdict.WRONG, "holds a str")


def test_a_report_without_its_probe_keeps_the_others(assignment, key):
    run = run_of(perfect(key))
    run = replace(run, observations={k: v for k, v in run.observations.items() if k != "toy"})
    assert all(
        points < out_of + 1e-9 for points, out_of in zip(lost(assignment, key, run).values(), [1] * 7, strict=True)
    )


def beyond(array, expected):
    """The array with its last entry just outside of what is allowed in single precision."""
    changed = array.copy()
    changed.flat[-1] += 1.5 * float(np.max(expected.single.error)) + 1e-9
    return changed


CHANGES = {
    "nothing": lambda array, expected: array,
    "an entry just beyond its tolerance": beyond,
    "an entry that is no number": lambda array, expected: np.where(
        np.arange(array.size).reshape(array.shape), array, np.nan
    ),
    "the right entries in another shape": lambda array, expected: array.reshape(array.shape[0], -1),
    "fewer examples": lambda array, expected: array[:-1],
    "the right entries in single precision": lambda array, expected: array.astype(np.float32),
    "whole numbers": lambda array, expected: array.astype(np.int64),
    "nothing reported": lambda array, expected: None,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_all_quantities_of_a_trial_at_once_are_right_where_each_of_them_is(key, change):
    for changed in key.expected["toy"]:
        if changed.rule in COMPARED:
            arrays = perfect(key)["toy"]
            arrays[changed.quantity] = change(arrays[changed.quantity], changed)
            seen = Observation(Outcome.RETURNED, None, {q: a for q, a in arrays.items() if a is not None}, {})
            one_by_one = all(
                e.quantity in seen.arrays and CHECKS[e.rule](e, seen, key.expected["toy"]) is None
                for e in key.expected["toy"]
                if e.rule in COMPARED
            )
            assert all_right(key.expected["toy"], seen) == one_by_one, changed.quantity


def test_what_came_in_single_precision_is_not_right_as_double(key):
    arrays = perfect(key)["toy"]
    assert all_right(key.expected["toy"], Observation(Outcome.RETURNED, None, arrays, {}), in_double=True)
    arrays["dL_dw[1]"] = arrays["dL_dw[1]"].astype(np.float32)
    assert not all_right(key.expected["toy"], Observation(Outcome.RETURNED, None, arrays, {}), in_double=True)
