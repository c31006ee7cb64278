"""Repetition, over-training and inference-aware laws: printed points, and refits on open runs."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from isoloss import find_law, read_runs
from isoloss.law.published import published_laws


@pytest.mark.parametrize(
    ("n", "d", "u", "printed"),
    # README of huggingface/datablations, Parametric Fit: models of figure 1
    [(6.34e9, 242e9, 25e9, 2.2256440889984477), (8.67e9, 178e9, 25e9, 2.2269634075087867)],
)
def test_muennighoff_prints_these_two_losses(n, d, u, printed):
    law = published_laws()["muennighoff2023"]
    assert law.evaluate({"N": n, "D": d, "U": u}).value == pytest.approx(printed, rel=1e-14)


def test_muennighoff_in_effective_quantities():
    """The law of the source in U_N, R_N, U_D, R_D is the one in N, D, U."""
    law = published_laws()["muennighoff2023"]
    numbers = law.values()
    size, data, alpha = np.exp(numbers["a"]), np.exp(numbers["b"]), numbers["alpha"]
    fit_of = (size / data) ** (0.5 / alpha)
    # the size that suits the distinct tokens, U_N = G*(U*G) at equal exponents: 0.0510*U
    assert fit_of**2 == pytest.approx(0.0510, abs=5e-5)
    rng = np.random.default_rng(0)
    n, u = 10 ** rng.uniform(7, 10, 50), 10 ** rng.uniform(8, 11, 50)
    d = u * 10 ** rng.uniform(0, 2.5, 50)
    suits = np.minimum(n, fit_of * (u * fit_of))
    r_n, r_d = np.maximum(n / suits - 1, 0), np.maximum(d / u - 1, 0)
    star_n, star_d = numbers["R_N"], numbers["R_D"]
    n_eff = suits + suits * star_n * (1 - np.exp(-r_n / star_n))
    d_eff = u + u * star_d * (1 - np.exp(-r_d / star_d))
    wanted = np.exp(numbers["e"]) + size / n_eff**alpha + data / d_eff**alpha
    found = law.law({"N": n, "D": d, "U": u, **numbers})
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    # tokens that were never reached count neither as seen nor as distinct
    more, same = ({"N": 1e9, "D": 1e10, "U": u} for u in (5e10, 1e10))
    assert law.evaluate(more).value <= law.evaluate(same).value


def test_one_epoch_is_chinchilla_and_four_are_nearly_new_data():
    law = published_laws()["muennighoff2023"]
    n, d = 1e9, 4e10
    once = law.evaluate({"N": n, "D": d, "U": d}).value
    numbers = law.values()
    plain = (
        np.exp(numbers["e"])
        + np.exp(numbers["a"]) / n ** numbers["alpha"]
        + np.exp(numbers["b"]) / d ** numbers["beta"]
    )
    assert once == pytest.approx(plain, rel=1e-12)
    # the paper: up to about four epochs repeated data are almost as good as new data
    four = law.evaluate({"N": n, "D": d, "U": d / 4}).value
    forty = law.evaluate({"N": n, "D": d, "U": d / 40}).value
    assert four / once < 1.01 < forty / once


def test_rounding_to_the_benchmarks_digits_costs_little():
    full, rounded = published_laws()["muennighoff2023"], published_laws()["muennighoff2023_rounded"]
    rng = np.random.default_rng(1)
    n, u = 10 ** rng.uniform(7, 10, 200), 10 ** rng.uniform(8, 11, 200)
    at = {"N": n, "D": u * 10 ** rng.uniform(0, 2, 200), "U": u}
    ratio = rounded.law({**at, **rounded.values()}) / full.law({**at, **full.values()})
    assert np.abs(ratio - 1).max() < 0.004


def _repeated(shared):
    return read_runs(
        shared / "data/sld_data_constrained.csv",
        map="N=params,D=tokens,U=unique_tokens,loss=loss",
        groups={},
    )


def _score(law, runs, values):
    at = {name: runs.columns[name] for name in law.variable_names}
    return np.log(law({**at, **values}) / runs.columns["loss"])


def _huber(residual, delta=1e-3):
    small = np.abs(residual) <= delta
    return np.where(small, residual**2 / 2, delta * (np.abs(residual) - delta / 2)).sum()


def test_the_decay_constants_of_repetition_are_hardly_determined(shared):
    """Refit of R_N and R_D with the rest held, on the 161 released runs that are here.

    The printed pair comes from 182 runs; the 21 largest are not in this table.
    """
    runs = _repeated(shared)
    entry = published_laws()["muennighoff2023"]
    held = {key: entry.values()[key] for key in ("e", "a", "b", "alpha")}
    formula = entry.formula.replace("beta", "alpha")
    for name, value in held.items():
        formula = _put(formula, name, value)
    form = find_law("data_constrained")
    decay = tuple(p for p in form.parameters if p.name in ("R_D", "R_N"))
    law = replace(form, formula=formula, parameters=decay)
    found = law.fit(runs, draws=0)
    assert found.certificate.certified
    best = dict(found.values)
    printed = {name: entry.values()[name] for name in ("R_D", "R_N")}
    # MISS: 57 and 2.3 against the printed 15.4 and 5.3 ...
    assert best["R_D"] == pytest.approx(57.3, rel=0.02)
    assert best["R_N"] == pytest.approx(2.28, rel=0.02)
    # ... at an objective that is better by less than one percent
    objective = [_huber(_score(law, runs, values)) for values in (best, printed)]
    assert 1.0 < objective[1] / objective[0] < 1.01


def _put(formula, name, value):
    """A number in the place of a name."""
    return re.sub(rf"\b{name}\b", repr(value), formula)


def test_repeated_runs_are_followed_when_all_constants_are_free(shared):
    """The same runs with E, A, B and the exponents free: the printed base does not fit them."""
    runs = _repeated(shared)
    entry = published_laws()["muennighoff2023"]
    law = find_law("data_constrained")
    found = law.fit(runs, draws=0)
    free = _score(law, runs, dict(found.values))
    printed = _score(entry.law, runs, entry.values())
    # its E, A, B and exponent come from other runs, and lie 8 % low at the median here
    assert np.median(printed) == pytest.approx(-0.080, abs=0.002)
    assert _huber(free) < 0.75 * _huber(printed)
    assert np.median(np.abs(free)) < 0.03
    # ignoring that the data repeat is worse than either
    plain = find_law("chinchilla")
    blind = _score(plain, runs, dict(plain.fit(runs, draws=0).values))
    assert _huber(free) < 0.75 * _huber(blind)


def test_the_penalty_form_is_chinchilla_where_nothing_repeats():
    law, plain = find_law("overfitting_penalty"), find_law("chinchilla")
    values = {p.name: float(p.typical or 0.0) for p in law.parameters}
    n = np.geomspace(1e7, 1e9, 5)
    at = {"N": n, "D": 20 * n, "U": 20 * n}
    base = {key: values[key] for key in ("E", "A", "alpha", "B", "beta")}
    np.testing.assert_allclose(law({**at, **values}), plain({**at, **base}), rtol=1e-12)
    # with repetition it is above, by P*R**delta*(N/U)**kappa
    more = law({**at, "U": 2 * n, **values}) - plain({**at, **base})
    wanted = values["P"] * 9.0 ** values["delta"] * 0.5 ** values["kappa"]
    np.testing.assert_allclose(more, wanted, rtol=1e-9)


def _gadre(shared, dataset):
    with (shared / "data/gadre_models.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["dataset"] == dataset]
    return {
        "N": np.array([float(r["params"]) for r in rows]),
        "D": np.array([float(r["tokens"]) for r in rows]),
        "loss": np.array([float(r["loss_c4_val"]) for r in rows]),
    }


@pytest.mark.parametrize(("dataset", "name"), [("c4_original", "c4"), ("rpj", "rpj")])
def test_gadre_constants_come_back_from_five_small_runs(shared, dataset, name):
    table = _gadre(shared, dataset)
    ratio = np.round(table["D"] / table["N"])
    smallest = table["N"] == table["N"].min()
    chosen = (table["N"] < 1e9) & ((ratio == 20) | (smallest & (ratio == 320)))
    assert chosen.sum() == 5
    runs = read_runs({key: column[chosen] for key, column in table.items()})
    found = dict(find_law("gadre").fit(runs, objective="ls", draws=0).values)
    printed = published_laws()["gadre2024_loss"].values(name)
    # L = p*N**e + q*6**(e/2)*D**e + E
    assert found["E"] == pytest.approx(printed["E"], abs=5e-6)
    assert found["A"] == pytest.approx(printed["p"], rel=1e-5)
    assert found["alpha"] == pytest.approx(-printed["e"], abs=5e-7)
    assert found["B"] == pytest.approx(printed["q"] * 6 ** (printed["e"] / 2), rel=1e-5)


def test_gadre_forecasts_miss_by_what_the_notebook_says(shared):
    law = published_laws()["gadre2024_loss"]
    table = _gadre(shared, "rpj")
    largest = int(np.argmax(table["N"] * table["D"]))
    at = {"N": table["N"][largest], "D": table["D"][largest]}
    measured = table["loss"][largest]
    # 1.4B at 640 tokens per parameter: measured 2.502054 (exp_data), error 0.7103 %
    assert measured == pytest.approx(2.502054, abs=1e-6)
    assert law.evaluate(at).value / measured - 1 == pytest.approx(0.007103, abs=1e-6)
    # 6.9B at 20: measured 2.424993, error 0.7320 %; the size is rounded here
    value = law.evaluate({"N": 6.9e9, "D": 20 * 6.9e9}).value
    assert value / 2.424993 - 1 == pytest.approx(0.007320, abs=1.5e-4)


def test_muennighoff_refitted_with_its_base_law_free(shared):
    """Every printed number lies inside the interval of a refit to the released runs.

    The authors held the base law at numbers read off another paper's figure; it misses these runs
    by 8 % at the median. With it free, and without the smallest models, the runs agree with the
    print. They hardly bind R_N at all.
    """
    runs = read_runs(
        shared / "data/sld_data_constrained.csv",
        map="N=params,D=tokens,U=unique_tokens,loss=loss",
        where="params > 5e7",
    )
    fit = find_law("muennighoff2023").fit(runs, objective="ls", draws=300, seed=0)
    assert fit.certificate.certified
    entry = published_laws()["muennighoff2023"]
    printed = entry.values()
    printed |= {"E": np.exp(printed["e"]), "A": np.exp(printed["a"]), "B": np.exp(printed["b"])}
    for name in ("E", "A", "alpha", "B", "beta", "R_D", "R_N"):
        found = fit.parameters[name]
        assert found.low < printed[name] < found.high, name
    assert fit.parameters["R_D"].value == pytest.approx(16.4, abs=0.2)
    # R_D is known within a factor of three, R_N not at all
    assert fit.parameters["R_D"].high < 3 * fit.parameters["R_D"].low
    assert fit.parameters["R_N"].high > 1e3 * max(fit.parameters["R_N"].low, 1e-3)


def test_gadre_in_compute_and_tokens_per_parameter():
    law = published_laws()["gadre2024_loss"]
    # RedPajama in the form of the paper: E + (a M^eta + b M^-eta) C^-eta
    floor, eta, a, b = 1.836648, 0.136425, 212.24, 366.687
    for n, m in ((1e8, 20.0), (1.4e9, 640.0), (7e9, 5.0)):
        wanted = floor + (a * m**eta + b * m**-eta) * (6 * n * n * m) ** -eta
        assert law.evaluate({"N": n, "D": m * n}).value == pytest.approx(wanted, rel=2e-5)


def _best_with_serving(numbers, reference, served):
    """Size and tokens of least total FLOP at the loss of a reference model trained alone."""
    e, a, b = numbers["E"], numbers["A"], numbers["B"]
    alpha, beta = numbers["alpha"], numbers["beta"]
    tokens = (beta * b / (alpha * a) * reference**alpha) ** (1 / beta)
    loss = e + a * reference**-alpha + b * tokens**-beta
    needed = lambda n: (b / (loss - e - a * n**-alpha)) ** (1 / beta)  # noqa: E731

    def condition(n):
        d = needed(n)
        return alpha * a * n**-alpha / (beta * b * d**-beta) - 1 - served / (3 * d)

    least = (a / (loss - e)) ** (1 / alpha)
    n = brentq(condition, least * 1.0001, reference * 2)
    d = needed(n)
    saved = 1 - (6 * n * d + 2 * n * served) / (6 * reference * tokens + 2 * reference * served)
    return n, d, tokens, saved


def test_sardana_worked_examples():
    numbers = published_laws()["sardana2023"].values()
    # 30B quality with 1e13 tokens served: 13.6B on 2.84 times the data, 28 % less FLOP
    n, d, tokens, saved = _best_with_serving(numbers, 30e9, 1e13)
    assert (n, d / tokens, saved) == pytest.approx((13.6e9, 2.84, 0.28), rel=0.01)
    # 70B trained on 4.26T, 1e13 served: 41.6B on 7.92T, 12 % less
    n, d, tokens, saved = _best_with_serving(numbers, 70e9, 1e13)
    assert (n, d, tokens, saved) == pytest.approx((41.6e9, 7.92e12, 4.26e12, 0.12), rel=0.01)
    # 7B quality with 1e11 served: 6B on 1.18 times the data
    n, d, tokens, _ = _best_with_serving(numbers, 7e9, 1e11)
    assert (n, d / tokens) == pytest.approx((6e9, 1.18), rel=0.01)


def test_sardana_refits_depend_on_the_range():
    law = published_laws()["sardana2023"]
    # Table 1: (alpha, beta, E) for at most 100 tokens per parameter and for all runs
    short, every = law.values("up_to_100"), law.values("all_runs")
    assert [short[k] for k in ("alpha", "beta", "E")] == [0.08, 0.13, 0.17]
    assert [every[k] for k in ("alpha", "beta", "E")] == [0.18, 0.24, 1.45]
    at = {"N": 1e9, "D": 2e10}
    # far apart as their numbers are, they agree to 7 % where they share runs
    values = [law.evaluate(at, name).value for name in law.sets if name != "base"]
    assert max(values) / min(values) < 1.07


def test_de_vries_critical_size():
    law = published_laws()["devries2023_harm"]
    # the post: 30 % of the optimal size costs about 100 % more compute
    assert law.evaluate({"k_N": 0.3}).value == pytest.approx(2.0, abs=0.1)
    assert law.evaluate({"k_N": 1.0}).value == pytest.approx(1.0, rel=1e-12)
    # the closed form is Chinchilla's: same loss at k_N*N and k_D*D, from any optimal point
    numbers = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
    n = 1e10
    d = (0.28 * 410.7 / (0.34 * 406.4) * n**0.34) ** (1 / 0.28)
    chinchilla = find_law("chinchilla")
    loss = chinchilla({"N": n, "D": d, **numbers})
    for share in (0.25, 0.5, 0.8):
        k_d = law.evaluate({"k_N": share}).value / share
        assert chinchilla({"N": share * n, "D": k_d * d, **numbers}) == pytest.approx(loss)


def test_a_repeated_thousandth_halves_the_model():
    # two reviews: an 800M model that repeats 0.1 % of its data does as well as one of 400M
    assert published_laws()["hernandez2022_repeat"].evaluate({"N": 8e8}).value == pytest.approx(4e8)
