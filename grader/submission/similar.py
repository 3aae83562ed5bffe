"""Which submissions share code: passages of tokens that two have in common, and that were not given to them.

Passages are found by fingerprints of k-grams, in a text where every name of a variable, function or class and every
string is one letter, so that renaming hides nothing; comments and layout count for nothing.

Source: Schleimer, Wilkerson & Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003. Submissions
are short, so that every k-gram is kept: what is found does not depend on which hashes happen to be small.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from grader.assignment import Assignment
from grader.errors import SubmissionError, ToldError
from grader.submission import Submission, read
from grader.watch.reading.cells import UnreadableError, decode, notebook_sources
from grader.wire.facts import Fact

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

_K = 25
"""Letters of a k-gram: about two short statements. Shorter passages are the same by chance."""
_LEAST = 100
"""Letters of own code below which there is too little to tell who wrote it."""
_LONGEST = 200_000


@dataclass(frozen=True)
class Own:
    """The code that somebody wrote, without what was handed out: `who` tells one student's attempts from others'."""

    name: str
    who: str
    fingerprint: CodeFingerprint
    code: str = ""


@dataclass(frozen=True)
class Pair:
    """Two submissions, and which share of the own code of each is found in the other, 0 to 1."""

    first: str
    second: str
    share_of_first: float
    share_of_second: float
    passages: tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]] = ((), ())
    """Where in the code of each what they share begins and ends, in letters."""

    @property
    def share(self) -> float:
        """The larger one: who adds to a copy still has copied."""
        return max(self.share_of_first, self.share_of_second)


def code_of(submission: Submission) -> str:
    """The code of a file: of a notebook, its code cells.

    Raises:
        SubmissionError: it has none that can be read.
    """
    text = decode(submission.data)
    try:
        code = "\n".join(source for _, source in notebook_sources(text)) if submission.is_notebook else text
    except UnreadableError as error:
        raise SubmissionError.of(submission.id.file, error.fact) from error
    if len(code) > _LONGEST:
        raise SubmissionError.of(submission.id.file, Fact("has-too-much-code", {"letters": _LONGEST}))
    return code


def handed_out(assignment: Assignment) -> frozenset[int]:
    """The fingerprints of what students were given: the handout, and what `exercise.py` defines for them.

    Raises:
        GraderError: copydetect is not installed.
    """
    files = (assignment.folder / name for name in ("exercise.py", "handout.py", "handout.ipynb"))
    return frozenset(hash_ for file in files if file.exists() for hash_ in _fingerprint(code_of(read(file))).hashes)


def own_code(name: str, who: str, submission: Submission, given: frozenset[int]) -> Own | None:
    """The fingerprints of a submission without those of what was `given`; None where too little is left.

    Raises:
        SubmissionError: its code cannot be read.
    """
    code = code_of(submission)
    print_ = _fingerprint(code)
    print_.hashes -= given
    print_.hash_idx = {hash_: places for hash_, places in print_.hash_idx.items() if hash_ not in given}
    print_.token_coverage = _copydetect().utils.get_token_coverage(print_.hash_idx, _K, len(print_.filtered_code))
    return Own(name, who, print_, code) if print_.token_coverage >= _LEAST else None


def similar(submissions: Sequence[Own], threshold: float) -> list[Pair]:
    """The pairs of which one has at least a share `threshold`, 0 to 1, of the other's own code; the largest first."""
    found = (pair for pair in _pairs(submissions) if pair.share >= threshold)
    return sorted(found, key=lambda pair: (-pair.share, pair.first, pair.second))


def groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs of which one leads to the other, together; the largest group first."""
    found: list[list[Pair]] = []
    for pair in pairs:
        near = [group for group in found if any({pair.first, pair.second} & {p.first, p.second} for p in group)]
        found = [group for group in found if group not in near] + [[*(p for group in near for p in group), pair]]
    return sorted(found, key=lambda group: -len(group))


def _pairs(submissions: Sequence[Own]) -> Iterator[Pair]:
    for one, other in combinations(submissions, 2):
        if one.who != other.who and not one.fingerprint.hashes.isdisjoint(other.fingerprint.hashes):
            _, (of_one, of_other), slices = _copydetect().compare_files(one.fingerprint, other.fingerprint)
            places = tuple(
                tuple((int(a), int(b)) for a, b in zip(*own, strict=True)) if len(own) else () for own in slices
            )
            yield Pair(one.name, other.name, min(1.0, float(of_one)), min(1.0, float(of_other)), (places[0], places[1]))


def _fingerprint(code: str) -> Any:
    # Its own way to leave out what was handed out takes hashes to be unique that are not.
    return _copydetect().CodeFingerprint("code.py", _K, 1, language="python", fp=io.StringIO(code))


def _copydetect() -> Any:
    try:
        import copydetect.utils
    except ImportError as error:
        raise ToldError(
            Fact("needs-part", {"what": "grade similar", "module": "copydetect", "part": "similar"})
        ) from error
    return copydetect
