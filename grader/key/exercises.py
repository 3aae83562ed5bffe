"""What an exercise defines: its module, its parts, and the probes that it draws. All of it belongs to the course."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.assignment import Assignment
from grader.errors import About, AssignmentError
from grader.key.layer_faults import declared_wrong
from grader.kit import part as kit
from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.exercise import declare
from grader.kit.part import Part
from grader.records import AnyArray, Evidence, Probe, Visibility


def load_module(path: Path) -> ModuleType:
    """Import a Python file of the course from its place.

    Raises:
        AssignmentError: it is missing, or raises.
    """
    spec = importlib.util.spec_from_file_location(f"course_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise AssignmentError("cannot be imported", file=path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        what = f"cannot be imported: {type(error).__name__}: {error.msg}"
        raise AssignmentError(what, file=error.filename, line=error.lineno or 0) from error
    except AssignmentError:
        raise
    except Exception as error:
        raise AssignmentError(f"cannot be imported: {type(error).__name__}: {error}", file=path) from error
    return module


def load_exercise(assignment: Assignment) -> ModuleType:
    """The module of an exercise, with the parts that follow from declared layers.

    Raises:
        AssignmentError: it cannot be imported, or a declaration cannot be used.
    """
    module = load_module(assignment.exercise)
    if assignment.specification.layers:
        try:
            declare(module, assignment.declarations)
        except DeclarationError as error:
            raise declared_wrong(assignment, error) from None
    return module


def stream_of(assignment: Assignment) -> str:
    """What is drawn for: students who check themselves never meet numbers of grading, whatever the seeds are."""
    return "practice" if assignment.practice else "probes"


def random_generator(seed: str, assignment: Assignment, stream: str) -> np.random.Generator:
    """Philox, keyed by HMAC-SHA256 of assignment, version and stream under the seed: reproducible, not predictable."""
    message = f"{assignment.slug}/{assignment.specification.version}/{stream}"
    digest = hmac.new(seed.encode(), message.encode(), hashlib.sha256).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def drawn_probes(
    assignment: Assignment, exercise: ModuleType, seed: str, stream: str = ""
) -> Iterator[Mapping[str, Any]]:
    """The probes of an exercise as it tells them, drawn for one stream: that of grading, or of students' own checks.

    Raises:
        AssignmentError: a declaration cannot be used.
    """
    try:
        yield from exercise.probes(random_generator(seed, assignment, stream or stream_of(assignment)))
    except DeclarationError as error:
        raise declared_wrong(assignment, error) from None


def part_of(exercise: ModuleType, probe: Probe) -> Part:
    """The part of an exercise that a probe belongs to.

    Raises:
        AssignmentError: there is none of that name.
    """
    found: Any = exercise
    for word in filter(None, probe.part.split(".")):
        if not hasattr(found, word):
            there = ", ".join(_parts(found, exercise)) or "none"
            what = f'probe "{probe.name}" names the part {probe.part}'
            raise AssignmentError(what, file=exercise.__file__, remedy=f"there is {there}", about=About.PROBES)
        found = getattr(found, word)
    return kit.part_of(exercise, probe.part)


def _parts(owner: Any, exercise: ModuleType) -> list[str]:
    """What a probe may name in an exercise, or in a family of parts."""
    told = {name: value for name, value in vars(owner).items() if not name.startswith("_")}
    prefix = "" if owner is exercise else f"{getattr(owner, '__name__', '')}."
    families = [n for n, v in told.items() if isinstance(v, type) and v.__module__ == exercise.__name__]
    parts = [n for n, v in told.items() if hasattr(v, "quantities") and not isinstance(v, type)]
    return [prefix + name for name in (*families, *parts)]


_KEYS = (
    "name",
    "title",
    "inputs",
    "public",
    "graded",
    "part",
    "group",
    "convention",
    "dtype",
    "evidence",
    "reading",
)


def probe_of(drawn: Mapping[str, Any], exercise: ModuleType) -> Probe:
    """A probe as the exercise tells it.

    Raises:
        AssignmentError: a key is missing, or not known.
    """
    name = drawn.get("name", "without a name")
    for key in drawn:
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            what, remedy = f'probe "{name}" has the unknown key `{key}`', f"known are {known}"
            raise AssignmentError(what, file=exercise.__file__, remedy=remedy, about=About.PROBES)
    for key in ("name", "title", "inputs"):
        if key not in drawn:
            raise AssignmentError(f'probe "{name}" has no `{key}`', file=exercise.__file__, about=About.PROBES)
    return Probe(
        name=drawn["name"],
        title=drawn["title"],
        inputs={n: _as_drawn(exercise, name, n, value) for n, value in drawn["inputs"].items()},
        visibility=Visibility.PUBLIC if drawn.get("public") else Visibility.HIDDEN,
        graded=drawn.get("graded", True) and not drawn.get("evidence"),
        part=drawn.get("part", ""),
        group=drawn.get("group", ""),
        convention=drawn.get("convention", ""),
        dtype=drawn.get("dtype", "float64"),
        evidence=Evidence(drawn.get("evidence", "")),
    )


def _as_drawn(exercise: ModuleType, probe: str, name: str, value: Any) -> AnyArray:
    """Real numbers in double precision; integers and truth values (labels, masks, indices) as they are.

    Raises:
        AssignmentError: it holds neither.
    """
    array = np.ascontiguousarray(value) if np.ndim(value) else np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise AssignmentError(
            f'probe "{probe}" has the input `{name}` of type {array.dtype}',
            file=exercise.__file__,
            remedy="give real numbers, integers or truth values",
            about=About.PROBES,
        )
    return array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array
