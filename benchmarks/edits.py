"""Edits of one expression by which right code computes wrong numbers, in more than twenty kinds."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.submission import Submission

_OPPOSITE = {ast.Sub: "+", ast.Add: "-", ast.Mult: "/", ast.Div: "*"}
_LIKE = {
    "sum": "mean",
    "mean": "sum",
    "maximum": "minimum",
    "max": "min",
    "a": "z",
    "z": "a",
    "dW": "W",
    "zeros": "ones",
}
_ENTRYWISE = ("tanh", "exp", "sigmoid", "relu", "log", "sqrt", "abs", "square")


@dataclass(frozen=True)
class Edit:
    """In which text, what kind, in which line, which columns in bytes, and what stands there instead."""

    text: int
    kind: str
    line: int
    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Text:
    """A text of a hand-in: its file, for notebooks the cell, counted from 1, and the source."""

    file: str
    cell: int | None
    source: str


def texts(submission: Submission) -> list[Text]:
    """All code that was handed in; what is no text is left out."""
    found = []
    for path, data in [(submission.id.name, submission.data), *submission.modules.items()]:
        try:
            whole = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
        if not path.endswith(".ipynb"):
            found.append(Text(path, None, whole))
            continue
        for number, cell in enumerate(json.loads(whole)["cells"], start=1):
            if cell.get("cell_type") == "code":
                found.append(Text(path, number, "".join(cell["source"])))
    return found


def edits(listed: list[Text]) -> list[Edit]:
    """All edits of expressions within functions."""
    found = {}
    for number, text in enumerate(listed):
        try:
            tree = ast.parse(text.source)
        except SyntaxError:  # right as far as it can be read
            continue
        for kind, node, new in _in_functions(tree):
            if node.lineno == node.end_lineno:
                edit = Edit(number, kind, node.lineno, node.col_offset, node.end_col_offset or 0, new)
                found.setdefault((number, edit.line, edit.start, edit.end, new), edit)
    return [*found.values()]


def edited(submission: Submission, listed: list[Text], some: list[Edit]) -> Submission:
    """The hand-in after edits on different lines."""
    files = {submission.id.name: submission.data, **submission.modules}
    for number, text in enumerate(listed):
        mine = [edit for edit in some if edit.text == number]
        if mine:
            files[text.file] = _written(files[text.file], text, _changed(text.source, mine))
    data = files.pop(submission.id.name)
    return replace(submission, data=data, modules=files)


def _written(data: bytes, text: Text, source: str) -> bytes:
    if text.cell is None:
        return source.encode()
    document = json.loads(data.decode("utf-8-sig"))
    document["cells"][text.cell - 1]["source"] = source
    return json.dumps(document).encode()


def _changed(source: str, some: list[Edit]) -> str:
    lines = source.split("\n")
    for edit in some:
        data = lines[edit.line - 1].encode()
        lines[edit.line - 1] = (data[: edit.start] + edit.new.encode() + data[edit.end :]).decode()
    return "\n".join(lines)


def _in_functions(tree: ast.Module) -> Iterator[tuple[str, ast.expr, str]]:
    counted = {id(n) for node in ast.walk(tree) for part in _counted(node) for n in ast.walk(part)}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            body = function.body if isinstance(function.body, list) else [function.body]
            names = sorted({n.id for n in ast.walk(function) if _is_variable(n)} | {a.arg for a in function.args.args})
            for node in (n for part in body for n in ast.walk(part)):
                if isinstance(node, ast.expr) and id(node) not in counted:
                    yield from ((kind, node, new) for kind, new in _instead(node))
                    yield from ((kind, node, new) for kind, new in _other_operand(node, names))


def _is_variable(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _counted(node: ast.AST) -> list[ast.AST]:
    """What counts layers and holds no numbers of the derivation."""
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("range", "len", "str", "isinstance"):
        return [*node.args]
    return [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) else []


def _other_operand(node: ast.expr, names: list[str]) -> Iterator[tuple[str, str]]:
    """Of a product or sum, a variable of the same function in the place of one."""
    for part in (node.left, node.right) if isinstance(node, ast.BinOp) else ():
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in names:
            other = names[(names.index(part.id) + 1) % len(names)]
            left, right = (ast.Name(other) if each is part else each for each in (node.left, node.right))
            new = ast.BinOp(left, node.op, right)
            yield "another variable", f"({ast.unparse(new)})"


def _instead(node: ast.expr) -> Iterator[tuple[str, str]]:
    match node:
        case ast.BinOp():
            yield from _of_two(node)
        case ast.Call():
            yield from _of_a_call(node)
        case ast.Subscript():
            yield from _of_an_index(node)
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number) if number:
            yield from (("half the constant", f"({number / 2})"), ("one more", f"({number} + 1)"))
        case ast.UnaryOp(ast.USub(), operand):
            yield "minus left out", f"({ast.unparse(operand)})"
        case ast.Attribute(value, "T"):
            yield "transpose left out", ast.unparse(value)
        case ast.Attribute(value, attr) if attr in _LIKE and isinstance(node.ctx, ast.Load):
            yield f"{_LIKE[attr]} for {attr}", f"{ast.unparse(value)}.{_LIKE[attr]}"
        case ast.Compare(left, [ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE() as op], [right]):
            other = "<" if isinstance(op, ast.Gt | ast.GtE) else ">"
            yield "comparison turned round", f"({ast.unparse(left)} {other} {ast.unparse(right)})"


def _of_two(node: ast.BinOp) -> Iterator[tuple[str, str]]:
    whole, one, other = (f"({ast.unparse(part)})" for part in (node, node.left, node.right))
    if type(node.op) in _OPPOSITE:
        yield f"{_OPPOSITE[type(node.op)]} for its opposite", f"({one} {_OPPOSITE[type(node.op)]} {other})"
    match node.op:
        case ast.Sub():
            yield "difference turned round", f"({other} - {one})"
        case ast.Pow():
            yield from (("power left out", one), ("another power", f"({one} ** ({other} + 1))"))
        case ast.MatMult():
            yield from (
                ("product turned round", f"({other} @ {one})"),
                ("operands transposed", f"({one}.T @ {other}.T)"),
            )
    if isinstance(node.op, ast.Mult | ast.Div):
        yield "right factor left out", one
    if isinstance(node.op, ast.Mult):
        yield "left factor left out", other
    if isinstance(node.op, ast.Add | ast.Sub):
        yield "right term left out", one
    if isinstance(node.op, ast.Sub | ast.Mult | ast.MatMult):
        yield from (("twice as much", f"(2 * {whole})"), ("minus sign", f"(-{whole})"), ("half", f"({whole} / 2)"))


def _of_a_call(node: ast.Call) -> Iterator[tuple[str, str]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _LIKE and isinstance(node.func, ast.Attribute):
        func = ast.Attribute(node.func.value, _LIKE[name])
        yield f"{_LIKE[name]} for {name}", ast.unparse(ast.Call(func, node.args, node.keywords))
    if name in _ENTRYWISE and node.args:
        yield "function left out", f"({ast.unparse(node.args[0])})"
    if isinstance(node.func, ast.Subscript) and len(node.args) == 1:
        yield "slope left out", f"({ast.unparse(node.args[0])})"
    if name == "dot" and len(node.args) == 1 and isinstance(node.func, ast.Attribute):
        yield "product turned round", f"({ast.unparse(node.args[0])}).dot({ast.unparse(node.func.value)})"
    for place in (*node.args, *(k.value for k in node.keywords if k.arg in ("axis", "dim"))):
        if name in ("sum", "mean", "max") and isinstance(place, ast.Constant) and place.value in (0, 1):
            number = str(1 - int(place.value))
            yield (
                "another axis",
                ast.unparse(node).replace(f"={place.value}", f"={number}").replace(f"({place.value}", f"({number}"),
            )


def _of_an_index(node: ast.Subscript) -> Iterator[tuple[str, str]]:
    if not isinstance(node.ctx, ast.Load):
        return
    value = ast.unparse(node.value)
    match node.slice:
        case ast.BinOp(left, ast.Sub() | ast.Add(), ast.Constant(value=1)):
            yield "index off by one", f"{value}[{ast.unparse(left)}]"
        case ast.Name(name):
            yield from (("index off by one", f"{value}[{name} - 1]"), ("index one too many", f"{value}[{name} + 1]"))
