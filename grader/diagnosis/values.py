"""Which step of a class is wrong: of its value, of each of its gradients, or of how it is called.

A gradient is held against the derivative of the submission's own forward, then against the truth, then against the
known mistakes. One hypothesis must give the numbers of every probe in which the gradient was reported, and none where
autograd would refuse it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.diagnosis.catalogue import KnownMistake
from grader.diagnosis.comparing import matches
from grader.diagnosis.facts import Pair, facts, not_right
from grader.diagnosis.functions import Formula, FunctionCatalogue, Kind, Subject
from grader.diagnosis.points import ClassProbe, Point, trials
from grader.records import AnswerKey, Certainty, Diagnosis, FloatArray, Mistake, Outcome, Run, UnknownMistake
from grader.wire.facts import Fact

Known = tuple[KnownMistake, ...]
"""The mistakes of one hypothesis."""

_WAYS = 12
"""In how many ways a mistake can be made, at most."""


@dataclass(frozen=True)
class _Hypothesis:
    """Mistakes, and what they make of a point."""

    known: Known
    run: Formula


def diagnose_functions(key: AnswerKey, run: Run, catalogue: FunctionCatalogue) -> Diagnosis:
    """The diagnosis of a run in which something is wrong."""
    mistakes: list[Mistake] = []
    unknown: list[UnknownMistake] = []
    with np.errstate(all="ignore"):
        for subject in catalogue.subjects:
            tried = trials(key, run, subject)
            named, more = _of_subject(catalogue, subject, tried)
            if subject.follows and (mistakes or unknown):
                more = []
            mistakes += named
            unknown += more
    return Diagnosis(tuple(mistakes), tuple(unknown))


def _of_subject(
    catalogue: FunctionCatalogue, subject: Subject, tried: list[ClassProbe]
) -> tuple[list[Mistake], list[UnknownMistake]]:
    called = [e for e in catalogue.of_kind(subject.name, Kind.CALLS) if tried and e.run(tried)]
    seen = [_mistake(e, Certainty.SEEN) for e in dict.fromkeys(called)]
    unknown = [] if seen else list(_stops(subject, tried))
    excused = bool(seen or unknown)
    known, more = _numbers(catalogue, subject, [t for t in tried if t.points], excused=excused)
    unknown += more
    certainty = Certainty.SUPPORTED if unknown else Certainty.PROVED
    named = [replace(_mistake(e, certainty), same_as=twins) for e, twins in known]
    changed = sorted({name for t in tried if t.graded for name in t.after})
    if changed and not seen:
        words = tuple(Fact("not-the-same-after-the-call", {"name": name}) for name in changed)
        unknown.append(UnknownMistake(f"{subject.name}: {Kind.CALLS}", None, words))
    return [*named, *seen], unknown


def _mistake(e: KnownMistake, certainty: Certainty) -> Mistake:
    return Mistake(e.id, e.title, e.step, "", certainty, e.used, e.right, e.hints, e.same_as)


def _stops(subject: Subject, tried: list[ClassProbe]) -> Iterator[UnknownMistake]:
    """Calls that end with an error."""
    stopped = [t.title for t in tried if t.graded and t.outcome is Outcome.RAISED]
    if stopped:
        told = (Fact("stops-at", {"trials": tuple(stopped)}),)
        yield UnknownMistake(f"{subject.name}: {Kind.CALLS}", None, told)


# ---- numbers


def _numbers(
    catalogue: FunctionCatalogue, subject: Subject, tried: list[ClassProbe], *, excused: bool
) -> tuple[list[tuple[KnownMistake, tuple[str, ...]]], list[UnknownMistake]]:
    """The mistakes that give the value and the gradients, with those that give the same, and what nothing gives.

    Args:
        excused: whether it is known, or told elsewhere, why some calls give no gradients.
    """
    if not tried:
        return [], []
    unknown: list[UnknownMistake] = []
    wrong: list[_Wrong] = []
    value = subject.value
    forward = _other_reading(catalogue, subject, tried)
    legal = forward is not None
    if not legal and not _all_same(tried, value):
        found = [h for h in _variants(catalogue, subject, Kind.VALUE) if _gives_value(tried, value, h.run)]
        forward = found[0].run if found else None
        wrong.append(_Wrong(value, [(t, t.expected[value]) for t in tried], [h.known for h in found]))
    for argument in subject.arguments:
        quantity = subject.quantity(argument)
        reported = [_asking(t, argument) for t in tried if quantity in t.observed or not excused]
        targets = [(t, _target(t, subject, argument, forward)) for t in reported]
        if not reported or _is_right(catalogue, subject, argument, targets, truth=not legal):
            continue
        if _follows_from_change(catalogue, subject, argument, reported):
            continue
        reported = [_without(t, {w.quantity for w in wrong if not w.known}, subject) for t in reported]
        found = [h for h in _gradients(catalogue, subject, argument) if _gives(h.run, reported, quantity, argument)]
        wrong.append(_Wrong(quantity, targets, [h.known for h in found]))
    wide = Counter(name for w in wrong for name in {e.id for known in w.known for e in known})
    for w in wrong:
        w.known[:] = [k for k in w.known if all(wide[e.id] > 1 for e in k if e.id in catalogue.joint)]
    unknown += [_unknown(subject, w, excused=excused) for w in wrong if not w.known]
    return _chosen(catalogue, [w.known for w in wrong if w.known], wide), unknown


@dataclass(frozen=True)
class _Wrong:
    """A quantity that is wrong: what it should be in each trial, as far as that is known, and what explains it."""

    quantity: str
    targets: list[tuple[ClassProbe, FloatArray | None]]
    known: list[Known]


def _all_same(tried: list[ClassProbe], quantity: str) -> bool:
    return all(_same(t.observed[quantity], t.expected[quantity]) for t in tried)


def _gives_value(tried: list[ClassProbe], value: str, run: Formula) -> bool:
    return all(_fits(t, run, t.observed[value]) for t in tried)


def _other_reading(catalogue: FunctionCatalogue, subject: Subject, tried: list[ClassProbe]) -> Formula | None:
    """The legal reading of the statement that forward follows, where backward follows another one."""
    step = catalogue.step(subject.name, Kind.VALUE)
    if step is None or step.right is None or _all_same(tried, subject.value):
        return None
    readings = (_way(step.right, way) for way in range(_WAYS))
    return next((run for run in readings if _gives_value(tried, subject.value, run)), None)


def _asking(trial: ClassProbe, argument: str) -> ClassProbe:
    points = tuple(SimpleNamespace(**{**vars(p), "argument": argument}) for p in trial.points)
    return replace(trial, points=points)


def _without(trial: ClassProbe, unknown: set[str], subject: Subject) -> ClassProbe:
    """The same without the gradients that nothing explains: no name may rely on them."""
    lost = {name: np.nan for name in subject.arguments if subject.quantity(name) in unknown}
    points = tuple(SimpleNamespace(**{**vars(p), "gradients": {**p.gradients, **lost}}) for p in trial.points)
    return replace(trial, points=points)


def _target(trial: ClassProbe, subject: Subject, argument: str, forward: Formula | None) -> FloatArray | None:
    """What the gradient of an argument is, given the submission's own forward; None where that is not known."""
    quantity = subject.quantity(argument)
    if _same(trial.observed[subject.value], trial.expected[subject.value]):
        return trial.expected[quantity]
    if forward is not None:
        return np.stack([_derivative(forward, p, argument) for p in trial.points])
    return trial.own.get(quantity)


