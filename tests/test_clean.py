"""What strangers wrote is shown, and does nothing."""

from __future__ import annotations

import pytest

from grader.gradebook.cells import defused
from grader.reports.clean import clean, markdown, name, told

STEERS = {
    "paints": "\x1b[2J",
    "eight bits": "\x9b2J",
    "goes back": "\r",
    "rings": "\a",
    "turns around": "\u202e",
    "turns a word around": "\u2067",
    "is not seen": "\u200b",
    "marks an order of bytes": "\ufeff",
    "a tag": "\U000e0041",
    "half a letter": "\udcff",
    "ends a line": "\u2028",
}


@pytest.mark.parametrize("sign", STEERS.values(), ids=STEERS)
def test_nothing_that_steers_is_left_in_whatever_way_it_is_shown(sign):
    for shown in (clean, name, told, markdown):
        assert sign not in shown(f"a{sign}b.py")
        assert "\N{REPLACEMENT CHARACTER}" in shown(f"a{sign}b.py") or shown is markdown


@pytest.mark.parametrize("kept", ["é", "אב", "日本", "\u0646\u0627\u0645\u200c\u0647\u0627", "👩\u200d🔬"])
def test_letters_of_every_script_stay(kept):
    assert clean(kept) == name(kept) == kept


def test_a_name_has_one_line_and_fits_the_screen():
    long = name("x" * 15_000_000 + "end.py")
    assert len(long) <= 200
    assert long.endswith("end.py")
    assert "\n" not in name("a\nb")
    assert len(clean("x" * 15_000_000)) < 30_000
    assert len(told("grade: " + "x" * 15_000_000 + ".py: is too large")) < 3_000


@pytest.mark.parametrize("text", ["[a](http://b)", "![a](b)", "<b>", "a|b", "`c`", "# d", "a_b_", "&lt;", "@teacher"])
def test_markdown_means_nothing_in_a_name(text):
    shown = markdown(text)
    for sign in "[]()<>|`#_&@!":
        assert shown.count(sign) == shown.count(f"\\{sign}")


@pytest.mark.parametrize("address", ["https://a.b", "http://a.b", "www.a.b", "mailto:a.b"])
def test_no_address_becomes_a_link(address):
    assert address not in markdown(address).replace("\\", "")


FORMULAS = [
    "=1",
    " =1",
    "\t=1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff+1",
    "a;=1",
    "a,\u00a0=1",
    "a\t-1",
    "\uff1d1",
    "a;\u200b@x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_nor_what_a_spreadsheet_may_make_a_cell_of_begins_a_formula(text):
    shown = defused(text)
    at = next(number for number, letter in enumerate(shown) if letter in "=+-@\uff1d")
    assert "'" in shown[:at]
