"""How many real mistakes of courses are named from the formula alone, and how many wrongly?

    python -m benchmarks.named [--corpus] [--show] [WORD ...]

Each of `benchmarks/variants.py` is a right submission to a course with the lines of one mistake changed, or of two, and
the names that would be true of it. It is run in this process, and diagnosed as a hand-in is: the key of one seed, all
its trials. "Otherwise" is a name that the table does not expect. With --corpus, the wrong submissions of the tests in
their place, whose names nobody told: the rate alone. Left out are those in which a value is wrong as well, or no
gradient. With WORDs, only exercises whose names contain one of them.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.layers import observed
from benchmarks.variants import VARIANTS
from grader.assignment import Assignment, load
from grader.course import find_course
from grader.diagnosis.generic import diagnose_by_formula, explained
from grader.judging.judge import judge
from grader.judging.scoring import counting
from grader.key import builder
from grader.key.exercises import load_exercise
from grader.records import AnswerKey, Rule, Verdict
from grader.validation.cases import EDIT, cases_in
from tests.corpus import CORPUS


@dataclass(frozen=True)
class Variant:
    """Wrong code, and the names that are true of it; none where nobody told."""

    told: str
    code: str
    names: frozenset[str]


def variants(slug: str) -> Iterator[Variant]:
    """Those of the table, of one exercise."""
    for (of, file), listed in VARIANTS.items():
        right = (CORPUS / of / "right" / file).read_text(encoding="utf-8")
        for told, names, edits in listed if of == slug else ():
            code = right
            for old, new in edits:
                if code.count(old) != 1:
                    raise SystemExit(f"{slug}, {told}: stands there {code.count(old)} times: {old}")
                code = code.replace(old, new)
            yield Variant(told, code, frozenset(names.split()))


def corpus(slug: str) -> Iterator[Variant]:
    """The wrong submissions of the tests that are edits of one file."""
    for case in cases_in(CORPUS / slug / "wrong"):
        if case.file.suffix == EDIT:
            yield Variant(case.file.stem, case.data.decode(), frozenset())


def names_in(code: str, assignment: Assignment) -> dict[str, Any]:
    """What code defines, with what its course gives; imports of files of the course are passed over."""
    lines = [line for line in code.splitlines() if not line.startswith(_PASSED_OVER)]
    given = {name: getattr(load_exercise(assignment), name) for name in assignment.specification.given}
    module = sys.modules["variant"] = ModuleType("variant")  # where dataclasses look for what they are made in
    names = vars(module)
    names |= {"xrange": range, "erf": np.vectorize(math.erf), **given}
    exec(compile("\n".join(lines).replace("np.float)", "float)"), "variant", "exec"), names)
    return names


_PASSED_OVER = ("import h5py", "import matplotlib", "plt.", "from utils", "from scipy", "%")


def told_of(assignment: Assignment, key: AnswerKey, variant: Variant) -> tuple[str, list[str], str]:
    """What became of it: left out, unnamed, named, otherwise; the names, and the words."""
    try:
        names = names_in(variant.code, assignment)
    except (SyntaxError, ImportError):  # Python 2, and packages
        return "left out", [], ""
    with contextlib.redirect_stdout(open(os.devnull, "w")):  # noqa: PTH123
        run = observed(load_exercise(assignment), key, names)
    findings = list(judge(key, run))
    counted = counting(assignment.specification.checks, key, findings)
    wrong = [f for f in findings if f.verdict is Verdict.WRONG and f.probe in counted]
    key = replace(key, probes=tuple(probe for probe in key.probes if probe.name in counted))
    rules = {e.quantity: e.rule for told in key.expected.values() for e in told}
    if not wrong or any(rules.get(finding.quantity) is Rule.VALUE for finding in wrong):
        return "left out", [], ""
    mistakes = diagnose_by_formula(explained(key, run)).mistakes
    found = [mistake.id.removeprefix("formula-") for mistake in mistakes]
    words = "; ".join(f"{mistake.title} [{mistake.step}] {mistake.hints['en'][1]}" for mistake in mistakes)
    if not found:
        return "unnamed", found, words
    return "otherwise" if variant.names and set(found) - variant.names else "named", found, words


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", action="store_true", help="the wrong submissions of the tests")
    parser.add_argument("--show", action="store_true", help="print what was said of each")
    parser.add_argument("words", nargs="*", metavar="WORD")
    options = parser.parse_args()
    builder.prepare()
    warnings.simplefilter("ignore")  # of the code that is tried
    course = find_course()
    if options.corpus:
        folders = (course / "assignments").iterdir()
        slugs = sorted(f.name for f in folders if load(course, f.name).specification.layers)
    else:
        slugs = sorted({slug for slug, _ in VARIANTS})
    total: Counter[str] = Counter()
    print("| exercise | tried | named | otherwise | unnamed | key, s |\n|---|--:|--:|--:|--:|--:|")
    for slug in slugs:
        if options.words and not any(word in slug for word in options.words):
            continue
        assignment = load(course, slug)
        start = time.process_time()
        key = builder.build(assignment, "named")
        seconds = time.process_time() - start
        listed = [(v, *told_of(assignment, key, v)) for v in (corpus if options.corpus else variants)(slug)]
        count = Counter(what for _, what, _, _ in listed if what != "left out")
        total += count
        cells = [slug, count.total(), count["named"], count["otherwise"], count["unnamed"], f"{seconds:.2f}"]
        print("|", " | ".join(map(str, cells)), "|", flush=True)
        for variant, what, found, words in listed if options.show else ():
            print(f"    {what}: {variant.told} {found} {words}")
    print(f"\nall: {total.total()}, {dict(total)}")


if __name__ == "__main__":
    main()