def _derivative(forward: Formula, point: Point, argument: str, step: float = 1e-5) -> FloatArray:
    """The gradient of sum of g forward(x), by central differences."""
    x = getattr(point, argument)
    slopes = np.zeros(x.size)
    for j in range(x.size):
        ends = []
        for move in (step, -step):
            moved = x.copy()
            moved.reshape(-1)[j] += move
            ends.append(np.sum(point.g * forward(SimpleNamespace(**{**vars(point), argument: moved}))))
        slopes[j] = (ends[0] - ends[1]) / (2 * step)
    return np.asarray(slopes.reshape(x.shape))


def _is_right(
    catalogue: FunctionCatalogue,
    subject: Subject,
    argument: str,
    targets: list[tuple[ClassProbe, FloatArray | None]],
    *,
    truth: bool,
) -> bool:
    """Whether a gradient is that of the own forward, or follows from another gradient that is wrong.

    Args:
        truth: whether it may also be that of the forward that is expected.
    """
    quantity = subject.quantity(argument)
    step = catalogue.step(subject.name, Kind.GRADIENT, argument)
    for trial, target in targets:
        seen = trial.observed.get(quantity)
        if seen is None:
            return False
        if target is None or _same(seen, target) or (truth and _same(seen, trial.expected[quantity])):
            continue
        if step is None or step.right is None or not _fits(trial, step.right, seen):
            return False
    return True


