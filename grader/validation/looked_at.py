"""An exercise while its mathematics is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.assignment import Assignment
from grader.key import exercises
from grader.kit.part import Part
from grader.records import AnswerKey


@dataclass
class Derivation:
    """Its files and probes; `key` is there once the oracles and the reference agree."""

    assignment: Assignment
    seed: str
    key: AnswerKey | None = None
    _modules: dict[Path, ModuleType] = field(default_factory=dict)

    @property
    def exercise(self) -> ModuleType:
        """`exercise.py`."""
        return exercises.load_exercise(self.assignment)

    @property
    def solution(self) -> ModuleType:
        """`solution.py` of the reference."""
        return self._module(self.assignment.reference / "solution.py")

    def _module(self, path: Path) -> ModuleType:
        if path not in self._modules:
            self._modules[path] = exercises.load_module(path)
        return self._modules[path]

    def names(self) -> dict[str, Any]:
        """What the reference defines, and what the exercise gives."""
        given = {name: getattr(self.exercise, name) for name in self.assignment.specification.given}
        return given | vars(self.solution)

    def graded(self) -> dict[str, int] | None:
        """For each check the number of graded probes that report on it, once that is known."""
        if self.key is None:
            return None
        probes = [probe for probe in self.key.probes if probe.graded]
        return Counter(check for p in probes for check in {e.check for e in self.key.expected[p.name]})

    def drawn(self) -> dict[str, Mapping[str, Any]]:
        """The probes as the exercise draws them, by name; anew at each call."""
        rng = exercises.random_generator(self.seed, self.assignment, exercises.stream_of(self.assignment))
        return {drawn["name"]: drawn for drawn in self.exercise.probes(rng)}

    def part_of(self, name: str) -> Part | None:
        """The part that observes a submission on the probe of some name; None where there is no such probe."""
        drawn = self.drawn().get(name)
        return exercises.part_of(self.exercise, exercises.probe_of(drawn, self.exercise)) if drawn else None
