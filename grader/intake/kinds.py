"""What kind of file something is: by the ending of its name, and where that does not tell, by its first lines. Pure."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePath

NOTEBOOK, PYTHON = ".ipynb", ".py"


class Kind(Enum):
    """What the ending of a name promises."""

    SOURCE = "a Python file or a notebook"
    ARCHIVE = "an archive that can be opened"
    OTHER = "something else"
    OPEN = "anything: it has to be looked at"


_FOREIGN_ARCHIVES = frozenset({".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".z", ".lzh", ".dmg"})
_ARCHIVE = re.compile(r"(?i)\.(zip|tar|tgz|tbz2?|txz|tar\b.*\.(gz|bz2|xz))[ .]*$")
"""Names of archives that are opened; a browser makes `hw.tar (1).gz` of a second `hw.tar.gz`."""
_TEXTS = {".pdf", ".doc", ".docx", ".odt", ".pages", ".rtf", ".tex", ".md", ".rst", ".html", ".htm", ".xml", ".css"}
_TABLES = {".ppt", ".pptx", ".odp", ".key", ".xls", ".xlsx", ".ods", ".csv", ".tsv", ".url", ".webloc", ".lnk", ".eml"}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".webp", ".heic", ".tif", ".tiff", ".mp3", ".mp4", ".mov"}
_DATA = {".npy", ".npz", ".mat", ".h5", ".hdf5", ".pt", ".pth", ".ckpt", ".onnx", ".pkl", ".pickle", ".yml", ".yaml"}
_PROGRAMS = {
    ".pyc",
    ".whl",
    ".so",
    ".dll",
    ".exe",
    ".class",
    ".jar",
    ".c",
    ".cpp",
    ".h",
    ".java",
    ".js",
    ".r",
    ".m",
    ".sh",
}
_OTHERS = frozenset(_TEXTS | _TABLES | _PICTURES | _DATA | _PROGRAMS)
_CODE = re.compile(
    rb"""(?:^|[\r\n])(?:[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(
         |[ \t]*class[ \t]+\w+[ \t]*[(:]
         |import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:[\r\n]|$)
         |from[ \t]+[\w.]+[ \t]+import[ \t]+[\w*])""",
    re.VERBOSE,
)


def kind_of(name: str) -> Kind:
    """What the name of a file promises; letter case, spaces and points at its end do not count."""
    ending = _ending(name)
    if ending in (PYTHON, NOTEBOOK):
        return Kind.SOURCE
    if _ARCHIVE.search(name):
        return Kind.ARCHIVE
    return Kind.OTHER if ending in _OTHERS or ending in _FOREIGN_ARCHIVES else Kind.OPEN


def is_foreign_archive(name: str) -> bool:
    """Whether a name is that of an archive of a kind that is not opened."""
    return _ending(name) in _FOREIGN_ARCHIVES


def is_source(name: str) -> bool:
    """Whether a name is that of a Python file or a notebook."""
    return kind_of(name) is Kind.SOURCE


def source_ending(name: str, data: bytes) -> str:
    """`.py` or `.ipynb` for what is Python or a notebook, whatever it is called; else nothing."""
    if is_source(name):
        return _ending(name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return NOTEBOOK if b'"cells"' in data else ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return PYTHON if _CODE.search(data.replace(b"\0", b"")) else ""
    return PYTHON if b"\0" not in data and _CODE.search(data) else ""


def _ending(name: str) -> str:
    return PurePath(name.rstrip(" .")).suffix.lower()
