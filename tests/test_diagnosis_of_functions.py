"""The diagnosis of the exercises `functions` and `relu`: every name is true, and what has no name is said to have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.diagnosis import diagnose
from grader.diagnosis.loading import load_catalogue
from grader.judging.judge import judge
from grader.judging.scoring import counting
from grader.records import Diagnosis, Verdict
from tests.conftest import assignment_and_key
from tests.wrong_code.classes import KNOWN, OUTSIDE, RIGHT, Case, observe

CATALOGUES = list(RIGHT)
TWINS = {
    "linear-upstream-ignored": {"linear-grad-b-ones"},
}
"""What remains true of a mistake where the catalogue does not have it."""


def looked_at(case: Case, *without: str) -> tuple[bool, list[Diagnosis]]:
    """Whether a case loses marks; its diagnosis, and those by catalogues that lack a mistake."""
    assignment, key = assignment_and_key(case.slug)
    catalogue = load_catalogue(assignment.reference)
    assert catalogue is not None
    run = observe(case, key)
    findings = list(judge(key, run))
    counted = counting(assignment.specification.checks, key, findings)
    worth = {check.id for check in assignment.specification.checks if check.points}
    graded = {probe.name for probe in key.probes if probe.graded and probe.name in counted}
    wrong = [f for f in findings if f.probe in graded and f.check in worth and f.verdict is not Verdict.CORRECT]
    key = replace(key, probes=tuple(probe for probe in key.probes if probe.name in counted))
    return bool(wrong), [diagnose(key, run, catalogue.without(name)) for name in ("", *without)]


def names(diagnosis: Diagnosis) -> set[str]:
    return {mistake.id for mistake in diagnosis.mistakes}


@pytest.mark.parametrize("slug", CATALOGUES)
def test_right_classes_have_no_diagnosis(slug):
    loses, (diagnosis,) = looked_at(Case(slug, frozenset(), ()))
    assert not loses
    assert diagnosis == Diagnosis()


@pytest.mark.parametrize("case", KNOWN, ids=lambda c: f"{c.slug}: {c.title}")
def test_a_known_mistake_loses_marks_and_goes_by_its_own_name_or_by_none_where_it_is_not_known(case):
    loses, (diagnosis, *without) = looked_at(case, *sorted(case.names))
    assert loses
    assert names(diagnosis) == case.names
    assert not diagnosis.unknown
    for name, lacking in zip(sorted(case.names), without, strict=True):
        assert names(lacking) <= case.names - {name} | TWINS.get(name, set())


@pytest.mark.parametrize("case", OUTSIDE, ids=lambda c: f"{c.slug}: {c.title}")
def test_a_mistake_that_nobody_has_described_has_no_name_and_is_told_by_what_is_true_of_it(case):
    loses, (diagnosis,) = looked_at(case)
    assert loses
    assert names(diagnosis) == set()
    assert all(unknown.facts for unknown in diagnosis.unknown)
    assert diagnosis.unknown


@pytest.mark.parametrize("slug", CATALOGUES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_hints_are_as_long_as_hints_should_be(slug, language):
    catalogue = load_catalogue(assignment_and_key(slug)[0].reference)
    for entry in catalogue.entries:
        words = " ".join(entry.hints[language]).split()
        assert 80 <= len(words) <= 160, (entry.id, len(words))
        assert "!" not in "".join(words)
