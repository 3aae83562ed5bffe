"""Files that a submission writes, and those that were handed in with it: in memory; nothing reaches a disk."""

from __future__ import annotations

import _io
import builtins
import io
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

_open, _save, _load = io.open, torch.save, torch.load
_exists, _is_file, _remove = os.path.exists, os.path.isfile, os.remove
_path_exists, _path_is_file, _path_unlink = Path.exists, Path.is_file, Path.unlink


class MemoryFiles:
    """A folder that holds what was handed in and written, before the real ones, which can only be read.

    A file that was handed in is found by its path or, where nothing else is there, by the end of it, if only one ends
    so: a student's `/content/drive/MyDrive/hw/data.csv` is `data.csv`.

    Args:
        missing: gives the content of a file that is nowhere, or None.
        handed_in: files by their paths, with slashes.
    """

    def __init__(
        self,
        missing: Callable[[Any], bytes | None] = lambda _: None,
        handed_in: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._kept = {_key(path): data for path, data in handed_in.items()}
        self._handed_in = [PurePath(path) for path in handed_in]
        self._missing = missing

    def install(self) -> None:
        """Put itself in the place of the functions that open, save, load, look for and remove files; for good."""
        builtins.open = io.open = self.open
        io.open_code = _io.open_code = lambda path: self.open(path, "rb")  # `runpy`, and loaders of modules
        torch.save, torch.load = self.save, self.load  # type: ignore[assignment]
        np.savetxt = self._opened(np.savetxt, "w")
        np.loadtxt, np.genfromtxt = self._opened(np.loadtxt, "r"), self._opened(np.genfromtxt, "r")
        os.path.exists = lambda path: self._holds(path) or _exists(path)
        os.path.isfile = lambda path: self._holds(path) or _is_file(path)
        os.remove = os.unlink = self.remove
        Path.exists = lambda path, **how: self._holds(path) or _path_exists(path, **how)  # type: ignore[method-assign]
        Path.is_file = lambda path, **how: self._holds(path) or _path_is_file(path, **how)  # type: ignore[method-assign]
        Path.unlink = lambda path, **how: self._kept.pop(_key(path), None) is None and _path_unlink(path, **how)  # type: ignore[method-assign, assignment]

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *others: Any,
        **more: Any,
    ) -> Any:
        """`open`, where nothing is written to a disk.

        Raises:
            OSError: as `open` does.
        """
        writes = any(letter in mode for letter in "wax+")
        if isinstance(file, int) or not (writes or self._holds(file)):
            try:
                return _open(file, mode, buffering, encoding, errors, newline, *others, **more)
            except FileNotFoundError:
                served = self._missing(file)
                if served is None:
                    raise
            stream = io.BytesIO(served)
            return stream if "b" in mode else io.TextIOWrapper(stream, encoding or "utf-8", errors, newline)
        if "x" in mode and self._holds(file):
            raise FileExistsError(17, "File exists", str(file))
        content = b"" if "w" in mode or "x" in mode else self._content(file, or_else=b"" if "a" in mode else None)
        stream = _MemoryFile(self._kept, _key(file), content, writes=writes)
        stream.seek(len(content) if "a" in mode else 0)
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding or "utf-8", errors, newline)

    def save(self, value: Any, file: Any, *others: Any, **more: Any) -> None:
        """`torch.save`."""
        if not isinstance(file, str | os.PathLike):
            _save(value, file, *others, **more)
            return
        with self.open(file, "wb") as stream:
            _save(value, stream, *others, **more)

    def load(self, file: Any, *others: Any, **more: Any) -> Any:
        """`torch.load`."""
        return _load(self.open(file, "rb") if self._holds(file) else file, *others, **more)

    def _opened(self, function: Callable[..., Any], mode: str) -> Any:
        """A function of numpy that has an `open` of its own, given the file that it asks for."""

        def given(file: Any, *others: Any, **more: Any) -> Any:
            if not isinstance(file, str | os.PathLike) or (mode == "r" and not self._holds(file)):
                return function(file, *others, **more)
            with self.open(file, mode) as stream:
                return function(stream, *others, **more)

        return given

    def remove(self, path: Any, **more: Any) -> None:
        """`os.remove`."""
        if self._kept.pop(_key(path), None) is None:
            _remove(path, **more)

    def _holds(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and self._found(path) in self._kept

    def _found(self, path: str | os.PathLike[str]) -> str:
        """The name under which a file is kept, if it is."""
        key = _key(path)
        if key in self._kept or not self._handed_in or _exists(path):
            return key
        parts = PurePath(key.replace("\\", "/")).parts[::-1]
        shared = {file: _shared(parts, file.parts[::-1]) for file in self._handed_in}
        most = max(shared.values())
        best = [file for file, count in shared.items() if count == most]
        return _key(best[0]) if most and len(best) == 1 else key

    def _content(self, path: Any, or_else: bytes | None) -> bytes:
        if self._holds(path):
            return self._kept[self._found(path)]
        if or_else is not None:
            return or_else
        with _open(path, "rb") as file:
            return file.read()


class _MemoryFile(io.BytesIO):
    """A file whose content is kept at each flush."""

    def __init__(self, kept: dict[str, bytes], name: str, content: bytes, *, writes: bool) -> None:
        super().__init__(content)
        self.name = name
        self._kept, self._writes = kept, writes
        self.flush()

    def flush(self) -> None:
        if self._writes and not self.closed:
            self._kept[self.name] = self.getvalue()

    def close(self) -> None:
        self.flush()
        super().close()


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths have in common, from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _key(path: str | os.PathLike[str]) -> str:
    return os.path.abspath(os.fspath(path))  # noqa: PTH100  a path need not exist
