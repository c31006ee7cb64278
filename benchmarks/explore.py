"""How fast a slider answers: the explorer beside the same view in Dash and in Streamlit.

    python benchmarks/explore.py [--keys N] [--json OUT] [--envs DIR] [--no-peers]

The view is loss over size at one budget: 160 sizes, a band of 400 draws, the optimum in words. In a
headless Chromium without a network, one key of the slider at a time: from the keydown until the
words of the new optimum are there, the curve has another path, and the next animation frame begins.
The first plot is the median of five navigations with empty caches. For the explorer that is its own
SVG sketch with the band and the optimum, drawn before Plotly is read. When Plotly's figure has
taken its place stands in a column of its own, beside that of the peers; `again` is the fifth
opening in a browser with a profile, which has kept the scripts.
Then 40 keys at once: the last value must be the one shown. Peers from PyPI get virtual environments
of their own under `--envs`; what cannot be installed is reported as that. Exits with 1 when a goal
is missed; seconds differ between machines, so read ratios.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import math
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from _common import ROOT, machine, table
from _explorers import (
    DASH,
    LAW,
    OURS,
    STREAMLIT,
    Contestant,
    PeerError,
    chromium,
    our_server,
    peer,
    remembering,
)

RAPID, OPENED = 40, 5
FIRST_S, MEDIAN_MS, P95_MS = 1.5, 40.0, 70.0
LETTERS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}

# `curve` is the longest path that Plotly drew; `seen` are different words of the optimum
PROBE = """(words) => {
  const state = { log: [], seen: new Set(), first: 0, plotly: 0, pending: null };
  window.probe = state;
  state.words = () => document.querySelector(words)?.textContent ?? "";
  state.curve = () => [...document.querySelectorAll(".js-plotly-plot path.js-line")]
    .map((path) => path.getAttribute("d") ?? "").join();
  const look = () => {
    const text = state.words();
    if (text) state.seen.add(text);
    for (const [name, curve] of Object.entries({
      first: ".js-plotly-plot .trace path, .sketch .curve", plotly: ".js-plotly-plot .trace path",
    })) {
      if (state[name] || !text || !document.querySelector(curve)) continue;
      state[name] = -1;
      requestAnimationFrame(() => { state[name] = performance.now(); });
    }
    const one = state.pending;
    if (one && text !== one.text && state.curve() !== one.curve) {
      state.pending = null;
      requestAnimationFrame(() => state.log.push(performance.now() - one.time));
    }
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["d"],
  });
  addEventListener("keydown", (event) => {
    if (!state.timed) return;
    state.pending = { time: event.timeStamp, text: state.words(), curve: state.curve() };
  }, true);
}"""


@dataclass
class Row:
    """What was measured: seconds to the first plot, milliseconds a key, frames of rapid keys.

    `cold_s` is the first navigation of all, in which the browser and the server wake up as well;
    `plotly_s` and `again_s` wait for Plotly's figure.
    """

    name: str
    cold_s: float
    first_s: float
    plotly_s: float
    again_s: float
    median_ms: float
    p95_ms: float
    answered: int
    keys: int
    frames: int
    kept: bool
    settle_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--envs", type=Path, default=ROOT / "build" / "bench-envs")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    print(f"slider key to painted curve, {options.keys} keys; {machine()}")
    task = make_task()
    rows, missing = [], []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "task.json"
        path.write_text(json.dumps(task), encoding="utf-8")
        with our_server(Path(folder)) as address:
            rows.append(measure(browser, OURS, address, options.keys, task))
        for contestant in () if options.no_peers else (DASH, STREAMLIT):
            try:
                with peer(contestant, options.envs, path) as address:
                    rows.append(measure(browser, contestant, address, options.keys, task))
            except (PeerError, Exception) as error:
                missing.append(f"{contestant.name}: not measured: {str(error).splitlines()[0]}")
    report(rows, missing)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    sys.exit(0 if goals(rows[0]) else 1)


def make_task() -> dict[str, Any]:
    """The numbers of our law, for those who have none."""
    from isoloss.explore.bundle import make_bundle

    document = make_bundle(laws=[LAW], library=False).document
    entry = next(one for one in document["laws"] if one["key"] == LAW)
    names = [one["name"] for one in entry["parameters"]]
    raw = np.frombuffer(base64.b64decode(entry["theta"]["data"]), dtype="<f8")
    theta = raw.reshape(entry["theta"]["rows"], -1)
    theta = theta[:, [names.index(name) for name in ("E", "A", "alpha", "B", "beta")]]
    return {
        "point": theta[0].tolist(),
        "draws": theta[1:].tolist(),
        "low": 17.0,
        "high": 26.0,
        "step": 0.025,
        "start": 21.0,
    }


def measure(
    browser: Any, contestant: Contestant, address: str, keys: int, task: dict[str, Any]
) -> Row:
    """One page: opened several times with nothing kept, then used."""
    firsts, drawn, page = [], [], None
    for _ in range(OPENED):
        if page:
            page.context.close()
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        watch(page, contestant)
        first, plotly = opened(page, address)
        firsts.append(first)
        drawn.append(plotly)
    assert page is not None
    again = fifth(browser, contestant, address)
    page.wait_for_timeout(2000)
    slider = page.locator(contestant.slider).first
    slider.focus()
    for _ in range(5):  # the engine warms up, as it does while somebody drags
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
    page.evaluate("probe.timed = true")
    for number in range(keys):
        page.keyboard.press("ArrowRight" if number % 10 < 5 else "ArrowLeft")
        wait_for_key(page, number + 1)
    log = sorted(page.evaluate("probe.log"))
    page.evaluate("probe.timed = false; probe.pending = null")
    page.wait_for_timeout(1000)
    frames, kept, settle = rapid(page, slider, task)
    page.context.close()
    p95 = log[min(len(log) - 1, math.ceil(0.95 * len(log)) - 1)] if log else math.inf
    median = statistics.median(log) if log else math.inf
    first, plotly = statistics.median(firsts), statistics.median(drawn)
    seconds = (firsts[0], first, plotly, again)
    return Row(contestant.name, *seconds, median, p95, len(log), keys, frames, kept, settle)


def watch(page: Any, contestant: Contestant) -> None:
    """The probe is in every document of the page."""
    page.set_default_timeout(60_000)
    page.add_init_script(f"({PROBE})({json.dumps(contestant.words)})")


def fifth(browser: Any, contestant: Contestant, address: str) -> float:
    """Seconds to Plotly's figure when a browser opens the page for the fifth time.

    By then it has kept the scripts and what it compiled of them, where it may.
    """
    seconds = 0.0
    with remembering(browser) as page:
        watch(page, contestant)
        for _ in range(OPENED):
            page.goto("about:blank")
            seconds = opened(page, address)[1]
            page.wait_for_timeout(2500)
    return seconds


def opened(page: Any, address: str) -> tuple[float, float]:
    """Seconds from a navigation to the first plot, and to Plotly's."""
    page.goto(address)
    until(page, "window.probe?.plotly > 0", 60)
    return page.evaluate("probe.first") / 1000, page.evaluate("probe.plotly") / 1000


