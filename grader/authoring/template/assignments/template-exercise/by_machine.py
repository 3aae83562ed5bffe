"""What TemplateExercise gives where nothing is derived: autograd differentiates the exercise's own formula.

Students' own checks get their expected numbers so. It does not run where submissions do.
"""

from grader.machine import differentiated


def submission(exercise, reading):
    """The entry points of assignment.yaml; `reading` is the one of a probe, where the statement has several."""
    return {"TemplateExercise": differentiated(exercise.formula)}
