"""Requests to an OpenAI-compatible server, with the standard library alone."""

from __future__ import annotations

import ipaddress
import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from isoloss.exceptions import ItemsError

TRIES = 3
# seconds before another try, and most bytes of a reply
PAUSE, MOST = 1.0, 1_000_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key and the answers to a place that nobody named."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True)
class Endpoint:
    """A server.

    Attributes:
        url: of chat completions.
        key: sent as bearer; empty for none.
        timeout: seconds for one reply.
        kept_key: whether there is a key that is not sent, because the way is not private.
    """

    url: str
    key: str
    timeout: float
    kept_key: bool

    def reply(self, model: str, messages: list[dict[str, str]]) -> str:
        """The text of one reply.

        Raises:
            ItemsError: no reply after three tries, or one that is no chat completion.
        """
        body = json.dumps({"model": model, "messages": messages, "temperature": 0}).encode()
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.url, body, headers, method="POST")
        content = self._sent(request)
        try:
            text = json.loads(content)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError):
            raise ItemsError(
                f"{self.url} replied with what is no chat completion: {content[:200]!r}"
            ) from None
        return text if isinstance(text, str) else ""

    def _sent(self, request: urllib.request.Request) -> bytes:
        opener = urllib.request.build_opener(_NoRedirect)
        problem = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE * attempt)
            try:
                with opener.open(request, timeout=self.timeout) as answer:
                    return answer.read(MOST)
            except urllib.error.HTTPError as error:
                problem = f"status {error.code}, {error.read(300).decode(errors='replace')!r}"
                if error.code != 429 and error.code < 500:
                    break
            except (urllib.error.URLError, TimeoutError, OSError) as error:
                problem = str(getattr(error, "reason", error))
        raise ItemsError(f"the judge at {self.url} does not reply: {problem}")


def open_endpoint(url: str, key_env: str, timeout: float) -> Endpoint:
    """An endpoint from the address that a person gave.

    Raises:
        ItemsError: no http or https address, or one with a name and password in it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise ItemsError(f"endpoint '{url}' is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ItemsError(
            f"endpoint is '{url}'; expected an address such as https://api.example.org/v1 or "
            "http://localhost:8000/v1"
        )
    if parts.username or parts.password:
        raise ItemsError(f"endpoint has a password in it; put a key into the variable {key_env}")
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions"
    key = os.environ.get(key_env, "")
    private = parts.scheme == "https" or _here(host)
    address = parts._replace(path=path, fragment="").geturl()
    return Endpoint(address, key if private else "", timeout, bool(key) and not private)


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
