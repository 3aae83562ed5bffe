"""What a batch costs: time, memory and rate, next to the pipeline alone; and what becomes of one that is killed.

    python benchmarks/batch.py [--files N] [--quick-only] [--kills N]

The class is made of copies of tests/submissions/mynet (right, wrong, hostile, notebooks, broken), each with a comment
of its own, so that no two have the same bytes. `--quick-only` takes right and wrong ones alone, for large numbers.

Measured are the wall time of `grade batch` as a whole process, the memory of the parent (the peak of its resident set,
sampled, at a quarter, half and all of the class), and the rate in each quarter. "Pipeline alone" grades a sample of the
same files in this process, one after another, on one fork server that is warm, and writes nothing.

With `--kills N`, the batch is killed N times, each time at a random moment within 0.4 s of its first new report, and
started again; at the end its reports must equal those of an undisturbed run but for times, messages (which may name a
time) and what was printed.

How to read it: the rate of the batch over that of the pipeline says how well the cores are used; two cores that are not
idle give less than 2. A memory that grows from quarter to quarter would be a leak.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.assignment import load
from grader.batch.workers import Bench
from grader.course import find_course
from grader.grading import Limits
from grader.intake.finding import Intake
from grader.intake.nodes import read
from grader.key import answer_key
from grader.key.obtaining import obtain_key
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.validation.cases import cases_in

CORPUS = Path(__file__).parent.parent / "tests/submissions/mynet"
GRADE = str(Path(sys.executable).with_name("grade"))
SAMPLE = 100
LIMIT = 3.0


def make_class(folder: Path, files: int, *, quick_only: bool) -> None:
    """Copies of the corpus with differing bytes."""
    kinds = ("right", "wrong") if quick_only else ("right", "wrong", "hostile", "stopped", "suspected", "undetected")
    sources = [case for kind in kinds for case in cases_in(CORPUS / kind)]
    sources = [case for case in sources if case.name.endswith(".py") or not quick_only]
    for number in range(files):
        source = sources[number % len(sources)]
        ending = b" " * (1 + number) if source.name.endswith(".ipynb") else f"\n# {number}\n".encode()
        (folder / f"student{number:06}_{source.name}").write_bytes(source.data + ending)


def command(folder: Path, out: Path) -> list[str]:
    """The batch that is measured."""
    return [GRADE, "batch", str(folder), "--out", str(out), "--assignment", "mynet", "--limit-seconds", str(LIMIT)]


def resident_mb(process: int) -> float:
    """Memory of a process, or nothing where it has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0.0


def measure(folder: Path, out: Path, files: int) -> None:
    """Run the batch, and print rate and memory in each quarter."""
    started = time.perf_counter()
    batch = subprocess.Popen(command(folder, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    marks: list[tuple[float, float]] = []
    peak = 0.0
    while batch.poll() is None:
        time.sleep(0.2)
        peak = max(peak, resident_mb(batch.pid))
        done = sum(1 for _ in (out / "json").glob("*.json")) if (out / "json").exists() else 0
        if done >= (len(marks) + 1) * files // 4:
            marks.append((time.perf_counter() - started, peak))
    seconds = time.perf_counter() - started
    printed, errors = batch.communicate()
    print(printed, errors)
    print(f"* {files} files in {seconds:.1f} s, {files / seconds:.1f} a second, exit status {batch.returncode}")
    before = 0.0
    for number, (at, memory) in enumerate(marks, start=1):
        print(
            f"* quarter {number}: {files / 4 / max(at - before, 1e-9):.1f} a second, peak of the parent {memory:.0f} MB"
        )
        before = at


def pipeline_alone(folder: Path) -> None:
    """Grade a sample in this process, one after another."""
    assignment = load(find_course(), "mynet")
    key = obtain_key(assignment, answer_key.default_seed(), print)
    bench = Bench(assignment, key, Limits.of(assignment, LIMIT), choose(Machine.here()))
    hand_ins = list(Intake([str(folder)]).hand_ins())
    sample = random.Random(1).sample(hand_ins, min(SAMPLE, len(hand_ins)))
    with Pool() as pool:
        pool.prepare(bench.setup())
        bench.grade(read(sample[0].files[0]), pool, print)
        started = time.perf_counter()
        for hand_in in sample:
            bench.grade(read(hand_in.files[0]), pool, print)
        seconds = time.perf_counter() - started
    print(f"* pipeline alone, one fork server: {len(sample) / seconds:.1f} a second (sample of {len(sample)})")


def reports(out: Path) -> dict[str, dict[str, object]]:
    """All reports, without what differs from run to run."""
    found = {path.name: json.loads(path.read_text()) for path in (out / "json").glob("*.json")}
    return {
        name: {k: v for k, v in report.items() if k not in ("seconds", "output", "failures")}
        for name, report in found.items()
    }


def kill_often(folder: Path, undisturbed: Path, out: Path, kills: int) -> None:
    """Kill the batch at random moments after it wrote a report that was not there; compare what is there at the end."""
    moments = random.Random(2)
    there: list[int] = []
    for _ in range(kills):
        before = len(reports(out))
        batch = subprocess.Popen(command(folder, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while batch.poll() is None and sum(1 for _ in (out / "json").glob("*.json")) <= before:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.4))
        if batch.poll() is None:
            batch.kill()
            there.append(len(reports(out)))  # each is whole, or it could not be read
        batch.wait()
    subprocess.run(command(folder, out), stdout=subprocess.DEVNULL, check=True)
    one, other = reports(undisturbed), reports(out)
    differing = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    print(f"* killed {len(there)} times, with so many reports there: {', '.join(map(str, there))}")
    print(f"* {len(other)} reports at the end, {len(differing)} differ from undisturbed ones {differing[:5]}")


def main() -> None:
    """Make the class, measure, and kill."""
    parser = argparse.ArgumentParser(description="Time and memory of a batch.")
    parser.add_argument("--files", type=int, default=300, metavar="N")
    parser.add_argument("--quick-only", action="store_true", help="right and wrong submissions alone")
    parser.add_argument("--kills", type=int, default=0, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "class"
        folder.mkdir()
        make_class(folder, options.files, quick_only=options.quick_only)
        pipeline_alone(folder)
        measure(folder, Path(scratch) / "reports", options.files)
        if options.kills:
            kill_often(folder, Path(scratch) / "reports", Path(scratch) / "killed", options.kills)


if __name__ == "__main__":
    main()
