"""A script that trains: known mistakes that its trace proves, or the error with which it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from grader.diagnosis.catalogue import Catalogue, Step
from grader.diagnosis.networks import mistake_of
from grader.records import AnswerKey, Certainty, Diagnosis, Observation, Rule, Run
from grader.training.claims import CLAIMS
from grader.wire.told import traceback_of
from grader.wire.trace import QUANTITY, Trace, decode


@dataclass(frozen=True)
class Watched:
    """What was seen of a script: its trace, the claims that do not hold of it, and its error as Python prints it."""

    trace: Trace
    broken: frozenset[str]
    message: str

    def fails(self, *claims: str) -> bool:
        """Whether at least one of these claims does not hold."""
        return any(claim in self.broken for claim in claims)


def diagnose_training(key: AnswerKey, run: Run, catalogue: Catalogue) -> Diagnosis:
    """Every known mistake that was seen. Nothing is told of what is unknown: the claims say already what they miss.

    Args:
        key: of the probes that count.
        catalogue: the known mistakes; each maps what was `Watched` to whether it was made.
    """
    found = {}
    for probe in key.probes:
        claimed = {e.source for e in key.expected[probe.name] if e.rule is Rule.TRACE}
        if not probe.graded or not claimed:
            continue
        seen = run.observations.get(probe.name, Observation())
        try:
            trace = decode(seen.arrays[QUANTITY])
        except (KeyError, ValueError):
            trace = Trace(0, 0, ())
        broken = frozenset(claim for claim in claimed if CLAIMS[claim](trace))
        watched = Watched(trace, broken, "\n".join([traceback_of(seen.fact), traceback_of(run.fact)]))
        for e in catalogue.entries:
            if broken and e.step in (Step.DESCENT, Step.OPTIMISER) and e.run(watched):
                found[e.id] = mistake_of(e, Certainty.SEEN)
    return Diagnosis(tuple(found.values()))
