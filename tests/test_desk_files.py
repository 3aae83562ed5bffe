"""Which of several files is the submission, chosen and taken back in the desk, as in a terminal; in the real sandbox."""

from __future__ import annotations

import html
import http.client
import json
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from grader.decisions import What
from grader.desk.state import Desk, key_of
from grader.report_folder import ReportFolder
from tests.conftest import ROOT, SEED
from tests.test_choosing import MYNET, hand_ins, same
from tests.test_desk import Served, ask, serving
from tests.test_pages import browser  # noqa: F401  a fixture

CHLOE = (ROOT / "submissions/chloe.py").read_bytes()
PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> ReportFolder:
    """Of ann's two files each may be the submission; of dan's three, one was taken."""
    place = tmp_path_factory.mktemp("class")
    dan = {"dan/hw.py": MYNET, "dan/extra.py": b"x = 1\n", "dan/notes.md": b"hello\n"}
    hand_ins(place / "class", {"ann/a.py": CHLOE, "ann/b.py": MYNET, "bob.py": MYNET, **dan})
    command(place, "batch", "class", "--out", "r", "--seed", SEED, "--servers", "1")
    return ReportFolder(place / "r")


@pytest.fixture
def folder(graded, tmp_path) -> ReportFolder:
    shutil.copytree(graded.path, tmp_path / "r")
    return ReportFolder(tmp_path / "r")


