"""Evidence: each piece of it is seen where it is, none is seen where it is not, and none is enough that honest code leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from grader.assignment import Policy
from grader.judging import integrity
from grader.judging.integrity import policy_findings
from grader.records import Action, AnswerKey, Evidence, Observation, Outcome, Prediction, Probe, Run
from grader.sandbox.inside import evidence as inside
from grader.wire.facts import Fact
from tests.conftest import words_of

RULES = ("autograd", "finite-differences", "caches")
STRICT = Policy(autograd=Action.FORBID, finite_differences=Action.FORBID, caches=Action.WARN, loops="remark")
PROBES = (
    Probe("plain", "a plain net", {}),
    Probe("marked", "a marked net", {}, graded=False, evidence=Evidence.WATERMARK),
    Probe("drawn", "drawn caches", {}, graded=False, evidence=Evidence.CACHES),
    Probe("few", "few units", {}, graded=False, evidence=Evidence.INSTRUMENTS),
    Probe("many", "many units", {}, graded=False, evidence=Evidence.INSTRUMENTS),
)
_RNG = np.random.default_rng(7)
HAND = {name: _RNG.normal(size=(1, 3, 4)) for name in ("marked", "drawn", "few", "many")}
MACHINE = {
    "marked": HAND["marked"] * (1 + 0.05 * np.cos(_RNG.uniform(0, 6, (1, 3, 4)))),
    "drawn": _RNG.normal(size=(1, 3, 4)),
    "few": HAND["few"],
    "many": HAND["many"],
}
KEY = AnswerKey(
    "mynet",
    "1",
    PROBES,
    {},
    predictions={name: {"dL_dw[1]": Prediction(HAND[name], MACHINE[name])} for name in HAND},
)


def arrays_of(**gradients) -> dict[str, dict[str, np.ndarray]]:
    """What honest code reports, with other gradients at the probes that are named."""
    arrays = {name: {"dL_dw[1]": array.copy()} for name, array in {**HAND, **gradients}.items()} | {"plain": {}}
    for found in arrays.values():
        found[integrity.AUTOGRAD_NODES] = np.array([0])
        found[integrity.EVALUATIONS] = np.array([0, 1])
    for name in ("few", "many"):
        arrays[name][integrity.COUNTS] = np.array([[12, 3, 0, 0, 0], [12, 3, 0, 0, 0]])
    arrays["drawn"][integrity.LOADING_NODES] = np.array([0])
    return arrays


def run_of(arrays, notes=None) -> Run:
    found = {name: Observation(Outcome.RETURNED, None, a, (notes or {}).get(name, {})) for name, a in arrays.items()}
    return Run(Outcome.RETURNED, None, found, "", 0.1)


def found(arrays, notes=None, policy=STRICT) -> dict[str, str]:
    return {finding.rule: words_of(finding) for finding in policy_findings(policy, KEY, run_of(arrays, notes))}


def counts(column, number):
    row = [12, 3, 0, 0, 0]
    row[column] = number
    return np.array([row, row])


def test_both_sides_of_the_sandbox_use_the_same_names():
    for name in ("COUNTS", "ENTRY_POINTS", "LOADING_NODES"):
        assert getattr(integrity, name) == getattr(inside, name)
    assert (inside.INSTRUMENTS, inside.CACHES) == (Evidence.INSTRUMENTS, Evidence.CACHES)


def test_honest_numbers_raise_nothing():
    assert found(arrays_of()) == {}


@pytest.mark.parametrize("error", [1e-9, 1e-7])
def test_rounding_and_the_ripple_itself_raise_nothing(error):
    off = {name: array * (1 + error * _RNG.uniform(-1, 1, array.shape)) for name, array in HAND.items()}
    single = {name: array.astype(np.float32) for name, array in off.items()}
    assert found(arrays_of(**single)) == {}


def test_a_submission_that_stores_nothing_or_fails_raises_nothing():
    assert found({}) == {}
    assert found({name: {} for name in HAND}) == {}


@pytest.mark.parametrize("name", ["plain", "marked", "drawn", "few", "many"])
def test_recorded_operations_are_seen_on_every_probe(name):
    arrays = arrays_of()
    arrays[name][integrity.AUTOGRAD_NODES] = np.array([57])
    title = next(probe.title for probe in PROBES if probe.name == name)
    assert found(arrays) == {"autograd": f"autograd recorded 57 operations at {title}"}


def test_gradients_that_carry_the_watermark_are_seen():
    evidence = found(arrays_of(marked=MACHINE["marked"]))
    assert list(evidence) == ["autograd"]
    assert "dL_dw[1] at a marked net carry a mark" in evidence["autograd"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.1, 2.0])
def test_numbers_that_are_merely_wrong_carry_no_watermark(share):
    assert (
        found(arrays_of(marked=HAND["marked"] + share * (MACHINE["marked"] - HAND["marked"]), few=HAND["few"] * 2))
        == {}
    )


def test_entry_points_are_told_by_name():
    evidence = found(arrays_of(), {"few": {integrity.ENTRY_POINTS: Fact("called", {"text": "torch.func.grad (1x)"})}})
    assert evidence == {"autograd": "it called torch.func.grad (1x) at few units"}


def test_operations_that_differentiate_are_counted():
    arrays = arrays_of()
    arrays["many"][integrity.COUNTS] = counts(2, 4)
    assert found(arrays) == {"autograd": "PyTorch executed 8 operations that only differentiation needs at many units"}


def test_differences_of_the_forward_pass_are_disturbed_by_the_ripple():
    off = HAND["marked"] + 2e-4
    assert list(found(arrays_of(marked=off, few=HAND["few"] + 1e-10))) == ["finite-differences"]
    assert found(arrays_of(marked=off, few=HAND["few"] + 1e-5)) == {}, "as far off without the ripple, or nearly"
    assert found(arrays_of(marked=off, few=HAND["few"] + 0.1)) == {}, "wrong anyway"


@pytest.mark.parametrize(("evaluations", "rules"), [([0, 1, 20], []), ([0, 21, 0], ["finite-differences"])])
def test_evaluations_by_the_dozen_are_evidence_of_finite_differences(evaluations, rules):
    arrays = arrays_of()
    arrays["plain"][integrity.EVALUATIONS] = np.array(evaluations)
    assert list(found(arrays)) == rules


def test_complex_numbers_are_evidence_of_the_complex_step():
    arrays = arrays_of()
    arrays["few"][integrity.COUNTS] = counts(3, 2)
    assert list(found(arrays)) == ["finite-differences"]


def test_ignoring_the_caches_alone_is_no_evidence():
    """An honest submission that runs the forward pass again does the same."""
    assert found(arrays_of(drawn=MACHINE["drawn"])) == {}


DOUBTS = {
    "recorded while loading": lambda a: a["drawn"].update({integrity.LOADING_NODES: np.array([250])}),
    "its own number class": lambda a: a["few"].update({integrity.COUNTS: counts(4, 30)}),
    "an error between single and double": lambda a: a["few"].update({"dL_dw[1]": HAND["few"] + 3e-10}),
    "a larger error, and loops over units": lambda a: (
        a["few"].update({"dL_dw[1]": HAND["few"] + 1e-7}),
        a["many"].update({integrity.COUNTS: counts(1, 30)}),
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_a_doubt_counts_only_together_with_ignored_caches_and_then_warns(doubt):
    arrays = arrays_of()
    doubt(arrays)
    assert found(arrays) == {}
    arrays["drawn"]["dL_dw[1]"] = MACHINE["drawn"]
    findings = list(policy_findings(STRICT, KEY, run_of(arrays)))
    assert [(f.rule, f.action) for f in findings] == [("caches", Action.WARN)]
    assert len(findings[0].evidence) == 2


def test_single_precision_in_a_forward_pass_of_its_own_is_no_doubt():
    arrays = arrays_of(drawn=MACHINE["drawn"], few=HAND["few"] + 1e-7, many=HAND["many"] + 1e-7)
    assert found(arrays) == {}


def test_numbers_of_single_precision_are_no_doubt_in_whatever_type_they_are_stored():
    single = {name: (HAND[name] + 1e-7).astype(np.float32).astype(np.float64) for name in ("few", "many")}
    arrays = arrays_of(drawn=MACHINE["drawn"], **single)
    arrays["many"][integrity.COUNTS] = counts(1, 30)
    assert found(arrays) == {}


def test_caches_can_never_cost_points():
    with pytest.raises(ValidationError, match="`caches` cannot be `forbid`"):
        Policy(caches=Action.FORBID)


@pytest.mark.parametrize("action", list(Action))
def test_the_assignment_decides_what_a_sign_leads_to(action):
    policy = Policy(autograd=action)
    findings = list(policy_findings(policy, KEY, run_of(arrays_of(marked=MACHINE["marked"]))))
    assert [f.action for f in findings] == ([] if action is Action.ALLOW else [action])


def test_every_sign_of_a_rule_is_told():
    arrays = arrays_of(marked=MACHINE["marked"])
    arrays["plain"][integrity.AUTOGRAD_NODES] = np.array([9])
    arrays["few"][integrity.COUNTS] = counts(2, 2)
    assert found(arrays)["autograd"].count("\n") == 2


def loops(few, many, policy=STRICT) -> list[str]:
    arrays = arrays_of()
    arrays["few"][integrity.COUNTS], arrays["many"][integrity.COUNTS] = few, many
    return list(map(words_of, integrity.remarks(policy, KEY, run_of(arrays))))


@pytest.mark.parametrize("column", [0, 1], ids=["operations of torch", "calls"])
def test_a_count_that_grows_with_the_width_is_a_loop_over_units(column):
    assert "60 at few units, 400 at many units" in loops(counts(column, 30), counts(column, 200))[0]
    assert loops(counts(column, 30), counts(column, 33)) == [], "less than one for each unit more"
    assert loops(counts(column, 200), counts(column, 30)) == []
    assert loops(counts(column, 30), counts(column, 200), Policy(loops="allow")) == []


@pytest.mark.parametrize("outcome", [Outcome.RAISED, Outcome.CRASHED, Outcome.TIMED_OUT])
def test_a_submission_that_ends_where_evidence_is_gathered_alone_is_told(outcome):
    run = run_of(arrays_of())
    ended = {"marked": Observation(outcome), "drawn": Observation(outcome)}
    (remark,) = integrity.remarks(STRICT, KEY, replace(run, observations={**run.observations, **ended}))
    assert "to the end of a marked net, drawn caches," in words_of(remark)
    ended["plain"] = Observation(outcome)
    assert list(integrity.remarks(STRICT, KEY, replace(run, observations={**run.observations, **ended}))) == []


def read_as(**conventions) -> AnswerKey:
    """The same key, some of whose probes call a submission by another reading of the statement."""
    return replace(KEY, probes=tuple(replace(p, convention=conventions.get(p.name, "")) for p in PROBES))


def test_only_probes_that_call_a_submission_in_the_same_way_are_compared():
    arrays = arrays_of(marked=HAND["marked"] + 2e-4)
    arrays["few"][integrity.COUNTS], arrays["many"][integrity.COUNTS] = counts(0, 30), counts(0, 200)
    ended = run_of(arrays_of())
    ended = replace(ended, observations={**ended.observations, "drawn": Observation(Outcome.RAISED)})

    def told(key):
        rules = [finding.rule for finding in policy_findings(STRICT, key, run_of(arrays))]
        return rules, [len(list(integrity.remarks(STRICT, key, run))) for run in (run_of(arrays), ended)]

    assert told(KEY) == (["finite-differences"], [1, 1])
    assert told(read_as(few="rows", marked="columns", drawn="rows")) == ([], [0, 0])
    alike = dict.fromkeys(("plain", "marked", "drawn", "few", "many"), "rows")
    assert told(read_as(**alike)) == told(KEY)


FORGED = [np.array([np.nan, 2.0]), np.zeros(0, int), np.array([True]), np.array([-5]), np.zeros((1, 1, 1, 9), int)]


@pytest.mark.parametrize("forged", FORGED)
def test_forged_evidence_does_not_break_the_judge(forged):
    quantities = (*integrity.EVIDENCE, "dL_dw[1]")
    run = run_of({probe.name: dict.fromkeys(quantities, forged) for probe in PROBES})
    assert list(policy_findings(STRICT, KEY, run)) == []
    assert list(integrity.remarks(STRICT, KEY, run)) == []


def test_a_course_without_probes_for_evidence_is_judged_by_what_is_counted_on_all():
    key = replace(KEY, probes=PROBES[:1], predictions={})
    run = run_of({"plain": {integrity.AUTOGRAD_NODES: np.array([3])}})
    assert [finding.rule for finding in policy_findings(STRICT, key, run)] == ["autograd"]
