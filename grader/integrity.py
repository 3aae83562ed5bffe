"""Evidence that gradients were not derived by hand. Pure: observations in, policy findings out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.assignment import Policy
from grader.records import Action, PolicyFinding, Run

AUTOGRAD_NODES = "autograd nodes"
"""The quantity in which the sandbox counts the operations that autograd recorded during a probe."""


def policy_findings(policy: Policy, run: Run, titles: Mapping[str, str]) -> Iterator[PolicyFinding]:
    """What the rules of the assignment have to say about a run.

    Submissions are called with tensors that need no gradient, so an operation is recorded only if the submission asked
    for it.
    """
    if policy.autograd is Action.ALLOW:
        return
    for probe, observation in run.observations.items():
        counted = observation.arrays.get(AUTOGRAD_NODES)
        if counted is not None and counted.size == 1 and int(counted.reshape(-1)[0]) > 0:
            evidence = f"autograd recorded {int(counted.reshape(-1)[0])} operations at {titles[probe]}"
            yield PolicyFinding("autograd", policy.autograd, evidence)
            return
