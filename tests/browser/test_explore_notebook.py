"""The widget in a real JupyterLab: drawn, offline, its state kept with Python's both ways."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from isoloss.explore import page as page_module
from tests.browser.explore_pages import chromium, free_port, until

pytestmark = pytest.mark.slow
TOKEN = "0123456789abcdef"
CELLS = (
    'from isoloss.explore.widget import explore\none = explore(C=1e21, held="none")\none',
    'two = explore("hoffmann2022_a3", C=1e22, held="none")\ntwo',
    'one.state = {**one.state, "C": 3e22}\nprint("set")',
    "import json\n"
    'print("SAID " + json.dumps([one.view, one.state, one.numbers["C"], one.numbers["N"], '
    'one.headline, two.state["C"], two.numbers["law"]]))',
)
# all cells stay in the page, and nothing asks for a network
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
PLOTS = "document.querySelectorAll('.isoloss-explore .main-svg .trace').length"


def notebook(cells):
    made = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for i, text in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    for name in ("jupyterlab", "anywidget"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed beside these tests")
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "one.ipynb").write_text(json.dumps(notebook(CELLS)), encoding="utf-8")
    for name, values in SETTINGS.items():
        path = folder / f".config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    port = free_port()
    source = str(Path(page_module.__file__).parents[2])
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")])),
        "JUPYTER_CONFIG_DIR": str(folder / ".config"),
        "JUPYTER_DATA_DIR": str(folder / ".data"),
        "JUPYTER_RUNTIME_DIR": str(folder / ".run"),
        "IPYTHONDIR": str(folder / ".ipython"),
    }
    words = ["-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    options = [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *words, *options, f"--ServerApp.root_dir={folder}"],
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", process, folder / "log")
            yield f"http://127.0.0.1:{port}/lab/tree/one.ipynb?token={TOKEN}"
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for(address, process, log):
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.3)
    pytest.fail("JupyterLab does not start:\n" + log.read_text()[-2000:])


@pytest.fixture(scope="module")
def browser():
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook with its first two cells run."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.seen, page.said = [], []
    page.on("request", lambda request: page.seen.append(request.url))
    page.on("console", lambda m: page.said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(lab)
    until(page, "document.querySelectorAll('.jp-CodeCell').length >= 4", 90)
    status = ".jp-Notebook-ExecutionIndicator"
    until(page, f"document.querySelector('{status}')?.dataset.status === 'idle'", 90)
    yield page
    page.close()


def run_cell(page, index):
    """Run a cell as a person does, and wait for it to end."""
    cell = page.locator(".jp-CodeCell").nth(index)
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    for _ in range(100):
        if prompt.inner_text() == before:  # a kernel that starts may not hear the first time
            cell.locator(".cm-content").click()
            page.keyboard.press("Control+Enter")
        page.wait_for_timeout(600)
        if re.search(r"\d", prompt.inner_text()) and prompt.inner_text() != before:
            return
    pytest.fail(f"cell {index} does not run")


def asked(page):
    """What Python knows of both widgets."""
    run_cell(page, 3)
    told: list[str] = []
    for _ in range(100):
        told = page.locator(".jp-OutputArea-output pre").all_inner_texts()
        found = [
            json.loads(m[1]) for text in told for m in re.finditer(r"^SAID (\[.*)", text, re.M)
        ]
        if found:
            return found[-1]
        page.wait_for_timeout(200)
    pytest.fail(f"the cell gives nothing but {told}")


def test_two_widgets_are_drawn_offline_with_one_script_of_plotly(page, lab):
    run_cell(page, 0)
    until(page, f"{PLOTS} >= 3", 90)
    run_cell(page, 1)
    until(page, "document.querySelectorAll('.isoloss-explore .main-svg .trace').length >= 6", 60)
    host = lab.split("/lab")[0]
    outside = [
        url
        for url in page.seen
        if not url.startswith((host, host.replace("http", "ws"), "blob:", "data:"))
    ]
    assert outside == []
    assert len(page.evaluate("[...document.scripts].filter(s => s.src.startsWith('blob:'))")) == 1
    ids = page.evaluate("[...document.querySelectorAll('.isoloss-explore [id]')].map(e => e.id)")
    fields = [one for one in ids if one.startswith("field")]
    assert len(set(fields)) == len(fields)
    assert [text for text in page.said if "isoloss" in text or "plotly" in text.lower()] == []


def test_python_reads_what_the_page_says(page):
    view, state, budget, size, headline, other, law = asked(page)
    assert (view, state["C"], budget, other, law) == (
        "allocate",
        1e21,
        1e21,
        1e22,
        "hoffmann2022_a3",
    )
    assert size["low"] < size["value"] < size["high"]
    assert "10²¹" in headline


def test_a_slider_moves_pythons_state_by_its_arrow_keys(page):
    before = asked(page)
    slider = page.locator(".isoloss-explore input[type=range]").first
    slider.scroll_into_view_if_needed()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    assert slider.evaluate("e => document.activeElement === e")
    after = asked(page)
    assert after[1]["C"] > before[1]["C"]
    assert after[2] == after[1]["C"]
    assert after[3]["value"] > before[3]["value"]
    assert after[5] == before[5]


def test_python_moves_the_page(page):
    run_cell(page, 2)
    until(
        page,
        "document.querySelector('.isoloss-explore .headline').textContent.includes('3 × 10²²')",
    )
    assert asked(page)[2] == 3e22


def test_undo_in_a_cell_is_not_undo_in_a_widget(page):
    before = asked(page)[1]
    run_cell(page, 2)
    page.locator(".jp-CodeCell .cm-content").nth(3).click()
    page.keyboard.press("Control+z")
    page.wait_for_timeout(500)
    page.keyboard.press("Control+Shift+z")
    page.wait_for_timeout(300)
    assert asked(page)[1] == before


def test_the_style_stays_inside_the_widget(page):
    """A heading and a button of the notebook look as they did."""
    rules = page.evaluate(
        "[...document.styleSheets].filter(s => [...s.cssRules].some(r => "
        "r.selectorText?.startsWith('.isoloss-explore'))).flatMap(s => [...s.cssRules])"
        ".filter(r => r.selectorText && !r.selectorText.split(/,(?![^(]*\\))/).every("
        "p => p.trim().startsWith('.isoloss-explore'))).map(r => r.selectorText)"
    )
    assert rules == []
