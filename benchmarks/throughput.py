"""What grading one submission of a class costs, next to a fresh process and next to a process that is warm.

    python -m benchmarks.throughput [--exercises SLUG ...] [--rounds N] [--level LEVEL] [--all]

Measured is the processor time (user and system) of all processes that take part: the grading process, the fork server,
and the submission's own process. One submission goes the whole way: read the file, run all trials, judge, and write
the report as JSON. Two other ways run in turn with it, round by round, so that all see the same weather:

- fresh: a new process for each submission, which imports torch and runs the trials. What it sends is thrown away.
- warm: one process that runs the trials of one submission after another, without a fork, and throws away what it sends.

Submissions are of ordinary styles (`ORDINARY`), each with names of its own; with `--all`, all styles of right
submissions are measured besides. Every one is right, and must get full marks. How to read it: the machine is shared, so
compare the ratios, not the milliseconds; each figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.submissions import write_distinct
from grader import submission
from grader.assignment import Assignment, load
from grader.course import find_course
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.records import AnswerKey, Isolation
from grader.reports.json_report import as_json
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.jobs import Setup, archive, memory_file
from grader.sandbox.levels import LEVELS
from grader.sandbox.libraries import library_folders
from grader.sandbox.pool import Pool

ROOT = Path(__file__).parent.parent
ORDINARY = {
    "mynet": "plain recursive list_of_deltas einsum_and_outer data_and_detach delta_first_row",
    "functions": "einsum_and_saved_outputs setup_context sum_over_rows_own_context weights_first_bias_as_row",
    "mlp": "plain rows columns copy_and_slices other_order static_methods",
    "relu": "plain contiguous_first functional_alias own_base_class setup_context slope_half_at_zero",
    "cs231n-affine": "vectorised einsum",
    "cs231n-fc-net": "stack_of_closures loops_over_layers",
}
"""For each exercise the styles, by the names of files among the tests, of those who write nothing remarkable."""
A_ROUND = 24
GOALS = {"fresh": 100.0, "warm": 2.0}

TRIALS = """
import sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from grader.sandbox.inside import child, server
server.torch.set_num_threads(1)
with open(int(sys.argv[1]), "rb") as file:
    task = server.unpack(file.read())
print("ready", flush=True)
for line in sys.stdin:
    begun, paths = time.process_time(), line.split()
    for path in paths:
        data = Path(path).read_bytes()
        child.run(task, path, data, {}, notebook=False, skip=(), send=lambda parts: None)
    sys.__stdout__.write(f"seconds {time.process_time() - begun}\\n")
    sys.__stdout__.flush()
"""
"""Runs the trials of the submissions that each line of standard input names."""


@dataclass
class Measured:
    """Of one exercise: the milliseconds of processor time of one submission in each round, by way."""

    ways: dict[str, list[float]] = field(default_factory=dict)

    def add(self, way: str, seconds: float, count: int) -> None:
        """Note what `count` submissions took."""
        self.ways.setdefault(way, []).append(seconds / count * 1000)

    def median(self, way: str) -> float:
        """The median of the rounds."""
        return statistics.median(self.ways[way])

    def ratio(self, one: str, other: str) -> float:
        """The median of the ratios of two ways in the same round."""
        return statistics.median(a / b for a, b in zip(self.ways[one], self.ways[other], strict=True))


@dataclass(frozen=True)
class Pipeline:
    """The whole way of a submission, with one fork server."""

    assignment: Assignment
    key: AnswerKey
    pool: Pool

    def grade(self, path: Path) -> None:
        """Grade one submission, which is right."""
        report = grade(
            submission.read(path),
            self.assignment,
            self.key,
            self.pool,
            Limits.of(self.assignment),
            lambda seed: obtain_key(self.assignment, seed, print),
        )
        as_json(report)
        if report.score != report.out_of:
            raise SystemExit(f"{path} is right, but earns {report.score}: {report}")

    def measure(self, paths: Sequence[Path], measured: Measured, name: str) -> None:
        """Grade all, one after another, and note the processor time of this process, of the server, and of both."""
        here, there = time.process_time(), used_by(self.pool.servers)
        for path in paths:
            self.grade(path)
        grading, running = time.process_time() - here, (used_by(self.pool.servers) or 0.0) - (there or 0.0)
        measured.add(f"{name}, grading", grading, len(paths))
        measured.add(f"{name}, sandbox", running, len(paths))
        measured.add(name, grading + running, len(paths))


@contextmanager
def trials(told: Setup) -> Iterator[subprocess.Popen[str]]:
    """A process that runs trials without a fork, and has imported everything."""
    archived = memory_file("setup", archive(told))
    command = [sys.executable, "-c", TRIALS, str(archived), str(ROOT), *library_folders()]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        pass_fds=[archived],
        env=environment,
    ) as process:
        os.close(archived)
        yield process


def run_trials(process: subprocess.Popen[str], paths: Sequence[Path]) -> float:
    """The seconds of processor time that a process of `trials` takes for some submissions."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(" ".join(map(str, paths)) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        word, _, seconds = line.partition(" ")
        if word == "seconds":
            return float(seconds)
    raise SystemExit("the process that runs trials has ended")


