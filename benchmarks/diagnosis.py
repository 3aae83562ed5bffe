"""Is the diagnosis true? Generated wrong code of known mistakes, and wrong code that no catalogue describes.

    python benchmarks/diagnosis.py [--triples N] [--seed TEXT] [--only singles,pairs,triples,left-out,outside,classes]

Every mistake that has a formula is composed with every other one, in six styles that share the mathematics and nothing
else. The code runs on the probes of `mynet`, without the sandbox; what it stores is observed as the judge sees it.
"Found" means that exactly the mistakes that were made are named, or others that give the same numbers (twins: the code
with the mistakes that are named is run, and its numbers compared); "not complete" that some of them are named and
nothing else; "wrong name" that something is named that was not made. For code that the catalogue does not describe, or
with the mistake left out of it, "found" means that nothing is named and the step is told as unknown; outside the
catalogue it must be the right one.

`classes` stands for the cases of `functions` and `relu`, which are called by the exercises' own parts; `mlp-singles`
and so on for whole submissions to `mlp`.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.outside import CASES
from grader.assignment import load
from grader.course import find_course
from grader.diagnosis import diagnose
from grader.diagnosis.catalogue import NUMERIC, Catalogue, KnownMistake, Step
from grader.diagnosis.loading import load_catalogue
from grader.judging.judge import judge
from grader.judging.scoring import counting
from grader.key.obtaining import obtain_key
from grader.records import AnswerKey, Diagnosis, Run
from tests.wrong_code import classes, passes
from tests.wrong_code.networks import STYLES, Style, composable, composed, expected_names, names, observe

# What is compared


def coarse(diagnosis: Diagnosis) -> set[str]:
    """The first wrong step, in the words of the cases outside: where nothing is named, that of the unknown ones."""
    return {u.step for u in diagnosis.unknown[:1]}


def compatible(mistakes: tuple[KnownMistake, ...]) -> bool:
    """Whether they replace different steps, and none keeps another from being reached."""
    places = [(e.step, e.place) for e in mistakes if e.step in NUMERIC]
    ids = {e.id for e in mistakes}
    hidden = any(e.step is Step.BACK or e.place == "hid" or e.id == "loop-delta-not-updated" for e in mistakes)
    loops = len(ids & {"loop-only-output-layer", "loop-stops-before-layer-1", "loop-delta-not-updated"})
    blind = {"bgrad-zero", "bgrad-ones", "bgrad-summed-to-scalar", "bgrad-keeps-batch-dim"}
    steps_fit = not ("side-effect-updates-weights" in ids and "wgrad-no-outer-product" in ids)
    reached = not ("loop-only-output-layer" in ids and hidden)
    return len(set(places)) == len(places) and loops <= 1 and reached and steps_fit and len(ids & blind) <= 1


@dataclass
class Tally:
    """How often what was found."""

    count: int = 0
    exact: int = 0
    twins: list[tuple[set[str], set[str]]] = field(default_factory=list)
    incomplete: list[tuple[set[str], set[str]]] = field(default_factory=list)
    wrong: list[tuple[set[str], set[str]]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, made: set[str], diagnosis: Diagnosis, seconds: float, *, same: Callable[[set[str]], bool]) -> None:
        """Count one case; `same` tells whether code with other mistakes gives the same numbers."""
        self.count += 1
        self.seconds.append(seconds)
        found = names(diagnosis)
        if found == made and not diagnosis.unknown:
            self.exact += 1
        elif not found <= made and not diagnosis.unknown and same(found):
            self.twins.append((made, found))
        elif not found <= made:
            self.wrong.append((made, found))
        elif not diagnosis.unknown and same(found):
            self.twins.append((made, found))
        else:
            self.incomplete.append((made, found))

    def row(self, title: str) -> str:
        """A row of the table, in markdown."""
        share = 100 * (self.exact + len(self.twins)) / max(1, self.count)
        middle = 1000 * float(np.median(self.seconds or [0]))
        return (
            f"| {title} | {self.count} | {share:.1f} % | {len(self.twins)} | {len(self.incomplete)} "
            f"| {len(self.wrong)} "
            f"| {middle:.1f} ms |"
        )


def same_numbers(key: AnswerKey, catalogue: Catalogue, run: Run, dtype: Any) -> Callable[[set[str]], bool]:
    """Whether code that makes the named mistakes stores what `run` shows, up to single precision."""
    by_id = {e.id: e for e in catalogue.entries}

    def same(found: set[str]) -> bool:
        mistakes = [by_id[i] for f in found for i in ([f] if f in by_id else [f"out:{f}", f"hid:{f}"])]
        other = observe(composed(mistakes, Style(dtype)), key, dtype)
        for name, seen in run.observations.items():
            theirs = other.observations[name].arrays
            if set(seen.arrays) != set(theirs):
                return False
            for quantity, array in seen.arrays.items():
                size = float(np.abs(array).max(initial=0.0))
                if (
                    array.size != theirs[quantity].size
                    or np.abs(array.reshape(-1) - theirs[quantity].reshape(-1)).max(initial=0.0) > 1e-3 * size + 1e-9
                ):
                    return False
        return True

    return same


def sampled(
    catalogue: Catalogue, size: int, count: int | None, rng: np.random.Generator
) -> Iterator[tuple[KnownMistake, ...]]:
    """Compatible sets of mistakes: all of a size, or so many drawn."""
    every = composable(catalogue)
    if count is None:
        yield from (c for c in itertools.combinations(every, size) if compatible(c))
        return
    while count:
        drawn = tuple(every[i] for i in sorted(rng.choice(len(every), size, replace=False)))
        if compatible(drawn):
            count -= 1
            yield drawn


def try_all(
    key: AnswerKey, catalogue: Catalogue, cases: Iterable[tuple[KnownMistake, ...]], *, every_style: bool
) -> Tally:
    """Diagnose composed code: each case in every style, or in one style after the other."""
    tally = Tally()
    styles = list(STYLES.values())
    for number, case in enumerate(cases):
        for style in styles if every_style else [styles[number % len(styles)]]:
            run = observe(composed(case, style), key, style.dtype)
            start = time.perf_counter()
            diagnosis = diagnose(key, run, catalogue)
            taken = time.perf_counter() - start
            tally.add(expected_names(case), diagnosis, taken, same=same_numbers(key, catalogue, run, style.dtype))
    return tally


def left_out(key: AnswerKey, catalogue: Catalogue) -> Tally:
    """Every mistake made by code, and unknown to the catalogue: nothing may be named."""
    tally = Tally()
    for entry in composable(catalogue):
        run = observe(composed([entry], STYLES["row"]), key)
        start = time.perf_counter()
        diagnosis = diagnose(key, run, catalogue.without(entry.family))
        taken = time.perf_counter() - start
        tally.count += 1
        tally.seconds.append(taken)
        if names(diagnosis):
            tally.wrong.append(({entry.id}, names(diagnosis)))
        elif diagnosis.unknown:
            tally.exact += 1
        else:
            tally.incomplete.append(({entry.id}, set()))
    return tally


def outside(key: AnswerKey, catalogue: Catalogue) -> Tally:
    """Wrong code that no catalogue describes: the first wrong step, and no name."""
    tally = Tally()
    for case in CASES:
        run = observe(case, key)
        start = time.perf_counter()
        diagnosis = diagnose(key, run, catalogue)
        tally.seconds.append(time.perf_counter() - start)
        tally.count += 1
        if names(diagnosis):
            tally.wrong.append(({case.name}, names(diagnosis)))
        elif coarse(diagnosis) == {case.step}:
            tally.exact += 1
        else:
            tally.incomplete.append(({case.name, case.step}, coarse(diagnosis)))
    return tally


PASSES = ("mlp-singles", "mlp-pairs", "mlp-left-out", "mlp-outside")


def passes_tally(which: str, seed: str) -> Tally:
    """The same for whole submissions to `mlp`: mistakes alone, two at a time, unknown to the catalogue, and outside."""
    assignment = load(find_course(), "mlp")
    key = obtain_key(assignment, seed, print)
    catalogue = load_catalogue(assignment.reference)
    assert catalogue is not None
    torch.set_default_dtype(torch.float64)
    tally = Tally()
    for made, text, known in passes.cases(which, catalogue):
        run = passes.observe(text, assignment, key)
        counted = passes.counted(assignment, key, run)
        start = time.perf_counter()
        diagnosis = diagnose(counted, run, known)
        taken = time.perf_counter() - start
        told = {m.id: m.same_as for m in diagnosis.mistakes}
        tally.add(made, diagnosis, taken, same=lambda found, made=made, told=told: passes.twins(made, found, told))
        if not made and diagnosis.unknown and not diagnosis.mistakes:
            tally.exact, tally.incomplete = tally.exact + 1, tally.incomplete[:-1]
    return tally


def of_classes(slug: str, seed: str) -> dict[str, Tally]:
    """The cases of an exercise of classes: known mistakes, each left out of the catalogue, and others."""
    assignment = load(find_course(), slug)
    key = obtain_key(assignment, seed, print)
    catalogue = load_catalogue(assignment.reference)
    assert catalogue is not None
    tallies = {f"{slug}, {kind}": Tally() for kind in ("known", "left-out", "outside")}
    known, lacking, outside = tallies.values()
    for case in [c for c in (*classes.KNOWN, *classes.OUTSIDE) if c.slug == slug]:
        run = classes.observe(case, key)
        counted = counting(assignment.specification.checks, key, list(judge(key, run)))
        own = replace(key, probes=tuple(p for p in key.probes if p.name in counted))
        for tally, without in [(known if case.names else outside, ""), *((lacking, name) for name in case.names)]:
            start = time.perf_counter()
            diagnosis = diagnose(own, run, catalogue.without(without))
            taken = time.perf_counter() - start
            made = set(case.names - {without})
            if tally is known:
                tally.add(made, diagnosis, taken, same=lambda _: False)
                continue
            tally.count += 1
            tally.seconds.append(taken)
            if names(diagnosis) <= made:
                tally.exact += 1
            else:
                tally.wrong.append((set(case.names), names(diagnosis)))
    return tallies


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="singles,pairs,triples,left-out,outside,classes," + ",".join(PASSES))
    options = parser.parse_args()
    assignment = load(find_course(), "mynet")
    key = obtain_key(assignment, options.seed, print)
    catalogue = load_catalogue(assignment.reference)
    assert catalogue is not None
    rng = np.random.default_rng(0)
    kinds: dict[str, Callable[[], Tally]] = {
        "singles": lambda: try_all(key, catalogue, sampled(catalogue, 1, None, rng), every_style=True),
        "pairs": lambda: try_all(key, catalogue, sampled(catalogue, 2, None, rng), every_style=False),
        "triples": lambda: try_all(key, catalogue, sampled(catalogue, 3, options.triples, rng), every_style=False),
        "left-out": lambda: left_out(key, catalogue),
        "outside": lambda: outside(key, catalogue),
        **{kind: lambda kind=kind: passes_tally(kind.removeprefix("mlp-"), options.seed) for kind in PASSES},
    }
    print(
        "| code | cases | found | of these, twins | not complete | wrong name | median time |\n"
        "|---|---|---|---|---|---|---|"
    )
    details = []
    for kind in options.only.split(","):
        if kind == "classes":
            found = {**of_classes("functions", options.seed), **of_classes("relu", options.seed)}
        else:
            found = {kind: kinds[kind]()}
        for title, tally in found.items():
            print(tally.row(title), flush=True)
            details += [
                (title, word, case) for word in ("wrong", "twins", "incomplete") for case in getattr(tally, word)[:40]
            ]
    print()
    for kind, word, (made, found) in details:
        print(f"{kind}, {word}: {', '.join(sorted(made)) or '-'} -> {', '.join(sorted(found)) or '-'}")


if __name__ == "__main__":
    main()
