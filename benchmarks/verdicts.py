"""What every submission of the tests gets: write it down, and compare two such files line by line.

    python -m benchmarks.verdicts write before.json [WORD]
    python -m benchmarks.verdicts compare before.json after.json

With a WORD, only submissions whose path contains it: `mlp/wrong`. To compare two versions of the program, write the
first in a worktree of it, with the folder of the submissions as it is in the second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader import grading, submission
from grader.assignment import load, slugs
from grader.course import find_course
from grader.key.obtaining import obtain_key
from grader.records import Report
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.validation.cases import Case, cases_in

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests/submissions"
SEED, SERVERS = "1", 2


def told(report: Report) -> dict[str, Any]:
    """What must not change by accident: marks, verdicts, names of mistakes; no words and no times."""
    return {
        "outcome": str(report.outcome),
        "score": report.score,
        "checks": {check.id: [check.points, str(check.verdict)] for check in report.checks},
        "findings": {f"{f.probe} / {f.quantity}": str(f.verdict) for f in report.findings},
        "mistakes": [mistake.id for mistake in report.diagnosis.mistakes],
        "unknown": [unknown.step for unknown in report.diagnosis.unknown],
        "policy": [f"{found.rule} {found.action}" for found in report.policy],
        "remarks": len(report.remarks),
    }


def reports(only: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every submission of the corpus, by its path."""
    isolation = choose(Machine.here())
    for slug in slugs(find_course()):
        folders = sorted(folder for folder in (CORPUS / slug).iterdir() if folder.is_dir())
        files = {f"{slug}/{f.name}/{case.name}": case for f in folders for case in cases_in(f)}
        files = {name: case for name, case in files.items() if only in name}
        if not files:
            continue
        assignment = load(find_course(), slug)
        key = obtain_key(assignment, SEED, lambda _: None)
        with Pool(isolation, [ROOT / "assignments"], SERVERS) as pool, ThreadPoolExecutor(SERVERS) as threads:
            pool.prepare(grading.setup(assignment, key))

            def one(case: Case, assignment: Any = assignment, key: Any = key, pool: Pool = pool) -> dict[str, Any]:
                limits = grading.Limits.of(assignment, 3 if "timed-out" in (case.header("outcome") or "") else 20)
                return told(
                    grading.grade(
                        submission.accept(case.file.with_name(case.name), case.data),
                        assignment,
                        key,
                        pool,
                        limits,
                        lambda seed: obtain_key(assignment, seed, print),
                    )
                )

            yield from zip(files, threads.map(one, files.values()), strict=True)


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """One line for each thing that is told otherwise."""
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield f"{path}: {'is new' if old is None else 'is gone'}"
            continue
        for field in old:
            if isinstance(old[field], dict):
                keys = sorted(old[field].keys() | new[field].keys())
                pairs = [(f"{field} {key}", old[field].get(key), new[field].get(key)) for key in keys]
            else:
                pairs = [(field, old[field], new[field])]
            yield from (f"{path}: {what}: {was} -> {now}" for what, was, now in pairs if was != now)


def main() -> None:
    """Write, or compare."""
    match sys.argv[1:]:
        case ["write", file, *only]:
            found = dict(reports(*only or [""]))
            Path(file).write_text(json.dumps(found, indent=1), encoding="utf-8")
            print(f"{len(found)} reports")
        case ["compare", before, after]:
            lines = list(differences(*(json.loads(Path(f).read_text(encoding="utf-8")) for f in (before, after))))
            print("\n".join([*lines, f"{len(lines)} differences"]))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