def _follows_from_change(
    catalogue: FunctionCatalogue, subject: Subject, argument: str, tried: list[ClassProbe]
) -> bool:
    """Whether a gradient is right for what forward left of its input: then writing into it is all that is wrong."""
    step = catalogue.step(subject.name, Kind.SLOPE, argument)
    if step is None or step.right is None or not all(argument in t.after for t in tried):
        return False
    moved = [
        replace(t, points=tuple(SimpleNamespace(**{**vars(p), argument: after}) for p, after in _left(t, argument)))
        for t in tried
    ]
    rules = (_composed(_way(step.right, way), _chain_rule) for way in range(_WAYS))
    return any(_gives(rule, moved, subject.quantity(argument), argument) for rule in rules)


def _left(trial: ClassProbe, argument: str) -> Iterator[tuple[Point, FloatArray]]:
    """Each call, and what it left of an argument."""
    return zip(trial.points, trial.after[argument], strict=True)


def _variants(catalogue: FunctionCatalogue, subject: Subject, kind: Kind, argument: str = "") -> list[_Hypothesis]:
    """The known mistakes of a step, each in all the ways in which it is made."""
    entries = catalogue.of_kind(subject.name, kind, argument)
    return [_Hypothesis((e,), _way(e.run, way)) for e in entries for way in range(_WAYS)]


def _way(formula: Formula, way: int) -> Formula:
    """One of the ways in which a formula gives its result.

    Raises, when called:
        IndexError: there are fewer ways.
    """

    def run(point: Point) -> Any:
        given = formula(point)
        return (given if isinstance(given, tuple) else (given,))[way]

    return run


def _gradients(catalogue: FunctionCatalogue, subject: Subject, argument: str) -> Iterator[_Hypothesis]:
    """What mistakes can make of a gradient: one in it as a whole; or one in the slope, in the chain rule, or both."""
    yield from _variants(catalogue, subject, Kind.GRADIENT, argument)
    step = catalogue.step(subject.name, Kind.SLOPE, argument)
    if step is None or step.right is None:
        return
    slopes = [_Hypothesis((), _way(step.right, 0)), *_variants(catalogue, subject, Kind.SLOPE, argument)]
    chains = [_Hypothesis((), _chain_rule), *_variants(catalogue, subject, Kind.CHAIN, argument)]
    for slope in slopes:
        for chain in chains:
            free = not any(e.id in catalogue.alone for e in slope.known)
            if (slope.known or chain.known) and (free or not chain.known):
                yield _Hypothesis((*slope.known, *chain.known), _composed(slope.run, chain.run))


def _chain_rule(point: Point) -> Any:
    return point.g * point.slope


def _composed(slope: Formula, chain: Formula) -> Formula:
    return lambda p: chain(SimpleNamespace(**{**vars(p), "slope": slope(p)}))


