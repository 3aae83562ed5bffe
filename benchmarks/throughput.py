"""What grading a class costs: 1,000 distinct honest submissions, from the files to the reports.

    python benchmarks/throughput.py [--submissions N] [--servers N] [--fresh N]

Measured is the whole pipeline: read the file, run all probes of `mynet`, judge, and write the report as JSON. It is run
at each level in turn, 100 submissions at a time, so that all see the same weather; and in between, a few submissions
are run in the way that needs no fork server: a fresh process for each, as many at a time as there are cores, which
imports torch and runs the probes. What that sends is thrown away, neither judged nor reported.

How to read it: the machine is shared, so compare the ratios, not the rates. Every submission is right, and must get
full marks at every level.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from grader import submission
from grader.assignment import load
from grader.course import find_course
from grader.grading import Limits, grade, setup
from grader.keys import obtain_key
from grader.records import Isolation
from grader.reports.json_report import as_json
from grader.sandbox.jobs import archive, memory_file
from grader.sandbox.levels import LEVELS, Machine
from grader.sandbox.libraries import library_folders
from grader.sandbox.pool import Pool
from submissions import write_distinct

ROOT = Path(__file__).parent.parent
LEVELS_MEASURED = ("full+", "full", "partial")
CHUNK = 100
GOALS = {"fresh": 100.0, "confinement": 1.3}

FRESH = """
import sys
sys.path[:0] = sys.argv[4:]
from grader.sandbox.inside import child, server
server.torch.set_num_threads(1)
task = server._setup(int(sys.argv[1]))
data = open(sys.argv[2], "rb").read()
with open(sys.argv[3], "wb") as sink:
    child.run(task, sys.argv[2], data, notebook=False, skip=(), send=sink.writelines)
"""


@dataclass
class Measured:
    """Of one way: how many submissions, in how many seconds, and the seconds of each."""

    count: int = 0
    seconds: float = 0.0
    each: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Submissions a second."""
        return self.count / self.seconds if self.seconds else 0.0

    def measure(self, way: Callable[[Path], None], paths: Sequence[Path], workers: int) -> None:
        """Run `way` on every path, `workers` at a time."""

        def timed(path: Path) -> float:
            begun = time.perf_counter()
            way(path)
            return time.perf_counter() - begun

        started = time.perf_counter()
        with ThreadPoolExecutor(workers) as executor:
            self.each += executor.map(timed, paths)
        self.seconds += time.perf_counter() - started
        self.count += len(paths)


def main() -> None:
    """Measure, and print a table, memory, and whether the goals are met."""
    parser = argparse.ArgumentParser(description="Rate of grading many submissions.")
    parser.add_argument("--submissions", type=int, default=1000, metavar="N")
    parser.add_argument("--fresh", type=int, default=40, metavar="N", help="in fresh processes, altogether")
    parser.add_argument("--servers", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    options = parser.parse_args()
    course = find_course()
    assignment = load(course, "mynet")
    key = obtain_key(assignment, "benchmark", print)
    limits, told = Limits.of(assignment), setup(assignment, key)
    levels = [level for level in LEVELS_MEASURED if not Machine.here().lacks(level)]
    pools = {
        level: Pool(Isolation(level, LEVELS[level]), [course / "assignments"], options.servers) for level in levels
    }
    for pool in pools.values():
        pool.prepare(told)

    def through(pool: Pool) -> Callable[[Path], None]:
        def way(path: Path) -> None:
            report = grade(
                submission.read(path), assignment, key, pool, limits, lambda s: obtain_key(assignment, s, print)
            )
            as_json(report)
            if report.score != report.out_of:
                raise SystemExit(f"{path} is right, but earns {report.score}: {report}")

        return way

    def fresh(path: Path) -> None:
        archived = memory_file("setup", archive(told))
        command = [sys.executable, "-c", FRESH, str(archived), str(path), os.devnull, str(ROOT), *library_folders()]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, pass_fds=[archived], env=environment, stdout=subprocess.DEVNULL)
        os.close(archived)

    measured = {name: Measured() for name in (*levels, "fresh process")}
    with tempfile.TemporaryDirectory() as folder:
        paths = write_distinct(Path(folder), options.submissions)
        for level in levels:
            Measured().measure(through(pools[level]), paths[:20], options.servers)
        turns = -(-len(paths) // CHUNK)
        for turn in range(turns):
            for level in levels:
                measured[level].measure(
                    through(pools[level]), paths[turn * CHUNK : (turn + 1) * CHUNK], options.servers
                )
            few = paths[turn * options.fresh // turns : (turn + 1) * options.fresh // turns]
            measured["fresh process"].measure(fresh, few, len(os.sched_getaffinity(0)))
    _tell(measured)
    _tell_memory(pools)
    for pool in pools.values():
        pool.close()


def _tell(measured: dict[str, Measured]) -> None:
    print("| way | submissions | a second | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|")
    for name, m in measured.items():
        p50, p99 = (statistics.quantiles(m.each, n=100)[i] * 1000 for i in (49, 98))
        print(f"| {name} | {m.count} | {m.rate:.1f} | {p50:.1f} | {p99:.1f} |")
    fresh, open_ = measured["fresh process"].rate, measured["partial"].rate
    print()
    for level in (name for name in measured if name.startswith("full")):
        times, cost = measured[level].rate / fresh, open_ / measured[level].rate
        print(f"* {level}: {times:.0f} times the rate of fresh processes (goal {GOALS['fresh']:.0f}): "
              f"{_verdict(times >= GOALS['fresh'])}")  # fmt: skip
        print(f"* {level}: {cost:.2f} times the cost without confinement (goal {GOALS['confinement']}): "
              f"{_verdict(cost <= GOALS['confinement'])}")  # fmt: skip


def _tell_memory(pools: dict[str, Pool]) -> None:
    print("\n| process | RSS MB | PSS MB |\n|---|---:|---:|")
    for name, pid in (("grading process", "self"), ("fork server at partial", str(pools["partial"].servers[0]))):
        lines = dict(line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
        rss, pss = (int(lines[field].split()[0]) / 1024 for field in ("Rss", "Pss"))
        print(f"| {name} | {rss:.0f} | {pss:.0f} |")


def _verdict(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"


if __name__ == "__main__":
    main()
