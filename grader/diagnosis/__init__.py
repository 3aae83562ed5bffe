"""Which step of the derivation is wrong. Pure: arrays and a catalogue in, a `Diagnosis` out.

A known mistake is named only where it reproduces the numbers of every trial, or those of its own step given the
submission's own earlier quantities. Everything else is told as the step that is wrong, and what is true of its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.diagnosis.catalogue import Catalogue, Method
from grader.diagnosis.functions import FunctionCatalogue
from grader.diagnosis.networks import diagnose_network
from grader.diagnosis.passes import diagnose_passes
from grader.diagnosis.trainings import diagnose_training
from grader.diagnosis.values import diagnose_functions
from grader.records import AnswerKey, Diagnosis, Outcome, Run, UnknownMistake

__all__ = ["Catalogue", "diagnose"]

_HOW: Mapping[Method, Callable[[AnswerKey, Run, Catalogue], Diagnosis]] = {
    Method.NETWORK: diagnose_network,
    Method.PASSES: diagnose_passes,
    Method.TRAINING: diagnose_training,
}


def diagnose(key: AnswerKey, run: Run, catalogue: Catalogue) -> Diagnosis:
    """The diagnosis of a run in which something is wrong.

    Args:
        key: of the probes that count.
        catalogue: the known mistakes; without entries only the wrong step and what is true of it are told.
    """
    if isinstance(catalogue, FunctionCatalogue):
        found = diagnose_functions(key, run, catalogue)
    else:
        found = _HOW[catalogue.method](key, run, catalogue)
    return replace(found, unknown=tuple(filter(_is_news, found.unknown))) if _lacks_a_name(run) else found


def _lacks_a_name(run: Run) -> bool:
    """Whether all calls that stopped did so for want of what the file could not make: an import, most often."""
    stopped = [seen.fact for seen in run.observations.values() if seen.outcome is Outcome.RAISED and seen.fact]
    return bool(stopped) and all(fact.kind == "raised" and not fact.values["type"] for fact in stopped)


def _is_news(unknown: UnknownMistake) -> bool:
    """Whether more is told than that a call stops, which the error itself says."""
    return any(fact.kind not in ("stops-at", "stops-before-storing") for fact in unknown.facts)
