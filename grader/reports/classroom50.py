"""The report as Classroom 50 collects it: `result.json`, version 1. Other top-level keys are rejected there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def as_result(report: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the workflow of a repository hands to its classroom.

    Args:
        report: as data, `grader/report/3`.
        environment: of the workflow: the variables that GitHub sets, and GRADE_CLASSROOM, GRADE_ASSIGNMENT and
            GRADE_ASSIGNMENT_TYPE, which the workflow of a handout sets.
    """
    return {
        "schema": "classroom50/result/v1",
        "classroom": environment.get("GRADE_CLASSROOM", ""),
        "assignment": environment.get("GRADE_ASSIGNMENT", report["assignment"]),
        "assignment_type": environment.get("GRADE_ASSIGNMENT_TYPE", "individual"),
        "owner": environment.get("GITHUB_ACTOR", ""),
        "submission": f"submit/{environment.get('GITHUB_REF_NAME', '')}",
        "commit": environment.get("GITHUB_SHA", ""),
        "release": "",
        "review": "",
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": report["score"],
        "max-score": report["out_of"],
        "tests": [_test(check) for check in report["checks"]],
    }


def _test(check: Mapping[str, Any]) -> dict[str, Any]:
    told = {"message": check["fact"]["text"]} if check["fact"] else {}
    return {
        "test-name": check["title"],
        "passed": check["points"] >= check["out_of"],
        "score": check["points"],
        "max-score": check["out_of"],
        **told,
    }
