"""How the program starts itself in another process."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """Runs a module of it. The current folder, perhaps full of strangers' files, is not searched for modules: -P."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """Ours, in which its modules are found wherever it was started from."""
    modules = filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(modules), **more}
