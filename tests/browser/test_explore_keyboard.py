"""Every view by keyboard alone: all controls are reached, and do what they say."""

from __future__ import annotations

import pytest

import tests.browser.explore_pages as pages
from tests.browser.explore_pages import VIEWS, open_page, rest, show, until

pytestmark = pytest.mark.slow
browser, served = pages.browser, pages.served

# what a keyboard must reach: shown, not switched off, meant to take the focus
REACHABLE = """[...document.querySelectorAll(
  "a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) =>
  !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true })
  && !(e.type === "radio" && !e.checked))"""
WHO = """(() => { const e = document.activeElement; return {
  at: window.all.indexOf(e),
  outline: getComputedStyle(e).outlineStyle, tag: e.tagName }; })()"""


@pytest.fixture
def page(browser, served):
    page = open_page(browser, served)
    yield page
    page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_tab_reaches_every_control_and_shows_where_it_is(page, view):
    show(page, view)
    page.evaluate("tools.unfold()")
    count = page.evaluate(f"(() => {{ window.all = {REACHABLE}; return window.all.length; }})()")
    assert page.evaluate("document.querySelectorAll('[tabindex]').length") >= 1
    assert page.evaluate("[...document.querySelectorAll('[tabindex]')].every(e => e.tabIndex <= 0)")
    page.evaluate("document.activeElement.blur()")
    reached, unseen, order = set(), [], []
    for _ in range(count + 20):
        page.keyboard.press("Tab")
        who = page.evaluate(WHO)
        if who["at"] < 0:
            if reached:
                break  # the end of the page
            continue
        reached.add(who["at"])
        order.append(who["at"])
        if who["outline"] == "none":
            unseen.append(who["tag"])
    missed = sorted(set(range(count)) - reached)
    named = page.evaluate("at => at.map(i => window.all[i].outerHTML.slice(0, 120))", missed)
    assert named == []
    assert unseen == []
    # in the order of the page
    assert order == sorted(order)


@pytest.mark.parametrize("view", VIEWS)
def test_sliders_move_by_arrows_page_home_and_end(page, view):
    show(page, view)
    keys = [one["key"] for one in page.evaluate("tools.sliders()")]
    for key in keys:
        field = slider(page, key)
        if field is None or field["high"] - field["low"] < 1e-5:
            continue  # another one took it away, or left it no room
        page.evaluate("key => tools.focus(key, 'input[type=range]')", key)
        assert press(page, key, "Home") == pytest.approx(field["low"], rel=1e-5)
        low = press(page, key, "ArrowRight")
        assert low > field["low"]
        far = press(page, key, "PageUp")
        assert far > low
        assert press(page, key, "ArrowLeft") < far
        field = slider(page, key)
        assert press(page, key, "End") == pytest.approx(field["high"], rel=1e-5)
        assert press(page, key, "PageDown") < field["high"]
    assert page.said == []


def slider(page, key):
    return next((one for one in page.evaluate("tools.sliders()") if one["key"] == key), None)


def press(page, key, name):
    page.keyboard.press(name)
    rest(page)
    return page.evaluate("key => tools.value(key)", key)


@pytest.mark.parametrize("view", VIEWS)
def test_amounts_can_be_typed_and_what_is_none_is_told(page, view):
    show(page, view)
    for one in page.evaluate("tools.sliders()"):
        key, box = one["key"], "input[type=text]"
        field = slider(page, key)
        if field is None or field["high"] - field["low"] < 1e-5:
            continue  # another one took it away, or left it no room
        # a field may read and write its value in words of its own
        text, value = page.evaluate(
            """key => { const f = tools.fields().find((one) => one.key === key);
              let x = f.log ? Math.sqrt(f.low * f.high) : 0.5 * (f.low + f.high);
              x = f.whole ? Math.max(1, Math.round(x)) : Number(x.toPrecision(3));
              return f.read ? [f.shown(x), f.read(f.shown(x))] : [String(x), x]; }""",
            key,
        )
        page.evaluate("([key, box]) => tools.focus(key, box)", [key, box])
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        rest(page)
        assert page.evaluate("key => tools.value(key)", key) == pytest.approx(value, rel=1e-12)
        page.evaluate("([key, box]) => tools.focus(key, box)", [key, box])
        page.keyboard.press("Control+a")
        page.keyboard.type("no amount")
        page.keyboard.press("Enter")
        node = f"tools.node({key!r})"
        assert (
            page.evaluate(f"{node}.querySelector('{box}').getAttribute('aria-invalid')") == "true"
        )
        assert "no amount" in page.evaluate(f"{node}.querySelector('.error').textContent")
        assert page.evaluate("key => tools.value(key)", key) == pytest.approx(value, rel=1e-12)
        page.keyboard.press("Escape")
    assert page.said == []


