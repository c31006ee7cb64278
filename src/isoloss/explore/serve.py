"""A server that runs: on 127.0.0.1 and nowhere else, at the address of the last time if it can."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from isoloss.exceptions import InputError, MissingExtraError
from isoloss.explore.arguments import Given
from isoloss.explore.keep import Keep

HOST = "127.0.0.1"


def serve(
    given: Given,
    folder: Path,
    *,
    port: int | None = None,
    view: str | None = None,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until interrupted.

    Args:
        given: what the page starts with.
        folder: where tables and fits are kept; see `keep`.
        port: the port; without one that of the last time, or a free one.
        view: the view that opens first.
        ready: called once with the address.

    Raises:
        InputError: the folder or the port is in use.
        MissingExtraError: the extra `explore` is not installed.
    """
    try:
        import fastapi  # noqa: F401
        import uvicorn
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn"):
            raise
        raise MissingExtraError(error.name, "explore", "the explorer with a server") from None
    from isoloss.explore.server import application
    from isoloss.explore.site import Site

    with contextlib.closing(Keep(folder)) as keep, contextlib.closing(_listen(port, keep)) as sock:
        number = int(sock.getsockname()[1])
        keep.remember(number)
        site = Site(given.bundle(view, server=True), folder, keep.token, workers=_workers())
        shown = [site.tables.copy(Path(path)) for path in given.tables]
        app = application(site, number)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            # the token stands in addresses
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        site.jobs.start()
        try:
            ready(_address(number, keep.token, shown[0].id if shown else "", view))
            with contextlib.suppress(KeyboardInterrupt), _terminated():
                uvicorn.Server(config).run(sockets=[sock])
        finally:
            site.jobs.close()


def _address(port: int, token: str, table: str, view: str | None) -> str:
    part = f"#data?table={quote(table)}" if table and view in (None, "data") else ""
    return f"http://{HOST}:{port}/?token={quote(token)}{part}"


def _workers() -> int:
    """Two where there is room for the page beside them."""
    return 2 if (os.cpu_count() or 1) > 2 else 1


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """A signal to end ends like an interrupt, so that workers and locks are let go."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)


def _listen(port: int | None, keep: Keep) -> socket.socket:
    """A socket: at the port that was asked for, at that of the last time, or at a free one."""
    wanted = [port] if port else [keep.port, 0] if keep.port else [0]
    for number in wanted:
        # with the protocol named asyncio turns Nagle's delay off: 44 ms a small file otherwise
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # a page of a server that was just ended may still hold a connection
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, number))
            sock.listen(128)
            return sock
        except OSError:
            sock.close()
    raise InputError(f"port {port} is in use; leave --port out for a free one")
