"""Where a declared layer is wrong: the line of its declaration, or of its formula."""

from __future__ import annotations

from grader.assignment import Assignment
from grader.assignment.yaml_lines import line_of
from grader.errors import AssignmentError, OracleDisagreement
from grader.kit.layers.declaring import DeclarationError, FormulaError
from grader.kit.layers.part import LayerPart

_CUT_OFF = (
    "if the formula takes values out of torch (`.item()`, `float(...)`, `.detach()`) or rounds them, let it compute in"
    " tensors throughout"
)


def declared_wrong(assignment: Assignment, error: DeclarationError) -> AssignmentError:
    """A complaint about a declared layer, with its file and line."""
    if isinstance(error, FormulaError):
        return AssignmentError(str(error), file=assignment.exercise, line=error.line)
    path = assignment.folder / "assignment.yaml"
    return AssignmentError(str(error), file=path, line=line_of(path, ("layers", error.layer)) if error.layer else 0)


def in_formula(assignment: Assignment, part: LayerPart, error: AssignmentError) -> AssignmentError:
    """A complaint of the oracles about a declared layer, with the line of its formula."""
    remedy = _CUT_OFF if isinstance(error, OracleDisagreement) else ""
    return error.at(assignment.exercise, part.layer.line, remedy)
