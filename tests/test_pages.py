"""The pages, looked at in a real browser: at the width of a phone and of a desk, in light and in dark."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from grader import cli
from grader.grading.reporting import not_graded
from grader.records import (
    Action,
    Certainty,
    Chart,
    Diagnosis,
    Failure,
    Isolation,
    Level,
    Mistake,
    Outcome,
    Picture,
    Place,
    PolicyFinding,
    Remark,
    Report,
    Series,
    SubmissionId,
    Verdict,
    Visibility,
)
from grader.reports import json_report, reading
from grader.reports.class_view import Attempt, class_view
from grader.reports.html.class_page import class_page
from grader.reports.html.heat_map import HeatMap
from grader.reports.html.page import student_page
from grader.reports.html.writing import write_class_page
from grader.wire.facts import Fact
from grader.words import Words
from tests.conftest import ROOT, words_of
from tests.corpus import handed_in

WIDTHS = {"phone": 390, "desk": 1280}
HOSTILE = """</pre><script>document.title = "stolen"</script><img src="https://example.com/x.png"><style>body{display:none}</style>"""
LONG = "x" * 3000


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Chrome]:
    program = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.fail("the pages are tested in a browser: `make browser` installs Chromium and its driver on Debian")
    options = ChromeOptions()
    options.binary_location = program
    profile = tmp_path_factory.mktemp("profile")
    for flag in ("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
                 "disable-component-update", "disable-sync", "hide-scrollbars", f"user-data-dir={profile}"):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    chrome.execute_cdp_cmd("Network.enable", {})
    yield chrome
    chrome.quit()


SUBMISSIONS = {
    "right": ("mynet", "submissions/alice.py"),
    "wrong": ("mynet", "submissions/chloe.py"),
    "raised": ("mynet", "submissions/emma.py"),
    "machine": ("mynet", "submissions/ivan.py"),
    "endless": ("mynet", "mynet/stopped/endless_loop.py"),
    "transposed": ("mlp", "mlp/wrong/outer_product_swapped.py"),
    "diverges": ("functions", "functions/wrong/linear_w_transposed.py"),
    "mask": ("relu", "relu/wrong/mask_inverted.py"),
    "identity": ("relu", "relu/wrong/identity.py"),
    "training": ("descent", "descent/wrong/no_zeroing.py"),
}


@pytest.fixture(scope="module")
def graded(graders) -> dict[str, Report]:
    """Real reports on every exercise, a large layer, and one in which everything that a submission can write is hostile."""
    reports = {
        name: graders(slug)(ROOT / file if file.startswith("submissions/") else handed_in(file), seconds=3)
        for name, (slug, file) in SUBMISSIONS.items()
    }
    reports["big"] = big_gradients(reports["wrong"])
    reports["hostile"] = hostile(reports["wrong"])
    return reports


def big_gradients(report: Report) -> Report:
    """A layer of 16 x 576 of which only the strongest entries are kept, with some that are not finite."""
    cells = 16 * 32
    expected = tuple(float((i * 7919) % 101 - 50) / 50 for i in range(cells))
    observed = tuple(None if i % 97 == 0 else value * (1 if i % 3 else -2) for i, value in enumerate(expected))
    picture = Picture("hidden-weights", "mnist", "dL_dw[1]", 0, 1, (16, 576), tuple(range(16)), tuple(range(0, 576, 18)), expected, observed)  # fmt: skip
    return replace(report, pictures=(*report.pictures, picture))


def said(text: str) -> Fact:
    return Fact("called", {"text": text})


ERROR = Fact(
    "raised", {"type": "ValueError", "text": HOSTILE + LONG, "places": ((HOSTILE, 7, HOSTILE, HOSTILE + LONG),)}
)


def hostile(report: Report) -> Report:
    name = f"{HOSTILE}\u202egnp.exe עברית \N{SNOWMAN}.py"
    series = Series(HOSTILE, (1.0, None, 1e308, -1e308), (1.0,))
    return replace(
        report,
        submission=replace(report.submission, name=name, student=name),
        outcome=Outcome.RAISED,
        failures=(Failure(Outcome.RAISED, ERROR, "toy"), Failure(Outcome.RAISED, said(HOSTILE))),
        findings=tuple(replace(f, fact=said(HOSTILE + LONG)) for f in report.findings),
        policy=(PolicyFinding("autograd", Action.WARN, (said(HOSTILE),)),),
        remarks=(Remark(said(HOSTILE + LONG)),),
        charts=(Chart(HOSTILE, "$x_1$", "$", "line", (series, series)), Chart("b", "x", "y", "bars", (series,))),
        output=f"\0\x1b[2J\u202e{HOSTILE}{LONG}\n" * 3,
    )


LARGE_CLASS = 300
OF_MYNET = ("right", "wrong", "raised", "machine", "endless", "big", "hostile")
CASES = (*SUBMISSIONS, "big", "hostile", "told", "class")


@pytest.fixture(scope="module")
def pages(graded, tmp_path_factory) -> dict[str, Path]:
    """Pages for instructors, one for a student (`told`), and that of a large class."""
    folder = tmp_path_factory.mktemp("pages")
    for name, report in graded.items():
        (folder / f"{name}.html").write_text(student_page(report, for_students=False), encoding="utf-8")
    (folder / "told.html").write_text(student_page(graded["wrong"], for_students=True, language="fr"), encoding="utf-8")
    whole = a_class(graded)
    write_class_page([Path(f"{name}.json") for name in whole], list(whole.values()), folder / "class.html")
    return {name: folder / f"{name}.html" for name in CASES}


def a_class(graded: dict[str, Report]) -> dict[str, Report]:
    """The reports on `mynet`, and many more like them under other names."""
    own = {name: report for name, report in graded.items() if report.assignment == "mynet"}
    kinds = list(own.values())
    for number in range(LARGE_CLASS - len(own)):
        report = kinds[number % (len(kinds) - 1)]
        name = f"Student Number {number} of a Long Name"
        own[f"s{number}"] = replace(report, submission=replace(report.submission, student=name))
    return own


def open_page(browser: Chrome, page: Path, width: int, scheme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    scheme_is = {"features": [{"name": "prefers-color-scheme", "value": scheme}], "media": ""}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme_is)
    browser.get_log("performance")
    browser.get(page.as_uri())


def keep_screenshot(browser: Chrome, name: str) -> None:
    """`PAGES_SCREENSHOTS=DIR pytest tests/test_pages.py` keeps what the browser saw."""
    import base64

    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    data = base64.b64decode(shot["data"])
    assert data.startswith(b"\x89PNG")
    if folder := os.environ.get("PAGES_SCREENSHOTS"):
        Path(folder, f"{name}.png").write_bytes(data)


CONTRAST = """
const channels = colour => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
  .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = element => {
  for (let e = element; e; e = e.parentElement) {
    const back = channels(getComputedStyle(e).backgroundColor);
    if (back.length < 4 || back[3] > 0) return back;
  }
  return [255, 255, 255];
};
const poor = [];
for (const element of document.querySelectorAll('body *:not(svg *)')) {
  const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !element.checkVisibility()) continue;
  const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.outerHTML.slice(0, 200));
}
return poor;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_a_page_fits_its_window_loads_nothing_and_can_be_read(browser, pages, case, width, scheme):
    open_page(browser, pages[case], WIDTHS[width], scheme)
    keep_screenshot(browser, f"{case}-{width}-{scheme}")
    assert browser.execute_script("return document.scrollingElement.scrollWidth") <= WIDTHS[width]
    assert browser.execute_script("return document.scrollingElement.scrollHeight") > 300
    assert browser.execute_script(CONTRAST) == []
    dark = browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert dark == (scheme == "dark")
    assert {url for url in requests(browser) if not url.startswith("data:")} == {pages[case].as_uri()}


