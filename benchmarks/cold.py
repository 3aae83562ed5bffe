"""What grading one submission costs a user who waits for it, next to what importing torch costs alone.

    python benchmarks/cold.py [--repetitions N]

Measured is the wall time of whole processes, from start to end: `python -c "import torch"`, and `grade FILE` for a
sample submission with its answer key in the cache. They run in turn (A B A B ...).

How to read it: whoever runs a torch submission must import torch; the ratio says what the rest adds to the wait. It is
the median of the ratios of the pairs, since a machine drifts more between pairs than within one.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMPORT = (sys.executable, "-c", "import torch")
GRADE = (str(Path(sys.executable).with_name("grade")), "submissions/alice.py")
GOAL = 1.15


def seconds(command: Sequence[str]) -> float:
    """The wall time of a process that must succeed; its output is thrown away."""
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure pairs, and print a table and whether the goal is met."""
    parser = argparse.ArgumentParser(description="Wall time of grading one submission.")
    parser.add_argument("--repetitions", type=int, default=15, metavar="N")
    repetitions = parser.parse_args().repetitions
    for command in (IMPORT, GRADE):
        seconds(command)  # now files are in memory, and the answer key in the cache
    pairs = [(seconds(IMPORT), seconds(GRADE)) for _ in range(repetitions)]
    imports, grades = zip(*pairs, strict=True)
    ratio = statistics.median(grade / alone for alone, grade in pairs)
    print("| process | median s | fastest s |\n|---|---:|---:|")
    print(f"| `import torch` | {statistics.median(imports):.2f} | {min(imports):.2f} |")
    print(f"| `grade`, one submission | {statistics.median(grades):.2f} | {min(grades):.2f} |\n")
    print(f"* ratio of the pairs, median of {repetitions}: {ratio:.2f} (goal {GOAL}): {verdict(ratio)}")


def verdict(ratio: float) -> str:
    """Whether the goal is met."""
    return "holds" if ratio <= GOAL else "DOES NOT HOLD"


if __name__ == "__main__":
    main()
