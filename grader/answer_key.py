"""Keep answer keys on disk: named by the hash of what they depend on, and never trusted before they are verified."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import platformdirs

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.records import (
    AnswerKey,
    AnyArray,
    Estimate,
    Evidence,
    Expectation,
    FloatArray,
    Prediction,
    Probe,
    Rule,
    Visibility,
)

_MAGIC = b"backprop-grader answer key 1\n"
_KEPT = 32
_CODE = ("answer_key.py", "key_builder.py", "predictions.py", "records.py", "tolerance.py", "oracles/*.py")
STEP = "a step"
"""The quantity that the rule `descends` judges: the parameters after a step against the reported gradient."""


class UnusableKeyError(Exception):
    """The file is not a whole answer key of this program."""


def cache_folder() -> Path:
    """Where keys and the seed are kept; private to the user."""
    return platformdirs.user_cache_path("backprop-grader")


def key_path(assignment: Assignment, seed: str) -> Path:
    """Where the key of an assignment and a seed belongs.

    A change of the exercise, its reference, the code of the oracles, or the version of a library leads to another name.
    """
    digest = hashlib.sha256()
    package = Path(__file__).parent
    sources = [path for pattern in _CODE for path in sorted(package.glob(pattern))]
    for folder in (assignment.folder, assignment.reference):
        sources += sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in sources:
        data = path.read_bytes()
        digest.update(f"{path.name} {len(data)}\n".encode() + data)
    digest.update(f"{version('numpy')} {version('torch')} {seed}".encode())
    return cache_folder() / "keys" / f"{assignment.slug}-{digest.hexdigest()[:32]}.key"


def default_seed() -> str:
    """A seed that is drawn once for this user and kept: all submissions meet the same probes, nobody can foresee them.

    Where it cannot be kept, a new one is drawn each time.
    """
    path = cache_folder() / "seed"
    try:
        kept = path.read_text(encoding="ascii").strip()
        if kept:
            return kept
    except (OSError, UnicodeDecodeError):
        pass
    seed = secrets.token_hex(8)
    with contextlib.suppress(OSError):
        _write_privately(path, seed.encode())
    return seed


def expectations(
    assignment: Assignment,
    inputs: Mapping[str, FloatArray],
    quantities: Iterable[tuple[str, str, str]],
    gradients: Mapping[str, tuple[FloatArray, FloatArray, FloatArray]],
) -> tuple[Expectation, ...]:
    """What one probe must give.

    Args:
        quantities: name, id of its check, and source of each, as the exercise declares them.
        gradients: of each, value, error allowed in float64 and in float32; with a leading axis for the examples.

    Raises:
        AssignmentError: a check or a source does not exist.
    """
    rules = {check.id: check.rule for check in assignment.specification.checks}
    listed = list(quantities)
    sources = {quantity: source for quantity, _, source in listed}
    expected = []
    for quantity, check, source in listed:
        if check not in rules:
            known = ", ".join(rules)
            raise AssignmentError(f"{assignment.slug}: `{quantity}` counts for the check `{check}`; known are {known}")
        match rules[check]:
            case Rule.GRADIENT:
                value, double, single = gradients[source]
            case Rule.UNCHANGED if source in inputs:
                value = inputs[source][None]
                double = single = np.zeros_like(value)
            case Rule.REPEATS if sources.get(source) in gradients:
                value, double, single = (array[:1] for array in gradients[sources[source]])
            case rule:
                raise AssignmentError(
                    f"{assignment.slug}: `{quantity}` comes from `{source}`, unknown to rule `{rule}`"
                )
        both = Estimate(value, double), Estimate(value, single)
        expected.append(Expectation(quantity, check, rules[check], source, *both))
    nothing = Estimate(np.zeros(0), np.zeros(0))
    for check, rule in rules.items():
        if rule is Rule.DESCENDS:
            expected.append(Expectation(STEP, check, rule, "", nothing, nothing))
    return tuple(expected)


def save(path: Path, key: AnswerKey) -> None:
    """Write a key so that no reader ever sees a part of it.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays: dict[str, AnyArray] = {}
    probes = []
    for probe in key.probes:
        arrays |= {f"{probe.name}/input/{name}": value for name, value in probe.inputs.items()}
        quantities = [(e.quantity, e.check, e.source) for e in key.expected[probe.name] if e.rule is not Rule.DESCENDS]
        gradients = [e for e in key.expected[probe.name] if e.rule is Rule.GRADIENT]
        for e in gradients:
            for kind, array in (("value", e.double.value), ("double", e.double.error), ("single", e.single.error)):
                arrays[f"{probe.name}/{kind}/{e.source}"] = array
        predicted = key.predictions.get(probe.name, {})
        for quantity, prediction in predicted.items():
            arrays[f"{probe.name}/by hand/{quantity}"] = prediction.by_hand
            arrays[f"{probe.name}/by machine/{quantity}"] = prediction.by_machine
        probes.append(
            {
                "name": probe.name,
                "title": probe.title,
                "visibility": probe.visibility,
                "graded": probe.graded,
                "evidence": probe.evidence,
                "predicted": list(predicted),
                "inputs": list(probe.inputs),
                "gradients": [e.source for e in gradients],
                "quantities": quantities,
            }
        )
    description = json.dumps({"slug": key.slug, "seed": key.seed, "probes": probes}).encode()
    buffer = io.BytesIO()
    np.savez(buffer, description=np.frombuffer(description, np.uint8), **arrays)  # type: ignore[arg-type]
    body = buffer.getvalue()
    _write_privately(path, _MAGIC + hashlib.sha256(body).digest() + body)
    _forget_old_keys(path.parent)


