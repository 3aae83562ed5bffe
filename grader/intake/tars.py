"""The members of a tar archive that strangers filled, as it is or compressed by gzip, bzip2 or xz.

A compressed one has to be unpacked to know what is in it: into memory, or, where it is large, into a file that has no
name and goes with this process. Links and devices are told and never made.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from grader.errors import SubmissionError
from grader.intake.packed import LARGEST_RATIO, SMALL, Packed, refuse
from grader.wire.facts import Fact

_IN_MEMORY = 64 * 2**20
_CHUNK = 2**20
_LONGEST_HEADER = 2**16
_LONG = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_DAMAGED = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError, RecursionError, OverflowError)


def is_tar(begin: bytes) -> bool:
    """Whether the first 512 bytes of a file are those of a tar archive, as it is or compressed."""
    return begin.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or begin[257:262] == b"ustar"


def members(source: Path | BinaryIO, label: str, most: int, largest: int) -> Sequence[Packed]:
    """What is in it, in its order.

    Args:
        label: what people call it.
        most: how many members are looked at; there is one more where it has more.
        largest: bytes that it may have once it is unpacked.

    Raises:
        SubmissionError: it is no tar archive that can be read, or grows too much.
    """
    file = _Kept(source.open("rb") if isinstance(source, Path) else source)
    try:
        unpacked = _unpacked(file, label, largest)
        archive = tarfile.open(fileobj=unpacked.file, mode="r:", tarinfo=_Header)  # noqa: SIM115  it opens nothing
        return [
            Packed(info.name, info.size, info.isdir(), partial(_data, unpacked, info))
            for info in _walked(archive, most)
        ]
    except _DAMAGED as error:
        why = Fact("is-no-readable-archive", {"kind": "tar", "error": str(error) or type(error).__name__})
        raise SubmissionError.of(label, why) from error


class _Kept:
    """An open file, which is closed when no member of it is held any more."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def __del__(self) -> None:
        self.file.close()


class _Header(tarfile.TarInfo):
    """A header that asks for little: what Python's own reader does with names of megabytes takes hours."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        """Read 512 bytes."""
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in _LONG and header.size > _LONGEST_HEADER):
            raise tarfile.ReadError("a header is out of all bounds")
        return header


def _walked(archive: tarfile.TarFile, most: int) -> Iterator[tarfile.TarInfo]:
    """The members one after the other, which must not lead back."""
    before = -1
    for _ in range(most + 1):
        info = archive.next()
        if info is None:
            return
        if info.offset <= before:
            raise tarfile.ReadError("a member leads back")
        before = info.offset
        yield info


def _unpacked(packed: _Kept, label: str, largest: int) -> _Kept:
    begin = packed.file.read(6)
    packed.file.seek(0)
    if begin[:2] == b"\x1f\x8b":
        chunks = _read(gzip.GzipFile(fileobj=packed.file))
    elif begin[:3] == b"BZh":
        chunks = _read(bz2.BZ2File(packed.file))
    elif begin == b"\xfd7zXZ\0":
        chunks = _read_xz(packed.file)
    else:
        return packed
    made: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115  kept
    kept, size = _Kept(made), 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest or (size > SMALL and size > LARGEST_RATIO * packed.file.tell()):
            values = {"times": LARGEST_RATIO, "megabytes": largest >> 20}
            raise SubmissionError.of(label, Fact("grows-when-unpacked", values))
        made.write(chunk)
    made.seek(0)
    return kept


def _read(file: gzip.GzipFile | bz2.BZ2File) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _read_xz(file: BinaryIO) -> Iterator[bytes]:
    """With a bound on the memory, which an archive may ask for in its header."""
    reader = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * _IN_MEMORY)
    while not reader.eof:
        data = file.read(_CHUNK) if reader.needs_input else b""
        if reader.needs_input and not data:
            raise EOFError("it ends too early")
        yield reader.decompress(data, _CHUNK)


def _data(unpacked: _Kept, info: tarfile.TarInfo, label: str, most: int) -> bytes:
    if info.issym() or info.islnk():
        raise SubmissionError.of(label, Fact("is-a-link"))
    if not info.isreg() or info.issparse():
        raise SubmissionError.of(label, Fact("is-no-regular-file"))
    refuse(label, info.size, most)
    unpacked.file.seek(info.offset_data)
    data = unpacked.file.read(info.size)
    if len(data) != info.size:
        raise SubmissionError.of(label, Fact("is-cut-off-in-the-archive"))
    return data
