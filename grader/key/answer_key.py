"""Keep answer keys on disk: named by the hash of what they depend on, and never trusted before they are verified."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from grader.assignment import Assignment
from grader.errors import of_system
from grader.private import is_ours, is_written_by_us
from grader.records import (
    AnswerKey,
    AnyArray,
    Derivation,
    Estimate,
    Evidence,
    Expectation,
    FloatArray,
    Prediction,
    Probe,
    Rule,
    Visibility,
    WrongWay,
    WrongWays,
)
from grader.wire.facts import Fact

_MAGIC = b"backprop-grader answer key 3\n"
_KEPT = 32
_CODE = (
    "key/*.py",
    "machine.py",
    "records/*.py",
    "tolerance.py",
    "oracles/*.py",
    "kit/**/*.py",
    "watch/**/*.py",
    "wire/*.py",
)


class UnusableKeyError(Exception):
    """The file is not a whole answer key of this program.

    Args:
        why: it is not.
    """

    def __init__(self, why: Fact) -> None:
        super().__init__(why)
        self.why = why


def cache_folder() -> Path:
    """Where keys and the seed are kept; private to the user."""
    return platformdirs.user_cache_path("backprop-grader")


def cache_is_ours() -> bool:
    """Whether the cache can be trusted: in one of somebody else there may be anything."""
    return all(is_ours(folder) for folder in (cache_folder(), cache_folder() / "keys") if os.path.lexists(folder))


def key_path(assignment: Assignment, seed: str) -> Path:
    """Where the key of an assignment and a seed belongs.

    A change of the exercise, its reference, the code of the oracles, or the version of a library leads to another name.
    """
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    sources = [path for pattern in _CODE for path in sorted(package.glob(pattern))]
    for folder in (assignment.folder,) if assignment.practice else (assignment.folder, assignment.reference):
        sources += sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in sources:
        data = path.read_bytes()
        digest.update(f"{path.name} {len(data)}\n".encode() + data)
    digest.update(f"{version('numpy')} {version('torch')} {assignment.practice} {seed}".encode())
    return cache_folder() / "keys" / f"{assignment.slug}-{digest.hexdigest()[:32]}.key"


def default_seed(name: str = "seed") -> str:
    """A seed that is drawn once for this user and kept: all submissions meet the same probes, nobody can foresee them.

    Where it cannot be kept, or is not ours, a new one is drawn each time.

    Args:
        name: of the file; each has a seed of its own.
    """
    path = cache_folder() / name
    if not cache_is_ours():
        return secrets.token_hex(8)
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


def save(path: Path, key: AnswerKey) -> None:
    """Write a key so that no reader ever sees a part of it.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays: dict[str, AnyArray] = {}
    probes = []
    for probe in key.probes:
        arrays |= {f"{probe.name}/input/{name}": value for name, value in probe.inputs.items()}
        for number, e in enumerate(key.expected[probe.name]):
            for kind, array in (("value", e.double.value), ("double", e.double.error), ("single", e.single.error)):
                arrays[f"{probe.name}/{number}/{kind}"] = array
        predicted = key.predictions.get(probe.name, {})
        for quantity, prediction in predicted.items():
            arrays[f"{probe.name}/by hand/{quantity}"] = prediction.by_hand
            arrays[f"{probe.name}/by machine/{quantity}"] = prediction.by_machine
        told = {name: value for name, value in vars(probe).items() if name != "inputs"}
        told["expected"] = [(e.quantity, e.check, e.rule, e.source) for e in key.expected[probe.name]]
        wrong = key.wrong_ways.get(probe.name, WrongWays())
        told["sizes"] = dict(wrong.sizes)
        told["ways"] = [(way.kind, way.step, way.operand, way.instead, list(way.arrays)) for way in wrong.ways]
        arrays |= _packed(f"{probe.name}/ways", [value for way in wrong.ways for value in way.arrays.values()])
        told["extras"], told["predicted"] = key.extras.get(probe.name, ()), list(predicted)
        probes.append(told | {"inputs": list(probe.inputs)})
    derivations = [_described(f"derivation {n}", each, arrays) for n, each in enumerate(key.derivations)]
    told_of_all = {"slug": key.slug, "seed": key.seed, "held_back": key.held_back, "underived": key.underived}
    description = json.dumps(told_of_all | {"probes": probes, "derivations": derivations}).encode()
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
        with path.open("rb") as file:
            if not is_written_by_us(file.fileno()):
                raise UnusableKeyError(Fact("key: open-to-others"))
            data = file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnusableKeyError(of_system(error)) from error
    start = len(_MAGIC) + hashlib.sha256().digest_size
    body = data[start:]
    if not data.startswith(_MAGIC) or data[len(_MAGIC) : start] != hashlib.sha256(body).digest():
        raise UnusableKeyError(Fact("key: damaged"))
    key = _decoded(body)
    if (key.slug, key.seed) != (assignment.slug, seed):
        raise UnusableKeyError(Fact("key: of-another"))
    return key


