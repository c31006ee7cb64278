"""Every view on narrow and wide screens, in both themes: no overflow, no complaint, no barrier."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import tests.browser.explore_pages as pages
from tests.browser.explore_pages import VIEWS, open_page, pictures, show, until

pytestmark = pytest.mark.slow
browser, served, single = pages.browser, pages.served, pages.single
WIDTHS = (320, 768, 1440)
THEMES = ("light", "dark")
RULES = '{ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }'
# words that stand outside their box, or a box that is wider than the page
OUTSIDE = """[...document.querySelectorAll("#explorer *")].filter((e) => {
  const scrolls = ".scroll, .plot, pre, nav, .unseen, .skip, .options, .lawbox, svg";
  if (!e.checkVisibility() || e.closest(scrolls)) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`)"""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_view_scrolls_sideways(browser, served, width, theme):
    page = open_page(browser, served, width, theme)
    folder = pictures()
    problems = []
    for view in VIEWS:
        show(page, view)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide != width:
            problems.append(f"{view}: {wide} px")
        problems += [f"{view}: {one}" for one in page.evaluate(OUTSIDE)]
        plots = page.evaluate(
            "[...document.querySelectorAll('.plot')].filter(p => p.querySelector('.main-svg') && "
            "p.querySelector('.main-svg').getBoundingClientRect().width > p.clientWidth + 1).length"
        )
        if plots:
            problems.append(f"{view}: {plots} figures wider than their place")
        if folder:
            page.screenshot(path=folder / f"{view}-{width}-{theme}.png", full_page=True)
    assert problems == []
    assert page.said == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_follow_the_width_of_the_window(browser, single, width):
    page = open_page(browser, single, 1440)
    page.set_viewport_size({"width": width, "height": 900})
    until(
        page,
        "(() => { const p = document.querySelector('.plot'), s = p.querySelector('.main-svg');"
        " return Math.abs(s.getBoundingClientRect().width - p.clientWidth) <= 1; })()",
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.fixture(scope="module")
def axe():
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or not found.origin:
        pytest.skip("axe-playwright-python, which carries axe-core, is not installed")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(browser, served, axe, view, theme):
    page = open_page(browser, served, 1280, theme)
    show(page, view)
    page.evaluate(f"{axe}\n;0")
    assert violations(page) == []
    # once more with all that can be opened, on a narrow screen
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    page.wait_for_timeout(300)
    assert violations(page) == []
    page.close()


def violations(page):
    """What is wrong, where, and why."""
    return page.evaluate(
        f"axe.run(document, {RULES}).then(r => r.violations.map(v => [v.id, v.impact, "
        "v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' | ' + "
        "n.failureSummary.split('\\n').slice(1, 2).join(' '))]))"
    )


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_can_be_chosen_and_stays(browser, served, theme):
    other = "dark" if theme == "light" else "light"
    page = open_page(browser, served, scheme=theme)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.get_by_label("Colours of the page").select_option(other)
    after = page.evaluate(paper)
    assert after != before
    page.reload()
    pages.ready(page)
    assert page.evaluate(paper) == after
    page.close()


def test_axes_can_be_read_in_both_themes(browser, single):
    for theme in THEMES:
        page = open_page(browser, single, scheme=theme)
        least = page.evaluate(
            """() => {
              const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
              const light = (rgb) => rgb.map(v => v / 255).map(v =>
                v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const paper = light(numbers(getComputedStyle(document.body).backgroundColor));
              const words = ".xtick text, .ytick text";
              return Math.min(...[...document.querySelectorAll(words)]
                .map((e) => light(numbers(getComputedStyle(e).fill)))
                .map((ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)));
            }"""
        )
        assert least > 4.5
        page.close()
