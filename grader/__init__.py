"""An automated grading harness for backpropagation assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.selfcheck import main_test as main_test

__all__ = ["main_test"]


def __getattr__(name: str) -> Any:
    """`main_test` needs torch, which takes a second to import: so it is imported when it is asked for."""
    if name == "main_test":
        from grader.selfcheck import main_test

        return main_test
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
