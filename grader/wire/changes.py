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
FILLED = ("all-zero", "all-one")
"""Of an array in which all numbers are the same."""
OTHER, WITH_OTHER = "other", ("times-other", "over-other", "plus-other", "minus-other")
"""With what another expression held last: that in the place of a value, or what is made of both."""
ADDED = ("added",)
"""Of what is put into a part of an array: it is added to what is there."""
WITH_KNOWN = ("times-known", "over-known")
"""With numbers that are handed over."""

_OF_ONE = (*ALIKE, *COUNTED, *OF_A_CALL, *FUNCTIONS, *OPPOSITE, *FILLED, *ADDED)
CHANGES = tuple(dict.fromkeys((*_OF_ONE, *OF_TWO, *OF_MATRICES, OTHER, *WITH_OTHER, *WITH_KNOWN)))
"""All of them; a change crosses the boundary as its number in this row."""
