"""Where in a YAML file a key stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml


def line_of(path: Path, location: tuple[str | int, ...]) -> int:
    """The line of a key of a file, or of the innermost one on the way to it that exists."""
    return line_in(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), location)


def line_in(node: yaml.Node | None, location: tuple[str | int, ...]) -> int:
    """The line of the innermost node on the path `location` that exists."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def repeated_keys(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Line and name of every key that YAML would silently let override an earlier one."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated_keys(item)
