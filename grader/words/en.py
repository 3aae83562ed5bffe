"""English."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "has shape {have}, must have shape {want}",
}
