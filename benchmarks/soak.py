"""Whether the sandbox stays right and small over thousands of jobs, some of them hostile.

    python benchmarks/soak.py [--jobs N] [--servers N]

One job in 20 is a hostile submission of the tests that ends fast; its outcome must be the one that its first line
names. All others are distinct honest ones, and must get full marks. Memory, descriptors and processes are counted after
the first tenth and at the end: they must not have grown by more than a few MB, by any descriptor, by any process.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import submission
from grader.assignment import load
from grader.course import find_course
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from submissions import ROOT, write_distinct

HOSTILE = ROOT / "tests/submissions/mynet/hostile"
ONE_IN = 20
FAST_SECONDS = 0.5
MOST_GROWTH_MB = 8.0
SLOW_STYLES = ("loops_over_entries", "verbose_keyword", "whole_script")


def main() -> None:
    """Run all jobs, and say what was wrong and what grew."""
    parser = argparse.ArgumentParser(description="Thousands of jobs, some of them hostile.")
    parser.add_argument("--jobs", type=int, default=5000, metavar="N")
    parser.add_argument("--servers", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    options = parser.parse_args()
    course = find_course()
    assignment = load(course, "mynet")
    key = obtain_key(assignment, "benchmark", print)
    limits = Limits.of(assignment)
    with (
        Pool(choose(Machine.here()), [course / "assignments"], options.servers) as pool,
        tempfile.TemporaryDirectory() as folder,
    ):
        pool.prepare(setup(assignment, key))

        def outcome(path: Path) -> tuple[str, float]:
            report = grade(
                submission.read(path), assignment, key, pool, limits, lambda s: obtain_key(assignment, s, print)
            )
            return str(report.outcome), report.score

        hostile = [path for path in sorted(HOSTILE.glob("*.py")) if _ends_fast(path, outcome)]
        honest = [path for path in write_distinct(Path(folder), 200) if not path.name.startswith(SLOW_STYLES)]
        jobs = [
            hostile[number // ONE_IN % len(hostile)] if number % ONE_IN == 0 else honest[number % len(honest)]
            for number in range(options.jobs)
        ]
        wrong, first = [], options.jobs // 10
        started = time.perf_counter()
        with ThreadPoolExecutor(options.servers) as executor:
            results = list(executor.map(outcome, jobs[:first]))
            before = _used()
            for turn in range(first, len(jobs), first):  # what waits in the executor is no growth of ours
                results += executor.map(outcome, jobs[turn : turn + first])
        seconds, after = time.perf_counter() - started, _used()
        for path, (seen, score) in zip(jobs, results, strict=True):
            good = seen == _expected(path) if path.parent == HOSTILE else score == assignment.out_of
            if not good:
                wrong.append(f"{path.name}: {seen}, {score}")
        print(f"{options.jobs} jobs at {pool.isolation.level}, {len(hostile)} kinds of hostile ones among them, "
              f"{options.jobs / seconds:.1f} a second")  # fmt: skip
        print(f"wrong: {len(wrong)}", *wrong[:20], sep="\n  ")
        print("| | after a tenth | at the end |\n|---|---:|---:|")
        for name, then, now in zip(("processes", "descriptors", "MB of them all"), before, after, strict=True):
            print(f"| {name} | {then:.0f} | {now:.0f} |")
        grew = after[0] > before[0] or after[1] > before[1] or after[2] > before[2] + MOST_GROWTH_MB
        print(f"\n* nothing wrong: {_verdict(not wrong)}\n* no growth: {_verdict(not grew)}")


def _expected(path: Path) -> str:
    found = re.search(r"# outcome: *(\S+)", path.read_bytes().decode("latin-1"))
    assert found, path
    return found[1]


def _ends_fast(path: Path, outcome: object) -> bool:
    if "timed-out" in _expected(path):
        return False
    started = time.perf_counter()
    outcome(path)  # type: ignore[operator]
    return time.perf_counter() - started < FAST_SECONDS


def _used() -> tuple[int, int, float]:
    """Processes of this program, open descriptors of them all, and their memory in MB.

    Memory is what they wrote, shared parts counted once; mapped files are left out, as other programs share them.
    """
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat[1])
    family = [os.getpid()]
    for known in family:
        family += [child for child, parent in parents.items() if parent == known]
    descriptors = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in family)
    shares = [Path(f"/proc/{pid}/smaps_rollup").read_text().split("\nPss_Anon:")[1].split()[0] for pid in family]
    return len(family), descriptors, sum(map(int, shares)) / 1024


def _verdict(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"


if __name__ == "__main__":
    main()
