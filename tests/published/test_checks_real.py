"""Faults that are known in published runs, found by the checks."""

from __future__ import annotations

import csv
import re
import time

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.trust.checks import CHECKS, Case, run_checks
from isoloss.trust.isoflop import agreement


def by_code(case):
    return {finding.code: finding for finding in run_checks(case)}


def chinchilla(shared, where=()):
    return read_runs(
        shared / "data/chinchilla_epoch.csv", map="N=params,D=tokens,loss=loss", where=where
    )


@pytest.fixture(scope="module")
def hoffmann(shared):
    return find_law("chinchilla").fit(chinchilla(shared), draws=300)


def test_the_five_outliers_of_hoffmann(hoffmann):
    finding = by_code(Case.of(hoffmann))["outliers"]
    assert finding.severity == "care"
    assert "5 of 245 runs" in finding.seen
    assert "(lines 2, 3, 4, 5, 6," in finding.seen
    assert "E is 1.8913 with them, 1.8172 without" in finding.seen
    assert "2143.4 without" in finding.seen


def test_the_ridge_of_hoffmann(hoffmann, shared):
    finding = by_code(Case.of(hoffmann))["tied-parameters"]
    assert finding.severity == "care"
    # B goes up thirty times with beta, and the floor E climbs with it
    assert "B 2." in finding.seen
    assert "with beta 0.3" in finding.seen
    assert "with E 1.8" in finding.seen
    assert "with E 1.9" in finding.seen
    # without the five, E is no longer part of it
    kept = find_law("chinchilla").fit(chinchilla(shared, "D/N > 0.5"), draws=300)
    rest = by_code(Case.of(kept)).get("tied-parameters")
    assert rest is None or (rest.severity == "note" and "with E" not in rest.seen)


def test_what_else_is_said_of_hoffmann(hoffmann):
    found = by_code(Case.of(hoffmann, {"N": 7e10, "D": 1.4e12}))
    assert found["outside-domain"].severity == "care"
    assert found["single-seed"].severity == "note"
    # the additive law leaves a bend, and no break or turn
    assert "residual-trend" in found
    assert found.keys().isdisjoint({"break", "not-monotone", "frontier-only", "saturated"})


def test_checks_of_245_runs_are_fast(hoffmann):
    case = Case.of(hoffmann, {"N": 7e10, "D": 1.4e12})
    run_checks(case)
    taken = {}
    for check in CHECKS:
        start = time.process_time()
        check.check(case)
        taken[check.CODE] = time.process_time() - start
    assert max(taken.values()) < 0.3, taken
    assert sum(taken.values()) < 2.0, taken


def test_joint_law_and_parabolas_of_the_other_240_agree(shared):
    fit = find_law("chinchilla").fit(chinchilla(shared, "D/N > 0.5"), draws=300)
    found = agreement(fit, compute=5.76e23, draws=100)
    assert found.agree
    # Besiroglu et al. 2024 have 72B for Gopher's compute
    assert found.rows[2].size.value == pytest.approx(72e9, rel=0.05)


@pytest.mark.parametrize(
    ("law", "data"),
    [("chinchilla", "refinedweb"), ("chinchilla", "owt2"), ("kaplan", "refinedweb")],
)
def test_the_exponent_of_porian_moves_with_the_count(shared, data, law):
    path = shared / "data/porian_isoflop.csv.gz"

    def read(exp):
        return read_runs(
            path,
            map="N=params,D=tokens,loss=loss",
            where=(f"summary == '{data}'", f"exp == {exp}"),
            conventions="N=non-embedding-plus-head",
        )

    # the same sixteen models: without embeddings in experiment 0, with the last layer in 1
    runs, kaplan = read(1), np.unique(read(0).columns["N"])
    standard = np.unique(runs.columns["N"])
    assert len(kaplan) == len(standard) == 16
    bare = kaplan[np.searchsorted(standard, runs.columns["N"])]
    case = Case.of(find_law(law).fit(runs, draws=100), other_sizes={"non-embedding": bare})
    finding = by_code(case)["counting-convention"]
    assert finding.severity == "care"
    assert "counted as non-embedding instead of non-embedding-plus-head" in finding.seen
    told = re.search(r"the exponent of the best size ([\d.]+) becomes ([\d.]+)", finding.seen)
    assert told
    was, becomes = (float(number) for number in told.groups())
    # theirs goes the same way, from 0.70 to 0.83 and from 0.70 to 0.87
    theirs = published_exponents(shared, data)
    assert theirs["0"] - theirs["1"] > 0.1
    assert becomes - was > 0.05


def published_exponents(shared, data):
    with (shared / "data/porian_fits.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["summary"] == data and r["fit"] == "basic"]
    return {row["exp"]: float(row["n_exponent"]) for row in rows}


def test_the_power_law_of_diloco_is_too_low_at_ten_billion(shared):
    runs = read_runs(
        shared / "data/diloco_eval_loss.csv",
        map="N=params_nominal,replicas=replicas,loss=eval_loss",
        where="replicas > 0",
    )
    case = Case.of(
        find_law("replicas").fit(runs, draws=200, objective="ls-log"), {"N": 1e10, "replicas": 2}
    )
    foretold = float(case.fit.predict(N=1e10, replicas=2).value[0])
    # Charles et al. 2025 foretell 2.006 and measure 2.086
    assert foretold == pytest.approx(2.006, abs=0.005)
    found = by_code(case)
    outside = found["outside-domain"]
    assert "N = 10B lies 0.6 decades above the runs (35M to 2.4B" in outside.seen
    assert "too low, more than their noise allows" in outside.seen
    # the law has no floor; one fits better and is nearer to what was measured
    assert "fits better" in found["floor"].seen
    with_floor = float(found["floor"].seen.split("it says ")[1].split(" ")[0])
    assert foretold + 0.02 < with_floor < 2.086
    assert "residual-trend" in found


def test_double_descent_turns(shared):
    runs = read_runs(
        shared / "data/double_descent_nlp.csv",
        map="N=n,loss=test_loss",
    )
    finding = by_code(Case.of(find_law("power_floor").fit(runs, draws=50)))["not-monotone"]
    assert "loss is worse by" in finding.seen


def test_repeated_data_costs(shared):
    runs = read_runs(
        shared / "data/sld_data_constrained.csv",
        map="N=params,D=tokens,U=unique_tokens,loss=loss",
    )
    found = by_code(Case.of(find_law("chinchilla").fit(runs, draws=50)))
    assert found["repeated-data"].severity == "stop"
    assert "ten times the epochs cost" in found["repeated-data"].seen
    # the law that knows of different tokens is not warned
    aware = by_code(Case.of(find_law("effective_data").fit(runs, draws=0)))
    assert "repeated-data" not in aware


def test_checkpoints_of_gemstones(shared):
    runs = read_runs(
        shared / "data/gemstones.csv.gz",
        map="N=params_active_precise,D=tokens,loss=final_loss",
        groups="run=run_name",
        where="subset == 'hot_477'",
    )
    finding = by_code(Case.of(find_law("chinchilla").fit(runs, draws=50)))["checkpoints-as-runs"]
    assert "checkpoints of 22 runs, 50.0 each" in finding.seen


def test_two_data_sets_of_gadre_lie_apart(shared):
    runs = read_runs(
        shared / "data/gadre_models.csv",
        map="N=params,D=tokens,loss=loss_c4_val",
        groups="dataset=dataset",
    )
    assert "mixed-groups" in by_code(Case.of(find_law("chinchilla").fit(runs, draws=50)))
