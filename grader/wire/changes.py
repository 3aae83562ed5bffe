"""How the value of an expression may be changed while it runs, by name: what both sides of the sandbox call it."""

from __future__ import annotations

ALIKE = ("negative", "twice", "half")
"""Of any number or array."""
COUNTED = ("one-more", "one-less")
"""Of a number that is written down, or that counts."""
OF_TWO = ("product", "quotient", "sum", "difference", "difference-turned", "quotient-turned", "left", "right")
"""Of what stands on both sides of an operator."""
OF_MATRICES = ("matrix-product-turned",)
OF_A_CALL = ("sum-for-mean", "mean-for-sum", "other-extreme", "left")
FUNCTIONS = ("exp", "log", "tanh", "square", "root", "transpose")
"""Of any array."""
OPPOSITE = ("opposite",)
"""Of truth values."""

CHANGES = tuple(dict.fromkeys((*ALIKE, *COUNTED, *OF_TWO, *OF_MATRICES, *OF_A_CALL, *FUNCTIONS, *OPPOSITE)))
"""All of them; a change crosses the boundary as its number in this row."""