def command(place: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-P", "-m", "grader", *arguments], cwd=place, check=True, capture_output=True)


def page_of(served: Served, name: str) -> str:
    return f"{served.address}s/{key_of(name)}"


def form_on(address: str, file: str, **more: str) -> str:
    """The form as the page has it now, with a file chosen."""
    once, seen = (re.search(rf'name="{name}" value="(\w+)"', ask(address)[1]) for name in ("once", "seen"))
    assert once
    assert seen
    return urlencode({"action": "file", "once": once[1], "seen": seen[1], "file": key_of(file), **more})


def send(address: str, form: str) -> str:
    """Send a form; what is then said of it."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    connection.request("POST", parts.path, form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers.get("location", str(answer.status)).rpartition("said=")[2]


def wait_until_graded(address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while ask(f"{address}/grading")[1] == "yes":
        assert time.monotonic() < end
        time.sleep(0.2)


def choices(folder: ReportFolder) -> list[tuple[str, str, str, str]]:
    return [(d.who, d.student, d.text, d.why) for d in folder.log.read().decisions if d.what is What.MAIN]


def test_by_the_keyboard_a_file_is_chosen_and_taken_back_and_nothing_that_was_typed_is_lost(browser, folder):  # noqa: F811
    def until(words: str) -> None:
        waiting = WebDriverWait(browser, PATIENCE_SECONDS, ignored_exceptions=[WebDriverException])
        waiting.until(lambda _: words in browser.find_element("tag name", "main").text)

    def value(name: str) -> str:
        return browser.execute_script(f"return document.querySelector('#decide [name={name}]').value")

    def press(*keys: str) -> None:
        browser.switch_to.active_element.send_keys(*keys)

    with serving(folder) as served:
        browser.get(page_of(served, "ann"))
        until("several files may be the submission")
        press("c")
        press("Look at b.")
        press(Keys.ESCAPE)
        press("f")
        press(Keys.SPACE)
        press(Keys.ENTER)
        until("ann/a.py is being graded; this takes some seconds")
        press("c")
        press(Keys.END, " Or at c.")
        until("Graded. This is the report that counts now.")
        assert browser.find_element("class name", "score").text.startswith("3 of 10")
        assert value("comment") == "Look at b. Or at c."
        until("What you had typed is still in its fields, and not saved yet.")
        press("!")
        assert value("comment") == "Look at b. Or at c.!", "who was typing goes on"
        assert choices(folder) == [("eve", "ann", "ann/a.py", "")]
        press(Keys.ESCAPE)
        press("f")
        press(Keys.ENTER)
        until("b.py is being graded")
        until("Graded. This is the report that counts now.")
        assert browser.find_element("class name", "score").text.startswith("10 of 10")
        for words in ("3 of 10", "no score"):
            browser.find_element("css selector", ".decisions form button").click()
            until("The choice is being taken back")
            until("Graded. This is the report that counts now.")
            assert words in browser.find_element("class name", "score").text
        until("several files may be the submission")
    assert not folder.standing().of("ann")


def test_of_two_tabs_that_choose_at_once_one_does_and_meanwhile_the_desk_answers(folder, tmp_path):
    shutil.copytree(folder.path, tmp_path / "terminal")
    with serving(folder) as served:
        ann = page_of(served, "ann")
        forms = [form_on(ann, "ann/a.py", why="said so"), form_on(ann, "ann/b.py", why="said so")]
        with folder.log._held(), ThreadPoolExecutor(2) as tabs:  # so that nothing can be decided yet
            said = list(tabs.map(lambda form: send(ann, form), forms))
            assert sorted(said) == ["graded", "meanwhile"]
            assert ask(f"{ann}/grading") == (200, "yes")
            assert "is being graded" in ask(ann)[1]
            assert "Grade this file" not in ask(ann)[1]
            assert "bob" in ask(served.address)[1]
            assert send(ann, forms[0]) == said[0], "sent again"
        wait_until_graded(ann)
        assert [send(ann, form) for form in forms] == said, "older than the decision, or sent again"
        assert ask(f"{ann}/grading") == (200, "no")
    file = ("ann/a.py", "ann/b.py")[said.index("graded")]
    assert choices(folder) == [("eve", "ann", file, "said so")]
    command(tmp_path, "resolve", "ann", "--main", file, "--reports", "terminal")
    assert same(folder.json / "ann.json") == same(tmp_path / "terminal/json/ann.json")


def test_what_is_refused_is_told_on_the_page_and_nothing_is_decided(folder, tmp_path):
    about = json.loads((folder.path / "batch.json").read_text())
    about["given"]["from"] = str(tmp_path / "gone")
    (folder.path / "batch.json").write_text(json.dumps(about))
    with serving(folder, language="fr") as served:
        ann = page_of(served, "ann")
        assert send(ann, form_on(ann, "ann/b.py", why="parce que")) == "graded"
        wait_until_graded(ann)
        page = html.unescape(ask(ann)[1])
        assert "ann/b.py n'a pas été noté :" in page
        assert f"{tmp_path}/gone : ce fichier ou ce dossier n'existe pas" in page
        assert 'name="why" value="parce que"' in page, "to be sent again"
        assert re.search(rf'value="{key_of("ann/b.py")}" required checked', page)
        with folder.claimed("mynet", ""):
            send(ann, form_on(ann, "ann/a.py"))
            wait_until_graded(ann)
            assert "ann/a.py n'a pas été noté :" in html.unescape(ask(ann)[1])
    assert choices(folder) == []


def test_only_what_a_student_handed_in_can_be_chosen(folder):
    with serving(folder) as served:
        ann, dan, bob = (page_of(served, name) for name in ("ann", "dan", "bob"))
        assert "Another file is the submission" in ask(dan)[1]
        assert re.findall(r'name="file" value="(\w+)"', ask(dan)[1]) == [key_of("extra.py")]
        assert "Grade this file" not in ask(bob)[1]
        for file in ("/etc/passwd", "../bob.py", "bob.py", "dan/hw.py", ""):
            status, page = ask(ann, "POST", form_on(ann, file))
            assert (status, "choose one of the files that were handed in" in page) == (400, True)
        assert ask(ann, "POST", form_on(ann, "ann/a.py"), Origin="http://evil.example")[0] == 404
        assert ask(f"{ann}/grading")[1] == "no"
        send(ann, form_on(ann, "ann/b.py"))
    assert choices(folder) == [("eve", "ann", "ann/b.py", "")], "the desk ends when it is graded"
    assert folder.load("ann")["score"] == 10


def test_where_names_are_hidden_no_file_is_offered(folder):
    desk = Desk(folder.path, anonymous=True)
    assert [desk.files(name) for name in ("ann", "dan")] == [{}, {}]
    assert set(Desk(folder.path).files("ann").values()) == {"ann/a.py", "ann/b.py"}
    with serving(folder, "--anonymous") as served:
        ann = page_of(served, "ann")
        assert "Grade this file" not in ask(ann)[1]
        assert ask(ann, "POST", form_on(ann, "ann/a.py"))[0] == 400
