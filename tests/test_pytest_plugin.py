"""In pytest, a layer that is wrong is told of in the words of the assertion, without a traceback through this program."""

from __future__ import annotations

import subprocess
import sys

TEST = """\
from grader.testing import assert_layer


def scale_forward(x):
    return x * x, x


def scale_backward(dout, cache):
    return dout * cache


def test_scale():
    assert_layer("scale_forward(x: N D) -> out, cache", "scale_backward(dout, cache) -> dx", lambda x: x * x, globals())
"""


def test_a_failure_names_the_line_of_the_test_the_numbers_and_the_mistake(tmp_path):
    (tmp_path / "test_mine.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "test_mine.py:13: the layer is not what its formula says" in done.stdout
    assert "dx is 0.5 times what it should be" in done.stdout
    assert "A factor 2 is missing" in done.stdout
    assert "grader/testing.py" not in done.stdout
