"""The steps that no known mistake explains: which, in which layer, and what is true of their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.diagnosis.catalogue import Catalogue, Layer, Signs, Step
from grader.diagnosis.comparing import matches
from grader.diagnosis.evidence import NetworkProbe
from grader.diagnosis.explaining import DELTA, STOP, Explanation, Option
from grader.diagnosis.facts import Name, Pair, facts, not_right
from grader.diagnosis.stages import run, seen_delta
from grader.records import FloatArray, Outcome, UnknownMistake
from grader.wire.facts import Fact

OUTPUT_DELTA, HIDDEN_DELTA = "output delta", "hidden delta"


def missing(tried: list[NetworkProbe], seen: Signs) -> list[UnknownMistake]:
    """What calls that came to their end have not stored, where nothing is known of the reason."""
    ended = [t for t in tried if t.outcome is Outcome.RETURNED]
    if seen.notes or not ended or not any(levels for _, levels in seen.stored):
        return []
    for kind, step in (("biases", Step.BIASES), ("weights", Step.WEIGHTS)):
        if all(stored is None for t in ended for stored in getattr(t, kind).values()):
            return [UnknownMistake(step, None, (Fact(f"no-gradient-of-{kind}"),))]
    for t in ended:
        empty = [l for l in range(t.depth, 0, -1) if t.weights[l] is None or t.biases[l] is None]
        if empty:
            name = t.names[f"w[{empty[0]}]" if t.weights[empty[0]] is None else f"b[{empty[0]}]"]
            return [UnknownMistake(Step.LOOP, empty[0], (Fact("is-not-stored-at", {"name": name, "trial": t.title}),))]
    return []


def unknown_steps(
    catalogue: Catalogue,
    found: Explanation | None,
    shown: list[NetworkProbe],
    stopped: list[NetworkProbe],
    *,
    named: bool,
) -> list[UnknownMistake]:
    """The steps that an explanation leaves unknown, from the output layer down.

    Args:
        stopped: trials in which the call stopped before anything was stored.
        named: whether some known mistake was found.
    """
    unknown = []
    options = [o for o in (found.output, found.hidden) if o] if found else []
    halts = any(STOP in o.unknown for o in options)
    halted = [t for t in shown if halts and t.outcome is Outcome.RAISED]
    if stopped or halted:
        unknown.append(_stop([*stopped, *halted]))
    if found is None:
        return unknown
    output_values = {t.title: found.given[t.title] for t in shown if t.title in found.given}
    if _shows_no_delta(found.output):
        unknown += _both(catalogue, shown, None)
    elif DELTA in found.output.unknown:
        unknown.append(_delta(catalogue, shown, None))
    unknown += [
        _stored(catalogue, step, [(t, t.depth, output_values.get(t.title)) for t in shown])
        for step in (Step.WEIGHTS, Step.BIASES)
        if step in found.output.unknown and not _shows_no_delta(found.output)
    ]
    if found.hidden:
        deep = [t for t in shown if t.depth > 1 and t.title in output_values]
        if _shows_no_delta(found.hidden):
            above = {u.step for u in unknown}
            unknown += [u for u in _both(catalogue, deep, output_values) if u.step not in above]
        elif DELTA in found.hidden.unknown:
            unknown.append(_delta(catalogue, deep, output_values))
        unknown += [
            _stored(catalogue, step, [(t, t.depth - 1, None) for t in deep])
            for step in (Step.WEIGHTS, Step.BIASES)
            if step in {*found.hidden.unknown} - {*found.output.unknown} and not _shows_no_delta(found.hidden)
        ]
    if found.stale and not named:
        unknown.append(UnknownMistake(HIDDEN_DELTA, 1, (Fact("right-with-two-layers-only"),)))
    if not unknown and not named:
        unknown += _small(catalogue, shown)
    told = [u for u in unknown if u.facts]  # what no stored number shows is told where nothing else is
    return told or [replace(u, facts=(Fact("nothing-stored-shows-it"),)) for u in unknown]


def _shows_no_delta(option: Option) -> bool:
    """Whether weights store no product with any delta: then biases that are wrong by themselves look like one."""
    return {DELTA, Step.WEIGHTS} <= {*option.unknown}


def _both(
    catalogue: Catalogue, shown: list[NetworkProbe], given: dict[str, tuple[FloatArray, FloatArray]] | None
) -> list[UnknownMistake]:
    """What is stored for weights and for biases against what is right given the deltas above: nothing tells delta."""
    found = []
    for step, letter in ((Step.WEIGHTS, "w"), (Step.BIASES, "b")):
        pairs: list[Pair] = []
        for t in shown:
            l = t.depth if given is None else t.depth - 1
            delta = _right_delta_at(catalogue, t, given)
            stored = (t.weights if step is Step.WEIGHTS else t.biases)[l]
            pairs.append((t.title, stored, run(catalogue, None, step, replace(t.layers[l], delta=delta))))
        below = 0 if given is None else 1
        name = _name(letter, [(t, t.depth - below) for t in shown])
        found.append(UnknownMistake(step, shown[0].depth - below, facts(name, pairs)))
    return [u for u in found if u.facts]


def _stop(halted: list[NetworkProbe]) -> UnknownMistake:
    """Where a call stops with an error: the place that most trials show."""
    places = [_halt(t) for t in halted]
    step, l, kind, after = most = Counter(places).most_common(1)[0][0]
    titles = tuple(t.title for t, place in zip(halted, places, strict=True) if place == most)
    return UnknownMistake(step, l, (Fact(kind, {"trials": titles, "layer": l or 0, "after": after}),))


def _halt(t: NetworkProbe) -> tuple[str, int | None, str, str]:
    """The step and the layer in which a call stopped, what kind of fact that is, and the last quantity stored."""
    empty = [l for l in range(t.depth, 0, -1) if t.weights[l] is None or t.biases[l] is None]
    l = empty[0] if empty else 1
    if all(stored is None for stored in (*t.weights.values(), *t.biases.values())):
        return Step.RUN, None, "stops-before-storing", ""
    if t.weights[l] is not None:
        return Step.BIASES, l, "stops-after-storing", t.names[f"w[{l}]"]
    if t.biases[l] is not None:
        return Step.WEIGHTS, l, "stops-in-layer", ""
    return OUTPUT_DELTA if l == t.depth else HIDDEN_DELTA, l, "stops-in-layer", ""


def _right_delta(catalogue: Catalogue, layer: Layer) -> FloatArray:
    return run(catalogue, None, Step.ACTIVATION, layer)


def _right_delta_at(
    catalogue: Catalogue, t: NetworkProbe, given: dict[str, tuple[FloatArray, FloatArray]] | None
) -> FloatArray:
    """Delta of the output layer, or of the hidden layer below it from the submission's own values above."""
    if given is None:
        layer = t.layers[t.depth]
        return _right_delta(catalogue, replace(layer, e=run(catalogue, None, Step.LOSS, layer)))
    e, delta = given[t.title]
    back = run(catalogue, None, Step.BACK, replace(t.layers[t.depth], e=e, delta=delta))
    return _right_delta(catalogue, replace(t.layers[t.depth - 1], e=back))