def requests(browser: Chrome) -> set[str]:
    """The addresses that were asked for since the page was opened."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}


@pytest.mark.parametrize("case", CASES)
def test_a_screen_reader_finds_headings_in_order_and_tables_with_captions(browser, pages, case):
    open_page(browser, pages[case], 1280, "light")
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    headings = [node for node in nodes if node.get("role", {}).get("value") == "heading"]
    levels = [p["value"]["value"] for node in headings for p in node["properties"] if p["name"] == "level"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert all(node["name"]["value"].strip() for node in headings)
    assert browser.execute_script("return document.documentElement.lang") == ("fr" if case == "told" else "en")
    assert browser.execute_script("return [...document.querySelectorAll('table')].every(t => t.caption)")
    assert browser.execute_script("return [...document.querySelectorAll('th')].every(h => h.scope)")
    ids = browser.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_what_a_submission_writes_is_text_on_the_page(browser, pages):
    open_page(browser, pages["hostile"], 1280, "light")
    assert browser.title != "stolen"
    assert browser.execute_script("return document.querySelectorAll('script, img, iframe, link').length") == 0
    assert browser.execute_script("return document.querySelector('pre').textContent.includes('<script>')")
    assert not re.search("[\0\x1b\u202e]", browser.execute_script("return document.documentElement.outerHTML"))


def test_a_keyboard_reaches_the_content_what_scrolls_and_what_opens(browser, pages):
    open_page(browser, pages["diverges"], 390, "light")
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.execute_script("return document.activeElement.className") == "skip"
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.execute_script("return document.activeElement.matches('summary, [tabindex], a')")
    scrolls = "return [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === 'auto')"
    assert browser.execute_script(scrolls)
    assert browser.execute_script(scrolls + ".every(e => e.tabIndex === 0 && e.getAttribute('aria-label'))")


def test_a_printed_page_has_black_letters_on_white_in_a_dark_room_too(browser, pages):
    open_page(browser, pages["wrong"], 794, "dark")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    keep_screenshot(browser, "wrong-print")


def test_names_on_the_page_of_a_class_lead_to_the_pages_of_its_reports(browser, pages):
    open_page(browser, pages["class"], 1280, "light")
    links = browser.execute_script("return [...document.querySelectorAll('main a')].map(a => a.href)")
    assert {*links} == {pages[name].as_uri() for name in OF_MYNET}


@pytest.mark.parametrize("case", [*SUBMISSIONS, "big", "hostile"])
def test_the_page_of_a_student_does_not_depend_on_anything_that_is_hidden(graded, case, tmp_path):
    read = []
    for name, report in (("one", graded[case]), ("other", scrambled(graded[case]))):
        (tmp_path / name).write_text(json_report.as_json(report), encoding="utf-8")
        read.append(reading.read(tmp_path / name))
    one, other = (student_page(report, for_students=False) for report in read)
    assert one != other
    one, other = (student_page(report, for_students=True) for report in read)
    assert one == other


def scrambled(report: Report) -> Report:
    """The report as if all that is not for students had come out differently."""
    public = {trial.name for trial in report.trials if trial.visibility is Visibility.PUBLIC}
    hidden = {trial.title for trial in report.trials} - {t.title for t in report.trials if t.name in public}
    level = (Level.NUDGE, Level.POINTER, Level.EXPLANATION).index(report.student_level) + 1
    evidence = tuple(
        replace(found, evidence=tuple(said(other(words_of(fact))) for fact in found.evidence))
        for found in report.policy
    )
    mistakes = tuple(
        replace(m, used=other(m.used), right=other(m.right), hints={k: (*v[:level], *map(other, v[level:])) for k, v in m.hints.items()})
        for m in report.diagnosis.mistakes
    )  # fmt: skip
    return replace(
        report,
        seed=other(report.seed),
        output=other(report.output) if hidden else report.output,
        findings=tuple(f if f.probe in public or f.verdict is Verdict.CORRECT else replace(f, fact=said(other(words_of(f))), ratio=1e9) for f in report.findings),
        pictures=tuple(p if p.probe in public else replace(p, expected=p.observed, observed=p.expected) for p in report.pictures),
        charts=tuple(chart for chart in report.charts if chart.probe in public),
        policy=tuple(found for found in evidence if found.action is Action.FORBID),
        diagnosis=replace(report.diagnosis, mistakes=mistakes),
    )  # fmt: skip


def other(text: str) -> str:
    """Other words in its place."""
    return f"7{text[::-1]}7"


def test_what_is_told_of_a_hidden_trial_to_an_instructor_is_not_in_the_source_for_a_student(graded):
    report = replace(graded["wrong"], output="8675309 was printed", seed="a seed of 31337", failures=())
    hidden = {trial.name for trial in report.trials if trial.visibility is Visibility.HIDDEN}
    findings = [f for f in report.findings if f.probe in hidden and words_of(f)]
    assert findings
    told, kept = (student_page(report, for_students=value) for value in (False, True))
    public = {words_of(f) for f in report.findings if f.probe not in hidden}
    for text in {words_of(f) for f in findings} - public | {"8675309", "31337"}:
        assert text in told
        assert text not in kept
    assert {p.probe for p in report.pictures} & hidden
    numbers = [HeatMap(p, Words("en")).panels[0].cells[0][0].text for p in report.pictures if p.probe in hidden]
    assert all(number in told and number not in kept for number in numbers)


def test_hints_stop_at_the_level_for_students_in_both_languages(graded):
    (mistake,) = graded["wrong"].diagnosis.mistakes
    told, kept = (student_page(graded["wrong"], for_students=value).replace("&#39;", "'") for value in (False, True))
    assert {*mistake.hints} == {"en", "fr"}
    for nudge, pointer, explanation in mistake.hints.values():
        assert all(text.splitlines()[0] in page for text in (nudge, pointer) for page in (told, kept))
        assert explanation.splitlines()[0] in told
        assert explanation.splitlines()[0] not in kept
    assert mistake.right in told
    assert mistake.right not in kept


def test_without_feedback_a_page_has_scores_and_nothing_of_what_is_wrong(graded):
    page = student_page(replace(graded["wrong"], student_level=Level.NOTHING), for_students=True)
    assert "3 <small>of 10 points" in page
    assert not any(words in page for words in ("instead of", "Diagnosis", "What is wrong", "Expected"))


def test_an_error_in_a_hidden_trial_is_told_to_a_student_without_its_words(graded):
    hidden, public = (
        next(trial.name for trial in graded["wrong"].trials if trial.visibility is visibility)
        for visibility in (Visibility.HIDDEN, Visibility.PUBLIC)
    )
    failures = tuple(
        Failure(Outcome.RAISED, Fact("raised", {"type": "ValueError", "text": text, "places": ()}), trial)
        for trial, text in ((hidden, "0.123"), (public, "0.456"))
    )
    report = replace(graded["wrong"], outcome=Outcome.RAISED, failures=failures)
    page = student_page(report, for_students=True)
    assert "0.123" not in page
    assert "0.456" in page


def test_a_report_that_names_no_trials_shows_a_student_no_numbers(graded):
    report = replace(graded["wrong"], trials=())
    page = student_page(report, for_students=True)
    assert "instead of" not in page
    assert "Expected" not in page


def test_pictures_show_what_was_stored_where_it_is_worst(graded):
    report = graded["wrong"]
    first = report.pictures[0]
    told = next(f.fact for f in report.findings if (f.probe, f.quantity) == (first.probe, first.quantity))
    assert told.values["case"] == first.case + 1
    worst = HeatMap(first, Words("en")).worst[0]
    assert f"at {worst.index}:" in words_of(told)
    assert len({p.quantity for p in report.pictures}) == len(report.pictures) <= 6


def test_a_right_report_has_no_picture_and_a_large_one_keeps_the_entries_that_are_furthest_off(graded, grade_file):
    assert graded["right"].pictures == ()
    source = (ROOT / "submissions/alice.py").read_text()
    report = grade_file(source + "\n_right = backpropagation\n\ndef backpropagation(m, t, p):\n    _right(m, t, p)\n    if m.dL_dw[1].shape[1] > 100:\n        m.dL_dw[1][3, 500] += 1\n")  # fmt: skip
    (picture,) = report.pictures
    assert picture.shape == (16, 576)
    assert (len(picture.rows), len(picture.columns)) == (16, 32)
    assert (3 in picture.rows, 500 in picture.columns) == (True, True)
    assert HeatMap(picture, Words("en")).worst[0].index == "[3, 500]"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_reports_are_read_back_as_they_were_written(graded, tmp_path):
    for name, report in graded.items():
        (tmp_path / name).write_text(json_report.as_json(report), encoding="utf-8")
        again = reading.read(tmp_path / name)
        assert json_report.as_json(again) == json_report.as_json(report)


def test_a_spoilt_report_does_not_keep_the_others_from_their_pages(graded, tmp_path, capsys):
    for name in ("right", "wrong"):
        (tmp_path / f"{name}.json").write_text(json_report.as_json(graded[name]), encoding="utf-8")
    (tmp_path / "cut.json").write_text('{"schema": "grader/report/3"', encoding="utf-8")
    (tmp_path / "other.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "half.json").write_text('{"schema": "grader/report/3"}', encoding="utf-8")
    files = sorted(tmp_path.glob("*.json"))
    assert run("report", *files, "--html", tmp_path / "pages", "--audience", "student") == 2
    assert sorted(p.name for p in (tmp_path / "pages").iterdir()) == ["right.html", "wrong.html"]
    assert run("class", tmp_path, "--html", tmp_path / "class.html") == 2
    assert 'href="./pages/wrong.html"' in (tmp_path / "class.html").read_text()
    said = capsys.readouterr().err
    assert all(said.count(name) == 2 for name in ("cut.json", "other.json", "half.json"))
    assert run("report", tmp_path / "right.json", "--html", tmp_path / "one.html") == 0
    assert run("report", *files, "--html", tmp_path / "one.html") == 2
    assert run("report", tmp_path / "absent.json", "--html", tmp_path / "two.html") == 2
    assert run("class", tmp_path / "absent.json", "--html", tmp_path / "two.html") == 2
    assert not (tmp_path / "two.html").exists()


def test_a_page_of_a_class_is_on_one_assignment(graded, tmp_path, capsys):
    for name in ("right", "diverges"):
        (tmp_path / f"{name}.json").write_text(json_report.as_json(graded[name]), encoding="utf-8")
    assert run("class", tmp_path, "--html", tmp_path / "class.html") == 2
    assert "are on several assignments: functions, mynet" in capsys.readouterr().err


@pytest.mark.parametrize("outcome", [Outcome.UNREADABLE, Outcome.FAULT_OF_THE_GRADER])
def test_a_report_without_a_score_shows_no_points_and_no_verdicts(outcome, assignment):
    whose = SubmissionId("empty.py", "empty.py", "0" * 64)
    report = not_graded(whose, assignment, outcome, said("is empty"), "1", Isolation("full", ""))
    report = replace(report, checks=tuple(replace(check, fact=said("0 of 6 right")) for check in report.checks))
    for for_students in (True, False):
        page = student_page(report, for_students=for_students)
        assert '<p class="score"><small>no score yet: a person must look at this file</small></p>' in page
        assert "<title>empty.py: no score</title>" in page
        assert page.count('<td>\N{EN DASH}</td><td class="num" data-label="points">\N{EN DASH}</td>') == len(
            report.checks
        )
        assert "of 10" not in page
        assert "0 of 6 right" not in page
        assert "is empty" in page


def test_mistakes_of_one_title_are_told_apart_by_their_place(assignment):
    whose = SubmissionId("a.py", "a.py", "0" * 64)
    report = not_graded(whose, assignment, Outcome.RETURNED, said(""), "1", Isolation("full", ""))
    title = "the slope is taken at a"
    ids = ("actderiv-at-a", "hid:actderiv-at-a", "out:actderiv-at-a")
    found = tuple(Mistake(id, title, "step", "", Certainty.PROVED, "", "", {}) for id in ids)  # noqa: A001
    view = class_view([replace(report, diagnosis=Diagnosis(found))])
    assert {words_of(mistake.label) for mistake in view.mistakes} == {
        f"{title} (actderiv-at-a)",
        f"{title} (hid:actderiv-at-a)",
        f"{title} (out:actderiv-at-a)",
    }


def test_a_mistake_of_a_class_is_shown_in_the_line_that_most_wrote_without_what_may_name_somebody(assignment):
    whose = SubmissionId("a.py", "a.py", "0" * 64)
    report = not_graded(whose, assignment, Outcome.RETURNED, said(""), "1", Isolation("full", ""))
    mistake = Mistake("transposed", "A transpose", "step", "", Certainty.PROVED, "", "", {})

    def made(line: str, *others: Mistake) -> Report:
        place = Place("a.py", None, 3, 4, 3, 9, "", None, None, None, (), (), ((2, "x = 1"), (3, line)), ())
        return replace(report, diagnosis=Diagnosis((mistake, *others), places=(place,)))

    def shown(*reports: Report) -> str:
        return class_view(reports).mistakes[0].code

    common = made("    dW = x.T @ delta  # written by Jane Roe")
    rare = made("    d = x.T")
    assert shown(common, rare, common) == "dW = x.T @ delta"
    assert shown(common, rare) == "d = x.T"
    assert shown(made("    log('Jane Roe', dW)")) == ""
    assert shown(made("    a = 1", replace(mistake, id="another"))) == ""


def test_attempts_of_a_class_are_compared_where_somebody_tried_twice(assignment):
    whose = SubmissionId("a.py", "a.py", "0" * 64)
    report = not_graded(whose, assignment, Outcome.RETURNED, said(""), "1", Isolation("full", ""))

    def tried(student: str, attempt: int, score: float, outcome: Outcome = Outcome.RETURNED) -> Report:
        named = replace(report.submission, student=student, attempt=attempt)
        return replace(report, submission=named, score=score, outcome=outcome)

    once = [tried("ann", 1, 2), tried("bob", 1, 6), tried("cas", 1, 0, Outcome.UNREADABLE)]
    assert class_view(once, once).attempts == ()
    twice = [*once, tried("ann", 2, 8), tried("bob", 3, 5), tried("cas", 2, 7)]
    assert class_view(once, twice).attempts == (
        Attempt(1, 2, 4, 0, 0),
        Attempt(2, 2, 7.5, 1, 0),
        Attempt(3, 1, 5, 0, 1),
    )
    page = class_page(once, ["", "", ""], all_attempts=twice)
    assert "<h2>Attempts</h2>" in page
    assert "<h2>Attempts</h2>" not in class_page(once, ["", "", ""], all_attempts=once)
