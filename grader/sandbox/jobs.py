"""What goes down to the fork server: the exercise and its probes once, and one submission at a time."""

from __future__ import annotations

import fcntl
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from grader.records import Probe


@dataclass(frozen=True)
class Setup:
    """What the fork server is told once: the exercise, the probes, and which quantities are expected.

    `quantities` lists for each probe the name and the number of entries of what may be reported.
    """

    exercise: Path
    given: Sequence[str]
    entries: Mapping[str, Sequence[str]]
    probes: Sequence[Probe]
    quantities: Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True)
class Job:
    """One submission, and what it may use: wall-clock seconds, bytes of memory, bytes of output."""

    name: str
    data: bytes
    notebook: bool
    seconds: float
    memory: int
    output: int


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
    """The setup as an npz archive: a JSON text, and the arrays of the probes."""
    slots = count()
    description = {
        "exercise": str(setup.exercise),
        "given": list(setup.given),
        "entries": {name: list(spellings) for name, spellings in setup.entries.items()},
        "probes": [
            {
                "name": probe.name,
                "inputs": list(probe.inputs),
                "slots": [(next(slots), name, entries) for name, entries in setup.quantities[probe.name]],
            }
            for probe in setup.probes
        ],
    }
    arrays = {f"{probe.name}/{name}": value for probe in setup.probes for name, value in probe.inputs.items()}
    buffer = io.BytesIO()
    np.savez(buffer, setup=np.frombuffer(json.dumps(description).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
