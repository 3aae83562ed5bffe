"""From what fits to the best explanation: fewest unknown steps, then fewest mistakes, then the more common ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from grader.diagnosis.catalogue import Catalogue, KnownMistake, Layer, Step
from grader.diagnosis.comparing import matches
from grader.diagnosis.evidence import NetworkProbe
from grader.diagnosis.stages import Choice, Fits, in_hidden, run, seen_delta
from grader.records import FloatArray

Given = dict[str, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Option:
    """One explanation of a stage: the known mistakes, the steps that are unknown, and the way to delta that it takes.

    `path` is the index of the way to delta, None where delta itself is unknown.
    """

    known: frozenset[KnownMistake]
    unknown: tuple[str, ...]
    path: int | None

    @property
    def families(self) -> frozenset[str]:
        """The misconceptions: a variant in two places is one."""
        return frozenset(e.family for e in self.known)


def exact_options(fits: Fits) -> list[Option]:
    """The explanations of a stage by known mistakes alone, and by nothing that another part of it undoes."""
    found = [
        Option(_known(fits, int(path), g, b), (), int(path))
        for path in fits.alive
        if not fits.unexplained[path]
        for g in _choices(fits.weight_choices, fits.weights[:, path])
        for b in _choices(fits.bias_choices, fits.biases[:, path])
    ]
    return [o for o in found if len({known.family for known in o.known if known.turns}) < 2]


def other_options(fits: Fits, delta_unknown: tuple[Option, ...]) -> list[Option]:
    """The explanations of a stage in which some step is unknown."""
    stopped = [
        Option(_known(fits, int(path), g, b), (STOP,), int(path))
        for path in fits.alive
        if fits.unexplained[path]
        for g in _choices(fits.weight_choices, fits.weights[:, path])
        for b in _choices(fits.bias_choices, fits.biases[:, path])
    ]
    return [*stopped, *_half(fits), *delta_unknown]


STOP = "stop"
DELTA = "delta"


def _half(fits: Fits) -> Iterator[Option]:
    """Explanations in which delta is seen in one of weights and biases, and the other is stored in an unknown way."""
    for path in np.flatnonzero(fits.weights.any(0) & ~fits.biases.any(0)) if fits.seen_weights else ():
        for g in _choices(fits.weight_choices, fits.weights[:, path]):
            yield Option(_known(fits, int(path), g, None), (Step.BIASES,), int(path))
    for path in np.flatnonzero(fits.biases.any(0) & ~fits.weights.any(0)) if fits.seen_biases else ():
        for b in _choices(fits.bias_choices, fits.biases[:, path]):
            if not any(fits.paths[path]) and (b is None or not b.blind):
                yield Option(_known(fits, int(path), None, b), (Step.WEIGHTS,), int(path))


def _known(fits: Fits, path: int, g: Choice, b: Choice) -> frozenset[KnownMistake]:
    return frozenset(c for c in (*fits.paths[path], g, b) if c)


def _choices(choices: list[Choice], fit: np.ndarray) -> list[Choice]:
    """What fits: the right step alone where it does."""
    return [None] if fit[0] else [c for c, fits in zip(choices, fit, strict=True) if fits]


def unknown_delta(
    catalogue: Catalogue, trials: list[NetworkProbe], levels: dict[str, int]
) -> tuple[tuple[Option, ...], Given]:
    """Explanations in which delta is whatever the submission's own numbers show, and those numbers.

    One of weights and biases is trusted to show it; the other is then right, or a known mistake that no constant factor
    could stand for, or unknown. Weights that are a product with some delta show more than biases do.

    Args:
        levels: the layer to look at in each trial.
    """
    shown = {t.title: seen_delta(t, levels[t.title]) for t in trials if t.title in levels}
    here = [t for t in trials if t.title in shown]
    found: list[Option] = []
    given: Given = {}
    by_biases = [shown[t.title][0] for t in here]
    by_weights = [shown[t.title][1] for t in here]
    visible = [t for t in here if t.weights[levels[t.title]] is not None or t.biases[levels[t.title]] is not None]
    if not visible:
        return (Option(frozenset(), (DELTA,), None),), {}
    trusted_b = all(shown[t.title][0] is not None for t in visible if t.biases[levels[t.title]] is not None)
    trusted_w = all(shown[t.title][1] is not None for t in visible if t.weights[levels[t.title]] is not None)
    for step, trusted, deltas in ((Step.WEIGHTS, trusted_b, by_biases), (Step.BIASES, trusted_w, by_weights)):
        if not trusted or all(d is None for d in deltas):
            continue
        pairs = [(t, d) for t, d in zip(here, deltas, strict=True) if d is not None]
        own = {t.title: (np.full_like(d, np.nan), d) for t, d in pairs}
        stored = [(t.weights if step is Step.WEIGHTS else t.biases)[levels[t.title]] for t, _ in pairs]
        layers = [replace(t.layers[levels[t.title]], e=d[None] * np.nan, delta=d[None]) for t, d in pairs]
        fitting = [c for c in (None, *catalogue.of(step)) if _fits(catalogue, c, step, layers, stored)]
        if None in fitting:
            return (Option(frozenset(), (DELTA,), None),), own
        named = [c for c in fitting if c and not _is_multiple(catalogue, c, step, layers)]
        options = [Option(frozenset([c]), (DELTA,), None) for c in named]
        if not options and not (step is Step.WEIGHTS and trusted_w):
            options = [Option(frozenset(), (DELTA, step), None)]
            if step is Step.WEIGHTS:  # or else delta is right, and both are stored in an unknown way
                options.append(Option(frozenset(), (Step.WEIGHTS, Step.BIASES), _RIGHT_PATH))
        if options:
            found += options
            given = given or own
    return tuple(found) or (Option(frozenset(), (DELTA, Step.WEIGHTS, Step.BIASES), None),), given


def _fits(
    catalogue: Catalogue, choice: Choice, step: Step, layers: list[Layer], stored: list[FloatArray | None]
) -> bool:
    if choice and choice.fitted:
        return False
    return all(
        bool(matches(s, run(catalogue, choice, step, layer))[0]) for layer, s in zip(layers, stored, strict=True)
    )


def _is_multiple(catalogue: Catalogue, choice: KnownMistake, step: Step, layers: list[Layer]) -> bool:
    """Whether a mistake only scales: then delta itself may as well be scaled, and nothing tells which."""
    for layer in layers:
        wrong, right = (run(catalogue, c, step, layer)[0] for c in (choice, None))
        if wrong.shape != right.shape:
            return False
        if not np.any(wrong):
            return False
        factor = np.sum(wrong * right) / np.sum(right**2)
        if not bool(matches(wrong, (factor * right)[None])[0]):
            return False
    return True


@dataclass(frozen=True)
class Explanation:
    """What is wrong at the output layer and in the hidden ones, and the deltas of the output layer that it uses."""

    output: Option
    hidden: Option | None
    stale: bool
    given: Given

    @property
    def known(self) -> frozenset[KnownMistake]:
        """All known mistakes; the same variant in both places is kept twice."""
        return self.output.known | (self.hidden.known if self.hidden else frozenset())

    @property
    def cost(self) -> tuple[int, int]:
        """Unknown steps, then misconceptions."""
        both = (self.output, self.hidden) if self.hidden else (self.output,)
        unknown = {
            step if step in (Step.WEIGHTS, Step.BIASES, STOP) else (step, o is self.hidden)
            for o in both
            for step in o.unknown
        }
        return len(unknown), len({e.family for e in self.known}) + self.stale


def explain(catalogue: Catalogue, trials: list[NetworkProbe], fits: Fits, values: Given) -> list[Explanation]:
    """The best explanations, all of the same cost."""
    found = _combined(catalogue, trials, exact_options(fits), values, {})
    sound = [e for e in found if _is_sound(e)]
    if not sound:
        unknown, own = unknown_delta(catalogue, trials, {t.title: t.depth for t in trials})
        sound = _combined(catalogue, trials, other_options(fits, unknown), values, own)
    best = min(e.cost for e in sound)
    return [e for e in sound if e.cost == best]


def _combined(
    catalogue: Catalogue, trials: list[NetworkProbe], stage: list[Option], values: Given, own: Given
) -> list[Explanation]:
    """The explanations of the output layer with those of the hidden ones; of few ways to delta, the cheapest."""
    found: list[Explanation] = []
    hidden: dict[int | None, tuple[Given, list[tuple[Option | None, bool]]]] = {}
    for option in _cheapest(stage):
        if option.path not in hidden:
            if len(hidden) == _PATHS:
                continue
            path = option.path
            given = own if path is None else {t: (e[path], d[path]) for t, (e, d) in values.items()}
            hidden[path] = given, [*_hidden(catalogue, trials, given, option)] or [(None, False)]
        given, below = hidden[option.path]
        found += [Explanation(option, choice, stale, given) for choice, stale in below]
    return found


def _is_sound(e: Explanation) -> bool:
    """Whether it relies on no delta that nobody saw."""
    if not _is_blind(e.output):
        return True
    leans = any(known.step is Step.ACTIVATION or known.family == "back-uses-e-not-delta" for known in e.known)
    return not leans and e.hidden is not None and not e.hidden.unknown


def _is_blind(option: Option) -> bool:
    return len({known.step for known in option.known if known.blind}) > 1


_PATHS = 6
_RIGHT_PATH = 0


def _cheapest(found: list[Option]) -> list[Option]:
    """Those of the fewest unknown steps; of these, up to two mistakes more than the least."""
    if not found:
        return []
    fewest = min(len(o.unknown) for o in found)
    kept = sorted((o for o in found if len(o.unknown) == fewest), key=lambda o: len(o.families))
    least = len(kept[0].families)
    return [o for o in kept if len(o.families) <= least + (2 if least else 0)]


def _hidden(
    catalogue: Catalogue, trials: list[NetworkProbe], given: Given, output: Option
) -> Iterator[tuple[Option, bool]]:
    """The explanations of the hidden layers, and whether each uses the delta of the output layer throughout."""
    deep = [t for t in trials if t.depth > 1 and t.title in given]
    if not deep:
        return
    fits = in_hidden(catalogue, deep, given)
    found = _seen(catalogue, deep, exact_options(fits), output)
    if not found and any(t.depth > 2 for t in deep):
        stale = _seen(catalogue, deep, exact_options(in_hidden(catalogue, deep, given, stale=True)), output)
        if stale:
            yield from ((o, True) for o in _cheapest(stale))
            return
    if not found:
        unknown = unknown_delta(catalogue, deep, {t.title: t.depth - 1 for t in deep})[0]
        found = other_options(fits, unknown)
    yield from ((o, False) for o in _cheapest(found))


def _seen(catalogue: Catalogue, deep: list[NetworkProbe], found: list[Option], output: Option) -> list[Option]:
    """Without those that rest on what nobody saw.

    These are those in which delta shows neither in weights nor in biases, unless that is so at the output, too; and,
    where delta of the output is unknown, those that only scale what is stored: delta itself may be scaled.
    """
    kept = [o for o in found if not _is_blind(o) or _is_blind(output)]
    if output.path is not None:
        return kept
    layers = [replace(t.layers[1], e=t.layers[1].z[None], delta=t.layers[1].z[None]) for t in deep]
    scaling = {
        e.id
        for step in (Step.WEIGHTS, Step.BIASES)
        for e in catalogue.of(step)
        if not e.fitted and _is_multiple(catalogue, e, step, layers)
    }
    return [o for o in kept if not any(e.id in scaling for e in o.known)]
