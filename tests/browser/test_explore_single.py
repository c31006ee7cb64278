"""A page in one file, from a disk, with no network: and pages that are used for long."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import tests.browser.explore_pages as pages
from isoloss.explore.bundle import make_bundle
from isoloss.explore.page import single_page
from tests.browser.explore_pages import VIEWS, open_page, rest, show, until

pytestmark = pytest.mark.slow
browser, served, single = pages.browser, pages.served, pages.single
MOVES = 5000


def test_every_view_opens_from_a_disk_and_asks_for_nothing(browser, single):
    page = open_page(browser, single)
    for view in VIEWS:
        show(page, view)
        assert page.evaluate("isoloss.trouble.hidden")
        figures = page.evaluate("isoloss.shown?.figures.length ?? 0")
        if figures:
            until(page, f"document.querySelectorAll('.figures .main-svg').length >= {figures}")
            tables = page.evaluate("isoloss.shown.figures.map(f => f.table.rows.length)")
            assert min(tables) >= 1
    outside = [url for url in page.seen if not url.startswith(("data:", "blob:")) and url != single]
    assert outside == []
    assert page.said == []
    page.close()


def test_the_served_page_asks_nobody_else(browser, served):
    page = open_page(browser, served)
    for view in VIEWS:
        show(page, view)
    host = served.split("/?")[0]
    assert [url for url in page.seen if not url.startswith((host, "data:", "blob:"))] == []
    assert page.said == []
    page.close()


def test_a_page_without_plotly_shows_its_tables(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(single_page(make_bundle(library=False), with_plotly=False), encoding="utf-8")
    page = open_page(browser, path.as_uri())
    for view in VIEWS:
        show(page, view)
    show(page, "allocate")
    assert "without" in page.locator(".plot").first.inner_text()
    page.locator("figure details summary").first.click()
    # the table is made after the event that follows the click
    until(page, "document.querySelectorAll('figure table tbody tr').length > 10")
    assert page.said == []
    page.close()


def test_a_page_says_so_where_there_is_no_javascript(browser, single):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(single)
    assert "needs JavaScript" in page.locator("noscript").inner_text()
    context.close()


def test_a_damaged_page_says_that_it_cannot_start(browser, single, tmp_path):
    text = Path(unquote(urlsplit(single).path)).read_text(encoding="utf-8")
    path = tmp_path / "page.html"
    path.write_text(text.replace('id="packed">H4sI', 'id="packed">AAAA'), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    until(page, "document.querySelector('.wait')?.textContent.includes('cannot start')")
    page.close()


def heap(page, session):
    """Bytes of JavaScript's values that live, and elements."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(100)
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"], found["Nodes"]


def move(page, count):
    """A slider dragged to and fro, a place a frame."""
    page.evaluate(
        """async (count) => {
          const range = tools.node("C").querySelector("input[type=range]");
          for (let i = 0; i < count; i++) {
            range.value = String(100 + (i * 7) % 200);
            range.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((done) => requestAnimationFrame(done));
          }
        }""",
        count,
    )


def test_memory_is_steady_over_thousands_of_moves(browser, single):
    page = open_page(browser, single + "#allocate")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    move(page, 300)
    rest(page)
    before, nodes = heap(page, session)
    move(page, MOVES)
    rest(page)
    after, more = heap(page, session)
    assert after < 1.1 * before, f"{before / 1e6:.1f} MB, then {after / 1e6:.1f} MB"
    assert more < 1.1 * nodes
    assert page.said == []
    page.close()


def test_memory_is_steady_over_views_that_open_and_close(browser, single):
    page = open_page(browser, single)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def round_trip(times):
        for _ in range(times):
            for view in VIEWS:
                show(page, view)
        show(page, VIEWS[0])

    round_trip(6)  # fills what is kept on purpose, such as steps that can be undone
    before, nodes = heap(page, session)
    round_trip(8)
    after, more = heap(page, session)
    assert after < 1.1 * before, f"{before / 1e6:.1f} MB, then {after / 1e6:.1f} MB"
    assert more < 1.1 * nodes, f"{nodes} elements, then {more}"
    page.close()
