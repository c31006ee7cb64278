"""Reports: what they say, that they say no more than the verdict, and that they load nothing."""

from __future__ import annotations

import json
import re
import shlex

import numpy as np
import pytest

from isoloss import find_law, read_runs, store
from isoloss.exceptions import InputError, PlanError
from isoloss.fit import Estimate
from isoloss.report import draw, numbers
from isoloss.report.formula import formula_html
from isoloss.report.html import _safe
from isoloss.report.markdown import escaped
from isoloss.report.model import Answer, Code, Figure, Table
from isoloss.report.theme import spread_apart, template
from tests.unit import fit_cases

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def fit():
    return find_law("chinchilla").fit(fit_cases.runs(), draws=60)


@pytest.fixture(scope="module")
def report(fit):
    return fit.report(compute=[1e21, 1e30], at={"N": 1e9, "D": 2e10})


def blocks(document, kind):
    return [
        block
        for part in (document.lead, *(section.blocks for section in document.sections))
        for block in part
        if isinstance(block, kind)
    ]


def answer_of(report) -> Answer:
    return blocks(report.document, Answer)[0]


def own_part(html: str) -> str:
    """The page without Plotly's script."""
    from plotly.offline import get_plotlyjs

    return html.replace(get_plotlyjs(), "")


def test_the_sections_come_in_their_order(report):
    assert [section.id for section in report.document.sections] == [
        "law",
        "runs",
        "data-and-fit",
        "residuals",
        "iso-flop",
        "path",
        "certificate",
        "verdict",
        "plan",
        "checklist",
        "repeat",
    ]


def test_every_panel_has_its_figure_with_caption_alt_text_and_numbers(report):
    figures = report.document.figures
    assert {panel.id for figure in figures for panel in figure.panels} == set(report.figures)
    for figure in figures:
        assert len(figure.shows) > 20
        assert len(figure.conclusion) > 20
        assert len(figure.alt) > 20
        assert figure.numbers is not None
        assert all(len(row) == len(figure.numbers.columns) for row in figure.numbers.rows)


def test_the_answer_promises_nothing_where_the_verdict_says_stop(fit):
    near, far = answer_of(fit.report(compute=1e21)), answer_of(fit.report(compute=1e30))
    plan = fit.plan(compute=1e21)
    assert fit.trust(at=plan.place.at).answer == near.verdict != "do not use it there"
    assert numbers.padded_amount(plan.optimum["N"].value) in near.text
    assert far.verdict == "do not use it there"
    assert "train" not in far.text
    assert "expect" not in far.text
    assert "do not use it" in far.text


def test_the_badge_is_the_gravest_verdict(report):
    assert answer_of(report).verdict == "do not use it there"


def test_numbers_agree_with_the_plan_and_the_parameters(fit, report):
    plan = fit.plan(compute=1e21)
    cells = {cell for table in blocks(report.document, Table) for row in table.rows for cell in row}
    assert numbers.spans("N", plan.optimum["N"])[1] in cells
    assert numbers.spans("loss", plan.optimum["loss"])[0] in cells
    assert numbers.spans("", fit.parameters["alpha"])[1] in cells


def test_without_a_budget_one_inside_the_runs_is_planned_and_said(fit):
    page = fit.report().markdown()
    assert "no budget was asked for" in page
    assert "No budget was asked for" in page


def test_the_page_holds_plotly_once_and_refers_to_nothing(report):
    from plotly.offline import get_plotlyjs

    html = report.html()
    assert html.count(get_plotlyjs()) == 1
    assert "</script" not in get_plotlyjs().lower()
    rest = own_part(html)
    assert not re.search(r"<(link|img|iframe|object|embed)\b", rest)
    assert not re.search(r"\b(src|href)=\"?(?!#)", rest.replace('href="#', ""))
    assert "@import" not in rest
    assert "url(" not in rest
    assert "default-src 'none'" in rest


def test_the_figures_in_the_page_are_json_without_gaps_of_its_own(report):
    html = own_part(report.html())
    match = re.search(r"<script type=application/json id=figures>(.*?)</script>", html, re.DOTALL)
    found = json.loads(match.group(1), parse_constant=lambda text: pytest.fail(text))
    assert set(found) == set(report.figures)
    assert found["iso-flop"]["layout"]["height"] > 0


