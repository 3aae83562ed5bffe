"""The desk, in a real browser and from outside: who looks, who decides, who gets nothing; and what goes back."""

from __future__ import annotations

import html
import http.client
import json
import re
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from grader.decisions import What
from grader.decisions.making import Maker, Refused
from grader.desk.grading import Grading
from grader.desk.index import FILE, IndexedReports
from grader.desk.pages import Pages
from grader.desk.state import Desk, key_of
from grader.errors import GraderError
from grader.gradebook import remembered, write
from grader.gradebook.changing import changes, lateness, worths
from grader.gradebook.release import release
from grader.gradebook.rows import rows
from grader.gradebook.times import end_of, read_times
from grader.grading.reporting import not_graded
from grader.intake.naming import as_file_name
from grader.records import Certainty, Diagnosis, Isolation, Mistake, Outcome, SubmissionId
from grader.report_folder import ReportFolder
from grader.reports import json_report
from grader.wire.facts import Fact
from tests.test_pages import CONTRAST, HOSTILE, browser, requests  # noqa: F401  a fixture

CHECK = "output-weights"
SLIP = Mistake("out:actderiv-missing", "the activation was not differentiated", "output delta", "output layer",
               Certainty.PROVED, "", "", {"en": ("How does the loss depend on z?", "more")})  # fmt: skip


def a_folder(place: Path, assignment, names: list[str]) -> ReportFolder:
    """Reports on files as Canvas exports them; the first could not be read, and the others share a mistake."""
    folder = ReportFolder(place)
    with folder.claimed("mynet", "A title"):
        for number, name in enumerate(names, start=101):
            outcome = Outcome.RETURNED if number > 101 else Outcome.UNREADABLE
            digest = f"{number:064d}" if number > 101 else ""
            file = f"class/{name}_{number}_9{number}_hw.py"
            whose = SubmissionId(f"{name}.py", file, digest, name, str(number), late=number == 103)
            fact = Fact("cannot-be-read", {"file": "a.py", "why": Fact("is-empty")})
            report = not_graded(whose, assignment, outcome, fact, "1", Isolation("full", ""))
            first = replace(report.checks[0], points=1.0)
            report = replace(report, score=1.0, checks=(first, *report.checks[1:]), diagnosis=Diagnosis((SLIP,)),
                             output=HOSTILE, student_level="pointer")  # fmt: skip
            folder.write(as_file_name(f"{name}_{number}"), json_report.as_data(report))
            if digest:
                folder.keep_code(digest, f"def f():\n    return 1  # {HOSTILE}\n".encode(), is_notebook=False)
    return folder


NAMES = ["zed", "ann", "bob", "cas"]


@pytest.fixture
def folder(tmp_path, assignment) -> ReportFolder:
    return a_folder(tmp_path / "reports", assignment, NAMES)


class Served(NamedTuple):
    folder: ReportFolder
    address: str


@contextmanager
def serving(folder: ReportFolder, *options: str, language: str = "en") -> Iterator[Served]:
    """The desk of a class, in a process of its own."""
    command = [sys.executable, "-m", "grader", "desk", str(folder.path), "--as", "eve", "--language", language]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        yield Served(folder, process.stdout.readline().strip())
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        status = process.wait(300)
    assert status == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    from tests.conftest import assignment_and_key

    folder = a_folder(tmp_path_factory.mktemp("desk") / "reports", assignment_and_key("mynet")[0], NAMES)
    write(folder)
    with serving(folder) as desk:
        yield desk
    assert "gradebook.csv" not in folder.outdated(), "the table has what was decided in the desk once that is closed"


def pages_of(desk: Desk, language: str) -> Pages:
    return Pages(desk, Grading(desk.folder.path, "eve", language), "/t", language)


