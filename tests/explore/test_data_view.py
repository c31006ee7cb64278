"""The Data view: what stands in its address, its figure, its exports, and a way through it."""

from __future__ import annotations

import json

import pytest

import tests.browser.explore_pages as pages
from isoloss.explore.page import single_modules
from tests.explore.node import run

browser = pages.browser
EVIL = "<img src=x onerror=\"document.title='caught'\">"


def test_a_mapping_survives_the_address_whatever_the_columns_are_called():
    odd = {"N": "my params, all=1", "D": "tokens%41&#?", "loss": EVIL, "lr": "'yes"}
    found = run(
        """
        import { readPairs, writePairs } from "isoloss/data/pairs.js";
        import { readAddress, writeAddress } from "isoloss/state.js";
        const address = writeAddress("data", { map: writePairs(given), seed: "07" });
        const { state } = readAddress(address);
        const odd = readPairs("N=%E0%A4%A,=x,D");
        answer([readPairs(state.map), state.seed, odd, readPairs(undefined)]);
        """,
        odd,
    )
    assert found == [odd, "07", {"N": "%E0%A4%A"}, {}]


def test_what_the_server_is_asked_follows_from_the_state():
    guessed = {"N": "params", "D": "tokens", "loss": "loss"}
    state = {"units": "N=millions,U=billions", "where": " D > 1 \n\nN < 9", "target": "gone"}
    found = run(
        """
        import { lawOf, reading, whole } from "isoloss/data/pairs.js";
        const { map } = reading({ map: "C=flops,loss=l" }, given.guessed);
        answer([reading(given.state, given.guessed), map,
          lawOf({ form: "own", formula: " E + A/N " }), lawOf({ form: "kaplan", formula: "x" }),
          whole("1,000", 5), whole("-1", 5), whole("", 5), whole("1e3", 5)]);
        """,
        {"state": state, "guessed": guessed},
    )
    assert found[0] == {
        "map": guessed,
        "units": {"N": "millions"},
        "conventions": {},
        "target": "",
        "where": ["D > 1", "N < 9"],
        "bytes_per_token": "",
    }
    assert found[1:] == [{"C": "flops", "loss": "l"}, "E + A/N", "kaplan", 1000, 5, 5, 5]


def left(residual, log=True):
    n = len(residual)
    return {
        "log": log,
        "target": "loss",
        "count": n,
        "word": "line",
        "rows": list(range(2, n + 2)),
        "residual": residual,
        "predicted": [3.0] * n,
        "measured": [3.0 + r for r in residual],
        "columns": {"N": [10.0 ** (8 + i / n) for i in range(n)]},
    }


def figure(given, along="N"):
    return run(
        """
        import { residualFigure, ways } from "isoloss/data/residuals.js";
        const { left, along } = given;
        answer([residualFigure(left, along, { N: "parameters" }, "nats/token"), ways(left)]);
        """,
        {"left": given, "along": along},
    )


def test_residuals_are_drawn_in_percent_and_far_ones_at_the_edge_with_words():
    shown, ways = figure(left([0.01, -0.02] * 20 + [0.5]))
    assert ways == ["N", "predicted"]
    runs, far = shown["data"][1], shown["data"][2]
    assert runs["y"][:2] == [1.0, -2.0]
    assert len(runs["y"]) == 40
    assert far["marker"]["symbol"] == "diamond"
    assert far["customdata"] == [[42, "50.0"]]
    assert far["y"][0] < shown["layout"]["yaxis"]["range"][1]
    assert "One run lies further off than the axis reaches" in shown["caption"]
    assert "%" in shown["layout"]["yaxis"]["title"]["text"]
    assert shown["layout"]["xaxis"]["title"]["text"] == "N, parameters"
    # the table begins with the run that lies furthest off, in numbers that were not clipped
    assert shown["table"]["rows"][0][0] == 42
    assert shown["table"]["rows"][0][-1] == 50


@pytest.mark.parametrize("residual", [[0.0] * 5, [0.1], [-1e-9, 1e-9]])
def test_residuals_of_few_or_perfect_runs_have_axes(residual):
    for along in ("N", "predicted"):
        shown, _ = figure(left(residual, log=False), along)
        for axis in ("xaxis", "yaxis"):
            low, high = shown["layout"][axis]["range"]
            assert low < high
        assert len(shown["data"]) == 2


