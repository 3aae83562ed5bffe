"""Facts are data, words are words: every fact that code makes has a sentence in every language, with all it needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import load
from grader.diagnosis.loading import load_catalogue
from grader.errors import AssignmentError, GraderError
from grader.wire import told
from grader.wire.facts import Fact
from grader.words import LANGUAGES, Words, say
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "grader").rglob("*.py"))
TEMPLATES = sorted(
    [*(ROOT / "grader/reports/html/templates").glob("*.html"), *(ROOT / "grader/desk/templates").glob("*.html")]
)
ENGLISH = LANGUAGES["en"]
OTHERS = [name for name in LANGUAGES if name != "en"]


def places_in(sentence: str) -> set[str]:
    """The values that a sentence needs, those of its choices included."""
    found = set()
    for _, field, spec, _ in Formatter().parse(sentence):
        if field is not None:
            found |= {field} | ({"digits"} if spec == "digits" else set()) | places_in(spec if "|" in spec else "")
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_the_same_kinds_with_the_same_values(language):
    sentences = LANGUAGES[language]
    assert set(sentences) == set(ENGLISH)
    assert {k: places_in(s) for k, s in sentences.items()} == {k: places_in(s) for k, s in ENGLISH.items()}


def kinds(node: ast.expr) -> list[str]:
    """The kinds that the first argument of a fact may be; one that is put together stands for all with its beginning."""
    match node:
        case ast.Constant(value=str(kind)):
            return [kind]
        case ast.IfExp():
            return kinds(node.body) + kinds(node.orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return [kind for kind in ENGLISH if kind.startswith(start)] or [f"{start}..."]
    return []


def made() -> Iterator[tuple[str, str, set[str] | None]]:
    """Each fact that code makes: where, its kind, and its values where they can be seen."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if name == "Fact":
                values: set[str] | None = set()
                if len(node.args) > 1:
                    dictionary = node.args[1]
                    whole = isinstance(dictionary, ast.Dict) and all(dictionary.keys)
                    values = {ast.literal_eval(key) for key in dictionary.keys} if whole else None
                yield from ((where, kind, values) for kind in kinds(node.args[0]))
            elif name == "words":
                whole = all(keyword.arg for keyword in node.keywords)
                values = {str(keyword.arg) for keyword in node.keywords} if whole else None
                yield from ((where, kind, values) for kind in kinds(node.args[0]))


MADE = list(made())


def test_every_fact_that_code_makes_has_a_sentence_and_all_the_values_that_it_needs():
    assert len(MADE) > 150
    for where, kind, values in MADE:
        assert kind in ENGLISH, where
        assert values is None or places_in(ENGLISH[kind]) <= values, where


def test_everything_that_pages_say_has_a_sentence():
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        for kind in re.findall(r'\bw\("([^"]+)"', text):
            assert kind in ENGLISH or any(k.startswith(kind) for k in ENGLISH), (path.name, kind)
        plain = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", " ", text, flags=re.DOTALL)
        assert not re.findall(r"[A-Za-z]{4,}", plain.replace("SHA-256", "")), path.name


def test_what_a_process_may_tell_has_a_sentence_with_no_other_values():
    for kind, signature in told.SIGNATURES.items():
        assert places_in(ENGLISH[kind]) <= set(signature)


def literal(node: ast.expr | None) -> str:
    """What an expression says in letters of its own: a text, or the fixed parts of one; commands in it do not count."""
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"`[^`]*`", "", text)
        case ast.JoinedStr(values=parts):
            return " ".join(literal(part) for part in parts)
        case ast.BinOp():
            return literal(node.left) + literal(node.right)
        case ast.IfExp():
            return literal(node.body) + literal(node.orelse)
    return ""


def kinds_of_errors(parent: type[Exception]) -> set[str]:
    return {parent.__name__}.union(*(kinds_of_errors(child) for child in parent.__subclasses__()))


IN_ENGLISH = kinds_of_errors(AssignmentError) | {"GraderFault"}
"""Whoever writes an exercise, or mends this program, reads English."""
TOLD = kinds_of_errors(GraderError) - IN_ENGLISH - {"GraderError"}
OF_CLICK = {"UsageError", "BadParameter", "ClickException", "BadOptionUsage", "BadArgumentUsage"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def test_what_stands_in_the_way_is_a_fact_or_for_those_who_read_english():
    """So that it has a sentence in every language: none of these errors is made of a text."""
    made = 0
    for where, name, call in calls():
        assert name not in OF_CLICK, where
        assert name != "GraderError", where
        assert not (name == "fail" and call.args), where
        if name in TOLD:
            made += 1
            assert not any(literal(argument).strip() for argument in call.args), where
    assert made > 80


PRINTED = {"print", "notify", "tell", "add_column", "prompt", "echo", "secho", "add_row"}
FOR_AUTHORS = ("grader/validation/", "grader/authoring/", "grader/cli/validate.py", "grader/selfcheck/main_test.py")


def test_what_is_printed_has_a_sentence_in_every_language():
    printed = 0
    for where, name, call in calls():
        if name in PRINTED and not where.startswith((*FOR_AUTHORS, "grader/watch/", "grader/kit/")):
            printed += 1
            told = " ".join(literal(argument) for argument in call.args)
            assert not re.findall(r"[A-Za-z]{3,}", re.sub("grade: |check: |http:", "", told)), where
    assert printed > 60


PARSING = {
    "startswith",
    "endswith",
    "partition",
    "rpartition",
    "split",
    "removeprefix",
    "removesuffix",
    "find",
    "index",
}


def test_no_sentence_is_parsed():
    """Nothing looks for something in what `say` gives; and whoever judges cannot even make a sentence (see pyproject)."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            inner = node.value if isinstance(node, ast.Attribute) and node.attr in PARSING else None
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
                inner = node.comparators[0]
            if isinstance(inner, ast.Call):
                assert getattr(inner.func, "id", getattr(inner.func, "attr", "")) != "say", (path.name, node.lineno)


@given(st.text("{}|:!a0\n"))
def test_what_a_value_holds_is_never_read_as_a_sentence(text):
    values = {"type": text, "text": text, "places": ((text, 3, text, text),)}
    for language in LANGUAGES:
        assert text in say(Fact("raised", values), language)


@pytest.mark.parametrize(
    ("language", "n", "words"),
    [
        ("en", 0, "0 reports"),
        ("en", 1, "one report"),
        ("en", 2, "2 reports"),
        ("fr", 0, "un rapport"),
        ("fr", 2, "2 rapports"),
    ],
)
def test_numbers_decide_between_singular_and_plural(language, n, words):
    assert Words(language)("n-reports", n=n) == words


@pytest.mark.parametrize("number", [float("nan"), float("inf"), None])
def test_a_number_that_is_none_is_said_to_be_none(number):
    fact = Fact("number-differs", {"yours": number, "right": 0.5, "digits": 4})
    assert say(fact) == "is not finite, should be 0.5"
    assert say(fact, "fr") == "vaut non fini, il faut 0.5"


def test_a_language_that_nobody_wrote_is_english():
    assert Words("xx").language == "en"
    assert say(Fact("wrong-sign", {"name": "q"}), "xx") == "q has the right size and the wrong sign"


@pytest.mark.parametrize("slug", ["mynet", "functions", "relu", "mlp", "descent"])
def test_every_check_and_every_known_mistake_has_a_title_in_french(slug):
    assignment = load(ROOT, slug)
    catalogue = load_catalogue(assignment.reference)
    titles = [check.title for check in assignment.specification.checks] + [entry.title for entry in catalogue.entries]
    assert [title for title in titles if Words("fr").title(title) == title] == []
