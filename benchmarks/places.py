"""Does the place agree with where a known mistake was made? The wrong submissions of the corpus that are edits.

    python benchmarks/places.py [--only mynet,relu] [--show]

Each of them is a right submission with the lines of one mistake changed, which its header names by the catalogue or by
the checks that it loses. It is graded in the sandbox; the first place agrees if it lies on a line that the edit brought
in. Where the edit only takes lines away, the ones on both sides count. Where no value mends (keys, what is not stored,
a loop that is missing), nothing should be said.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path, PurePath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grader import grading
from grader.assignment import load
from grader.course import find_course
from grader.key.obtaining import obtain_key
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.submission.hand_in import accept
from grader.validation.cases import EDIT, Case, cases_in
from tests.corpus import CORPUS

AGREES, NOTHING, BEFORE, OTHER = "on a changed line", "nothing said", "there or before", "another line"


def changed_lines(case: Case) -> set[int]:
    """The numbers of the lines, from 1, that an edit brought in."""
    start = case.header("from") or ""
    before = (case.file.parent.parent / start).read_text(encoding="utf-8").splitlines()
    after = case.data.decode().splitlines()
    found: set[int] = set()
    for what, _, _, first, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what in ("replace", "insert"):
            found.update(range(first + 1, end + 1))
        elif what == "delete":
            found.update((first, first + 1))
    return found


def measured(exercise: str, course: Path) -> Iterator[tuple[str, str, str]]:
    """For each edit of an exercise its name, what the report said, and the place."""
    assignment = load(course, exercise)
    key = obtain_key(assignment, "benchmark of pinpoint", lambda _: None)
    limits = grading.Limits.of(assignment, 5)
    with Pool(choose(Machine.here(), allow_weak=True), [course / "assignments"]) as pool:
        pool.prepare(grading.setup(assignment, key))
        for case in cases_in(CORPUS / exercise / "wrong"):
            if case.file.suffix != EDIT:
                continue
            submission = accept(PurePath(case.name), case.data)
            report = grading.grade(submission, assignment, key, pool, limits, lambda _: key)
            places = report.diagnosis.places
            if report.score >= report.out_of:
                continue
            lines = changed_lines(case)
            agrees = any(line in lines for place in places[:1] for line in range(place.line, place.end_line + 1))
            elsewhere = OTHER if places and places[0].begins_here else BEFORE if places else NOTHING
            said = AGREES if agrees else elsewhere
            yield case.name, said, " | ".join(f"{p.line}: {p.text}" for p in places) + f"   changed: {sorted(lines)}"


def main() -> None:
    """Grade the wrong submissions that are edits, and print the rates."""
    known = sorted(folder.name for folder in CORPUS.iterdir() if folder.name != "descent")
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(known))
    parser.add_argument("--show", action="store_true", help="print each that does not agree")
    options = parser.parse_args()
    course, everything = find_course(), Counter[str]()
    kinds = (AGREES, NOTHING, BEFORE, OTHER)
    print(f"{'':24s}{'n':>5s}  {'  '.join(kinds)}")
    for exercise in options.only.split(","):
        listed = [*measured(exercise, course)]
        said = Counter(what for _, what, _ in listed)
        everything += said
        print(
            f"{exercise:24s}{len(listed):5d}  {'  '.join(f'{said[kind]:{len(kind)}d}' for kind in kinds)}", flush=True
        )
        for name, what, place in listed if options.show else ():
            if what != AGREES:
                print(f"    {what}: {name}   {place}", flush=True)
    told = everything[AGREES] + everything[OTHER]
    print(f"{'all':24s}{everything.total():5d}  {'  '.join(f'{everything[kind]:{len(kind)}d}' for kind in kinds)}")
    print(f"of the places that are told as where it begins, {100 * everything[AGREES] / max(told, 1):.1f} % agree")


if __name__ == "__main__":
    main()
