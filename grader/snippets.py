"""Code that a student can paste to see a wrong number again: inputs, the call, what it should give. Pure.

Only of public trials: their inputs and results may be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template

import numpy as np

from grader.assignment import SnippetOf
from grader.records import AnswerKey, AnyArray, Picture, Probe, Snippet, Visibility

_MOST = 150
"""Numbers, beyond which nobody reads them."""
_DIGITS = 6


def snippets(how: Mapping[str, SnippetOf], key: AnswerKey, pictures: tuple[Picture, ...]) -> Iterator[Snippet]:
    """One for the first wrong quantity whose trial is public, and small, and for which it is known how to call.

    Args:
        how: the code of a call, by the part of the exercise; `exercise` for the exercise itself.
        pictures: of wrong quantities, the first of which comes first in the derivation.
    """
    probes = {probe.name: probe for probe in key.probes}
    for picture in pictures:
        probe = probes[picture.probe]
        call = how.get(probe.part or "exercise")
        if call is None or probe.visibility is not Visibility.PUBLIC:
            continue
        inputs = _of_one_call(probe, call, picture)
        if sum(array.size for array in inputs.values()) > _MOST:
            continue
        expected = next(e.double.value for e in key.expected[probe.name] if e.quantity == picture.quantity)
        yield Snippet(picture.check, probe.name, picture.quantity, _code(inputs, call, picture, expected[picture.case]))
        return


def _of_one_call(probe: Probe, call: SnippetOf, picture: Picture) -> dict[str, AnyArray]:
    return {
        name: np.asarray(array)[picture.case] if name in call.each else np.asarray(array)
        for name, array in probe.inputs.items()
    }


def _code(inputs: Mapping[str, AnyArray], call: SnippetOf, picture: Picture, expected: AnyArray) -> str:
    lines = ["import torch", "", "inputs = {"]
    for name, array in inputs.items():
        kind = ", dtype=torch.float64" if array.dtype.kind == "f" else ""
        lines.append(f"    {name!r}: torch.tensor({array.tolist()}{kind}),")
    lines += ["}", Template(call.code).safe_substitute(quantity=picture.quantity).rstrip(), "# should be:"]
    shown = np.array2string(np.asarray(expected), precision=_DIGITS, separator=", ", threshold=_MOST)
    return "\n".join([*lines, *(f"# {line}" for line in shown.splitlines())]) + "\n"
