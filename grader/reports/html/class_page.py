"""The reports on a class as one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from grader.records import Report
from grader.reports.class_view import BINS, ClassView, Comparison, class_view, compared
from grader.reports.clean import name
from grader.reports.html.charts import draw_histogram
from grader.reports.html.page import environment
from grader.reports.terminal import points
from grader.reports.titles import all_titled
from grader.words import Words


def class_page(
    reports: Sequence[Report],
    links: Sequence[str],
    language: str = "en",
    groups: Mapping[str, Sequence[Report]] | None = None,
    all_attempts: Sequence[Report] = (),
) -> str:
    """The reports, which are on one assignment, as an HTML document.

    Args:
        all_attempts: all reports on the same students, those that do not count too.
        groups: sections or terms that are to be compared, by their names.
        links: for each report the relative address of its own page; empty where there is none.

    Raises:
        GraderError: matplotlib is not installed.
    """
    words = Words(language)
    view = class_view(all_titled(reports, words), all_attempts)
    persons = [*map(_person, reports, links)]
    labels = _labels(view, words)
    histogram = draw_histogram([len(people) for people in view.bins], labels, "scores", words)
    return environment().get_template("class.html").render(
        view=view,
        w=words,
        reports=reports,
        persons=persons,
        listed=lambda people: Markup(", ").join(persons[number] for number in people),
        comparison=_comparison(groups or {}, words),
        bins=list(zip(labels, view.bins, strict=True)),
        histogram=Markup(histogram),  # noqa: S704  matplotlib escapes every text
    )  # fmt: skip


def _person(report: Report, link: str) -> Markup:
    """The name on a report, which leads to its own page if there is one."""
    shown = Markup("<bdi>{}</bdi>").format(name(report.submission.student or report.submission.name))
    return Markup('<a href="{}">{}</a>').format(link, shown) if link else shown


def _comparison(groups: Mapping[str, Sequence[Report]], words: Words) -> Comparison | None:
    """The groups side by side; None where there is one."""
    if len(groups) < 2:
        return None
    return compared({name: all_titled(reports, words) for name, reports in groups.items()})


def _labels(view: ClassView, words: Words) -> list[str]:
    """What scores lie in each bin."""
    edges = [points(view.out_of * i / BINS) for i in range(BINS + 1)]
    return [words("from-to", low=low, high=high) for low, high in pairwise(edges)] + [edges[-1]]
