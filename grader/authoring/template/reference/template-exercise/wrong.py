"""Code that makes the known mistakes: pairs of ids, with spaces between, and the text of a submission.

`grade validate` hands it in: it must lose marks, and be diagnosed as what it is.
"""

from pathlib import Path

from grader.validation.wrong_code import edited

RIGHT = Path(__file__).with_name("solution.py").read_text(encoding="utf-8")
VALUE, SLOPE, CHAIN = "return x * x", "return 2 * x", "return g * s"

WRONG = (
    ("value-halved", edited(RIGHT, (VALUE, "return x * x / 2"), (SLOPE, "return x"))),
    ("slope-factor-missing", edited(RIGHT, (SLOPE, "return x"))),
    ("slope-is-the-value", edited(RIGHT, (SLOPE, "return x * x"))),
    ("upstream-ignored", edited(RIGHT, (CHAIN, "return s"))),
)
