"""Where the code of a function or of a whole notebook can be read, so that it can be run elsewhere."""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from grader import submission
from grader.errors import SubmissionError
from grader.submission import Submission

Function = Callable[..., Any]

NOTEBOOK = "notebook.ipynb"


def source_of(function: Function | None, names: Mapping[str, Any] | None) -> Submission:
    """The notebook or file in which a student works, as a submission.

    Of a notebook, the cells that this kernel has run, each time that it has run them: cell 3 of the submission is
    `In [3]`. A function of a module is taken from its file.

    Args:
        function: what is to be checked; None for whatever the notebook or file defines.
        names: `globals()` of the caller; by default those of the notebook or the main script.

    Raises:
        SubmissionError: there is no such place.
    """
    if function is not None and (path := _module_of(function)):
        return submission.read(path)
    cells = _executed(names)
    if cells:
        return _notebook(_with(function, cells) if function is not None else cells)
    file = (names or vars(sys.modules["__main__"])).get("__file__")
    if not file:
        raise SubmissionError(
            "the code that is to be checked cannot be found: it is neither in a notebook nor in a file. Save it in a"
            " file, and run `grade check FILE`"
        )
    return submission.read(Path(file))


def shell() -> Any:
    """The IPython that this is called in, of a notebook or a terminal; None elsewhere."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _module_of(function: Function) -> Path | None:
    """The file of an imported module that defines a function; None where the notebook or the main script does."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    return Path(file) if file and module is not sys.modules["__main__"] else None


def _executed(names: Mapping[str, Any] | None) -> list[str]:
    """What was typed into the cells that were run, in order; empty where there is no notebook."""
    history = (names or {}).get("In")
    if history is None and (running := shell()) is not None:
        history = running.user_ns.get("In")
    return [str(cell) for cell in history[1:]] if isinstance(history, list) else []


def _with(function: Function, cells: Sequence[str]) -> list[str]:
    """The cells, and a function's own source behind them where their last definition of its name is another one."""
    name = function.__name__
    try:
        own = textwrap.dedent(inspect.getsource(function)).strip()
    except (OSError, TypeError):
        return list(cells)
    definition = re.compile(rf"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+{re.escape(name)}\b", re.MULTILINE)
    last = next((cell for cell in reversed(cells) if definition.search(cell)), "")
    return [*cells] if own in textwrap.dedent(last) else [*cells, own]


def _notebook(cells: Sequence[str]) -> Submission:
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": number, "source": cell}
            for number, cell in enumerate(cells, start=1)
        ],
    }
    return submission.accept(PurePath(NOTEBOOK), json.dumps(document).encode())
