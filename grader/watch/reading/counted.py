"""What a script counts on in the data that it loads: how many columns, which name the target has. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.watch.reading.cells import last_name

_TENSORS = frozenset(["zeros", "randn", "rand", "ones", "empty", "normal", "uniform", "full", "random"])
_BESIDE = frozenset(["cat", "hstack", "column_stack", "concatenate", "concat", "insert", "append", "c_"])
TARGETS = ("medv", "medhouseval", "median_house_value", "target", "progression", "price", "label", "y", "quality")
"""Names that targets have, in lower case."""


@dataclass(frozen=True)
class Counted:
    """For example `Counted(13, "MEDV")` for a script with `nn.Linear(13, 1)` and `df.drop("MEDV", axis=1)`.

    `features` is how many columns there are to be beside the target, `target` the name of the latter; None where
    nothing tells. `adds_axis`: somewhere an axis is put beside those of an array. `is_double`: somewhere double
    precision is asked for.
    """

    features: int | None
    target: str | None
    adds_axis: bool = False
    is_double: bool = False


def counted(trees: Sequence[ast.Module]) -> Counted:
    """What the cells of a script count on."""
    nodes = [node for tree in trees for node in _in_order(tree)]
    target, dropped = _target(nodes)
    width, indexed = _width(nodes), _indexed(nodes)
    if width is not None:
        width += max(0, dropped - 1)
    return Counted(max(width or 0, indexed) or None, target, any(map(_adds_axis, nodes)), any(map(_is_double, nodes)))


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """All parts, in the order of the text."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _width(nodes: Sequence[ast.AST]) -> int | None:
    """The number of columns that the first layer or the first weights take, without a column of ones."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    numbers = _numbers(nodes, calls)
    learned = {
        id(part)
        for call in calls
        if last_name(call.func) in ("Parameter", "Variable", "requires_grad_") or _asks_for_gradient(call)
        for part in ast.walk(call)
    }
    sure: list[int] = []
    perhaps: list[int] = []
    made: set[int | None] = set()
    for call in calls:
        name, sizes = last_name(call.func), _sizes(call, numbers)
        if name.endswith("Linear") and len(sizes) > 1:
            width, out = sizes[0], sizes[1]
        elif name in _TENSORS and sizes and (id(call) in learned or sizes[1:] == [1]):
            width, out = (sizes[1], 1) if sizes[0] == 1 and len(sizes) > 1 else (sizes[0], (*sizes, 1)[1])
        else:
            continue
        if width is not None and width > 1 and width not in made:
            (sure if name.endswith("Linear") or id(call) in learned else perhaps).append(width)
        made.add(out)
    found = sure or perhaps
    if not found:
        return None
    first = found[0]
    alone = first + 1 not in found and first > 2
    return first - 1 if alone and any(map(_puts_ones_beside, nodes)) else first


def _asks_for_gradient(call: ast.Call) -> bool:
    return any(keyword.arg == "requires_grad" for keyword in call.keywords)


def _sizes(call: ast.Call, numbers: dict[str, int]) -> list[int | None]:
    """The sizes that a call is given one by one, in a tuple, or by the names of layers."""
    given: list[ast.expr] = [*call.args, *(k.value for k in call.keywords if k.arg in ("in_features", "out_features"))]
    given = [k.value for k in call.keywords if k.arg == "size"] or given
    shapes = [part for part in given if isinstance(part, ast.Tuple | ast.List)]
    return [_number(part, numbers) for part in (shapes[0].elts if shapes else given)]


def _number(node: ast.expr | None, numbers: dict[str, int]) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return numbers.get(node.id) if isinstance(node, ast.Name) else None


def _numbers(nodes: Sequence[ast.AST], calls: Iterable[ast.Call]) -> dict[str, int]:
    """Names that hold whole numbers: of assignments, and of arguments where a function or a class is called."""
    found: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and (value := _number(node.value, {})) is not None:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, value)
    functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef) and node.name != "__init__"}
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            made_by = (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__")
            functions |= zip([node.name], made_by, strict=False)
    for call in calls:
        function = functions.get(last_name(call.func))
        if function:
            names = [argument.arg for argument in function.args.args if argument.arg != "self"]
            given = [*zip(names, call.args, strict=False), *((k.arg or "", k.value) for k in call.keywords)]
            for name, part in given:
                if (value := _number(part, found)) is not None:
                    found.setdefault(name, value)
    return found


def _puts_ones_beside(node: ast.AST) -> bool:
    """`torch.cat([x, torch.ones(len(x), 1)], 1)` and what does the same."""
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        return (name in _BESIDE and "ones" in ast.unparse(node)) or name == "add_constant"
    return isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "c_" and "ones" in ast.unparse(node)


def _indexed(nodes: Iterable[ast.AST]) -> int:
    """The number of columns below the last one that is asked for by its number: 13 for `t[:, :13]` and `t[:, 13]`."""
    most = 0
    for node in nodes:
        index = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(index, ast.Tuple) and len(index.elts) == 2 and isinstance(index.elts[0], ast.Slice):
            column = index.elts[1]
            ends = [column.upper] if isinstance(column, ast.Slice) else getattr(column, "elts", [column])
            most = max([most, *(_number(end, {}) or 0 for end in ends)])
    return most if most > 1 else 0


def _adds_axis(node: ast.AST) -> bool:
    """`y.reshape(-1, 1)`, `y.unsqueeze(1)`, `y[:, None]` and the like."""
    if isinstance(node, ast.Call):
        return last_name(node.func) in ("reshape", "view", "unsqueeze", "expand_dims", "unsqueeze_")
    return isinstance(node, ast.Subscript) and ("None" in (text := ast.unparse(node.slice)) or "newaxis" in text)


def _is_double(node: ast.AST) -> bool:
    """`torch.float64`, `.double()`, `"float64"` and the like."""
    told = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "value", None)
    return told in ("float64", "double", "DoubleTensor", "torch.float64", "torch.double")


def _target(nodes: Iterable[ast.AST]) -> tuple[str | None, int]:
    """The name of the target, and how many columns are dropped by their names."""
    dropped: list[str] = []
    compared: list[str] = []
    asked: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Call) and last_name(node.func) in ("drop", "pop"):
            parts = [*node.args, *(k.value for k in node.keywords if k.arg in ("columns", "labels"))]
            dropped += [name for part in parts for name in _texts(part)]
        elif isinstance(node, ast.Compare):
            compared += [name for part in node.comparators for name in _texts(part)]
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.List):
            asked += _texts(node.slice)
        elif isinstance(node, ast.Attribute) and node.attr.lower() in TARGETS[:-2]:
            asked.append(node.attr)
    names = [*dropped, *compared, *asked]
    known = sorted((n for n in names if n.lower() in TARGETS), key=lambda n: TARGETS.index(n.lower()))
    both = [name for name in dropped if name in asked]
    return next(iter([*known, *both, *dropped, *compared, *asked[-1:]]), None), len(set(dropped))


def _texts(node: ast.expr) -> list[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
