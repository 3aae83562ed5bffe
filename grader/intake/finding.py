"""Who handed in what: walk the paths that were given, and put the files of each student together."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import yaml

from grader.errors import GraderError
from grader.intake.archive import open_archive
from grader.intake.naming import Student, canvas, gradescope, moodle
from grader.intake.nodes import Node, OnDisk, is_source

_MOST_FILES = 500
"""Of one student: more are not looked at."""
_DEEPEST = 12
_METADATA = "submission_metadata.yml"


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in: the files that may be the submission, and the names of the others."""

    student: Student
    label: str
    files: tuple[Node, ...]
    others: tuple[str, ...] = ()


class Intake:
    """Everything that the paths lead to. `hand_ins` can be walked again and again; `ignored` is told to the user."""

    def __init__(self, paths: Sequence[str], without: Path | None = None) -> None:
        """Open the archives and look at the paths; nothing is read yet.

        Args:
            paths: files, folders, zip archives, or patterns of them.
            without: a folder that is no part of it, where the reports go.

        Raises:
            GraderError: a path leads nowhere, or an archive cannot be used.
        """
        self.ignored: list[str] = []
        self._without = str(without.resolve()) if without else ""
        matched = [Path(name) for given in paths for name in _matches(given)]
        for path in matched:
            if not path.exists():
                raise GraderError(f"{path}: no such file or folder")
        files = [path for path in matched if path.is_file() and path.suffix.lower() != ".zip"]
        self._loose: list[Sequence[Node]] = [
            [OnDisk(str(path), is_folder=False) for path in sorted(group)]
            for _, group in groupby(files, key=lambda path: path.parent)
        ]
        folders = [path for path in matched if path.is_dir()]
        if len(folders) > 1 and all(_is_of_one_student(folder) for folder in folders):
            self._loose.append([OnDisk(str(path), is_folder=True) for path in folders])
            folders = []
        self._classes: list[Node] = [OnDisk(str(path), is_folder=True) for path in folders]
        for path in matched:
            if path.is_file() and path.suffix.lower() == ".zip":
                tree, left_out = open_archive(path)
                self._classes.append(tree)
                self.ignored += left_out

    def hand_ins(self) -> Iterator[HandIn]:
        """One by one, in an order that does not change; the same student may come again, with another attempt."""
        for nodes in self._loose:
            yield from _of_class(self._here(nodes), {})
        for folder in self._classes:
            nodes = self._here(folder.children())
            while len(nodes) == 1 and nodes[0].is_folder and _is_wrapper(nodes[0]):
                nodes = self._here(nodes[0].children())
            yield from _of_class(nodes, _submitters(nodes))

    def _here(self, nodes: Sequence[Node]) -> list[Node]:
        if not self._without:
            return list(nodes)
        return [node for node in nodes if not (node.is_folder and str(Path(node.label).resolve()) == self._without)]


def _matches(given: str) -> list[str]:
    """The paths that a pattern stands for, where the shell has not replaced it."""
    if not glob.has_magic(given) or Path(given).exists():
        return [given]
    found = sorted(glob.glob(given, recursive=True))  # noqa: PTH207  a pattern may be absolute
    if not found:
        raise GraderError(f"{given}: no file or folder has such a name")
    return found


def _is_of_one_student(folder: Path) -> bool:
    """Whether a folder that was given next to others looks like one student's: at most three files, all at the top."""
    children = OnDisk(str(folder), is_folder=True).children()
    files = [child for child in children if is_source(child.name)]
    return 1 <= len(files) <= 3 and not any(child.is_folder and _sources(child)[0] for child in children)


def _is_wrapper(folder: Node) -> bool:
    """Whether the only folder of an archive holds the class; a folder of one student has files, and a telling name."""
    if moodle(folder.name) or gradescope(folder.name):
        return False
    children = folder.children()
    return any(child.is_folder for child in children) or sum(is_source(child.name) for child in children) > 3