def ask(address: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=600)
    connection.request(method, parts.path, body or None, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_who_does_not_know_the_address_or_comes_from_elsewhere_gets_nothing(served):
    root = f"http://{urlsplit(served.address).netloc}"
    token = urlsplit(served.address).path.strip("/")
    for address in (
        f"{root}/",
        f"{root}/{token[:-1]}/",
        f"{root}/x{token}/",
        f"{root}/static/desk.js",
        f"{root}//",
        root,
    ):
        assert ask(address) == (404, "Not found.\n")
    assert ask(served.address, Host="evil.example") == (404, "Not found.\n")
    one = f"{served.address}s/{key_of('cas_104')}"
    form = urlencode({"once": "x", "comment": "forged", "seen": ""})
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ask(one, "POST", form, **headers)[0] == 404
    assert ask(f"{served.address}s/nobody")[0] == 404
    assert ask(f"{served.address}static/..%2fapp.py")[0] == 404
    assert not any(d.text == "forged" for d in served.folder.log.read().decisions)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_fits_can_be_read_and_asks_for_nothing_elsewhere(browser, served, width, scheme):  # noqa: F811
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}], "media": ""}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get_log("performance")
    for place in ("", f"s/{key_of('ann_102')}", "m/out%3Aactderiv-missing"):
        browser.get(served.address + place)
        assert browser.execute_script("return document.scrollingElement.scrollWidth") <= width
        assert browser.execute_script(CONTRAST) == []
        assert browser.execute_script("return [...document.querySelectorAll('table')].every(t => t.caption)")
        named = "return [...document.querySelectorAll('main :is(input:not([type=hidden]), select, textarea)')].every(e => e.labels.length)"
        assert browser.execute_script(named)
        assert browser.execute_script("return document.querySelectorAll('img, iframe, style').length") == 0
        assert browser.title != "stolen"
    assert all(url.startswith(served.address) for url in requests(browser))


def test_the_keyboard_alone_finds_decides_comments_takes_back_and_goes_on(browser, served):  # noqa: F811
    def press(*keys: str) -> None:
        browser.switch_to.active_element.send_keys(*keys)

    left = count()

    def arrive(*keys: str, by: str = "") -> None:
        """Press what leads to another page, and go on once that is there."""
        here = next(left)
        browser.execute_script(f"window.left = {here}; {by}")
        if keys:
            press(*keys)
        there = f"return window.left !== {here} && document.readyState === 'complete'"
        waiting = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])  # between two pages there is none
        waiting.until(lambda _: browser.execute_script(there))

    def text() -> str:
        return browser.find_element("tag name", "main").text

    browser.get(f"{served.address}s/{key_of('ann_102')}")
    press("d")
    arrive("2", Keys.ENTER)
    assert "Saved." in text()
    assert "Weights of the output layer: 2 of 2 points" in text()
    press("c")
    arrive("Look again.", Keys.SHIFT + Keys.ENTER)
    assert "comment: Look again." in text()
    arrive("j")
    assert browser.title == "bob"
    arrive("k")
    assert browser.title == "ann"
    arrive(by="history.back()")
    arrive("l")
    assert browser.title == "A title"
    press("/")
    arrive("cas", Keys.ENTER)
    assert [e.text for e in browser.find_elements("css selector", "tbody th a")] == ["cas"]
    press("?")
    press("?")
    arrive("a")
    press("j")
    arrive(Keys.ENTER)
    assert browser.title == "zed"
    press("n")
    press(Keys.CONTROL, "a")
    arrive(Keys.NULL, "Zed Roe", Keys.ENTER)
    assert browser.title == "Zed Roe"
    press("t")
    arrive("4", Keys.ENTER)
    assert "4 of 10 points for the whole" in text()
    decisions = served.folder.log.read().decisions
    assert [(d.who, d.what, d.student, d.points) for d in decisions] == [
        ("eve", What.POINTS, "ann_102", 2.0),
        ("eve", What.COMMENT, "ann_102", None),
        ("eve", What.NAME, "zed_101", None),
        ("eve", What.TOTAL, "zed_101", 4.0),
    ]


