"""Write a new exercise of declared layers, from how a layer is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.assignment.layer_declaration import LayerDeclaration
from grader.assignment.starter import starter
from grader.assignment.statement import statement
from grader.authoring.notebook import as_notebook
from grader.errors import AssignmentError
from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.domains import Domain
from grader.kit.layers.steps import Step, gradient_of, parse_steps

_FORWARD = ("_forward", "forward_")


def write_layer(folder: Path, slug: str, calls: Sequence[str]) -> Iterator[Path]:
    """The files of an exercise with one layer, which passes validation with a formula that is to be replaced.

    Args:
        folder: `assignments/<slug>`.
        calls: `affine_forward(x: N D, w: D M, b: M) -> out, cache`; where no gradient is named, the call of the way
            back is added.

    Raises:
        AssignmentError: the calls cannot be used; says what to write. Nothing is written then.
    """
    try:
        steps = list(parse_steps(calls))
        domains = {name: readings[0] for step in steps for name, readings in step.domains}
        if not domains:
            raise DeclarationError(f"`{calls[0]}`: no input has letters for its axes; write for example `x: N D`")
        texts = [*calls, *_way_back(steps, domains)]
        steps = list(parse_steps(texts))
    except DeclarationError as error:
        raise AssignmentError(str(error)) from None
    name = slug.replace("-", "_")
    points, arrays = _points(steps, domains), _arrays(steps)
    layer = LayerDeclaration(calls=tuple(texts), points=points)
    files = {
        "assignment.yaml": _yaml(slug, name, texts, points, arrays),
        "formulas.py": _formula(name, domains, is_loss=not _something_arrives(steps, domains)),
        "handout.py": starter([layer], _title(slug), arrays),
    }
    files["README.md"] = statement(_title(slug), {name: layer})
    files["handout.ipynb"] = as_notebook(files["handout.py"], slug)
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path


def _way_back(steps: Sequence[Step], domains: dict[str, Domain]) -> list[str]:
    """The call that gives the gradients, where no step does."""
    given = [place.last for step in steps for place in step.results]
    if any(gradient_of(name, domains) for name in given):
        return []
    first, *rest = [place.root for place in steps[-1].results] or ["out"]
    gradients = ", ".join(f"d{name}" for name, domain in domains.items() if domain.kind == "real")
    forward = str(steps[-1].place)
    if "forward" not in forward:
        raise DeclarationError(
            f"no gradient is named; let the call give them, `-> {first}, {gradients}`, or add the call that does,"
            f" `...(d{first}) -> {gradients}`"
        )
    contexts = [step.place.root for step in steps if _is_context(step)]
    return [f"{forward.replace('forward', 'backward')}({', '.join([*contexts, f'd{first}', *rest])}) -> {gradients}"]


def _is_context(step: Step) -> bool:
    """Whether a step makes the context of a Function."""
    return step.is_made and step.value is not None and step.value.text == "context()"


def _something_arrives(steps: Sequence[Step], domains: dict[str, Domain]) -> bool:
    """Whether a step is given the gradient that arrives at a result."""
    results = [place.last for step in steps for place in step.results if not gradient_of(place.last, domains)]
    return any(gradient_of(name, results) for step in steps for name in step.needs if name not in (*domains, *results))


def _points(steps: Sequence[Step], domains: dict[str, Domain]) -> dict[str, float]:
    gradients = [p.last for step in steps for p in step.results if gradient_of(p.last, domains)]
    output = next(p.last for step in steps for p in step.results if p.last not in gradients)
    return {output: 1.0, **dict.fromkeys(gradients, 1.0)}


def _arrays(steps: Sequence[Step]) -> str:
    """What a layer is given: tensors where it is a Function of torch."""
    return "torch" if any(_is_context(step) or step.place.path == ("apply",) for step in steps) else "numpy"


def _yaml(slug: str, name: str, calls: Sequence[str], points: dict[str, float], arrays: str) -> str:
    listed = "".join(f'      - "{call}"\n' for call in calls)
    worth = ", ".join(f"{quantity}: {value:g}" for quantity, value in points.items())
    return (
        f"title: {_title(slug)}\nversion: 1\narrays: {arrays}\nlayers:\n  {name}:\n    calls:\n"
        f"{listed}    points: {{{worth}}}\n"
    )


def _title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _formula(name: str, domains: dict[str, Domain], *, is_loss: bool) -> str:
    """A formula that is to be replaced: a loss is a single number, as no gradient arrives there."""
    real = [n for n, domain in domains.items() if domain.kind == "real"]
    placeholder = " * ".join([f"torch.sin({real[0]})", *(f"(1 + {other}.sum())" for other in real[1:])])
    placeholder = f"({placeholder}).sum()" if is_loss else placeholder
    return (
        f"import torch\n\n\ndef {name}({', '.join(domains)}):\n"
        f"    return {placeholder}  # replace it by the forward formula, in torch\n"
    )
