"""What a class like `torch.autograd.Function` keeps between its forward and its backward. Needs no torch."""

from __future__ import annotations

from typing import Any


class Context:
    """Keeps what one forward saves for its backward, as PyTorch's own context does; a new one for every call."""

    needs_input_grad: tuple[bool, ...] = (True,) * 16

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep these; `saved_tensors` gives them back."""
        self.saved_tensors = values

    @property
    def saved_values(self) -> tuple[Any, ...]:
        """The same, as some courses call it."""
        return self.saved_tensors

    to_save = saved_values

    def _told(self, *_: Any) -> None:
        """What PyTorch would want to know, and nobody needs here: no gradient is None, and nothing goes forward."""

    mark_dirty = mark_non_differentiable = save_for_forward = set_materialize_grads = _told
