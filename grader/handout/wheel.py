"""The program as a wheel, made of what is installed here, with the assignments that go out and without any reference.

A wheel is a zip archive with a list of its files: https://packaging.python.org/specifications/binary-distribution-format
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path

from grader.errors import GraderFault

_TAG = "Wheel-Version: 1.0\nGenerator: backprop-grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (2020, 1, 1, 0, 0, 0)
"""The time of every file, so that the same contents give the same bytes."""
SHIPPED = "grader/shipped/assignments"
"""Where an installed program looks for assignments."""


def wheel_name() -> str:
    """The name of the file, by which pip knows what it is."""
    return f"backprop_grader-{version('backprop-grader')}-py3-none-any.whl"


def wheel(assignments: Iterable[Path]) -> bytes:
    """The bytes of the wheel.

    Args:
        assignments: the folders of the assignments that it carries.

    Raises:
        GraderFault: the program is not installed in a way that tells what it needs.
    """
    files = dict(_program())
    for folder in assignments:
        files |= {f"{SHIPPED}/{folder.name}/{name}": data for name, data in contents(folder)}
    files |= _metadata()
    info = f"backprop_grader-{version('backprop-grader')}.dist-info"
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()] + [f"{info}/RECORD,,"]
    return archive({**files, f"{info}/RECORD": "\n".join([*record, ""]).encode()})


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name, relative to the folder, and bytes of every file in it that was written by somebody."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def archive(files: dict[str, bytes], executable: Iterable[str] = ()) -> bytes:
    """A zip archive; the same files give the same bytes."""
    buffer, runs = io.BytesIO(), set(executable)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name in runs else 0o100644) << 16
            written.writestr(entry, data)
    return buffer.getvalue()


def _program() -> Iterator[tuple[str, bytes]]:
    """The files of the package, but for assignments that came with it."""
    package = Path(__file__).resolve().parent.parent
    for name, data in contents(package):
        if not name.startswith("shipped/"):
            yield f"grader/{name}", data


def _metadata() -> dict[str, bytes]:
    installed = distribution("backprop-grader")
    found = {name: installed.read_text(name) for name in ("METADATA", "entry_points.txt")}
    if not all(found.values()):
        raise GraderFault("the program is not installed as a package, so it cannot be packed; `pip install` it")
    info = f"backprop_grader-{installed.version}.dist-info"
    return {f"{info}/{name}": str(text).encode() for name, text in (*found.items(), ("WHEEL", _TAG))}


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
