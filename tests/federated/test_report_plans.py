"""The page of federated plans: its numbers are those of the plans and of their law."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.federated import (
    choose_federated,
    federated_law,
    fit_federated,
    plan_federated,
    read_federated_runs,
)
from isoloss.federated.network import Datacentres, Star, straggler_factor
from isoloss.federated.provenance import MEANING
from isoloss.report.federated import federated_report
from isoloss.report.federated.asked import asked
from isoloss.report.federated.lines import lines
from isoloss.report.federated.words import count, lasting, loss, span
from tests.federated.cases import table

STAR = Star(2e12, 20e6, 100e6, 1e9, 0.05, straggler_sigma=0.3)
EVIL = "</script><script>window.hurt=1</script><img src=x onerror=hurt()>"


@pytest.fixture(scope="module")
def plans():
    return plan_federated("hoffmann2022_a3", clients=[1, 8, 64], flops=1e21)


@pytest.fixture(scope="module")
def page(plans):
    return federated_report(plans)


@pytest.fixture(scope="module")
def timed():
    made = plan_federated(
        "besiroglu2024", clients=[1, 8, 64], flops=1e20, rho="diloco", network=STAR, batch=8192
    )
    return made, federated_report(made)


def marks(figure):
    """x and y of every diamond."""
    found = [
        (x, y)
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "markers"
        for x, y in zip(trace.x, trace.y, strict=True)
    ]
    return tuple(np.array(found).T)


def said(page):
    """All words of a page, without its figures."""
    return json.dumps(page.document.to_document(), ensure_ascii=False)


def figure_of(page, name):
    return next(one for one in page.document.figures if one.id == name)


def test_the_plans_stand_in_the_figures_and_tables(plans, page):
    k = [1, 8, 64]
    for name, quantity in (
        ("sizes", "n_params"),
        ("gap-loss", "loss_gap"),
        ("gap-compute", "compute_multiplier"),
    ):
        x, y = marks(page.figures[name])
        assert x.tolist() == k
        assert y == pytest.approx([getattr(p, quantity) for p in plans.plans], rel=1e-6, abs=1e-12)
    rows = figure_of(page, "sizes").numbers.rows
    assert [row[:3] for row in rows] == [
        (f"{p.clients}", count(p.n_params), span(*p.bands["rho"]["n_params"])) for p in plans.plans
    ]
    last = plans.plans[-1]
    text = said(page)
    assert count(last.n_params, 5) == "278.86M"
    assert "278.86M" in text
    assert f"loss at {loss(last.loss)}" in text
    assert "2.900" in text
    assert "64 times the compute would reach its loss" in text


def test_the_lowest_points_are_joined_and_are_the_plans(plans, page):
    x, y = marks(page.figures["losses-0"])
    assert x == pytest.approx([p.n_params for p in plans.plans], rel=1e-6)
    assert y == pytest.approx([p.loss for p in plans.plans], rel=1e-6)
    dashed = [t for t in page.figures["losses-0"].data if t.line.dash == "dash"]
    assert len(dashed) == 1
    assert (dashed[0].x[0], dashed[0].x[-1]) == pytest.approx((x[0], x[-1]), rel=1e-6)
    # the second panel is DiLoCo's reading of the same plan
    there = {one.name: one for one in plans.plans[-1].scenarios}
    assert marks(page.figures["losses-1"])[0][-1] == pytest.approx(
        there["diloco"].n_params, rel=1e-6
    )
    for trace in page.figures["losses-0"].data:
        if trace.mode == "lines" and trace.line.dash == "solid":
            known = np.array([v is not None for v in trace.y])
            assert min(np.array(trace.y)[known]) >= min(y) * (1 - 1e-6)


def test_lines_are_the_law_at_every_number_of_clients(plans):
    made = asked(plans)
    full, diloco, ideal = lines(made)
    assert full.slope("n_params") == pytest.approx(-0.28 / 0.62, abs=2e-3)
    assert ideal.values["n_params"] == pytest.approx(
        np.full(len(ideal.clients), 1.8242e9), rel=1e-4
    )
    assert full.values["compute_multiplier"] == pytest.approx(full.clients)
    at = int(np.flatnonzero(diloco.clients == 64)[0])
    low, high = (
        plan_federated("hoffmann2022_a3", clients=64, flops=1e21, rho=rho).n_params
        for rho in (0.25, 0.18)
    )
    assert diloco.low["n_params"][at] == pytest.approx(low)
    assert diloco.high["n_params"][at] == pytest.approx(high)
    assert made.most == 512


def test_the_shading_reaches_from_the_bound_to_the_ideal(plans, page):
    full, _, ideal = lines(asked(plans))
    shaded = next(t for t in page.figures["sizes"].data if t.fill == "toself")
    n = len(full.clients)
    assert shaded.y[:n] == pytest.approx(ideal.values["n_params"], rel=1e-6)
    assert shaded.y[n:][::-1] == pytest.approx(full.values["n_params"], rel=1e-6)


def test_an_extrapolation_is_dotted_and_said(page):
    caption = figure_of(page, "sizes").shows
    assert "DiLoCo tables from K = 9 on" in caption
    dotted = [t for t in page.figures["sizes"].data if t.line.dash == "dot"]
    assert dotted
    assert all(
        x >= 8
        for t in dotted
        for x, y in zip(t.x, t.y, strict=True)
        if y is not None and t.line.color == "#2f8577"
    )
    assert "all of K = 64 at ρ = 0.22" in figure_of(page, "losses").shows


def test_time_and_traffic_are_the_networks(timed):
    plans, page = timed
    bars = [t for t in page.figures["clock-shares"].data if t.type == "bar"]
    for i, plan in enumerate(plans.plans):
        assert sum(t.x[i] for t in bars) == pytest.approx(100, abs=1e-4)
        total = plan.timing.wall_clock_s
        slow = straggler_factor(plan.clients, 0.3)
        computing = bars[0].x[i] / 100 * total
        assert computing == pytest.approx(plan.timing.parts["compute"] / slow, rel=1e-5)
    x, y = marks(page.figures["clock-total"])
    assert x.tolist() == [1, 8, 64]
    assert y == pytest.approx([p.wall_clock_s for p in plans.plans], rel=1e-6)
    x, y = marks(page.figures["traffic-total"])
    assert y == pytest.approx([p.traffic_bytes for p in plans.plans[1:]], rel=1e-6)
    last = plans.plans[-1]
    assert lasting(last.wall_clock_s) in figure_of(page, "clock").conclusion
    assert "waiting for stragglers" in figure_of(page, "clock").conclusion
    assert "the same whatever the size" in figure_of(page, "traffic").conclusion
    assert {"clock", "traffic"} <= {s.id for s in page.document.sections}


def test_without_a_network_there_is_no_time(page):
    assert {"clock", "traffic"}.isdisjoint(s.id for s in page.document.sections)


def test_every_figure_says_where_its_numbers_come_from(page, timed):
    for one in (*page.document.figures, *timed[1].document.figures):
        found = re.search(r"Provenance: (.*)\.$", one.shows)
        assert found, one.id
        assert set(found[1].split(", ")) <= set(MEANING)
        assert one.numbers is not None
        assert one.conclusion
        assert one.alt
    assert "arithmetic" in figure_of(timed[1], "clock").shows


def test_no_exponent_is_the_papers(page, timed):
    for text in (said(page), said(timed[1])):
        around = [text[m.start() : m.end() + 250] for m in re.finditer("2511.12188", text)]
        assert around
        for words in around:
            assert not re.search(r"\d\.\d", words.replace("2511.12188", "")), words
        assert "that paper's" in text


def test_a_law_that_is_not_the_plans(plans):
    with pytest.raises(InputError, match=r"says loss .* at K = 1, the plan says 2\.32888"):
        federated_report(plans, law="besiroglu2024")
    unknown = replace(plans.plans[1], law={**plans.plans[1].law, "law": "mine"})
    with pytest.raises(InputError, match="'mine' cannot be looked up"):
        federated_report(unknown)
    with pytest.raises(InputError, match="got int"):
        federated_report(3)


def test_a_fitted_law_brings_its_own_band():
    made = fit_federated(read_federated_runs(table(0.6, seeds=3)), draws=60)
    plans = plan_federated(made, clients=[4, 16], flops=1e20)
    page = federated_report(plans, law=made)
    own = lines(asked(plans, made))[3]
    assert own.name.startswith("fitted ρ = 0.5")
    at = int(np.flatnonzero(own.clients == 16)[0])
    low, high = plans.plans[1].bands["law"]["n_params"]
    assert (own.low["n_params"][at], own.high["n_params"][at]) == pytest.approx((low, high))
    assert "your runs" in figure_of(page, "sizes").shows


def test_a_choice_and_one_plan_in_data_centres():
    rings = Datacentres(256, 3e14, 4e11, 1e10, 1e-4, 1e-2)
    choice = choose_federated(
        "hoffmann2022_a3", network=rings, batch=1e6, time_budget_s=86400, clients=[1, 4], rho=0.3
    )
    page = federated_report(choice)
    rows = next(s for s in page.document.sections if s.id == "choice").blocks[1].rows
    assert [row[0] for row in rows] == [f"{c.clients}" for c in choice.candidates]
    one = plan_federated("hoffmann2022_a3", clients=4, flops_per_client=1e20, rho=(0.2, 0.6))
    page = federated_report(one)
    assert page.document.title == "Training among 4 clients"
    assert marks(page.figures["sizes"])[1][0] == pytest.approx(one.n_params, rel=1e-6)
    # at fixed compute of each client the reconstruction keeps the size
    assert lines(asked(one))[0].slope("n_params") == pytest.approx(0, abs=1e-9)


def test_memory_is_drawn_and_named():
    plan = plan_federated("hoffmann2022_a3", clients=8, flops=1e21, client_memory=8e9, rho=0.5)
    page = federated_report(plan)
    texts = [note.text for note in page.figures["sizes"].layout.annotations]
    assert "memory holds" in texts
    assert plan.n_params == pytest.approx(5e8)
    assert "500M" in said(page)


def test_hostile_names_stay_text():
    from plotly.offline import get_plotlyjs

    made = replace(federated_law("hoffmann2022_a3"), name=EVIL)
    page = federated_report(
        plan_federated(made, clients=[1, 8], flops=1e21), law=made, title=f"{EVIL} page"
    )
    html = page.html().replace(get_plotlyjs(), "")
    assert "window.hurt=1" in html
    assert "<script>window" not in html
    assert "<img" not in html
    assert html.count("<script") == 3
    for figure in page.figures.values():
        assert "<script" not in figure.to_json()
    assert "<script" not in page.markdown().replace("\\<", "")


def test_one_file_that_loads_nothing_and_is_the_same_again(plans, page, tmp_path):
    page.save(tmp_path / "a.html")
    federated_report(plans).save(tmp_path / "b.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(link|img|iframe)|<script[^>]+src", text.split("<script>")[0])
    page.save(tmp_path / "a.md")
    with pytest.raises(InputError, match=r"\.html or \.md"):
        page.save(tmp_path / "a.pdf")
    assert json.dumps(page.to_document()["result"]["title"])
    assert page.to_document()["schema"] == "isoloss/federated-report@1"
