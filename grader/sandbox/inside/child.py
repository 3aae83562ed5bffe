"""What happens in the process of one submission."""

from __future__ import annotations

import io
import os
import pdb
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.kit.part import NotAttempted, part_of
from grader.kit.tensors import as_tensors
from grader.sandbox.inside.encoding import Recorder
from grader.sandbox.inside.evidence import Watch, recorded_operations
from grader.sandbox.inside.on_processor import WORDS, OnProcessor
from grader.watch.instruments.observer import RECORD, RECORDED, Observer, Patches
from grader.watch.no_compiler import without_compilers
from grader.watch.reading.cells import Cell, UnreadableError, read_cells
from grader.watch.reading.entry_points import AskedFor
from grader.watch.reading.noticed import misplaced, never_called, refused
from grader.watch.reading.older import restore_numpy
from grader.watch.reading.outside import reads_outside
from grader.watch.reading.settings import is_double_by_default, recursion_limit
from grader.watch.running.meant import nobody_knows
from grader.watch.running.raised import raised, raised_in
from grader.watch.running.run import Loaded, load
from grader.watch.running.script import Script
from grader.watch.running.silence import Silence
from grader.watch.stubs.files import MemoryFiles
from grader.watch.stubs.special import with_special_functions
from grader.wire.facts import Fact
from grader.wire.frames import LOADING, READING, encode_end, encode_outcome
from grader.wire.noticed import NOTICED, encode

Send = Callable[[Sequence[bytes]], object]
"""Sends frames, given in parts."""
Read = Callable[[int], bytes]
"""Gives so many bytes, or fewer at the end."""
USUAL_DEPTH = 1000
AUTOGRAD_NODES = "autograd nodes"
"""The quantity that tells how many operations autograd recorded during a probe."""

_PARTS = 512
"""How many pieces of memory are given to the kernel at once; it takes 1,024."""


@dataclass(frozen=True)
class ProbeTask:
    """One probe on this side: the part of the exercise, what it is given, and the slots that its quantities fill."""

    part: str
    dtype: torch.dtype
    inputs: Mapping[str, torch.Tensor]
    slots: Sequence[tuple[int, str, int]]
    evidence: str = ""
    patches: Patches = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """All that a child inherits from the fork server."""

    exercise: ModuleType
    given: Mapping[str, Any]
    entries: Mapping[str, AskedFor]
    script: bool
    trials: Sequence[ProbeTask]
    with_instruments: bool = False


@dataclass(frozen=True)
class Files:
    """The cells of a submission, and those of its modules by their paths; `beside` is all that it may open."""

    main: Sequence[Cell] = ()
    modules: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def all(self) -> Sequence[Cell]:
        """Every cell, of whatever file."""
        return [*self.main, *(cell for cells in self.modules.values() for cell in cells)]

    @cached_property
    def recursion_limit(self) -> int:
        """How deep calls may go, as the file sets it or as Python does."""
        return recursion_limit(self.all, USUAL_DEPTH)

    @cached_property
    def is_double(self) -> bool:
        """Whether the file makes its numbers in double precision."""
        return is_double_by_default(self.all)


def unpacked(source: bytes, sizes: Sequence[tuple[str, int]]) -> tuple[bytes, dict[str, bytes]]:
    """The bytes of a submission, and those of its modules by their paths; see `grader.sandbox.jobs.Job`."""
    modules, end = dict[str, bytes](), len(source) - sum(size for _, size in sizes)
    main = source[:end]
    for path, size in sizes:
        modules[path] = source[end : end + size]
        end += size
    return main, modules


def _read(name: str, data: bytes, modules: Mapping[str, bytes], *, notebook: bool) -> Files:
    cells = read_cells(name, data, notebook=notebook)
    written = {path: text.encode() for cell in cells for path, text in cell.writes.items()}
    files = {**modules, **written}
    code = [path for path in files if path.endswith(".py") or _is_notebook(path)]
    return Files(
        cells, {_module(path): read_cells(path, files[path], notebook=_is_notebook(path)) for path in code}, files
    )


def _is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


def _module(path: str) -> str:
    """The path by which a module is imported; `%run tools.ipynb` imports `tools`."""
    return f"{path[:-6]}.py" if _is_notebook(path) else path


def furnish() -> None:
    """Let this process be what submissions expect to run in; for good, and once, before the first of them."""
    sys.breakpointhook = pdb.set_trace = _pass_over
    without_compilers()
    restore_numpy()
    with_special_functions()


