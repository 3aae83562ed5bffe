"""What is known before a submission runs: probes, and what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.records.kinds import Arrays, Evidence, FloatArray, Rule, Visibility


@dataclass(frozen=True)
class Estimate:
    """A value and how far it may be from the truth, entry by entry: two arrays of one shape, in the same units."""

    value: FloatArray
    error: FloatArray


@dataclass(frozen=True)
class Network:
    """Fully connected tanh layers under a sum of squared errors, at one point.

    a[0] = x, z[l] = a[l-1] W[l]^T + b[l], a[l] = tanh(z[l]), L = sum over examples and outputs of (a[L] - y)^2.
    `weights[l-1]` is W[l], shape (n[l], n[l-1]); `biases[l-1]` is b[l], shape (n[l],);
    `x` has shape (B, n[0]) and `y` (B, n[L]) for B examples.
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True)
class Probe:
    """One set of inputs, drawn from the seed.

    `graded` is False where the result is a remark, never points. `part` names the object of the exercise that observes
    a submission on it; empty for the exercise itself. Of the probes of one `group`, which try legal readings of the
    statement in turn, the one that earns the most counts; `convention` names the reading, where other groups try it,
    too. `dtype` is the type of the tensors that a submission gets.
    """

    name: str
    title: str
    inputs: Arrays
    visibility: Visibility = Visibility.PUBLIC
    graded: bool = True
    part: str = ""
    group: str = ""
    convention: str = ""
    dtype: str = "float64"
    evidence: Evidence = Evidence.NONE

    @property
    def manner(self) -> tuple[str, str]:
        """The part and the reading: probes of one manner call a submission in the same way."""
        return self.part, self.convention

    @property
    def family(self) -> str:
        """`tanh` of `tanh.context` and `tanh.apply`: parts that call the same functions of a submission."""
        return self.part.partition(".")[0]


@dataclass(frozen=True)
class Prediction:
    """What one quantity of a probe for evidence is where it is derived by hand, and where a machine differentiates."""

    by_hand: FloatArray
    by_machine: FloatArray


@dataclass(frozen=True)
class Expectation:
    """What one quantity of one probe must be.

    `source` is the input differentiated (gradient) or preserved (unchanged), the quantity that is repeated (repeats),
    compared with differences of the submission's own forward (consistent, own), with what its own function gives by
    itself (composed) or linear in the upstream gradient (linear), or a claim about a run (trace).
    `double` and `single` hold the same value with the error allowed in float64 and in float32.
    """

    quantity: str
    check: str
    rule: Rule
    source: str
    double: Estimate
    single: Estimate


@dataclass(frozen=True)
class WrongWay:
    """What gradients become where one thing on the way back through a formula is wrong.

    `kind` is `edge`, where `arrays` hold what comes through an edge of its graph: a factor on it, zero too, then
    follows for any number. Else a step is done in another way, and `arrays` hold the gradients. They are those of the
    first call, by quantity; what is not in them is as it should be. `step` and `operand` are expressions of the
    formula, from which and to which the way leads.
    """

    kind: str
    step: str
    operand: str
    arrays: Mapping[str, FloatArray]


@dataclass(frozen=True)
class WrongWays:
    """What may be wrong on the way back through the formula of a probe, and the sizes of its axes by their letters."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    ways: tuple[WrongWay, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """The quantities of the derivation on a probe that is never graded: there, a place in a submission is looked for.

    `outputs` are what the probe's checks compare, one row a call, and `checks` tells which check each belongs to.
    `known` are inputs, what the formula goes through, and the derivatives of the loss by all of these, by name.
    `way` is that of the gradient, from the loss `L`: which quantity it goes from, and to which, the nearest to the loss
    first. `ends` tells of the outputs that are gradients by which of these the loss is differentiated.
    """

    probe: Probe
    outputs: Mapping[str, FloatArray]
    checks: Mapping[str, str]
    known: Mapping[str, FloatArray]
    way: tuple[tuple[str, str], ...] = ()
    ends: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerKey:
    """All that judging needs: the probes, and for each probe what is expected of it, in the order of the derivation.

    `extras` lists for each probe the name and the number of entries of what is reported for information.
    Nothing is expected of a probe for evidence; `predictions` tells for each what its quantities may be. `held_back`
    counts the graded trials that students do not see when they check themselves, alternatives as one. `wrong_ways`
    tells of probes of declared layers what may be wrong in them; `underived` why there are no derivations where the
    formula was to be traced and that failed.
    """

    slug: str
    seed: str
    probes: tuple[Probe, ...]
    expected: Mapping[str, tuple[Expectation, ...]]
    extras: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    predictions: Mapping[str, Mapping[str, Prediction]] = field(default_factory=dict)
    held_back: int = 0
    wrong_ways: Mapping[str, WrongWays] = field(default_factory=dict)
    derivations: tuple[Derivation, ...] = ()
    underived: str = ""
