"""Two tanh layers whose forward and backward pass a submission writes: how it is called, and what is reported.

Whatever the layout of a probe's inputs, reports are in rows, and biases of shape (n,).
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from grader.kit.arguments import call, local_names, on_arrays, order, replaced_in, slope
from grader.kit.layouts import fits, flat, like, plain, shaped
from grader.kit.part import Part, Report
from grader.kit.watermark import marked_by
from grader.wire.facts import Fact, Value

Tensors = Mapping[str, torch.Tensor]

PARAMETERS = ("w1", "b1", "w2", "b2")
TENSORS = ("s1", "x1", "s2", "x2")
GRADIENTS = ("dl_dw2", "dl_db2", "dl_dw1", "dl_db1")
FORWARD = (*PARAMETERS, "x")
BACKWARD = (*PARAMETERS, "t", "x", *TENSORS, "dl_dw1", "dl_db1", "dl_dw2", "dl_db2")
INPUTS = {"w1": "w[1]", "b1": "b[1]", "w2": "w[2]", "b2": "b[2]", "x": "x", "t": "y"}
"""The statement's name of a tensor, and that among the inputs of a probe."""


def passed(point: Tensors, sigma: Callable[[torch.Tensor], torch.Tensor] = torch.tanh) -> tuple[torch.Tensor, ...]:
    """s1, x1, s2, x2 of a network and examples in rows."""
    s1 = point["x"] @ point["w[1]"].T + point["b[1]"]
    x1 = sigma(s1)
    s2 = x1 @ point["w[2]"].T + point["b[2]"]
    return s1, x1, s2, sigma(s2)


def role(name: str) -> str | None:
    """What a parameter of this name is in the words of the statement; None where the name does not tell."""
    told = name.lower().replace("_", "")
    if told in ("t", "target", "targets", "y", "ytrue", "cible", "label", "truth"):
        return "t"
    if told in ("x", "x0", "input", "entree", "xin"):
        return "x"
    found = re.fullmatch(r"(d|dl|dld|g|grad|gradd|acc|accd)?([wb][12])", told)
    if found:
        return f"dl_d{found[2]}" if found[1] else found[2]
    return told if told in TENSORS else None


def role_in_loss(name: str) -> str | None:
    """The same for `loss` and `dloss`, where v is the prediction."""
    told = name.lower().replace("_", "")
    return "v" if told in ("v", "pred", "prediction", "yhat", "ypred", "x2", "output", "out") else role(name)


def _right_sigma(_: object) -> Callable[..., Any]:
    return lambda *x, **named: on_arrays(torch.tanh)(*x, *named.values())


def _right_dsigma(_: object) -> Callable[..., Any]:
    return lambda *x, **named: on_arrays(lambda s: slope(torch.tanh, s))(*x, *named.values())


