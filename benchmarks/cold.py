"""What grading one submission costs a user who waits for it, next to what importing torch costs alone.

    python benchmarks/cold.py [--repetitions N]

Measured is the wall time of whole processes, from start to end: `python -c "import torch"`, and `grade FILE` for a
sample submission with its answer key in the cache, without a process that stays ready and with one. They run in turn.

How to read it: whoever runs a torch submission must import torch; the ratio says what the rest adds to the wait. It is
the median of the ratios of the turns, since a machine drifts more between turns than within one.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMPORT = (sys.executable, "-c", "import torch")
GRADE = (str(Path(sys.executable).with_name("grade")), "submissions/alice.py")
WARM = (*GRADE, "--keep-warm")
COOL = (GRADE[0], "cool-down")
GOAL, GOAL_WARM_SECONDS = 1.1, 0.15
WAIT_SECONDS = 10.0
"""For the process that stays ready to import torch."""


def seconds(command: Sequence[str]) -> float:
    """The wall time of a process that must succeed; its output is thrown away."""
    environment = {**os.environ, "GRADE_KEEP_WARM": "1" if command == WARM else "0"}
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Measure in turn, and print a table and whether the goal is met."""
    parser = argparse.ArgumentParser(description="Wall time of grading one submission.")
    parser.add_argument("--repetitions", type=int, default=15, metavar="N")
    repetitions = parser.parse_args().repetitions
    for command in (IMPORT, GRADE, WARM):
        seconds(command)  # now files are in memory, the answer key in the cache, and a process stays ready
    time.sleep(WAIT_SECONDS)
    turns = [(seconds(IMPORT), seconds(GRADE), seconds(WARM)) for _ in range(repetitions)]
    seconds(COOL)
    imports, grades, warm = zip(*turns, strict=True)
    ratio = statistics.median(grade / alone for alone, grade, _ in turns)
    print("| process | median s | fastest s |\n|---|---:|---:|")
    print(f"| `import torch` | {statistics.median(imports):.2f} | {min(imports):.2f} |")
    print(f"| `grade`, one submission | {statistics.median(grades):.2f} | {min(grades):.2f} |")
    print(f"| `grade --keep-warm`, a process is ready | {statistics.median(warm):.2f} | {min(warm):.2f} |\n")
    print(f"* ratio to `import torch`, median of {repetitions}: {ratio:.2f} (goal {GOAL}): {verdict(ratio, GOAL)}")
    median = statistics.median(warm)
    print(f"* ready: {median:.2f} s (goal {GOAL_WARM_SECONDS}): {verdict(median, GOAL_WARM_SECONDS)}")


def verdict(measured: float, goal: float) -> str:
    """Whether the goal is met."""
    return "holds" if measured <= goal else "DOES NOT HOLD"


if __name__ == "__main__":
    main()
