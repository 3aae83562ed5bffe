"""Let code of a submission that calls layers of its own call right ones instead, for a while."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from grader.kit.arguments import replaced


def with_right(names: Mapping[str, Any], right: Mapping[str, Any]) -> AbstractContextManager[None]:
    """While it is entered, wherever a module knows a helper of the submission by its name, the right one stands there.

    Args:
        names: of the submission.
        right: by name, what is to stand in the place of what the submission defines.
    """
    others = [(name, names[name], right[name]) for name in right if name in names]
    spaces = [vars(module) for module in [*sys.modules.values()] if hasattr(module, "__dict__")] if others else []
    spaces += [space for value in names.values() if isinstance(space := getattr(value, "__globals__", None), dict)]
    return replaced(spaces, others)