def test_a_form_that_is_sent_twice_decides_once_and_one_that_is_older_than_a_decision_is_not_saved(served):
    one = f"{served.address}s/{key_of('bob_103')}"
    page = ask(one)[1]
    seen = page.split('name="seen" value="')[1].split('"')[0]
    form = {"once": "page1", "seen": seen, f"points-{CHECK}": "2", f"before-{CHECK}": "1"}
    for _ in range(2):
        assert ask(one, "POST", urlencode(form))[0] == 303
    other_tab = {**form, "once": "page2", f"points-{CHECK}": "0"}
    assert ask(one, "POST", urlencode(other_tab))[0] == 303
    own = [d for d in served.folder.log.read().decisions if d.student == "bob_103"]
    assert [d.points for d in own] == [2.0]
    assert ask(one, "POST", urlencode({**form, "once": "p3", f"points-{CHECK}": "many"}))[0] == 400


def test_a_folder_that_has_gone_is_named_and_nothing_is_said_of_saving(served):
    away = served.folder.path.with_name("away")
    served.folder.path.rename(away)
    try:
        status, page = ask(served.address)
    finally:
        away.rename(served.folder.path)
    assert (status, "This cannot be shown" in page, "Not saved" in page) == (500, True, False)
    assert f"{served.folder.json}: cannot be used: there is no such file or folder" in page
    assert ask(served.address)[0] == 200


def test_what_the_desk_refuses_says_what_to_do_on_the_page_that_was_sent(served):
    one = f"{served.address}s/{key_of('cas_104')}"
    page = ask(one)[1]
    seen = page.split('name="seen" value="')[1].split('"')[0]
    form = {"once": "above", "seen": seen, f"points-{CHECK}": "9", f"before-{CHECK}": "1"}
    assert "where that is meant, tick the box under the points" in ask(one, "POST", urlencode(form))[1]


def test_all_who_share_a_mistake_are_decided_at_once_but_those_who_are_left_out(served):
    page = f"{served.address}m/out%3Aactderiv-missing"
    form = {
        "once": "g",
        "check": "hidden-biases",
        "points": "0.5",
        "comment": "All of you.",
        f"leave-{key_of('cas_104')}": "on",
    }
    assert ask(page, "POST", urlencode(form))[0] == 303
    made = [d for d in served.folder.log.read().decisions if d.check == "hidden-biases"]
    assert {d.student for d in made} == {"zed_101", "ann_102", "bob_103"}


def test_names_are_hidden_until_results_were_returned(folder):
    desk = Desk(folder.path, anonymous=True)
    from grader.desk.filters import Filter

    pages = pages_of(desk, "en")
    unread, raised = folder.load("zed_101"), folder.load("bob_103")
    place = (raised["submission"]["name"], 3, "f", "return 1")
    choose = Fact("choose-with-resolve", {"name": "cas_104"})
    several = Fact("several-candidates", {"files": ("cas.py", "cas2.py")})
    for name, data, outcome, fact in (
        (
            "cas_104",
            unread | {"submission": folder.load("cas_104")["submission"]},
            "unreadable",
            Fact("not-clear", {"what": several, "remedy": choose}),
        ),
        ("zed_101", unread, "unreadable", Fact("cannot-be-read", {"file": "zed_101_hw.py", "why": Fact("is-empty")})),
        ("bob_103", raised, "raised", Fact("raised", {"type": "E", "text": "x", "places": (place,)})),
    ):
        failure = unread["failures"][0] | {"outcome": outcome, "fact": json_report.plain(fact)}
        folder.write(name, data | {"outcome": outcome, "failures": [failure]})
    Maker(folder.log, "eve").text(What.NAME, ["zed_101"], "zed the first")
    desk.refresh()
    told = pages.list_(Filter(), 1) + "".join(pages.submission(key_of(n), Filter(), "") or "" for n in folder.names())
    assert not [name for name in NAMES if re.search(rf"(?<![a-z]){name}(?![a-z])", told)]
    assert "which one is meant is said by name, in a desk without --anonymous" in told
    assert "Grade this file" not in told, "which file is meant is said by its name"
    assert desk.listed(Filter(name="ann")) == []
    release(folder, remembered(folder), "mail", Maker(folder.log, "eve"))
    desk.refresh()
    assert "ann" in pages.list_(Filter(), 1)
    assert [row.name for row in desk.listed(Filter(view="decided"))] == ["zed_101"], (
        "to be shown a result is no decision"
    )


