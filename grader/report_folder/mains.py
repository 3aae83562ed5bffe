"""The files that a person chose where several of a student's may be the submission; a folder of reports keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from grader.decisions import What
from grader.intake.finding import HandIn
from grader.intake.naming import folded
from grader.report_folder import ReportFolder

_MAINS = "mains"


def meant(hand_in: HandIn, text: str) -> PurePath | None:
    """The file that somebody means by a path, or by a name that one file has; None where that is none, or several."""
    names = {place: node.label for place, node in hand_in.places.items()}
    exact = [place for place, label in names.items() if text in (str(place), label)]
    named = [place for place, label in names.items() if PurePath(label).name == text or label.endswith(f"/{text}")]
    found = exact or named
    return found[0] if len(found) == 1 else None


class Mains:
    """For each student the chosen file, by its path in the hand-in."""

    def __init__(self, folder: ReportFolder, chosen: Sequence[PurePath]) -> None:
        self.unused = set(chosen)
        self._folder = folder
        self._about = folder.about()
        self._kept: dict[str, str] = self._about.get(_MAINS, {})
        self._standing = folder.standing()

    def of(self, hand_in: HandIn, report: str) -> PurePath | None:
        """The chosen file of a student; None where there is none, or it is not among the files any more.

        Args:
            report: the name of the report, on which somebody may have decided.
        """
        decided = self._standing.on((What.MAIN, report, ""))
        if decided and (place := meant(hand_in, decided.text)):
            return place
        key = folded(hand_in.student.key)
        for place, node in hand_in.places.items() if self.unused else ():
            if PurePath(node.label) in self.unused:
                self.unused.remove(PurePath(node.label))
                self._kept[key] = str(place)
                self._folder.keep({**self._about, _MAINS: self._kept})
        kept = PurePath(self._kept[key]) if key in self._kept else None
        return kept if kept in hand_in.places else None
