"""The files that a person chose where several of a student's may be the submission; a folder of reports keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from grader.intake.finding import HandIn
from grader.intake.naming import folded
from grader.report_folder import ReportFolder

_MAINS = "mains"


class Mains:
    """For each student the chosen file, by its path in the hand-in."""

    def __init__(self, folder: ReportFolder, chosen: Sequence[PurePath]) -> None:
        self.unused = set(chosen)
        self._folder = folder
        self._about = folder.about()
        self._kept: dict[str, str] = self._about.get(_MAINS, {})

    def of(self, hand_in: HandIn) -> PurePath | None:
        """The chosen file of a student; None where there is none, or it is not among the files any more."""
        key = folded(hand_in.student.key)
        for place, node in hand_in.places.items() if self.unused else ():
            if PurePath(node.label) in self.unused:
                self.unused.remove(PurePath(node.label))
                self._kept[key] = str(place)
                self._folder.keep({**self._about, _MAINS: self._kept})
        kept = PurePath(self._kept[key]) if key in self._kept else None
        return kept if kept in hand_in.places else None
