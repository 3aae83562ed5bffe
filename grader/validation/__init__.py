"""The test bench of an exercise: everything that its author has to have right before a student is judged by it."""

from grader.validation.bench import validate
from grader.validation.finding import Flaw, Item

__all__ = ["Flaw", "Item", "validate"]
