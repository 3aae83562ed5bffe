"""Which rows of the data a tensor was computed from, and through which layers: tags that torch operations carry on.

A tensor that holds data has a *shadow*: the code of a row for each entry. What moves entries (indexing, stacking,
reshaping, copying) moves the shadow likewise. What computes with them leaves a tag of rows, and a letter for each
layer: L a product with weights, T tanh, X another bend. Where a prediction meets its targets, rows of both are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.watch.tags import TARGET, TEST, UNKNOWN, Meeting, Shadow, Tag, attach, tag_of, unwrapped

_MOVES_NAMES = """
__getitem__ __iter__ __reversed__ _to_copy adjoint alias as_tensor atleast_2d cat chunk clone
column_stack concat concatenate contiguous cpu detach detach_ double dsplit expand expand_as flatten flip
float gather get_T get_data get_mT hsplit hstack index_select masked_select movedim narrow numpy_T
permute ravel repeat requires_grad_ reshape roll row_stack select split split_with_sizes squeeze squeeze_
stack swapaxes t take take_along_dim tensor tensor_split tile to transpose type type_as unbind unsqueeze
unsqueeze_ view view_as vsplit vstack
"""
_COPIES_NAMES = """
alias as_tensor clone contiguous cpu detach detach_ double float get_data requires_grad_ tensor to type
"""
_JOINS_NAMES = """
cat column_stack concat concatenate hstack row_stack stack vstack
"""
_PRODUCTS_NAMES = """
__matmul__ __rmatmul__ addmm addmv baddbmm bmm chain_matmul dot einsum inner linalg_matmul linalg_multi_dot
linalg_vecdot linear matmul mm mv tensordot vdot
"""
_BENDS_NAMES = """
abs clamp cos cosh elu exp exp_ gelu hardtanh leaky_relu log_softmax logsigmoid relu relu6 relu_ selu
sigmoid sigmoid_ silu sin sinh softmax softplus tanh tanh_
"""
_MEETINGS_NAMES = """
__rsub__ dist huber_loss l1_loss mse_loss pairwise_distance rsub smooth_l1_loss sub sub_ subtract subtract_
"""
_BLANK_NAMES = """
empty_like full_like new_empty new_full new_ones new_zeros ones_like rand_like randn_like zeros_like
"""
_MOVES, _COPIES, _JOINS, _PRODUCTS, _BENDS, _MEETINGS, _BLANK = (
    frozenset(names.split())
    for names in (
        _MOVES_NAMES, _COPIES_NAMES, _JOINS_NAMES, _PRODUCTS_NAMES, _BENDS_NAMES, _MEETINGS_NAMES, _BLANK_NAMES,
    )
)  # fmt: skip
_MULTIPLIES = frozenset(["mul", "__rmul__", "multiply"])
_LONGEST_PATH = 12


class Provenance:
    """Follows the rows of `data` through torch operations.

    Args:
        data: pairs of inputs and targets with as many rows: the training set, and the test set where there is one.
        met: is called where a prediction meets its targets.
    """

    def __init__(self, data: list[tuple[torch.Tensor, torch.Tensor]], met: Callable[[Meeting], None]) -> None:
        self._met = met
        self._names: dict[Any, str] = {}
        self._codes: dict[bytes, int] = {}
        self._targets = {float(value) for _, y in data for value in y.detach().reshape(-1)}
        self._width = data[0][0].shape[-1] if data else -1
        self.operations = 0
        for number, (x, y) in enumerate(data):
            rows = np.arange(len(x), dtype=np.float64) + TEST * number
            for tensor, shift in ((x, 0), (y, TARGET)):
                attach(tensor, Tag(Shadow(tensor.shape, codes=rows + shift), target=bool(shift)))
            for code, row in enumerate(x.detach().float().numpy()):
                self._codes[row.tobytes()] = code + TEST * number

    def name(self, func: Any) -> str:
        """What an operation is called; attributes begin with `get_`."""
        known = self._names.get(func)
        if known is None:
            known = getattr(func, "__name__", "")
            if known == "__get__":
                known = f"get_{getattr(func.__self__, '__name__', '')}"
            self._names[func] = known
        return known

    def follow(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> Any:
        """Tag the result of an operation; returns it, or what stands for it where it could be read only once."""
        if torch._C._functorch.maybe_current_level():
            _look_through(args, kwargs)
        tags = [tag for tag in map(tag_of, _tensors(args, kwargs)) if tag]
        if name in _PRODUCTS and not any(tag.shadow is not None or tag.path for tag in tags):
            tags += self._recognise(args, kwargs)
        if not tags or name in _BLANK:
            return result
        self.operations += 1
        if name == "__setitem__":
            _put(*args[:3])
            return result
        if name in ("__iter__", "__reversed__"):
            result = list(result)
        if name in _MOVES and all(tag.shadow is not None for tag in tags):
            self._move(name, args, kwargs, result)
        elif isinstance(result, torch.Tensor):
            tag = None if _is_parameter(result) else self._derive(name, args, kwargs, tags, result)
            if tag:
                attach(result, tag)
        elif isinstance(result, tuple | list):
            for item in result:
                if isinstance(item, torch.Tensor):
                    attach(item, tags[0])
        return iter(result) if name in ("__iter__", "__reversed__") else result

    def _move(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
        """Do with the shadows what was done with the data."""
        source = next(tag for tag in map(tag_of, _tensors(args, kwargs)) if tag)
        if isinstance(result, torch.Tensor) and source.shadow:
            if name in _COPIES:
                if result.shape == source.shadow.shape:
                    attach(result, source)
                return
            if name == "__getitem__" and (part := source.shadow.part(args[1], result.shape)):
                attach(result, Tag(part, target=source.target))
                return
            if name == "stack" and not kwargs.get("dim") and (len(args) == 1 or args[1] == 0):
                shadows = [tag.shadow for tag in map(tag_of, args[0] if args else kwargs["tensors"]) if tag]
                codes = np.array([shadow.code for shadow in shadows if shadow and shadow.code is not None])
                if len(codes) == len(result):
                    attach(result, Tag(Shadow(result.shape, codes=codes), target=source.target))
                    return
        blank = name in _JOINS
        function = getattr(torch.Tensor, name.removeprefix("get_"), None) or getattr(torch, name)
        moved_args = [_shadowed(args[0], blank), *args[1:]] if args else []
        try:
            moved = moved_args[0].T if name == "get_T" else function(*moved_args, **_shadowed(dict(kwargs), blank))
            moved = list(moved) if name in ("__iter__", "__reversed__") else moved
        except Exception:  # the rows are not known then
            return
        both = zip(result, moved, strict=False) if isinstance(result, tuple | list) else [(result, moved)]
        pairs: Iterator[tuple[Any, Any]] = iter(both)
        for tensor, entries in pairs:
            if isinstance(tensor, torch.Tensor) and tensor.shape == entries.shape:
                shadow = Shadow(tensor.shape, tensor=entries)
                attach(tensor, Tag(shadow, target=shadow.first() >= TARGET))

    def _derive(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], tags: list[Tag], result: torch.Tensor
    ) -> Tag | None:
        """What is known of the result of a computation with data."""
        met = [tag for tag in tags if tag.meetings]
        if met:
            if _is_cut_off(args, kwargs, result):
                return None  # a rate that was made of a loss is no loss
            return Tag(meetings=tuple(dict.fromkeys(m for tag in met for m in tag.meetings)))
        inputs = [tag for tag in tags if not tag.target]
        tag = max(inputs or tags, key=lambda tag: len(tag.path))
        if inputs and (tag.path or (tag.mixed and name in _MEETINGS)):
            meeting = self._meeting(name, args, kwargs, tag)
            if meeting:
                self._met(meeting)
                return Tag(meetings=(meeting,))
        path, born, last = tag.path, tag.born, tag.last
        tensors = list(_tensors(args, kwargs))
        if inputs and len(path) < _LONGEST_PATH:
            if name in _PRODUCTS and not path and not _weighs(tensors):
                return _mixed(tag, result, self.operations)
            if name in _PRODUCTS or (name in _MULTIPLIES and not path and _weighs(tensors)):
                path, born, last = _settled(path, args[0], last) + "L", born if path else self.operations, None
            elif name in _BENDS:
                last = args[0] if path.endswith("L") else last
                path += "T" if name.startswith("tanh") else "X"
        if path:
            joined = name in _JOINS and all(tag.path for tag in tags)
            rows = np.concatenate([tag.known_rows() for tag in tags]) if joined else tag.known_rows()
            return Tag(rows=rows, path=path, modules=tag.modules, born=born, last=last)
        shadow = next((t.shadow for t in tags if t.shadow is not None and t.shadow.shape == result.shape), None)
        return Tag(shadow, target=not inputs, mixed=tag.mixed, born=born) if shadow is not None else None

    def _meeting(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], tag: Tag) -> Meeting | None:
        tensors = list(_tensors(args, kwargs))
        predictions = [t for t in tensors if tag_of(t) is tag]
        targets = [t for t in tensors if (other := tag_of(t)) and other.target]
        if not targets and name in _MEETINGS and predictions[0].numel() == 1:
            numbers = [a for a in args if isinstance(a, float) and a in self._targets]  # `datay[i].item()`
            targets = [torch.full_like(predictions[0], number, requires_grad=False) for number in numbers]
        if not targets and name in _MEETINGS:
            targets = [
                t for t in tensors if tag_of(t) is None and not t.requires_grad and t.numel() == predictions[0].numel()
            ]
        if not targets:
            return None
        other = tag_of(targets[0])
        rows = other.known_rows() if other else None
        met = [unwrapped(predictions[0]), unwrapped(targets[0])]
        if name in _PRODUCTS and met[0].numel() == met[1].numel():
            met = [tensor.reshape(-1) for tensor in met]
        return Meeting(
            _settled(tag.path, predictions[0], tag.last) or "L",
            tag.modules,
            tag.born,
            tag.known_rows(),
            rows,
            *met,
        )

    def _recognise(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Tag]:
        """Tag inputs that came here by a way that no tag survives, by the values of their rows."""
        found: list[Tag] = []
        if any(map(torch._C._functorch.is_functorch_wrapped_tensor, _tensors(args, kwargs))):
            return found  # torch.func looks at other tensors than its caller, or at one example of many
        if not any(tensor.requires_grad for tensor in _tensors(args, kwargs)):
            return found  # no parameter meets them
        for tensor in _tensors(args, kwargs):
            wide = tensor.dim() in (1, 2) and tensor.shape[-1] >= self._width > 0 and tensor.is_floating_point()
            if wide and not tensor.requires_grad and tag_of(tensor) is None and tensor.numel() <= 100_000:
                table = tensor.detach().float().reshape(-1, tensor.shape[-1]).contiguous().numpy()
                codes = [self._code_of(row) for row in table]
                tag = Tag(rows=np.array(codes, np.int64))
                attach(tensor, tag)
                found.append(tag)
                break
        return found

    def _code_of(self, row: NDArray[np.float32]) -> int:
        """The row of the data with these values, perhaps beside a one; or a new unknown row."""
        for part in (row, row[: self._width], row[-self._width :]):
            known = self._codes.get(part.tobytes())
            if known is not None:
                return known
        return self._codes.setdefault(row.tobytes(), UNKNOWN + len(self._codes))


def _mixed(tag: Tag, result: torch.Tensor, born: int) -> Tag | None:
    """The tag of data that were multiplied by something that no gradient reaches."""
    rows = tag.known_rows()
    if result.dim() == 1 and len(rows) == 1:
        return Tag(Shadow(result.shape, code=float(rows[0])), mixed=True, born=born)
    if result.dim() in (1, 2) and len(result) == len(rows):
        return Tag(Shadow(result.shape, codes=rows.astype(np.float64)), mixed=True, born=born)
    return None


def _put(table: torch.Tensor, index: Any, value: Any) -> None:
    """Tag a table of which entries are set to predictions or losses: `table[n] = x[n] @ w`."""
    tag, before = tag_of(value), tag_of(table) or Tag()
    if tag is None or _is_parameter(table):
        return
    if tag.meetings:
        attach(table, Tag(meetings=tuple(dict.fromkeys((*before.meetings, *tag.meetings)))))
    elif tag.path:
        rows = before.known_rows() if before.path else np.full(len(table), UNKNOWN, np.int64)
        known = tag.known_rows()
        with suppress(IndexError, TypeError, ValueError):
            rows[index] = known[0] if len(known) == 1 else known
        attach(table, Tag(rows=rows, path=tag.path, modules=tag.modules, born=tag.born, last=tag.last))


def _look_through(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Give the wrappers of `torch.func.grad` the tags of what is below them, if it has their shape."""
    for tensor in _tensors(args, kwargs):
        below = unwrapped(tensor)
        tag = tag_of(below)
        if tag and tag_of(tensor) is None and below.shape == tensor.shape:
            attach(tensor, tag)


