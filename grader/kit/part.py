"""What a part of an exercise is: what is called, what it reports, and what is to be differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from types import ModuleType
from typing import Any

from grader.wire.facts import Fact

Inputs = Mapping[str, Any]
"""The inputs of a probe by name: arrays where a key is built, tensors where a submission is called."""
Report = Callable[..., None]
"""`report(quantity, value, why=None)`: once for each point; `why` is a `wire.facts.Fact` where there is no value."""
Listed = tuple[str, str, str]
"""Quantity, id of its check, and source."""


class Undeclared(NotImplementedError):
    """What a part raises where it is asked for something that its author left out; torch raises the like itself."""


class Part:
    """What a probe is observed by, with the defaults of all that a part may leave out.

    A part need not be derived from this class: `exercise.py` itself is one where it defines `quantities` and `observe`,
    and so is any class or object in it. What it lacks is taken from here; see `part_of`.

    Attributes:
        needs: the entry points that it calls; None: all of them.
        calls_autograd: it calls `.apply` or `.backward()` itself, so what autograd records is no evidence.
        runs_script: it runs the whole file, which it is given as `names["script"]`.
        step: where `scalar` has kinks, how far finite differences may move an entry, and twice as far, without meeting
            one, relative to 1 or to the size of the entry; None: as far as is best for smooth functions.
    """

    needs: Sequence[str] | None = None
    calls_autograd: bool = False
    runs_script: bool = False
    step: float | None = None

    def quantities(self, inputs: Inputs) -> Iterable[Listed]:  # noqa: ARG002  others need it
        """What it reports: quantity, id of its check, and source.

        The source is for the rules `gradient` and `unchanged` an input, for `repeats` and `linear` a gradient quantity,
        for `consistent` that or a value, for `trace` a claim, else nothing.
        """
        raise Undeclared(f"{type(self).__name__} has no `quantities`")

    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> None:  # noqa: ARG002
        """Call the submission, and report each quantity once for each point.

        Args:
            names: the entry points, and what the exercise gives.
            inputs: tensors of the dtype of the probe, which are nobody else's.
        """
        raise Undeclared(f"{type(self).__name__} has no `observe`")

    def observe_briefly(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> None:
        """Call the submission as `observe` does, and report values and gradients at least: it happens many times."""
        self.observe(names, inputs, report)

    def extras(self, inputs: Inputs) -> Iterable[tuple[str, int]]:  # noqa: ARG002  others need it
        """What is reported for information: name, and number of entries."""
        return ()

    def points(self, inputs: Inputs) -> Sequence[Inputs]:
        """The inputs of each call that `observe` reports: one call."""
        return [inputs]

    def small(self, inputs: Inputs) -> Inputs:
        """Inputs of the same kind that are as small as can be, on which it is looked for where code goes wrong."""
        return inputs

    def scalar(self, point: Inputs) -> Any:  # noqa: ARG002  others need it
        """The loss L at a point, in torch: its derivatives with respect to inputs are what gradients must be."""
        raise Undeclared(f"{type(self).__name__} has no `scalar`, from which gradients follow")

    def symbol(self, name: str) -> str:
        """What a derivation calls an input; empty for an input that is no quantity of it."""
        return name

    def network(self, point: Inputs) -> bool:  # noqa: ARG002  others need it
        """Whether `scalar` is the loss of a tanh network `w[1], b[1], ..., x, y`, for which there are proved bounds."""
        return False

    def rows(self, point: Inputs) -> Mapping[str, tuple[str, Any]]:  # noqa: ARG002  others need it
        """Which weights multiply one row of numbers only, as finite differences then need fewer evaluations.

        Returns:
            Weight, shape (n, m) -> the name of the bias, shape (n,), to which its product is added, and the row, (m,).
        """
        return {}

    def make_ready(self, inputs: Inputs) -> None:
        """Make what takes long and is the same for all submissions, before there is any; each gets its own copy."""


_NAMES = tuple(name for name in vars(Part) if not name.startswith("_"))


class NotAttempted(Exception):
    """What a part raises where the submission left it out, with what was found instead."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact)
        self.fact = fact


class _Declared(Part):
    """A part that a module, a class or an object declares without being derived from `Part`."""

    def __init__(self, owner: Any) -> None:
        self.__dict__.update({name: getattr(owner, name) for name in _NAMES if hasattr(owner, name)})


def part_of(exercise: ModuleType, path: str) -> Part:
    """The part that a dotted path names in an exercise; the empty path names the exercise itself.

    Raises:
        AttributeError: there is none of that name.
    """
    owner = attrgetter(path)(exercise) if path else exercise
    return owner if isinstance(owner, Part) else _Declared(owner)
