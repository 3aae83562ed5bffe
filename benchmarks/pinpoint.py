"""Does pinpoint find the line? Right submissions with one expression changed, so that numbers are wrong.

    python benchmarks/pinpoint.py [--only mynet,relu] [--count N] [--seed TEXT] [--pairs] [--half mended|held-out]
                                  [--results FILE] [--show]

Every right submission of the corpus, file, notebook or folder of files, is changed in one expression by each kind of
edit that fits. Of all these mutants a sample is drawn: a submission, a kind, an edit, each as likely as any other; and
graded in the sandbox. A mutant that loses no marks is another right submission, and one that raises an error is counted
for itself. Of the others are told: how often the first place lies on the changed line, how often all comes right with
the places that are told, how often nothing is said, and how often another line is blamed. With `--pairs`, two
expressions on different lines are changed, and both lines must be among the first two.

The rules were mended by reading what fails of one half of the submissions; `--half held-out` measures the other one.
`--results` keeps what was measured in a file, to go on with another seed: the rates are those of all that it holds.
With `--right`, the search is told of every right submission that all that it gives is wrong, and may find nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.edits import Edit, Text, edited, edits, texts
from grader import grading
from grader.assignment import load
from grader.course import find_course
from grader.grading import pinpointing
from grader.key.obtaining import obtain_key
from grader.records import Finding, Outcome, Place, Report, Verdict
from grader.sandbox.jobs import Job, Setup
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.sandbox.session import StayingSession
from grader.submission import Submission
from tests.corpus import CORPUS
from tests.courses import hand_ins

FOUND, PART, OTHER, NOTHING = "on the changed line", "in part", "another line", "nothing said"
BEFORE = "there or before"
"""What is told of a place where the mistake itself is not found, unless that is on the changed line."""


class Timed(Pool):
    """A pool that adds up the processor time of runs with instruments."""

    seconds = 0.0

    @contextmanager
    def session(self, job: Job, setup: Setup) -> Iterator[StayingSession]:
        """Runs of one submission with instruments."""
        before = self._used()
        with super().session(job, setup) as session:
            yield session
        self.seconds += self._used() - before

    def _used(self) -> float:
        """Seconds of the processor that all servers used, with what they started and have seen end."""
        ticks, processes = 0, list(self.servers)
        while processes:
            folder = Path("/proc", str(processes.pop()))
            try:
                told = (folder / "stat").read_text().rpartition(")")[2].split()
                processes += map(int, (folder / "task" / folder.name / "children").read_text().split())
            except OSError:  # it has ended
                continue
            ticks += sum(map(int, told[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Mutant:
    """A right submission with one expression changed, or two."""

    exercise: str
    name: str
    base: Submission
    listed: list[Text]
    some: list[Edit]


@dataclass(frozen=True)
class Result:
    """What a report said of a mutant; `seconds` are those of the processor that the search took.

    `mended`: the report claims that all comes right; `tried`: all that was tried does, which may be less.
    """

    exercise: str
    name: str
    kind: str
    said: str
    mended: bool
    tried: bool
    raises: bool
    seconds: float
    changed: list[str]
    told: list[str]


def drawn(bases: dict[str, list[tuple[str, Submission]]], count: int, seed: str, *, pairs: bool) -> Iterator[Mutant]:
    """A sample of all mutants."""
    rng, known = random.Random(seed), {}
    everything = [(exercise, *each) for exercise, listed in bases.items() for each in listed]
    while count:
        exercise, name, base = rng.choice(everything)
        if (exercise, name) not in known:
            listed = texts(base)
            known[exercise, name] = listed, edits(listed)
        listed, possible = known[exercise, name]
        if not possible:
            continue
        some = [_one(possible, rng) for _ in range(1 + pairs)]
        if len({(edit.text, edit.line) for edit in some}) == len(some):
            count -= 1
            yield Mutant(exercise, name, base, listed, some)


def _one(possible: list[Edit], rng: random.Random) -> Edit:
    kind = rng.choice(sorted({edit.kind for edit in possible}))
    return rng.choice([edit for edit in possible if edit.kind == kind])


def is_held_out(exercise: str, name: str) -> bool:
    """Whether a submission belongs to the half by which no rule was mended."""
    return bool(zlib.crc32(f"{exercise}/{name}".encode()) % 2)


def result(report: Report, mutant: Mutant, seconds: float) -> Result | None:
    """What the report says of a mutant; None where it lost nothing."""
    if report.score >= report.out_of:
        return None
    places = report.diagnosis.places
    raises = report.outcome is not Outcome.RETURNED or bool(report.failures)
    hit = {
        n for place in places[: len(mutant.some)] for n, edit in enumerate(mutant.some) if _is_at(place, edit, mutant)
    }
    if not places:
        said = NOTHING
    elif len(hit) == len(mutant.some):
        said = FOUND
    else:
        elsewhere = OTHER if places[0].begins_here else BEFORE
        said = PART if any(_is_at(places[0], edit, mutant) for edit in mutant.some) else elsewhere
    return Result(
        mutant.exercise,
        mutant.name,
        mutant.some[0].kind,
        said,
        report.diagnosis.mended,
        bool(places) and not any(place.left for place in places[-1:]),
        raises,
        round(seconds, 3),
        [f"{e.line}: {mutant.listed[e.text].source.split(chr(10))[e.line - 1].strip()} → {e.new}" for e in mutant.some],
        [f"{p.line}: {p.text}" for p in places],
    )


def _is_at(place: Place, edit: Edit, mutant: Mutant) -> bool:
    text = mutant.listed[edit.text]
    alike = Path(place.file).name == Path(text.file).name and place.cell == text.cell
    return alike and place.line <= edit.line <= place.end_line


def measured(mutants: Iterable[Mutant], course: Path) -> Iterator[Result]:
    """Grade mutants, exercise by exercise."""
    by_exercise: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        by_exercise[mutant.exercise].append(mutant)
    with Timed(choose(Machine.here(), allow_weak=True), [course / "assignments"]) as pool:
        search = _timed()
        for exercise, listed in by_exercise.items():
            assignment = load(course, exercise)
            key = obtain_key(assignment, "benchmark of pinpoint", lambda _: None)
            pool.prepare(grading.setup(assignment, key))
            limits = grading.Limits.of(assignment, 5)
            for mutant in listed:
                pool.seconds, search.seconds = 0.0, 0.0
                handed_in = edited(mutant.base, mutant.listed, mutant.some)
                report = grading.grade(handed_in, assignment, key, pool, limits, lambda _, key=key: key)
                found = result(report, mutant, pool.seconds + search.seconds)
                if found:
                    yield found


def blamed(bases: dict[str, list[tuple[str, Submission]]], course: Path) -> Iterator[str]:
    """The right submissions in which a place is found, were all that they give said to be wrong."""
    with Pool(choose(Machine.here(), allow_weak=True), [course / "assignments"]) as pool:
        for exercise, listed in bases.items():
            assignment = load(course, exercise)
            key = obtain_key(assignment, "benchmark of pinpoint", lambda _: None)
            usual = grading.setup(assignment, key)
            pool.prepare(usual)
            limits = grading.Limits.of(assignment, 5)
            said = [
                Finding(e.check, probe, e.quantity, Verdict.WRONG)
                for probe, expected in key.expected.items()
                for e in expected
            ]
            for name, base in listed:
                given = base.id.name, base.data, base.is_notebook
                job = Job(*given, limits.seconds, limits.memory, limits.output, modules=base.modules)
                for place in pinpointing.pinpoint(key, said, job, pool, usual).places:
                    yield f"{exercise}/{name}, line {place.line}: {place.text}"


@dataclass
class _Search:
    seconds: float = 0.0


def _timed() -> _Search:
    """Add up the processor time that the grading process spends on the search."""
    search, plain = _Search(), pinpointing.pinpoint

    def timed(*given: object) -> object:
        before = time.process_time()
        try:
            return plain(*given)  # type: ignore[arg-type]
        finally:
            search.seconds += time.process_time() - before

    pinpointing.pinpoint = timed  # type: ignore[assignment]
    return search


def told(results: list[Result], by: Callable[[Result], str]) -> None:
    """One line for each group."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        groups[by(each)].append(each)
    print(f"{'':36s}{'n':>5s}  {FOUND}  all mended  all that was tried  {PART}  {NOTHING}  {BEFORE}  {OTHER}")
    for name, listed in sorted(groups.items()):
        said = Counter(each.said for each in listed)
        mended = sum(each.mended for each in listed)
        tried = sum(each.tried for each in listed)
        counts = (said[FOUND], mended, tried, said[PART], said[NOTHING], said[BEFORE], said[OTHER])
        shares = (100 * n / len(listed) for n in counts)
        print(f"{name[:36]:36s}{len(listed):5d}  " + "  ".join(f"{share:6.1f} %" for share in shares))


