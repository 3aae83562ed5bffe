"""Whether two files hold the same code, found without parsing it: a notebook, and the `.py` that was exported from it.

One pass over the bytes, in linear time: see `names`. Comments, blank lines, texts that stand alone, magics, and where
one cell ends do not count; everything else does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_CELL = re.compile(
    rb"""  "cell_type" \s*+ : \s*+ "(?P<kind>\w{1,20}+)"
         | "(?:source|input)" \s*+ : \s*+ (?: \[ (?P<lines> (?: \s*+ STRING \s*+ ,?+ )*+ ) | (?P<text>STRING) )
    """.replace(b"STRING", _STRING.pattern),
    re.VERBOSE | re.DOTALL,
)
_ALONE = re.compile(
    rb'''(?m)^[ \t]*+[rRuU]?+(?:"""(?:[^"\\]|\\.|"(?!""))*+"""|\'\'\'(?:[^'\\]|\\.|'(?!\'\'))*+\'\'\')''', re.DOTALL
)
_BEFORE_A_COMMENT = re.compile(rb"""((?:[^#'"]|'[^']*+'|"[^"]*+")*+)#""")
_NAMED = re.compile(
    rb"(?:async +)?+(?:def|class) ++(?P<defined>[\w\x80-\xff]++)|(?P<given>[\w\x80-\xff]++) *+(?::[^=]*+)?+=(?!=)"
)
_MAGICS = (b"%", b"!", b"?", b"get_ipython()")
_GOES_ON = (b" ", b"\t", b")", b"]", b"}")

Lines = Sequence[bytes]
_MOST = 20_000
"""Lines of a file that are looked at; a file of a whole course has some thousand."""


def code_of(data: bytes, *, notebook: bool) -> Lines:
    """The lines of code in a file, without what does not count."""
    text = b"\n".join(_code_cells(data)) if notebook else data.removeprefix(b"\xef\xbb\xbf")
    lines = _ALONE.sub(b"", text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).split(b"\n")
    return list(islice(_counting(lines), _MOST + 1))


def are_alike(one: Lines, other: Lines, asked: Iterable[str]) -> bool:
    """Whether nothing is left to be chosen: both define what is asked, and all that both define is the same.

    Args:
        asked: the names that are asked for; where there is none, all code must be the same.
    """
    if len(one) > _MOST or len(other) > _MOST:
        return False
    if one == other:
        return True
    made, too = _definitions(one), _definitions(other)
    wanted = [name.encode() for name in asked]
    both = made.keys() & too.keys()
    return (
        any(name in both for name in wanted)
        and all((name in made) == (name in too) for name in wanted)
        and all(made[name] == too[name] for name in both)
    )


def _definitions(lines: Lines) -> Mapping[bytes, bytes]:
    """The digest of what each name at the top level is given last."""
    found: dict[bytes, bytes] = {}
    name, block = b"", list[bytes]()
    for line in [*lines, b"end"]:
        if line.startswith(_GOES_ON) or (block and block[-1].startswith(b"@")):
            block.append(line)
        else:
            if name:
                found[name] = hashlib.sha256(b"\n".join(block)).digest()
            name, block = b"", [line]
        if not name and (named := _NAMED.match(line)):
            name = named["defined"] or named["given"]
    return found


def _code_cells(data: bytes) -> Iterator[bytes]:
    """The sources of the code cells of a notebook; of a cell, its kind and its source come one after the other."""
    found = list(_CELL.finditer(data))
    for one, next_ in zip(found[::2], found[1::2], strict=False):
        source = next_ if one["kind"] else one
        if b"code" in (one["kind"], next_["kind"]):
            yield b"".join(map(_text, _STRING.findall(source["lines"] or source["text"] or b"")))


def _text(string: bytes) -> bytes:
    try:
        return str(json.loads(string, strict=False)).encode("utf-8", "surrogatepass")
    except ValueError:
        return string


def _counting(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        found = _BEFORE_A_COMMENT.match(line)
        kept = (found[1] if found else line).rstrip()
        if kept.strip() and not kept.startswith(_MAGICS):
            yield kept