def _right_dloss(own: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of ||t - v||^2, to be called as a submission calls its own."""
    statement = order(own, ("v", "t"), lambda _: None)
    places = statement if _points_uphill(own, statement) else order(own, ("v", "t"), role_in_loss)

    def dloss(*arguments: Any, **named: Any) -> Any:
        values = {told: a for (_, told), a in zip(places, arguments, strict=False)}
        values |= {dict(places)[name]: a for name, a in named.items()}
        return on_arrays(lambda v, t: slope(lambda moved: (moved - t) ** 2, v))(values["v"], values["t"])

    return dloss


def _points_uphill(dloss: Callable[..., Any], places: Sequence[tuple[str, str]]) -> bool:
    """Whether a submission's `dloss`, given its arguments in this order, points away from the target as it should."""
    v, t = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([-0.5, 1.5, 1.5])
    for shape in ((3,), (3, 1), (1, 3)):
        values = {"v": v.reshape(shape), "t": t.reshape(shape)}
        with contextlib.suppress(Exception):
            slope_ = torch.as_tensor(dloss(*(values[told] for _, told in places)))
            return bool((slope_.reshape(-1) * (v - t)).sum() > 0)
    return False


_RIGHT = {"sigma": _right_sigma, "dsigma": _right_dsigma, "dloss": _right_dloss}


VARIANTS: Mapping[str, tuple[str, ...]] = {
    "": (),
    "its own forward_pass": (),
    "right sigma": ("sigma",),
    "right dloss": ("dloss",),
    "right dsigma": ("sigma", "dsigma"),
    "right helpers": ("dloss", "sigma", "dsigma"),
}
"""How a pass is tried, and which helpers of a submission are replaced by correct ones meanwhile.

So a mistake in a helper is not charged again, and `dloss` that is wrong is told from `dloss` that is called wrongly.
The correct ones take their derivatives numerically. A probe has the number of its variant among its inputs.
"""


def variant(inputs: Mapping[str, Any]) -> str:
    """The variant of a probe."""
    return list(VARIANTS)[round(float(inputs["variant"]))]


def _substitutes(names: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[Any, Callable[..., Any]]:
    if "watermark" in inputs:
        return {names["sigma"]: on_arrays(marked_by(inputs["watermark"]))} if "sigma" in names else {}
    return {names[name]: _RIGHT[name](names[name]) for name in VARIANTS[variant(inputs)] if name in names}


class _OfTwoLayers(Part):
    """What goes through the network, by the names of the statement."""

    def symbol(self, name: str) -> str:
        """`w1` for `w[1]`, `t` for `y`."""
        return next((told for told, source in INPUTS.items() if source == name), name)


class Forward(_OfTwoLayers):
    """`forward_pass`. Each tensor is judged as it follows from the one before it that the submission returned.

    So a mistake in the first layer is not charged again in the second.
    """

    needs = ("forward_pass",)

    def quantities(self, _: object) -> Iterator[tuple[str, str, str]]:
        """The four tensors, which count for `forward-1` and `forward-2`."""
        for name in TENSORS:
            yield name, f"forward-{name[1]}", ""

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Call it once."""
        point = plain({name: a.clone() for name, a in inputs.items()})
        function = names["forward_pass"]
        with replaced_in(function, _substitutes(names, inputs)):
            returned = call(function, FORWARD, role, {name: inputs[INPUTS[name]] for name in FORWARD})
        tensors, why = four(returned)
        expected = dict(zip(TENSORS, passed(point), strict=True))
        own = {name: shaped(value, expected[name]) for name, value in zip(TENSORS, tensors, strict=True)}
        for name, before in zip(TENSORS, ("", *TENSORS), strict=False):
            said = why
            value: Any = _less_inherited(name, before, own, expected, point)
            if isinstance(value, torch.Tensor | np.ndarray) and not fits(value, expected[name]):
                wanted = tuple(like(expected[name], inputs["y"]).shape)  # in the layout of the trial, not of the key
                value, said = None, Fact("has-another-shape", {"have": tuple(value.shape), "want": wanted})
            report(name, value, said)


def _less_inherited(
    name: str, before: str, own: Mapping[str, Any], expected: Tensors, point: Tensors
) -> torch.Tensor | Any:
    """A tensor, less what it inherits from a mistake in the one before it; as it is where it is right."""
    usual = all(fits(own[n], expected[n]) for n in (name, before) if n)
    if not (before and usual) or any(
        torch.allclose(own[n].double(), expected[n].double(), 1e-4, 1e-5) for n in (name, before)
    ):
        return own[name]
    source = own[before].to(expected[name].dtype)
    follows = torch.tanh(source) if name[0] == "x" else source @ point["w[2]"].T + point["b[2]"]
    return own[name] - follows + expected[name]


def four(returned: Any) -> tuple[Any, Fact | None]:
    """s1, x1, s2, x2 of what `forward_pass` returned, perhaps after x0; and what is true where these are not there."""
    kind = type(returned).__name__
    if isinstance(returned, Iterable) and not isinstance(returned, torch.Tensor | np.ndarray | str | Mapping):
        returned = tuple(returned)
    if isinstance(returned, tuple) and len(returned) in (4, 5):
        return returned[-4:], None
    if returned is None:
        return [None] * 4, None
    told: dict[str, Value] = {"call": "forward_pass", "names": ", ".join(TENSORS)}
    if isinstance(returned, tuple):
        return [None] * 4, Fact("call-gives-another-count", {**told, "have": len(returned), "want": len(TENSORS)})
    return [None] * 4, Fact("call-gives-something-else", {**told, "type": kind})


class Backward(_OfTwoLayers):
    """`backward_pass`, given correct tensors, or in the variant `its own forward_pass` those of the submission's own.

    The first call adds to zeros, and gives the gradients. Where the widths are equal, a second one adds to 0.5: what it
    adds must be the same. So gradients that replace what was there are charged once, and wrong ones are, too.

    For evidence, inputs may hold `watermark`, which marks the submission's own `sigma`, or `s1` and `s2`, which stand
    in place of those that follow from the weights; both in rows.
    """

    needs = ("backward_pass",)

    def points(self, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The network and its examples in rows."""
        return [plain(inputs)]

    def network(self, _: object) -> bool:
        """The scalar is that of a tanh network under a sum of squared errors."""
        return True

    def scalar(self, point: Tensors) -> torch.Tensor:
        """The sum of squared errors over all examples."""
        return torch.sum((passed(point)[-1] - point["y"]) ** 2)

    def quantities(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """The gradients, last layer first; where the widths are equal, what a call must leave as it is."""
        for layer, place in ((2, "output"), (1, "hidden")):
            yield f"dl_dw{layer}", f"{place}-weights", f"w[{layer}]"
            yield f"dl_db{layer}", f"{place}-biases", f"b[{layer}]"
        if _twice(inputs):
            for name in GRADIENTS:
                yield f"{name} added", "accumulates", name
            for name in INPUTS.values():
                yield f"{name} after", "untouched", name

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Call it once or twice, and again where it stored nothing: to see what it gave to a local name."""
        with replaced_in(names["backward_pass"], _substitutes(names, inputs)):
            trial = BackwardCall(names, self.arguments(names, inputs, 0.0))
            found = trial.gradients()
            missing = [name for name in GRADIENTS if found[name] is None]
            if missing and not trial.failure:
                with local_names(names["backward_pass"]) as local:
                    found |= BackwardCall(names, self.arguments(names, inputs, 0.0)).bound(local, missing)
                found |= {name: value for name, value in trial.given_back().items() if found[name] is None}
            silent = trial.failure or not any(value is not None for value in found.values())
            for name in GRADIENTS:
                why = None if silent else Fact("nothing-was-added", {"name": name})
                report(name, *_varied(name, found[name], why))
            if _twice(inputs):
                for source, value in plain({source: trial.values[name] for name, source in INPUTS.items()}).items():
                    report(f"{source} after", value)
                again = BackwardCall(names, self.arguments(names, inputs, 0.5))
                for name in GRADIENTS:
                    report(f"{name} added", flat(name, again.values[name] - 0.5))
        if trial.failure:
            raise trial.failure

    def arguments(self, names: Mapping[str, Any], inputs: Tensors, start: float) -> dict[str, Any]:
        """Fresh tensors for a call, by the statement's names; `start` is what the last four are filled with."""
        values: dict[str, Any] = {name: inputs[source].clone() for name, source in INPUTS.items()}
        if variant(inputs) == "its own forward_pass" and "forward_pass" in names:
            taken = {name: values[name].clone() for name in FORWARD}
            tensors, _ = four(call(names["forward_pass"], FORWARD, role, taken))
        else:
            tensors = [like(a, inputs["y"]).clone() for a in _kept(inputs)]
        totals = {f"dl_d{name}": torch.full_like(values[name], start) for name in PARAMETERS}
        return values | dict(zip(TENSORS, tensors, strict=True)) | totals


def _kept(inputs: Tensors) -> tuple[torch.Tensor, ...]:
    """What the forward pass kept, in rows: as it follows from the weights, or from drawn s1 and s2."""
    if "watermark" in inputs:
        return passed(plain(inputs), marked_by(inputs["watermark"]))
    if "s1" not in inputs:
        return passed(plain(inputs))
    return inputs["s1"], torch.tanh(inputs["s1"]), inputs["s2"], torch.tanh(inputs["s2"])


def _varied(name: str, value: torch.Tensor | None, why: Fact | None) -> tuple[torch.Tensor | None, Fact | None]:
    """A gradient, and why there is none: a single number for all entries is none, in whatever layout."""
    if value is not None and bool((value == value.flatten()[0]).all()):
        return None, Fact("one-number-was-added", {"name": name})
    return value, why


def _twice(inputs: Mapping[str, Any]) -> bool:
    return bool(inputs["w[1]"].shape == inputs["w[2]"].shape)


class BackwardCall:
    """One call of `backward_pass`: what it was given, as it is after the call, what it returned, what it raised."""

    def __init__(self, names: Mapping[str, Any], values: dict[str, Any]) -> None:
        self.values = values
        self.places = order(names["backward_pass"], BACKWARD, role)
        self.returned: Any = None
        self.failure: BaseException | None = None
        try:
            self.returned = names["backward_pass"](*(values[told] for _, told in self.places))
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            self.failure = error

    def gradients(self) -> dict[str, Any]:
        """By name, what was added to zeros, or None."""
        return {name: self._moved(name, self.values[name]) for name in GRADIENTS}

    def given_back(self) -> dict[str, Any]:
        """By name, what was returned in the order of the parameters; empty where not all of it fits."""
        named = [told for _, told in self.places if told in GRADIENTS] or list(BACKWARD[-4:])
        values = self.returned if isinstance(self.returned, tuple | list) else ()
        if len(values) != len(named) or not all(fits(v, self.values[n]) for n, v in zip(named, values, strict=True)):
            return {}
        return {name: self._moved(name, value) for name, value in zip(named, values, strict=True)}

    def bound(self, local: Mapping[str, Any], missing: list[str]) -> dict[str, Any]:
        """By name, what a parameter stood for in the end, where that was not its caller's tensor."""
        own = {told: local.get(name) for name, told in self.places}
        return {name: self._moved(name, own.get(name)) for name in missing}

    def _moved(self, name: str, value: Any) -> Any:
        """A value in the shape of a gradient, if it is one and not still zero; else None."""
        if fits(value, self.values[name]) and bool((torch.as_tensor(value) != 0).any()):
            return flat(name, shaped(value, self.values[name]))
        return None