def run(
    task: Task,
    name: str,
    data: bytes,
    modules: Mapping[str, bytes],
    *,
    notebook: bool,
    skip: Sequence[int],
    send: Send,
    orders: Iterable[Sequence[ProbeTask]] = (),
) -> None:
    """Load a submission, try it on every probe whose number is not in `skip`, and send frames about it.

    The process has been furnished.

    Args:
        modules: other files that it may import or open, by their paths from its own folder.
        orders: with instruments, what is tried in place of the probes, each time told as if it had been loaded anew.
    """
    files = Files()
    watch, observer = Watch(), Observer() if task.with_instruments else None
    begun = False

    def begin() -> None:
        """Say that the file was read, before anything of it runs: from then on nobody can say that it cannot be."""
        nonlocal begun
        if not begun:
            begun = True
            send([encode_outcome(READING, "returned")])

    asks = any(word in part for word in WORDS for part in (data, *modules.values()))
    processor = OnProcessor() if asks else None
    with processor or nullcontext():
        try:
            fresh_state(torch.float64)
            files = _read(name, data, modules, notebook=notebook)
            if observer:
                files = _instrumented(files, observer)
            sys.setrecursionlimit(files.recursion_limit)
            loaded = _load(task, files, begin)
            watch.loaded(files.all)
        except UnreadableError as error:
            slot, outcome = (LOADING, "not-attempted") if begun else (READING, "unreadable")
            send([encode_outcome(slot, outcome, error.fact)])
        except BaseException as error:
            begin()
            send([encode_outcome(LOADING, *_outcome(error, files.all))])
        else:
            if observer:
                _obey(task, loaded, files, orders, send, watch, processor, observer)
                return
            send([encode_outcome(LOADING, "returned")])
            facts = list(_noticed(task, files, loaded))
            for number, trial in enumerate(task.trials):
                if number in skip:
                    send([encode_outcome(number, "not-run")])
                else:
                    _try(task, loaded, trial, number, files, send, watch, facts, processor, observer)
    send([encode_end()])


def _obey(
    task: Task,
    loaded: Loaded,
    files: Files,
    orders: Iterable[Sequence[ProbeTask]],
    send: Send,
    watch: Watch,
    processor: OnProcessor | None,
    observer: Observer,
) -> None:
    """Try it as often as is wanted. All that is told of one order is sent at once: each time somebody wakes for it."""
    told = [encode_outcome(LOADING, "returned")]
    for trials in orders:
        for number, trial in enumerate(trials):
            _try(task, loaded, trial, number, files, told.extend, watch, [], processor, observer)
        send([*told, encode_end()])
        told = [encode_outcome(READING, "returned"), encode_outcome(LOADING, "returned")]


def _instrumented(files: Files, observer: Observer) -> Files:
    """Files with instruments, whose runs are many, and print nothing."""
    sys.stdout = sys.stderr = Silence()
    main, *others = observer.instrument([files.main, *files.modules.values()])
    return Files(main, dict(zip(files.modules, others, strict=True)), files.beside)


def _noticed(task: Task, files: Files, loaded: Loaded) -> Iterator[Fact]:
    """What is told of the file besides; what Python refuses of a script is told as one of its errors."""
    if task.script:
        yield from never_called(files.main)
    else:
        yield from refused(files.all, task.entries, loaded.names)
        yield from misplaced(files.main, task.entries, loaded.names)
        yield from reads_outside({name: loaded.names[name] for name in task.entries if name in loaded.names})


def _load(task: Task, files: Files, begin: Callable[[], None]) -> Loaded:
    if not task.script:
        how_right = getattr(task.exercise, "how_right", nobody_knows)
        if files.beside:
            MemoryFiles(handed_in=files.beside).install()
        return load(files.main, task.entries, task.given, begin, files.modules, how_right)
    begin()
    return Loaded({**task.given, "script": Script(files.main, modules=files.modules)}, {})


