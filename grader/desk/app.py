"""The desk as an ASGI application.

Who may use it is who knows the address: a token is its first part. Other users of the machine get nothing, nor does a
page of another site: its requests carry another host or origin. Nothing of a submission is anything but text: pages
load this program's own style and script, and nothing else, from this address.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from grader.decisions.making import Maker, Refused
from grader.desk.actions import Form, apply_to_group, apply_to_one
from grader.desk.filters import Filter
from grader.desk.grading import Grading
from grader.desk.pages import Pages
from grader.desk.state import Desk
from grader.errors import GraderError, file_of, of_system
from grader.reports.html.page import student_page
from grader.wire.facts import Fact
from grader.words import say

_LARGEST = 1 << 20
_CLOSED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_OWN = f"{_CLOSED}; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'"
_PAGE = f"{_CLOSED}; style-src 'unsafe-inline'; form-action 'none'"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer, the browser would not tell where a form comes from
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_TYPES = {"css": "text/css", "js": "text/javascript"}


def application(desk: Desk, grading: Grading, token: str, hosts: frozenset[str], who: str, language: str) -> ASGIApp:
    """The desk.

    Args:
        hosts: what the header `Host` may say.
        who: in whose name decisions are made.
    """
    pages = Pages(desk, grading, f"/{token}", language)
    views = _Views(desk, grading, pages, Maker(desk.folder.log, who, "box"), language)
    routes = [
        Route("/", views.list_),
        Route("/s/{key}", views.submission, methods=["GET", "POST"]),
        Route("/s/{key}/report", views.report),
        Route("/s/{key}/grading", views.grading),
        Route("/m/{mistake:path}", views.group, methods=["GET", "POST"]),
        Route("/static/{name}", views.static),
    ]
    return _Guard(Starlette(routes=routes), token, hosts)


class _Guard:
    """Lets through who knows the token and comes from here, and sees that every answer has the headers it needs."""

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app, self._token, self._hosts = app, token, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http" or not self._may(scope):
            await PlainTextResponse("Not found.\n", 404, dict(_ALWAYS))(scope, receive, send)
            return
        inner = {**scope, "path": "/" + scope["path"].split("/", 2)[2]}
        await self._app(inner, receive, send)

    def _may(self, scope: Scope) -> bool:
        parts = scope["path"].split("/", 2)
        known = len(parts) > 2 and hmac.compare_digest(parts[1].encode(), self._token.encode())
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return known and _is_from_here(headers, self._hosts, is_reading=scope["method"] in ("GET", "HEAD"))


def _is_from_here(headers: Mapping[str, str], hosts: frozenset[str], *, is_reading: bool) -> bool:
    if headers.get("host") not in hosts:
        return False
    origin = headers.get("origin")
    if (
        origin is not None
        and origin not in {f"http://{host}" for host in hosts}
        and not (origin == "null" and is_reading)
    ):
        return False
    return is_reading or headers.get("sec-fetch-site", "same-origin") == "same-origin"


class _Views:
    def __init__(self, desk: Desk, grading: Grading, pages: Pages, maker: Maker, language: str) -> None:
        self._desk, self._grading, self._pages = desk, grading, pages
        self._maker, self._language = maker, language

    async def list_(self, request: Request) -> Response:
        page = _whole(request.query_params.get("page", ""))
        return await self._page(lambda: self._pages.list_(Filter.of(request.query_params), page))

    async def submission(self, request: Request) -> Response:
        key = request.path_params["key"]
        asked = Filter.of(request.query_params)
        if request.method == "POST":
            form = await _form(request)
            return await self._act(
                lambda: apply_to_one(self._desk, self._maker, self._grading, key, form), f"s/{key}", asked
            )
        said = request.query_params.get("said", "")
        return await self._page(lambda: self._pages.submission(key, asked, said))

    async def group(self, request: Request) -> Response:
        mistake = request.path_params["mistake"]
        if request.method == "POST":
            form = await _form(request)
            return await self._act(
                lambda: apply_to_group(self._desk, self._maker, mistake, form), f"m/{mistake}", Filter()
            )
        said = request.query_params.get("said", "")
        return await self._page(lambda: self._pages.group(mistake, said))

    async def report(self, request: Request) -> Response:
        key = request.path_params["key"]

        def page() -> str | None:
            self._desk.refresh()
            found = self._desk.row(key)
            report = self._desk.report(*found) if found else None
            return student_page(report, for_students=False, language=self._language) if report else None

        text = await run_in_threadpool(page)
        return _answer(text, _PAGE)

    async def grading(self, request: Request) -> Response:
        """Whether a file is being graded, which the page asks until it is not."""
        found = self._desk.row(request.path_params["key"])
        choice = self._grading.of(found[0]) if found else None
        return PlainTextResponse("yes" if choice and not choice.refused else "no", headers=dict(_ALWAYS))

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "page.css":
            text = files("grader.reports.html").joinpath("style.css").read_text(encoding="utf-8")
        elif name in ("desk.css", "desk.js"):
            text = files("grader.desk").joinpath("static", name).read_text(encoding="utf-8")
        else:
            return PlainTextResponse("Not found.\n", 404, dict(_ALWAYS))
        return Response(text, headers={**_ALWAYS, "content-type": f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"})

    def _told(self, error: GraderError | OSError) -> str:
        if isinstance(error, GraderError):
            return error.told(self._language)
        file = file_of(error, self._desk.folder.path)
        return say(Fact("cannot-be-used", {"file": file, "why": of_system(error)}), self._language)

    async def _page(self, make: object) -> Response:
        def page() -> str | None:
            self._desk.refresh()
            text: str | None = make()  # type: ignore[operator]
            return text

        try:
            return _answer(await run_in_threadpool(page), _OWN)
        except (GraderError, OSError) as error:
            return _answer(self._pages.trouble(self._told(error), what="not-shown"), _OWN, 500)

    async def _act(self, act: object, place: str, asked: Filter) -> Response:
        def result() -> str:
            self._desk.refresh()
            text: str = act()  # type: ignore[operator]
            return text

        try:
            said = await run_in_threadpool(result)
        except (GraderError, OSError) as error:
            status = 400 if isinstance(error, Refused) else 500
            return _answer(self._pages.trouble(self._told(error), f"{place}?{asked.query}"), _OWN, status)
        query = "&".join(filter(None, (asked.query, f"said={said}")))
        return RedirectResponse(f"{self._pages.root}/{place}?{query}", 303, dict(_ALWAYS))


async def _form(request: Request) -> Form:
    """The fields of a form; none of one that is too large."""
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _LARGEST:
            return Form({})
    return Form(dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)))


def _answer(text: str | None, policy: str, status: int = 200) -> Response:
    if text is None:
        return PlainTextResponse("Not found.\n", 404, dict(_ALWAYS))
    data = text.encode("utf-8", "replace")
    return HTMLResponse(data, status, {**_ALWAYS, "content-security-policy": policy})


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1
