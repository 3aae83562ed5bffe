"""Exit statuses of `grade`."""

from __future__ import annotations

GRADED, BELOW, UNUSABLE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
