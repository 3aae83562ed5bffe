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
from grader.submission.hand_in import with_imports
from grader.wire.facts import Fact

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
        return with_imports(submission.read(path), path.parent)
    cells = _executed(names)
    if cells:
        functions = [function] if function is not None else _living(names)
        return with_imports(_notebook(_with(functions, cells)), Path.cwd())
    file = (names or vars(sys.modules["__main__"])).get("__file__")
    if not file:
        raise SubmissionError(Fact("code-is-nowhere"))
    return with_imports(submission.read(Path(file)), Path(file).parent)


def shell() -> Any:
    """The IPython that this is called in, of a notebook or a terminal; None elsewhere."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _module_of(function: Function) -> Path | None:
    """The file of an imported module that defines a function; None where the notebook or the main script does."""
    if not hasattr(function, "__name__"):
        return None  # an object that was made here, of a class from elsewhere: `partial(f, 2)`
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    return Path(file) if file and module is not sys.modules["__main__"] else None


def _executed(names: Mapping[str, Any] | None) -> list[str]:
    """What was typed into the cells that were run, in order; empty where there is no notebook."""
    history = (names or {}).get("In")
    if history is None and (running := shell()) is not None:
        history = running.user_ns.get("In")
    return [str(cell) for cell in history[1:]] if isinstance(history, list) else []


def _living(names: Mapping[str, Any] | None) -> list[Function]:
    """The functions that the notebook has defined, as they are now."""
    return [value for value in there(names).values() if inspect.isfunction(value) and not _module_of(value)]


def there(names: Mapping[str, Any] | None) -> dict[str, Any]:
    """All that a notebook or a script has given a name: by default those of the notebook, or of the main script."""
    running = shell()
    found = names if names is not None else running.user_ns if running is not None else vars(sys.modules["__main__"])
    return dict(found)


def _with(functions: Sequence[Function], cells: Sequence[str]) -> list[str]:
    """The cells, and behind them the own source of functions whose names the cells define otherwise at last.

    A cell that raised before it came to a definition did not define it. What another function made cannot stand alone:
    the cells make it.
    """
    added = []
    for function in functions:
        name = getattr(function, "__name__", "")
        definition = re.compile(rf"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+{re.escape(name)}\b", re.MULTILINE)
        last = next((cell for cell in reversed(cells) if definition.search(cell)), "")
        own = _own_source(function)
        if own and own not in textwrap.dedent(last):
            added.append(own)
    return [*cells, *added]


def _own_source(function: Function) -> str:
    if "<locals>" in getattr(function, "__qualname__", ""):
        return ""
    try:
        return textwrap.dedent(inspect.getsource(function)).strip()
    except (OSError, TypeError):
        return ""


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
