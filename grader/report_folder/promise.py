"""What a folder of reports promises: that all its reports are graded on the same numbers, wherever that is done.

The numbers are drawn from a seed by the exercise and by numpy. So the folder keeps the seed, a digest of the exercise,
and one of the numbers of each trial; a machine that draws others says so before it grades anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from grader.assignment import Assignment
from grader.errors import ToldError
from grader.grading.reporting import versions
from grader.records import AnswerKey
from grader.wire.facts import Fact

_SEED, _EXERCISE, _NUMBERS, _VERSIONS = "seed", "exercise", "numbers", "versions"


def seed_of(about: Mapping[str, Any], given: str | None, place: str) -> str | None:
    """The seed of a folder; the one that is given where the folder has none yet.

    Raises:
        GraderError: another one is given than that of the folder.
    """
    kept = about.get(_SEED)
    if kept and given and kept != given:
        raise ToldError(Fact("folder: other-seed", {"folder": place}))
    return kept or given


def promised(about: Mapping[str, Any], assignment: Assignment, key: AnswerKey, place: str) -> dict[str, Any]:
    """What a folder is to keep once it is graded by this key; what it kept before has been held.

    Raises:
        GraderError: the exercise is what it was, and the numbers are not.
    """
    new: dict[str, Any] = {
        _SEED: key.seed,
        _EXERCISE: _exercise(assignment),
        _NUMBERS: _numbers(key),
        _VERSIONS: dict(versions()),
    }
    same_exercise = (about.get(_SEED), about.get(_EXERCISE)) == (new[_SEED], new[_EXERCISE])
    if same_exercise and about.get(_NUMBERS) != new[_NUMBERS]:
        before, now = about.get(_VERSIONS, {}), versions()
        differ = tuple(
            Fact("version: other", {"name": name, "before": str(before.get(name, "?")), "here": now[name]})
            for name in now
            if before.get(name) != now[name]
        )
        raise ToldError(Fact("folder: other-numbers", {"folder": place, "differ": differ}))
    return {**about, **new}


def is_of(about: Mapping[str, Any], assignment: Assignment) -> bool:
    """Whether the reports of a folder are on the exercise as it is now."""
    return bool(about.get(_EXERCISE) == _exercise(assignment))


def _exercise(assignment: Assignment) -> str:
    """A digest of the files of the assignment and of its reference."""
    digest = hashlib.sha256()
    for folder in (assignment.folder, assignment.reference):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            data = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _numbers(key: AnswerKey) -> dict[str, str]:
    """For each trial a digest of its inputs, to the last bit."""
    found = {}
    for probe in key.probes:
        digest = hashlib.sha256(f"{probe.part} {probe.dtype}".encode())
        for name, array in sorted(probe.inputs.items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
        found[probe.name] = digest.hexdigest()[:32]
    return found
