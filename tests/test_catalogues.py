"""The catalogues of `mlp` and `descent`: what is named is true, and right work is never diagnosed."""

from __future__ import annotations

import re

import pytest
import torch

from grader.diagnosis.catalogue import Method
from grader.diagnosis.loading import load_catalogue
from grader.diagnosis.trainings import Watched
from grader.records import Diagnosis
from grader.training.claims import CLAIMS
from grader.wire.trace import Counts, Trace, Training
from tests.conftest import ROOT, assignment_and_key
from tests.test_corpus import cases
from tests.wrong_code.passes import IDENTITIES, MADE, OUTSIDE, TWINS, diagnosed, program

MLP, DESCENT = (load_catalogue(ROOT / "reference" / slug) for slug in ("mlp", "descent"))
WAYS = [(name, number) for name, ways in MADE.items() for number in range(len(ways))]
RIGHT = [case for case in cases("right") if case.startswith(("mlp/", "descent/"))]


@pytest.fixture(autouse=True)
def _in_double_precision():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def of(changes):
    loses, (found,) = diagnosed(program(changes), *assignment_and_key("mlp"), MLP)
    return loses, names(found), found


def names(found: Diagnosis) -> set[str]:
    return {mistake.id for mistake in found.mistakes}


def family(id: str) -> str:  # noqa: A002
    return id.rpartition(":")[2]


def test_code_without_a_mistake_has_none_even_when_it_is_looked_for():
    loses, _, found = of({})
    assert not loses
    assert found == Diagnosis()


@pytest.mark.parametrize(("name", "number"), WAYS)
def test_each_mistake_loses_marks_and_is_diagnosed_as_itself_or_as_nothing_where_it_is_not_known(name, number):
    catalogues = MLP, MLP.without(family(name))
    loses, (found, without) = diagnosed(program(MADE[name][number]), *assignment_and_key("mlp"), *catalogues)
    assert loses
    assert names(found) in ({name}, TWINS.get(name))
    assert found.unknown == ()
    assert names(without) <= TWINS.get(name, frozenset())


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_error_outside_the_catalogue_gets_no_name(name):
    loses, named, _ = of(OUTSIDE[name])
    assert loses
    assert named == IDENTITIES.get(name, set())


def test_every_mistake_of_mlp_has_been_made():
    assert {family(name) for name in MADE} == {entry.family for entry in MLP.entries}


def test_a_mistake_in_a_helper_and_one_in_the_backward_pass_are_told_apart():
    _, named, found = of({"dloss": "2 * (t - v)", "d1": "e1"})
    assert named == {"dloss-sign-flipped", "hid:dsigma-missing"}
    assert found.unknown == ()


@pytest.mark.parametrize("slug", ["mlp", "descent"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_hints_are_three_in_two_languages_of_a_length_that_is_read(slug, language):
    for entry in load_catalogue(ROOT / "reference" / slug).entries:
        hints = entry.hints[language]
        assert len(hints) == 3
        assert all(hints)
        assert 80 <= sum(len(hint.split()) for hint in hints) <= 160, entry.id
        assert not re.search(r"[!@]|\.T\b|torch\.|np\.|no_grad|zero_", " ".join(hints)), entry.id


def test_nothing_is_named_where_no_claim_is_broken():
    """Rules look at a training that has every trait of a mistake, and at claims that hold all the same."""
    odd = Training(Counts(**dict.fromkeys(Counts.__dataclass_fields__, 3) | {"path": 5}))
    seen = Watched(Trace(353, 353, (odd,)), frozenset(), "")
    assert DESCENT.method is Method.TRAINING
    for entry in DESCENT.entries:
        if entry.id in ("optim-misses-parameters", "net-activation-missing", "minibatch-always-first"):
            assert not entry.run(seen), entry.id


def test_without_a_trace_and_an_error_nothing_is_named():
    seen = Watched(Trace(0, 0, ()), frozenset(CLAIMS), "")
    assert [entry.id for entry in DESCENT.entries if entry.run(seen)] == []
