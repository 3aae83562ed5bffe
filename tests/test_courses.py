"""Exercises of public courses: right code in their styles gets full marks, and each mistake costs its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
import torch

from grader import grading, submission
from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import SubmissionError
from grader.grading import Limits, setup
from grader.grading.layer_snippet import layer_snippet
from grader.key import builder
from grader.key.exercises import load_module
from grader.kit.layers import part
from grader.kit.layers.calling import number_array
from grader.kit.layers.exercise import declare, right_names
from grader.records import AnswerKey, Report, Verdict
from grader.sandbox.pool import Pool
from grader.submission import Submission
from grader.validation.layers import validate_layers
from tests.conftest import ISOLATION, SEED, SLUGS, VISIBLE, words_of
from tests.courses import HandIn, hand_ins

ALL = [load(find_course(), slug) for slug in slugs(find_course())]
DECLARED = {assignment.slug: assignment for assignment in ALL if assignment.slug not in SLUGS}
RIGHT = [(slug, one) for slug, assignment in DECLARED.items() for one in hand_ins(assignment, "right")]
WRONG = [(slug, one) for slug, assignment in DECLARED.items() for one in hand_ins(assignment, "wrong")]


def _id(value: object) -> str:
    return value.name if isinstance(value, HandIn) else str(value)


@cache
def _key(slug: str) -> AnswerKey:
    """Built in this process, as to import torch in another one takes longer than most keys; with two trials of each layer."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(part, "PROBES", 2)
        return _built(slug)


def _built(slug: str) -> AnswerKey:
    before, threads = torch.get_default_dtype(), torch.get_num_threads()
    try:
        builder.prepare()
        return builder.build(DECLARED[slug], SEED)
    finally:
        torch.set_default_dtype(before)
        torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def grade_for() -> Iterator[Callable[[str, Submission], Report]]:
    """Grade a submission to an exercise, all on one fork server."""
    with Pool(ISOLATION, VISIBLE) as pool:

        @cache
        def task(slug: str) -> grading.Setup:
            return setup(DECLARED[slug], _key(slug))

        def grade(slug: str, handed_in: Submission) -> Report:
            pool.prepare(task(slug))
            assignment, key = DECLARED[slug], _key(slug)
            return grading.grade(
                handed_in, assignment, key, pool, Limits.of(assignment), lambda seed: _another(slug, seed)
            )

        yield grade


def _another(slug: str, seed: str) -> AnswerKey:
    return builder.build(DECLARED[slug], seed)


def _lost(report: Report) -> set[str]:
    return {check.id for check in report.checks if check.points < check.out_of}


@pytest.mark.parametrize(("slug", "one"), RIGHT, ids=_id)
def test_right_code_in_the_style_of_a_course_gets_full_marks_for_what_it_defines(slug, one, grade_for):
    report = grade_for(slug, one.submission)
    assert _lost(report) == one.expects, words_of(report)
    assert not [finding for finding in report.findings if finding.verdict is Verdict.WRONG]
    assert report.policy == ()
    assert report.diagnosis.mistakes == ()


@pytest.mark.parametrize(("slug", "one"), WRONG, ids=_id)
def test_a_mistake_costs_the_marks_of_what_is_wrong_and_no_others(slug, one, grade_for):
    assert _lost(grade_for(slug, one.submission)) == one.expects


@pytest.mark.parametrize("slug", DECLARED)
def test_an_exercise_of_a_course_passes_its_validation(slug, monkeypatch):
    key = _key(slug)
    monkeypatch.setattr(builder, "build", lambda *_: key)
    before = torch.get_default_dtype()
    try:
        items = list(validate_layers(DECLARED[slug]))
    finally:
        torch.set_default_dtype(before)
    assert [problem for item in items for problem in item.problems] == []


@pytest.mark.parametrize("slug", DECLARED)
def test_each_has_right_ones_in_three_styles_and_six_wrong_ones(slug):
    assert len([one for of, one in RIGHT if of == slug]) >= 3
    assert len([one for of, one in WRONG if of == slug]) >= 6


@pytest.mark.parametrize(("slug", "one"), RIGHT, ids=_id)
def test_the_exercise_is_guessed_or_those_are_named_that_it_may_be_for(slug, one):
    try:
        assert submission.find_assignment(one.submission, ALL).slug == slug
    except SubmissionError as error:
        told = str(error)
        assert "fits several assignments" in told
        assert slug in re.findall(r"[\w-]+", told)


@pytest.mark.parametrize("slug", DECLARED)
def test_code_that_is_pasted_gives_what_right_code_should_give_in_each_reading_of_a_layer(slug):
    assignment, key, tried = DECLARED[slug], _key(slug), 0
    parts = declare(load_module(assignment.exercise), assignment.declarations)
    for probe in key.probes:
        (part,) = [each for each in parts if each.path == probe.part]
        right = right_names(parts, f"{part.name}: {part.layer.reading}")
        for expectation in key.expected[probe.name]:
            code = layer_snippet(assignment.specification, probe, expectation.quantity, case=0)
            assert not (code and part.helped)
            printed: list[object] = []
            exec(code, right | {"print": printed.append})
            expected = expectation.double.value[0]
            for value in printed:
                off = number_array(value) - expected.reshape(np.shape(value))
                assert np.abs(off).max() <= 1e-5 * max(1.0, np.abs(expected).max()), code[-300:]
                tried += 1
    assert tried
