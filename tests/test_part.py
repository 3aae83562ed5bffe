"""A part of an exercise: what it may leave out, and the ways to write one."""

from types import ModuleType, SimpleNamespace

import pytest

from grader.kit.part import Part, part_of


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


def test_a_part_that_is_not_there_is_an_error():
    with pytest.raises(AttributeError):
        part_of(EXERCISE, "family.two")
