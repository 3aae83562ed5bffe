"""A mark on the forward pass that its values hardly show, and its derivative does."""

from collections.abc import Callable

import torch

WATERMARK = (1e-10, 5e8)
"""Amplitude and frequency: values move by 1e-10, derivatives by up to 0.05."""


def marked_by(watermark: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """The activation tanh(z) + amplitude sin(frequency z), of an amplitude and a frequency."""
    amplitude, frequency = watermark.tolist()
    return lambda z: torch.tanh(z) + amplitude * torch.sin(frequency * z)
