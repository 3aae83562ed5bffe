"""Code that a student can paste to see a wrong number again: inputs, the call, what it should give. Pure.

Only of public trials: their inputs and results may be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Template

import numpy as np

from grader.assignment import SnippetOf, Specification
from grader.grading.layer_snippet import layer_snippet
from grader.records import AnswerKey, AnyArray, Arrays, Expectation, Finding, Probe, Run, Snippet, Verdict, Visibility

_MOST = 150
"""Numbers, beyond which nobody reads them."""
_DIGITS = 6


def snippets(specification: Specification, key: AnswerKey, run: Run, findings: Sequence[Finding]) -> Iterator[Snippet]:
    """One, for the first wrong quantity whose trial is public, and small, and for which it is known how to call.

    It comes from the smallest such trial, and is the quantity that comes first in the derivation.
    """
    wrong = {(f.probe, f.quantity): f.check for f in findings if f.verdict is Verdict.WRONG and not f.follows}
    public = [probe for probe in key.probes if probe.graded and probe.visibility is Visibility.PUBLIC]
    for probe in sorted(public, key=_size):
        for expectation in key.expected[probe.name]:
            check = wrong.get((probe.name, expectation.quantity))
            if check is None:
                continue
            case = _worst_case(expectation, run.observations[probe.name].arrays.get(expectation.quantity))
            code = _code(specification, probe, expectation.quantity, case)
            if code:
                shown = _shown(expectation.double.value[case])
                yield Snippet(check, probe.name, expectation.quantity, f"{code}\n# should be:\n{shown}\n")
                return


def _size(probe: Probe) -> int:
    return sum(np.size(array) for array in probe.inputs.values())


def _worst_case(expectation: Expectation, observed: AnyArray | None) -> int:
    """The call of a trial whose result is furthest off; the first where that cannot be told."""
    expected = np.asarray(expectation.double.value)
    if observed is None or observed.size != expected.size:
        return 0
    error = np.abs(
        np.asarray(observed, dtype=np.float64).reshape(len(expected), -1) - expected.reshape(len(expected), -1)
    )
    return int(np.nan_to_num(error, nan=np.inf).max(axis=1, initial=0.0).argmax())


def _shown(value: AnyArray) -> str:
    text = np.array2string(np.asarray(value), precision=_DIGITS, separator=", ", threshold=_MOST)
    return "\n".join(f"# {line}" for line in text.splitlines())


def _code(specification: Specification, probe: Probe, quantity: str, case: int) -> str:
    """The inputs and the call; empty where they are too many numbers, or it is not known how to call."""
    call = specification.snippets.get(probe.part or "exercise")
    if call is not None:
        inputs = {n: np.asarray(a)[case] if n in call.each else np.asarray(a) for n, a in probe.inputs.items()}
        return _written(inputs, call, quantity) if sum(array.size for array in inputs.values()) <= _MOST else ""
    if _size(probe) > 2 * _MOST:
        return ""
    return layer_snippet(specification, probe, quantity, case)


def _written(inputs: Arrays, call: SnippetOf, quantity: str) -> str:
    lines = ["import torch", "", "inputs = {"]
    for name, array in inputs.items():
        kind = ", dtype=torch.float64" if array.dtype.kind == "f" else ""
        lines.append(f"    {name!r}: torch.tensor({array.tolist()}{kind}),")
    return "\n".join([*lines, "}", Template(call.code).safe_substitute(quantity=quantity).rstrip()])