def test_the_list_shows_the_wrong_line_of_those_whose_mistake_has_no_name(folder):
    from grader.desk.filters import Filter

    data = folder.load("ann_102")
    place = {"file": "ann.py", "cell": None, "line": 2, "text": "a<b.T"}
    folder.write("ann_102", data | {"diagnosis": data["diagnosis"] | {"mistakes": [], "places": [place]}})
    assert "Wrong in line 2: <code>a&lt;b.T</code>" in pages_of(Desk(folder.path), "en").list_(Filter(), 1)


@pytest.mark.parametrize(
    ("diagnosis", "policy", "told"),
    [
        ({"mistakes": []}, [], "Pas juste : Poids de la couche de sortie, Biais"),
        ({"mistakes": []}, [{"action": "warn"}], "Peut-être pas dérivé à la main : regardez les indices"),
        ({"mistakes": []}, [{"action": "warn"}, {"action": "forbid"}], "Pas dérivé à la main"),
    ],
)
def test_nobody_who_lost_points_is_in_the_list_without_a_reason(folder, diagnosis, policy, told):
    from grader.desk.filters import Filter

    data = folder.load("ann_102")
    findings = [{"evidence": [], "said": "", **finding} for finding in policy]
    new = {"outcome": "returned", "diagnosis": data["diagnosis"] | diagnosis, "policy": findings}
    folder.write("ann_102", data | new)
    assert told in html.unescape(pages_of(Desk(folder.path), "fr").list_(Filter(name="ann"), 1))


def test_the_title_of_a_check_that_was_decided_is_in_the_language_of_the_page(folder):
    from grader.desk.filters import Filter

    Maker(folder.log, "eve").points("ann_102", folder.load("ann_102"), CHECK, 1.5, why="")
    page = html.unescape(pages_of(Desk(folder.path), "fr").submission(key_of("ann_102"), Filter(), "") or "")
    assert "Poids de la couche de sortie : 1.5 points sur 2" in page
    assert "Poids de la couche de sortie : 1 -> 1.5 points, par eve" in page
    assert "Weights of the output layer" not in page


def test_the_index_follows_the_files_and_is_made_anew_where_it_is_broken(folder):
    indexed = IndexedReports(folder.path)
    assert indexed.refresh()
    assert not indexed.refresh()
    data = folder.load("ann_102")
    folder.write("ann_102", data | {"score": 7.0})
    (folder.json / "bob_103.json").unlink()
    assert indexed.refresh()
    assert (indexed.load("ann_102")["score"], "bob_103" in indexed.names()) == (7.0, False)
    (folder.path / FILE).write_bytes(b"not a database" * 1000)
    again = IndexedReports(folder.path)
    again.refresh()
    assert again.names() == indexed.names()
    assert (folder.path / FILE).stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("form", ["canvas", "mail", "gradescope"])
def test_what_goes_back_is_named_as_the_system_reads_it_and_recorded(folder, form):
    Maker(folder.log, "eve").text(What.COMMENT, ["ann_102"], "Nearly.")
    done = release(folder, remembered(folder), form, Maker(folder.log, "eve"))
    assert (done.count, any("zed_101" in fact.values.values() for fact in done.problems)) == (3, True)
    lacking = [fact.values["n"] for fact in done.problems if fact.kind == "mail: no-address"]
    assert lacking == ([3] if form == "mail" else []), "no roster told an address"
    if form == "canvas":
        with zipfile.ZipFile(done.path) as archive:
            numbers = [[part for part in name.split("_") if part.isdecimal()][:2] for name in archive.namelist()]
            assert numbers == [["102", "9102"], ["103", "9103"], ["104", "9104"]]
            assert "Nearly." in archive.read(archive.namelist()[0]).decode()
    elif form == "mail":
        table = (done.path / "mail.csv").read_text(encoding="utf-8-sig")
        assert (
            "ann,,1,10,ann_102.html,The activation was not differentiated. How does the loss depend on z? Nearly."
            in table
        )
    else:
        assert json.loads((done.path / "ann_102.json").read_text())["score"] == 1
    released = folder.standing().of_class(What.RELEASE)
    assert {(d.student, d.points) for d in released} == {("ann_102", 1.0), ("bob_103", 1.0), ("cas_104", 1.0)}
    with pytest.raises(Refused):
        Maker(folder.log, "eve").undo([d.id for d in folder.standing().of_class(What.RELEASE)])


