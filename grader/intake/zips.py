"""The members of a zip archive that strangers filled."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from grader.errors import SubmissionError
from grader.intake.packed import Packed, refuse
from grader.wire.facts import Fact

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes of memory before the first byte."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def members(source: Path | BinaryIO, label: str) -> Sequence[Packed]:
    """What is in it, in its order.

    Args:
        label: what people call it.

    Raises:
        SubmissionError: it is no zip archive that can be read.
    """
    try:
        archive = zipfile.ZipFile(source)
    except _DAMAGED as error:
        why = Fact("is-no-readable-archive", {"kind": "zip", "error": str(error)})
        raise SubmissionError.of(label, why) from error
    return [
        Packed(_decoded(info), info.file_size, info.filename.endswith("/"), partial(_data, archive, info))
        for info in archive.infolist()
    ]


def _data(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, most: int) -> bytes:
    """What is in a member, no more than it declares."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SubmissionError.of(label, Fact("is-a-link"))
    if info.flag_bits & 1:
        raise SubmissionError.of(label, Fact("is-encrypted"))
    if info.compress_type not in _METHODS:
        raise SubmissionError.of(label, Fact("is-not-deflated"))
    refuse(label, info.file_size, most, info.compress_size)
    try:
        with archive.open(info) as file:
            return file.read(most + 1)
    except _DAMAGED as error:
        raise SubmissionError.of(label, Fact("is-damaged-in-the-archive", {"error": str(error)})) from error


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
