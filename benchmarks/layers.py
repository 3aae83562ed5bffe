"""Declared layers of many courses: how much an author writes, how long it takes, and what wrong derivations lead to.

    python -m benchmarks.layers [--seeds N] [--code] [WORD ...]

For each layer a row: lines of the declaration and its formula; seconds of the processor to build a key, and to call
right code and judge it; false alarms over seeds; derivations with one thing wrong, made from the graph of the formula,
how many of them lose marks, how many are named, and how many of these as something else (which gives the same numbers).
With --code also the right code with one thing changed (a factor left out, a sign, a sum for a mean, a matrix not
transposed): how many of those that run and give wrong gradients are named. With WORDs, only layers whose names contain
one of them.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
import re
import tempfile
import textwrap
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import yaml

from grader.assignment import Assignment, load
from grader.diagnosis.generic import diagnose_by_formula, explained
from grader.judging.judge import judge
from grader.judging.scoring import counting
from grader.key import builder, exercises
from grader.kit.tensors import as_tensors
from grader.records import AnswerKey, Observation, Outcome, Run, Verdict
from grader.sandbox.inside.child import fresh_state
from grader.testing import LayerError, assert_layer
from grader.validation.layers import derived_mutants, mutated
from tests import test_interfaces, test_testing
from tests.code_mutants import mutants
from tests.layers import classes, more, pairs

LAYERS: Mapping[str, Any] = {**test_testing.LAYERS, **test_interfaces.WAYS}


def names_of(layer: str) -> dict[str, Any]:
    """The right code of a layer, as a course would write it."""
    told = LAYERS[layer]
    return dict(vars(more)) if layer in test_interfaces.WAYS else dict(told.names)


def exercise(folder: Path, layer: str) -> Assignment:
    """An exercise that asks for one layer; each of its quantities is worth a point."""
    told = LAYERS[layer]
    made = declared(layer)
    quantities = [*made.gradients, *(name for name in made.results if name.last in _outputs(layer))]
    points = {str(getattr(each, "last", each)): 1 for each in quantities}
    table = {"calls": list(told.calls), "points": points, "inputs": dict(told.inputs or {}), "formula": "formula"}
    table |= {"sizes": dict(told.sizes)} if getattr(told, "sizes", None) else {}
    place = folder / "assignments/layer"
    place.mkdir(parents=True)
    told_all = {"title": layer, "version": 1, "arrays": told.arrays, "layers": {"layer": table}}
    (place / "assignment.yaml").write_text(yaml.safe_dump(told_all))
    (place / "formulas.py").write_text(f"from benchmarks.layers import LAYERS\n\nformula = LAYERS[{layer!r}].formula\n")
    return load(folder, "layer")


def declared(layer: str) -> Any:
    """The layer as it is declared."""
    from grader.kit.layers.layer import Layer

    told = LAYERS[layer]
    return Layer.declared(told.formula, told.calls, told.inputs, getattr(told, "sizes", None))


def _outputs(layer: str) -> set[str]:
    from grader.kit.layers.drawing import drawn

    made = declared(layer)
    _, point = next(drawn(made, np.random.default_rng(0), 1))
    return set(made.values(as_tensors(point)))


def lines(layer: str) -> int:
    """What an author writes: the calls, inputs, points and a name, and the formula."""
    told = LAYERS[layer]
    try:
        source = textwrap.dedent(inspect.getsource(told.formula))
        formula = len(source.splitlines()) if source.startswith("def ") else 2
    except TypeError:
        formula = 1
    return 2 + len(told.calls) + bool(told.inputs) + bool(getattr(told, "sizes", None)) + formula


def observed(exercise: ModuleType, key: AnswerKey, names: Mapping[str, Any]) -> Run:
    """What code gives on all probes, in this process."""
    observations = {}
    for probe in key.probes:
        kept: dict[str, list[Any]] = {}

        def report(quantity: str, value: Any, _: object = "", kept: dict[str, list[Any]] = kept) -> None:
            if value is not None:
                kept.setdefault(quantity, []).append(np.asarray(value).copy())

        fresh_state(torch.float64)
        with contextlib.suppress(Exception):  # wrong code's own fault shows in what it did not report
            exercises.part_of(exercise, probe).observe(names, as_tensors(probe.inputs), report)
        arrays = {q: np.stack(values) for q, values in kept.items() if len({v.shape for v in values}) == 1}
        observations[probe.name] = Observation(Outcome.RETURNED, arrays=arrays)
    return Run(Outcome.RETURNED, None, observations, "", 0.0)


def alarms(assignment: Assignment, key: AnswerKey, run: Run) -> int:
    """Findings against right code, on the probes that count."""
    findings = list(judge(key, run))
    counted = counting(assignment.specification.checks, key, findings)
    return sum(f.verdict is not Verdict.CORRECT and f.probe in counted for f in findings)


def wrong_derivations(key: AnswerKey) -> Counter[str]:
    """How many there are, lose marks, and are named."""
    count: Counter[str] = Counter()
    for words, change in derived_mutants(key):
        run = mutated(key, change)
        count["all"] += 1
        count["lost"] += any(f.verdict is Verdict.WRONG for f in judge(key, run))
        mistakes = diagnose_by_formula(explained(key, run)).mistakes
        count["named"] += bool(mistakes)
        kind = words.split()[0].replace("nothing", "zero")
        count["otherwise"] += any(mistake.id != f"formula-{kind}" for mistake in mistakes)
    return count


def wrong_code(layer: str) -> Counter[str]:
    """Right code with one thing changed: how much of what runs, and gives wrong gradients, is named."""
    told, count = LAYERS[layer], Counter[str]()
    tree = ast.parse(inspect.getsource(more if layer in test_interfaces.WAYS else _module(told)))
    used = {word for call in told.calls for word in re.findall(r"\w+", call)} | {"_sigmoid"}
    used |= {"Dense"} & {"Dense" for call in told.calls if call.startswith("Net(")}
    kinds = ast.FunctionDef | ast.ClassDef
    tree.body = [node for node in tree.body if not isinstance(node, kinds) or node.name in used]
    more_told = {"sizes": told.sizes} if getattr(told, "sizes", None) else {}
    for _, text in mutants(ast.unparse(tree)):
        names: dict[str, Any] = {"__name__": "mutant"}
        exec(text, names)
        try:
            assert_layer(*told.calls, told.formula, names, inputs=told.inputs, arrays=told.arrays, **more_told)
        except LayerError as error:
            kinds_told = {fact.kind for fact in error.facts}
            wrong = [f.values["name"] for f in error.facts if f.kind == "layer-entries-differ"]
            only_gradients = kinds_told <= {"layer-entries-differ", "layer-known-mistake"} | _relations(kinds_told)
            if wrong and only_gradients and set(wrong) <= set(declared(layer).gradients):
                count["wrong"] += 1
                count["named"] += "layer-known-mistake" in kinds_told
    return count


def _relations(kinds: set[str]) -> set[str]:
    """What is said of wrong numbers besides."""
    return {kind for kind in kinds if not kind.startswith("layer-")}


def _module(told: Any) -> Any:
    return pairs if "affine_forward" in told.names else classes


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Declared layers of many courses.")
    parser.add_argument("--seeds", type=int, default=1, help="over how many seeds right code is judged")
    parser.add_argument("--code", action="store_true", help="also change right code")
    parser.add_argument("words", nargs="*", metavar="WORD")
    told = parser.parse_args()
    builder.prepare()
    warnings.simplefilter("ignore")  # of the code that is tried
    total: Counter[str] = Counter()
    print("| layer | lines | key, s | graded, ms | false alarms | wrong | lose marks | named | otherwise |", end="")
    print(" wrong code | named |" if told.code else "")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|" + "--:|--:|" * told.code)
    for layer in LAYERS:
        if told.words and not any(word in layer for word in told.words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            assignment, wrong, key_times, times = exercise(Path(folder), layer), 0, [], []
            module = exercises.load_exercise(assignment)
            for seed in range(told.seeds):
                start = time.process_time()
                key = builder.build(assignment, str(seed))
                built = time.process_time()
                run = observed(module, key, names_of(layer))
                wrong += alarms(assignment, key, run)
                key_times.append(built - start)
                times.append(time.process_time() - built)
        count = wrong_derivations(key)
        row = Counter({f"derived {name}": number for name, number in count.items()})
        code = wrong_code(layer) if told.code else Counter[str]()
        total += row + Counter({f"code {name}": number for name, number in code.items()})
        total["false alarms"] += wrong
        total["layers"] += 1
        cells = [layer, lines(layer), f"{np.median(key_times):.2f}", f"{1000 * np.median(times):.0f}", wrong]
        cells += [
            count["all"],
            count["lost"],
            count["named"],
            count["otherwise"],
            *([code["wrong"], code["named"]] if told.code else []),
        ]
        print("|", " | ".join(map(str, cells)), "|", flush=True)
    print("\n" + ", ".join(f"{name}: {number}" for name, number in total.items()))


if __name__ == "__main__":
    main()
