"""What the browser tests of the explorer share: Chromium without a network, pages, waiting.

`VIEWS` are those of the pages at hand, so a new view is tested with no line written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from isoloss.explore.bundle import make_bundle
from isoloss.explore.page import single_page
from isoloss.explore.widget import views

VIEWS = views()
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"

# what the tests do inside a page; `isoloss` is its Shell
TOOLS = """window.tools = {
  fields: () => isoloss.fields().filter((one) => !one.apart),
  node: (key) => isoloss.controls.known.get(key).node,
  sliders: () => tools.fields().filter((one) => one.kind === "slider" && !one.off)
    .map(({ key, low, high, log, whole }) => ({ key, low, high, log: log, whole: !!whole })),
  unfold: () => { for (const one of document.querySelectorAll(".fold")) one.open = true; },
  focus: (key, what) => { tools.unfold(); tools.node(key).querySelector(what).focus(); },
  value: (key) => isoloss.full()[key],
  random: (seed) => () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  },
  // a state of the open view, field after field, since one may bring or change others
  state: (seed) => {
    const random = tools.random(seed), made = {};
    for (let turn = 0; turn < 3; turn++) {
      for (const field of isoloss.view.fields({ ...made }, isoloss.context)) {
        if (field.key in made && turn < 2) continue;
        made[field.key] = tools.pick(field, random);
      }
    }
    return made;
  },
  pick: (field, random) => {
    const one = (list) => list[Math.floor(random() * list.length)];
    if (field.kind === "choice") return one(field.options).value;
    if (field.kind === "switch") return random() < 0.5;
    if (field.kind === "text") return one(["", "a b", "'=&#%", "70", "yes", "α/β"]);
    if (field.kind === "several") {
      const kept = field.options.map((one) => one.value).filter(() => random() < 0.5);
      return kept.slice(0, field.most ?? kept.length).join(",") || field.start;
    }
    const share = random(), { low, high } = field;
    const x = field.log ? low * (high / low) ** share : low + (high - low) * share;
    return field.whole ? Math.max(Math.ceil(low), Math.round(x)) : x;
  },
}; 0"""


@contextlib.contextmanager
def chromium(*more: str):
    """A browser that finds no host but this machine; skips where none can be started."""
    playwright = pytest.importorskip("playwright.sync_api")
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    with playwright.sync_playwright() as runner:
        try:
            browser = runner.chromium.launch(
                executable_path=found, args=["--no-sandbox", "--disable-gpu", OFFLINE, *more]
            )
        except playwright.Error as error:
            pytest.skip(f"no Chromium can be started: {error}")
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def browser():
    """A browser without a network."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a page of a real server."""
    for name in ("fastapi", "uvicorn", "httpx"):
        pytest.importorskip(name)
    from tests.explore.served import Server

    server = Server(tmp_path_factory.mktemp("served") / "keep")
    yield server.address
    server.stop()


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """The address of a page in one file."""
    path = tmp_path_factory.mktemp("single") / "page.html"
    path.write_text(single_page(make_bundle(library=False)), encoding="utf-8")
    return path.as_uri()


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def until(page, condition: str, seconds: float = 20) -> None:
    """Playwright's own waiting needs `eval`, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > end:
            pytest.fail(f"never true: {condition}")
        page.wait_for_timeout(30)


def open_page(browser, address, width=1280, scheme="light", height=900, **options):
    """A page that is ready; `seen` is what it asked for, `said` what it complained of."""
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, **options
    )
    page.seen, page.said = [], []
    page.on("request", lambda request: page.seen.append(request.url))
    page.on(
        "console",
        lambda told: page.said.append(told.text) if told.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(address)
    ready(page)
    return page


def ready(page) -> None:
    """The view is open, drawn, and at rest."""
    until(page, "window.isoloss?.controls && !document.querySelector('.wait')", 60)
    page.evaluate(TOOLS)
    rest(page)


# a figure is drawn, or the page says that it cannot be; one in a part that is closed waits
DRAWN = """[...document.querySelectorAll(".plot")].every((one) =>
  !one.checkVisibility() || one.classList.contains("missing") || one.querySelector(".main-svg"))"""


def rest(page) -> None:
    """Nothing is left to load or to draw."""
    settle(page)
    until(page, "isoloss.loading.size === 0 && isoloss.drawn === 0", 60)
    until(page, DRAWN, 60)
    settle(page)


def show(page, view: str, query: str = "") -> None:
    """Another view, by its address."""
    page.evaluate("hash => { location.hash = hash; }", f"#{view}{query}")
    until(page, f"isoloss.view.id === '{view}'")
    rest(page)


def settle(page) -> None:
    """Two frames later."""
    page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )


def pictures() -> Path | None:
    """Where screenshots are kept for looking at, if somebody wants to."""
    folder = os.environ.get("ISOLOSS_SCREENSHOTS")
    if not folder:
        return None
    made = Path(folder)
    made.mkdir(parents=True, exist_ok=True)
    return made