def _tensors(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[torch.Tensor]:
    for value in (*args, *kwargs.values()) if kwargs else args:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, torch.Tensor))


def _shadowed(value: Any, blank: bool) -> Any:
    """The arguments of a move with shadows for data; where tensors are joined, -1 for what is no data."""
    if isinstance(value, torch.Tensor):
        tag = tag_of(value)
        if tag and tag.shadow is not None:
            return tag.shadow.whole()
        return torch.full(value.shape, -1.0, dtype=torch.float64) if blank else value
    if isinstance(value, list | tuple):
        return type(value)(_shadowed(item, blank) for item in value)
    if isinstance(value, dict):
        return {name: _shadowed(item, blank) for name, item in value.items()}
    return value


def _weighs(tensors: Iterable[torch.Tensor]) -> bool:
    """Whether weights are among the factors of a product."""
    return any(t.requires_grad or torch._C._functorch.is_functorch_wrapped_tensor(t) for t in tensors)


def _is_parameter(tensor: torch.Tensor) -> bool:
    """Whether it is trained: what it is computed from, the rate among it, is no row of the data."""
    return tensor.requires_grad and tensor.is_leaf


def _is_cut_off(args: tuple[Any, ...], kwargs: Mapping[str, Any], result: torch.Tensor) -> bool:
    """Whether no gradient reaches the result of a computation, though one reaches what it was computed from."""
    if torch._C._functorch.maybe_current_level() or result.requires_grad:
        return False
    return any(tensor.requires_grad for tensor in _tensors(args, kwargs))


def _settled(path: str, value: Any, last: torch.Tensor | None) -> str:
    """The path, where a bend that is made of other functions is a T if it gives what tanh gives."""
    layers, _, bends = path.rpartition("L")
    if "X" not in bends or last is None or not isinstance(value, torch.Tensor) or value.shape != last.shape:
        return path
    z = last.detach()
    alike = any(
        torch.allclose(value.detach(), sign * torch.tanh(c * z), atol=1e-5) for c in (1, 0.5) for sign in (1, -1)
    )
    return f"{layers}LT" if alike else path
