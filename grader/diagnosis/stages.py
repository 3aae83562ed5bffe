"""The two stages of the derivation, output layer and hidden layers: which hypotheses fit what was stored there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from grader.diagnosis.catalogue import Catalogue, KnownMistake, Layer, Step
from grader.diagnosis.comparing import matches, rank_one, vector
from grader.diagnosis.evidence import NetworkProbe
from grader.records import AnyArray, BoolArray, FloatArray, Outcome

Choice = KnownMistake | None
"""A known mistake, or None for the right step."""


@dataclass
class Fits:
    """Which hypotheses about a stage fit, over all trials: `weights` (G, C), `biases` (B, C), `alive` (C,) booleans.

    C counts ways to delta, `paths` names them: (loss, activation) at the output, (back, activation) in hidden layers;
    G and B count ways from delta to what is stored. `unexplained` (C,) marks ways under which a call that stopped
    should have gone on. `seen` tells whether anything was compared with weights, and with biases.
    """

    paths: list[tuple[Choice, Choice]]
    weight_choices: list[Choice]
    bias_choices: list[Choice]
    weights: BoolArray
    biases: BoolArray
    unexplained: BoolArray
    seen_weights: bool = False
    seen_biases: bool = False
    constants: dict[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, catalogue: Catalogue, paths: list[tuple[Choice, Choice]]) -> Fits:
        """Nothing compared yet: everything fits."""
        g: list[Choice] = [None, *catalogue.of(Step.WEIGHTS)]
        b: list[Choice] = [None, *catalogue.of(Step.BIASES)]
        count = len(paths)
        return cls(paths, g, b, np.ones((len(g), count), bool), np.ones((len(b), count), bool), np.zeros(count, bool))

    @property
    def alive(self) -> AnyArray:
        """The indices of the ways to delta under which both weights and biases can be explained."""
        return np.flatnonzero(self.weights.any(0) & self.biases.any(0))

    def compare(self, catalogue: Catalogue, trial: NetworkProbe, l: int, layer: Layer, crashed: BoolArray) -> None:
        """Hold what was stored for layer l against every way, whose e and delta `layer` has, shape (C, K, n)."""
        stored_w, stored_b = trial.weights[l], trial.biases[l]
        if trial.outcome is Outcome.RAISED and (stored_w is None or stored_b is None):
            self.unexplained |= ~crashed
        few = np.flatnonzero(self.weights.any(0) | self.biases.any(0))
        if not len(few) or (layer.weight.size > _LARGE and len(few) > _MANY):
            return
        some = replace(layer, e=layer.e[few], delta=layer.delta[few])
        if stored_w is not None:
            self.seen_weights = True
            for number, choice in enumerate(self.weight_choices):
                if self.weights[number, few].any():
                    self.weights[number, few] &= self._weights(catalogue, choice, some, stored_w, few) & ~crashed[few]
        if stored_b is not None:
            self.seen_biases = True
            for number, choice in enumerate(self.bias_choices):
                if self.biases[number, few].any():
                    self.biases[number, few] &= (
                        matches(stored_b, run(catalogue, choice, Step.BIASES, some)) & ~crashed[few]
                    )

    def _weights(
        self, catalogue: Catalogue, choice: Choice, layer: Layer, stored: FloatArray, few: AnyArray
    ) -> BoolArray:
        """Whether a way of storing the weights fits; the constant of a fitted one must be the same everywhere."""
        if choice is None or not choice.fitted:
            return matches(stored, run(catalogue, choice, Step.WEIGHTS, layer))
        base, direction = choice.run(layer)
        if stored.shape != base.shape[1:]:
            return np.zeros(len(few), bool)
        own = _constants(stored, base, direction)
        kept = self.constants.setdefault(choice.id, np.full(len(self.paths), np.nan))
        kept[few] = np.where(np.isnan(kept[few]), own, kept[few])
        return matches(stored, base + kept[few].reshape(-1, 1, 1, 1) * direction)


_LARGE = 500
"""A layer of more weights is compared only where smaller ones have left few ways to delta."""
_MANY = 20


def run(catalogue: Catalogue, choice: Choice, step: Step, layer: Layer) -> FloatArray:
    """What a step gives, right or wrong."""
    value: FloatArray = choice.run(layer) if choice else catalogue.right[step](layer)
    return value


def at_output(
    catalogue: Catalogue, trials: list[NetworkProbe]
) -> tuple[Fits, dict[str, tuple[FloatArray, FloatArray]]]:
    """The output layer of every trial under every pair of loss and activation.

    Returns:
        What fits, and for each trial e and delta of all pairs, shape (C, K, n).
    """
    losses: list[Choice] = [None, *catalogue.of(Step.LOSS)]
    slopes: list[Choice] = [None, *catalogue.of(Step.ACTIVATION, "out")]
    fits = Fits.of(catalogue, [(o, a) for o in losses for a in slopes])
    values = {}
    for trial in trials:
        layer = trial.layers[trial.depth]
        shape = (len(losses), len(slopes), *layer.a.shape)
        e = np.stack([run(catalogue, o, Step.LOSS, layer) for o in losses])
        delta = np.stack([run(catalogue, a, Step.ACTIVATION, replace(layer, e=e)) for a in slopes], axis=1)
        e = np.broadcast_to(e[:, None], shape).reshape(-1, *layer.a.shape)
        delta = delta.reshape(-1, *layer.a.shape)
        values[trial.title] = e, delta
        crashed = np.zeros(len(fits.paths), bool)
        fits.compare(catalogue, trial, trial.depth, replace(layer, e=e, delta=delta), crashed)
    return fits, values


def in_hidden(
    catalogue: Catalogue,
    trials: list[NetworkProbe],
    given: dict[str, tuple[FloatArray, FloatArray]],
    *,
    stale: bool = False,
) -> Fits:
    """The hidden layers of every trial under every pair of back and activation.

    Args:
        given: for each trial e and delta of the output layer, shape (K, n).
        stale: whether every layer starts from the delta of the output layer.
    """
    backs: list[Choice] = [None, *catalogue.of(Step.BACK)]
    slopes: list[Choice] = [None, *catalogue.of(Step.ACTIVATION, "hid")]
    fits = Fits.of(catalogue, [(w, a) for w in backs for a in slopes])
    rates = {c.id: _rates(catalogue, trials, given, slopes, c) for c in backs if c and c.fitted}
    for trial in trials:
        if trial.title not in given or trial.depth < 2:
            continue
        e, delta = (np.broadcast_to(v, (len(backs), len(slopes), *v.shape)) for v in given[trial.title])
        first, crashed = (e, delta), np.zeros((len(backs), len(slopes)), bool)
        for l in range(trial.depth - 1, 0, -1):
            if stale:
                e, delta = first
            above, layer = trial.layers[l + 1], trial.layers[l]
            wide = (len(slopes), len(layer.a), layer.a.shape[1])
            own_e, own_delta = np.full((len(backs), *wide), np.nan), np.full((len(backs), *wide), np.nan)
            for number, choice in enumerate(backs):
                upper = replace(above, e=e[number], delta=delta[number])
                back = _back(catalogue, choice, upper, wide, rates)
                if back is None:
                    crashed[number] = True
                else:
                    own_e[number] = back
            for number, choice in enumerate(slopes):
                own_delta[:, number] = run(catalogue, choice, Step.ACTIVATION, replace(layer, e=own_e[:, number]))
            e, delta = own_e, own_delta
            flat = replace(layer, e=e.reshape(-1, *e.shape[2:]), delta=delta.reshape(-1, *e.shape[2:]))
            fits.compare(catalogue, trial, l, flat, crashed.reshape(-1))
    return fits


def _back(
    catalogue: Catalogue, choice: Choice, upper: Layer, shape: tuple[int, ...], rates: dict[str, FloatArray]
) -> FloatArray | None:
    """E of the layer below, for each activation; None where the code would stop with an error."""
    try:
        back = run(catalogue, choice, Step.BACK, upper)
        if choice and choice.fitted:
            back = back[0] + rates[choice.id][:, None, None] * back[1]
    except ValueError:
        return None
    return back if back.shape == shape else None


def seen_delta(trial: NetworkProbe, l: int) -> tuple[FloatArray | None, FloatArray | None]:
    """Delta of a layer as the stored biases show it, and as the stored weights do."""
    layer = trial.layers[l]
    shape = layer.weight.shape
    return vector(trial.biases[l], shape[0]), rank_one(trial.weights[l], (shape[0], shape[1]), layer.before)


def _constants(stored: FloatArray, base: FloatArray, direction: FloatArray) -> FloatArray:
    """The constant c of each hypothesis with which base + c direction comes nearest to what was stored."""
    axes = tuple(range(1, base.ndim))
    return np.asarray(np.sum((stored - base) * direction, axis=axes) / np.sum(direction**2, axis=axes))


def _rates(
    catalogue: Catalogue,
    trials: list[NetworkProbe],
    given: dict[str, tuple[FloatArray, FloatArray]],
    slopes: list[Choice],
    back: KnownMistake,
) -> FloatArray:
    """The constant of a fitted way back, for each activation, from the layers below the output; NaN where unseen."""
    above, below = np.zeros(len(slopes)), np.zeros(len(slopes))
    for trial in trials:
        if trial.depth < 2 or trial.title not in given or trial.size > _LARGE:
            continue
        l = trial.depth - 1
        by_biases, by_weights = seen_delta(trial, l)
        seen = by_weights if by_weights is not None else by_biases
        if seen is None:
            continue
        e, delta = given[trial.title]
        try:
            u, v = back.run(replace(trial.layers[l + 1], e=e, delta=delta))
        except ValueError:
            continue
        if not u.shape == v.shape == trial.layers[l].a.shape:
            continue
        for number, choice in enumerate(slopes):
            base, direction = (
                run(catalogue, choice, Step.ACTIVATION, replace(trial.layers[l], e=part)) for part in (u, v)
            )
            above[number] += np.sum((seen - base) * direction)
            below[number] += np.sum(direction**2)
    return above / np.where(below == 0, np.nan, below)


def cannot(catalogue: Catalogue, e: KnownMistake, t: NetworkProbe) -> bool:
    """Whether a mistake makes a step impossible: an error, or a result that does not fit its parameter."""
    zeros = np.zeros
    for l in t.layers:
        layer = replace(t.layers[l], e=zeros((1, *t.layers[l].a.shape)), delta=zeros((1, *t.layers[l].a.shape)))
        if e.place == ("hid" if l == t.depth else "out") or (e.step is Step.BACK and l == 1):
            continue
        if not _fits(catalogue, e, layer):
            return True
    return False


def _fits(catalogue: Catalogue, e: KnownMistake, layer: Layer) -> bool:
    step = Step(e.step)
    try:
        wrong, right = run(catalogue, e, step, layer), run(catalogue, None, step, layer)
    except ValueError:
        return False
    return wrong.shape == right.shape and not bool(np.isnan(wrong).all())
