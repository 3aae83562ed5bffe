"""Which statements of a file are run: those that the entry points need, and those that may be of use to them."""

from __future__ import annotations

import ast

import pytest

from grader.watch.reading.cells import Cell
from grader.watch.reading.select import Place, Selection, needed, statements

ENTRY = """
def f(model):
    return helper(model) * table["x"] + len(log) + calls + device + constant


def helper(x):
    global calls
    calls += 1
    log.append(x)
    return x
"""
MADE = """
import torch
table, log = {}, []
calls = 0
device = torch.device("cpu")
constant = 1e-8
"""


def selected(last: str) -> Selection:
    source = f"{MADE}{ENTRY}{last}"
    program, errors = statements([Cell("file.py", source, ast.parse(source))])
    assert not errors
    return needed(program, [Place("f")], ["Net"])


def chosen(last: str) -> bool:
    """Whether the last statement of a file is run, if only tentatively."""
    selection = selected(last)
    number = len(ast.parse(f"{MADE}{ENTRY}{last}").body) - 1
    assert number not in selection.statements or number in selection.tentative
    return number in selection.statements


@pytest.mark.parametrize(
    "last",
    [
        'table["x"] = 1',
        'y, table["x"] = 2, 1',
        'for k in "xyz":\n    table[k] = 1',
        'if True:\n    table["x"] = 1',
        "table.update(x=1)",
        "torch.nn.init.constant_(table, 2)",
        "[table.update({k: 1}) for k in 'xy']",
        "f.calls = 0",
        "setattr(helper, 'calls', 0)",
        "setattr(Net, 'helper', helper)",
        "Net.helper = helper",
        "for c in (Net, int):\n    c.helper = helper",
    ],
)
def test_what_may_change_an_object_that_is_needed_is_tried(last):
    assert chosen(last)


@pytest.mark.parametrize(
    "last",
    [
        "for _ in range(10**9):\n    log.append(f(3))",
        "while True:\n    f(calls)",
        "for _ in range(10**9):\n    calls = 0\n    f(1)",
        "with open('log') as file:\n    f(log)",
        "torch.manual_seed(0)",
        "print(device)",
        "x = torch.ones(3).to(device) * constant",
        "y = torch.tanh(torch.ones(3))",
        "def g(x):\n    return torch.tanh(x)\ny = g(torch.ones(3))",
        "import os",
    ],
)
def test_what_trains_or_only_reads_is_not(last):
    assert not chosen(last)


@pytest.mark.parametrize("last", ['globals()["x"] = 1', "globals().update(x=1)", "from math import *"])
def test_what_binds_names_that_nobody_can_know_is_run(last):
    assert len(selected(last).statements) > len(selected("").statements)


def test_a_function_that_fills_is_tried_and_one_that_trains_is_not():
    register = "def register(k):\n    table[k] = 1\n"
    assert chosen(f"{register}register('x')")
    assert chosen(f"{register}list(map(register, 'xy'))")
    assert chosen(f"{register}@register\ndef k(): pass")
    assert not chosen("def train():\n    log.clear()\n    f(1)\ntrain()")
