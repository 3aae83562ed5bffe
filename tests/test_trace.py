"""Claims about a recorded training, on traces made of numbers alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.training.claims import CLAIMS, NOT_ATTEMPTED, objection
from grader.training.replay import is_replayed
from grader.training.rules import update_objection
from grader.wire.trace import TEST, Counts, Meeting, Trace, Training, Update, decode, encode, path_code
from grader.words import LANGUAGES, say

RUN = Training(
    Counts(
        path=path_code("L"), leaves=2, updates=100, backwards=100, median_rows=353, most_rows=353, distinct_rows=353,
        looped=100, averaged=50, measured=50,
    )
)  # fmt: skip


def but(run: Training, *, path: str | None = None, **counts: int) -> Training:
    """The same training, in which something else was counted."""
    code = {} if path is None else {"path": path_code(path)}
    return replace(run, counts=replace(run.counts, **code, **counts))


ONE = but(RUN, median_rows=1, most_rows=1, distinct_rows=90, measured=0, averaged=0)
SOME = but(RUN, median_rows=32, most_rows=32, distinct_rows=353)
NET = but(RUN, path="LTL", modules=17, leaves=4, optimiser_steps=100)
HELD = but(NET, modules=9)
RIGHT = (RUN, ONE, SOME, NET, HELD)
LINEAR = {name for name in CLAIMS if name.startswith("linear")}


def refuted(*runs: Training, rows: int = 353) -> set[str]:
    return {name for name, claim in CLAIMS.items() if claim(Trace(rows, 353, runs))}


def test_nothing_speaks_against_a_right_training():
    assert refuted(*RIGHT) == set()


def test_a_loss_that_is_like_another_one_by_chance_is_not_taken_for_it():
    """The mean squared error and a penalty, on its way down."""
    assert refuted(*(but(run, measured=50, averaged=0, absolute=1, rooted=2, summed=1) for run in RIGHT)) == set()


def test_nothing_is_granted_where_nothing_was_trained():
    assert refuted() == set(CLAIMS)


def test_an_attempt_at_one_question_earns_its_marks_without_the_other():
    assert refuted(RUN, ONE, SOME) == set(CLAIMS) - LINEAR
    assert refuted(NET, HELD) == LINEAR


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"stale": 99}, "linear: gradients are reset"),
        ({"old_forward": 5}, "linear: the loss is computed anew"),
        ({"updates": 0}, "linear: updates follow the gradient"),
        ({"updates": 1}, "linear: updates follow the gradient"),
        ({"summed": 50, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"rooted": 50, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"absolute": 50, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"spread": 50, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"unlike": 50, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"spread": 50, "outputs": 13, "averaged": 0}, "linear: the loss is the mean squared error"),
        ({"misaligned": 50}, "linear: all rows an update"),
        ({"tested": 1}, "linear: the test set never trains"),
    ],
)
def test_one_mistake_in_batch_descent_refutes_one_claim(change, lost):
    assert refuted(but(RUN, **change), ONE, SOME, NET, HELD) == {lost}


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"path": "LL"}, "network: modules"),
        ({"path": "LLT"}, "network: modules"),
        ({"path": "LXL"}, "network: modules"),
        ({"unmoved": 2}, "network: every parameter changes"),
        ({"missed": 2}, "network: every parameter changes"),
        ({"optimiser_steps": 0}, "network: an optimiser steps"),
        ({"stale": 99}, "network: an optimiser steps"),
        ({"zeroed": 100, "updates": 0, "unmoved": 4}, "network: an optimiser steps"),
        ({"optimiser_steps": 1, "updates": 1}, "network: an optimiser steps"),
        ({"misaligned": 50}, "network: the loss is the mean squared error"),
        ({"tested": 1}, "network: the test set never trains"),
    ],
)
def test_one_mistake_in_a_network_refutes_one_claim(change, lost):
    assert refuted(RUN, ONE, SOME, but(NET, **change), HELD) == {lost}


def test_a_prediction_without_its_parameters_is_not_taken_for_parameters_that_do_not_move():
    alone = but(NET, leaves=1, unmoved=1, updates=0, optimiser_steps=0)
    fact = CLAIMS["network: every parameter changes"](Trace(353, 353, (alone,)))
    assert fact is not None
    assert fact.kind == "parameters-cut-off"


def test_a_script_that_only_ever_sees_one_row_descends_stochastically():
    assert "linear: one row an update" not in refuted(ONE, rows=1)
    assert "linear: all rows an update" in refuted(but(ONE, distinct_rows=1), rows=1)


def test_large_batches_of_changing_rows_are_mini_batches():
    assert "linear: some rows an update" not in refuted(but(SOME, median_rows=200))


def test_of_the_given_data_windows_must_reach_rows_that_nothing_else_trains_on():
    windows = but(SOME, distinct_rows=102, median_rows=100, overlap=99)
    assert "linear: some rows an update" in refuted(windows, rows=102)
    assert "linear: some rows an update" not in refuted(but(windows, own_data=1), rows=102)


@pytest.mark.parametrize("wrong", [{"stale": 99}, {"old_forward": 9}, {"updates": 0}, {"summed": 50, "averaged": 0}])
def test_of_several_attempts_at_the_same_thing_the_best_counts(wrong):
    assert refuted(but(RUN, **wrong), *RIGHT) == set()
    assert refuted(*RIGHT, but(RUN, **wrong)) == set()


def test_the_same_rows_each_time_are_neither_stochastic_nor_mini_batch_descent():
    assert refuted(RUN, but(ONE, distinct_rows=1), SOME, NET, HELD) == {"linear: one row an update"}
    assert refuted(RUN, ONE, but(SOME, distinct_rows=32), NET, HELD) == {"linear: some rows an update"}


def test_a_training_whose_rows_cannot_be_followed_stands_for_one_that_is_missing():
    unknown = but(RUN, median_rows=0, most_rows=0, distinct_rows=0)
    ways = {"linear: all rows an update", "linear: one row an update", "linear: some rows an update"}
    assert refuted(unknown, unknown, unknown, NET, HELD) == set()
    assert len(refuted(unknown, NET, HELD) & ways) == 2
    assert refuted(RUN, unknown, NET, HELD) == {"linear: some rows an update"}


def test_gradients_that_change_nothing_and_met_no_target_are_no_training():
    looked_at = but(NET, path="", modules=0, updates=0, optimiser_steps=0, unmoved=4)
    assert refuted(RUN, ONE, SOME, but(NET, modules=31), looked_at) == set()
    assert refuted(*RIGHT, but(RUN, updates=0, unmoved=2, looped=0)) == set()


def test_a_parameter_that_is_never_updated_is_told():
    assert refuted(but(RUN, unmoved=1), ONE, SOME, NET, HELD) == {"linear: updates follow the gradient"}


def test_a_gradient_outside_of_any_loop_is_a_demonstration_and_not_judged():
    shown = but(RUN, looped=0, backwards=2, updates=0)
    assert refuted(*RIGHT, shown) == set()
    assert refuted(shown) == set(CLAIMS)


def test_half_of_the_mean_is_as_good_as_the_mean():
    assert refuted(*(but(run, averaged=0, halved=50) for run in RIGHT)) == set()


def test_where_nothing_was_trained_nothing_was_attempted():
    kinds = {claim(Trace(353, 353, (RUN,))).kind for name, claim in CLAIMS.items() if name.startswith("network")}
    assert kinds == {"no-network"} <= NOT_ATTEMPTED


def test_all_rows_are_all_that_the_script_trains_on():
    own = but(RUN, median_rows=150, distinct_rows=150)
    assert refuted(own, NET, HELD, rows=150) == {"linear: one row an update", "linear: some rows an update"}
    assert "linear: all rows an update" in refuted(own, ONE, SOME, NET, HELD)


@pytest.mark.parametrize(
    "once",
    [
        (but(RUN, stale=1), ONE, SOME),
        (RUN, but(ONE, updates=2, distinct_rows=1), SOME),
        (RUN, ONE, but(SOME, updates=2, distinct_rows=32)),
        (RUN, ONE, but(SOME, updates=8, median_rows=100, distinct_rows=120, overlap=90)),
    ],
    ids=["a gradient that is used again", "one row, twice", "some rows, twice", "few windows, and close"],
)
def test_what_happens_once_or_twice_is_no_habit(once):
    assert refuted(*once, NET, HELD) == set()


def test_windows_that_overlap_and_never_get_to_most_rows_are_told():
    windows = but(SOME, distinct_rows=102, median_rows=100, overlap=99)
    assert refuted(RUN, ONE, windows, NET, HELD) == {"linear: some rows an update"}
    assert refuted(RUN, ONE, but(windows, overlap=30), NET, HELD) == set()


# updates

NO_MULTIPLE = ("update-no-multiple", "update-at-two-rates")


def kind(fact):
    return fact.kind if fact else None


NUMBERS = arrays(np.float64, (8, 5), elements=st.floats(-1, 1, allow_subnormal=False, width=32))


def series(start, gradients, direction, rate=0.1) -> list[Update]:
    """Updates as a script in single precision makes them."""
    value, made = np.asarray(start, np.float32), []
    for gradient, step in zip(gradients.astype(np.float32), direction(gradients.astype(np.float32)), strict=True):
        after = (value - np.float32(rate) * step.astype(np.float32)).astype(np.float32)
        columns = (value, after - value, gradient, gradient)
        made.append(Update(*(column.astype(np.float64) for column in columns)))
        value = after
    return made


def momentum(gradients, keep=0.9):
    velocity = np.zeros_like(gradients[0])
    for gradient in gradients:
        velocity = keep * velocity + gradient
        yield velocity


def momentum_of_clipped(gradients):
    yield from momentum([gradient / max(1.0, np.linalg.norm(gradient)) for gradient in gradients])


def adam(gradients):
    m, v = np.zeros_like(gradients[0]), np.zeros_like(gradients[0])
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        yield m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


@settings(max_examples=60)
@given(NUMBERS, st.floats(1e-5, 1), arrays(np.float64, 5, elements=st.floats(-3, 3)))
def test_descent_at_any_rate_is_never_objected_to(gradients, rate, start):
    assert update_objection(series(start, gradients, lambda g: g, rate)) is None


@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.sampled_from([momentum, adam, lambda g: g * np.array([1, 1, 1, 1, 4])]),
)
def test_better_rules_than_plain_descent_are_never_objected_to(seed, rule):
    gradients = np.random.default_rng(seed).normal(0, 1, (8, 5))
    assert update_objection(series(np.zeros(5), gradients, rule)) is None


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_momentum_of_clipped_gradients_of_very_different_lengths_is_not_objected_to(seed):
    rng = np.random.default_rng(seed)
    gradients = rng.normal(0, 1, (8, 11)) * 10 ** rng.uniform(-1, 2, (8, 1))
    assert update_objection(series(np.zeros(11), gradients, momentum_of_clipped)) is None


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_uphill_is_always_objected_to(seed):
    gradients = np.random.default_rng(seed).normal(0, 1, (8, 5))
    assert kind(update_objection(series(np.zeros(5), gradients, lambda g: -g))) == "update-uphill"


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_steps_that_have_nothing_to_do_with_the_gradient_are_objected_to(seed):
    rng = np.random.default_rng(seed)
    gradients, steps = rng.normal(0, 1, (2, 8, 25))
    assert kind(update_objection(series(np.zeros(25), gradients, lambda _: steps))) in NO_MULTIPLE


SIGNS = np.array([1, -1] * 6)[:11]
WRONG_RULES = {
    "the size of the gradient": np.abs,
    "its square": lambda g: [each**2 for each in g],
    "its mean": lambda g: [np.full_like(each, each.mean()) for each in g],
    "that of the next parameter": lambda g: [np.roll(each, 1) for each in g],
    "with some signs turned": lambda g: [each * np.array([1, 1, 1, -1] * 3)[:11] for each in g],
}


@settings(max_examples=30)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("rule", WRONG_RULES.values(), ids=WRONG_RULES)
def test_a_rule_that_moves_some_entries_along_their_gradients_is_objected_to(rule, seed):
    rng = np.random.default_rng(seed)
    steady = rng.uniform(0.5, 2, 11) * SIGNS + rng.normal(0, 0.05, (8, 11))
    assert update_objection(series(np.zeros(11), steady, rule))


LEGAL_RULES = {
    "momentum with a rate that decays": lambda g: [v * 0.9**t for t, v in enumerate(momentum(g))],
    "clipped entry by entry": lambda g: [np.clip(each, -0.3, 0.3) for each in g],
    "the sign alone": np.sign,
    "Nesterov's look-ahead": lambda g: [each + 0.9 * v for each, v in zip(g, momentum(g), strict=True)],
}


@settings(max_examples=30)
@given(st.integers(0, 10**6))
@pytest.mark.parametrize("rule", LEGAL_RULES.values(), ids=LEGAL_RULES)
def test_a_rule_that_nobody_thought_of_is_judged_by_where_it_goes(rule, seed):
    steady = np.random.default_rng(seed).normal(0, 1, 11) + np.random.default_rng(seed + 1).normal(0, 0.1, (8, 11))
    assert update_objection(series(np.zeros(11), steady, rule)) is None


def test_one_entry_uphill_is_objected_to():
    gradients = np.random.default_rng(0).normal(0, 1, (8, 5))
    assert update_objection(series(np.zeros(5), gradients, lambda g: g * np.array([1, 1, 1, 1, -1])))


# the array

UPDATE = Update(*np.arange(16.0).reshape(4, 4))
MEETING = Meeting(*np.arange(15.0).reshape(3, 5))
TOLD = replace(RUN, losses=(3.0, 2.0, 1.0), updates=(UPDATE, UPDATE), meetings=(MEETING,))


def encoded() -> np.ndarray:
    return encode(Trace(353, 353, (TOLD, NET)))


def test_a_trace_is_decoded_as_it_was_encoded():
    decoded = decode(encoded())
    assert (decoded.rows, decoded.given, len(decoded.runs)) == (353, 353, 2)
    assert [run.counts for run in decoded.runs] == [RUN.counts, NET.counts]
    assert decoded.runs[0].losses == (3, 2, 1)
    assert np.array_equal(decoded.runs[0].updates[1].fresh, UPDATE.fresh)
    assert np.array_equal(decoded.runs[0].meetings[0].slope, MEETING.slope)


@settings(max_examples=300)
@given(st.integers(0, 700), st.floats(allow_nan=True, allow_infinity=True))
def test_a_trace_with_any_number_replaced_is_decoded_or_refused_but_never_crashes(place, number):
    array = encoded()
    array[place % len(array)] = number
    for claim in CLAIMS:
        fact = objection(claim, array, DATA)
        assert fact is None or all(say(fact, language) for language in LANGUAGES)


@settings(max_examples=200)
@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=8)))
def test_what_is_no_trace_is_refused(array):
    assert objection("linear: gradients are reset", array).kind == "trace-unreadable"


# a trace that was recorded elsewhere


def data(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (353, 10))
    y = x @ rng.normal(0, 1, (10, 1)) + rng.normal(0, 1, (353, 1))
    return {"datax": x, "datay": y, "testx": rng.normal(0, 1, (89, 10)), "testy": rng.normal(0, 1, (89, 1))}


DATA = data(1)


def met(inputs: dict[str, np.ndarray], rows: np.ndarray) -> Meeting:
    """What a linear model predicts for some rows, and the slope of the mean of its squared errors there."""
    prediction = (inputs["datax"][rows] @ np.ones((10, 1)) + 0.5).reshape(-1)
    return Meeting(rows.astype(float), prediction, 2 * (prediction - inputs["datay"][rows].reshape(-1)))


SOME_ROWS = {"all": np.arange(353), "one": np.array([7]), "some": np.array([3, 300, 4, 200])}


@pytest.mark.parametrize("rows", SOME_ROWS.values(), ids=SOME_ROWS)
def test_what_was_recorded_on_these_data_is_believed_and_on_others_it_is_not(rows):
    trained = replace(RUN, meetings=(met(DATA, rows),))
    only = Trace(353, 353, (trained,))
    assert not is_replayed(only, DATA)
    assert is_replayed(only, data(2))
    assert objection("linear: gradients are reset", encode(only), DATA) is None
    assert kind(objection("linear: gradients are reset", encode(only), data(2))) == "trace-of-other-data"


def test_a_training_that_says_it_is_on_these_data_shows_where_it_met_them():
    assert is_replayed(Trace(353, 353, (RUN,)), DATA)
    assert not is_replayed(Trace(353, 353, (but(RUN, own_data=1),)), DATA)


def test_a_prediction_that_no_linear_model_makes_is_none_of_a_linear_model():
    made_up = np.random.default_rng(5).normal(0, 1, 353)
    slope = 2 * (made_up - DATA["datay"].reshape(-1))
    assert is_replayed(Trace(353, 353, (replace(RUN, meetings=(Meeting(np.arange(353.0), made_up, slope),)),)), DATA)


def test_rows_that_are_not_there_are_no_rows_of_these_data():
    wrong = Meeting(np.array([TEST + 500.0]), np.array([1.0]), np.array([1.0]))
    assert is_replayed(Trace(353, 353, (replace(RUN, meetings=(wrong,)),)), DATA)
