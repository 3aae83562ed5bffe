"""A report without what tells whose it is: names, numbers, names of files. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.records import Outcome, Report
from grader.wire.facts import Fact

FILE = "submission"
_ON_FILES = ("also-handed-in", "whose-is-open", "in-an-archive")
"""Remarks that are on files, and not on code."""
_NAMING = ("file", "files", "name", "names")


def without_names(report: Report, called: str) -> Report:
    """The report of somebody who is called otherwise.

    What is said of files names them all: where a hand-in could not be read, and in remarks on what was handed in. Lines
    of code are told by the name that `reading.of_file` gave the file.
    """
    whose = replace(report.submission, name=FILE, file=FILE, student=called, student_id="")
    unread = report.outcome in (Outcome.UNREADABLE, Outcome.DECIDED)
    failures = tuple(replace(one, fact=_hidden(one.fact)) if unread else one for one in report.failures)
    remarks = tuple(
        replace(one, fact=_hidden(one.fact)) if one.fact.kind in _ON_FILES else one for one in report.remarks
    )
    return replace(report, submission=whose, failures=failures, remarks=remarks)


def _hidden(fact: Fact) -> Fact:
    if fact.kind == "not-clear":  # which of these files it is can be said by their names alone
        return Fact("not-clear-and-hidden")
    return replace(fact, values={key: _value(key, value) for key, value in fact.values.items()})


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Fact):
        return _hidden(value)
    if isinstance(value, tuple):
        return tuple(_value(key, one) for one in value)
    return FILE if key in _NAMING and isinstance(value, str) else value
