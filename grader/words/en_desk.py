"""English: what people decide, the desk, and what goes back to students."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- decisions, in a report
    "outcome: decided": "A person gave the points",
    "ended: decided": "a person gave the points",
    "decided-points": "a person gave these points{above:, more than there are,|}; {measured} were measured",
    "decided-total": "A person gave {points} points for the whole{measured:; {measured} were measured|}.",
    "decided-why": "{title:{title}: |}{measured} -> {points} points, by {who}, {when}{why:: {why}|}",
    "comment": "{text}",
    # ---- decisions, listed
    "decision: points": "{check}: {points} of {out_of} points",
    "decision: total": "{points} of {out_of} points for the whole",
    "decision: comment": "comment: {text}",
    "decision: excuse": "does not count",
    "decision: name": "handed in by {text}",
    "decision: main": "the file is {text}",
    "decision: late": "{hours} hours late",
    "decision: late-rule": "how being late counts",
    "decision: worth": "{check} is worth {points} points",
    "decision: undo": "taken back",
    "decision: release": "shown to the student{points:: {points} of {out_of} points|}",
    "state: holds": "counts",
    "state: undone": "taken back",
    "state: replaced": "replaced",
    "decided": "Decided",
    "attempts": "Attempts",
    "report": "report",
    "show: no-code": "The file was not kept; the next batch keeps it.",
    # ---- feedback in one line
    "feedback: no-score": "There is no score yet: {why}.",
    "feedback: penalty": "{percent:g} % of the points are taken off.",
    "feedback: ended": "{how}.",
    "feedback: all-right": "Everything is right.",
    "feedback: mistake": "{title}{more:, and {more:one thing more is|{more} things more are} wrong|}.",
    "feedback: step": "Look again at this step: {step}.",
    "feedback: not-right": "Not right yet: {titles}.",
}
