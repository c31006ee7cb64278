"""Iso-FLOP sweeps: parabolas and their bias, the envelope, and three approaches side by side."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss import find_law, read_runs, store
from isoloss.exceptions import InputError
from isoloss.trust.isoflop import agreement, envelope, parabola, parabola_bias, slices_of
from isoloss.trust.isoflop.optimum import best_size

BESIROGLU = (0.3478, 0.3658)
BUDGETS = np.geomspace(1e18, 1e22, 5)


def best(alpha, beta, compute, a=482.0, b=2085.0):
    factor = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    return factor * (np.asarray(compute) / 6) ** (beta / (alpha + beta))


def sweeps(alpha, beta, width, off=0.0, sizes=9, noise=0.0, seed=0):
    """Sweeps of `width` decades to either side of a middle `off` decades above the best size."""
    rng = np.random.default_rng(seed)
    budget = np.repeat(BUDGETS, sizes)
    n = best(alpha, beta, budget) * np.tile(10 ** (np.linspace(-width, width, sizes) + off), 5)
    d = budget / (6 * n)
    loss = 1.8 + 482.0 / n**alpha + 2085.0 / d**beta
    table = {"N": n, "D": d, "loss": loss * np.exp(noise * rng.standard_normal(len(n)))}
    return read_runs(table, map="N=N,D=D,loss=loss")


def curves(noise=0.001, seed=0, count=20, points=40):
    """Training curves at a constant rate, so that every checkpoint is a run of its length."""
    rng = np.random.default_rng(seed)
    n = np.repeat(np.geomspace(1e7, 1e10, count), points)
    d = np.tile(np.geomspace(0.7, 200, points), count) * n
    drift = np.repeat(noise * rng.standard_normal(count), points)
    loss = (1.8 + 480 / n**0.35 + 2100 / d**0.37) * np.exp(drift)
    names = np.repeat([f"run{k}" for k in range(count)], points)
    table = {"N": n, "D": d, "loss": loss, "run": names}
    return read_runs(table, map="N=N,D=D,loss=loss", groups="run=run")


# measured for another implementation at 1e25 FLOP with nine sizes a budget
@pytest.mark.parametrize(
    ("exponents", "width", "off", "percent"),
    [
        ((0.31, 0.31), 1.0, 0.0, 0.0),
        ((0.31, 0.31), 1.5, 0.0, 0.0),
        (BESIROGLU, 1.0, 0.0, -1.2),
        (BESIROGLU, 1.5, 0.0, -2.6),
        (BESIROGLU, 0.5, 0.5, 6.4),
        ((0.16, 0.48), 1.0, 0.0, -18.4),
        ((0.16, 0.48), 1.5, 0.0, -36.0),
        ((0.16, 0.48), 0.5, 0.5, 18.8),
    ],
)
def test_the_bias_of_parabolas_without_noise(exponents, width, off, percent):
    fit = find_law("chinchilla").fit(sweeps(*exponents, width, off), draws=20)
    bias = parabola_bias(fit, compute=1e25)
    assert 100 * bias.relative == pytest.approx(percent, abs=0.05)
    # every budget is swept alike, so only the factor is wrong
    assert bias.found_exponent == pytest.approx(bias.true_exponent, abs=1e-6)
    assert bias.true_exponent == pytest.approx(exponents[1] / sum(exponents), abs=1e-6)
    np.testing.assert_allclose(bias.true, best(*exponents, BUDGETS), rtol=1e-6)
    assert bias.low <= bias.relative + 1e-9
    assert bias.high >= bias.relative - 1e-9


def test_sweeps_whose_middle_drifts_bias_the_exponent():
    budget = np.repeat(BUDGETS, 9)
    drift = np.repeat(np.linspace(-0.3, 0.6, 5), 9)
    n = best(0.16, 0.48, budget) * 10 ** (np.tile(np.linspace(-0.7, 0.7, 9), 5) + drift)
    d = budget / (6 * n)
    loss = 1.8 + 482 / n**0.16 + 2085 / d**0.48
    fit = find_law("chinchilla").fit(
        read_runs({"N": n, "D": d, "loss": loss}, map="N=N,D=D,loss=loss"), draws=0
    )
    bias = parabola_bias(fit)
    assert abs(bias.found_exponent - bias.true_exponent) > 0.01
    assert bias.budget == pytest.approx(1e22)
    assert "without any noise" in str(bias)


def test_parabolas_find_the_best_size_of_a_symmetric_law():
    found = parabola(sweeps(0.31, 0.31, 1.0, noise=0.0), draws=10)
    np.testing.assert_allclose(found.size, best(0.31, 0.31, BUDGETS), rtol=1e-6)
    assert found.covered.all()
    assert found.allocation.a.value == pytest.approx(0.5, abs=1e-9)
    assert found.allocation.size(1e20).value == pytest.approx(best(0.31, 0.31, 1e20), rel=1e-6)


def test_a_lowest_point_outside_of_the_sizes_does_not_count():
    runs = sweeps(0.31, 0.31, 0.6, noise=0.0)
    largest = runs.columns["N"] * runs.columns["D"] > 1e21
    cut = runs.where("N*D < 1e21")
    # at the largest budget only sizes above the best one were run
    high = read_runs(
        {
            name: np.append(cut.columns[name], runs.columns[name][largest][5:])
            for name in ("N", "D", "loss")
        },
        map="N=N,D=D,loss=loss",
    )
    found = parabola(high, draws=10)
    assert found.covered.tolist() == [True, True, True, True, False]
    assert found.allocation.a.value == pytest.approx(0.5, abs=1e-6)
    bias = parabola_bias(find_law("chinchilla").fit(high, draws=0))
    assert np.isnan(bias.found).tolist() == [False, False, False, False, True]
    assert abs(bias.relative) < 1e-6


def test_the_same_seed_gives_the_same_draws():
    runs = sweeps(*BESIROGLU, 1.0, sizes=7, noise=0.005)
    one, two = (parabola(runs, draws=50, seed=3).allocation.draws for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_intervals_of_parabolas_hold_what_they_say():
    aim = parabola(sweeps(*BESIROGLU, 1.0, sizes=7), draws=2).allocation.exponent
    held = []
    for seed in range(300):
        runs = sweeps(*BESIROGLU, 1.0, sizes=7, noise=0.005, seed=seed)
        a = parabola(runs, draws=200, seed=seed).allocation.a
        held.append(a.low <= aim <= a.high)
    assert 0.84 <= np.mean(held) <= 0.95


def test_runs_are_grouped_by_compute():
    runs = sweeps(*BESIROGLU, 1.0)
    found = slices_of(runs)
    np.testing.assert_allclose([s.budget for s in found], BUDGETS, rtol=1e-9)
    assert [len(s.runs) for s in found] == [9] * 5
    assert all(s.flop == pytest.approx(6) for s in found)
    # a cloud of runs has no budgets
    rng = np.random.default_rng(0)
    n, d = 10 ** rng.uniform(7, 10, 60), 10 ** rng.uniform(9, 12, 60)
    cloud = read_runs({"N": n, "D": d, "loss": 2 + 0 * n}, map="N=N,D=D,loss=loss")
    with pytest.raises(InputError, match="approach 2 needs two budgets"):
        parabola(cloud)


def test_compute_of_another_convention_is_used():
    runs = sweeps(*BESIROGLU, 1.0)
    double = {**runs.columns, "C": 12 * runs.columns["N"] * runs.columns["D"]}
    table = read_runs(double, map="N=N,D=D,C=C,loss=loss")
    assert [s.flop for s in slices_of(table)] == pytest.approx([12.0] * 5)
    fit = find_law("chinchilla").fit(table, draws=0)
    np.testing.assert_allclose(parabola_bias(fit).true, best(*BESIROGLU, BUDGETS), rtol=1e-6)


def test_the_envelope_of_curves_finds_the_exponent():
    found = envelope(curves(noise=0.0), draws=30)
    assert found.allocation.a.value == pytest.approx(0.37 / 0.72, abs=0.02)
    size = found.allocation.size(1e20)
    assert size.value == pytest.approx(best(0.35, 0.37, 1e20, 480, 2100), rel=0.1)
    assert size.low < size.value * 1.05
    assert found.curves == 20
    # neither end of the sizes holds a budget
    assert found.size.min() > 1e7
    assert found.size.max() < 1e10


def test_the_envelope_needs_curves():
    with pytest.raises(InputError, match="groups 'run=run_name'"):
        envelope(sweeps(*BESIROGLU, 1.0))
    few = curves(count=3)
    with pytest.raises(InputError, match=r"curves of four sizes; .* has 3"):
        envelope(few)


def test_three_approaches_agree_on_runs_that_suit_them():
    # checkpoints at common budgets: curves for approach 1, and sweeps for approach 2
    rng = np.random.default_rng(0)
    n, c = (
        a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e10, 19), np.geomspace(1e17, 1e22, 21))
    )
    d = c / (6 * n)
    usual = (d / n > 2) & (d / n < 200)
    n, d = n[usual], d[usual]
    loss = (1.8 + 480 / n**0.35 + 2100 / d**0.37) * np.exp(0.002 * rng.standard_normal(len(n)))
    names = np.array([f"size {size:.3g}" for size in n])
    runs = read_runs({"N": n, "D": d, "loss": loss, "run": names}, groups="run=run")
    fit = find_law("chinchilla").fit(runs, draws=100)
    found = agreement(fit, compute=1e20, draws=100)
    assert all(row.size is not None for row in found.rows)
    for row in found.rows:
        assert row.size.value == pytest.approx(best(0.35, 0.37, 1e20, 480, 2100), rel=0.15)
        assert row.exponent.value == pytest.approx(0.37 / 0.72, abs=0.05)
    assert found.agree is True
    assert "they agree within intervals" in str(found)


def test_a_biased_approach_is_found_apart():
    fit = find_law("chinchilla").fit(sweeps(0.16, 0.48, 1.0, noise=0.001), draws=100)
    found = agreement(fit, draws=100)
    assert found.agree is False
    assert found.apart == (("2 parabolas", "3 joint law"),)
    assert found.bias is not None
    assert "-18" in found.rows[1].note
    assert found.rows[0].size is None
    assert "does not apply" in str(found)
    assert "they disagree: 2 parabolas and 3 joint law" in str(found)
    document = found.to_document()
    assert '"agree": false' in store.dumps(document)
    fair = find_law("chinchilla").fit(sweeps(*BESIROGLU, 0.5, noise=0.002), draws=100)
    assert agreement(fair, draws=100).agree is True


def test_a_law_of_other_inputs_has_no_best_size():
    fit = find_law("power_floor").fit(
        read_runs(
            {"N": np.geomspace(1e7, 1e9, 8), "loss": 2 + np.geomspace(1, 0.1, 8)},
            map="N=N,loss=loss",
        ),
        draws=0,
    )
    with pytest.raises(InputError, match="needs a law in N and D"):
        best_size(fit.law, fit.point[None, :], 1e20)


def test_the_numeric_best_size_is_the_closed_form():
    fit = find_law("chinchilla").fit(sweeps(*BESIROGLU, 1.0), draws=0)
    for flop in (6.0, 8.0):
        found = np.exp(best_size(fit.law, fit.point[None, :], BUDGETS * flop / 6, flop)[0])
        np.testing.assert_allclose(found, best(*BESIROGLU, BUDGETS), rtol=1e-7)