def summary(results: list[Result], *, show: bool) -> None:
    """Print the rates, by exercise, by style, and by kind of edit, and what fails."""
    wrong = [each for each in results if not each.raises]
    if not wrong:
        return
    groups: dict[str, Callable[[Result], str]] = {
        "EXERCISE": lambda r: r.exercise,
        "KIND OF EDIT": lambda r: r.kind,
        "ALL": lambda _: "numbers are wrong",
    }
    for title, by in groups.items():
        print(f"\n{title}")
        told(wrong, by)
    told([each for each in results if each.raises], lambda _: "an error is raised")
    print("\nSTYLES in which something fails")
    for (exercise, name), count in sorted(Counter((r.exercise, r.name) for r in wrong if r.said != FOUND).items()):
        print(f"  {exercise}/{name}: {count} of {sum((r.exercise, r.name) == (exercise, name) for r in wrong)}")
    used = sorted(each.seconds for each in results)
    late = sum(seconds > 1 for seconds in used)
    print(
        f"\nprocessor time of the search: median {used[len(used) // 2]:.3f} s, most {used[-1]:.2f} s, {late} above 1 s"
    )
    for each in wrong if show else ():
        if each.said != FOUND or not each.tried:
            print(f"{each.said}{'' if each.tried else ', not all mended'}: {each.exercise}/{each.name}, {each.kind}")
            print("     changed", " | ".join(each.changed), "\n     told   ", " | ".join(each.told))


