"""Find the expression that is wrong: let the sandbox run a wrong submission with instruments, and try what mends it.

On probes that earn nothing, in a process of its own after grading; what comes back cannot change a mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from grader.grading.searching import MOST_PLACES, Pinpointed, Search
from grader.judging.objections import OF_SHAPE
from grader.records import Annotation, AnswerKey, Derivation, Finding, Probe
from grader.sandbox.jobs import Job, Runner, Setup

_SECONDS, _OUTPUT = 1.0, 1 << 22
_MOST_FAMILIES, _MOST_ALONE, _MOST_ANNOTATED = 4, 8, 12


def pinpoint(key: AnswerKey, findings: Collection[Finding], job: Job, pool: Runner, setup: Setup) -> Pinpointed:
    """The places in a submission that are wrong.

    Args:
        findings: what was found wrong on graded probes.
        setup: that of grading.
    """
    work = {e.quantity for listed in key.expected.values() for e in listed if e.rule.is_work}
    probes = {probe.name: probe for probe in key.probes}
    wrong = [probes[name] for name in dict.fromkeys(f.probe for f in findings if f.quantity in work) if name in probes]
    families: dict[str, list[Derivation]] = {probe.family: [] for probe in wrong}
    lost: dict[str, dict[str, bool]] = {name: {} for name in families}
    for f in (each for each in findings if each.probe in probes and probes[each.probe].family in families):
        by_shape = f.fact is not None and f.fact.kind in OF_SHAPE
        lost[probes[f.probe].family][f.quantity] = by_shape or lost[probes[f.probe].family].get(f.quantity, False)
    for probe in wrong:
        listed = [each for each in key.derivations if each.probe.manner == probe.manner and each.outputs]
        families[probe.family] = families[probe.family] or listed
    chosen = [*families.items()][:_MOST_FAMILIES]
    right = {each.probe.manner: each for each in key.derivations if each.probe.family not in families and each.outputs}
    alone = [*right.values()][:_MOST_ALONE]
    probes_ = [each.probe for _, listed in chosen for each in listed] + [each.probe for each in alone]
    with _searching(probes_, job, pool, setup) as search:
        search.alone = alone
        found = search.all_places([(listed, lost[name]) for name, listed in chosen if listed])
    different = {(p.file, p.cell, p.line, p.column): p for each in reversed(found) for p in reversed(each.places)}
    places = tuple(reversed(different.values()))[:MOST_PLACES]
    lines = {(a.file, a.cell, a.line): a for each in reversed(found) for a in each.annotations}
    complete = bool(places) and len(found) == len(families) and all(each.complete for each in found)
    return Pinpointed(places, tuple(lines[place] for place in sorted(lines, key=_in_order)), complete)


def annotated(key: AnswerKey, job: Job, pool: Runner, setup: Setup) -> tuple[Annotation, ...]:
    """What each line of a submission holds, right or wrong, on probes that earn nothing.

    Args:
        setup: that of grading.
    """
    manners: dict[tuple[str, str], list[Derivation]] = {}
    for each in key.derivations:
        manners.setdefault(each.probe.manner, []).append(each)
    chosen = [*manners.values()][:_MOST_ANNOTATED]
    lines: dict[tuple[str, int | None, int], Annotation] = {}
    with _searching([each.probe for listed in chosen for each in listed], job, pool, setup) as search:
        for listed in chosen:
            for note in search.held(listed):
                lines.setdefault((note.file, note.cell, note.line), note)
    return tuple(lines[place] for place in sorted(lines, key=_in_order))


@contextmanager
def _searching(probes: Sequence[Probe], job: Job, pool: Runner, setup: Setup) -> Iterator[Search]:
    """A search on some probes, in a session; what a submission computes there may be anything."""
    usual = replace(setup, probes=probes, quantities={}, instruments=True)
    bounded = replace(job, seconds=min(job.seconds, _SECONDS), output=_OUTPUT, skip=())
    with np.errstate(all="ignore"), pool.session(bounded, usual) as session:
        yield Search(session, [probe.name for probe in probes])


def _in_order(place: tuple[str, int | None, int]) -> tuple[str, int, int]:
    file, cell, line = place
    return file, cell or 0, line