# ---- comparing


def _same(observed: FloatArray, predicted: FloatArray) -> bool:
    return bool(matches(observed, predicted[None])[0])


def _fits(trial: ClassProbe, run: Formula, observed: FloatArray) -> bool:
    """Whether a formula gives what was observed, in every call."""
    predicted = _predicted(trial, run)
    return predicted is not None and _same(observed, predicted)


def _gives(run: Formula, tried: list[ClassProbe], quantity: str, argument: str) -> bool:
    """Whether a formula gives what was reported in every trial, as autograd hands it on where it calls."""
    for trial in tried:
        predicted, seen = _predicted(trial, run), trial.observed.get(quantity)
        if predicted is not None and trial.by_autograd:
            predicted = _as_autograd(predicted, getattr(trial.points[0], argument).shape)
        if (predicted is None) != (seen is None):
            return False
        if predicted is not None and seen is not None and not _same(seen, predicted):
            return False
    return any(quantity in t.observed for t in tried)


def _predicted(trial: ClassProbe, run: Formula) -> FloatArray | None:
    """What a formula gives in every call, shape (K, ...); None where it cannot be computed."""
    try:
        return np.stack([np.asarray(run(p), np.float64) for p in trial.points])
    except (ValueError, IndexError):
        return None


def _as_autograd(gradient: FloatArray, shape: tuple[int, ...]) -> FloatArray | None:
    """A gradient as autograd hands it on: summed over the axes along which its argument would be stretched."""
    given = gradient.shape[1:]
    if given == shape:
        return gradient
    try:
        if np.broadcast_shapes(given, shape) != given:
            return None
    except ValueError:
        return None
    extra = len(given) - len(shape)
    axes = [*range(1, 1 + extra), *(1 + extra + k for k, n in enumerate(shape) if n == 1)]
    return np.asarray(gradient.sum(axis=tuple(axes)).reshape(len(gradient), *shape))


# ---- choosing


def _chosen(
    catalogue: FunctionCatalogue, fits: list[list[Known]], wide: Counter[str]
) -> list[tuple[KnownMistake, tuple[str, ...]]]:
    """Of what fits each quantity the fewest mistakes, those that explain most quantities, the more common ones.

    Returns:
        Each mistake with the ids of those that give the same numbers.
    """
    order = {e.id: number for number, e in reversed(list(enumerate(catalogue.entries)))}
    chosen: dict[str, tuple[KnownMistake, set[str]]] = {}
    for found in fits:
        best = min(found, key=lambda k: (len(k), -min(wide[e.id] for e in k), sum(order[e.id] for e in k)))
        twins = {e.id for k in found if len(k) == len(best) for e in k} - {e.id for e in best}
        for e in best:
            chosen.setdefault(e.id, (e, set(twins)))[1].intersection_update(twins)
    return [(e, tuple(sorted({*e.same_as, *twins} - set(chosen)))) for e, twins in chosen.values()]


def _unknown(subject: Subject, wrong: _Wrong, *, excused: bool) -> UnknownMistake:
    """A quantity that nothing explains, and what is true of its numbers, or of why there are none."""
    name = wrong.quantity
    pairs: list[Pair] = [(t.title, t.observed.get(name), target) for t, target in wrong.targets if target is not None]
    if name == subject.value:  # it is the same in every call
        pairs = [(title, None if seen is None else seen[:1], right[:1]) for title, seen, right in pairs]
    own = any(
        target is not None and name in t.expected and not _same(target, t.expected[name]) for t, target in wrong.targets
    )
    told = facts(Fact("given-your-own-forward", {"name": name}) if own else name, pairs, layered=False)
    if not told and not excused:
        noted = (t.notes[name] for t, _ in wrong.targets if name in t.notes)
        told = tuple(Fact("noted", {"name": name, "what": note}) for note in noted)[:1]
    return UnknownMistake(f"{subject.name}: {name}", None, told or (not_right(name),))