def load(path: Path, assignment: Assignment, seed: str) -> AnswerKey:
    """Read a key that `save` wrote.

    Raises:
        FileNotFoundError: there is none.
        UnusableKeyError: it cannot be read, is damaged, or is another program's or another assignment's.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnusableKeyError(f"cannot be read: {error.strerror}") from error
    start = len(_MAGIC) + hashlib.sha256().digest_size
    body = data[start:]
    if not data.startswith(_MAGIC) or data[len(_MAGIC) : start] != hashlib.sha256(body).digest():
        raise UnusableKeyError("is damaged, or was written by something else")
    archive = np.load(io.BytesIO(body), allow_pickle=False)
    description = json.loads(bytes(archive["description"]))
    if (description["slug"], description["seed"]) != (assignment.slug, seed):
        raise UnusableKeyError("belongs to another assignment or seed")
    probes, expected = [], {}
    predictions: dict[str, dict[str, Prediction]] = {}
    for entry in description["probes"]:
        name = entry["name"]
        inputs = {i: archive[f"{name}/input/{i}"] for i in entry["inputs"]}
        gradients = {
            source: (
                archive[f"{name}/value/{source}"],
                archive[f"{name}/double/{source}"],
                archive[f"{name}/single/{source}"],
            )
            for source in entry["gradients"]
        }
        evidence = Evidence(entry["evidence"])
        probes.append(Probe(name, entry["title"], inputs, Visibility(entry["visibility"]), entry["graded"], evidence))
        expected[name] = () if evidence else expectations(assignment, inputs, entry["quantities"], gradients)
        predictions[name] = {
            quantity: Prediction(archive[f"{name}/by hand/{quantity}"], archive[f"{name}/by machine/{quantity}"])
            for quantity in entry["predicted"]
        }
    return AnswerKey(assignment.slug, seed, tuple(probes), expected, predictions)


def _write_privately(path: Path, data: bytes) -> None:
    """Write a file of which others see all or nothing, and which other users cannot read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _forget_old_keys(folder: Path) -> None:
    keys = sorted(folder.glob("*.key"), key=lambda path: path.stat().st_mtime)
    for path in keys[:-_KEPT]:
        path.unlink(missing_ok=True)