def test_moodle_gets_only_what_it_exported_itself(folder):
    with pytest.raises(GraderError, match="of 3 with a score, none handed in a file that Moodle exported"):
        release(folder, remembered(folder), "moodle", Maker(folder.log, "eve"))
    assert not (folder.path / "return").exists()
    data = folder.load("ann_102")
    whose = data["submission"] | {"file": "all.zip/Ann_B Roe_102_assignsubmission_file/hw.py", "student": "Ann_B Roe"}
    whose["file"] = "all.zip/Ann B Roe_102_assignsubmission_file/hw.py"
    folder.write("ann_102", data | {"submission": whose})
    done = release(folder, remembered(folder), "moodle", Maker(folder.log, "eve"))
    with zipfile.ZipFile(done.path) as archive:
        (name,) = archive.namelist()
    parts = name.split("_", 4)  # as Moodle takes it apart
    assert parts[1:] == ["102", "assignfeedback", "file", "feedback.html"]


def test_what_a_student_was_shown_last_does_not_depend_on_clocks(folder, monkeypatch):
    from grader.decisions import log
    from grader.desk.filters import changed_since_release

    def shown(when: str) -> None:
        monkeypatch.setattr(log, "now", lambda: when)
        release(folder, remembered(folder), "mail", Maker(folder.log, "eve"))

    shown("2030-01-01T00:00:00Z")
    Maker(folder.log, "eve").points("ann_102", folder.load("ann_102"), What.TOTAL, 7, why="")
    (row,) = [row for row in rows(folder, remembered(folder), []) if row.name == "ann_102"]
    assert changed_since_release(row, folder.standing())
    shown("2026-01-01T00:00:00Z")
    assert not changed_since_release(row, folder.standing())


@pytest.mark.parametrize("hinder", ["read-only", "full"])
def test_the_desk_opens_where_its_index_cannot_be_kept(folder, hinder, monkeypatch):
    from grader.desk import index

    connect = sqlite3.connect

    def hindered(path: object, **more: object) -> sqlite3.Connection:
        if hinder == "read-only" and path != ":memory:":
            raise sqlite3.OperationalError("unable to open database file")
        database = connect(path, **more)
        if path != ":memory:":
            database.execute("PRAGMA max_page_count = 1")  # an empty file: the first table does not fit
        return database

    monkeypatch.setattr(index.sqlite3, "connect", hindered)
    desk = Desk(folder.path)
    assert [row.name for row in desk.rows] == folder.names()
    assert desk.data("ann_102") is not None


def test_nothing_goes_back_while_decisions_are_not_clear(folder):
    folder.log.path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(GraderError, match="Nothing was returned"):
        release(folder, remembered(folder), "mail", Maker(folder.log, "eve"))
    assert not (folder.path / "return").exists()