def fresh(told: Setup, path: Path) -> float:
    """The seconds of processor time of a whole process for one submission."""
    before = _of_children()
    with trials(told) as process:
        run_trials(process, [path])
        assert process.stdin
        process.stdin.close()
        process.wait()
    return _of_children() - before


def _of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(slug: str, level: str, rounds: int, *, every_style: bool) -> Measured:
    """All ways for one exercise, in turn."""
    course = find_course()
    assignment = load(course, slug)
    key = obtain_key(assignment, "benchmark", print)
    told, measured = setup(assignment, key), Measured()
    right = ROOT / "tests/submissions" / slug / "right"
    with (
        tempfile.TemporaryDirectory() as folder,
        trials(told) as warm,
        Pool(Isolation(level, LEVELS[level]), [course / "assignments"], 1) as pool,
    ):
        pool.prepare(told)
        pipeline = Pipeline(assignment, key, pool)
        paths = write_distinct(Path(folder), A_ROUND * (rounds + 1), right, ORDINARY[slug].split())
        for path in paths[:A_ROUND]:
            pipeline.grade(path)
        run_trials(warm, paths[:A_ROUND])
        for turn in range(1, rounds + 1):
            some = paths[turn * A_ROUND : (turn + 1) * A_ROUND]
            pipeline.measure(some, measured, "ordinary")
            measured.add("warm", run_trials(warm, some), len(some))
            measured.add("fresh", fresh(told, some[0]), 1)
        if every_style:
            styles = Path(folder, "all")
            styles.mkdir()
            pipeline.measure(write_distinct(styles, len(list(right.glob("*.py"))), right), measured, "all styles")
        assert warm.stdin
        warm.stdin.close()
    return measured


def main() -> None:
    """Measure each exercise, and print tables and whether the goals are met."""
    parser = argparse.ArgumentParser(description="Processor time of grading one submission of many.")
    parser.add_argument("--exercises", nargs="+", default=list(ORDINARY), choices=list(ORDINARY), metavar="SLUG")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--level", default="full", choices=list(LEVELS))
    parser.add_argument("--all", action="store_true", help="all styles of right submissions, besides")
    options = parser.parse_args()
    print(f"Milliseconds of processor time at level {options.level}, {options.rounds} rounds of {A_ROUND}\n")
    columns = ("exercise", "one submission", "grading process", "sandbox", "warm", "fresh", "fresh / one", "one / warm")
    print(f"| {' | '.join(columns)} |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    told: list[str] = []
    for slug in options.exercises:
        found = measure(slug, options.level, options.rounds, every_style=options.all)
        cells = [found.median(way) for way in ("ordinary", "ordinary, grading", "ordinary, sandbox", "warm", "fresh")]
        times, cost = found.ratio("fresh", "ordinary"), found.ratio("ordinary", "warm")
        print(f"| {slug} | " + " | ".join(f"{cell:.1f}" for cell in cells) + f" | {times:.0f} | {cost:.2f} |")
        told += [f"{slug}: {_verdict(times, GOALS['fresh'], cost, GOALS['warm'])}"]
        if options.all:
            told += [f"{slug}: mean over all styles {found.median('all styles'):.1f} ms"]
    print("", *told, sep="\n* ")


def _verdict(times: float, most: float, cost: float, least: float) -> str:
    def said(holds: Callable[[], bool]) -> str:
        return "holds" if holds() else "DOES NOT HOLD"

    return (
        f"{most:.0f} times less than a fresh process {said(lambda: times >= most)}; "
        f"at most {least:.0f} times a warm one {said(lambda: cost <= least)}"
    )


if __name__ == "__main__":
    main()
