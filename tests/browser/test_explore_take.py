"""What can be taken out of a page is what the page shows."""

from __future__ import annotations

import csv
import io
import json
import struct
from xml.etree import ElementTree

import pytest

import tests.browser.explore_pages as pages
from tests.browser.explore_pages import VIEWS, open_page, show, until

pytestmark = pytest.mark.slow
browser, single = pages.browser, pages.single
SVG = "{http://www.w3.org/2000/svg}"
FIGURES = """isoloss.shown?.figures.map(({ id, title, table, height }) => ({
  id, title, height: height ?? 380, head: table.head,
  rows: table.rows.map((row) => row.map(String)) })) ?? []"""


@pytest.fixture(scope="module")
def page(browser, single):
    page = open_page(browser, single, accept_downloads=True)
    yield page
    page.close()


def taken(page, name):
    """Name and content of what a button saves."""
    with page.expect_download() as waiting:
        page.locator(".take").get_by_role("button", name=name, exact=True).click()
    download = waiting.value
    return download.suggested_filename, download.path().read_bytes()


def choose(page, number):
    """The figure to save, where there are several."""
    which = page.locator(".take select")
    if which.is_visible():
        which.select_option(index=number)


@pytest.mark.parametrize("view", VIEWS)
def test_tables_are_saved_as_they_stand(page, view):
    show(page, view)
    for number, figure in enumerate(page.evaluate(FIGURES)):
        choose(page, number)
        name, content = taken(page, "CSV")
        assert name == f"{view}-{figure['id']}.csv"
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
        wanted = [
            [cell.replace("−", "-") for cell in row] for row in [figure["head"], *figure["rows"]]
        ]
        # a cell that a spreadsheet would run has a space before it
        assert [[cell.strip() for cell in row] for row in rows] == [
            [cell.strip() for cell in row] for row in wanted
        ]
        # and the table beside the figure says the same
        node = page.locator(f"[data-figure='{figure['id']}']")
        node.locator("details > summary").click()
        node.locator("details tbody tr").first.wait_for(state="attached")
        node.locator("details tbody tr").first.wait_for()
        cells = node.locator("details tbody tr").first.locator("td").all_text_contents()
        assert cells == figure["rows"][0]


@pytest.mark.parametrize("view", VIEWS)
def test_numbers_are_saved_with_their_state(page, view):
    show(page, view)
    if not page.evaluate("!!isoloss.view.show"):
        assert page.locator(".take").is_hidden()
        return
    name, content = taken(page, "JSON")
    assert name == f"{view}.json"
    document = json.loads(content)
    assert document["schema"] == "isoloss/explore@1"
    assert document["view"] == view
    assert document["state"] == page.evaluate("isoloss.full()")
    shown = page.evaluate("JSON.parse(JSON.stringify(isoloss.shown))")
    for key in ("headline", "warnings"):
        assert document["result"][key] == shown[key]
    kept = ("key", "label", "value", "interval", "unit")
    facts = [
        {k: v for k, v in fact.items() if k in kept}
        | ({"from": [one["words"] for one in fact["from"]]} if "from" in fact else {})
        for fact in shown["facts"]
    ]
    assert document["result"]["facts"] == facts
    told = page.evaluate(
        "[...document.querySelectorAll('.facts > [data-fact]')].map(e => [e.dataset.fact, "
        "e.querySelector('.value').textContent])"
    )
    assert told == [[fact["key"], fact["value"]] for fact in facts]
    # numbers are numbers: no lists that became objects, nothing lost
    assert numeric(document["result"]["numbers"])


def numeric(value):
    if isinstance(value, dict):
        return "0" not in value and all(numeric(one) for one in value.values())
    return all(numeric(one) for one in value) if isinstance(value, list) else True


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_are_whole(page, view):
    show(page, view)
    for number, figure in enumerate(page.evaluate(FIGURES)):
        choose(page, number)
        height = round(1.25 * figure["height"])
        name, content = taken(page, "SVG")
        assert name == f"{view}-{figure['id']}.svg"
        root = ElementTree.fromstring(content)
        assert root.tag == f"{SVG}svg"
        assert (float(root.get("width")), float(root.get("height"))) == (900, height)
        texts = [" ".join("".join(text.itertext()).split()) for text in root.iter(f"{SVG}text")]
        title = " ".join(figure["title"].split())
        assert title.replace(" ", "") in "".join(texts).replace(" ", "")
        assert len(list(root.iter(f"{SVG}path"))) > 3
        name, content = taken(page, "PNG")
        assert name == f"{view}-{figure['id']}.png"
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", content[16:24]) == (1800, 2 * height)
        assert len(content) > 8000
    assert page.said == []


def test_the_program_can_be_copied(browser, single):
    page = open_page(browser, single)
    page.locator(".program summary").click()
    page.get_by_role("button", name="Copy the program").click()
    # the clipboard answers later
    until(page, "/^(The program was|Copying is not)/.test(isoloss.live.textContent)")
    assert page.said == []
    page.close()
