"""Which of a student's files is the submission, and to which assignment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath

from grader.assignment import Assignment
from grader.errors import SubmissionError
from grader.intake.finding import HandIn
from grader.intake.kinds import source_ending
from grader.intake.nodes import Node, read
from grader.submission import LARGEST, Submission, fit, fitting
from grader.submission.hand_in import hand_in as together
from grader.submission.hand_in import imported, in_the_way, opened_by
from grader.wire.facts import Fact

_HALF = 0.5
_LARGEST_TOGETHER = 4 * LARGEST


def is_whole(known: Sequence[Assignment], file: Node) -> bool:
    """Whether a file looks like a whole submission to one of the assignments."""
    try:
        return bool(fitting(read(file), known))
    except SubmissionError:
        return False


def choose(hand_in: HandIn, assignment: Assignment, main: PurePath | None = None) -> tuple[Submission, list[Fact]]:
    """Of what a student handed in, the submission with its modules, and what all else is.

    Args:
        main: the file that a person chose, by its path in the hand-in.

    Raises:
        NotClear: several files may be it.
        SubmissionError: none can be read.
    """
    contents, places = hand_in.contents, hand_in.places
    files, named, problems = readable(places)
    if not files:
        raise SubmissionError(_nothing(hand_in, [*contents.problems, *problems]))
    chosen = together({**dict(_opened(hand_in, files)), **files}, [assignment], named.get(main, main) if main else None)
    path = next(path for path in files if str(path) == chosen.id.file)
    node = places[next(place for place, read_as in named.items() if read_as == path)]
    chosen = replace(chosen, id=replace(chosen.id, name=node.name, file=node.label))
    own = {path, *imported(path, files)}
    others = [Fact("a-file", {"name": place.name}) for place, read_as in named.items() if read_as not in own]
    return chosen, [*others, *_there(hand_in)]


def _opened(hand_in: HandIn, sources: Mapping[PurePath, bytes]) -> Iterator[tuple[PurePath, bytes]]:
    """The other files that code names, which it may open; what cannot be read is not there."""
    named, size = opened_by(sources.values()), 0
    for place, node in hand_in.beside.items():
        if place.name in named and place not in sources:
            with suppress(SubmissionError):
                data = node.data()
                size += len(data)
                if size <= LARGEST:
                    yield place, data


def readable(places: Mapping[PurePath, Node]) -> tuple[dict[PurePath, bytes], dict[PurePath, PurePath], list[Fact]]:
    """The bytes of what can be read, under names that end as what it is; these names; and what stood in the way."""
    files: dict[PurePath, bytes] = {}
    named: dict[PurePath, PurePath] = {}
    problems = []
    size = 0
    for place, node in places.items():
        try:
            data = node.data()
        except SubmissionError as error:
            problems.append(error.why)
            continue
        size += len(data)
        if size > _LARGEST_TOGETHER:
            why = Fact("is-left-out-with-more", {"megabytes": _LARGEST_TOGETHER >> 20})
            problems.append(SubmissionError.of(node.label, why).why)
            break
        ending = source_ending(place.name, data)
        named[place] = place if place.suffix.lower() == ending else place.with_name(f"{place.name}{ending}")
        files[named[place]] = data
    return files, named, problems


def _nothing(hand_in: HandIn, problems: Sequence[Fact]) -> Fact:
    there = _there(hand_in)
    is_it = len(there) == 1 and there[0].kind == "a-file" and hand_in.label.endswith(str(there[0].values["name"]))
    why = Fact("is-no-source-file") if is_it else Fact("holds-no-source-file", {"files": tuple(there)})
    nothing = SubmissionError.of(hand_in.label, why).why
    return in_the_way([*problems, *([nothing] if there or not problems else [])])


def _there(hand_in: HandIn) -> list[Fact]:
    """What was handed in besides Python files and notebooks; what was entered in place of a file is told as that."""
    entered = {told.values["name"] for told in hand_in.entered}
    return [*hand_in.entered, *(told for told in hand_in.contents.others if told.values["name"] not in entered)]


def see_that_it_belongs(submission: Submission, agreed: Assignment, known: Sequence[Assignment]) -> None:
    """Object to a submission among others to an assignment that nobody named, where it is clearly for another.

    Raises:
        SubmissionError: it is; says for which.
    """
    whole = replace(submission, data=b"\n".join([submission.data, *submission.modules.values()]), modules={})
    fits = fitting(whole, known)
    own = fit(whole, agreed)
    if fits and agreed not in fits and own < _HALF and (not own or fit(whole, fits[0]) >= _HALF):
        slugs = tuple(f"`{assignment.slug}`" for assignment in fits)
        raise SubmissionError.of(submission.id.file, Fact("is-for-another", {"slugs": slugs, "agreed": agreed.slug}))
