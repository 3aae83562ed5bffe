"""Read `assignment.yaml`, and say about a wrong one: file, line, key, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from grader.assignment.layer_declaration import LayerDeclaration, Name, Section, check_id, checks_of, names_asked_for
from grader.assignment.yaml_lines import line_in, repeated_keys
from grader.assignment.yaml_problems import told
from grader.errors import AssignmentError, ToldError
from grader.records import Action, Level, Rule, Visibility
from grader.wire.facts import Fact

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class EntryPoint(Section):
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


class Check(Section):
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


class ChartOf(Section):
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


class SnippetOf(Section):
    """How a student calls a part of the exercise by hand, to see a wrong number again."""

    code: str = Field(min_length=1)
    """Python, in which `inputs` holds the tensors of a trial by name, and `$quantity` stands for the wrong quantity."""
    each: tuple[str, ...] = ()
    """Inputs of which each call takes one row."""


class Resources(Section):
    """What one submission may use: seconds of processor time for all probes, memory beyond the idle process, output."""

    seconds: float = Field(default=10, gt=0, le=3600)
    """Processor time for all probes of a submission."""
    memory_mb: int = Field(default=1024, gt=0)
    """Megabytes beyond those of the idle process."""
    output_kb: int = Field(default=16384, gt=0)
    """Kilobytes of what it prints and reports."""


class Policy(Section):
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


class Feedback(Section):
    """How much a report says about what is wrong, to whom."""

    student: Level = Level.POINTER
    """For `--audience student`."""
    instructor: Level = Level.EXPLANATION
    """For everybody else."""


class Specification(Section):
    """The contents of `assignment.yaml`."""

    title: str = Field(min_length=1)
    """What people read."""
    version: int = Field(ge=1)
    """Raise it when the exercise changes: the probes are drawn anew."""
    course: Identifier | None = None
    """The public course whose names it asks for: `grade list` groups exercises by it."""
    layers: dict[Name, LayerDeclaration] = Field(default_factory=dict)
    """Layers whose formulas stand in `formulas.py`; entry points and checks follow from them."""
    arrays: Literal["numpy", "torch"] = "numpy"
    """What layers are given."""
    entry_points: dict[Name, EntryPoint] = Field(default_factory=dict)
    """What a submission defines, by name."""
    script: bool = False
    """The whole file is what is graded, and needs no names."""
    signs: tuple[Name, ...] = ()
    """Methods by which a script is known: it calls all of them."""
    given: tuple[Name, ...] = ()
    """Names of exercise.py that a submission may use without importing them."""
    checks: tuple[Check, ...] = ()
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
    """Whether a step that is right, given an earlier error, earns points: of layers half of them, and by default."""
    snippets: dict[str, SnippetOf] = Field(default_factory=dict)
    """For parts of the exercise, how to call them by hand; `exercise` for the exercise itself."""

    @model_validator(mode="before")
    @classmethod
    def _follow_from_layers(cls, data: Any) -> Any:
        """Entry points and checks of layers, besides those that are written down."""
        if not isinstance(data, dict) or not isinstance(data.get("layers"), dict):
            return data
        try:
            layers = {name: LayerDeclaration.model_validate(told) for name, told in data["layers"].items()}
        except ValidationError:
            return data  # what is wrong is told of `layers`, with its place
        entries = {
            name: {"signature": text} for layer in layers.values() for name, text in names_asked_for(layer).items()
        }
        checks = [check for name, layer in layers.items() for check in checks_of(name, layer)]
        return {
            **data,
            "entry_points": entries | (data.get("entry_points") or {}),
            "follow_through": data.get("follow_through", True),
            "checks": [*checks, *(data.get("checks") or ())],
        }

    @property
    def share_after_an_error(self) -> float:
        """What is left of the points of a gradient that is right but for one error: half, where layers are declared."""
        return 0.5 if self.layers else 1.0

    @property
    def required(self) -> dict[str, EntryPoint]:
        """The entry points that every submission is asked for."""
        return {name: entry for name, entry in self.entry_points.items() if not entry.optional}

    @model_validator(mode="after")
    def _identifiers_are_unique(self) -> Specification:
        if not self.checks:
            raise ValueError("no `checks`; list the rows of the report, or declare `layers`")
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


class Assignment(Section):
    """An assignment on disk: `folder` may be read by submissions, `reference` may not.

    With `practice`, students check themselves: on the public probes alone, and without `reference`.
    """

    slug: str
    folder: Path
    reference: Path
    specification: Specification
    practice: bool = False

    @property
    def exercise(self) -> Path:
        """The file that its parts are made of: formulas of declared layers, or whatever it defines."""
        return self.folder / ("formulas.py" if self.specification.layers else "exercise.py")

    @property
    def can_be_graded(self) -> bool:
        """Whether there is a reference; declared layers need none."""
        return bool(self.specification.layers) or (self.reference / "solution.py").is_file()

    @property
    def declarations(self) -> dict[str, dict[str, Any]]:
        """Its layers as plain texts and dictionaries: see `grader.kit.layers.exercise`."""
        return {
            name: {
                "calls": list(layer.calls),
                "inputs": dict(layer.inputs),
                "uses": list(layer.uses),
                "sizes": {letter: list(sizes) for letter, sizes in layer.sizes.items()},
                "formula": layer.formula or name,
                "checks": {quantity: check_id(name, quantity) for quantity in layer.points},
                "torch": self.specification.arrays == "torch",
            }
            for name, layer in self.specification.layers.items()
        }

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
        ToldError: it does not exist.
        AssignmentError: its `assignment.yaml` is wrong; every problem is listed with its line.
    """
    known = slugs(course)
    if slug not in known:
        near = get_close_matches(slug, known, 1)
        values = {"folder": str(course / "assignments"), "slug": slug, "near": near[0] if near else ""}
        raise ToldError(Fact("no-assignment", {**values, "known": tuple(known)}))
    folder = course / "assignments" / slug
    return Assignment(
        slug=slug,
        folder=folder,
        reference=course / "reference" / slug,
        specification=read_specification(folder / "assignment.yaml"),
        practice=practice,
    )


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C takes a fifth of the time: where no assignment is named, all are read to find the one that is meant."""


def read_specification(path: Path) -> Specification:
    """Parse and validate one `assignment.yaml`; what it says is kept, as a process may be asked for it many times.

    Raises:
        AssignmentError: one line for each problem, `file:line: what; what to write`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: cannot be read: {error}") from error
    return _specification(path, text)