def test_the_same_fit_gives_the_same_page(fit):
    assert fit.report(compute=1e21).html() == fit.report(compute=1e21).html()


def test_markdown_and_html_say_the_same(report):
    html, text = own_part(report.html()), report.markdown()
    for section in report.document.sections:
        assert f"<h2>{section.title}</h2>" in html
        assert f"## {section.title}" in text
    for figure in report.document.figures:
        assert escaped(figure.conclusion) in text
    for code in blocks(report.document, Code):
        assert code.text in text


def test_text_from_the_data_stays_text(tmp_path):
    table = fit_cases.table(30)
    path = tmp_path / "runs & <b>.csv"
    lines = [f"{EVIL},tokens,loss,run"]
    rows = zip(table["N"], table["D"], table["loss"], strict=True)
    lines += [f"{n},{d},{y},{EVIL}{i}" for i, (n, d, y) in enumerate(rows)]
    path.write_text("\n".join(lines))
    runs = read_runs(path, map={"N": EVIL, "D": "tokens", "loss": "loss"}, groups={"run": "run"})
    page = find_law("chinchilla").fit(runs, draws=20).report(title=EVIL)
    html = own_part(page.html())
    assert EVIL not in html
    assert "alert(1)" in html
    assert "<b>.csv" not in html
    hovers = [text for trace in page.figures["data"].data for text in trace.text or ()]
    assert any("alert(1)" in text for text in hovers)
    assert not any(EVIL in text for text in hovers)
    text = page.markdown()
    outside = re.sub(r"(`{3,}).*?\n\1", "", text, flags=re.DOTALL)
    assert EVIL not in outside
    assert "\\<script\\>" in outside


def test_json_in_the_page_cannot_end_its_script():
    held = _safe('{"a": "</script><!-- & -->"}')
    assert not set("<>&") & set(held)
    assert json.loads(held) == {"a": "</script><!-- & -->"}


def test_markdown_escapes_what_would_be_markup():
    assert escaped("a|b *c* [x](y) <i> `d` & $e$") == (
        "a\\|b \\*c\\* \\[x\\](y) \\<i\\> \\`d\\` &amp; \\$e\\$"
    )
    assert escaped("# no heading") == "\\# no heading"
    assert escaped("1.5 and 2") == "1.5 and 2"
    assert escaped("two\nlines") == "two lines"


def test_without_draws_there_are_no_intervals_and_it_is_said():
    fit = find_law("chinchilla").fit(fit_cases.runs(20), draws=0)
    page = fit.report(compute=1e21)
    assert "no number here has an interval" in answer_of(page).text
    assert "without draws there is no band" in page.markdown()
    assert "nan" not in page.markdown().lower()
    fills = [trace for trace in page.figures["iso-flop"].data if trace.fill]
    assert not fills


def test_bands_are_drawn_from_draws(report):
    assert any(trace.fill == "toself" for trace in report.figures["path-N"].data)


def test_extrapolation_is_dotted_and_named(report):
    figure = report.figures["path-N"]
    dashes = {trace.line.dash for trace in figure.data if trace.mode == "lines"}
    assert {"solid", "dot"} <= dashes
    assert any("extrapolation" in note.text for note in figure.layout.annotations)


def test_a_law_of_one_variable_has_no_plan_and_says_so():
    runs = read_runs(fit_cases.small(), map="N=N,loss=loss")
    page = find_law("power_floor").fit(runs, draws=30).report(at={"N": 1e9})
    assert set(page.figures) == {"data", "residuals-N", "residuals-predicted"}
    assert "need a law in N and D" in page.markdown()
    assert "expect a loss of" in answer_of(page).text


def test_a_budget_for_a_law_of_one_variable_is_refused():
    runs = read_runs(fit_cases.small(), map="N=N,loss=loss")
    fit = find_law("power_floor").fit(runs, draws=0)
    with pytest.raises(PlanError, match="needs a law in N and D"):
        fit.report(compute=1e20)


def test_a_law_of_three_variables_is_shown_as_predicted_against_measured():
    table = fit_cases.table(60)
    table["U"] = table["D"] / np.linspace(1, 9, 60)
    table["loss"] = table["loss"] + 30 / table["U"] ** 0.3
    law = find_law("E + A/N**a + B/D**b + F/U**c")
    page = law.fit(read_runs(table), draws=0).report()
    assert "too many variables for one picture" in page.markdown()
    assert "residuals-U" in page.figures


