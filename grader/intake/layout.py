"""Whether a folder or an archive is one student's, or holds a class.

Names that a system made decide. Where there are none, a class is told by its entries: two of them at least are whole
submissions by themselves, and as many as half of those that hold any code. What is called `src` or `tests` is nobody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice

from grader.errors import ToldError
from grader.intake.contents import contents_of
from grader.intake.nodes import Node, is_hidden
from grader.intake.systems import claim_of, is_of_a_system
from grader.wire.facts import Fact

IsWhole = Callable[[Node], bool]
"""Whether a file looks like a whole submission to an assignment."""

_LOOKED_AT = 60
_DEEPEST = 12
_FEW = 3
"""So many whole files may be the versions of one student, where each of several folders is looked at."""
_PARTS = re.compile(
    r"(src|source|code|scripts?|lib|libs?|modules?|packages?|utils?|helpers?|common|tests?|data|docs?|old|backup|archive"
    r"|new|final|main|setup|models?|networks?|nets?|layers?|train(ing)?|back_?prop(agation)?|solutions?|submissions?"
    r"|notebooks?|figures?|images?|results?|mynet|relu|mlp|functions?|descent|hand_?in|answers?|__init__"
    r"|(hw|homework|lab|ex|exercise|task|part|question|q|problem|week|assignment|v|version|attempt|try|tp|td)"
    r"[ _-]?\d*[a-z]?)",
    re.IGNORECASE,
)
"""Names of parts of a student's work, and of no student."""


def is_one_students(folder: Node) -> bool:
    """Whether a system named a folder after one student."""
    return is_of_a_system(folder.name, is_folder=True)


def looks_like_a_class(container: Node, is_whole: IsWhole, *, beside_others: bool = False) -> bool:
    """Whether the entries of a folder or archive are students.

    Args:
        beside_others: it was given with others like it; then a few versions of one file are one student's.
    """
    if container.is_folder and is_one_students(container):
        return False
    children = [child for child in container.children() if not is_hidden(child.name)]
    made = sum(is_of_a_system(child.name, is_folder=child.is_folder) for child in children)
    if made and 2 * made >= len(children):
        return True
    by_name: dict[str, list[Node]] = defaultdict(list)
    for child in islice(children, _LOOKED_AT):
        by_name[claim_of(child.name, is_folder=child.is_folder).student.name].append(child)
    with_code = {name: files for name, nodes in by_name.items() if (files := contents_of(nodes).files)}
    whole = [
        name
        for name, files in with_code.items()
        if not _PARTS.fullmatch(name) and any(is_whole(file) for file in files[:_LOOKED_AT])
    ]
    folders = any(node.is_folder for name in whole for node in by_name[name])
    fewest = _FEW + 1 if beside_others and not folders else 2
    return len(whole) >= fewest and 2 * len(whole) >= len(with_code)


def unwrapped(top: Node, is_whole: IsWhole, is_left_out: Callable[[Node], bool]) -> Node:
    """The folder whose entries are the students: one that is alone around several of them does not count."""
    node = top
    for _ in range(_DEEPEST):
        inner = [child for child in node.children() if not is_hidden(child.name) and not is_left_out(child)]
        if len(inner) != 1 or not inner[0].is_folder or is_one_students(inner[0]):
            break
        node = inner[0]
        if looks_like_a_class(node, is_whole):
            return node
    return top


def are_classes(given: Sequence[Node], is_whole: IsWhole) -> bool:
    """Whether paths that were given together are classes, or the students of one: the majority decides, or a person.

    Raises:
        GraderError: it is open.
    """
    containers = [node for node in given if node.is_folder]
    classes = sum(looks_like_a_class(node, is_whole, beside_others=True) for node in containers)
    students = len(given) - classes
    if classes == students:
        raise ToldError(Fact("each: open", {"file": given[0].label, "n": len(given) - 1}))
    return classes > students
