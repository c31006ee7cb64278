"""Forms ranked by what they foretell of hidden runs."""

import numpy as np
import pytest

from isoloss import InputError, read_runs
from isoloss.law import forms
from isoloss.trust import choose, rank


def table(noise: float = 0.002, seed: int = 0):
    """Runs of a law with an outer exponent, 7 sizes by 7 lengths."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 3e9, 7), np.geomspace(1e9, 1e11, 7)))
    law = forms()["coupled"]
    at = {p.name: p.typical for p in law.parameters}
    loss = law({"N": n, "D": d, **at})
    loss = loss * np.exp(noise * np.random.default_rng(seed).standard_normal(n.size))
    return read_runs({"N": n, "D": d, "loss": loss}, map="N=N,D=D,loss=loss")


def test_the_form_that_made_the_runs_is_first_and_a_floorless_one_far_behind():
    found = rank(["kaplan", "chinchilla", "coupled"], table())
    assert found.rows[0].law.id == "coupled"
    assert found.rows[0].hidden_error < 0.004
    errors = {row.law.id: row.hidden_error for row in found.rows}
    assert errors["kaplan"] > 2 * errors["coupled"]
    assert found.rows[0].aicc == 0.0
    assert (found.hidden, found.runs) == (10, 49)


def test_hidden_runs_are_the_largest_ones():
    found = rank(["power_floor(N)"], table())
    runs = table()
    size = np.sort(runs.columns["N"] * runs.columns["D"])
    assert found.beyond == pytest.approx(size[-1] / size[38])


def test_a_law_that_cannot_be_fitted_is_a_row_with_its_reason():
    runs = table().select(np.arange(49) < 6)
    found = rank(["power_floor(N)", "coupled"], runs)
    row = next(r for r in found.rows if r.law.id == "coupled")
    assert row.refused
    assert np.isnan(row.hidden_error)
    assert found.rows[-1].law.id == "coupled"


def test_a_flexible_form_pays_for_its_parameters():
    """On runs of a plain law the corrected criterion prefers the plain one."""
    n = np.geomspace(1e7, 1e10, 24)
    rng = np.random.default_rng(3)
    loss = (1.8 + 60 / n**0.25) * np.exp(0.003 * rng.standard_normal(24))
    runs = read_runs({"N": n, "loss": loss}, map="N=N,loss=loss")
    found = rank(["power_floor", "shifted_power", "m4"], runs, objective="ls-log")
    assert min(found.rows, key=lambda row: row.aicc).law.id == "power_floor"


def test_choose_takes_families_names_and_formulas():
    runs = table()
    dense = {law.id for law in choose("dense", runs)}
    assert {"chinchilla", "coupled", "kaplan"} <= dense
    assert all(set(law.variable_names) <= {"N", "D"} for law in choose("all", runs))
    assert [law.id for law in choose("kaplan, power(D),bnsl(breaks=1)", runs)] == [
        "kaplan",
        "power(D)",
        "bnsl(breaks=1)",
    ]
    with pytest.raises(InputError, match="no law of 'moe' has the target loss"):
        choose("moe", runs)
    with pytest.raises(InputError, match="no law is called 'nonsense'"):
        choose("nonsense", runs)


@pytest.mark.parametrize("hidden", [0.0, 1.0, -1.0])
def test_a_share_outside_its_range_is_refused(hidden):
    with pytest.raises(InputError, match="between 0 and 1"):
        rank(["power(N)"], table(), hidden=hidden)
