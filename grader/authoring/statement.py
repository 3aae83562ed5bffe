"""The statement of an exercise of declared layers: what is to be written, and what is handed over, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.kit.layers.domains import Domain
from grader.kit.layers.steps import OBJECT, Step, gradient_of


def statement(title: str, steps: Sequence[Step], domains: Mapping[str, Domain]) -> str:
    """A page in Markdown, to which an author adds what the layer computes and what it is good for."""
    lines = [f"# {title}", "", "Derive and write by hand, without automatic differentiation:", "", "| call | gives |"]
    lines += ["|---|---|", *_calls(steps), "", "| name | what it is |", "|---|---|", *_names(steps, domains)]
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
    for place in (place for step in steps for place in step.results):
        if source := gradient_of(place.last, domains):
            yield f"| `{place.last}` | the derivative of the loss by `{source}`, of its shape |"


def _words(domain: Domain) -> str:
    shape = f"of shape ({', '.join(domain.axes)})" if domain.axes else "a single number"
    match domain.kind:
        case "integer" if domain.below:
            return f"{shape}, integers from 0 to {domain.below} - 1"
        case "one-hot":
            return f"{shape}, a one in each row and zeros"
        case "fixed":
            return f"`{domain.text}`"
    return shape
