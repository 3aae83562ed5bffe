"""Unpack what a process is told about the exercise and its probes."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from grader.kit.layers.exercise import Declarations, declare
from grader.sandbox.inside.child import ProbeTask, Task
from grader.watch.reading.entry_points import AskedFor


def unpack(data: bytes) -> Task:
    """The task of an archive that `grader.sandbox.jobs.archive` packed; the exercise is imported."""
    archive = np.load(io.BytesIO(data), allow_pickle=False)
    setup = json.loads(bytes(archive["setup"]))
    given_arrays = {name: archive[name] for name in archive.files if name != "setup"}
    trials = [
        ProbeTask(
            probe["part"],
            getattr(torch, probe["dtype"]),
            {name: torch.from_numpy(given_arrays[key]) for name, key in probe["inputs"].items()},
            [(slot, quantity, entries) for slot, quantity, entries in probe["slots"]],
            probe["evidence"],
        )
        for probe in setup["probes"]
    ]
    exercise = _exercise(setup["exercise"], setup["layers"])
    given = {name: getattr(exercise, name) for name in setup["given"]}
    entries = {name: AskedFor(spellings, base) for name, (spellings, base) in setup["entries"].items()}
    return Task(exercise, given, entries, setup["script"], trials, setup["with_instruments"])


def _exercise(path: str, layers: Declarations) -> ModuleType:
    return _imported(path, Path(path).read_bytes(), json.dumps(layers))


@lru_cache(1)
def _imported(path: str, source: bytes, described: str) -> ModuleType:
    """The module of an exercise; that of the last one is kept, as long as its file stays what it is."""
    module = ModuleType("exercise")
    module.__file__ = path
    exec(compile(source, path, "exec"), vars(module))
    layers: Declarations = json.loads(described)
    if layers:
        declare(module, layers)
    return module
