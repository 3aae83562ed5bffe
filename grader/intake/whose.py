"""Whose the entries of a class are: names in, owners out. Pure.

What one entry is called depends on its own name alone, unless two claim one identity: then neither gets it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.intake.naming import Student, folded
from grader.intake.systems import Claim, claim_of, plain

Submitters = Mapping[str, Sequence[Student]]
"""Name of a folder -> the students who handed it in together."""


@dataclass(frozen=True, slots=True)
class ClassItem:
    """A file or folder in the folder of a class."""

    name: str
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Who handed in some entries.

    Attributes:
        entries: positions in the listing.
        entered: for each entry what the system wrote down in place of a file, as `Claim.entered`.
        originals: for each entry the name that its student gave it, where it is told.
        system: by whose grammar the names were read; empty where no system made them.
        rivals: names of other entries that claim the same identity; then the student is nobody but the entry's name.
    """

    student: Student
    entries: tuple[int, ...]
    entered: tuple[str, ...]
    originals: tuple[str, ...]
    system: str = ""
    rivals: tuple[str, ...] = ()


def owners(listing: Sequence[ClassItem], submitters: Submitters) -> list[Owner]:
    """The owners of all entries, in an order that does not depend on that of the listing.

    Every entry has one owner, but for those that a group handed in together: they have each member once. Who handed in
    several times owns the entries of each time apart, in their order.
    """
    claims = _believed(listing, [claim_of(entry.name, is_folder=entry.is_folder) for entry in listing])
    claimed: dict[tuple[str, str], list[tuple[int, Student]]] = defaultdict(list)
    for number, (entry, claim) in enumerate(zip(listing, claims, strict=True)):
        for student in _students(entry, claim, submitters):
            claimed[_identity(claim, student)].append((number, student))
    rivals = _rivals(listing, claimed)
    found = []
    for identity, members in claimed.items():
        if identity in rivals:
            found += [_nobody(listing, claims, number, rivals[identity]) for number in sorted({n for n, _ in members})]
        else:
            for attempt in {claims[number].attempt for number, _ in members}:
                found.append(_owner(claims, [one for one in members if claims[one[0]].attempt == attempt]))
    return sorted(found, key=lambda owner: (owner.student.key, listing[owner.entries[0]].name))


def _owner(claims: Sequence[Claim], members: Sequence[tuple[int, Student]]) -> Owner:
    numbers = tuple(number for number, _ in members)
    student = min((student for _, student in members), key=lambda one: one.name)
    late = any(student.late for _, student in members)
    told = [(claims[number].entered, claims[number].original) for number in numbers]
    entered, originals = map(tuple, zip(*told, strict=True))
    return Owner(replace(student, late=late), numbers, entered, originals, claims[numbers[0]].system)


def _students(entry: ClassItem, claim: Claim, submitters: Submitters) -> Sequence[Student]:
    return submitters.get(entry.name, (claim.student,)) if claim.system == "Gradescope" else (claim.student,)


def _believed(listing: Sequence[ClassItem], claims: list[Claim]) -> list[Claim]:
    """The claims without those of Canvas that Canvas cannot have made: one file, under two names of its student's.

    `lab_12_2024_ann.py` and `lab_12_2024_bob.py` only look like it.
    """
    originals: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.file:
            originals[claim.file].add(claim.original)
    return [
        plain.parse(entry.name, is_folder=entry.is_folder) if len(originals.get(claim.file, ())) > 1 else claim
        for entry, claim in zip(listing, claims, strict=True)
    ]


def _identity(claim: Claim, student: Student) -> tuple[str, str]:
    """What is the same for all entries of one student: the number of the system, else the name, to the letter."""
    return (claim.system, student.id) if student.id else ("", student.name)


def _rivals(
    listing: Sequence[ClassItem], claimed: Mapping[tuple[str, str], Iterable[tuple[int, Student]]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The identities that are claimed twice, and all entries that claim them.

    Twice: one number under two names, or two identities that read alike.
    """
    alike: dict[str, set[tuple[str, str]]] = defaultdict(set)
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for identity, members in claimed.items():
        for _, student in members:
            alike[folded(student.key)].add(identity)
            names[identity].add(folded(student.name))
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    groups = [group for group in alike.values() if len(group) > 1]
    groups += [{identity} for identity, told in names.items() if len(told) > 1]
    for group in groups:
        entries = sorted({listing[number].name for identity in group for number, _ in claimed[identity]})
        for identity in group:
            found[identity] = tuple(sorted({*found.get(identity, ()), *entries}))
    return found


def _nobody(listing: Sequence[ClassItem], claims: Sequence[Claim], number: int, rivals: tuple[str, ...]) -> Owner:
    """An entry on its own, under its whole name, which a mark of its own keeps apart from names that read alike."""
    name = listing[number].name
    mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    student = Student(f"{name} ({mark})", late=claims[number].student.late)
    claim = claims[number]
    others = tuple(other for other in rivals if other != name)
    return Owner(student, (number,), (claim.entered,), (claim.original,), claim.system, others)
