"""What strangers wrote, before it is shown: names of files, errors, output, whatever a submission may choose.

Nothing in it steers a terminal, turns a line around, hides something, or goes on for ever. Markdown has rules of
its own on top, and so have cells of tables (`grader.gradebook.cells`).
"""

from __future__ import annotations

import re

_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but for tab and line feed; a carriage return overwrites its line
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"  # what is not seen, or turns a line around
    "\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LONGEST, _LONGEST_LINE, _LONGEST_NAME = 20_000, 2_000, 200
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@-])")
_ADDRESS = re.compile(r"(?i)(https?|ftps?|mailto|xmpp)(?=:)|www(?=\.)")
_WORD_JOINER = "\N{WORD JOINER}"


def clean(text: str) -> str:
    """Text of several lines; what steers is replaced by a sign that something was there, and what is long is cut."""
    kept = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return _STEERS.sub("\N{REPLACEMENT CHARACTER}", kept)


def told(text: str) -> str:
    """Text of the program with names of strangers in it: as `clean`, and of a long line the beginning and the end."""
    half = _LONGEST_LINE // 2
    lines = (line if len(line) <= _LONGEST_LINE else f"{line[:half]}...{line[-half:]}" for line in text.split("\n"))
    return clean("\n".join(lines))


def first_line(text: str) -> str:
    """The first line of a text, where there is room for one; what steers is replaced."""
    return clean(text).partition("\n")[0]


def name(text: object) -> str:
    """A name, on one line; of a long one the beginning and the end."""
    told = str(text)
    if len(told) > _LONGEST_NAME:
        half = (_LONGEST_NAME - 3) // 2
        told = f"{told[:half]}...{told[-half:]}"
    return _STEERS.sub("\N{REPLACEMENT CHARACTER}", told).translate(_ONE_LINE)


_ONE_LINE = dict.fromkeys(map(ord, "\t\n"), "\N{REPLACEMENT CHARACTER}")


def markdown(text: str) -> str:
    """Text on one line, in which Markdown and HTML mean nothing, and of which no address becomes a link."""
    plain = _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()))
    return _ADDRESS.sub(lambda found: f"{found[0]}{_WORD_JOINER}", plain)
