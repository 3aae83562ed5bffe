"""English."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "has shape {have}, must have shape {want}",
    # A declared layer in somebody's own tests
    "layer-name-missing": "`{name}` is not defined.",
    "layer-attribute-missing": "`{name}` is not there: nothing has the attribute `{attribute}`.",
    "layer-key-missing": "`{name}` has no entry {key}.",
    "layer-wrong-count": "`{call}` gives {have} values; there must be {want}: {names}.",
    "layer-not-given": "`{name}` is missing: no step gave it.",
    "layer-no-numbers": "`{name}` is a {type}, not an array of numbers.",
    "layer-shape": "`{name}` has shape {have}; it must have shape {want} (at {sizes}).",
    "layer-entries-differ": (
        "`{name}` is wrong in {wrong} of {entries} entries; the largest error is at {at}: {have}, should be "
        "{want} (at {sizes})."
    ),
    "layer-input-changed": "`{name}` was handed over, and was changed in place; work on a copy.",
    "layer-result-overwritten": "`{name}` was changed by the next call; return an array of its own each time.",
    "layer-second-call-differs": (
        "`{name}` differs when everything is called a second time; is something kept from the first call?"
    ),
    "layer-raises": "`{call}` raises {type}: {message}\n    line {line}: {source}",
    "layer-call-fails": "`{call}` cannot be called so: {type}: {message}",
    # how a run ended
    "stopped-after-processor-time": (
        "stopped after {seconds:g} seconds of processor time: is there a loop that never ends?"
    ),
    "stopped-while-it-waited": "stopped, as it waited for long and computed nothing: does it sleep, or wait for input?",
    "stopped-after-wall-time": "stopped after {seconds:g} seconds: is there a loop that never ends?",
}
