"""An expression of a submission that instruments watch: what the process of the submission tells of it."""

from __future__ import annotations

from dataclasses import dataclass

READS = ("Name", "Attribute", "Subscript")
"""The kinds of expressions that look something up, and compute nothing."""
FILLS = "Assign"
"""The kind of a statement that gives something a value; that of a part of an array holds the whole after it."""


MOST_NODES, MOST_VISITS, LARGEST, MOST_AXES = 3000, 5000, 1500, 6
"""Bounds of a record: expressions, how often they are met, and the numbers and the axes of what one holds."""


@dataclass(frozen=True)
class Expression:
    """An expression, or a name after `+=`: where it stands, lines from 1, columns from 0 in characters.

    `parent` is the number of the expression that it is an operand of, -1 where it is that of none; `scope` is the same
    for all of one function.
    """

    where: str
    line: int
    column: int
    end_line: int
    end_column: int
    kind: str
    parent: int
    scope: int = 0

    def encloses(self, other: Expression) -> bool:
        """Whether another one stands within it."""
        begins, ends = (self.line, self.column), (self.end_line, self.end_column)
        within = begins <= (other.line, other.column) and (other.end_line, other.end_column) <= ends
        return within and (self.where, self.scope) == (other.where, other.scope)

    @property
    def is_read(self) -> bool:
        """Whether it looks something up, and computes nothing."""
        return self.kind in READS