def main() -> None:
    """Grade a sample, and print the rates."""
    known = sorted(folder.name for folder in CORPUS.iterdir() if folder.name != "descent")
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(known))
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", default="pinpoint")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--right", action="store_true", help="look for places in right submissions: there are none")
    parser.add_argument("--half", choices=("mended", "held-out"))
    parser.add_argument("--results", type=Path)
    parser.add_argument("--show", action="store_true", help="print each mutant that fails")
    options = parser.parse_args()
    course = find_course()
    bases: dict[str, list[tuple[str, Submission]]] = {}
    for name in options.only.split(","):
        listed = [(each.name, each.submission) for each in hand_ins(load(course, name), "right")]
        wanted = {"mended": False, "held-out": True}.get(options.half)
        bases[name] = [each for each in listed if wanted is None or is_held_out(name, each[0]) is wanted]
    if options.right:
        for line in blamed(bases, course):
            print(line, flush=True)
        print(f"looked for places in {sum(map(len, bases.values()))} right submissions")
        return
    results = []
    if options.results and options.results.exists():
        results = [Result(**json.loads(line)) for line in options.results.read_text().splitlines()]
    for each in measured(drawn(bases, options.count, options.seed, pairs=options.pairs), course):
        results.append(each)
        if options.results:
            with options.results.open("a") as file:
                file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
    summary(results, show=options.show)


if __name__ == "__main__":
    main()
