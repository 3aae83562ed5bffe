"""English."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "has shape {have}, must have shape {want}",
    # how a run ended
    "stopped-after-processor-time": (
        "stopped after {seconds:g} seconds of processor time: is there a loop that never ends?"
    ),
    "stopped-while-it-waited": "stopped, as it waited for long and computed nothing: does it sleep, or wait for input?",
    "stopped-after-wall-time": "stopped after {seconds:g} seconds: is there a loop that never ends?",
}