def _delta(
    catalogue: Catalogue, shown: list[NetworkProbe], given: dict[str, tuple[FloatArray, FloatArray]] | None
) -> UnknownMistake:
    """An unknown delta, of the output layer or (with the deltas above it given) of the hidden layer below."""
    pairs = []
    for t in shown:
        by_biases, by_weights = seen_delta(t, t.depth if given is None else t.depth - 1)
        own = by_biases if by_biases is not None else by_weights
        pairs.append((t.title, own, _right_delta_at(catalogue, t, given)))
    name = Fact("delta-of-the-output-layer" if given is None else "delta-of-the-last-hidden-layer")
    step, level = (OUTPUT_DELTA, shown[0].depth) if given is None else (HIDDEN_DELTA, shown[0].depth - 1)
    return UnknownMistake(step, level, facts(name, pairs))


def _stored(
    catalogue: Catalogue, step: Step, places: list[tuple[NetworkProbe, int, tuple[FloatArray, FloatArray] | None]]
) -> UnknownMistake:
    """What is stored in an unknown way, against what is right given the submission's own delta."""
    pairs: list[Pair] = []
    strange: list[Pair] = []
    own_deltas = False
    for t, l, given in places:
        by_biases, by_weights = seen_delta(t, l)
        own = given[1] if given else (by_biases if step is Step.WEIGHTS else by_weights)
        stored = (t.weights if step is Step.WEIGHTS else t.biases)[l]
        if own is None:
            right = _unknown(t, l, step)
            strange += [(t.title, stored, right)] if stored is not None and _odd(stored, right) else []
            pairs.append((t.title, None, right))
            continue
        pairs.append((t.title, stored, run(catalogue, None, step, replace(t.layers[l], delta=own))))
        own_deltas |= given is not None and not bool(matches(own, _right_delta_at(catalogue, t, None)[None])[0])
    l = places[0][1]
    name = _name("w" if step is Step.WEIGHTS else "b", [(t, l) for t, l, _ in places])
    name = Fact("given-your-own-delta", {"name": name}) if own_deltas else name
    told = pairs if any(stored is not None for _, stored, _ in pairs) else strange
    return UnknownMistake(step, l, facts(name, told) or (not_right(name),))


