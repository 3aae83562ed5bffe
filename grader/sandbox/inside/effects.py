"""Which objects a statement changes without binding a name: tables that it fills, attributes that it sets.

A file often makes a table empty and fills it later: in a loop, by a decorator, by a function that is called.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_TABLES = {"dict", "list", "set", "defaultdict", "OrderedDict", "SimpleNamespace", "Counter", "deque"}


def changed(node: ast.AST) -> Iterator[str]:
    """Names of the objects that one simple statement changes, whatever they are, or that a call in it may.

    `d` in `d["x"] = 1`, in `a, d["x"] = 1, 2`, in `d.update(x=1)`, in `setattr(d, "x", 1)`, in `@d.register`.
    """
    for target in _targets(node):
        if isinstance(target, ast.Attribute | ast.Subscript):
            yield from _root(target)
    for decorator in getattr(node, "decorator_list", ()):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute):
            yield from _root(called)
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        value = value.elt
    if isinstance(value, ast.Call):
        called = value.func
        if isinstance(called, ast.Attribute):
            yield from _root(called)
        elif isinstance(called, ast.Name) and called.id == "setattr" and value.args:
            yield from _root(value.args[0])


def fills_the_namespace(statement: ast.stmt) -> bool:
    """Whether it binds names of the top level by way of a table: `globals()[name] = f`, `globals().update(...)`."""
    for node in _own(statement):
        places = [target.value for target in _targets(node) if isinstance(target, ast.Subscript)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            places.append(node.func.value)
        for place in places:
            called = place.func if isinstance(place, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in {"globals", "locals", "vars"}:
                return True
    return False


class Effects:
    """What the statements of a program change by way of blocks, decorators, base classes and calls of functions."""

    def __init__(self, program: Sequence[ast.stmt], entries: Collection[str]) -> None:
        self._program = program
        self._entries = entries

    def fill(self, name: str) -> list[int]:
        """The numbers of the statements that may change the object of this name, where it is a table or a class.

        Of a loop counts only what stands in it, not what it calls: it could train for minutes.
        """
        if not self._is_table(name):
            return []
        names = {name} | {alias for alias, made in self._made.items() if any(_is_name(value, name) for value in made)}
        found = []
        for number, statement in enumerate(self._program):
            change = {changed_name for node in _own(statement) for changed_name in changed(node)}
            if not isinstance(statement, ast.For | ast.While | ast.AsyncFor):
                change |= {n for call in _called(statement) for n in self._by_calls.get(call, ())}
                change |= {n for node in _own(statement) if isinstance(node, ast.Call) for n in self._arguments(node)}
            if not names.isdisjoint(change):
                found.append(number)
        return found

    def _arguments(self, call: ast.Call) -> Iterator[str]:
        """Names of the objects that a function of the program is given, and changes."""
        for function in self._made.get(getattr(call.func, "id", ""), []):
            if isinstance(function, ast.FunctionDef):
                parameters = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
                given = [*zip(parameters, call.args, strict=False), *((k.arg, k.value) for k in call.keywords)]
                inside = set(_inside(function))
                yield from (value.id for name, value in given if name in inside and isinstance(value, ast.Name))

    def _is_table(self, name: str) -> bool:
        made = self._made.get(name, [])
        return not hasattr(builtins, name) and all(map(_makes_a_table, made))

    @cached_property
    def _made(self) -> Mapping[str, list[ast.AST]]:
        """What is bound to each name at the top level: a value, a definition, an import."""
        made: dict[str, list[ast.AST]] = {}
        for statement in self._program:
            for node in _own(statement):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    made.setdefault(node.name, []).append(node)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    for alias in node.names:
                        made.setdefault((alias.asname or alias.name).split(".")[0], []).append(node)
                else:
                    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else node
                    for target in _targets(node):
                        if isinstance(target, ast.Name) and value:
                            made.setdefault(target.id, []).append(value)
        return made

    @cached_property
    def _by_calls(self) -> Mapping[str, set[str]]:
        """The names of objects that calling each function changes, or making or deriving from each class.

        None for what calls an entry point: that trains or tries what the entry points are, and makes no part of them.
        """
        kinds = (*_FUNCTION, ast.ClassDef)
        definitions = {name: [node for node in made if isinstance(node, kinds)] for name, made in self._made.items()}
        calls = {name: {name, *chain(*map(_called_inside, nodes))} for name, nodes in definitions.items()}
        for _ in definitions:
            wider = {name: own.union(*(calls.get(called, ()) for called in own)) for name, own in calls.items()}
            if wider == calls:
                break
            calls = wider
        changes = {name: set(chain(*map(_inside, nodes))) for name, nodes in definitions.items()}
        return {
            name: set().union(*(changes.get(each, ()) for each in called))
            if called.isdisjoint(self._entries)
            else set()
            for name, called in calls.items()
        }


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement assigns to, the parts of tuples each for itself."""
    listed = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in listed:
        yield from _parts(target)


def _parts(target: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _parts(part)
    elif isinstance(target, ast.Starred):
        yield from _parts(target.value)
    elif target is not None:
        yield target


def _root(node: ast.expr) -> Iterator[str]:
    """The name at the left end of `name.a["b"].c`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and all that runs together with it: blocks and bodies of classes, not those of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(node, _FUNCTION) or child in getattr(node, "decorator_list", ()):
            yield from _own(child)


def _called(node: ast.AST) -> Iterator[str]:
    """The names of what a statement calls: functions, decorators, and classes that it derives from."""
    for part in _own(node):
        used: list[ast.expr] = [*getattr(part, "decorator_list", ()), *getattr(part, "bases", ())]
        if isinstance(part, ast.Call):
            used.append(part.func)
        for each in used:
            yield from _root(each)


def _inside(node: ast.AST) -> Iterator[str]:
    """The names of global objects that the code within a function or a class changes, or binds."""
    for part in ast.walk(node):
        yield from changed(part)
        if isinstance(part, ast.Global):
            yield from part.names


def _called_inside(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield from _root(part.func)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _makes_a_table(node: ast.AST) -> bool:
    """Whether it makes something that is filled later: a table, a class, or nothing yet."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called in _TABLES
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp | ast.ClassDef)
