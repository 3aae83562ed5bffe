"""An automated grading harness for backpropagation assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.selfcheck.checking import check as check
    from grader.selfcheck.main_test import main_test as main_test

__all__ = ["check", "main_test"]


def __getattr__(name: str) -> Any:
    """What notebooks use is imported when it is asked for: `main_test` needs torch, which takes a second."""
    if name == "main_test":
        from grader.selfcheck.main_test import main_test

        return main_test
    if name == "check":
        from grader.selfcheck.checking import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
