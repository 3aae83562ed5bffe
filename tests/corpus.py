"""The submissions under `tests/submissions`, whole files and edits alike, as `exercise/kind/file`.

Those to exercises of declared layers are in `tests.courses`.
"""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from grader.course import find_course
from grader.validation.cases import Case, cases_in

CORPUS = Path(__file__).resolve().parent / "submissions"
_WRITTEN = tempfile.TemporaryDirectory(prefix="grader-corpus-")
atexit.register(_WRITTEN.cleanup)


@cache
def _cases() -> dict[str, Case]:
    written = sorted(file.parent.name for file in (find_course() / "assignments").glob("*/exercise.py"))
    folders = [folder for slug in written for folder in sorted((CORPUS / slug).iterdir()) if folder.is_dir()]
    return {f"{f.parent.name}/{f.name}/{case.name}": case for f in folders for case in cases_in(f)}


def cases(folder: str) -> list[str]:
    """The submissions of one kind to all exercises, or to one of them: `wrong`, `relu/wrong`."""
    return [name for name in _cases() if f"/{name.rpartition('/')[0]}".endswith(f"/{folder}")]


def header(case: str, word: str) -> str:
    """What the file says after `# word:`."""
    found = _cases()[case].header(word)
    assert found is not None, f"{case}: has no line `# {word}:`"
    return found


def says(case: str, word: str) -> bool:
    """Whether the file has a line `# word:`."""
    return _cases()[case].header(word) is not None


@cache
def handed_in(case: str) -> Path:
    """The file as a student hands it in: an edit is written out, under the name of its case."""
    found = _cases()[case]
    if found.file.name == found.name:
        return found.file
    path = Path(_WRITTEN.name, case)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found.data)
    return path