def wait_for_key(page: Any, count: int) -> None:
    """Until a key was answered, for 8 s; and then a little, as people do."""
    with contextlib.suppress(TimeoutError):
        until(page, f"probe.log.length >= {count} || !probe.pending", 8)
    page.wait_for_timeout(60)


def until(page: Any, condition: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        if time.monotonic() > end:
            raise TimeoutError(f"never true: {condition}")
        page.wait_for_timeout(15)


def rapid(page: Any, slider: Any, task: dict[str, Any]) -> tuple[int, bool, float]:
    """Frames drawn for keys that come at once, whether the last counts, and when it is still."""
    before = budget(slider)
    page.evaluate("probe.seen = new Set()")
    slider.focus()
    for _ in range(RAPID):
        page.keyboard.press("ArrowRight")
    begin = time.monotonic()
    settle, count = 0.0, page.evaluate("probe.seen.size")
    while time.monotonic() - begin < max(3.0, settle + 2.0):
        page.wait_for_timeout(50)
        now = page.evaluate("probe.seen.size")
        if now != count:
            count, settle = now, time.monotonic() - begin
    after = budget(slider)
    shown = amount(page.evaluate("probe.words()"))
    step = 10 ** (RAPID * task["step"]) if "step" in task else 1.0
    moved = after / before > step**0.5
    whole = keys_between(slider, before, after, task) == RAPID
    return count, bool(moved and whole and abs(shown / size(task, after) - 1) < 0.01), 1000 * settle


def budget(slider: Any) -> float:
    """The budget that a slider stands at."""
    own = slider.evaluate("e => e.dataset.value ?? null")
    place = "e => e.getAttribute('aria-valuenow') ?? e.value"
    return float(own) if own else 10 ** float(slider.evaluate(place))


def keys_between(slider: Any, before: float, after: float, task: dict[str, Any]) -> int:
    """How many keys lie between two budgets."""
    places = slider.evaluate("e => e.dataset.value ? Number(e.max) - Number(e.min) : 0")
    if not places:
        return round(math.log10(after / before) / task["step"])
    # ours has places on its own span: found by one key back
    slider.press("ArrowLeft")
    slider.page.wait_for_timeout(300)
    one = math.log(after / budget(slider))
    slider.press("ArrowRight")
    slider.page.wait_for_timeout(300)
    return round(math.log(after / before) / one)


def size(task: dict[str, Any], C: float) -> float:
    """The best size of the point, in closed form."""
    _, A, alpha, B, beta = task["point"]
    return (alpha * A / (beta * B) * (C / 6) ** beta) ** (1 / (alpha + beta))


def amount(text: str) -> float:
    """`2.78B`, or a number at the start of a text."""
    word = text.split()[0]
    return float(word[:-1]) * LETTERS[word[-1]] if word[-1] in LETTERS else float(word)


def goals(row: Row) -> bool:
    """Whether ours is fast enough, and loses nothing."""
    return (
        row.median_ms <= MEDIAN_MS
        and row.p95_ms <= P95_MS
        and row.first_s <= FIRST_S
        and row.kept
        and row.answered == row.keys
    )


def report(rows: list[Row], missing: list[str]) -> None:
    """The table, ratios beside ours, and the goals."""
    ours = rows[0]
    head = (
        "",
        "cold s",
        "first plot s",
        "Plotly's s",
        "again s",
        "median ms",
        "p95 ms",
        "keys answered",
        "40 at once: frames",
    )
    head = (*head, "settle ms", "last kept", "median / ours")
    cells = [
        (
            row.name,
            f"{row.cold_s:.2f}",
            f"{row.first_s:.2f}",
            f"{row.plotly_s:.2f}",
            f"{row.again_s:.2f}",
            f"{row.median_ms:.0f}",
            f"{row.p95_ms:.0f}",
            f"{row.answered} of {row.keys}",
            str(row.frames),
            f"{row.settle_ms:.0f}",
            "yes" if row.kept else "no",
            f"{row.median_ms / ours.median_ms:.1f}",
        )
        for row in rows
    ]
    print(table(head, cells))
    for line in missing:
        print(line)
    print(
        f"goals: median {ours.median_ms:.0f} (at most {MEDIAN_MS:.0f}) ms, p95 {ours.p95_ms:.0f} "
        f"(at most {P95_MS:.0f}) ms, first plot {ours.first_s:.2f} (at most {FIRST_S}) s, no key "
        f"lost: {'met' if goals(ours) else 'MISSED'}; {machine()}"
    )


if __name__ == "__main__":
    main()