def test_a_law_without_a_best_split_says_why():
    table = fit_cases.table(40)
    table["loss"] = 2 + 50 / table["N"] ** 0.3 + table["D"] / 1e12
    page = find_law("E + A/N**a + F*D/1e12").fit(read_runs(table), draws=0).report(compute=1e21)
    assert "there is no plan" in answer_of(page).text
    assert "no best split" in page.markdown()
    assert "iso-flop" not in page.figures


def test_held_out_runs_are_compared_one_by_one(fit):
    held = fit_cases.runs(30, seed=5)
    page = fit.report(held_out=held)
    table = next(t for t in blocks(page.document, Table) if t.title == "Held-out runs")
    predicted = fit.predict(held)
    inside = (held.columns["loss"] >= predicted.run_low) & (
        held.columns["loss"] <= predicted.run_high
    )
    assert [row[-1] for row in table.rows] == ["yes" if hit else "no" for hit in inside]
    assert f"{inside.sum()} of 30 runs lie inside" in page.markdown()
    assert "held-out" in page.figures
    assert "no test" not in page.markdown()


def test_held_out_runs_that_were_fitted_are_no_test(fit):
    page = fit.report(held_out=fit.runs.select(np.arange(5)))
    assert "5 of these 5 runs are among those that were fitted" in page.markdown()


def test_held_out_runs_without_a_column_are_refused(fit):
    runs = read_runs(fit_cases.small(), map="N=N,loss=loss")
    with pytest.raises(InputError, match="lack D"):
        fit.report(held_out=runs)


def test_outliers_are_marked_and_named():
    table = fit_cases.table(60)
    table["loss"][7] *= 1.5
    page = find_law("chinchilla").fit(read_runs(table), draws=20).report()
    words = next(f for f in page.document.figures if f.id == "residuals").shows
    assert "Open diamonds are outliers: row 8" in words
    assert any(trace.marker.symbol == "diamond-open" for trace in page.figures["residuals-N"].data)
    notes = [note.text for note in page.figures["residuals-N"].layout.annotations]
    assert "row 8" in notes


@pytest.fixture
def saved(tmp_path, monkeypatch):
    table = fit_cases.table(40)
    monkeypatch.chdir(tmp_path)
    lines = ["params,tokens,loss,kind"]
    rows = zip(table["N"] / 1e6, table["D"], table["loss"], strict=True)
    lines += [f"{n},{d},{y},{'a' if i % 4 else 'b c'}" for i, (n, d, y) in enumerate(rows)]
    (tmp_path / "my runs.csv").write_text("\n".join(lines))
    runs = read_runs(
        "my runs.csv",
        map="N=params,D=tokens,loss=loss",
        units="N=millions",
        conventions="N=non-embedding",
        where=["kind == 'a'", "D > 2e9"],
    )
    law = find_law("chinchilla").with_bounds({"alpha": (0.1, 2.0)})
    return law.fit(runs, objective="ls-log", draws=15, seed=3, level=0.8)


def test_the_python_of_the_report_makes_the_same_fit(saved):
    code = next(
        c.text for c in blocks(saved.report(compute=1e21).document, Code) if c.language == "python"
    )
    found: dict = {}
    exec(code, found)
    assert found["fit"].values == saved.values
    assert np.array_equal(found["fit"].draws.theta, saved.draws.theta)
    assert found["fit"].level == saved.level


def test_the_commands_of_the_report_make_the_same_fit(saved, tmp_path):
    from isoloss import Fit
    from isoloss.cli.app import run

    page = saved.report(compute=1e21, at={"N": 1e9, "D": 2e10})
    text = next(c.text for c in blocks(page.document, Code) if c.language == "sh")
    for command in text.replace("\\\n", " ").strip().split("\n"):
        assert run(shlex.split(command)[1:]) == 0
    again = Fit.load(tmp_path / "fit.json")
    assert again.values == saved.values
    assert again.runs.digest == saved.runs.digest
    assert "isoloss report" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_formula_of_ones_own_is_given_back_whole():
    law = find_law("loss = E + A/N**a", variables=("N",))
    fit = law.fit(read_runs(fit_cases.small(), map="N=N,loss=loss"), draws=0)
    text = fit.report().markdown()
    assert "find_law('loss = E + A/N**a', variables=('N',))" in text


