"""The pages of the site that are written from the code, when the site is built."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import click
import mkdocs_gen_files
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from grader import assignment
from grader.assignment import layer_declaration, load, slugs
from grader.cli.commands import grade
from grader.course import find_course
from grader.diagnosis.loading import load_catalogue
from grader.gradebook import canvas, moodle, plain, roster
from grader.gradebook.rows import Row
from grader.reports import gradescope
from grader.reports.catalogue import as_markdown

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "grader/reports/report-3.schema.json"
COPIED = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINKS = {
    **COPIED,
    "docs/decisions": "decisions/index.md",
    "grader/reports/report-3.schema.json": "reference/report.md",
}


def write(page: str, lines: list[str]) -> None:
    """Add a page to the site."""
    with mkdocs_gen_files.open(page, "w") as file:
        file.write("\n".join(lines) + "\n")


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A table in Markdown; bars within code need no escape."""
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(row) + " |"
    yield ""


# ---- pages that stand at the root of the repository


def linked(text: str) -> str:
    """The links of a file at the root, as they are on the site."""

    def page(found: re.Match[str]) -> str:
        target = LINKS.get(found[1], found[1].removeprefix("docs/"))
        return f"]({target})"

    return re.sub(r"\]\((?!https?:)([^)#]+)\)", page, text)


def copied() -> None:
    """README, CONTRIBUTING and CHANGELOG."""
    for source, page in COPIED.items():
        write(page, [linked((ROOT / source).read_text(encoding="utf-8"))])


