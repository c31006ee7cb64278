"""The same view in three tools, each opened as a page: the explorer, Dash and Streamlit."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "contestants"
LAW = "besiroglu2024"
# what drives the browser would have V8 read all of Plotly anew for each error that is made in it
STACKS = "--js-flags=--no-enable-lazy-source-positions"
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Contestant:
    """One page.

    Attributes:
        name: what it is.
        words: where the optimum stands, as a selector.
        slider: what takes the keys, as a selector.
    """

    name: str
    words: str
    slider: str


OURS = Contestant("isoloss", "[data-fact=N] .value", "input[type=range]")
DASH = Contestant("Dash", "p.optimum", "[role=slider]")
STREAMLIT = Contestant("Streamlit", "p.optimum", "input[type=range]")


class PeerError(Exception):
    """A peer cannot be installed or does not start."""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser that finds this machine alone."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("this benchmark needs playwright: python -m pip install --group browser")
    with sync_playwright() as runner:
        browser = runner.chromium.launch(**_launch())
        yield browser
        browser.close()


@contextlib.contextmanager
def remembering(browser: Any) -> Iterator[Any]:
    """A page of a browser with a profile, which keeps what it may, as a person's does."""
    with tempfile.TemporaryDirectory() as folder:
        context = browser.browser_type.launch_persistent_context(
            folder, viewport={"width": 1280, "height": 900}, **_launch()
        )
        yield context.new_page()
        context.close()


def _launch() -> dict[str, Any]:
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    return {
        "executable_path": found,
        "args": ["--no-sandbox", "--disable-gpu", OFFLINE, STACKS],
    }


@contextlib.contextmanager
def our_server(folder: Path) -> Iterator[str]:
    """`isoloss explore`, with the optimum alone as the peers have it."""
    command = [sys.executable, "-m", "isoloss", "explore", LAW, "--no-open", "--json"]
    with subprocess.Popen(
        [*command, "--keep", str(folder / "keep")], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            text = ""
            while not text.rstrip().endswith("}"):
                line = process.stdout.readline()
                if not line:
                    sys.exit("isoloss explore does not start")
                text += line
            yield json.loads(text)["address"] + "#allocate?C=1e21&held=none"
        finally:
            stop(process)


@contextlib.contextmanager
def peer(contestant: Contestant, envs: Path, task: Path) -> Iterator[str]:
    """A peer's page from an environment of its own.

    Raises:
        PeerError: it cannot be had.
    """
    package = contestant.name.lower()
    python = environment(envs / package, package)
    port = free_port()
    script = HERE / f"explore_{package}.py"
    words: dict[str, list[str]] = {
        "dash": [str(script), str(port)],
        "streamlit": [
            *("-m", "streamlit", "run", str(script), "--server.port", str(port)),
            *("--server.headless", "true", "--server.address", "127.0.0.1"),
            *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        ],
    }
    env = {**os.environ, "EXPLORE_TASK": str(task)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([str(python), *words[package]], env=env, **quiet)
    try:
        address = f"http://127.0.0.1:{port}/"
        for _ in range(300):
            if process.poll() is not None:
                raise PeerError("it does not start")
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise PeerError("it does not answer")
        yield address
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """End it, kindly first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def environment(home: Path, package: str) -> Path:
    """A Python that has the package, made when it is not there yet.

    Raises:
        PeerError: it cannot be installed.
    """
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (home / "installed").is_file():
        return python
    home.mkdir(parents=True, exist_ok=True)
    for step in (
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", "-q", package, "plotly", "numpy"],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if "rror" in line]
            raise PeerError((lines or ["pip failed"])[-1])
    (home / "installed").touch()
    return python


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]