def test_save_goes_by_the_ending(report, tmp_path):
    report.save(tmp_path / "a.html")
    report.save(tmp_path / "a.md")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == report.html()
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == report.markdown()
    with pytest.raises(InputError, match=r"\.html or \.md"):
        report.save(tmp_path / "a.pdf")


def test_the_document_is_plain_json(report):
    document = json.loads(store.dumps(report.to_document()))
    assert document["schema"] == "isoloss/report@1"
    assert document["result"]["title"] == report.document.title
    assert set(document["result"]["figures"]) == set(report.figures)


def test_figures_have_our_look_and_a_transparent_paper(report):
    for figure in report.figures.values():
        assert figure.layout.template.layout == template().layout
        assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_axes_count_in_letters(report):
    texts = report.figures["data"].layout.xaxis.ticktext
    assert "100M" in texts
    assert "1B" in texts
    assert all("e" not in text for text in texts)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.791e9, "2.79B"), (999.9e3, "1M"), (1.4e12, "1.4T"), (3384, "3.38K"), (512, "512")],
)
def test_amounts(value, text):
    assert numbers.amount(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e21, "10²¹"), (3.2e-5, "3.2 × 10⁻⁵"), (9.999e20, "10²¹"), (0, "0"), (np.inf, "unbounded")],
)
def test_powers(value, text):
    assert numbers.scientific(value) == text


def test_digits_follow_the_standard_error():
    def text(value, se):
        return numbers.precise(value, Estimate(value, value, value, se))

    assert text(1.8172, 0.026) == "1.817"
    assert text(2139.4, 1434) == "2140"
    assert text(0.4, 0.0208) == "0.400"
    assert text(-0.5, 0.1) == "−0.500"
    assert numbers.spans("N", Estimate(7.6e9, 7e9, 8.123e9, 1e8)) == ("7.60B", "7.00B to 8.12B")


def test_ticks_are_round_and_few():
    ticks = numbers.ticks("N", 5.7e7, 1.6e10, log=True)
    assert ticks.texts == ("100M", "1B", "10B")
    ticks = numbers.ticks("loss", 2.07, 3.41, log=True)
    assert 3 <= len(ticks.values) <= 8
    assert all(2.07 <= value <= 3.41 for value in ticks.values)
    assert len(set(ticks.texts)) == len(ticks.texts)


def test_formulas_are_typeset_and_read_aloud():
    html = formula_html(find_law("kaplan"))
    assert "<i>N</i><sub>c</sub>" in html
    assert "class=frac" in html
    assert 'aria-label="loss = ((N_c/N)' in html
    assert "α" in html


def test_labels_are_spread_apart_and_stay_near():
    moved = spread_apart([10.0, 12.0, 100.0], 15.0)
    assert moved == [3.5, 18.5, 100.0]
    assert spread_apart([0.0, 100.0], 15.0) == [0.0, 100.0]


def test_many_runs_are_thinned_and_outliers_kept():
    chosen = draw.thinned(5000, [17, 4321])
    assert len(chosen) <= draw.MOST_POINTS + 2
    assert {17, 4321} <= set(chosen.tolist())
    assert "5,000" in draw.thinning_note(5000, len(chosen))
    assert draw.thinning_note(100, 100) == ""


def test_a_figure_is_drawn_for_every_section_that_promises_one(report):
    assert [figure.id for figure in blocks(report.document, Figure)] == [
        "data",
        "residuals",
        "iso-flop",
        "path",
    ]


def test_the_picture_of_the_tour_is_svg_without_script(fit):
    from xml.etree import ElementTree

    from isoloss.report.tour import tour_svg

    text = tour_svg(fit)
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "prefers-color-scheme: dark" in text
    assert "extrapolation" in text
    assert "<script" not in text
    assert "nan" not in text


def test_the_tour_refuses_other_arguments(capsys):
    from isoloss.report.tour import main

    assert main([]) == 2
    assert "OUT.svg" in capsys.readouterr().err
