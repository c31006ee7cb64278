"""The page of federated runs: what was seen, and nothing where a slope may not be quoted."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.federated import (
    direct_slope,
    fit_federated,
    ladders,
    plan_federated,
    read_federated_runs,
)
from isoloss.federated.sweep import analyse
from isoloss.federated.sweep.analyse import analyse_grid
from isoloss.federated.sweep.grid import grid_of
from isoloss.report import federating
from isoloss.report.federated import federated_report
from isoloss.report.federated.contrast import contrast
from isoloss.report.federated.seen_sweep import seen_sweep
from isoloss.report.federated.seen_table import seen_table
from isoloss.report.federated.words import count, loss, signed
from isoloss.report.theme import LAW
from tests.federated.cases import table
from tests.federated.test_report_plans import EVIL, figure_of, said
from tests.federated.test_sweep_analyse import made


@pytest.fixture(scope="module")
def record():
    return federating.ladder_record()


@pytest.fixture(scope="module")
def analysis(record):
    return analyse(record)


@pytest.fixture(scope="module")
def page(analysis, record):
    return federated_report(analysis, runs=record)


@pytest.fixture(scope="module")
def digits():
    return read_federated_runs(ladders.path("federated_digits"))


def line_of(figure, width=2.2, colour=LAW):
    """The fitted line; None where there is none."""
    found = [t for t in figure.data if t.mode == "lines" and t.line.width == width]
    return next((t for t in found if t.line.color == colour), None)


def points(figure):
    return [t for t in figure.data if t.mode == "markers"]


def arrows(figure):
    return [note for note in figure.layout.annotations if note.showarrow]


def test_the_ladder_is_the_sweep_it_came_from(record, analysis):
    account = ladders.provenance("federated_digits").read_text()
    g = analysis.gamma
    assert f"gamma: {g.value:.2f} (90 %: {g.low:.2f} to {g.high:.2f})" in account
    assert len(record) == 1400


def test_points_intervals_and_line_are_the_analysis(page, analysis):
    marks = points(page.figures["slope"])
    for mark, optimum in zip(marks, analysis.optima, strict=True):
        assert mark.x[0] == optimum.clients
        assert mark.y[0] == pytest.approx(optimum.size.value, rel=1e-6)
        assert mark.y[0] + mark.error_y.array[0] == pytest.approx(optimum.size.high, rel=1e-6)
        assert mark.y[0] - mark.error_y.arrayminus[0] == pytest.approx(optimum.size.low, rel=1e-6)
    line = line_of(page.figures["slope"])
    slope = np.log(line.y[-1] / line.y[0]) / np.log(line.x[-1] / line.x[0])
    assert slope == pytest.approx(-analysis.gamma.value, rel=1e-5)
    assert signed(-analysis.gamma.value) in figure_of(page, "slope").conclusion
    lowest = points(page.figures["lowest"]) or list(page.figures["lowest"].data)
    assert lowest[0].y == pytest.approx([o.loss.value for o in analysis.optima], rel=1e-6)
    ratio = analysis.loss_ratio
    assert loss(ratio.value) in figure_of(page, "lowest").conclusion
    rows = figure_of(page, "slope").numbers.rows
    assert [row[1] for row in rows] == [count(o.size.value, 4) for o in analysis.optima]


def test_losses_are_means_at_the_best_rate(page, record, analysis):
    grid = grid_of(record)
    found = [t for t in page.figures["runs-0"].data if t.error_y.array is not None]
    wanted = grid.loss.mean(axis=-1).min(axis=-1)
    assert len(found) == len(analysis.optima)
    for trace, mean in zip(found, wanted, strict=True):
        assert trace.y == pytest.approx(mean, rel=1e-6)
    seen = seen_sweep(analysis, record)
    for one, optimum in zip(seen.slices, analysis.optima, strict=True):
        x, y = one.arc
        # the parabola goes through the lowest mean, and its lowest point is N_opt
        assert np.interp(np.log(one.best.value), np.log(x), y) == pytest.approx(y.min(), rel=1e-3)
        assert one.bottom <= optimum.loss.value + 1e-12
        assert one.best == optimum.size


def test_a_refused_slope_draws_no_line():
    runs = made(0.5, best=30000.0, clients=(1, 4, 16))
    found = analyse(runs)
    assert found.gamma is None
    page = federated_report(found, runs=runs)
    figure = page.figures["slope"]
    assert line_of(figure) is None
    assert not any(t.fillcolor and LAW[1:] in t.fillcolor for t in figure.data)
    # one above each of the two bounds, and none at the size that was found
    assert len(arrows(figure)) == 2
    assert all(note.yshift > 0 for note in arrows(figure))
    assert [t.marker.symbol for t in points(figure)] == ["diamond-open", "diamond-open", "diamond"]
    assert all(note.xshift > 0 for note in arrows(page.figures["runs-0"]))
    shown = figure_of(page, "slope")
    assert shown.conclusion == "No slope is quoted."
    assert f"No line is drawn: {found.bound}." in shown.shows
    assert [row[1][:8] for row in shown.numbers.rows[:2]] == ["at least", "at least"]
    assert page.document.lead[0].verdict == "do not use it there"


def test_a_rate_at_the_end_is_hollow_without_an_arrow():
    runs = made(0.5, rate=lambda width: 9.0 + 0 * width)
    found = analyse(runs)
    page = federated_report(found, runs=runs)
    assert found.gamma is None
    assert line_of(page.figures["slope"]) is None
    assert not arrows(page.figures["slope"])
    assert {t.marker.symbol for t in points(page.figures["slope"])} == {"diamond-open"}


def test_a_quoted_slope_draws_one():
    runs = made(0.25)
    page = federated_report(analyse(runs), runs=runs)
    assert line_of(page.figures["slope"]) is not None


def test_the_law_beside_them_has_the_slope_of_a_plan(analysis, record):
    seen = seen_sweep(analysis, record)
    found = contrast(seen, "besiroglu2024", np.array([1, 4, 64]))
    plan = plan_federated("besiroglu2024", clients=64, flops=1e21, rho=1)
    assert found.full[-1] == pytest.approx(plan.ratio_to_central)
    assert found.ideal == pytest.approx([1, 1, 1])
    page = federated_report(analysis, runs=record, law="besiroglu2024")
    assert f"dashed, its slope is {signed(found.slope)}" in figure_of(page, "slope").shows
    # where each client has its own compute, the bound keeps the size and the ideal grows
    each = contrast(replace(seen, per_client=True), "besiroglu2024", np.array([1, 4, 64]))
    assert each.full == pytest.approx([1, 1, 1])
    assert each.ideal[-1] == pytest.approx(1 / plan.ratio_to_central)


def test_runs_of_something_else_are_refused(analysis, digits):
    with pytest.raises(InputError, match="not those of the analysis"):
        federated_report(analysis, runs=grid_of(made(clients=(1, 2, 4, 8, 16))))
    with pytest.raises(InputError, match="needs the runs"):
        federated_report(analysis)
    with pytest.raises(InputError, match="SweepRecord or Grid"):
        federated_report(analysis, runs="sweep.csv")
    alike = digits.select(digits.columns["skew"] == 0)
    with pytest.raises(InputError, match="not those of the direct slope"):
        federated_report(direct_slope(alike), runs=read_federated_runs(table(0.5)))


def test_a_grid_from_elsewhere():
    grid = replace(grid_of(made(0.4)), shared={"mode": "total"})
    found = analyse_grid(grid, (), "nats/token", f"ladder {EVIL}")
    page = federated_report(found, runs=grid, title=EVIL)
    assert "loss, nats/token" in page.figures["runs-0"].layout.yaxis.title.text
    html = page.html()
    assert "window.hurt=1" in html
    assert "<script>window.hurt" not in html
    assert "<img src=x" not in html


def test_a_plain_table_of_runs(digits):
    direct = direct_slope(digits)
    page = federated_report(direct, runs=digits)
    seen = seen_table(direct, digits)
    assert seen.groups == ("data alike", "Dirichlet 0.3")
    marks = points(page.figures["slope"])
    assert [t.y[0] for t in marks] == pytest.approx([p.size for p in direct.points], rel=1e-6)
    assert all(one.best.low <= one.best.value * 1.1 for one in seen.slices)
    assert all(np.isfinite(one.best.low + one.best.high) for one in seen.slices)
    assert signed(-direct.gamma.value) in figure_of(page, "slope").conclusion
    assert "A parabola is a poor guide here" in figure_of(page, "runs").shows
    assert {"runs-0", "runs-1"} <= set(page.figures)
    # a parabola that misses is no ground for more than care
    assert page.document.lead[0].verdict == "use it with care"
    assert not re.search(r"\bnan\b", said(page))


def test_the_intervals_of_a_table_are_those_of_its_slope(digits):
    alike = digits.select(digits.columns["skew"] == 0)
    seen = seen_table(direct_slope(alike), alike)
    # 90 % of N_opt(16) / N_opt(1) by the ends, wider than by common seeds
    first, last = seen.slices[0].best, seen.slices[-1].best
    assert first.low < first.value < first.high
    assert last.low < last.value < last.high


def test_a_refused_slope_of_a_table_draws_no_line(digits):
    alike, some = digits.columns["skew"] == 0, np.isin(digits.columns["K"], (1, 2, 16))
    small = digits.select(alike & some & (digits.columns["N"] > 1000))
    direct = direct_slope(small)
    assert direct.gamma is None
    page = federated_report(direct, runs=small)
    assert line_of(page.figures["slope"]) is None
    # the last one lies below the sizes, at most at their lower end
    down = arrows(page.figures["slope"])
    assert down
    assert all(arrow.yshift < 0 for arrow in down)
    assert points(page.figures["slope"])[-1].y[0] == pytest.approx(direct.points[-1].sizes[0])
    assert direct.bound[1:60] in page.document.lead[0].text
    assert figure_of(page, "slope").conclusion.startswith(
        "No slope is quoted; gamma is at least 0."
    )
    assert direct.bound in figure_of(page, "slope").shows


def test_a_fit_shows_its_law_beside_the_slope():
    columns = table(0.6, seeds=3, budgets=(1e19, 1e21))
    runs = read_federated_runs(columns)
    fit = fit_federated(runs, draws=60)
    page = federated_report(fit, runs=runs)
    text = said(page)
    assert f"{fit.rho.value:.3f}" in text
    assert fit.belief.which in text
    assert next(s for s in page.document.sections if s.id == "fit").blocks[0].law.id == "federated"


def test_too_few_sizes_leave_words_in_place_of_figures():
    columns = table(0.6, sizes=3, budgets=(1e19, 1e20, 1e21))
    runs = read_federated_runs(columns)
    fit = fit_federated(runs, draws=40)
    assert fit.direct is None
    page = federated_report(fit, runs=runs)
    assert not page.figures
    assert "No best size can be read off" in said(page)
    assert page.html()


def test_the_same_runs_give_the_same_page(page, analysis, record):
    assert federated_report(analysis, runs=record).html() == page.html()
    assert not re.search(r"exponent[^.]*2511", said(page))


def test_the_picture_of_the_documentation(analysis, record, tmp_path, capsys):
    assert federating.main([str(tmp_path / "a.svg")]) == 0
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text == federating.federated_svg(seen_sweep(analysis, record))
    root = ElementTree.fromstring(text)
    words = [one.text for one in root.iter() if one.tag.endswith("text")]
    g = analysis.gamma
    assert any(f"slope \u2212{g.value:.2f}, 90 % \u2212{g.high:.2f}" in w for w in words)
    assert any("reconstruction, ρ = 1: \u22120.45" in w for w in words)
    assert [w for w in words if w.startswith("K = ")] == [f"K = {k}" for k in (1, 2, 4, 8, 16)]
    assert "prefers-color-scheme: dark" in text
    assert "<script" not in text
    assert not re.search(r"\d\.\d{3}", text)
    assert federating.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_picture_draws_no_line_where_the_slope_is_refused():
    runs = made(0.5, best=30000.0)
    text = federating.federated_svg(seen_sweep(analyse(runs), runs))
    assert "runs: slope" not in text
    assert "<polygon" not in text
