"""A part of an exercise: what it may leave out, and the ways to write one."""

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from grader.key.quantities import derivations
from grader.kit.part import Part, part_of
from grader.records import Probe


class Derived(Part):
    """Derived from the class, with with attributes of the class."""

    needs = ("swish",)
    step = 2.0**-18

    def quantities(self, inputs):
        """One of them."""
        yield "y", "forward", ""


class Plain:
    """A class of its own."""

    needs = ("swish",)
    step = 2.0**-18

    @staticmethod
    def quantities(inputs):
        """One of them."""
        yield "y", "forward", ""


EXERCISE = ModuleType("exercise")
vars(EXERCISE).update(vars(Plain), derived=Derived(), made=Plain(), plain=Plain, family=SimpleNamespace(one=Plain()))
EXERCISE.quantities = Plain.quantities


@pytest.mark.parametrize("path", ["", "derived", "made", "plain", "family.one"])
def test_a_part_may_be_a_module_a_class_or_an_object_and_what_it_leaves_out_has_a_default(path):
    part = part_of(EXERCISE, path)
    assert (part.needs, part.step, list(part.quantities({}))) == (("swish",), 2.0**-18, [("y", "forward", "")])
    assert (part.calls_autograd, part.runs_script, part.network({})) == (False, False, False)
    assert (part.points({"x": 1}), list(part.extras({})), dict(part.rows({}))) == ([{"x": 1}], [], {})
    assert part.make_ready({}) is None


def test_what_no_default_can_stand_for_is_told_with_the_name_of_the_part():
    with pytest.raises(NotImplementedError, match="has no `scalar`"):
        part_of(EXERCISE, "derived").scalar({})


class ByAnOperationThatIsMissing(Part):
    """Its formula asks torch for what that does not have."""

    def quantities(self, inputs):
        """One of them."""
        yield "y", "forward", ""

    def scalar(self, point):
        """Raises as torch does."""
        raise NotImplementedError("Could not run aten::strange")


class OfValuesAlone(ByAnOperationThatIsMissing):
    """No gradient is asked for."""

    scalar = Part.scalar


def known_of(part):
    probe = Probe("p", "p", {"x": np.array([0.3, 0.7])})
    return derivations(
        [probe], lambda _: part, lambda _: {"y": np.ones((1, 2))}, lambda _: {"y": "forward"}, Path("e.py")
    )


def test_values_alone_are_asked_for_where_there_is_no_formula_and_not_where_it_fails():
    (derivation,) = known_of(OfValuesAlone())
    assert [*derivation.known] == ["x", "y"]
    with pytest.raises(NotImplementedError, match="strange"):
        known_of(ByAnOperationThatIsMissing())


def test_a_part_that_is_not_there_is_an_error():
    with pytest.raises(AttributeError):
        part_of(EXERCISE, "family.two")
