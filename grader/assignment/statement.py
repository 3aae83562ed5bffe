"""The statement of an exercise of declared layers: what is to be written, and what is handed over, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.assignment.layer_declaration import LayerDeclaration
from grader.kit.layers.domains import Domain
from grader.kit.layers.steps import OBJECT, Step, gradient_of


def statement(title: str, layers: Mapping[str, LayerDeclaration]) -> str:
    """A page in Markdown, to which an author adds what the layers compute and what they are good for."""
    lines = [f"# {title}", "", "Derive and write by hand, without automatic differentiation:"]
    for name, layer in layers.items():
        domains = {name: readings[0] for name, readings in layer.domains.items()}
        lines += ["", f"## {name}"] if len(layers) > 1 else []
        lines += ["", "| call | gives |", "|---|---|", *_calls(layer.steps)]
        lines += ["", "| name | what it is |", "|---|---|", *_names(layer.steps, domains)]
    return "\n".join(lines) + "\n"


def _calls(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if step.is_call or (step.place.root == OBJECT and step.value is None):
            given = ", ".join(f"`{place.last}`" for place in step.results if place.last != "_")
            call = (
                f"{step.place}({', '.join(each.text for each in step.arguments or ())})" if step.is_call else step.place
            )
            yield f"| `{call}` | {given or 'nothing'} |"


def _names(steps: Sequence[Step], domains: Mapping[str, Domain]) -> Iterator[str]:
    for name, domain in domains.items():
        yield f"| `{name}` | {_words(domain)} |"
    scales = {name: readings for step in steps for name, readings in step.scales}
    for place in (place for step in steps for place in step.results):
        if source := gradient_of(place.last, domains):
            factors = " or ".join(f"`{each.text.replace('1.0', '1', 1)}`" for each in scales.get(place.last, ()))
            times = f", times {factors}" if factors else ""
            yield f"| `{place.last}` | the derivative of the loss by `{source}`{times}, of its shape |"


def _words(domain: Domain) -> str:
    shape = f"of shape ({', '.join(domain.axes)})" if domain.axes else "a single number"
    match domain.kind:
        case "integer" if domain.below:
            return f"{shape}, integers from 0 to {domain.below} - 1"
        case "one-hot":
            return f"{shape}, a one in each row and zeros"
        case "fixed":
            return f"`{domain.text}`"
        case "mask" | "own mask":
            return f"{shape}, zeros and ones"
        case "integer":
            return f"{shape}, integers from {domain.low:g} to {domain.high:g}"
        case "one of":
            return f"{shape}, each of {', '.join(f'{choice:g}' for choice in domain.choices)}"
    if domain.low is not None and domain.high is not None:
        return f"{shape}, between {domain.low:g} and {domain.high:g}"
    return shape if domain.low is None else f"{shape}, above {domain.low:g}"
