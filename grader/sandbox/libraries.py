"""Where the libraries are that a submission may import, found without importing them."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from pathlib import Path

from grader.errors import LibraryMissing
from grader.wire.facts import Fact

_SHARED = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")


def library_folders() -> list[str]:
    """Where torch, numpy and IPython are installed.

    Raises:
        LibraryMissing: one of them is not.
    """
    folders = []
    for name in ("torch", "numpy", "IPython"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise LibraryMissing(Fact("library-missing", {"name": name, "python": sys.executable}))
        folders.append(str(Path(spec.origin).parent.parent))
    return list(dict.fromkeys(folders))


def library_paths() -> list[str]:
    """What importing needs to read: the standard library, the folders of torch and numpy, and shared objects.

    Raises:
        LibraryMissing: torch or numpy is not installed.
    """
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), f"{sys.base_prefix}/lib"]
    return list(dict.fromkeys([*standard, *library_folders(), *_SHARED]))
