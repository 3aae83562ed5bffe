"""bubblewrap: a view of files, processes and network in which only what the server needs has a name.

Landlock lets nothing outside be opened; but that it exists, and how large it is, can still be asked. Inside an
enclosure there is nothing to ask about.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from grader.sandbox.libraries import library_paths
from grader.wire.facts import Fact

PACKAGE = "/grader"
"""Where the untrusted side of the program is found inside."""

_UNTRUSTED = ("sandbox/inside", "kit", "watch", "wire")
_UNSHARE = ("--unshare-all", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL")
_PROCESSES = ("--proc", "/proc")
_PROCESSORS = "/sys/devices/system/cpu"
_DEVICES = ("/dev/null", "/dev/urandom")


def interpreter() -> str:
    """The Python that runs this, without the links of a virtual environment."""
    return str(Path(sys.executable).resolve())


def command(package: Path, visible: Iterable[Path]) -> list[str]:
    """What to put in front of a command so that it runs inside.

    Args:
        package: the folder of this program; its untrusted side appears at `PACKAGE`.
        visible: folders of the course that can be read inside, under their own names.
    """
    arguments = [_program() or "bwrap", *_UNSHARE, *_PROCESSES]
    for path in [*library_paths(), interpreter(), _PROCESSORS, *map(str, visible)]:
        arguments += ["--ro-bind-try", path, path]
    for path in _DEVICES:
        arguments += ["--dev-bind", path, path]
    for part in _UNTRUSTED:
        arguments += ["--ro-bind", str(package / part), f"{PACKAGE}/{part}"]
    return [*arguments, "--remount-ro", "/", "--"]


@cache
def obstacle() -> Fact | None:
    """Why there can be no enclosure here, and what to do about it; None where there can. Tries it once: some 10 ms."""
    program = _program()
    if not program:
        return Fact("lacks: bubblewrap")
    trial = [program, *_UNSHARE, "--ro-bind", "/", "/", *_PROCESSES, "--", program, "--version"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, errors="replace", timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Fact("lacks: a-bubblewrap-that-runs", {"text": str(error)})
    if done.returncode == 0:
        return None
    complaint = done.stderr.strip().removeprefix("bwrap: ") or str(done.returncode)
    return Fact("lacks: namespaces", {"text": complaint})


def _program() -> str | None:
    return shutil.which("bwrap")
