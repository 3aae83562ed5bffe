"""The report as Gradescope shows it: `results.json`."""

from __future__ import annotations

from typing import Any

from grader.reports.audience import public_part

_VISIBLE = {"public": "visible", "hidden": "after_published"}


def as_results(report: dict[str, Any], score: float | None) -> dict[str, Any]:
    """What an autograder leaves in `/autograder/results/results.json`.

    Args:
        report: as data, `grader/report/1`.
        score: after penalties; None where a person must look: then there is no score, and the text says why.
    """
    results: dict[str, Any] = {
        "output": public_part(
            report["message"], ((trial["title"], trial["visibility"]) for trial in report.get("trials", ()))
        ),
        "output_format": "text",
        "execution_time": report["seconds"],
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(check) for check in report["checks"]] if score is not None else [],
    }
    if score is not None:
        results["score"] = score
    return results


def _test(check: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": check["title"],
        "number": check["id"],
        "score": check["points"],
        "max_score": check["out_of"],
        "status": "passed" if check["points"] >= check["out_of"] else "failed",
        "output": check["message"],
        "output_format": "text",
        "visibility": _VISIBLE[check["visibility"]],
    }