def test_cells_that_a_spreadsheet_would_run_are_disarmed_in_exports():
    rows = [
        ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1+cmd", "-2+3", "\t=1"],
        ["-0.5", "+3", 1.5, "a,b", 'q"'],
    ]
    text = run(
        'import { csv } from "isoloss/export.js"; answer(csv(given));',
        {"head": ["=HYPERLINK(0)", "a", "b", "c", "d"], "rows": rows},
    )
    lines = text.split("\r\n")
    assert lines[0].startswith(" =HYPERLINK")
    assert lines[1].startswith(" =cmd|")
    for cell in lines[0].split(",") + lines[1].split(","):
        assert not cell.strip(chr(34)).startswith(("=", "@", "\t", "+1+", "-2+"))
    assert lines[2] == '-0.5,+3,1.5,"a,b","q"""'


def test_a_page_without_a_server_holds_no_parts_that_need_one():
    from isoloss.explore.bundle import make_bundle

    names = [name for name, _ in single_modules(make_bundle(library=False))]
    assert "views/data.js" in names
    assert "server.js" not in names
    assert not [name for name in names if name.startswith("data/")]


@pytest.fixture
def server(tmp_path):
    from tests.explore.served import Server

    made = Server(tmp_path / "keep")
    yield made
    made.stop()


def open_data(browser, server):
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.said, page.seen = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.seen.append(request.url))
    page.goto(f"{server.address}#data")
    page.wait_for_selector(".drop input[type=file]")
    return page


@pytest.mark.slow
def test_from_a_file_to_a_plan_by_keyboard_alone(browser, server, tmp_path):
    from tests.explore.served import runs_csv

    path = tmp_path / "runs.csv"
    path.write_text(runs_csv())
    page = open_data(browser, server)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector(".mapping .range:not(:empty)")
    page.wait_for_selector(".data .lawbox .formula")
    page.focus("section[aria-label=Law] button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector(".data .where")
    address = page.url
    assert "job=" in address
    assert "table=" in address
    page.focus("text=Open in Allocate")
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer .headline:has-text('parameters on')")
    page.wait_for_url("**law=fit-**")
    # what stands in an address comes back
    again = open_data(browser, server)
    again.goto("about:blank")
    again.goto(address)
    again.wait_for_selector(".data .where")
    assert again.input_value("section[aria-label=Law] select") == "chinchilla"
    for one in (page, again):
        assert not one.said
        assert all(url.startswith(server.base) for url in one.seen if url != "about:blank")
    with again.expect_download() as saved:
        again.click("text=Save the fit")
    document = json.loads(saved.value.path().read_text())
    assert document["schema"] == "isoloss/fit@1"
    page.close()
    again.close()


@pytest.mark.slow
def test_hostile_names_stay_text(browser, server, tmp_path):
    path = tmp_path / "runs.csv"
    rows = "".join(
        f"{n},{d},{3 + n / 1e9 + d / 1e11}\n" for n in (1e8, 2e8, 4e8) for d in (1e9, 2e9)
    )
    head = EVIL.replace('"', '""')
    path.write_text(f'params,tokens,"{head}"\n{rows}')
    page = open_data(browser, server)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector("section[aria-label=Columns] .trouble:not([hidden])")
    assert EVIL in page.inner_text(".drop table")
    labels = page.locator(".quantity select").first.inner_text()
    assert EVIL in labels
    assert page.title() != "caught"
    assert not page.locator(".data img").count()
    assert not page.said
    page.close()


@pytest.mark.slow
def test_an_open_page_goes_on_when_its_server_comes_back(browser, server, tmp_path):
    from tests.explore.served import runs_csv

    path = tmp_path / "runs.csv"
    path.write_text(runs_csv())
    page = open_data(browser, server)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector(".data .lawbox .formula")
    page.fill("section[aria-label=Law] input[inputmode=numeric] >> nth=0", "9000")
    page.keyboard.press("Tab")
    page.wait_for_timeout(600)
    page.click("text=Fit the law")
    page.wait_for_selector(".under-way:not([hidden])")
    server.kill()
    page.wait_for_selector("#away")
    # what is loaded still works
    page.click("nav >> text=Allocate")
    page.wait_for_selector(".answer .headline:has-text('parameters on')")
    page.go_back() if page.url.startswith("about") else page.click("nav >> text=Data")
    server.start()
    page.wait_for_selector(".data .where", timeout=60_000)
    assert not page.locator("#away").count()
    page.close()
