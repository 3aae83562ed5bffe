"""The diagnosis: what is named is true, and right work is never diagnosed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grader.diagnosis import diagnose
from grader.diagnosis.catalogue import NUMERIC
from grader.diagnosis.loading import load_catalogue
from grader.judging.judge import judge
from grader.records import Observation, Outcome, Rule, Run, Verdict
from tests.conftest import ROOT, assignment_and_key
from tests.wrong_code.networks import STYLES, composable, composed, expected_names, names, observe

CATALOGUE = load_catalogue(ROOT / "reference/mynet")
SAMPLES = {
    "chloe.py": {"actderiv-missing"},
    "david.py": {"loss-factor-2-missing", "actderiv-missing"},
    "emma.py": {"back-weights-not-transposed"},
    "hanna.py": {"actderiv-at-a", "bgrad-keeps-batch-dim"},
}


def family(id: str) -> str:  # noqa: A002
    return id.rpartition(":")[2]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_diagnosed_as_what_they_are(name, graders):
    report = graders("mynet")(ROOT / "submissions" / name)
    assert {family(m.id) for m in report.diagnosis.mistakes} == SAMPLES[name]
    assert report.diagnosis.unknown == ()


@pytest.mark.parametrize("entry", composable(CATALOGUE), ids=lambda entry: entry.id)
def test_code_that_makes_one_mistake_is_diagnosed_as_that(entry):
    _, key = assignment_and_key("mynet")
    run = observe(composed([entry], STYLES["row"]), key)
    found = diagnose(key, run, CATALOGUE)
    assert any(f.verdict is not Verdict.CORRECT for f in judge(key, run))
    assert names(found) & expected_names([entry]), found


@pytest.mark.parametrize("style", STYLES)
def test_code_without_a_mistake_stores_what_is_right(style):
    """The generator of the tests above is right where it makes no mistake."""
    _, key = assignment_and_key("mynet")
    run = observe(composed([], STYLES[style]), key, STYLES[style].dtype)
    graded = {probe.name for probe in key.probes if probe.graded}
    assert all(f.verdict is Verdict.CORRECT for f in judge(key, run) if f.probe in graded)


def test_every_mistake_has_three_hints_in_two_languages_of_a_length_that_is_read():
    for entry in CATALOGUE.entries:
        for language in ("en", "fr"):
            words = sum(len(hint.split()) for hint in entry.hints[language])
            assert len(entry.hints[language]) == 3
            assert all(entry.hints[language])
            assert 60 <= words <= 180, (entry.id, language, words)
            assert not re.search(r"[!@]|\.T\b|torch\.|np\.|model\.fc", " ".join(entry.hints[language])), entry.id


def test_there_is_a_mistake_for_every_step_and_each_is_known_by_one_name():
    ids = [entry.id for entry in CATALOGUE.entries]
    assert len(ids) == len(set(ids)) >= 75
    assert {entry.step for entry in CATALOGUE.entries} >= set(NUMERIC)


def test_numbers_that_nothing_explains_get_no_name():
    _, key = assignment_and_key("mynet")
    rng = np.random.default_rng(3)
    observations = {
        probe.name: Observation(
            Outcome.RETURNED,
            arrays={
                e.quantity: rng.normal(size=e.double.value.shape)
                for e in key.expected[probe.name]
                if e.rule is Rule.GRADIENT
            },
        )
        for probe in key.probes
        if not probe.evidence
    }
    found = diagnose(key, Run(Outcome.RETURNED, None, observations, "", 0.0), CATALOGUE)
    assert found.mistakes == ()
    assert found.unknown
