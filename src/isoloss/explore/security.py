"""Who may ask the server: this machine's pages that know the token, and nobody else.

A server on 127.0.0.1 can still be reached by every page that a browser on this machine has open.
So each request must name this server as its host (a foreign name that resolves to 127.0.0.1 is
refused), must come from no other page, and must carry the token wherever it gives or takes data.
"""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import parse_qs

UPLOAD_LIMIT = 50 * 2**20
# parts of the package, the same for everybody
_PUBLIC = ("/static/", "/plotly.js", "/favicon.ico")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
HELP = "open the address that  isoloss explore  printed, with its token"


class Guard:
    """ASGI middleware that refuses before anything else is done.

    Args:
        app: the application.
        token: what a request must carry in `X-Isoloss-Token` or `?token=`.
        port: the port that the server listens on.
        limit: bytes of a body; a request that announces more is refused unread.
    """

    def __init__(self, app: Any, token: str, port: int, limit: int = UPLOAD_LIMIT) -> None:
        self.app, self.token, self.limit = app, token.encode(), limit
        self.hosts = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}
        self.origins = {b"http://" + host for host in self.hosts}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refused = (404, "there is nothing here") if scope["type"] != "http" else None
        refused = refused or self.refuse(scope)
        if refused:
            if scope["type"] == "http":
                await _answer(send, *refused)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _guarded(message["headers"])
            await send(message)

        await self.app(scope, receive, sent)

    def refuse(self, scope: Any) -> tuple[int, str] | None:
        """Status and message for a request that may not pass."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        hosts = headers.get(b"host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return 403, f"this server answers to 127.0.0.1 and localhost alone; {HELP}"
        if any(origin.lower() not in self.origins for origin in headers.get(b"origin", [])):
            return 403, f"another page may not ask this server; {HELP}"
        if not scope["path"].startswith(_PUBLIC) and not self._knows(scope, headers):
            return 403, f"the token is missing or wrong; {HELP}"
        return self._too_large(headers)

    def _knows(self, scope: Any, headers: dict[bytes, list[bytes]]) -> bool:
        given = headers.get(b"x-isoloss-token")
        if given is None:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            given = [text.encode("utf-8", "surrogatepass") for text in query.get("token", [])]
        return len(given) == 1 and hmac.compare_digest(given[0], self.token)

    def _too_large(self, headers: dict[bytes, list[bytes]]) -> tuple[int, str] | None:
        if any(value.lower() != b"identity" for value in headers.get(b"content-encoding", [])):
            return 415, "a compressed body is not taken; send the file as it is"
        for length in headers.get(b"content-length", []):
            if not length.isdigit() or int(length) > self.limit:
                return 413, too_large(self.limit)
        return None


def too_large(limit: int) -> str:
    """The message for a body that is longer than it may be."""
    return (
        f"this is more than {limit / 2**20:.0f} MB; fit it from the command line instead: "
        "isoloss fit RUNS.csv --out fit.json, then  isoloss explore fit.json"
    )


def _guarded(headers: Any) -> list[Any]:
    given = {name.lower() for name, _ in headers}
    return [*headers, *(pair for pair in (*_HEADERS, _POLICY) if pair[0] not in given)]


async def _answer(send: Any, status: int, message: str) -> None:
    """Answer without reading the body; the connection is closed, so that none of it is awaited."""
    body = json.dumps({"message": message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": _guarded(headers)})
    await send({"type": "http.response.body", "body": body})
