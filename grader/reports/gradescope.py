"""The report as Gradescope shows it to students: `results.json`."""

from __future__ import annotations

from typing import Any

from grader.records import CheckResult, Report
from grader.reports.audience import for_students
from grader.reports.clean import clean
from grader.reports.sentences import failures
from grader.words import Words

_VISIBLE = {"public": "visible", "hidden": "after_published"}


def as_results(report: Report, score: float | None, language: str = "en") -> dict[str, Any]:
    """What an autograder leaves in `/autograder/results/results.json`.

    Args:
        report: of which students read what is for them.
        score: after penalties; None where a person must look: then there is no score, and the text says why.
    """
    words, told = Words(language), for_students(report)
    results: dict[str, Any] = {
        "output": clean(failures(told, words)),
        "output_format": "text",
        "execution_time": told.seconds,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(check, words) for check in told.checks] if score is not None else [],
    }
    if score is not None:
        results["score"] = score
    return results


def _test(check: CheckResult, words: Words) -> dict[str, Any]:
    return {
        "name": check.title,
        "number": check.id,
        "score": check.points,
        "max_score": check.out_of,
        "status": "passed" if check.points >= check.out_of else "failed",
        "output": words.say(check.fact),
        "output_format": "text",
        "visibility": _VISIBLE[check.visibility],
    }
