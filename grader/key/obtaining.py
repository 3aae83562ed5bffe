"""The answer key of an assignment for a seed: from the cache, or else built by a process of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader import itself
from grader.assignment import Assignment
from grader.errors import AssignmentError, GraderFault
from grader.key import answer_key
from grader.records import AnswerKey
from grader.wire.facts import Fact


def obtain_key(assignment: Assignment, seed: str, notify: Callable[[Fact], None]) -> AnswerKey:
    """The answer key, from the cache or else built by a process of its own.

    Args:
        notify: called with what the user should know where something takes long or is out of order.

    Raises:
        AssignmentError: the key cannot be built because the assignment is wrong.
        GraderFault: the process that builds it failed.
    """
    path = answer_key.key_path(assignment, seed)
    if not answer_key.cache_is_ours():
        notify(Fact("key: not-ours", {"folder": str(answer_key.cache_folder())}))
        return _build_aside(assignment, seed)
    try:
        return answer_key.load(path, assignment, seed)
    except FileNotFoundError:
        notify(Fact("key: building", {"slug": assignment.slug}))
    except answer_key.UnusableKeyError as error:
        notify(Fact("key: unusable", {"file": str(path), "why": error.why}))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(path.parent, os.W_OK):
            return _build(assignment, seed, path)
    except OSError:
        pass
    notify(Fact("key: not-kept", {"folder": str(path.parent)}))
    return _build_aside(assignment, seed)


def _build_aside(assignment: Assignment, seed: str) -> AnswerKey:
    """A key that is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        return _build(assignment, seed, Path(folder) / "key")


def _build(assignment: Assignment, seed: str, path: Path) -> AnswerKey:
    course = assignment.folder.parent.parent
    command = itself.command("grader.key.builder", str(course), assignment.slug, seed, str(path))
    command += ["practice"] * assignment.practice
    environment = itself.environment(OMP_NUM_THREADS="1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode == 2:
        raise AssignmentError(done.stderr.strip())
    if done.returncode:
        raise GraderFault(f"the answer key of {assignment.slug} could not be built:\n{done.stderr.strip()}")
    return answer_key.load(path, assignment, seed)
