"""What the passes of two tanh layers are tried on: nets, in every layout and variant, and probes for evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.kit.layouts import LAYOUTS, laid, plain
from grader.kit.two_layers import VARIANTS, passed
from grader.kit.watermark import WATERMARK

Arrays = dict[str, NDArray[np.float64]]

_TRIED = {
    "forward": ("", "right sigma"),
    "backward": ("", "its own forward_pass", "right dloss", "right dsigma", "right helpers"),
}
"""For each pass, the variants that count."""


def probe(part: str, title: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A probe that is called after its part and its title."""
    return {"name": f"{part}: {title}", "title": title, "inputs": inputs, "part": part} | more


def in_each_layout(title: str, drawn: Arrays, *, public: bool) -> Iterator[dict[str, Any]]:
    """The passes on one net: of all layouts and variants the one counts that earns the most."""
    for layout in LAYOUTS:
        for number, variant in enumerate(VARIANTS):
            inputs = laid(drawn, layout) | {"variant": np.array(float(number))}
            manner = f"{title}, {layout}" + (f", with {variant}" if variant else "")
            for part, variants in _TRIED.items():
                if variant in variants:
                    yield probe(part, manner, inputs, group=f"{part}, {title}", convention=layout, public=public)


def for_evidence(rng: np.random.Generator, widths: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Probes of `backward` that are never graded, and show whether gradients were derived by hand.

    - `watermark`: the submission's `sigma` is tanh(x) + 1e-10 sin(5e8 x) while `backward_pass` runs. The derivation
      calls `dsigma` and shows nothing of it; who differentiates the own forward pass gets derivatives that are off.
    - `caches`: s1 and s2 are drawn, x1 and x2 their tanh, unrelated to the weights. The derivation follows them.
    - `instruments`: what is executed during the call is counted.
    """
    drawn = net(rng, widths, 3)
    caches = {f"s{l}": rng.uniform(-1.5, 1.5, (3, width)) for l, width in enumerate(widths[1:], start=1)}
    additions: dict[str, tuple[str, Arrays]] = {
        "watermark": ("a marked sigma", {"watermark": np.array(WATERMARK)}),
        "caches": ("drawn s and x", caches),
        "instruments": ("a watched call", {}),
    }
    for evidence, (title, more) in additions.items():
        for layout in LAYOUTS:
            inputs = laid(drawn, layout) | {"variant": np.array(0.0)}
            rows = len(plain(inputs)["x"])
            given = {name: value[:rows] if name[0] == "s" else value for name, value in more.items()}
            told = f"{title} {list(widths)}, {layout}"
            yield probe("backward", told, inputs | given, evidence=evidence, convention=layout)


def net(rng: np.random.Generator, widths: Sequence[int], examples: int) -> Arrays:
    """A net and examples in rows: |s| <= 2.5, errors of both signs in each, so that no mistake hides."""
    while True:
        drawn = parameters(rng, widths) | {"x": rng.normal(0, 1, (examples, widths[0]))}
        s1, _, s2, x2 = (a.numpy() for a in passed({name: torch.tensor(a) for name, a in drawn.items()}))
        drawn["y"] = rng.normal(0, 1, x2.shape)
        error = x2 - drawn["y"]
        mixed = np.abs(np.sign(error).sum(1)) < widths[2]
        if max(np.abs(s1).max(), np.abs(s2).max()) <= 2.5 and mixed.all() and np.abs(error).min() > 0.05:
            return drawn


def parameters(rng: np.random.Generator, widths: Sequence[int]) -> Arrays:
    """Weights N(0, 1/sqrt(n)) for n inputs of a layer, biases N(0, 0.5)."""
    n0, n1, n2 = widths
    w1, w2 = rng.normal(0, n0**-0.5, (n1, n0)), rng.normal(0, n1**-0.5, (n2, n1))
    return {"w[1]": w1, "b[1]": rng.normal(0, 0.5, n1), "w[2]": w2, "b[2]": rng.normal(0, 0.5, n2)}
