"""Does right work ever lose a mark, whatever is drawn?

    python benchmarks/seeds.py SLUG FILE FILE ... [--seeds N] [--processes N]

For every seed the probes of an exercise are drawn and its answer key is built, as for a class with that seed; the right
submissions that are named are graded with it as `grade` does, sandbox included. "Lost" counts gradings below full
marks; it must be 0. "Worst ratio" is the largest error of any gradient or value over what is allowed: 1 is the limit.
"Refused keys" are seeds at which the oracles disagree or the reference does not pass; they must be 0, too.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from grader import submission
from grader.assignment import load
from grader.course import find_course
from grader.errors import AssignmentError
from grader.grading import Limits, grade, setup
from grader.key.builder import build
from grader.records import AnswerKey, Run
from grader.sandbox.jobs import Job, Setup
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.tolerance import error_ratio
from grader.words import say


@dataclass(frozen=True)
class Result:
    """Of one file at one seed: what it lost and the first thing found, and its worst ratio with the place."""

    lost: bool
    why: str
    worst: tuple[float, str]


class Recording(Pool):
    """A pool that remembers the last run."""

    last: Run

    def run(self, job: Job, setup: Setup | None = None) -> Run:
        """Run one submission."""
        self.last = super().run(job, setup)
        return self.last


def try_seeds(slug: str, files: Sequence[Path], seeds: Sequence[int]) -> list[list[Result] | str]:
    """Grade all files at some seeds, on one fork server."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    with Recording(choose(Machine.here()), [find_course() / "assignments"]) as pool:
        return [try_seed(slug, files, pool, seed) for seed in seeds]


def try_seed(slug: str, files: Sequence[Path], pool: Recording, seed: int) -> list[Result] | str:
    """Grade all files at one seed; the words of the error where there is no key."""
    assignment = load(find_course(), slug)
    try:
        key = build(assignment, str(seed))
    except AssignmentError as error:
        return f"seed {seed}: {error}"
    pool.prepare(setup(assignment, key))
    results = []
    for path in files:
        limits = Limits.of(assignment, seconds=120)
        report = grade(submission.read(path), assignment, key, pool, limits, lambda other: build(assignment, other))
        first = next(
            (f"{f.probe}, {f.quantity}: {say(f.fact)}" for f in report.findings if f.fact), str(report.failures)
        )
        counted = {finding.probe for finding in report.findings}
        lost = report.score < report.out_of
        results.append(Result(lost, f"seed {seed}, {path.name}: {first}", max(ratios(key, pool.last, counted))))
    return results


def ratios(key: AnswerKey, run: Run, counted: set[str]) -> Iterator[tuple[float, str]]:
    """The error of each gradient and value over what is allowed in the precision of what was told, with its place."""
    yield 0.0, ""
    for name in counted:
        arrays = run.observations[name].arrays
        for e in key.expected[name]:
            observed = arrays.get(e.quantity)
            if e.rule.is_work and observed is not None and observed.size == e.double.value.size:
                allowed = e.double if observed.dtype == np.float64 else e.single
                ratio = error_ratio(observed.reshape(allowed.value.shape).astype(np.float64), allowed)
                yield ratio, f"seed {key.seed}, {name}, {e.quantity}"


def main() -> None:
    """Try all seeds, in several processes: what was lost so far to stderr, one table at the end."""
    parser = argparse.ArgumentParser(description="Lost marks of right work, over many seeds.")
    parser.add_argument("slug")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=500, metavar="N")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), metavar="N")
    options = parser.parse_args()
    blocks = [range(first, options.seeds, 20 * options.processes) for first in range(20 * options.processes)]
    outcomes: list[list[Result] | str] = []
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for block in pool.map(partial(try_seeds, options.slug, options.files), filter(len, blocks)):
            outcomes += block
            refused, results = parts(outcomes)
            lost = sum(result.lost for each in results for result in each)
            print(f"{len(outcomes)} seeds: {lost} lost, {len(refused)} keys refused", file=sys.stderr, flush=True)
    refused, results = parts(outcomes)
    print("| submission | seeds | lost | worst ratio | at |", "|---|---:|---:|---:|---|", sep="\n")
    for number, path in enumerate(options.files):
        each = [result[number] for result in results]
        worst, place = max(result.worst for result in each)
        print(f"| `{path.name}` | {len(each)} | {sum(r.lost for r in each)} | {worst:.3f} | {place} |")
    print(f"\nRefused keys: {len(refused)} of {options.seeds}.", *refused[:5], sep="\n")
    print(*[r.why for result in results for r in result if r.lost][:10], sep="\n")


def parts(outcomes: Sequence[list[Result] | str]) -> tuple[list[str], list[list[Result]]]:
    """The refused keys and the gradings of the other seeds."""
    return [o for o in outcomes if isinstance(o, str)], [o for o in outcomes if not isinstance(o, str)]


if __name__ == "__main__":
    main()
