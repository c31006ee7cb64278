"""Servers for tests: one in this process, one of its own that can be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import uvicorn

from isoloss.explore.bundle import make_bundle
from isoloss.explore.keep import Keep
from isoloss.explore.server import application
from isoloss.explore.site import Site

TOKEN = "the-token"
MAP = {"N": "params", "D": "tokens", "loss": "loss"}


class Local:
    """A server in a thread of this process, without workers unless they are asked for.

    Attributes:
        http: a client that knows the token.
        site: what it serves; None for a guard before nothing.
    """

    def __init__(self, folder: Path, workers: int = 0, **options: Any) -> None:
        keep = Keep(folder)
        keep.close()
        bundle = make_bundle(server=True, draws=2)
        self.site = Site(bundle, folder, TOKEN, workers=workers, **options)
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.port = int(self.sock.getsockname()[1])
        self.app = application(self.site, self.port)
        config = uvicorn.Config(self.app, http="h11", ws="none", lifespan="off", log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.sock]})
        self.site.jobs.start()
        self.thread.start()
        headers = {"x-isoloss-token": TOKEN}
        base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=base, headers=headers, timeout=30)
        wait(lambda: self.server.started)

    def close(self) -> None:
        """End it with its workers."""
        self.http.close()
        self.server.should_exit = True
        self.thread.join(timeout=20)
        self.sock.close()
        self.site.jobs.close()

    def raw(self, text: str) -> bytes:
        """The answer to bytes as they are: `text` is the first line and what follows the host."""
        first, _, rest = text.partition("\n")
        head = f"{first}\nHost: 127.0.0.1:{self.port}\nX-Isoloss-Token: {TOKEN}\n{rest}\n\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(head.replace("\n", "\r\n").encode())
            reply = b""
            while part := connection.recv(4096):
                reply += part
        return reply


def runs_csv(n: int = 30, seed: int = 0) -> str:
    """Runs of a known law with half a percent of noise."""
    rng = np.random.default_rng(seed)
    size = np.geomspace(5e7, 5e9, 6)
    grid = np.stack(np.meshgrid(size, np.geomspace(1e9, 1e11, 5)), axis=-1).reshape(-1, 2)[:n]
    loss = 1.8 + 480 / grid[:, 0] ** 0.35 + 2100 / grid[:, 1] ** 0.37
    loss *= np.exp(0.005 * rng.standard_normal(len(loss)))
    rows = [f"{a!r},{b!r},{c!r}" for a, b, c in zip(*grid.T.tolist(), loss.tolist(), strict=True)]
    return "params,tokens,loss\n" + "\n".join(rows) + "\n"


class Server:
    """`isoloss explore` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.start()

    def start(self) -> None:
        """Run the command and wait for its address."""
        command = [sys.executable, "-P", "-m", "isoloss", "explore", *self.arguments]
        self.process = subprocess.Popen(
            [*command, "--no-open", "--json", "--keep", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder.parent,
        )
        assert self.process.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1]
            text += line
        self.address = json.loads(text)["address"]
        base, _, rest = self.address.partition("/?token=")
        self.base, self.token = base, rest.partition("#")[0]
        headers = {"x-isoloss-token": self.token}
        self.http = httpx.Client(base_url=base, headers=headers, timeout=30)
        wait(lambda: self.http.get("/choices").status_code == 200)

    def kill(self) -> None:
        """As if the machine took it away."""
        self.process.send_signal(signal.SIGKILL)
        self._gone()

    def stop(self) -> int:
        """End it as its owner does."""
        self.process.send_signal(signal.SIGINT)
        return self._gone()

    def _gone(self) -> int:
        self.http.close()
        code = self.process.wait(timeout=20)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def children(self) -> list[int]:
        """Processes that it began."""
        own = self.process.pid
        return [
            int(text)
            for task in Path(f"/proc/{own}/task").iterdir()
            for text in (task / "children").read_text().split()
        ]


def lives(pid: int) -> bool:
    """Whether a process runs; a dead one that waits for its parent does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def wait(done: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What `done` gives, once it is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = done()
        except httpx.TransportError:
            found = None
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError("it did not happen in time")


def upload(http: Any, text: str | bytes = "", name: str = "runs.csv") -> dict[str, Any]:
    """A table on the server."""
    reply = http.post("/tables", params={"name": name}, content=text or runs_csv())
    assert reply.status_code == 201, reply.text
    return reply.json()


def ask_fit(http: Any, table: str, **options: Any) -> dict[str, Any]:
    """A fit, asked for."""
    reply = http.post("/fits", json={"table": table, "map": MAP, "draws": 50, **options})
    assert reply.status_code == 202, reply.text
    return reply.json()


def finished(http: Any, id_: str, seconds: float = 60.0) -> dict[str, Any]:
    """A fit, once it is no longer on its way."""

    def look() -> dict[str, Any] | None:
        found = http.get(f"/fits/{id_}").json()
        return found if found["state"] not in ("queued", "running") else None

    return wait(look, seconds)
