"""Learning curves of the library: what their sources print, and curves that they were tried on."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.law.published import published_laws


def test_kaplan_stops_a_tenth_above_the_converged_loss():
    law = published_laws()["kaplan2020_NS"]
    numbers = law.values()
    # Kaplan et al. 2020, with equation 5.6: stop alpha_N/alpha_S = 10 % above the converged loss
    assert numbers["alpha_N"] / numbers["alpha_S"] == pytest.approx(0.101, abs=5e-4)
    # so without end of training it is the law of size alone
    converged = law.evaluate({"N": 1e9, "S_min": 1e30}).value
    assert converged == pytest.approx((6.5e13 / 1e9) ** 0.077, rel=1e-12)
    # nats per token: WebText2 models of 1.5e9 parameters lie between 2 and 3
    assert 2.0 < law.evaluate({"N": 1.5e9, "S_min": 2.5e5}).value < 3.0


def test_hestness_exponents_by_domain():
    law = published_laws()["hestness2017_dataset"]
    # notes on the paper: word LM 11.9 m^-0.066
    ratio = law.evaluate({"m": 1e8}).value / law.evaluate({"m": 1e7}).value
    assert ratio == pytest.approx(10**-0.066, rel=1e-12)
    assert law.evaluate({"m": 1.0}).value == pytest.approx(11.9)
    exponents = {name: law.values(name)["beta_g"] for name in law.sets}
    assert exponents == {
        "word_lm": -0.066,
        "char_lm_sgd": -0.0936,
        "char_lm_adam": -0.0954,
        "translation": -0.128,
        "imagenet_top1": -0.309,
        "imagenet_top5": -0.488,
        "imagenet_loss": -0.35,
        "speech": -0.299,
    }
    assert [name for name, part in law.sets.items() if part.complete] == ["word_lm"]


def test_context_length_sets():
    law = published_laws()["xiong2023_context"]
    at = {"c": 17.9}
    # (alpha/c)^beta + gamma: at c = alpha the first term is 1
    assert law.evaluate(at, "70B").value == pytest.approx(2.35)
    values = [law.evaluate({"c": 4096}, name).value for name in ("7B", "13B", "34B", "70B")]
    assert values == sorted(values, reverse=True)


def test_the_broken_law_follows_its_own_product():
    law = published_laws()["caballero2022_bnsl"]
    numbers = law.values()
    x = np.geomspace(1e3, 1e22, 40)
    # make_figure_1: a + b x^-c0 (1 + (x/d1)^(1/f1))^(-c1 f1) ... with three breaks
    wanted = 4660 * x**-0.05
    for c, d, f in ((0.49, 3e6, 1.1), (-0.811, 1e14, 1.425), (2.1, 2e20, 0.05)):
        wanted = wanted * (1 + (x / d) ** (1 / f)) ** (-c * f)
    np.testing.assert_allclose(law.law({"N": x, **numbers}), 0.001 + wanted, rtol=1e-12)
    # far from every break the slope is the sum of the exponents so far
    high, low = (law.law({"N": n, **numbers}) - numbers["a"] for n in (2e10, 1e10))
    assert np.log(high / low) / np.log(2) == pytest.approx(-(0.05 + 0.49), abs=0.01)


@pytest.mark.parametrize("x", [1e5, 1e7, 1e9])
def test_m4_solves_its_implicit_equation(x):
    entry = published_laws()["alabdulmohsin2022_M4"]
    at = {"eps_inf": 0.12, "eps_0": 0.95, "alpha": 1.4, "beta": 300.0, "c": -0.35}
    y = float(entry.law({"x": x, **at}))
    left = (y - at["eps_inf"]) / (at["eps_0"] - y) ** at["alpha"]
    assert left == pytest.approx(at["beta"] * x ** at["c"], rel=1e-9)
    # the built-in form is the same curve with a scale in the place of beta
    alpha, gamma = -at["c"], at["alpha"]
    height = (at["eps_0"] - at["eps_inf"]) ** (gamma - 1)
    same = {
        "E": at["eps_inf"],
        "E_0": at["eps_0"],
        "N_0": (at["beta"] * height) ** (1 / alpha),
        "alpha": alpha,
        "gamma": gamma,
    }
    assert float(find_law("m4")({"N": x, **same})) == pytest.approx(y, rel=1e-12)


def test_estimators_hold_each_other():
    x = np.geomspace(1e4, 1e9, 7)
    laws = {
        name: published_laws()[f"alabdulmohsin2022_{name}"].law for name in ("M1", "M2", "M3", "M4")
    }
    plain = laws["M1"]({"x": x, "beta": 30.0, "c": -0.2})
    np.testing.assert_allclose(
        laws["M2"]({"x": x, "beta": 30.0, "c": -0.2, "eps_inf": 0.0}), plain, rtol=1e-14
    )
    # with c of the other sign M3 falls too: beta*(1/x + gamma)**(-c)
    np.testing.assert_allclose(
        laws["M3"]({"x": x, "beta": 30.0, "c": -0.2, "gamma": 0.0}), plain, rtol=1e-14
    )
    # M4 with alpha 0 is M2
    lowered = 1e-3 * plain
    np.testing.assert_allclose(
        laws["M4"]({"x": x, "beta": 0.03, "c": -0.2, "eps_inf": 0.2, "eps_0": 0.9, "alpha": 0.0}),
        0.2 + lowered,
        rtol=1e-9,
    )


def _curve(shared, model, task=None):
    """Training and held-out part of a curve of the benchmark: (x, y), (x, y)."""
    with gzip.open(shared / "data/revisiting_scaling.csv.gz", "rt") as file:
        rows = [
            r
            for r in csv.DictReader(file)
            if r["model"] == model and (task is None or r["task"] == task)
        ]
    parts = []
    for part in ("1", "0"):
        chosen = [r for r in rows if r["training"] == part]
        parts.append(
            (
                np.array([float(r["seen_examples"]) for r in chosen]),
                np.array([float(r["loss"]) for r in chosen]),
            )
        )
    return parts


def _miss(name, seen, held):
    """RMSE of the logarithm on the held-out part."""
    law = find_law(name)
    runs = read_runs({"N": seen[0], "loss": seen[1]}, map="N=N,loss=loss")
    fit = law.fit(runs, objective="ls-log", draws=0)
    assert fit.certificate.certified
    return np.sqrt(np.mean(np.log(law({"N": held[0], **dict(fit.values)}) / held[1]) ** 2))


@pytest.mark.parametrize(
    ("model", "printed"),
    # Alabdulmohsin et al. 2022, tables 2 and 3: extrapolation RMSE of M1 on translation
    [("6 Enc, 6 Dec", 0.26), ("28 Enc, 6 Dec", 0.17), ("6 Enc, 28 Dec", 0.23)],
)
def test_m1_extrapolates_translation_as_badly_as_printed(shared, model, printed):
    seen, held = _curve(shared, model)
    assert _miss("power", seen, held) == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize(
    ("model", "task"), [("ViT/B/16", "inet_10"), ("BiT/50/1", "bird_10"), ("MiX/B/16", "c_25")]
)
def test_m4_foretells_image_curves_better_than_m1_and_m2(shared, model, task):
    seen, held = _curve(shared, model, task)
    misses = {name: _miss(name, seen, held) for name in ("power", "power_floor", "m4")}
    assert misses["m4"] < min(misses["power_floor"], misses["power"])
    # the mean over all such curves that a later study prints for M4 is 0.0415
    assert misses["m4"] < 0.0415