def _try(
    task: Task,
    loaded: Loaded,
    trial: ProbeTask,
    number: int,
    files: Files,
    send: Send,
    watch: Watch,
    facts: list[Fact],
    processor: OnProcessor | None,
    observer: Observer | None,
) -> None:
    """Try it on one probe. `facts` are told with the first."""
    recorder = Recorder()
    before = recorded_operations()
    outcome: str = "returned"
    fact: Fact | None = None
    recording = False
    part = part_of(task.exercise, trial.part)
    try:
        _demand(loaded, task.entries if part.needs is None else part.needs)
        dtype = torch.float64 if files.is_double and not part.runs_script else trial.dtype
        fresh_state(dtype, files.recursion_limit)
        inputs = as_tensors(trial.inputs, dtype)
        names = watch.names(loaded.names, task.entries, trial.evidence, recorder.report)
        if part.runs_script:
            names = {**names, "script": Script(files.main, task.given, files.modules, files.beside)}
        recording = RECORD in {quantity for _, quantity, _ in trial.slots}
        if observer:
            observer.begin(trial.patches, recording=recording)
        (part.observe_briefly if observer else part.observe)(names, inputs, recorder.report)
    except BaseException as error:
        outcome, fact = _outcome(error, files.all)
    if observer and recording:
        for quantity, value in zip((RECORD, RECORDED), observer.record(), strict=True):
            recorder.report(quantity, value)
    recorder.report(AUTOGRAD_NODES, 0 if part.calls_autograd else recorded_operations() - before)
    facts += _noticed_of_script(loaded.names["script"]) if task.script else []
    facts += recorder.taken(NOTICED)
    told = [*facts, *([Fact("on-processor")] if processor is not None and processor.used else [])]
    facts.clear()
    if told:
        recorder.report(NOTICED, None, Fact("noticed", {"text": encode(told)}))
    send([*recorder.frames(trial.slots), encode_outcome(number, outcome, fact)])
    flush()


def _noticed_of_script(script: Script) -> list[Fact]:
    """What a script asked for and did not find; of its data, what the first loader gave."""
    names = ("loader", "rows", "columns")
    served = [
        Fact("data-served", dict(zip(names, (n, *shape), strict=True))) for n, shape in script.served.items() if shape
    ]
    return [*(Fact("missing-module", {"module": name}) for name in script.absent), *served[:1]]


def _demand(loaded: Loaded, needs: Iterable[str]) -> None:
    """See that the entry points are there.

    Raises:
        NotAttempted: one is not defined.
        Exception: what kept one from being made.
    """
    for name in needs:
        if name in loaded.failures:
            raise loaded.failures[name]
        if name not in loaded.names:
            raise NotAttempted(Fact("not-defined", {"name": name}))


def _outcome(error: BaseException, cells: Sequence[Cell]) -> tuple[str, Fact]:
    if isinstance(error, NotAttempted):
        return "not-attempted", error.fact
    fact = raised(error, cells)
    if isinstance(error, NotImplementedError) and raised_in(error, cells):
        return "not-attempted", fact
    full = isinstance(error, MemoryError) or "can't allocate memory" in str(fact.values.get("text", ""))
    return "out-of-memory" if full else "raised", fact


def fresh_state(dtype: torch.dtype, depth: int = USUAL_DEPTH) -> None:
    """The same start for every probe, whatever the submission changed before."""
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(True)
    torch.default_generator.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")  # as numpy begins
    sys.setrecursionlimit(depth)


def _pass_over(*_: object, **__: object) -> None:
    """What a debugger does where nobody can type."""


def flush() -> None:
    """Let what was printed go its way, as far as that can be done."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: S112  the submission closed or replaced it
            continue


def redirect(source: int, output: int, frames: int, asked: int | None = None) -> tuple[bytes, Send, Read]:
    """Take the descriptors of a job: read the source, let standard output and error go to `output`, keep no other.

    Args:
        asked: where orders come from, if there are any.

    Returns:
        The bytes of the submission, the function that sends frames, and the one that reads orders.
    """
    with open(source, "rb", closefd=False) as file:
        data = file.read()
    os.dup2(output, 1)
    os.dup2(output, 2)
    kept = os.dup2(frames, 3)
    if asked is not None:
        os.dup2(asked, 4)
    os.closerange(4 + (asked is not None), 65536)
    read = _nothing if asked is None else os.fdopen(4, "rb").read
    sys.stdin = io.StringIO()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)

    def send(parts: Sequence[bytes]) -> None:
        for first in range(0, len(parts), _PARTS):
            some = parts[first : first + _PARTS]
            written = os.writev(kept, some)
            if written < sum(map(len, some)):  # a signal came in between
                view = memoryview(b"".join(some))[written:]
                while view:
                    view = view[os.write(kept, view) :]

    return data, send, read


def _nothing(_: int) -> bytes:
    return b""
