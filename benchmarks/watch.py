"""From saving a file to the verdict on the screen, with `grade check --watch`.

    python -m benchmarks.watch [SAVES]

Each save turns a wrong submission into a right one, or back, in one of three ways in which editors save. The time ends
when the last line of the report has been written.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "submissions"


def by_rename(path: Path, data: bytes) -> None:
    """A new file that gets the old name."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)


def in_place(path: Path, data: bytes) -> None:
    """The same file, made empty and written anew."""
    path.write_bytes(data)


def with_a_backup(path: Path, data: bytes) -> None:
    """The old file is moved away, and for a moment there is none."""
    path.replace(path.with_name("backup~"))
    path.write_bytes(data)


WAYS: tuple[Callable[[Path, bytes], None], ...] = (by_rename, in_place, with_a_backup)


def main(saves: int = 30) -> None:
    """Print the median and the worst time of each way."""
    versions = [(SAMPLES / name).read_bytes() for name in ("alice.py", "chloe.py")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.py"
        path.write_bytes(versions[1])
        command = [sys.executable, "-m", "grader", "check", str(path), "--watch"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            verdict(process)
            times: dict[str, list[float]] = {way.__name__: [] for way in WAYS}
            for number in range(saves):
                way = WAYS[number % len(WAYS)]
                started = time.perf_counter()
                way(path, versions[number % 2])
                verdict(process)
                times[way.__name__].append(time.perf_counter() - started)
            process.terminate()
    for name, measured in times.items():
        print(f"{name:<14} median {statistics.median(measured):.3f} s, worst {max(measured):.3f} s")
    every = [seconds for measured in times.values() for seconds in measured]
    print(f"{'all':<14} median {statistics.median(every):.3f} s, worst {max(every):.3f} s, of {len(every)} saves")


def verdict(process: subprocess.Popen[str]) -> None:
    """Wait until a whole report has been printed."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Watching"):
            return
    raise SystemExit("grade check --watch ended")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
