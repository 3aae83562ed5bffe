"""Which names a file seems to define, found without parsing it: one pass, in linear time and bounded memory.

Parsers can be made to need any amount of time and memory, and so can regular expressions that go back. Those in here
never do: what one attempt looks at is not looked at again by the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import islice

_MOST = 20_000
"""Definitions of a file that are looked at; a file of a whole course has some hundred."""

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]{0,99}+(?![\w\x80-\xff])"
_DOTTED = rb"(?:[\w\x80-\xff]{1,100}+\.){0,9}+" + _NAME

_DEFINITION = re.compile(
    rb"""(?:\A|[\r\n";]|\\n)          # where a statement begins; in a notebook, lines are JSON strings
         [ \t]*+ (?:\\t[ \t]*+)*+ (?: (?: >>> | In\ \[\d{1,6}+\]: ) [ ]++ )?+
         (?: (?:async[ \t]++)?+ def[ \t]++ (?P<function>NAME)
           | class[ \t]++ (?P<class>NAME) [ \t]*+ (?: \( (?P<bases>[^()"\\;]{0,200}+) )?+
           | (?P<variable>NAME) [ \t]*+ (?: : (?: [^=\r\n"\\;] | "\w{1,60}+" | \\"\w{1,60}+\\" ){0,200}+ )?+ = (?!=)
             [ \t]*+ (?: (?P<value>DOTTED) (?![\w.(\x80-\xff]) )?+ )""".replace(b"NAME", _NAME).replace(
        b"DOTTED", _DOTTED
    ),
    re.VERBOSE,
)
"""Nothing that follows the beginning of a statement can hold another beginning, so that no byte is tried twice."""

_IMPORT = re.compile(
    rb"""(?:\A|[\r\n";]|\\n) [ \t]*+ (?:\\t[ \t]*+)*+
         (?: from[ \t]++ (?P<module>[\w.\x80-\xff]{1,200}+) [ \t]++ import[ \t]++ | import[ \t]++ )
         (?P<names>[\w., \t()*\x80-\xff]{1,400}+)""",
    re.VERBOSE,
)
_RUN = re.compile(rb"%run[ \t]++(?:-\w[ \t]++){0,5}+[\"'\\]{0,2}+([\w./\x80-\xff-]{1,200}+)")
_LOADED = re.compile(
    rb"(?:import_module|__import__|run_module)\([ \t]*+[\"'\\]{1,2}+(?P<module>[\w.\x80-\xff]{1,200}+)"
)
_QUOTED = re.compile(rb"[\"'](?P<path>[\w\x80-\xff ./-]{1,200}+)(?=\\?[\"'])")
_RENAMED = re.compile(rb"(?<![\w\x80-\xff])(" + _NAME + rb")[ \t]++as[ \t]++(" + _NAME + rb")")
_WORD = re.compile(_NAME)


@dataclass(frozen=True)
class Names:
    """The names that a file seems to define, at any depth.

    Attributes:
        functions: of functions and methods.
        classes: of classes; with each, the words between its parentheses: `torch.autograd.Function` is three.
        variables: names that a statement gives a value to, or an import: `from mine import f as g`.
        stands_for: what another name is given to, `torch.autograd.Function` by `Fn = torch.autograd.Function`, and
            `Function` by `import Function as Fn`; by that other name.
    """

    functions: Set[str]
    classes: Mapping[str, Set[str]]
    variables: Set[str]
    stands_for: Mapping[str, Set[str]]

    @property
    def definitions(self) -> Set[str]:
        """The names of functions, methods and classes."""
        return self.functions | self.classes.keys()

    def derived(self, base: str) -> Set[str]:
        """The names of the classes that derive from a base class, under its own name or one that the file gives it."""
        known = {base}
        known |= {name for name, all_ in self.stands_for.items() if any(one.rpartition(".")[2] == base for one in all_)}
        return {name for name, bases in self.classes.items() if not known.isdisjoint(bases)}


def names_in(data: bytes) -> Names:
    """The names that a Python file or notebook seems to define; each has 100 bytes at most."""
    functions: set[str] = set()
    variables: set[str] = set()
    classes: defaultdict[str, set[str]] = defaultdict(set)
    stands_for: defaultdict[str, set[str]] = defaultdict(set)
    for found in islice(_DEFINITION.finditer(data), _MOST):
        function, class_, bases, variable, value = found.groups()
        if function:
            functions.add(_text(function))
        elif class_:
            classes[_text(class_)].update(_words(bases or b""))
        else:
            variables.add(_text(variable))
            if value:
                stands_for[_text(variable)].add(_text(value))
    for found in islice(_RENAMED.finditer(data), _MOST):
        what, name = found.groups()
        stands_for[_text(name)].add(_text(what))
    for line in islice(_IMPORT.finditer(data), _MOST):
        variables |= {_text(found[2]) for found in _RENAMED.finditer(line["names"])}
    return Names(functions, classes, variables, stands_for)


def imports_of(data: bytes) -> set[str]:
    """The words of the names that a file imports: `from a.b import c` has three; `%run a/b.py`, `open("a.py")`, too."""
    found = [pair for match in islice(_IMPORT.finditer(data), _MOST) for pair in match.groups(b"")]
    found += [match["module"] for match in islice(_LOADED.finditer(data), _MOST)]
    found += [path for path in _quoted_in(data) if path.endswith(b".py")]
    return {_text(word) for words in (*found, *_run_in(data)) for word in _WORD.findall(words)}


def runs_of(data: bytes) -> set[str]:
    """The files that a notebook runs in its own place, as it names them: `%run a/b.ipynb`."""
    return {file.decode("utf-8", "replace") for file in _run_in(data)}


def named_in(data: bytes) -> set[str]:
    """The files that code may open, by their paths as it writes them: what stands in quotes and has an ending."""
    return {path.decode("utf-8", "replace") for path in _quoted_in(data)}


def _quoted_in(data: bytes) -> list[bytes]:
    found = (match["path"] for match in islice(_QUOTED.finditer(data), _MOST))
    return [path for path in found if b"." in path.rpartition(b"/")[2].strip(b". ")]


def _run_in(data: bytes) -> list[bytes]:
    return [found[1] for found in islice(_RUN.finditer(data), _MOST)]


def _words(text: bytes) -> Iterator[str]:
    return (_text(word) for word in _WORD.findall(text))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
