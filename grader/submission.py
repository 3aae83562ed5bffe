"""Open a submission, and find out which assignment it is for. Nothing of it is run here, nor parsed.

Parsers can be made to need any amount of time and memory; so the parent process only looks for names at the beginning
of lines, in one pass. Python and JSON are parsed by the sandbox.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from grader.assignment import Assignment
from grader.errors import SubmissionError
from grader.records import SubmissionId

LARGEST = 16 * 2**20
"""Bytes; a notebook with pictures has a few million."""

_DEFINITION = re.compile(
    rb"""(?:^|[\r\n"]|\\n)            # the beginning of a line; in a notebook, lines are JSON strings
         (?:[ \t]|\\t)*
         (?: (?:async[ \t]+)?def[ \t]+ (\w+)
           | class[ \t]+ (\w+)
           | (\w+) [ \t]* (?::[^=\r\n]{0,200})? = (?!=) )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Submission:
    """A file that was handed in: its bytes, and what it is called."""

    id: SubmissionId
    data: bytes

    @property
    def is_notebook(self) -> bool:
        """Whether it is to be read as a Jupyter notebook."""
        return self.id.file.lower().endswith(".ipynb")


def read(path: Path) -> Submission:
    """The bytes of a regular file, following no link.

    Raises:
        SubmissionError: it does not exist, is not a regular file, or cannot be a submission; says which.
    """
    return accept(path, read_regular_file(path))


def accept(path: PurePath, data: bytes) -> Submission:
    """A submission of bytes that were read elsewhere, from an archive perhaps; `path` tells its name and its kind.

    Raises:
        SubmissionError: it cannot be a submission; says why.
    """
    if len(data) > LARGEST:
        raise SubmissionError(f"{path}: is larger than {LARGEST >> 20} MB; clear the outputs of the notebook")
    if not data.strip():
        raise SubmissionError(f"{path}: is empty")
    if path.suffix.lower() not in (".py", ".ipynb"):
        raise SubmissionError(f"{path}: is neither a Python file (.py) nor a notebook (.ipynb)")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SubmissionError(f"{path}: is text in UTF-16; save it as UTF-8")
    if b"\0" in data or data[:3] == b"\xff\xd8\xff" or data[:4] in (b"%PDF", b"PK\x03\x04"):
        raise SubmissionError(f"{path}: is a binary file, not text; was another kind of file renamed?")
    if path.suffix.lower() == ".ipynb":
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            raise SubmissionError(f"{path}: is not a notebook: a notebook is JSON and begins with a brace")
        if not re.search(rb'"cell_type"\s*:\s*"code"', data):
            raise SubmissionError(f"{path}: is a notebook without code cells")
    elif data.lstrip().startswith(b"{") and b'"cells"' in data:
        raise SubmissionError(f"{path}: is a notebook; name it {path.stem}.ipynb")
    digest = hashlib.sha256(data).hexdigest()
    return Submission(SubmissionId(name=path.name, file=str(path), sha256=digest), data)


def read_regular_file(path: Path) -> bytes:
    """The bytes of a regular file, following no link; one more than `LARGEST` at most.

    Raises:
        SubmissionError: it cannot be opened, or is something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SubmissionError(f"{path}: no such file") from None
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(f"{path}: is a symbolic link; links are not followed, name the file itself") from None
        raise SubmissionError(f"{path}: cannot be opened: {error.strerror}") from error
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        raise SubmissionError(f"{path}: is {'a folder' if stat.S_ISDIR(kind) else 'not a regular file'}")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def defined_names(data: bytes) -> set[str]:
    """Names that seem to be defined in a Python file or notebook: functions, classes, methods, variables."""
    found = (next(filter(None, groups)) for groups in _DEFINITION.findall(data))
    return {name.decode("ascii", "replace") for name in found}


def share_of_entry_points(submission: Submission, assignment: Assignment) -> float:
    """How many of the entry points of an assignment a submission defines, under any accepted spelling: 0 to 1."""
    names = defined_names(submission.data)
    entries = assignment.specification.entry_points.items()
    return sum(not names.isdisjoint({name, *entry.accept}) for name, entry in entries) / max(1, len(entries))


def find_assignment(submission: Submission, assignments: Iterable[Assignment]) -> Assignment:
    """The one assignment of whose entry points the submission defines the largest share.

    Raises:
        SubmissionError: none or several fit; lists the candidates.
    """
    assignments = list(assignments)
    shares = {a.slug: share_of_entry_points(submission, a) for a in assignments}
    best = max(shares.values(), default=0.0)
    fitting = [a for a in assignments if best > 0 and shares[a.slug] == best]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        candidates = ", ".join(a.slug for a in fitting)
        raise SubmissionError(
            f"{submission.id.file}: fits several assignments: {candidates}; name one with --assignment"
        )
    wanted = "\n".join(f"  {a.slug:<12} {', '.join(asked_for(a))}" for a in assignments)
    own = ", ".join(sorted(_functions(submission.data))[:12])
    raise SubmissionError(
        f"{submission.id.file}: defines the functions of no assignment."
        + (f" It seems to define {own}." if own else " It seems to define no function at all; is the file whole?")
        + f"\nKnown are, with what they ask for:\n{wanted}\n--assignment names the one that is meant."
    )


def asked_for(assignment: Assignment) -> list[str]:
    """What a submission to an assignment defines, as signatures."""
    specification = assignment.specification
    return [entry.signature for entry in specification.entry_points.values()] or ["a whole script"]


def _functions(data: bytes) -> set[str]:
    """Names of functions and classes that seem to be defined."""
    found = (groups[0] or groups[1] for groups in _DEFINITION.findall(data))
    return {name.decode("ascii", "replace") for name in found if name}
