"""What a fork server runs before the first fork, so that no child has to set it up again."""

from __future__ import annotations

import torch

from grader.kit.part import part_of
from grader.sandbox.inside.child import Task, fresh_state, run
from grader.sandbox.inside.evidence import Instruments


def warm_up() -> None:
    """Run what submissions run, so that what it sets up once is there before the fork; twice, as some of it is lazy."""
    for _ in range(2):
        fresh_state(torch.float64)
        layer = torch.nn.Linear(3, 2)
        with torch.no_grad(), Instruments(frozenset()):
            output = torch.tanh(layer(torch.ones(1, 3)))
            (output.T @ torch.ones(1, 3)).sum().item()
        torch.ones(2).numpy().sum()


def _usual_operations() -> None:
    """What submissions compute with: torch makes an object of each operation that it meets for the first time."""
    row, matrix = torch.rand(1, 2), torch.rand(2, 3)
    vector = row.flatten()
    for number in (row * 2, 2 * row, row - 1, 1 - row, row + 1, row / 2, 1 / row, -row, row**2, row.abs(), row.sqrt()):
        number.add_(row).mul_(row).sub_(row).copy_(row)
    for same in (torch.cosh(row), row.exp(), row.log(), row.square(), row.tanh().clone().detach().to(torch.float64)):
        same * row + row - row / row
    torch.zeros_like(row), torch.ones_like(row), torch.zeros(2), torch.ones(2), torch.empty(2), torch.eye(2)
    row @ matrix, matrix.T @ row.T, row.mm(matrix), matrix.t().mv(vector), torch.matmul(vector, matrix)
    torch.outer(vector, vector), torch.einsum("bi,bj->ij", row, row), torch.dot(vector, vector), torch.diag(vector)
    row.squeeze(0).unsqueeze(1), row.view(-1), row.reshape(-1, 1), row.transpose(0, 1), row.permute(1, 0), row[0, :1]
    row[0][0].item(), matrix[:, None] * 1, row.sum(0), row.sum(), row.mean(), row.max(), row.norm(), list(row)
    torch.where(row > 0, row, row), torch.stack([row, row]), torch.cat([row, row]), row.expand(2, -1), (row > 0).all()


def rehearse(task: Task) -> None:
    """Run a submission that does nothing, so that its successors find in place all that the first one sets up.

    And let the exercise make ready what it needs for each probe. Each child has its own copy of that.
    """
    functions = "".join(f"def {name}(*_, **__): pass\n" for name in task.entries)
    run(task, "rehearsal", functions.encode(), {}, notebook=False, skip=(), send=lambda _: None)
    with torch.no_grad(), Instruments(frozenset()):
        _usual_operations()
    for trial in task.trials:
        fresh_state(trial.dtype)
        part_of(task.exercise, trial.part).make_ready(trial.inputs)
