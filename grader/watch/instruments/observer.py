"""What instruments call: it keeps the values of expressions, or puts others in their place.

Nothing here is trusted: a submission that notices spoils the hints that it gets.
"""

from __future__ import annotations

import builtins
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.watch.instruments import ENTER, FILLED, LEAVE, PUT, SEE, instrumented
from grader.watch.instruments.changes import changed
from grader.watch.reading.cells import Cell
from grader.wire.changes import ADDED, CHANGES, WITH_KNOWN
from grader.wire.expressions import LARGEST, MOST_AXES, MOST_VISITS, Expression

RECORD, RECORDED = "record", "recorded values"
"""The quantities of a record: a text, packed into whole numbers, and all values behind one another."""
MOST_VALUES, MOST_BYTES = 60_000, 400_000
"""Bounds of a record besides those that both sides know: numbers, and bytes of text."""
_MOST_OF_A_NUMBER = 8
_MOST_STEPS = 50_000
"""How often expressions may be met in a run, where something is changed, which may be what ends a loop."""

Place = tuple[int, int, int]
"""The number of an expression, the call of the submission, and how often the expression was met before in that call.

Where the call is -1, the value is changed whenever it is met, and the last number is that of the change.
"""
Patches = Mapping[Place, NDArray[Any]]


class Observer:
    """Watches one run on one probe after the other."""

    def __init__(self) -> None:
        self.nodes: list[Expression] = []
        self._is_torch = False
        self.begin({}, recording=False)

    def instrument(self, files: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
        """The cells of each file with instruments, whose names everything finds from now on."""
        names = {SEE: self._see, ENTER: self._enter, LEAVE: self._leave, PUT: self._put, FILLED: self._filled}
        for name, function in names.items():
            setattr(builtins, name, function)
        self._sources = {cell.where: cell.source for cells in files for cell in cells if cell.is_code}
        self._is_torch = any("torch" in source for source in self._sources.values())
        return [instrumented(cells, self.nodes) for cells in files]

    def begin(self, patches: Patches, *, recording: bool) -> None:
        """Start anew.

        Args:
            patches: what is put in the place of values.
            recording: whether values are kept.
        """
        self._changes = {node: number for node, call, number in patches if call == -1}
        given = {p: v for p, v in patches.items() if p[1] == -1 and v.size}
        self._given = {p[0]: v for p, v in given.items() if CHANGES[p[2]] in WITH_KNOWN}
        self._others = {p[0]: int(v.reshape(-1)[0]) for p, v in given.items() if p[0] not in self._given}
        self._patches, self._recording = {p: v for p, v in patches.items() if p[1] != -1}, recording
        self._operands: dict[int, list[int]] = {node: [] for node in self._changes}
        for number, expression in enumerate(self.nodes):
            if expression.parent in self._operands:
                self._operands[expression.parent].append(number)
        watched = *(each for operands in self._operands.values() for each in operands), *self._others.values()
        self._last: dict[int, Any] = dict.fromkeys(watched)
        self._watched = {node for node, _, _ in patches} | self._last.keys()
        self._steps = 0
        self._counted: set[int] = set()
        self._computed: set[int] = set()
        self._depth, self._call = 0, -1
        self._counts: dict[int, tuple[int, int]] = {}
        self._visits: list[tuple[int, ...]] = []
        self._shapes: list[tuple[int, ...] | int] = []
        self._values: list[NDArray[np.float64]] = []
        self._size = 0
        self._objects: dict[int, int] = {}
        self._alive: list[Any] = []
        self._held: dict[int, tuple[int, NDArray[Any]]] = {}
        self._changing: dict[int, tuple[int, Any]] = {}
        self._full = False

    def _enter(self) -> None:
        if self._depth == 0:
            self._call += 1
        self._depth += 1

    def _leave(self) -> None:
        if self._depth == 1:
            while self._changing:
                self._settle(next(iter(self._changing)))
        self._depth -= 1

    def _put(self, node: int, value: Any, before: Callable[[], Any]) -> Any:
        if self._recording:
            self._computed.add(node)
        if CHANGES[self._changes.get(node, 0)] not in ADDED:
            return value
        try:
            return before() + value
        except Exception:
            return value

    def _filled(self, node: int, array: Callable[[], Any]) -> None:
        """Note the array; what it holds is seen once it is read, as the next number may be put in before."""
        if not self._recording and node not in self._watched:
            return
        with contextlib.suppress(Exception):
            whole = _owner(array())
            if isinstance(whole, np.ndarray | torch.Tensor):
                self._changing[id(whole)] = node, whole

    def _settle(self, known: int) -> None:
        """See what an array holds after a statement that put something into it."""
        node, array = self._changing.pop(known, (-1, None))
        value = self._see(node, array) if node != -1 else array
        if value is not array:
            with contextlib.suppress(Exception), torch.no_grad():
                array[...] = value

    def _see(self, node: int, value: Any) -> Any:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise RuntimeError("a loop that does not end")
        if self._changing and (known := id(_owner(value))) in self._changing:
            self._settle(known)
        if not self._recording and node not in self._watched:  # most, in a run of which only the end counts
            return value
        call, count = self._counts.get(node, (-1, 0))
        count = count if call == self._call else 0
        self._counts[node] = self._call, count + 1
        if self._patches and (patch := self._patches.get((node, self._call, count))) is not None:
            value = _like(value, patch, is_torch=self._is_torch)
        if self._changes:
            value = self._changed(node, value)
        if self._recording:
            self._keep(node, count, value)
        return value

    def _changed(self, node: int, value: Any) -> Any:
        if node in self._changes:
            operands = [self._last[each] for each in self._operands[node]]
            operands = [each for each in operands if not isinstance(each, ModuleType)]  # the `np` of `np.sum(x)`
            if node in self._others:
                operands = [self._last[self._others[node]]]
            elif node in self._given:
                operands = [self._given[node]]
            value = changed(self._changes[node], value, operands)
        if node in self._last:
            self._last[node] = value
        return value

    def _keep(self, node: int, count: int, value: Any) -> None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        is_number = self.nodes[node].kind == "Constant" or is_whole
        if is_number:
            self._counted.add(node)
            if count >= _MOST_OF_A_NUMBER or not self._stands_alone(node):
                return
        if not is_number and _can_be_computed_with(value):
            self._computed.add(node)
        array = None if self._full else _numbers(value)
        if array is None:
            return
        known = self._objects.setdefault(id(value), len(self._alive))
        if known == len(self._alive):
            self._alive.append(value)  # so that no other object gets its number
        before, held = self._held.get(known, (-1, array))
        is_as_before = before != -1 and array.shape == held.shape and np.array_equal(array, held)
        self._size += 0 if is_as_before else array.size
        if len(self._visits) >= MOST_VISITS or self._size > MOST_VALUES:
            self._full = True
            return
        self._visits.append((node, self._call, count, known, 1 if is_number else _precision(value)))
        self._shapes.append(before if is_as_before else array.shape)
        if not is_as_before:
            self._held[known] = len(self._visits) - 1, array
            self._values.append(array.astype(np.float64).reshape(-1))

    def _stands_alone(self, node: int) -> bool:
        """Whether a number is given a name, or read to be computed with, and is no index or length."""
        expression = self.nodes[node]
        if expression.kind != "Name":
            return expression.parent == -1 and expression.kind != "AugAssign"
        while (parent := expression.parent) != -1:
            expression = self.nodes[parent]
            if expression.kind not in ("BinOp", "UnaryOp", "AugAssign"):
                return False
        return True

    def record(self) -> tuple[NDArray[np.int64] | None, NDArray[np.float64] | None]:
        """What was kept, as the values of two quantities; None where it is too much."""
        used = sorted({visit[0] for visit in self._visits} | self._counted | self._computed)
        while used and (missing := {self.nodes[n].parent for n in used} - {*used, -1}):
            used = sorted({*used, *missing})
        described = [(n, *vars(self.nodes[n]).values()) for n in used]
        sources = {name: text for name, text in self._sources.items() if any(d[1] == name for d in described)}
        data: dict[str, Any] = {"nodes": described, "visits": self._visits, "shapes": self._shapes, "sources": sources}
        data |= {"counted": sorted(self._counted), "objects": sorted(self._computed)}
        text = json.dumps(data, separators=(",", ":")).encode()
        if len(text) > MOST_BYTES:
            return None, None
        packed = np.frombuffer(text + b" " * (-len(text) % 8), np.int64)
        return packed, np.concatenate([*self._values, np.zeros(1)])


def _owner(value: Any) -> Any:
    """The array of whose memory another one is a part, as of `a[0]` and `a.T`; anything else is its own."""
    if isinstance(value, torch.Tensor):
        return value if value._base is None else value._base
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    return value


def _numbers(value: Any) -> NDArray[Any] | None:
    """The numbers of a value as they are now; None where it has none, or too many."""
    try:
        if isinstance(value, torch.Tensor):
            if not 0 < value.numel() <= LARGEST or value.is_complex() or value.dim() > MOST_AXES:
                return None
            return np.array(value.detach().numpy(), copy=True)
        if isinstance(value, list | tuple):
            if not 0 < len(value) <= LARGEST or not isinstance(value[0], list | float):
                return None
            value = np.array(value)
        elif isinstance(value, float | int) and not isinstance(value, bool):
            value = np.float64(value)
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fbi" and value.ndim <= MOST_AXES:
            return np.array(value, copy=True) if 0 < value.size <= LARGEST else None
    except Exception:
        return None
    return None


def _precision(value: Any) -> int:
    """How many bytes a number takes; 0 for truth values."""
    dtype = str(getattr(value, "dtype", "float64"))
    if "bool" in dtype:
        return 0
    return 4 if dtype.endswith("float32") else 2 if dtype.endswith("16") else 8


def _can_be_computed_with(value: Any) -> bool:
    """Whether it is an object of a class that has signs and products of its own, as the nodes of a graph do."""
    kind = type(value)
    return (
        kind.__module__ not in ("builtins", "numpy", "torch") and hasattr(kind, "__neg__") and hasattr(kind, "__mul__")
    )


def _like(value: Any, patch: NDArray[Any], *, is_torch: bool) -> Any:
    """Other numbers in the kind of a value.

    Args:
        is_torch: in the place of a number, an array is a tensor.
    """
    if isinstance(value, torch.Tensor):
        dtype = value.dtype if value.is_floating_point() else torch.get_default_dtype()
        if value.dtype is torch.bool and np.isin(patch, (0.0, 1.0)).all():
            dtype = torch.bool
        return torch.tensor(patch, dtype=dtype)
    if isinstance(value, np.ndarray | np.generic):
        dtype_ = value.dtype if value.dtype.kind == "f" or np.isin(patch, (0.0, 1.0)).all() else np.dtype(np.float64)
        array = patch.astype(dtype_)
        return array if isinstance(value, np.ndarray) or array.size > 1 else array.reshape(-1)[0]
    if isinstance(value, int | float) and patch.size > 1:
        return torch.tensor(patch) if is_torch else patch
    return patch.tolist() if isinstance(value, list) or patch.size > 1 else float(patch.reshape(-1)[0])
