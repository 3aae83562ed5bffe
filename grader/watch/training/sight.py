"""What one backward lets see: the rows that entered, and the prediction that meets its targets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from grader.watch.training.graph import Graph, Layer, Node, is_tanh_of, unwrapped, value_of
from grader.watch.training.loss import Floats, Kind, Met
from grader.watch.training.rows import Codes, Rows
from grader.watch.training.runs import Run

_HIGHER = 3
"""So many nodes above the last layer may be the prediction, too: a function may come after it."""


class Sight:
    """Looks at a graph before the backward, and at the slopes that arrive at its prediction during it.

    Args:
        graph: that of the loss.
        rows: what is known of the data.
        below: the layers below the first of the graph, which no gradient reaches.
        closely: whether slopes are wanted.
    """

    def __init__(self, graph: Graph, rows: Rows, *, below: str = "", closely: bool) -> None:
        self.graph, self._rows, self._below = graph, rows, below
        self.codes = _codes(graph, rows)
        self._slopes: dict[Node, Floats] = {}
        self._hooks: list[Any] = []
        self._candidates: list[list[Node]] = []
        if closely:
            self._wait_for_slopes()

    def _wait_for_slopes(self) -> None:
        nodes, above = self.graph.predictions(len(self.codes))
        self._candidates = [nodes] if nodes and all(value_of(node) is not None for node in nodes) else []
        for node in above[:_HIGHER]:
            value, first = value_of(node), value_of(nodes[0])
            if value is not None and first is not None and value.numel() == first.numel():
                self._candidates.append([node])
        for node in {node for candidate in self._candidates for node in candidate}:
            self._hooks.append(node.register_prehook(partial(_keep_slope, self._slopes, node)))

    def end(self) -> None:
        """The backward is over."""
        for hook in self._hooks:
            hook.remove()

    def enter(self, run: Run, loss: float, every_target: Floats) -> None:
        """Enter into a run what its loss is; and its layers, if it met targets."""
        found: tuple[Met, Kind, int] | None = None
        first: Met | None = None
        for number, nodes in enumerate(self._candidates):
            met = self._met(nodes, loss)
            if met is None or not met.is_finite:
                continue
            if number == 0 and met.has_no_target:
                return
            first = first or met
            targets = self._targets(met)
            kind = run.losses.meet(met, targets, every_target) if number == 0 or targets is not None else None
            if kind is not None and (number == 0 or (kind.given and not (found and found[1].given))):
                found = met, kind, number
        if found:
            run.losses.enter(found[1], found[0])
        if first is not None or not self._candidates:
            run.path = run.path or self._below + self.graph.path + self._end(found[2] if found else 0)

    def _end(self, number: int) -> str:
        """What comes after the last layer, if that many nodes above it the prediction meets its targets."""
        if not self._candidates:
            return ""
        z = value_of(self._candidates[0][0])
        if any(is_tanh_of(value_of(nodes[0]), z) for nodes in self._candidates[1:]):
            return "T"
        return "X" if number else ""

    def _targets(self, met: Met) -> Floats | None:
        return self._rows.targets_of(met.rows)

    def _met(self, nodes: Sequence[Node], loss: float) -> Met | None:
        if any(node not in self._slopes for node in nodes):
            return None
        pieces, slopes = self._each_once(nodes)
        sizes = [len(piece) for piece in pieces]
        whole = sum(sizes) if min(sizes) == 1 else 0
        outputs = sum(sizes) // len(self.codes) if len(self.codes) and sum(sizes) % len(self.codes) == 0 else 1
        fits = len(self.codes) * outputs == sum(sizes)
        rows = np.repeat(self.codes, outputs) if fits else np.full(sum(sizes), -1, np.int64)
        slope = np.concatenate(slopes)
        if len(slope) != len(rows):
            return None
        each = np.concatenate([np.full(size, float(whole or size)) for size in sizes])
        return Met(rows, np.concatenate(pieces), slope, each, loss, outputs if fits else 1)

    def _each_once(self, nodes: Sequence[Node]) -> tuple[list[Floats], list[Floats]]:
        """Predictions and their slopes; of one of many rows that was computed twice, the sum of both slopes."""
        pieces: list[Floats] = []
        slopes: list[Floats] = []
        sources: list[frozenset[Node]] = []
        for node in nodes:
            value = value_of(node)
            if value is None:
                continue
            piece, source = value.detach().double().reshape(-1).numpy(), self.graph.parameters_below(node)
            for number, (other, known) in enumerate(zip(pieces, sources, strict=True)):
                if len(piece) > 1 and source == known and np.array_equal(piece, other):
                    slopes[number] = slopes[number] + self._slopes[node]
                    break
            else:
                pieces, slopes, sources = [*pieces, piece], [*slopes, self._slopes[node]], [*sources, source]
        return pieces, slopes


def _keep_slope(slopes: dict[Node, Floats], node: Node, grads: Sequence[torch.Tensor | None]) -> None:
    with torch.no_grad(), torch._C._DisableFuncTorch():
        if grads[0] is not None:
            slopes[node] = unwrapped(grads[0]).detach().double().reshape(-1).numpy()


def _codes(graph: Graph, rows: Rows) -> Codes:
    """The rows that entered the layers of a graph."""
    tables = [layer.table for layer in graph.first_layers]
    if not tables or any(table is None or table.numel() == 0 for table in tables):
        return np.empty(0, np.int64)
    known = [table.detach() for table in tables if table is not None]
    lengths = {len(table) for table in known}
    if len(known) > 1 and all(table.shape[1] == 1 for table in known) and len(lengths) == 1:
        return rows.codes(torch.cat(known, 1))
    if len(known) > 1 and lengths != {1} and len(lengths) == 1 and _are_of_one(graph.first_layers):
        known = known[:1]
    return np.concatenate([rows.codes(table) for table in known])


def _are_of_one(layers: Sequence[Layer]) -> bool:
    """Whether the same table entered all of some layers."""
    tables = [layer.table for layer in layers if layer.table is not None]
    return all(table.shape == tables[0].shape and torch.equal(table, tables[0]) for table in tables)
