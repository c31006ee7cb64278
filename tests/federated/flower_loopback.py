"""Flower's own processes on this machine's loopback, for the tests of the Flower app.

Every process gets a mark in its environment, so that the ones that are left behind, detached or
not, are found without asking for names that other processes may share. Requests that would leave
the machine go to a socket that notes them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isoloss.federated.flower_app.quiet import OFF

SCRIPTS = Path(sys.executable).parent


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """A proxy that takes every connection, notes what it asks for and closes it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.asked.append(connection.recv(200).split(b"\r")[0].decode())
                except OSError as error:
                    self.asked.append(str(error))

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


class Loopback:
    """SuperLinks, SuperNodes and `flwr run` in one folder, all ended by their ids."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.home = folder / "flwr"
        self.home.mkdir()
        self.mark = uuid.uuid4().hex
        self.sink = Sink()
        proxy = f"http://127.0.0.1:{self.sink.port}"
        self.environment = {
            **os.environ,
            **OFF,
            "FLWR_HOME": str(self.home),
            "HOME": str(folder),
            "ISOLOSS_TEST_MARK": self.mark,
            "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            **environment,
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """A process in a session of its own, writing to NAME.log."""
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.folder,
            start_new_session=True,
        )
        log.close()
        self._started.append(process)
        return process

    def superlink(self, *options: str) -> int:
        """Start a SuperLink and return its port once it listens."""
        port = free_port()
        command = ("flower-superlink", "--insecure", "--host", "127.0.0.1", "--port", str(port))
        process = self.start("superlink", *command, *options)
        self.wait(lambda: _listens(port), 120, process)
        config = f'[superlink.here]\naddress = "127.0.0.1:{port}"\ninsecure = true\n'
        (self.home / "config.toml").write_text(config)
        return port

    def supernode(self, port: int, number: int, of: int) -> subprocess.Popen[bytes]:
        """Start a SuperNode that connects to the SuperLink at this port."""
        return self.start(
            f"supernode-{number}",
            *("flower-supernode", "--insecure", "--superlink", f"127.0.0.1:{port}"),
            *("--port", str(free_port())),
            *("--node-config", f"partition-id={number} num-partitions={of}"),
        )

    def run(self, app: Path, federation: str = "", **config: Any) -> None:
        """Submit the app; its run goes on in the SuperLink."""
        options = ("--federation-config", federation) if federation else ()
        values = " ".join(
            f"{key.replace('_', '-')}={json.dumps(value)}" for key, value in config.items()
        )
        process = self.start(
            "run", "flwr", "run", str(app), "here", *options, "--run-config", values
        )
        code = process.wait(timeout=180)
        assert code == 0, (self.folder / "run.log").read_text()

    def rounds(self, out: Path) -> list[dict[str, Any]]:
        """The rounds that a run has written so far."""
        path = out / "result.json"
        return json.loads(path.read_text())["rounds"] if path.exists() else []

    def wait(
        self,
        ready: Callable[[], bool],
        seconds: float,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        """Until something holds; a process that ends before is a failure."""
        end = time.monotonic() + seconds
        while not ready():
            assert process is None or process.poll() is None, self.logs()
            assert time.monotonic() < end, f"not within {seconds} s\n{self.logs()}"
            time.sleep(0.5)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and all that it started, as a lost machine would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    def close(self) -> list[str]:
        """Ask everything to end, and return what is left of it after half a minute."""
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 30
        while self.marked() and time.monotonic() < end:
            for process in self._started:
                process.poll()
            time.sleep(0.5)
        left = self.marked()
        for number in left:
            os.kill(number, signal.SIGKILL)
        for process in self._started:
            process.wait(timeout=30)
        self.sink.close()
        return [f"{number}: {line}" for number, line in left.items()]

    def marked(self) -> dict[int, str]:
        """Command lines of the processes with our mark, by id."""
        return marked(self.mark)

    def values(self, name: str) -> list[str]:
        """What a variable is in the environment of every process with our mark."""
        found = []
        for number in self.marked():
            try:
                parts = Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            found += [
                p.decode()[len(name) + 1 :] for p in parts if p.startswith(f"{name}=".encode())
            ]
        return found

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


def marked(mark: str) -> dict[int, str]:
    """Command lines of the processes with a mark in their environment, by id, but for this one."""
    wanted, found = f"ISOLOSS_TEST_MARK={mark}".encode(), {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes():
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line:
                    found[int(entry.name)] = line.strip()
        except OSError:
            continue
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