def _of_class(nodes: Sequence[Node], submitters: dict[str, list[Student]]) -> Iterator[HandIn]:
    """Each student of a listing of files and folders."""
    is_canvas = _is_canvas(nodes)
    owned = [(student, node) for node in nodes if (student := _owner(node, is_canvas=is_canvas))]
    owned.sort(key=lambda pair: (pair[0].key, pair[1].name))
    for _, group in groupby(owned, key=lambda pair: pair[0].key if _is_together(pair[0]) else pair[1].name):
        pairs = list(group)
        student = next((student for student, _ in pairs if student.late), pairs[0][0])
        first = pairs[0][1]
        files, others = _merged(node for _, node in pairs)
        for submitter in submitters.get(first.name, [student]):
            yield HandIn(submitter, first.label, files, others)


def _is_together(student: Student) -> bool:
    """Whether several files beside one another are of one student: a system that numbers students says so."""
    return bool(student.id)


def _is_canvas(nodes: Sequence[Node]) -> bool:
    """Whether all names are as Canvas makes them; in `lab_3_1_alice.py` the number of the file is not its own."""
    found = [canvas(node.name) for node in nodes if is_source(node.name) and not node.is_folder]
    return bool(found) and all(found) and len({match[1] for match in found if match}) == len(found)


def _owner(node: Node, *, is_canvas: bool) -> Student | None:
    """Whose a file or folder of a class is: as a system named it, else by its own name. None for what is nobody's."""
    if node.is_folder:
        return moodle(node.name) or gradescope(node.name) or Student(node.name)
    if is_canvas and (match := canvas(node.name)):
        return match[0]
    known = moodle(node.name)
    return known if known or not is_source(node.name) else Student(node.name.rsplit(".", 1)[0])


def _merged(nodes: Iterable[Node]) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    files: list[Node] = []
    others: list[str] = []
    for node in nodes:
        more, rest = _sources(node)
        files += more
        others += rest
    return tuple(files[:_MOST_FILES]), tuple(others[:_MOST_FILES])


def _sources(node: Node, depth: int = 0) -> tuple[list[Node], list[str]]:
    """The Python files and notebooks in a folder, and the names of the other files."""
    if not node.is_folder:
        return ([node], []) if is_source(node.name) else ([], [node.name])
    files: list[Node] = []
    others: list[str] = []
    for child in node.children() if depth < _DEEPEST else ():
        more, rest = _sources(child, depth + 1)
        files += more
        others += rest
        if len(files) + len(others) > 2 * _MOST_FILES:
            break
    return files, others


def _submitters(nodes: Sequence[Node]) -> dict[str, list[Student]]:
    """Whose the folders of a Gradescope export are; the members of a group all get the report."""
    metadata = next((node for node in nodes if node.name == _METADATA and not node.is_folder), None)
    return parse_submitters(metadata.data().decode("utf-8", "replace")) if metadata else {}


def parse_submitters(text: str) -> dict[str, list[Student]]:
    """Folder -> students, from `submission_metadata.yml`.

    It is read line by line, by indentation: what a student's program printed is in it, too, further in, and a parser of
    all of YAML takes minutes for the file of a large class.
    """
    told: dict[str, list[dict[str, str]]] = {}
    folder, listed = "", False
    for line in text.splitlines():
        if found := re.fullmatch(r"(submission_\d+):\s*", line):
            folder, listed = found[1], False
        elif listed and (found := re.fullmatch(r"  (- |  ):(\w+): (.{1,500})", line)):
            if found[1] == "- ":
                told.setdefault(folder, []).append({})
            told[folder][-1][found[2]] = _scalar(found[3])
        elif re.match(r"  :\w", line):
            listed = bool(folder) and line.strip() == ":submitters:"
    return {
        folder: [Student(who["name"], who.get("sid") or who.get("email", "")) for who in group if who.get("name")]
        for folder, group in told.items()
        if all(who.get("name") for who in group)
    }


def _scalar(text: str) -> str:
    """A string in YAML, quoted or not."""
    try:
        value = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  makes strings of everything, and nothing else
    except yaml.YAMLError:
        value = text
    return value.strip() if isinstance(value, str) else text.strip()
