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
    accept: tuple[Name, ...] = ()
    base: Name | None = None


class Check(_Section):
    """One row of the report."""

    id: Identifier
    title: str = Field(min_length=1)
    points: float = Field(ge=0, allow_inf_nan=False)
    rule: Rule
    visibility: Visibility = Visibility.PUBLIC


class ChartOf(_Section):
    """Quantities of one probe that the report keeps as data, to be drawn."""

    title: str = Field(min_length=1)
    probe: str
    quantities: tuple[str, ...] = Field(min_length=1)
    x: str = ""
    y: str = ""
    kind: Literal["line", "bars"] = "line"


class Resources(_Section):
    """What one submission may use: wall-clock seconds for all probes, memory beyond the idle process, output."""

    seconds: float = Field(default=10, gt=0, le=3600)
    memory_mb: int = Field(default=1024, gt=0)
    output_kb: int = Field(default=16384, gt=0)


class Policy(_Section):
    """What evidence of a forbidden shortcut leads to, and what is said about loops over units.

    `caches`: the submission ignores what the forward pass kept, and there is another sign. Code that runs the forward
    pass again does so too, so it is never forbidden.
    """

    autograd: Action = Action.WARN
    finite_differences: Action = Action.WARN
    caches: Action = Action.WARN
    loops: Literal["remark", "allow"] = "allow"

    @model_validator(mode="after")
    def _caches_are_no_proof(self) -> Policy:
        if self.caches is Action.FORBID:
            raise ValueError("`caches` cannot be `forbid`, as honest code may run the forward pass again; write `warn`")
        return self


class Feedback(_Section):
    """How much a report says about what is wrong, to whom."""

    student: Level = Level.POINTER
    instructor: Level = Level.EXPLANATION


class Specification(_Section):
    """The contents of `assignment.yaml`."""

    title: str = Field(min_length=1)
    version: int = Field(ge=1)
    entry_points: dict[Name, EntryPoint] = {}
    script: bool = False
    signs: tuple[Name, ...] = ()
    given: tuple[Name, ...] = ()
    checks: tuple[Check, ...] = Field(min_length=1)
    charts: tuple[ChartOf, ...] = ()
    resources: Resources = Resources()
    policy: Policy = Policy()
    feedback: Feedback = Feedback()
    follow_through: bool = False

    @model_validator(mode="after")
    def _identifiers_are_unique(self) -> Specification:
        ids = [check.id for check in self.checks]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"two checks have the id `{twice[0]}`; give each its own")
        return self

    @model_validator(mode="after")
    def _something_is_called(self) -> Specification:
        if not self.entry_points and not self.script:
            raise ValueError("no `entry_points`; list what a submission defines, or say `script: true`")
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
