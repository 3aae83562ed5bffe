"""What runs in Gradescope's container: grade what was handed in, and leave `results.json`.

    python -m grader.handout.autograder --prepare SOURCE      once: see that an answer key can be built
    python -m grader.handout.autograder SOURCE ROOT           ROOT/submission -> ROOT/results/results.json

What is the student's fault gets no points and says why; where several files may be the submission there is no score, as
in a batch. What is not her fault leaves no score and a status that is not 0: Gradescope then says that the autograder
failed, and nobody is graded by accident.

Students hand in as often as they like, and a submission may tell what it was given. So each file meets numbers of its
own, drawn from the seed and its bytes: what one file tells is of no use to any other, and the same bytes get the same
score.
"""

from __future__ import annotations

import hmac
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import submission
from grader.assignment import Assignment, load
from grader.errors import GraderError, NotClear, SubmissionError
from grader.grading import Limits, grade, setup
from grader.intake.choosing import choose as choose_file
from grader.intake.finding import HandIn
from grader.intake.naming import Student
from grader.intake.nodes import OnDisk, is_hidden
from grader.key.obtaining import obtain_key
from grader.records import Report
from grader.reports.audience import for_students
from grader.reports.gradescope import as_results
from grader.reports.json_report import dump
from grader.reports.markdown import as_markdown
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool
from grader.submission import Submission
from grader.submission.hand_in import in_the_way
from grader.wire.facts import Fact
from grader.words import say


def main(arguments: list[str]) -> int:
    """Run one of the two commands."""
    prepare = arguments[0] == "--prepare"
    source = Path(arguments[1] if prepare else arguments[0])
    try:
        assignment, seed = _told(source)
        if prepare:
            obtain_key(assignment, seed, print)
        else:
            _grade(source, Path(arguments[1]), assignment, seed)
    except GraderError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


def seed_for(secret: str, chosen: Submission) -> str:
    """The seed that grades one file: the same for the same bytes, and not to be foreseen without the secret."""
    return hmac.new(secret.encode(), chosen.id.sha256.encode(), "sha256").hexdigest()


def _told(source: Path) -> tuple[Assignment, str]:
    told = json.loads((source / "autograder.json").read_text(encoding="utf-8"))
    return load(source / "course", told["assignment"]), str(told["seed"])


def _grade(source: Path, root: Path, assignment: Assignment, secret: str) -> None:
    try:
        results = _results(source, root / "submission", assignment, secret)
    except NotClear as error:
        told = say(error.instead(Fact("hand-in-one-of-them")))
        results = {"output": told, "output_format": "text", "visibility": "visible"}
    except SubmissionError as error:
        told = str(error).replace(f"{root / 'submission'}/", "")
        results = {"score": 0.0, "output": told, "output_format": "text", "visibility": "visible", "tests": []}
    folder = root / "results"
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(dump(results), encoding="utf-8")


def _results(source: Path, handed_in: Path, assignment: Assignment, secret: str) -> dict[str, Any]:
    """The results of the file that fits the assignment best.

    Raises:
        SubmissionError: there is none, or it cannot be read.
    """
    chosen = _chosen(handed_in, assignment)
    key = obtain_key(assignment, seed_for(secret, chosen), print)
    with Pool(choose(Machine.here()), [source / "course" / "assignments"]) as pool:
        pool.prepare(setup(assignment, key))
        whole = grade(
            chosen, assignment, key, pool, Limits.of(assignment), lambda seed: obtain_key(assignment, seed, print)
        )
    return _both(whole, for_students(whole))


def _both(whole: Report, told: Report) -> dict[str, Any]:
    """What students see, with a test that stays hidden from them: the report for the instructor."""
    results = as_results(told, told.score)
    results |= {"output": as_markdown(told, []), "output_format": "md"}
    hidden = {
        "name": "Report for the instructor",
        "output": as_markdown(whole, [f"Seed {whole.seed}, isolation {whole.isolation.level}."]),
        "output_format": "md",
        "visibility": "hidden",
        "status": "passed" if whole.score >= whole.out_of else "failed",
    }
    return results | {"tests": [*results["tests"], hidden]}


def _chosen(folder: Path, assignment: Assignment) -> Submission:
    """Of the files that were handed in, the submission with its modules, chosen as in a batch.

    Raises:
        NotClear: several files may be it.
        SubmissionError: there is none, or none that defines anything that is asked for.
    """
    top = OnDisk(str(folder), is_folder=True)
    nodes = tuple(node for node in top.children() if not is_hidden(node.name))
    if not nodes:
        raise SubmissionError(Fact("nothing-handed-in"))
    try:
        best, _ = choose_file(HandIn(Student(""), nodes[0].label, nodes), assignment)
    except NotClear:
        raise
    except SubmissionError as error:
        raise SubmissionError(in_the_way([_wanted(assignment), error.why])) from None
    whole = replace(best, data=b"\n".join([best.data, *best.modules.values()]))
    if not submission.fit(whole, assignment):
        raise SubmissionError(_wanted(assignment))
    return best


def _wanted(assignment: Assignment) -> Fact:
    return Fact("no-file-defines", {"names": tuple(submission.asked_for(assignment))})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