def _name(letter: str, places: list[tuple[NetworkProbe, int]]) -> Name:
    """The name of a quantity; by its place below the output where it has another number in each trial."""
    names = list(dict.fromkeys(t.names[f"{letter}[{l}]"] for t, l in places))
    below = {t.depth - l for t, l in places}
    if len(names) == 1 or len(below) > 1:
        return names[0]
    kind = {0: "of-the-output-layer", 1: "of-the-last-hidden-layer"}.get(below.pop())
    return Fact(kind, {"name": names[0].removesuffix(f"[{places[0][1]}]")}) if kind else names[0]


def _unknown(t: NetworkProbe, l: int, step: Step) -> FloatArray:
    """What nobody knows, in the shape that it must have."""
    layer = t.layers[l]
    return np.full((len(layer.a), *(layer.weight if step is Step.WEIGHTS else layer.bias).shape), np.nan)


def _odd(stored: FloatArray, right: FloatArray) -> bool:
    return stored.shape != right.shape or not np.isfinite(stored).all()


def _small(catalogue: Catalogue, shown: list[NetworkProbe]) -> list[UnknownMistake]:
    """Numbers that are nearly right, or that have the wrong shape, in the first layer and step where that is so."""
    rules: tuple[tuple[Step, Callable[[NetworkProbe], dict[int, FloatArray | None]]], ...] = (
        (Step.WEIGHTS, lambda t: t.weights),
        (Step.BIASES, lambda t: t.biases),
    )
    for t in shown:
        e = run(catalogue, None, Step.LOSS, t.layers[t.depth])
        for l in range(t.depth, 0, -1):
            layer = t.layers[l]
            delta = _right_delta(catalogue, replace(layer, e=e))
            for step, stored_in in rules:
                stored, right = stored_in(t)[l], run(catalogue, None, step, replace(layer, delta=delta))
                name = t.names[f"{'w' if step is Step.WEIGHTS else 'b'}[{l}]"]
                if stored is not None and _is_odd(stored, right):
                    return [UnknownMistake(Step.STORING, l, facts(name, [(t.title, stored, right)]))]
            e = run(catalogue, None, Step.BACK, replace(t.layers[l], e=e, delta=delta))
    return []


def _is_odd(stored: FloatArray, right: FloatArray) -> bool:
    """Whether right numbers are coarse, or of another shape than they must; one number may come without axes."""
    if stored.size != right.size or (stored.shape != right.shape and stored.ndim > 1):
        return True
    return not np.allclose(stored.reshape(right.shape), right, 0, 2e-6 * np.abs(right).max())
