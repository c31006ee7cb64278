"""The address of a page holds its whole state."""

from __future__ import annotations

import pytest

import tests.browser.explore_pages as pages
from tests.browser.explore_pages import VIEWS, open_page, rest, until

pytestmark = pytest.mark.slow
browser, served, single = pages.browser, pages.served, pages.single
STATES, OPENED = 30, 2


@pytest.mark.parametrize("view", VIEWS)
def test_a_state_comes_back_from_its_address(browser, single, view):
    """Thirty random states of every view; two of them in a page that is opened with the address."""
    page = open_page(browser, f"{single}#{view}")
    made = []
    for seed in range(STATES):
        page.evaluate("seed => { isoloss.state = tools.state(seed); isoloss.draw(); }", seed)
        rest(page)
        page.evaluate("isoloss.write()")
        made.append((page.evaluate("location.hash"), page.evaluate("isoloss.full()")))
    said = page.said
    page.close()
    assert said == []
    assert len({hash_ for hash_, _ in made}) > 1 or view == "data"

    page = open_page(browser, single)
    for hash_, state in made:
        page.evaluate("hash => { location.hash = hash; }", hash_ or f"#{view}")
        until(page, f"isoloss.view.id === '{view}'")
        rest(page)
        assert page.evaluate("isoloss.full()") == state
        page.evaluate("isoloss.write()")
        assert page.evaluate("location.hash") == hash_
    said = page.said
    page.close()
    assert said == []

    for hash_, state in made[:OPENED]:
        page = open_page(browser, single + hash_)
        assert page.evaluate("[isoloss.view.id, isoloss.full()]") == [view, state]
        page.close()


@pytest.mark.parametrize(
    "hash_", ["#", "#nothing", "#allocate?C=NaN&k=-3&held=x&law=no", "#%E0%A4%A"]
)
def test_an_address_that_makes_no_sense_opens_a_page_all_the_same(browser, single, hash_):
    page = open_page(browser, single + hash_)
    assert page.evaluate("isoloss.shown.headline.length") > 20
    assert page.said == []
    page.close()


def test_the_address_follows_and_going_back_leads_back(browser, served):
    page = open_page(browser, f"{served}#allocate?C=1e21")
    page.evaluate("tools.focus('C', 'input[type=range]')")
    page.keyboard.press("ArrowRight")
    value = page.evaluate("tools.value('C')")
    assert value > 1e21
    until(
        page, "Number(/C=([^&]*)/.exec(decodeURIComponent(location.hash))[1]) === tools.value('C')"
    )
    page.evaluate("location.hash = '#allocate?C=5e22'")
    until(page, "tools.value('C') === 5e22")
    page.go_back()
    until(page, f"tools.value('C') === {value}")
    assert page.said == []
    page.close()
