"""Evidence that gradients were not derived by hand. Pure: observations in, policy findings out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.assignment import Policy
from grader.records import Action, Observation, PolicyFinding, Run

AUTOGRAD_NODES = "autograd nodes"
"""The quantity in which the sandbox counts the operations that autograd recorded during a probe."""
EVALUATIONS = "evaluations"
"""The quantity in which an exercise reports how often the submission evaluated its network, call by call."""

_HONEST_EVALUATIONS = 20
"""A forward pass done again, and some more for printing; finite differences take two for each parameter."""


def policy_findings(policy: Policy, run: Run, titles: Mapping[str, str]) -> Iterator[PolicyFinding]:
    """What the rules of the assignment have to say about a run.

    Submissions are called with tensors that need no gradient, so an operation is recorded only if the submission asked
    for it.
    """
    rules = (
        ("autograd", policy.autograd, AUTOGRAD_NODES, 0, "autograd recorded {} operations at {}"),
        (
            "finite-differences",
            policy.finite_differences,
            EVALUATIONS,
            _HONEST_EVALUATIONS,
            "the network was evaluated {} times in one call at {}, as finite differences do",
        ),
    )
    for rule, action, quantity, honest, words in rules:
        for probe, observation in run.observations.items():
            count = _count(observation, quantity)
            if action is not Action.ALLOW and count > honest:
                yield PolicyFinding(rule, action, words.format(count, titles[probe]))
                break


def _count(observation: Observation, quantity: str) -> int:
    """A number that was counted; 0 where none, or something else, was reported."""
    counted = observation.arrays.get(quantity)
    return int(counted.max()) if counted is not None and counted.size and counted.dtype.kind == "i" else 0
