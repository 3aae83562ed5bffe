"""Open a submission, and find out which assignment it is for. Nothing of it is run here, nor parsed.

Parsers can be made to need any amount of time and memory; so the parent process only looks for names at the beginning
of lines, in one pass. Python and JSON are parsed by the sandbox.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath

from grader.assignment import Assignment, EntryPoint
from grader.errors import SubmissionError, of_system
from grader.records import SubmissionId
from grader.submission.names import Names, names_in
from grader.wire.facts import Fact

LARGEST = 16 * 2**20
"""Bytes; a notebook with pictures has a few million."""


@dataclass(frozen=True)
class Submission:
    """What was handed in: the bytes of a file, and what it is called; `hand_in` finds it among several.

    Attributes:
        modules: the Python files that it may import, and files that it may open, by their paths from its own folder,
            with slashes.
        alike: names of files that were handed in, too, and define the same.
    """

    id: SubmissionId
    data: bytes
    modules: Mapping[str, bytes] = field(default_factory=dict)
    alike: tuple[str, ...] = ()

    @property
    def is_notebook(self) -> bool:
        """Whether it is to be read as a Jupyter notebook."""
        return self.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"cell_type"' in self.data

    @cached_property
    def names(self) -> Names:
        """The names that it seems to define."""
        return names_in(self.data)


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
        raise SubmissionError.of(path, too_large(LARGEST, is_notebook=path.suffix.lower() == ".ipynb"))
    if not data.strip():
        raise SubmissionError.of(path, Fact("is-empty"))
    if path.suffix.lower() not in (".py", ".ipynb"):
        raise SubmissionError.of(path, Fact("is-neither-python-nor-notebook"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SubmissionError.of(path, Fact("is-in-utf-16"))
    if b"\0" in data or data[:3] == b"\xff\xd8\xff" or data[:4] in (b"%PDF", b"PK\x03\x04"):
        raise SubmissionError.of(path, Fact("is-binary"))
    if path.suffix.lower() == ".ipynb":
        if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            if not names_in(data).definitions:  # else it is Python under a name that was asked for
                raise SubmissionError.of(path, Fact("begins-with-no-brace"))
        elif not re.search(rb'"cell_type"\s*+:\s*+"code"', data):
            raise SubmissionError.of(path, Fact("has-no-code-cells"))
    digest = hashlib.sha256(data).hexdigest()
    return Submission(SubmissionId(name=path.name, file=str(path), sha256=digest), data)


def too_large(most: int, *, is_notebook: bool) -> Fact:
    """That a file has more than some bytes."""
    return Fact("is-too-large", {"megabytes": most >> 20, "is_notebook": is_notebook})


_HOW = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # not every system has all of them
    _HOW |= getattr(os, _name, 0)


def read_regular_file(path: Path) -> bytes:
    """The bytes of a regular file, following no link; one more than `LARGEST` at most.

    Raises:
        SubmissionError: it cannot be opened, or is something else.
    """
    try:
        descriptor = os.open(path, _HOW)
    except FileNotFoundError:
        raise SubmissionError.of(path, Fact("no-such-file")) from None
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError.of(path, Fact("is-a-link-that-was-named")) from None
        raise SubmissionError.of(path, Fact("cannot-be-opened", {"error": of_system(error)})) from error
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        raise SubmissionError.of(path, Fact("is-a-folder" if stat.S_ISDIR(kind) else "is-no-regular-file"))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def fit(submission: Submission, assignment: Assignment) -> float:
    """How well a submission fits an assignment, from 0 to 1.

    The share of the entry points that would be graded: functions and classes under any accepted spelling, and classes
    found by their base as the sandbox finds them. Where there is none, less than any share: classes with the base
    classes that are asked for, under any name; the signs of a script; variables of these names, as `loss` is a name in
    many files.
    """
    entries = assignment.specification.required.items()
    names = submission.names
    share = _share(bool(_graded(names, name, entry)) for name, entry in entries)
    if share:
        return share
    derived = _share(bool(entry.base and names.derived(entry.base)) for _, entry in entries)
    if derived == 1:
        return _DERIVED
    if _has_signs(submission, assignment):
        return _SIGNS
    return _SIGNS / 2 * _share(not names.variables.isdisjoint({name, *entry.accept}) for name, entry in entries)


def undefined(submission: Submission, assignment: Assignment) -> list[str]:
    """The entry points that a submission seems not to define, not even as a variable or by a class with their base."""
    names = submission.names.definitions | submission.names.variables
    return [
        name
        for name, entry in assignment.specification.required.items()
        if names.isdisjoint({name, *entry.accept}) and not (entry.base and submission.names.derived(entry.base))
    ]


_MOST, _DERIVED, _SIGNS = 0.5, 0.02, 0.01


def _share(found: Iterable[bool]) -> float:
    listed = list(found)
    return sum(listed) / max(1, len(listed))


def _graded(names: Names, name: str, entry: EntryPoint) -> Set[str]:
    """The names among which the sandbox would find an entry point, as `grader.watch.reading.entry_points` does."""
    spellings = (name, *entry.accept)
    found = names.definitions & set(spellings)
    if found and not entry.base:
        return found
    is_class = entry.base or name[:1].isupper()
    parts = [spelling.casefold() for spelling in spellings]
    derived = names.derived(entry.base or "Function") if is_class else ()
    return {own for own in derived if any(part in own.casefold() for part in parts)}


def find_assignment(submission: Submission, assignments: Iterable[Assignment]) -> Assignment:
    """The one assignment of whose entry points the submission defines the largest share.

    Raises:
        SubmissionError: none or several fit; lists the candidates.
    """
    assignments = list(assignments)
    found = fitting(submission, assignments) or fitting(_whole(submission), assignments)
    if len(found) == 1:
        return found[0]
    if found:
        raise SubmissionError.of(submission.id.file, Fact("fits-several", {"slugs": tuple(a.slug for a in found)}))
    width = max((len(a.slug) for a in assignments), default=0)
    wanted = tuple(_in_a_line(a.slug.ljust(width), asked_for(a)) for a in assignments)
    own = tuple(sorted(submission.names.definitions))
    raise SubmissionError.of(submission.id.file, Fact("fits-none", {"own": own, "wanted": wanted}))


_LINE, _NAMED = 80, 4


def _in_a_line(slug: str, signatures: Sequence[str]) -> Fact:
    """What an assignment asks for; the names alone, and not all of them, where the whole is long."""
    if not signatures:
        return Fact("asks-for-a-script", {"slug": slug})
    names = [signature.partition("(")[0] for signature in signatures]
    whole = next((told for told in (signatures, names) if len(", ".join(told)) <= _LINE), None)
    if whole is not None:
        return Fact("asks-for", {"slug": slug, "names": tuple(whole)})
    return Fact("asks-for-more", {"slug": slug, "names": tuple(names[:_NAMED]), "n": len(names) - _NAMED})


def _whole(submission: Submission) -> Submission:
    """A submission and its modules as if they were one file: the main file of a package may define nothing."""
    return replace(submission, data=b"\n".join([submission.data, *submission.modules.values()]))


def fitting(submission: Submission, assignments: Sequence[Assignment]) -> list[Assignment]:
    """The assignments that a submission fits best; several where that is open.

    A file that defines no more than half of what an assignment asks for, and has all signs of a script, may be either.
    An assignment gives way to one of which the file defines half at least, and all that it defines of the first and
    more: a `TwoLayerNet` is asked for by one alone, and by another beside its layers.
    """
    fits = {a.slug: fit(submission, a) for a in assignments}
    best = max(fits.values(), default=0.0)
    first = {a.slug for a in assignments if best > 0 and fits[a.slug] == best}
    either = _DERIVED < best <= _MOST
    found = {a.slug: _found(submission.names, a) for a in assignments if fits[a.slug] >= min(best, _MOST)}
    first |= {slug for slug in found if any(found[other] < found[slug] for other in first)}
    most = [a for a in assignments if a.slug in first and not any(found[a.slug] < found[other] for other in first)]
    chosen = {a.slug for a in _called_so(submission.names, most, found)}
    return [a for a in assignments if a.slug in chosen or (either and fits[a.slug] == _SIGNS)]


def _called_so(names: Names, assignments: Sequence[Assignment], found: Mapping[str, Set[str]]) -> Sequence[Assignment]:
    """Of assignments that ask for the same classes, those that call them by `apply` where they are `Function`s."""
    functions = names.derived("Function")
    as_called = [a for a in assignments if _calls_functions(a) != functions.isdisjoint(found[a.slug])]
    same = len({frozenset(found[a.slug]) for a in assignments}) == 1
    return as_called if same and as_called else assignments


def _calls_functions(assignment: Assignment) -> bool:
    return any(
        entry.base == "Function" or ".apply(" in entry.signature for entry in assignment.specification.required.values()
    )


def _found(names: Names, assignment: Assignment) -> Set[str]:
    """All names of a file that an assignment asks for."""
    entries = assignment.specification.required.items()
    meant = [_graded(names, name, entry) | (names.variables & {name, *entry.accept}) for name, entry in entries]
    return set[str]().union(*meant)


def _has_signs(submission: Submission, assignment: Assignment) -> bool:
    signs = assignment.specification.signs
    return bool(signs) and all(f".{sign}(".encode() in submission.data for sign in signs)


def asked_for(assignment: Assignment) -> list[str]:
    """What a submission to an assignment defines, as signatures; none where it is a whole script."""
    return [entry.signature for entry in assignment.specification.required.values()]