@pytest.mark.parametrize(
    ("name", "text", "hours"),
    [
        ("t.csv", "SID,Lateness (H:M:S)\n102,49:30:00\n103,0:00:00\n", {"ann": 49.5, "bob": 0}),
        ("t.csv", "Identifier,Last modified (submission)\nParticipant 102,\"Friday, 20 November 2026, 10:00 PM\"\nParticipant 103,-\n", {"ann": 22}),
        ("t.csv", "student;submitted\nann;2026-11-21T01:30\nbob;2026-11-19T00:00\n", {"ann": 25.5, "bob": 0}),
        ("t.csv", "id,late\n102,1 d 2:00\n104,3.5\n", {"ann": 26, "cas": 3.5}),
        ("m.yml", "submission_1:\n  :submitters:\n  - :name: ann\n    :sid: '102'\n  :created_at: 2026-11-20 12:00:00.000000000 Z\n", {"ann": 12}),
    ],
)  # fmt: skip
def test_times_are_read_from_what_systems_export(folder, tmp_path, monkeypatch, name, text, hours):
    from datetime import datetime

    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / name).write_text(text, encoding="utf-8")
    times = read_times(tmp_path / name, datetime.fromisoformat("2026-11-20T00:00"))
    found = {d.student.partition("_")[0]: d.hours for d in lateness(list(rows(folder, remembered(folder), [])), times)}
    assert found == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,late\n102,tomorrow\n", ":2: `tomorrow` is neither a number of hours nor H:MM"),
        ("id,submitted\n102,tomorrow\n", ":2: `tomorrow` is no time"),
        ("id,points\n102,3\n", ":2: no column tells when"),
        ("points\n3\n", ":1: no column names the students"),
    ],
)
def test_a_table_that_tells_no_times_is_told_with_its_line(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(GraderError) as raised:
        read_times(tmp_path / "t.csv", None)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("due", "submitted", "hours"),
    [
        ("2026-11-20T23:59", "2026-11-20T23:59:40", 0),
        ("2026-11-20T23:59:00", "2026-11-20T23:59:36", 0.01),
        ("2026-11-20", "2026-11-20T23:59:59", 0),
        ("2026-11-20", "2026-11-21T06:00", 6),
        ("2026-11-20T22:59Z", "2026-11-21T00:59:30+02:00", 0),
        ("2026-11-20T22:00Z", "2026-11-20 23:00 UTC", 0.983),
        ("2026-11-20T22:00+02:00", "2026-11-20 23:00:00 GMT", 2.983),
    ],
)
def test_who_hands_in_within_the_minute_or_the_day_of_the_deadline_is_in_time(tmp_path, due, submitted, hours):
    (tmp_path / "t.csv").write_text(f"student,submitted\nann,{submitted}\n")
    (told,) = read_times(tmp_path / "t.csv", end_of(due))
    assert told.hours == pytest.approx(hours, abs=1e-3)


def test_late_days_cost_what_the_rule_says_with_grace_and_cap_and_a_mark_without_time_is_one_day(folder, tmp_path):
    maker = Maker(folder.log, "eve")
    from grader.decisions import Decision

    def rule(percent: float, cap: float, grace: float) -> list[Decision]:
        return [Decision("", "", What.LATE_RULE, percent=percent, cap=cap, grace=grace)]

    assert [(c.student, c.before, c.after) for c in changes(folder, remembered(folder), rule(10, 25, 1))] == [
        ("bob", 1, 0.9)
    ]
    maker.all(rule(10, 25, 1))
    for name, hours, expected in (
        ("ann", 0.5, 1),
        ("ann", 1.5, 0.9),
        ("ann", 24, 0.9),
        ("ann", 24.1, 0.8),
        ("ann", 500, 0.75),
    ):
        maker.all([Decision("", "", What.LATE, f"{name}_102", hours=hours)])
        assert {row.student: row.score for row in rows(folder, remembered(folder), [])}[name] == expected


def test_points_of_the_assignment_that_change_are_applied_from_stored_findings(folder, assignment):
    data = folder.load("ann_102")
    findings = [
        {"check": CHECK, "probe": trial["name"], "quantity": "q", "verdict": "wrong" if n else "correct", "fact": None, "ratio": None, "follows": False}
        for n, trial in enumerate(data["trials"][:4] or [{"name": str(n), "graded": True} for n in range(4)])
    ]  # fmt: skip
    trials = data["trials"] or [{"name": str(n), "title": "", "visibility": "public", "graded": True} for n in range(4)]
    folder.write("ann_102", data | {"findings": findings, "trials": trials})
    checks = tuple(
        c.model_copy(update={"points": 8.0}) if c.id == CHECK else c for c in assignment.specification.checks
    )
    known = {check["id"]: check["out_of"] for check in data["checks"]}
    new, missing = worths(assignment.specification.model_copy(update={"checks": checks}), known)
    assert ([(d.check, d.points) for d in new], missing) == ([(CHECK, 8.0)], [])
    assert {c.student: c.after for c in changes(folder, remembered(folder), new)}["ann"] == 2.0
    Maker(folder.log, "eve").all(new)
    row = next(row for row in rows(folder, remembered(folder), []) if row.student == "ann")
    assert (row.score, row.data["out_of"]) == (2.0, 16)
