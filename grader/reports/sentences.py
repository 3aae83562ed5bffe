"""What several kinds of report say in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.records import CheckResult, Report, Verdict
from grader.reports.places import origin
from grader.words import Words

_DECIDED = "decided-points"
_NOTHING_TO_JUDGE = (Verdict.NOT_REPORTED, Verdict.NOT_ATTEMPTED, Verdict.NOT_RUN)


_WORD = re.compile(r"(?:[aà]|[^\W\d_]{2,}[,;]?)(?:\s|$)|[^\W\d_]+['\u2019\-]")
"""What a sentence may begin with and is no symbol, as `z`, `dL/da` and `δ[l]` are."""


def sentence(text: str) -> str:
    """With a capital at its beginning, unless that is a symbol: another letter would mean something else."""
    first = text.split(maxsplit=1)[:1]
    is_word = _WORD.match(text) and not any(letter.isupper() for letter in first[0][1:])
    return text[:1].upper() + text[1:] if is_word else text


def note(report: Report, check: CheckResult, words: Words) -> str:
    """What stands beside a check: how much of it is right and what it follows from, or that nothing was to judge."""
    if check.verdict in _NOTHING_TO_JUDGE and not check.points and not (check.fact and check.fact.kind == _DECIDED):
        return words(f"verdict: {check.verdict}")
    follows = origin(report, check)
    if follows and check.fact and check.fact.values.get("right") == 0:
        return words.say(follows)  # that none is right needs no further words
    return ", ".join(filter(None, (words.say(check.fact), words.say(follows))))


def failures(report: Report, words: Words) -> str:
    """Why it did not come to its end, with the trial where it was in one."""
    return "\n".join(_failures(report, words))


def _failures(report: Report, words: Words) -> Iterator[str]:
    titles = report.titles
    for failure in report.failures:
        what = words.say(failure.fact)
        trial = titles.get(failure.trial, failure.trial)
        yield words("at-trial", trial=trial, what=what) if trial else what
