"""Begin a new exercise: a working one under a new name, whose files say what to change."""

from grader.authoring.new import new

__all__ = ["new"]
