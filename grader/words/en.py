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
    # what the sandbox noticed about a file
    "refused": "{where}, line {line}: Python refuses this part, and nothing of it counts.\n{error}",
    "refused-newer": "{where}, line {line}: this is Python {needs}; here runs Python {here}, which refuses this"
    " part, so nothing of it counts.",
    "older-definition": "The `{name}` that Python refuses ({where}, line {line}) is not what was graded:"
    " an earlier one was.",
    "stands-inside": "`{name}` stands inside `{inside}` ({where}, line {line}); what is graded stands at the top"
    " level.",
    "stands-in-text": "`{name}` stands in a cell of text ({where}), which is not run.",
    "missing-module": "The module `{module}` was not handed in, and is not installed here; what it was to give does"
    " nothing.",
    "never-called": "`{name}` ({where}, line {line}) is defined and never called, so nothing of it was seen.",
    "stood-for": "The data of the exercise stood for {what}.",
    "on-processor": "The file asks for a graphics card; it was run on the processor.",
}