@lru_cache(maxsize=4)
def _decoded(body: bytes) -> AnswerKey:
    """The key that an archive holds; a process that stays ready meets the same one many times."""
    archive = np.load(io.BytesIO(body), allow_pickle=False)
    description = json.loads(bytes(archive["description"]))
    probes, expected, extras = [], {}, {}
    predictions: dict[str, dict[str, Prediction]] = {}
    wrong_ways: dict[str, WrongWays] = {}
    for told in description["probes"]:
        name = told["name"]
        listed, extras[name] = told.pop("expected"), tuple((quantity, size) for quantity, size in told.pop("extras"))
        predictions[name] = {
            quantity: Prediction(archive[f"{name}/by hand/{quantity}"], archive[f"{name}/by machine/{quantity}"])
            for quantity in told.pop("predicted")
        }
        sizes, ways = told.pop("sizes"), told.pop("ways")
        told["inputs"] = {i: archive[f"{name}/input/{i}"] for i in told["inputs"]}
        told["visibility"], told["evidence"] = Visibility(told["visibility"]), Evidence(told["evidence"])
        probes.append(Probe(**told))
        expected[name] = tuple(
            _expectation(archive, f"{name}/{number}", *fields) for number, fields in enumerate(listed)
        )
        wrong_ways[name] = WrongWays(sizes, tuple(_ways(archive, name, expected[name], ways)))
    derivations = tuple(
        _derivation(archive, f"derivation {n}", told) for n, told in enumerate(description["derivations"])
    )
    return AnswerKey(
        description["slug"],
        description["seed"],
        tuple(probes),
        expected,
        extras,
        predictions,
        int(description["held_back"]),
        wrong_ways,
        derivations,
        description["underived"],
    )


def _packed(place: str, listed: Sequence[AnyArray]) -> dict[str, AnyArray]:
    """Many arrays as one, as each entry of an archive takes its time."""
    return {place: np.concatenate([np.ravel(each) for each in listed])} if listed else {}


def _ways(
    archive: Mapping[str, FloatArray],
    probe: str,
    expected: Sequence[Expectation],
    told: list[tuple[str, str, str, str, list[str]]],
) -> Iterator[WrongWay]:
    shapes = {e.quantity: e.double.value.shape[1:] for e in expected}
    packed, start = archive[f"{probe}/ways"] if told else np.zeros(0), 0
    for kind, step, operand, instead, quantities in told:
        arrays = {}
        for quantity in quantities:
            end = start + math.prod(shapes[quantity])
            arrays[quantity], start = packed[start:end].reshape(shapes[quantity]), end
        yield WrongWay(kind, step, operand, arrays, instead)


def _described(place: str, derivation: Derivation, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    """What JSON can tell of a derivation; its arrays are packed into one, which is added to `arrays`."""
    told = {name: value for name, value in vars(derivation.probe).items() if name != "inputs"}
    groups = {"inputs": derivation.probe.inputs, "outputs": derivation.outputs, "known": derivation.known}
    packed = [np.ravel(value).astype(np.float64) for group in groups.values() for value in group.values()]
    arrays[place] = np.concatenate([*packed, np.zeros(0)])
    shapes = {
        group: [(name, np.shape(value), np.asarray(value).dtype.str) for name, value in values.items()]
        for group, values in groups.items()
    }
    way = {"way": derivation.way, "ends": dict(derivation.ends)}
    return {"probe": told, "checks": dict(derivation.checks), **way, **shapes}


def _derivation(archive: Mapping[str, AnyArray], place: str, told: Mapping[str, Any]) -> Derivation:
    values, start = archive[place], 0
    groups: dict[str, dict[str, AnyArray]] = {}
    for group in ("inputs", "outputs", "known"):
        groups[group] = {}
        for name, shape, dtype in told[group]:
            end = start + math.prod(shape)
            groups[group][name] = values[start:end].reshape(shape).astype(dtype)
            start = end
    probe = {**told["probe"], "inputs": groups["inputs"]}
    probe["visibility"], probe["evidence"] = Visibility(probe["visibility"]), Evidence(probe["evidence"])
    way = tuple((source, target) for source, target in told["way"])
    return Derivation(Probe(**probe), groups["outputs"], told["checks"], groups["known"], way, told["ends"])


def _expectation(
    archive: Mapping[str, FloatArray], place: str, quantity: str, check: str, rule: str, source: str
) -> Expectation:
    value = archive[f"{place}/value"]
    double, single = (Estimate(value, archive[f"{place}/{kind}"]) for kind in ("double", "single"))
    return Expectation(quantity, check, Rule(rule), source, double, single)


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
