"""What a probe for evidence gives in the two ways that it is to tell apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

import torch

from grader.records import Arrays, FloatArray, Prediction


def predict(
    exercise: ModuleType,
    inputs: Arrays,
    quantities: Collection[str],
    by_hand: Mapping[str, Any],
    by_machine: Mapping[str, Any],
) -> dict[str, Prediction]:
    """For each quantity the two arrays that the exercise's `observe` reports, with a leading axis for the calls.

    Args:
        exercise: has `observe(names, inputs, report)`.
        by_hand: the names of a right submission that follows a derivation.
        by_machine: the names of one that runs the given forward pass and lets autograd differentiate it.
    """
    hand, machine = (_reported(exercise, names, inputs) for names in (by_hand, by_machine))
    return {quantity: Prediction(hand[quantity], machine[quantity]) for quantity in quantities}


def _reported(exercise: ModuleType, names: Mapping[str, Any], inputs: Arrays) -> dict[str, FloatArray]:
    kept: dict[str, list[torch.Tensor]] = {}

    def report(quantity: str, value: Any, _: str = "") -> None:
        kept.setdefault(quantity, []).append(torch.as_tensor(value).detach().clone())

    exercise.observe(names, {name: torch.tensor(value) for name, value in inputs.items()}, report)
    return {quantity: torch.stack(values).numpy() for quantity, values in kept.items()}
