"""The errors report's pages in Chromium: offline, drawn, searchable, safe with hostile names."""

from __future__ import annotations

import pytest

from isoloss.errors.simulate import simulate
from isoloss.report.errors import errors_report
from tests.browser import test_report_page as common
from tests.errors.report_cases import answers, hostile, studied

pytestmark = pytest.mark.slow
browser, open_page, wait_until = common.browser, common.open_page, common.wait_until

DRAWN = "path.point, .points path, .scatterlayer path, .barlayer path, .heatmaplayer image"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("errors-report")
    studies = [
        studied(answers(encoder=("small", "small", "large"))),
        studied(answers(sizes=(7e9, 13e9), seed=1), "pair"),
        studied(answers(40, tuple(1e9 * 1.7**k for k in range(10))), "many"),
        studied(simulate("metric-artefact", items=200), "jump"),
        hostile(),
    ]
    report = errors_report(studies)
    report.save(folder)
    names = list(report.pages)
    (folder / f"{names[-1]}.html").rename(folder / "hostile.html")
    return folder


NAMES = ("index", "made-family", "pair-family", "many-family", "jump-simulated", "hostile")


def address(folder, name):
    return (folder / f"{name}.html").as_uri()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_without_any_request_or_complaint(browser, folder, name):
    page = open_page(browser, address(folder, name))
    page.wait_for_timeout(200)
    # a heat map is a picture that the page draws itself
    assert [seen for seen in page.seen if not seen.startswith("data:")] == [address(folder, name)]
    assert page.said == []
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, iframe").count() == 0
    counts = page.evaluate(
        f"[...document.querySelectorAll('[data-figure]')].map(p => "
        f"p.querySelectorAll('{DRAWN}').length)"
    )
    assert len(counts) >= 1
    assert min(counts) >= 1
    page.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("name", NAMES)
def test_no_width_scrolls_sideways(browser, folder, name, width):
    page = open_page(browser, address(folder, name), width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("width", [320, 1000])
@pytest.mark.parametrize("name", NAMES)
def test_words_stay_inside_their_picture(browser, folder, name, width):
    page = open_page(browser, address(folder, name), width)
    outside = page.evaluate(
        "[...document.querySelectorAll('.plot')].flatMap(p => "
        "[...p.querySelectorAll('.annotation text, .ytick text, .xtick text, .xtitle, .ytitle')]"
        ".filter(t => { const a = t.getBoundingClientRect(), b = p.getBoundingClientRect(); "
        "return a.left < b.left - 2 || a.right > b.right + 2 || a.top < b.top - 2 || "
        "a.bottom > b.bottom + 2; }).map(t => p.dataset.figure + ': ' + t.textContent))"
    )
    assert outside == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_both_schemes(browser, folder, scheme):
    page = open_page(browser, address(folder, "made-family"), scheme=scheme)
    least = page.evaluate(
        """() => {
          const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
          const light = (rgb) => rgb.map(v => v / 255).map(v =>
            v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const paper = light(numbers(getComputedStyle(document.body).backgroundColor));
          const wanted = ".xtick text, .textpoint text, td.word, .legend li, .replies .sign, " +
            ".questions p, .tabs button:not(:disabled), .note, summary";
          return Math.min(...[...document.querySelectorAll(wanted)].map((e) => {
            const style = getComputedStyle(e);
            const ink = light(numbers(e.closest("svg") ? style.fill : style.color));
            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
          }));
        }"""
    )
    assert least > 4.5
    page.close()


def test_questions_are_searched_filtered_sorted_and_shown(browser, folder):
    page = open_page(browser, address(folder, "made-family"))
    cards, count = page.locator(".questions > li"), page.locator("[data-count]")
    assert cards.count() == 5
    page.locator("[data-more]").click()
    assert cards.count() > 5
    page.locator("[data-list='2']").press("Enter")
    assert page.locator("[data-list='2']").get_attribute("aria-pressed") == "true"
    assert "No model answers these right" in page.locator("[data-says]").inner_text()
    assert page.locator(".questions .right").count() == 0
    key = cards.first.locator(".where bdi").inner_text()
    page.locator("[data-search]").fill(key.upper())
    keys = page.locator(".questions .where bdi").all_inner_texts()
    assert key in keys
    assert all(key in one or key in cards.nth(i).inner_text() for i, one in enumerate(keys))
    page.locator("[data-search]").fill("no such thing anywhere")
    assert cards.count() == 0
    assert count.inner_text().startswith("Nothing here matches")
    page.locator("[data-search]").fill("")
    page.locator("[data-task]").select_option("letters")
    assert {text.split(" ")[0] for text in page.locator(".where").all_inner_texts()} == {"letters"}
    page.locator("[data-list='1']").click()
    page.locator("[data-order]").select_option("most")
    rights = [cards.nth(i).locator(".right").count() for i in range(cards.count())]
    assert rights == sorted(rights, reverse=True)
    page.close()


def test_hostile_questions_are_searched_as_text(browser, folder):
    page = open_page(browser, address(folder, "hostile"))
    page.locator("[data-list='1']").click()
    page.locator("[data-search]").fill("<img src=x")
    assert page.locator(".questions > li").count() > 0
    assert "<img src=x" in page.locator(".questions").inner_text()
    page.locator(".questions summary").first.click()
    assert page.evaluate("window.hurt") is None
    assert page.locator(".questions img").count() == 0
    page.close()


def test_the_first_page_leads_to_the_others_and_back(browser, folder):
    page = open_page(browser, address(folder, "index"))
    page.locator("a[href='pair-family.html']").first.click()
    assert page.url == address(folder, "pair-family")
    page.locator("header .kicker a").click()
    assert page.url == address(folder, "index")
    page.close()


def test_a_page_without_script_still_shows_answers_and_questions(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(folder, "made-family"))
    assert page.locator(".questions > li").count() == 5
    assert page.locator(".controls").is_hidden()
    assert page.locator(".answer").inner_text().startswith("↗")
    context.close()


def test_the_printed_page_has_its_figures_on_the_paper(browser, folder):
    page = open_page(browser, address(folder, "made-family"))
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(media="print")
    for name in ("size", "flow", "kappa"):
        box = f"document.querySelector('[data-figure={name}] .main-svg').getBoundingClientRect()"
        assert page.evaluate(f"{box}.right") <= 701
        assert page.evaluate(f"{box}.height") > 100
    assert page.locator(".controls").is_hidden()
    page.close()
