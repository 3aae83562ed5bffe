"""Code with one thing changed, as somebody gets it wrong: a factor, a sign, a sum, a transposition, a term."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_BACK = ("backward", "loss", "back", "visit")


def mutants(source: str, names: tuple[str, ...] = _BACK) -> Iterator[tuple[str, str]]:
    """What was changed, and the whole text with that change, for each change in functions whose names tell of a way back."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(word in function.name for word in names):
            inner = {id(n) for child in ast.walk(function) if child is not function and isinstance(child, ast.FunctionDef) for n in ast.walk(child)}  # fmt: skip
            for node in ast.walk(function):
                if id(node) not in inner and hasattr(node, "lineno"):
                    yield from _of(tree, node)


def _of(tree: ast.Module, node: ast.AST) -> Iterator[tuple[str, str]]:
    for words, change in _changes(node):
        memo: dict[int, ast.AST] = {id(node): change}
        yield f"line {node.lineno}: `{ast.unparse(node)}` {words}", ast.unparse(copy.deepcopy(tree, memo))  # type: ignore[attr-defined]


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.BinOp(op=ast.Mult()):
            yield "without its first factor", node.right
            yield "without its second factor", node.left
        case ast.BinOp(op=ast.Div()):
            yield "without the division", node.left
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield "with the other sign", ast.BinOp(node.left, other, node.right)
            yield "without its second term", node.left
        case ast.Attribute(attr="T"):
            yield "not transposed", node.value
        case ast.Call(func=ast.Attribute(attr="sum" | "mean" as attr)):
            other_name = "mean" if attr == "sum" else "sum"
            func = ast.Attribute(node.func.value, other_name, ast.Load())
            yield f"with {other_name}", ast.Call(func, node.args, node.keywords)
        case ast.Compare(ops=[ast.Gt()]):
            yield "the other way round", ast.Compare(node.left, [ast.Lt()], node.comparators)
