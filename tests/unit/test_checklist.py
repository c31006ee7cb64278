"""The checklist: what runs and a fit already say, and what a study has to."""

from __future__ import annotations

import numpy as np

from isoloss import find_law, read_runs
from isoloss.trust.checks import Facts, checklist, synthetic
from isoloss.trust.checks.checklist import NOT_APPLICABLE, OMITTED, STATED


def by_key(items):
    return {item.key: item for item in items}


def test_the_groups_come_in_order_and_keys_are_unique():
    items = checklist(synthetic.healthy_runs(0))
    order = list(dict.fromkeys(item.group for item in items))
    assert order == ["form", "training", "data collection", "fitting"]
    assert len({item.key for item in items}) == len(items) == 30
    assert {item.status for item in items} <= {STATED, OMITTED, NOT_APPLICABLE}
    for item in items:
        assert bool(item.where) == (item.status != OMITTED)


def test_runs_alone_say_little_about_the_fit():
    items = by_key(checklist(synthetic.healthy_runs(0)))
    for key in ("form", "objective", "starts", "uncertainty", "optimizer", "evaluation-set"):
        assert items[key].status == OMITTED
    assert items["parameter-count"].where == "N counted as total"
    assert items["sizes"].where == "10M to 10B, 8 values"
    assert items["seeds"].where == "column 'seed': 0, 1"
    assert items["flop-count"].status == NOT_APPLICABLE


def test_a_fit_fills_in_how_it_was_made():
    fit = synthetic.healthy(0).fit
    items = by_key(checklist(fit.runs, fit))
    assert items["form"].where == "loss = E + A/N**alpha + B/D**beta"
    assert items["objective"].where == "huber-log, delta 0.001"
    assert "reached the optimum" in items["starts"].where
    assert items["uncertainty"].where == "80 draws (pair) of runs, 90% intervals"
    assert items["validation"].status == OMITTED


def test_facts_and_statements_count():
    held = synthetic.healthy_runs(1)
    facts = Facts(
        tuned_sizes=(1e8, 1e9),
        schedule="cosine",
        held_out=held,
        unique_tokens=1e12,
        stated={"optimizer": "section 2.1", "sizes": "table 4"},
    )
    items = by_key(checklist(synthetic.healthy_runs(0), facts=facts))
    assert items["optimizer"].where == "section 2.1"
    assert items["sizes"].where == "table 4"
    assert items["tuning"].where == "tuned at 100M and 1B parameters"
    assert items["schedule"].where == "cosine"
    assert items["validation"].where == f"64 held-out runs of {held.source}"
    assert items["repetition"].where == "at most 1 epochs"


def test_conventions_that_are_not_said_are_omitted():
    n = np.geomspace(1e7, 1e9, 6)
    table = {"N": n, "C": 6e9 * n, "loss": 2 + 50 / n**0.2}
    items = by_key(
        checklist(
            read_runs(table, where="N > 2e7"),
            find_law("power_floor(C)").fit(read_runs(table), draws=0),
        )
    )
    assert items["parameter-count"].status == OMITTED
    assert items["flop-count"].status == OMITTED
    assert items["tokens"].status == NOT_APPLICABLE
    assert items["left-out"].where == "kept where N > 2e7"
    assert items["uncertainty"].status == OMITTED
