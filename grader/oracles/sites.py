"""Where in an author's formula each operation of an autograd graph was written."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_TORCH, _OURS = str(Path(torch.__file__).parent), str(Path(__file__).parents[1])
_LONGEST = 60


@dataclass(frozen=True)
class Site:
    """An expression of a formula: its file, the lines and columns where it stands, and what it is called.

    `text` is the name that the expression is given, `xhat`, or else the expression itself, `x.mean(0)`.
    """

    place: tuple[str, int, int, int, int]
    text: str


class Sites(TorchFunctionMode):
    """While it is entered, note where each operation was written.

    Attributes:
        found: node of the graph -> its site; nodes that no author's line made have none.
        values: node that gave one tensor -> that tensor, as it was then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Any, Site | None] = {}
        self.values: dict[Any, Tensor] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call it, and note where that was."""
        result = func(*args, **(kwargs or {}))
        fresh = [node for tensor in _tensors(result) for node in self._fresh(tensor.grad_fn)]
        if fresh:
            site = site_of(sys._getframe(1))
            self.found |= dict.fromkeys(fresh, site)
            if isinstance(result, Tensor) and result.grad_fn is not None:
                self.values[result.grad_fn] = result.detach().clone()
        return result

    def _fresh(self, node: Any) -> Iterator[Any]:
        """The nodes below one that are not known yet."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each is not None and each not in self.found and not is_leaf(each):
                yield each
                self.found[each] = None
                waiting += [child for child, _ in each.next_functions]


def is_leaf(node: Any) -> bool:
    """Whether a node is where the gradient of an input arrives."""
    return hasattr(node, "variable")


def _tensors(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    return [each for each in result if isinstance(each, Tensor)] if isinstance(result, tuple | list) else []


def site_of(frame: FrameType | None) -> Site | None:
    """The innermost line that is the author's, if that is where torch was called."""
    while frame is not None and frame.f_code.co_filename.startswith(_TORCH):
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith(_OURS):
        return None
    return _at(frame.f_code, frame.f_lasti)


@cache
def _at(code: CodeType, instruction: int) -> Site | None:
    first, last, start, end = list(code.co_positions())[instruction // 2]
    if first is None or last is None or start is None or end is None:
        return None
    place = (code.co_filename, first, last, start, end)
    return Site(place, _names(code.co_filename).get(place[1:]) or _text(place))


def _text(place: tuple[str, int, int, int, int]) -> str:
    file, first, last, start, end = place
    lines = [linecache.getline(file, number).rstrip("\n").encode() for number in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    text = " ".join(line.decode(errors="replace").strip() for line in lines)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


@cache
def _names(file: str) -> Mapping[tuple[int, int, int, int], str]:
    """The names that whole expressions are assigned to, by where these stand."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    return {
        (v.lineno, v.end_lineno or v.lineno, v.col_offset, v.end_col_offset or 0): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (v := node.value)
    }