def decisions() -> None:
    """A list of the decision records, by their first line."""
    lines = ["# Decisions", "", "Why the program is as it is, a page for each decision.", ""]
    for path in sorted((ROOT / "docs/decisions").glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    write("decisions/index.md", lines)


def known_mistakes() -> None:
    """The catalogue of each exercise, with its hints."""
    root = find_course()
    lines = ["# Known mistakes", "", "The mistakes that a report names, with the hints that come with them.", ""]
    for slug in slugs(root):
        catalogue = load_catalogue(load(root, slug).reference)
        lines += [as_markdown(slug, catalogue)] if catalogue else []
    write("catalogue.md", lines)


# ---- the command line


def commands() -> None:
    """What `grade` and each command say with --help."""
    context = click.Context(grade, info_name="grade")
    lines = ["# Command line", "", *help_of(grade, context)]
    for name, command in sorted(grade.commands.items()):
        inner = click.Context(command, info_name=name, parent=context)
        lines += [f"## grade {name}", "", *help_of(command, inner)]
    write("reference/commands.md", lines)


def help_of(command: click.Command, context: click.Context) -> Iterator[str]:
    """Usage, text, arguments and options of a command."""
    usage = context.get_usage().removeprefix("Usage: ")
    yield from ["```", " ".join(usage.split()), "```", "", inspect.cleandoc(command.help or ""), ""]
    rows = [
        [", ".join(f"`{name}`" for name in option.opts), taken(option, context), " ".join((option.help or "").split())]
        for option in command.params
        if isinstance(option, click.Option)
    ]
    if rows:
        yield from table(["option", "takes", "effect"], rows)


def taken(option: click.Option, context: click.Context) -> str:
    """What comes after an option; nothing after a switch."""
    return "" if option.is_flag else f"`{option.make_metavar(context)}`"


# ---- assignment.yaml


def kind(annotation: Any) -> str:
    """A type, in words."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    text = str(annotation)
    if "Literal" in text:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    inner = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if text.startswith("tuple"):
        return f"list of {kind(inner[0])}"
    if text.startswith("dict"):
        return f"{kind(inner[0])} to {kind(inner[1])}"
    names = {str: "text", bool: "true or false", int: "whole number", float: "number"}
    return "name" if "Annotated" in text else names.get(annotation, text)


def bounds(field: FieldInfo) -> str:
    """What a number or a name must be, beyond its type."""
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    told = [f"{signs[name]} {getattr(m, name)}" for m in field.metadata for name in signs if hasattr(m, name)]
    return ", ".join(told)


def default(field: FieldInfo) -> str:
    """The default value of a key."""
    if field.is_required():
        return "required"
    if isinstance(field.default, BaseModel):
        return "its defaults"
    if field.default_factory:
        return "none"
    return f"`{json.dumps(field.default)}`" if field.default not in ((), {}) else "none"


def explained(model: type[BaseModel]) -> dict[str, str]:
    """The texts under the fields of a model, by name."""
    body = [node for tree in ast.parse(inspect.getsource(model)).body for node in ast.iter_child_nodes(tree)]
    told = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            told[ast.unparse(field.target)] = " ".join(str(text.value.value).split())
    return told


def specification() -> None:
    """Every key of `assignment.yaml`, from the models that read it.

    Raises:
        KeyError: a key is not explained.
    """
    lines = ["# assignment.yaml", "", "Keys that are not listed here are refused, with file and line.", ""]
    models = [
        assignment.Specification,
        assignment.EntryPoint,
        layer_declaration.LayerDeclaration,
        assignment.Check,
        assignment.ChartOf,
        assignment.SnippetOf,
    ]
    for model in [*models, assignment.Resources, assignment.Policy, assignment.Feedback]:
        texts = explained(model)
        title = "The file" if model is assignment.Specification else model.__name__
        lines += [f"## {title}", "", inspect.getdoc(model) or "", ""]
        rows = [
            [f"`{name}`", ", ".join(filter(None, [kind(f.annotation), bounds(f)])), default(f), texts[name]]
            for name, f in model.model_fields.items()
        ]
        lines += table(["key", "is", "by default", "what it does"], rows)
    write("reference/assignment.md", lines)


# ---- the report


def json_kind(property_: dict[str, Any]) -> str:
    """The type of a value in the schema, in words."""
    if "$ref" in property_:
        name = property_["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in property_:
        return " or ".join(json_kind(one) for one in property_["anyOf"])
    if "const" in property_:
        return f"`{json.dumps(property_['const'])}`"
    if property_.get("type") == "array":
        return f"list of {json_kind(property_.get('items', {}))}"
    if isinstance(property_.get("additionalProperties"), dict):
        return f"object, of {json_kind(property_['additionalProperties'])}"
    return str(property_.get("type", "anything"))


def report() -> None:
    """Every object of a report, from its schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = ["# Report in JSON", "", "What `grade file --json` and `grade batch` write, as its schema describes it:"]
    lines += ["`grader/reports/report-3.schema.json`.", ""]
    for name, model in [("Report", schema), *sorted((n, m) for n, m in schema["$defs"].items() if n != "Report")]:
        lines += [f"## {name}", "", model.get("description", ""), ""]
        if "enum" in model:
            lines += [" or ".join(f"`{value}`" for value in model["enum"]), ""]
            continue
        rows = [[f"`{key}`", json_kind(value)] for key, value in model.get("properties", {}).items()]
        lines += table(["key", "is"], rows)
    write("reference/report.md", lines)


# ---- tables

COLUMNS = {
    "student": "name, as the roster or else the export of the system tells it",
    "id": "number of the student, where the export tells it",
    "file": "which file was graded",
    "score": "points, less the penalty; empty where a person must look",
    "out of": "points that could be had",
    "CHECK": "points for each check, under its id: one column for each row of the report",
    "outcome": "how running it ended",
    "mistakes": "ids of the known mistakes, with spaces between",
    "policy": "rules that were not kept, and what that leads to",
    "attempt": "which attempt counts",
    "attempts": "how many there are",
    "late": "`late`, if the system says so",
    "penalty": "in percent, from the roster or for being late",
    "measured": "the score before a person decided on the points; empty where nobody did",
    "comments": "what people wrote to the student",
}


def plain_columns() -> list[str]:
    """The head of the table that is really written, for a report with one check."""
    data = {
        "submission": {"student": "", "student_id": "", "name": "", "file": "", "attempt": 1, "late": False},
        "checks": [{"id": "CHECK", "points": 0.0, "out_of": 1.0, "title": ""}],
        "diagnosis": {"mistakes": []},
        "policy": [],
        "remarks": [],
        "outcome": "returned",
        "out_of": 1.0,
    }
    return next(plain.table([Row("", data, ("",), 0.0, roster.RosterRow())])).strip().split(",")


def tables() -> None:
    """The columns of the gradebook, and what the other formats are.

    Raises:
        KeyError: a column is not explained.
    """
    lines = ["# Tables in CSV", "", "## gradebook.csv", "", inspect.getdoc(plain) or "", ""]
    lines += table(["column", "what is in it"], [[name, COLUMNS[name]] for name in plain_columns()])
    for name, module in (("Canvas", canvas), ("Moodle", moodle), ("Gradescope", gradescope)):
        lines += [
            f"## {name}",
            "",
            f"`grade gradebook DIR --format {name.lower()}`",
            "",
            inspect.getdoc(module) or "",
            "",
        ]
    lines += ["## roster.csv", "", inspect.getdoc(roster) or "", "", "All columns but one are optional.", ""]
    lines += table(["column", "what is in it"], [[name, told] for name, told in roster.COLUMNS.items()])
    write("reference/tables.md", lines)


for page in (copied, decisions, known_mistakes, commands, specification, report, tables):
    page()
