"""Of several files that were handed in together: which one is the submission, and what it may import.

Nothing of them is run or parsed here; see `grader.submission`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path, PurePath, PurePosixPath

from grader.assignment import Assignment
from grader.errors import NotClear, SubmissionError
from grader.submission import LARGEST, Submission, accept, fit, fitting, read_regular_file
from grader.submission.alike import are_alike, code_of
from grader.submission.names import imports_of, named_in, runs_of
from grader.wire.facts import Fact

_MOST_MODULES, _LONGEST = 100, 150
"""Modules that a submission has at most, and bytes of the path of each."""
_SHOWN = 12
_TOOLS = frozenset(["__MACOSX", "__pycache__", "node_modules", "venv", "env", "site-packages"])
_PUT_ASIDE = re.compile(r"(?i)(old|backups?|bak|archived?|copy|alt|sauvegardes?)([ _.-]?\d+)?")
"""Names of folders for what is kept and not meant."""
_SPARE = re.compile(r"(?i)(^copy of |^kopie von |[ _.-](copy|copie|backup|bak|old|checkpoint)( \d+)?$|\(\d+\)$|~$)")
"""Names, without their ending, of what a person or a program has put aside."""
_DEEPEST, _HALF = 6, 0.5


@dataclass(frozen=True)
class _File:
    path: PurePath
    submission: Submission
    reach: Submission
    """It, with all that it imports."""


def hand_in(files: Mapping[PurePath, bytes], known: Sequence[Assignment], main: PurePath | None = None) -> Submission:
    """The submission among some files, with the others as its modules.

    It is the file that defines, itself and by what it imports, most of what an assignment asks for; among equals, the
    one that defines most itself; of a notebook and a file that define the same, the notebook. Starters as they were
    given out, hidden files and backups are nobody's choice.

    Args:
        files: what was handed in, by path: relative to one folder, or below one.
        known: the assignments that it may be for; one where that is known.
        main: the path of the file that a person chose.

    Raises:
        SubmissionError: no file can be a submission, or several can; names them.
    """
    if main is not None or len(files) == 1:
        path = next(iter(files)) if main is None else _named(main, files)
        return _with_modules(accept(path, files[path]), path, files)
    readable, problems = _readable(files)
    if not readable:
        raise SubmissionError(in_the_way(problems) if problems else Fact("no-source-files", {"files": _names(files)}))
    candidates = [_File(path, one, _reaching(path, one, readable)) for path, one in readable.items()]
    several = purposes(files, known).certain if len(known) > 1 else ()
    if len(several) > 1:
        raise NotClear(Fact("files-for-several", {"slugs": several}), Fact("name-the-assignment"))
    first, *others = _best(_real(candidates, known), known)
    if others and not all(_are_alike(first, other, known) for other in others):
        names = _names(file.path for file in (first, *others))
        raise NotClear(Fact("several-candidates", {"files": names}), Fact("name-the-main-file"))
    return replace(_with_modules(first.submission, first.path, files), alike=_names(file.path for file in others))


@dataclass(frozen=True)
class Purposes:
    """Slugs of the assignments that some files are for: for certain, or else as the best of them lets one guess."""

    certain: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


def purposes(files: Mapping[PurePath, bytes], known: Sequence[Assignment]) -> Purposes:
    """The assignments that some files are for. Each file has a say that is no module of another one.

    A file is for an assignment for certain where no other fits as well, and it defines at least half of what is asked
    or is a whole script.
    """
    found = _readable(files)[0]
    candidates = [_File(path, one, _reaching(path, one, found)) for path, one in found.items()]
    real = _real(candidates, known) if candidates else []
    imported = {word for file in real for word in imports_of(file.submission.data) if word != file.path.stem}
    mains = [file for file in real if file.path.stem not in imported] or real
    fits = [(max(fit(file.reach, a) for a in known), fitting(file.reach, known)) for file in mains]
    certain = {a[0].slug for share, a in fits if len(a) == 1 and (share >= _HALF or not a[0].specification.required)}
    best = max(fits, key=lambda each: each[0])[1] if fits else []
    return Purposes(tuple(sorted(certain)), tuple(assignment.slug for assignment in best))


def read_files(paths: Sequence[Path]) -> dict[PurePath, bytes]:
    """The Python files and notebooks among some paths, and in the folders among them, following no link.

    With them come other files in these folders that they name, which they may open.

    Raises:
        SubmissionError: a path that was named cannot be read.
    """
    found: dict[PurePath, bytes] = {}
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            there = list(islice(_below(path, _DEEPEST), 10 * _MOST_MODULES))
            found |= {file: read_regular_file(file) for file in there if _is_source(file)}
            named = opened_by(found.values())
            found |= {file: read_regular_file(file) for file in there if file.name in named and not _is_source(file)}
        else:
            found[path] = read_regular_file(path)
    return found


def opened_by(sources: Iterable[bytes]) -> set[str]:
    """The names of files, without their folders, that code may open."""
    return {PurePosixPath(file).name for data in sources for file in named_in(data)}


def with_imports(submission: Submission, folder: Path) -> Submission:
    """A student's own file on her own computer, with the files in its folder that it imports, itself or through others.

    Raises:
        SubmissionError: one of them cannot be read.
    """
    main = folder / PurePath(submission.id.file).name
    files: dict[PurePath, bytes] = {main: submission.data}
    fresh = [submission.data]
    while fresh and len(files) <= _MOST_MODULES:
        data = fresh.pop()
        words = sorted(imports_of(data))
        found = [path for word in words for path in _of_module(folder, word) if path not in files]
        found += [path for path in _files_named(folder, data) if path not in files]
        files |= {path: read_regular_file(path) for path in found}
        fresh += [files[path] for path in found if _is_source(path)]
    return _with_modules(submission, main, files)


def _files_named(folder: Path, data: bytes) -> list[Path]:
    """The files in a folder, or below it, that code there opens, and the notebooks that a notebook runs."""
    opened = [file for file in named_in(data) if not file.lower().endswith(".ipynb")]
    named = [PurePosixPath(file) for file in sorted({*runs_of(data), *opened})]
    found = [folder / file for file in named if not file.is_absolute() and ".." not in file.parts]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _of_module(folder: Path, word: str) -> list[Path]:
    """The files of a module or package in a folder."""
    path = folder / f"{word}.py"
    if path.is_file() and not path.is_symlink():
        return [path]
    package = folder / word
    if _is_hidden(word) or not package.is_dir() or package.is_symlink():
        return []
    return [file for file in islice(_below(package, _DEEPEST), _MOST_MODULES) if file.suffix.lower() == ".py"]


def _named(main: PurePath, files: Iterable[PurePath]) -> PurePath:
    """The file that a person means by a path, or by the end of it."""
    found = [path for path in files if path == main] or [
        path for path in files if path.parts[-len(main.parts) :] == main.parts
    ]
    if len(found) != 1:
        kind = "is-several-of-the-files" if found else "is-not-among-the-files"
        raise SubmissionError.of(main, Fact(kind, {"files": _names(found or files)}))
    return found[0]


def _below(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        there = sorted(entries, key=lambda entry: entry.name)
    for entry in there:
        if _is_hidden(entry.name) or entry.is_symlink():
            continue
        if entry.is_file():
            yield folder / entry.name
        elif entry.is_dir() and depth:
            yield from _below(folder / entry.name, depth - 1)


def _is_source(path: PurePath) -> bool:
    return path.suffix.lower() in (".py", ".ipynb")


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in _TOOLS


def _readable(files: Mapping[PurePath, bytes]) -> tuple[dict[PurePath, Submission], list[Fact]]:
    """What can be a submission, and why other files cannot."""
    found, problems = dict[PurePath, Submission](), list[Fact]()
    for path, data in files.items():
        if _is_source(path) and not any(map(_is_hidden, path.parts)):
            try:
                found[path] = accept(path, data)
            except SubmissionError as error:
                problems.append(error.why)
    return found, problems


def _reaching(path: PurePath, submission: Submission, files: Mapping[PurePath, Submission]) -> Submission:
    """A file and all that it imports, as if it were one file."""
    reached = {path, *imported(path, {other: one.data for other, one in files.items()})}
    data = b"\n".join(files[each].data for each in sorted(reached, key=str))
    return submission if reached == {path} else replace(submission, data=data)


def imported(main: PurePath, files: Mapping[PurePath, bytes]) -> set[PurePath]:
    """The files that a file imports or runs, itself or through others; packages by the names of their folders."""
    by_word: dict[str, PurePath] = {}
    run = _run_by(files[main])
    for path in files:
        if path.suffix.lower() == ".py" or path.name in run:
            by_word[path.parent.name if path.stem == "__init__" else path.stem] = path
    reached, fresh = {main}, [main]
    while fresh:
        words = imports_of(files[fresh.pop()])
        more = {by_word[word] for word in words if word in by_word} - reached
        reached |= more
        fresh += more
    return reached - {main}


def _run_by(data: bytes) -> set[str]:
    return {PurePosixPath(file).name for file in runs_of(data)}


def _real(files: Sequence[_File], known: Iterable[Assignment]) -> Sequence[_File]:
    """Those that are neither as they were given out nor put aside, each content once; all, if nothing else is there."""
    starters = {_digest(path.read_bytes()) for a in known for path in sorted(a.folder.glob("handout.*"))}
    own = [file for file in files if _digest(file.submission.data) not in starters] or files
    depth = len(PurePath(os.path.commonpath([file.path.parent for file in own]) or ".").parts)
    kept = [file for file in own if not _is_spare(file.path, depth)] or own
    return list({_digest(file.submission.data): file for file in reversed(kept)}.values())[::-1]


def _is_spare(path: PurePath, depth: int) -> bool:
    """Whether a person or a program has put a file aside: by its name, or by a folder below that of all files."""
    return bool(_SPARE.search(path.stem)) or any(map(_PUT_ASIDE.fullmatch, path.parts[depth:-1]))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(b"".join(data.split())).digest()


def _best(files: Sequence[_File], known: Sequence[Assignment]) -> list[_File]:
    fits = [
        (max(fit(file.reach, a) for a in known), max(fit(file.submission, a) for a in known), file) for file in files
    ]
    best = max(found[:2] for found in fits)
    found = [file for *fit_, file in fits if tuple(fit_) == best]
    return sorted(found, key=lambda file: not file.submission.is_notebook)


def _are_alike(one: _File, other: _File, known: Iterable[Assignment]) -> bool:
    """Whether two files define alike all that is asked for, as a notebook and its export do."""
    asked = {word for a in known for name, entry in a.specification.required.items() for word in (name, *entry.accept)}
    first, second = (code_of(file.submission.data, notebook=file.submission.is_notebook) for file in (one, other))
    return are_alike(first, second, asked)


def _with_modules(submission: Submission, main: PurePath, files: Mapping[PurePath, bytes]) -> Submission:
    """A submission with the other Python files as its modules, those that are next to it by their names alone.

    Files that any of these names are there, too, to be opened.

    It is one of them itself where something that it imports imports it: in a package each may need each.
    """
    run = _run_by(files[main])
    opened = opened_by(data for path, data in files.items() if _is_source(path))
    beside = {p for p in files if not _is_source(p) and p.name in opened}
    others = [p for p in files if p != main and (p.suffix.lower() == ".py" or p.name in run or p in beside)]
    others = [p for p in others if len(os.fsencode(p)) <= _LONGEST]
    if _is_in_a_circle(main, files, others):
        others.append(main)
    root = PurePosixPath(os.path.commonpath([path.parent for path in files]) or ".")
    shown = [path for path in others if not any(map(_is_hidden, path.parts))]
    near = sorted((path in beside, *_relative(path, main.parent, root), path) for path in shown)
    sizes = accumulate(len(files[path]) for *_, path in near)
    kept = [one for one, size in zip(near, sizes, strict=True) if size <= LARGEST][:_MOST_MODULES]
    modules = {name: files[path] for _, _, name, path in kept}
    if not modules:
        return submission
    digest = hashlib.sha256(submission.data)
    for name, data in sorted(modules.items()):
        digest.update(b"\0" + name.encode("utf-8", "surrogateescape") + b"\0" + data)
    return replace(submission, id=replace(submission.id, sha256=digest.hexdigest()), modules=modules)


def _is_in_a_circle(main: PurePath, files: Mapping[PurePath, bytes], others: Iterable[PurePath]) -> bool:
    """Whether a file is imported by what it imports."""
    by_stem = {path.stem: path for path in others}
    fresh, seen = imports_of(files[main]) & by_stem.keys(), set[str]()
    while fresh:
        seen |= fresh
        words = set[str]().union(*(imports_of(files[by_stem[stem]]) for stem in fresh))
        if main.stem in words:
            return True
        fresh = (words & by_stem.keys()) - seen
    return False


def _relative(path: PurePath, folder: PurePath, root: PurePath) -> tuple[int, str]:
    """How far a file is from a folder, and its name there; for what is elsewhere, its name in the folder of all."""
    place = path.relative_to(folder) if path.is_relative_to(folder) else path.relative_to(root)
    return len(path.parts) if path.is_relative_to(folder) else 1000 + len(path.parts), place.as_posix()


def in_the_way(problems: Sequence[Fact]) -> Fact:
    """One fact for the first of what stands in the way of a hand-in."""
    return problems[0] if len(problems) == 1 else Fact("several-problems", {"problems": tuple(problems[:_SHOWN])})


def _names(paths: Iterable[PurePath]) -> tuple[str, ...]:
    return tuple(map(str, paths))
