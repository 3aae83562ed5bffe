"""What goes down to a fork server: what it gives up, the exercise and its probes, and one submission at a time."""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from grader.records import AnyArray, Isolation, Probe, Run
from grader.sandbox.levels import landlock_version
from grader.sandbox.libraries import library_paths
from grader.sandbox.seccomp import Filters, compile_filters

ORDER = struct.Struct("<II")
"""The lengths in front of an order: of its text, and of its values."""
_PRELOAD = """
abc cmath collections copy dataclasses decimal enum fractions functools inspect itertools json math operator random
re statistics string textwrap time types typing warnings encodings.latin_1 encodings.utf_8_sig
numpy.linalg numpy.random torch.autograd torch.nn.functional
numpy.char numpy.core numpy.ctypeslib numpy.f2py numpy.fft numpy.lib numpy.ma numpy.polynomial numpy.rec
numpy.strings numpy.testing numpy.typing
"""
"""What submissions import now and then, `from numpy import *` among it: all that there is to import at the level
`sealed`, where they can open nothing; and there beforehand where many of them come."""


@dataclass(frozen=True)
class Patch:
    """What is put in the place of the value of one expression.

    Its number in the syntax trees, the call of the submission, and how often it was met before in that call.
    """

    node: int
    call: int
    visit: int
    value: AnyArray


@dataclass(frozen=True)
class Rerun:
    """One more run of a submission with instruments, on a probe of the setup by its number.

    `quantities` are the name and the number of entries of what may be reported.
    """

    probe: int
    patches: Sequence[Patch]
    quantities: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Setup:
    """What the next jobs are about: the exercise, the probes, and which quantities are expected.

    `layers` are what is declared of the formulas in the exercise, if any. `entries` tells for each entry point its
    accepted spellings and the name of a base class ("" for none); with `script`, the file as a whole is one, too.
    `quantities` lists for each probe the name and the number of entries of what may be reported, `always` names those
    that every probe reports. With `instruments`, a submission runs as often as it is asked to, in a session.
    """

    exercise: Path
    layers: Mapping[str, Any]
    given: Sequence[str]
    entries: Mapping[str, tuple[Sequence[str], str]]
    script: bool
    probes: Sequence[Probe]
    quantities: Mapping[str, Sequence[tuple[str, int]]]
    always: Sequence[str]
    instruments: bool = False


class Session(Protocol):
    """A process that stays, in which one submission runs with instruments again and again."""

    @property
    def used(self) -> float:
        """Seconds of processor time so far."""
        ...

    def ask(self, reruns: Sequence[Rerun]) -> Run:
        """Run it again; the observations have the numbers of the reruns as names. A process that ended is replaced."""
        ...


class Runner(Protocol):
    """Something that runs submissions and says what came back."""

    isolation: Isolation
    setup: Setup | None

    def prepare(self, setup: Setup) -> None:
        """Tell what jobs are about unless they say otherwise."""

    def run(self, job: Job, setup: Setup | None = None) -> Run:
        """Run one submission on all probes."""
        ...

    def session(self, job: Job, setup: Setup) -> AbstractContextManager[Session]:
        """A session for one submission with instruments; `job.seconds` of processor time are for each process of it."""
        ...

    def close(self) -> None:
        """End all that was started."""


@dataclass(frozen=True)
class Job:
    """One submission, and what it may use: seconds of processor time, bytes of memory, bytes of output.

    `skip` are the numbers of probes on which it is not to be tried, `modules` the other files that it may import, by
    their paths.
    """

    name: str
    data: bytes
    notebook: bool
    seconds: float
    memory: int
    output: int
    skip: Sequence[int] = ()
    modules: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def source(self) -> bytes:
        """The bytes of all its files, one behind the other."""
        return b"".join([self.data, *self.modules.values()])

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """The paths of its modules, and how many bytes at the end of `source` are theirs."""
        return [(path, len(data)) for path, data in self.modules.items()]


def memory_file(name: str, data: bytes) -> int:
    """A descriptor of a file in memory that nobody can change any more."""
    import fcntl  # not everywhere; where it is not, nobody asks for this

    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def fence(level: str, visible: Iterable[Path], *, many: bool) -> dict[str, Any]:
    """What a server gives up before it forks for anybody, as a message to it.

    Args:
        visible: folders that the server can read besides the libraries; a child reads that of its exercise alone.
        many: many jobs will come, so some tenths of a second are well spent on making forks cheap.

    Raises:
        OSError: libseccomp refuses.
    """
    filters = Filters(b"", b"")
    if level != "partial":
        filters = compile_filters(sealed=level == "sealed", scoped=level in ("full", "full+"))
    return {
        "op": "confine",
        "many": many,
        "landlock": landlock_version() if level in ("full+", "full", "full-") else 0,
        "readable": [*library_paths(), "/dev/null", "/dev/urandom"],
        "visible": [*map(str, visible)],
        "preload": _PRELOAD.split() if many or level == "sealed" else [],
        "server_filter": filters.server.hex(),
        "child_filter": filters.child.hex(),
    }


def archive(setup: Setup) -> bytes:
    """The setup as an npz archive: a JSON text, and the arrays of the probes."""
    slots = count()
    arrays: dict[str, AnyArray] = {}
    shared: dict[int, str] = {}

    def kept(array: AnyArray) -> str:
        """The name of an array, which is kept once however many probes have it."""
        name = shared.setdefault(id(array), f"input {len(shared)}")
        arrays[name] = array
        return name

    description = {
        "exercise": str(setup.exercise),
        "layers": setup.layers,
        "given": list(setup.given),
        "entries": setup.entries,
        "script": setup.script,
        "with_instruments": setup.instruments,
        "probes": [
            {
                "part": probe.part,
                "dtype": probe.dtype,
                "inputs": {name: kept(value) for name, value in probe.inputs.items()},
                "evidence": probe.evidence,
                "slots": [(next(slots), name, entries) for name, entries in setup.quantities.get(probe.name, ())],
            }
            for probe in setup.probes
        ],
    }
    buffer = io.BytesIO()
    np.savez(buffer, setup=np.frombuffer(json.dumps(description).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def packed(reruns: Sequence[Rerun]) -> bytes:
    """An order for a session, as `grader.sandbox.inside.orders` reads it: two lengths, a JSON text, and values."""
    slots = count()
    described = [
        {
            "probe": rerun.probe,
            "slots": [(next(slots), name, entries) for name, entries in rerun.quantities],
            "patches": [(p.node, p.call, p.visit, p.value.shape) for p in rerun.patches],
        }
        for rerun in reruns
    ]
    text = json.dumps(described, separators=(",", ":")).encode()
    values = b"".join(np.ascontiguousarray(p.value, "<f8").tobytes() for rerun in reruns for p in rerun.patches)
    return ORDER.pack(len(text), len(values)) + text + values


def reported(reruns: Sequence[Rerun]) -> dict[str, Sequence[tuple[str, int]]]:
    """What each rerun may report, by its number."""
    return {str(number): rerun.quantities for number, rerun in enumerate(reruns)}
