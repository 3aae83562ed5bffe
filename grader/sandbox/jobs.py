"""What goes down to the fork server: the exercise and its probes once, and one submission at a time."""

from __future__ import annotations

import fcntl
import importlib.util
import io
import json
import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from grader.errors import GraderFault
from grader.records import AnyArray, Probe
from grader.sandbox.levels import landlock_version
from grader.sandbox.seccomp import Filters, compile_filters

_PRELOAD = """
abc cmath collections copy dataclasses decimal enum fractions functools inspect itertools json math operator random
re statistics string textwrap time types typing warnings encodings.latin_1 encodings.utf_8_sig
numpy.linalg numpy.random torch.autograd torch.nn.functional
"""
"""What a submission can import at the level `sealed`, where it can open nothing."""


@dataclass(frozen=True)
class Setup:
    """What the fork server is told once: the exercise, the probes, and which quantities are expected.

    `level` is the isolation level. `entries` tells for each entry point its accepted spellings and the name of a base
    class ("" for none); with `script`, the file as a whole is one, too. `quantities` lists for each probe the name and
    the number of entries of what may be reported, `always` names those that every probe reports.
    """

    level: str
    exercise: Path
    given: Sequence[str]
    entries: Mapping[str, tuple[Sequence[str], str]]
    script: bool
    probes: Sequence[Probe]
    quantities: Mapping[str, Sequence[tuple[str, int]]]
    always: Sequence[str]


@dataclass(frozen=True)
class Job:
    """One submission, and what it may use: wall-clock seconds, bytes of memory, bytes of output.

    `skip` are the numbers of probes on which it is not to be tried.
    """

    name: str
    data: bytes
    notebook: bool
    seconds: float
    memory: int
    output: int
    skip: Sequence[int] = ()


def memory_file(name: str, data: bytes) -> int:
    """A descriptor of a file in memory that nobody can change any more."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def archive(setup: Setup) -> bytes:
    """The setup as an npz archive: a JSON text, the arrays of the probes, and the programs for seccomp.

    Raises:
        OSError: libseccomp refuses.
    """
    slots = count()
    filters = Filters(b"", b"")
    if setup.level != "partial":
        filters = compile_filters(sealed=setup.level == "sealed", scoped=setup.level == "full")
    description = {
        "landlock": landlock_version() if setup.level in ("full", "full-") else 0,
        "readable": [*_libraries(), str(setup.exercise.parent)],
        "preload": _PRELOAD.split() if setup.level == "sealed" else [],
        "exercise": str(setup.exercise),
        "given": list(setup.given),
        "entries": setup.entries,
        "script": setup.script,
        "probes": [
            {
                "name": probe.name,
                "part": probe.part,
                "dtype": probe.dtype,
                "inputs": list(probe.inputs),
                "slots": [(next(slots), name, entries) for name, entries in setup.quantities[probe.name]],
            }
            for probe in setup.probes
        ],
    }
    arrays: dict[str, AnyArray] = {
        f"{probe.name}/{name}": value for probe in setup.probes for name, value in probe.inputs.items()
    }
    arrays |= {
        "server_filter": np.frombuffer(filters.server, np.uint8),
        "child_filter": np.frombuffer(filters.child, np.uint8),
    }
    buffer = io.BytesIO()
    np.savez(buffer, setup=np.frombuffer(json.dumps(description).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def library_folders() -> list[str]:
    """Where torch and numpy are installed, found without importing torch.

    Raises:
        GraderFault: one of them is not.
    """
    folders = []
    for name in ("torch", "numpy"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise GraderFault(f"{name} is not installed; see the README for the command that installs it")
        folders.append(str(Path(spec.origin).parent.parent))
    return list(dict.fromkeys(folders))


def _libraries() -> list[str]:
    """What importing needs to read: the standard library, the libraries, shared objects, and two harmless devices."""
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), f"{sys.base_prefix}/lib"]
    shared = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"]
    return list(dict.fromkeys([*standard, *library_folders(), *shared, "/dev/null", "/dev/urandom"]))