@pytest.mark.parametrize("view", VIEWS)
def test_choices_and_switches_follow_the_keyboard(page, view):
    show(page, view)
    fields = page.evaluate(
        "tools.fields().map(({ key, kind, options }) => [key, kind, options?.length])"
    )
    for key, kind, options in fields:
        if not page.evaluate("key => tools.fields().some((one) => one.key === key)", key):
            continue
        before = page.evaluate("key => tools.value(key)", key)
        if kind == "choice" and options > 1:
            page.evaluate("key => tools.focus(key, 'select')", key)
            last = page.evaluate(
                "key => { const s = tools.node(key).querySelector('select');"
                " return s.selectedIndex === s.options.length - 1; }",
                key,
            )
            page.keyboard.press("ArrowUp" if last else "ArrowDown")
        elif kind == "switch" or kind == "several":
            page.evaluate("key => tools.focus(key, 'input:not(:disabled)')", key)
            page.keyboard.press("Space")
        else:
            continue
        rest(page)
        assert page.evaluate("key => tools.value(key)", key) != before, key
    assert page.said == []


@pytest.mark.parametrize("view", VIEWS)
def test_undo_and_redo_go_through_every_step(page, view):
    show(page, view)
    seen = [page.evaluate("isoloss.full()")]
    for seed in (1, 2, 3):
        page.evaluate("seed => isoloss.change(tools.state(seed), true)", seed)
        rest(page)
        seen.append(page.evaluate("isoloss.full()"))
    page.evaluate("isoloss.title.focus()")
    for wanted in reversed(seen[:-1]):
        page.keyboard.press("Control+z")
        rest(page)
        assert page.evaluate("isoloss.full()") == wanted
    for wanted in seen[1:]:
        page.keyboard.press("Control+Shift+z")
        rest(page)
        assert page.evaluate("isoloss.full()") == wanted
    assert page.evaluate("isoloss.redoButton.disabled")
    assert not page.evaluate("isoloss.undoButton.disabled")


def test_the_menu_and_the_way_to_the_answer_are_links_that_enter_follows(page):
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    for view in VIEWS:
        page.evaluate("id => isoloss.links.get(id).focus()", view)
        page.keyboard.press("Enter")
        until(page, f"isoloss.view.id === '{view}'")
        assert page.evaluate("document.querySelector('nav [aria-current=page]').hash") == f"#{view}"


def test_controls_that_are_folded_open_by_key_and_tell_what_was_changed(page):
    show(page, "federated", "?batch=65536&sent=bf16")
    fold = "document.querySelector('.side details.fold')"
    words = f"{fold}.querySelector('summary').textContent"
    assert page.evaluate(words) == "Machine, server and batch: 2 changed"
    assert not page.evaluate("tools.node('batch').checkVisibility()")
    page.evaluate(f"{fold}.querySelector('summary').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("tools.node('batch').checkVisibility()")
    # it stays open while the page is used, and after another view
    page.evaluate("isoloss.change({ batch: 32768, sent: 'fp32' })")
    rest(page)
    assert page.evaluate(words) == "Machine, server and batch"
    show(page, "allocate")
    show(page, "federated")
    assert page.evaluate("tools.node('batch').checkVisibility()")
