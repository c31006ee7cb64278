"""The addresses of the server, as an ASGI application.

| address | gives |
|---|---|
| `/` | the page |
| `/static/NAME`, `/plotly.js` | parts of the package; no token is needed |
| `/laws.js`, `/laws/KEY.json`, `/laws/KEY.js` | laws as functions and documents |
| `GET /choices`, `POST /laws` | forms to fit; a formula, checked |
| `POST /tables?name=`, `GET /tables/ID`, `POST /tables/ID/check` | upload, show, read as mapped |
| `POST /fits`, `GET /fits`, `GET /fits/ID[.js]`, `/fits/ID/document`, `DELETE /fits/ID` | fits |

Every failure is `{"message": ...}` with one message for people. A formula or a mapping that cannot
be used is an answer of that kind too, not a failure.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.explore import page
from isoloss.explore.bodies import TooLargeError, plain_name, read_json, save_body
from isoloss.explore.jobs import QueueFullError
from isoloss.explore.request import law_of, read_request
from isoloss.explore.security import Guard
from isoloss.explore.site import Site, choices, look_at
from isoloss.explore.tables import check, show

_SCRIPT = "text/javascript; charset=utf-8"


def application(site: Site, port: int) -> Guard:
    """The application of a site, with its guard before it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _failures(app)
    _parts(app)
    _laws(app, site)
    _tables(app, site)
    _fits(app, site)
    return Guard(app, site.token, port, site.limit)


class Plain(JSONResponse):
    """JSON as isoloss writes it: no NaN, which JSON does not have."""

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return store.dumps(content).encode("utf-8", "surrogatepass")


def _failures(app: FastAPI) -> None:
    def say(status: int, message: str) -> Plain:
        # what was not read of a body is not waited for
        headers = {"connection": "close"} if status == 413 else None
        return Plain({"message": message}, status, headers)

    @app.exception_handler(IsolossError)
    async def _bad(_: Request, error: Exception) -> Plain:
        return say(400, str(error))

    @app.exception_handler(TooLargeError)
    async def _large(_: Request, error: Exception) -> Plain:
        return say(413, str(error))

    @app.exception_handler(QueueFullError)
    async def _full(_: Request, error: Exception) -> Plain:
        return say(429, str(error))

    @app.exception_handler(KeyError)
    async def _missing(_: Request, error: Exception) -> Plain:
        text = str(error.args[0]) if error.args else ""
        return say(404, text if " " in text else "this fit is not here")

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: Exception) -> Plain:
        status = getattr(error, "status_code", 500)
        text = {404: "there is nothing here", 405: "this is not asked that way"}.get(status)
        return say(status, text or str(getattr(error, "detail", "")))

    @app.exception_handler(Exception)
    async def _fault(_: Request, error: Exception) -> Plain:
        traceback.print_exception(error, file=sys.stderr)
        return say(500, f"this is a fault of isoloss: {error!r:.300}")


def _answered(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was found, or why it cannot be: to a page that asks as one types, both are answers."""
    try:
        return look()
    except IsolossError as error:
        return {"message": str(error)}


def _parts(app: FastAPI) -> None:
    known = page.places()

    def kept(name: str, request: Request) -> dict[str, str]:
        """Headers: what is asked by the address that names its content never changes."""
        named = request.query_params.get("v") == known[name].rpartition("=")[2]
        return {"cache-control": "private, max-age=31536000, immutable"} if named else {}

    @app.get("/static/{name:path}")
    async def static(name: str, request: Request) -> Response:
        # by name alone: no path of a request reaches the disk
        if name not in known or name == page.PLOTLY:
            raise HTTPException(404)
        if name == page.STYLE:
            text, kind = page.style(), "text/css; charset=utf-8"
        else:
            text, kind = page.module(name), _SCRIPT
        return Response(text, media_type=kind, headers=kept(name, request))

    @app.get("/favicon.ico")
    def icon() -> Response:
        # browsers ask for one by themselves
        return Response(status_code=204)

    @app.get("/plotly.js")
    async def plotly(request: Request) -> Response:
        return Response(page.plotly(), media_type=_SCRIPT, headers=kept(page.PLOTLY, request))


def _laws(app: FastAPI, site: Site) -> None:
    @app.get("/")
    def index() -> Response:
        text, policy = site.page()
        return HTMLResponse(text, headers={"content-security-policy": policy})

    @app.get("/laws.js")
    def laws() -> Response:
        return Response(site.module(), media_type=_SCRIPT)

    @app.get("/laws/{key}.json")
    def law(key: str) -> Response:
        return Plain(site.law(key))

    @app.get("/laws/{key}.js")
    def law_module(key: str) -> Response:
        return Response(site.law_module(key), media_type=_SCRIPT)

    @app.get("/choices")
    def to_choose() -> Response:
        return Plain(choices() | {"limit": site.limit})

    @app.post("/laws")
    async def typed(request: Request) -> Response:
        asked = read_request(await read_json(request))
        table = site.tables.get(asked.table)

        def look() -> dict[str, Any]:
            return look_at(law_of(asked.law, table.runs(asked)))

        return Plain(await run_in_threadpool(_answered, look))


def _tables(app: FastAPI, site: Site) -> None:
    @app.post("/tables")
    async def upload(request: Request) -> Response:
        name = plain_name(request.query_params.get("name", ""))
        coming = site.tables.coming()
        try:
            await save_body(request, coming, site.limit)
            table = await run_in_threadpool(site.tables.add, coming, name)
        finally:
            coming.unlink(missing_ok=True)
        return Plain(await run_in_threadpool(show, table), 201)

    @app.get("/tables/{id_}")
    def again(id_: str) -> Response:
        return Plain(show(site.tables.get(id_)))

    @app.post("/tables/{id_}/check")
    async def mapped(id_: str, request: Request) -> Response:
        asked = read_request({**await read_json(request), "table": id_})
        table = site.tables.get(id_)
        return Plain(await run_in_threadpool(_answered, lambda: check(table, asked)))


def _fits(app: FastAPI, site: Site) -> None:
    @app.post("/fits")
    async def submit(request: Request) -> Response:
        asked = read_request(await read_json(request))
        site.tables.get(asked.table)
        job = await run_in_threadpool(site.jobs.submit, asked)
        return Plain(await run_in_threadpool(site.fit, job), 202)

    @app.get("/fits")
    def listed() -> Response:
        return Plain({"fits": site.listed()})

    @app.get("/fits/{id_}.js")
    def functions(id_: str) -> Response:
        return Response(site.law_module(f"fit-{id_}"), media_type=_SCRIPT)

    @app.get("/fits/{id_}/document")
    def document(id_: str) -> Response:
        # to be saved, not read by the page
        headers = {"content-disposition": 'attachment; filename="fit.json"'}
        return Response(site.document(id_), 200, headers, "application/octet-stream")

    @app.get("/fits/{id_}")
    def fit(id_: str) -> Response:
        return Plain(site.fit(site.jobs.get(id_)))

    @app.delete("/fits/{id_}")
    def cancel(id_: str) -> Response:
        return Plain(site.fit(site.jobs.cancel(id_)))