@lru_cache(maxsize=64)
def _specification(path: Path, text: str) -> Specification:
    try:
        root = yaml.compose(text, Loader=_LOADER)
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  it makes plain values only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = "; put a text in which there is `: ` in quotes" if "mapping values" in str(error.problem) else ""
        if "\t" in "".join(text.splitlines()[line - 1 : line]):
            remedy = "; write spaces in place of tabs"
        raise AssignmentError(f"{path}:{line}: is not valid YAML: {error.problem}{remedy}") from error
    problems = [f"{path}:{line}: key `{key}` is given twice" for line, key in repeated_keys(root)]
    try:
        specification = Specification.model_validate(data)
    except ValidationError as error:
        problems += [f"{path}:{line_in(root, at)}: {what}" for at, what in told(error.errors(), _known_keys)]
    if problems:
        raise AssignmentError("\n".join(problems))
    return specification


def _known_keys(section: Sequence[str | int]) -> list[str]:
    """The keys of the section that a path of keys leads to."""
    model: type[BaseModel] = Specification
    inner: dict[str, type[BaseModel]] = {
        "entry_points": EntryPoint,
        "layers": LayerDeclaration,
        "checks": Check,
        "charts": ChartOf,
        "snippets": SnippetOf,
        "resources": Resources,
        "policy": Policy,
        "feedback": Feedback,
    }
    if section:
        model = inner.get(str(section[0]), Specification)
    return list(model.model_fields)
