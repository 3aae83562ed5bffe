"""Read `assignment.yaml`, and say about a wrong one: file, line, key, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import AssignmentError
from grader.records import Action, Level, Rule, Visibility

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryPoint(_Section):
    """A name that a submission defines, how it is called, and the other spellings that count.

    With `base`, a class counts whatever its name if the name of its base class ends so.
    """

    signature: str
    """How it is called, as reports and `grade list` show it."""
    accept: tuple[Name, ...] = ()
    """Other spellings that count."""
    base: Name | None = None
    """How the name of a base class ends: whatever derives from it counts, under any name."""
    optional: bool = False
    """A submission may lack it, and it does not tell for which assignment a file is."""


class Check(_Section):
    """One row of the report."""

    id: Identifier
    """Its name in exercise.py, in reports and in tables."""
    title: str = Field(min_length=1)
    """What people read."""
    points: float = Field(ge=0, allow_inf_nan=False)
    """What it is worth; 0 for information only."""
    rule: Rule
    """How it is judged."""
    visibility: Visibility = Visibility.PUBLIC
    """Whether students may see its numbers."""


class ChartOf(_Section):
    """Quantities of one probe that the report keeps as data, to be drawn."""

    title: str = Field(min_length=1)
    """What people read."""
    probe: str
    """The name of the probe that the numbers come from."""
    quantities: tuple[str, ...] = Field(min_length=1)
    """Which of them, a line or a group of bars each."""
    x: str = ""
    """What stands at the horizontal axis."""
    y: str = ""
    """What stands at the vertical axis."""
    kind: Literal["line", "bars"] = "line"
    """How it is drawn."""


class Resources(_Section):
    """What one submission may use: seconds of processor time for all probes, memory beyond the idle process, output."""

    seconds: float = Field(default=10, gt=0, le=3600)
    """Processor time for all probes of a submission."""
    memory_mb: int = Field(default=1024, gt=0)
    """Megabytes beyond those of the idle process."""
    output_kb: int = Field(default=16384, gt=0)
    """Kilobytes of what it prints and reports."""


class Policy(_Section):
    """What evidence of a forbidden shortcut leads to, and what is said about loops over units.

    `caches`: the submission ignores what the forward pass kept, and there is another sign. Code that runs the forward
    pass again does so too, so it is never forbidden.
    """

    autograd: Action = Action.WARN
    """Gradients that autograd computed."""
    finite_differences: Action = Action.WARN
    """Gradients that are differences of the forward pass."""
    caches: Action = Action.WARN
    """What the forward pass kept was not used; never `forbid`."""
    loops: Literal["remark", "allow"] = "allow"
    """Whether loops over single units are remarked upon."""

    @model_validator(mode="after")
    def _caches_are_no_proof(self) -> Policy:
        if self.caches is Action.FORBID:
            raise ValueError("`caches` cannot be `forbid`, as honest code may run the forward pass again; write `warn`")
        return self


class Feedback(_Section):
    """How much a report says about what is wrong, to whom."""

    student: Level = Level.POINTER
    """For `--audience student`."""
    instructor: Level = Level.EXPLANATION
    """For everybody else."""


class Specification(_Section):
    """The contents of `assignment.yaml`."""

    title: str = Field(min_length=1)
    """What people read."""
    version: int = Field(ge=1)
    """Raise it when the exercise changes: the probes are drawn anew."""
    entry_points: dict[Name, EntryPoint] = {}
    """What a submission defines, by name."""
    script: bool = False
    """The whole file is what is graded, and needs no names."""
    signs: tuple[Name, ...] = ()
    """Words by which a script is known: all of them are in the file."""
    given: tuple[Name, ...] = ()
    """Names of exercise.py that a submission may use without importing them."""
    checks: tuple[Check, ...] = Field(min_length=1)
    """The rows of the report."""
    charts: tuple[ChartOf, ...] = ()
    """Numbers that reports keep to be drawn."""
    resources: Resources = Resources()
    """What one submission may use."""
    policy: Policy = Policy()
    """What evidence of a shortcut leads to."""
    feedback: Feedback = Feedback()
    """How much reports say about what is wrong."""
    follow_through: bool = False
    """Whether a step that is right, given an earlier error, earns its points."""

    @property
    def required(self) -> dict[str, EntryPoint]:
        """The entry points that every submission is asked for."""
        return {name: entry for name, entry in self.entry_points.items() if not entry.optional}

    @model_validator(mode="after")
    def _identifiers_are_unique(self) -> Specification:
        ids = [check.id for check in self.checks]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"two checks have the id `{twice[0]}`; give each its own")
        return self

    @model_validator(mode="after")
    def _something_is_called(self) -> Specification:
        if not self.required and not self.script:
            raise ValueError("no `entry_points`; list what a submission must define, or say `script: true`")
        return self


class Assignment(_Section):
    """An assignment on disk: `folder` may be read by submissions, `reference` may not.

    With `practice`, students check themselves: on the public probes alone, and without `reference`.
    """

    slug: str
    folder: Path
    reference: Path
    specification: Specification
    practice: bool = False

    @property
    def out_of(self) -> float:
        """The points of all checks together."""
        return sum(check.points for check in self.specification.checks)


def slugs(course: Path) -> list[str]:
    """The assignments of a course, by name of their folder."""
    return sorted(path.parent.name for path in (course / "assignments").glob("*/assignment.yaml"))


def load(course: Path, slug: str, *, practice: bool = False) -> Assignment:
    """Read one assignment; with `practice`, for students who check themselves.

    Raises:
        AssignmentError: it does not exist, or its `assignment.yaml` is wrong; every problem is listed with its line.
    """
    known = slugs(course)
    if slug not in known:
        raise AssignmentError(
            f"{course / 'assignments'}: no assignment `{slug}`; known are {', '.join(known) or 'none'}"
        )
    folder = course / "assignments" / slug
    return Assignment(
        slug=slug,
        folder=folder,
        reference=course / "reference" / slug,
        specification=read_specification(folder / "assignment.yaml"),
        practice=practice,
    )


def read_specification(path: Path) -> Specification:
    """Parse and validate one `assignment.yaml`.

    Raises:
        AssignmentError: one line for each problem, `file:line: what; what to write`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AssignmentError(f"{path}:{line}: is not valid YAML: {error.problem}") from error
    problems = [f"{path}:{line}: key `{key}` is given twice" for line, key in _repeated_keys(root)]
    try:
        specification = Specification.model_validate(data)
    except ValidationError as error:
        problems += [f"{path}:{_line(root, e['loc'])}: {_problem(e)}" for e in error.errors()]
    if problems:
        raise AssignmentError("\n".join(problems))
    return specification


def _problem(error: Any) -> str:
    *section, key = error["loc"] or ("the file",)
    where = f"in `{'.'.join(str(part) for part in section)}`" if section else "at the top level"
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key `{key}` {where}; known are {', '.join(_known_keys(section))}"
        case "missing":
            return f"key `{key}` is missing {where}"
        case "value_error":
            return str(error["ctx"]["error"])
    name = ".".join(str(part) for part in error["loc"]) or "the file"
    return f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r}"


def _known_keys(section: list[str | int]) -> list[str]:
    """The keys of the section that a path of keys leads to."""
    model: type[BaseModel] = Specification
    inner: dict[str, type[BaseModel]] = {
        "entry_points": EntryPoint,
        "checks": Check,
        "charts": ChartOf,
        "resources": Resources,
        "policy": Policy,
        "feedback": Feedback,
    }
    if section:
        model = inner.get(str(section[0]), Specification)
    return list(model.model_fields)


def _line(node: yaml.Node | None, location: tuple[str | int, ...]) -> int:
    """The line of the innermost node on the path `location` that exists."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _repeated_keys(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Line and name of every key that YAML would silently let override an earlier one."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
