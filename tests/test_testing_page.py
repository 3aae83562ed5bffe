"""The tests on the page about tests of one's own run as they stand there."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import pytest

from grader.testing import LayerError
from tests.conftest import ROOT
from tests.layers import pairs

BLOCKS = dict(re.findall(r'```python title="(.*?)"\n(.*?)^```$', (ROOT / "docs/testing.md").read_text(), re.M | re.S))
WRONG = {**vars(pairs), "affine_backward": lambda dout, cache: (2 * dout @ cache[1].T, cache[0].T @ dout, dout.sum(0))}


@pytest.fixture
def otter(monkeypatch):
    """What stands for otter's decorator: it hands over the environment, and no more."""
    package, files = ModuleType("otter"), ModuleType("otter.test_files")
    files.test_case = lambda **_: lambda function: function
    monkeypatch.setitem(sys.modules, "otter", package)
    monkeypatch.setitem(sys.modules, "otter.test_files", files)


def test_the_test_for_otter_passes_right_code_and_objects_to_wrong_code(otter):
    names: dict = {}
    exec(BLOCKS["tests/q1.py"], names)
    names["test_affine"](vars(pairs))
    with pytest.raises(LayerError, match="A factor 2 is too much"):
        names["test_affine"](WRONG)


def test_the_cell_for_nbgrader_passes_right_code_and_objects_to_wrong_code():
    exec(BLOCKS["cell"], dict(vars(pairs)))
    with pytest.raises(LayerError, match="`dx` is wrong"):
        exec(BLOCKS["cell"], dict(WRONG))
