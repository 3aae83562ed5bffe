"""Leave a student's process as it was found: its settings, its random numbers, its warnings; and never hang it."""

from __future__ import annotations

import ctypes
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from grader.sandbox.deadline import Deadline, runnable_per_core

_LOOK_SECONDS, _AGAIN_SECONDS = 0.1, 0.5
"""How often the time is looked at, and how often a loop that catches everything is told again to stop."""


class TookTooLong(BaseException):
    """A call did not end in time. No `Exception`: what catches those does not stop it."""


@contextmanager
def as_found() -> Iterator[None]:
    """Put back what the block changes of the settings of Python, torch, numpy and matplotlib, where they are loaded."""
    restore = [_python(), *(keep(sys.modules[name]) for name, keep in _LIBRARIES.items() if name in sys.modules)]
    with warnings.catch_warnings():
        try:
            yield
        finally:
            for undo in reversed(restore):
                undo()


def _python() -> Callable[[], None]:
    state, path, limit = random.getstate(), list(sys.path), sys.getrecursionlimit()

    def undo() -> None:
        random.setstate(state)
        sys.setrecursionlimit(limit)
        if sys.path != path:
            sys.path[:] = path

    return undo


def _numpy(numpy: Any) -> Callable[[], None]:
    state, errors, printing = numpy.random.get_state(), numpy.geterr(), numpy.get_printoptions()

    def undo() -> None:
        numpy.random.set_state(state)
        numpy.seterr(**errors)
        numpy.set_printoptions(**printing)

    return undo


def _torch(torch: Any) -> Callable[[], None]:
    dtype, enabled, threads = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    state, anomaly = torch.random.get_rng_state(), torch.is_anomaly_enabled()

    def undo() -> None:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(enabled)
        torch.set_anomaly_enabled(anomaly)
        torch.random.set_rng_state(state)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)

    return undo


def _matplotlib(matplotlib: Any) -> Callable[[], None]:
    backend = dict.__getitem__(matplotlib.rcParams, "backend")  # asking for it in the usual way would choose one

    def undo() -> None:
        if dict.__getitem__(matplotlib.rcParams, "backend") == backend:
            return
        if isinstance(backend, str):
            matplotlib.use(backend)
        else:  # none was chosen yet
            dict.__setitem__(matplotlib.rcParams, "backend", backend)

    return undo


_LIBRARIES = {"numpy": _numpy, "torch": _torch, "matplotlib": _matplotlib}


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` in the block after so many seconds of the processor, or of waiting.

    Between two instructions of Python, that is: what hangs inside a library is interrupted when it comes back.
    """
    thread, lock, over = threading.get_ident(), threading.Lock(), threading.Event()

    deadline, before = Deadline(seconds, time.perf_counter()), time.process_time()

    def watch() -> None:
        wait = _LOOK_SECONDS
        while not over.wait(wait):
            deadline.used = time.process_time() - before
            if not deadline.look(time.perf_counter(), runnable_per_core()):
                continue
            with lock:
                if not over.is_set():
                    _end(thread)
            wait = _AGAIN_SECONDS

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        while not over.is_set():
            with suppress(TookTooLong), lock:
                over.set()
        with suppress(TookTooLong):
            for _ in range(100):  # what is on its way arrives at the next turn of a loop
                pass
        watcher.join()


def _end(thread: int) -> None:
    """Raise `TookTooLong` in another thread at its next instruction.

    It must arrive: one that is taken back leaves Python 3.11 looking for it for ever, and a debugger hangs then.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))
