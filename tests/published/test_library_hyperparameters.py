"""Laws of learning rate, batch size and steps: printed points, and the released sweeps."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.law.published import published_laws


@pytest.mark.parametrize(
    ("size", "used", "tolerance"),
    # two notes on MM1: rates reported for 3B, 7B and 30B
    [(3e9, 6e-5, 0.06), (7e9, 4e-5, 0.06), (3e10, 2.2e-5, 0.06)],
)
def test_mm1_rates(size, used, tolerance):
    assert published_laws()["mm1_lr"].evaluate({"N": size}).value == pytest.approx(
        used, rel=tolerance
    )


@pytest.mark.parametrize(
    ("law", "at", "known"),
    [
        # the three rates and batches at 7B parameters, 1.4T tokens and 5.88e22 FLOP
        ("steplaw2025_lr", {"N": 7e9, "D": 1.4e12}, 9.2e-4),
        ("deepseek2024_lr", {"C": 5.88e22}, 4.4e-4),
        ("steplaw2025_bs", {"D": 1.4e12}, 5.0e6),
        ("deepseek2024_bs", {"C": 5.88e22}, 8.2e6),
    ],
)
def test_laws_disagree_at_seven_billion(law, at, known):
    assert published_laws()[law].evaluate(at).value == pytest.approx(known, rel=0.01)


def test_the_sign_of_data_is_in_dispute():
    # Step Law: rate rises with data; Bjorck et al.: falls; along N ~ D ~ C**0.5 Step Law falls too
    step, bjorck = (published_laws()[name].values() for name in ("steplaw2025_lr", "bjorck2024_lr"))
    assert step["b"] == 0.307
    assert bjorck["b"] == -0.32
    assert (step["a"] + step["b"]) / 2 == pytest.approx(-0.20, abs=0.005)


def test_constants_from_memory_are_not_given():
    assert published_laws()["bjorck2024_lr"].coefficients().unseen == ("k",)
    assert published_laws()["powerlines2025_bopt"].coefficients().unseen == ("k",)
    assert published_laws()["powerlines2025_bcrit"].coefficients().unseen == ("k",)
    assert set(published_laws()["moonlight2025_lr"].coefficients().unseen) == {"k", "a"}
    assert set(published_laws()["moonlight2025_bs"].coefficients().unseen) == {"k", "a"}


def test_kaplan_critical_batch_in_both_prints():
    law = published_laws()["kaplan2020_Bcrit"]
    # appendix A prints 2.1e8 tokens, equation 1.4 about 2e8
    both = [law.evaluate({"L": 1.0}, name).value for name in ("appendix", "main_text")]
    assert both == pytest.approx([2.1e8, 2.0e8])
    # halving the loss multiplies the batch by 2**(1/0.21)
    ratio = law.evaluate({"L": 2.0}).value / law.evaluate({"L": 4.0}).value
    assert ratio == pytest.approx(2 ** (1 / 0.21))


def test_critical_batch_over_size_agrees_with_the_circulating_one_over_data():
    law = published_laws()["zhang2024_cbs"]
    # with N and D both in millions and D = 20 N, 93.20*N**0.47 is 22.80*D**0.47
    for size in (1e8, 1e9):
        over_data = 22.80 * (20 * size / 1e6) ** 0.47
        assert law.evaluate({"N": size}).value == pytest.approx(over_data, rel=1e-3)
    # at fixed data the size hardly matters
    fixed = [law.evaluate({"N": n}, "fixed_data").value for n in (85e6, 1.2e9)]
    assert fixed[1] / fixed[0] < 1.3


def test_porian_rules_agree_with_their_rounded_form():
    # 0.0047*(N/108e6)**(-1/3) and 160*(N/108e6)**(2/3)
    for name, height, power in (("porian2024_lr", 0.0047, -1 / 3), ("porian2024_bs", 160, 2 / 3)):
        law = published_laws()[name]
        for size in (2e7, 1.08e8, 6e8):
            rounded = height * (size / 108e6) ** power
            assert law.evaluate({"N": size}).value == pytest.approx(rounded, rel=0.1)


def test_values_that_are_printed_in_the_wrong_way():
    rate = published_laws()["deepseek2024_lr"]
    assert rate.values()["k"] == 0.3118
    assert [m.stated for m in rate.misstated] == ["0.3188*C**-0.1250", "0.3318*C**-0.1250"]
    batch = published_laws()["minicpm2024_bs"]
    assert batch.evaluate({"L": 1.0}).value == pytest.approx(1.21e9)
    assert batch.misstated[0].stated.startswith("2e18")
    # the exponents of two studies are taken for each other
    assert published_laws()["powerlines2025_bcrit"].values()["m"] == 0.462
    assert published_laws()["zhang2024_cbs_data"].values()["a"] == 0.47


def test_an_exponent_outside_its_own_percentiles_is_told():
    law = published_laws()["powerlines2025_bcrit"]
    assert any("0.491 to 0.526" in text for text in law.pitfalls)
    inside = published_laws()["powerlines2025_tau"].coefficients().numbers["m"]
    assert inside.interval == (-0.529, -0.507)
    assert not inside.outside_own_interval


def test_steps_and_examples_trade_off():
    law = find_law("batch_steps")
    s_min, b_crit = 5400.0, 2e6
    for batch in (1e4, 2e6, 1e8):
        steps = float(law({"B": batch, "S_min": s_min, "B_crit": b_crit}))
        examples, least = steps * batch, s_min * b_crit
        assert (steps / s_min - 1) * (examples / least - 1) == pytest.approx(1.0)


def _best_settings(shared):
    """Size, data, learning rate and batch of the best run of every (size, data) pair."""
    cells = defaultdict(list)
    with (shared / "data/steplaw_dense.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            cells[float(row["N"]), float(row["D"])].append(
                (float(row["smooth_loss"]), float(row["lr"]), float(row["bs"]))
            )
    best = {cell: min(runs) for cell, runs in cells.items()}
    table = {
        "N": [n for n, _ in best],
        "D": [d for _, d in best],
        "rate": [rate for _, rate, _ in best.values()],
        # sequences of 2,048 tokens
        "batch": [2048 * batch for _, _, batch in best.values()],
    }
    return {name: np.array(column) for name, column in table.items()}


def test_step_law_is_near_the_best_runs_of_its_sweep(shared):
    best = _best_settings(shared)
    rate = published_laws()["steplaw2025_lr"]
    batch = published_laws()["steplaw2025_bs"]
    assert len(best["N"]) == 17
    rates = rate.law({"N": best["N"], "D": best["D"], **rate.values()}) / best["rate"]
    batches = batch.law({"D": best["D"], **batch.values()}) / best["batch"]
    # the sweep steps by about the square root of two: within one or two steps, and unbiased
    for ratio in (rates, batches):
        assert np.abs(np.log(ratio)).max() < np.log(2.3)
        assert np.exp(np.mean(np.log(ratio))) == pytest.approx(1.0, abs=0.25)


def test_step_law_exponents_come_back_from_the_best_runs(shared):
    best = _best_settings(shared)
    runs = read_runs(
        {"N": best["N"], "D": best["D"], "learning_rate": best["rate"]},
        map="N=N,D=D,learning_rate=learning_rate",
        target="learning_rate",
    )
    fit = find_law("power_product").fit(runs, objective="ls-log", draws=400)
    printed = published_laws()["steplaw2025_lr"].values()
    for name in ("a", "b"):
        low, high = np.quantile(_draws(fit, name), [0.05, 0.95])
        assert low < printed[name] < high, name
    runs = read_runs(
        {"D": best["D"], "batch_size": best["batch"]},
        map="D=D,batch_size=batch_size",
        target="batch_size",
    )
    law = replace(find_law("power_rule(D)"), target="batch_size")
    fit = law.fit(runs, objective="ls-log", draws=400)
    low, high = np.quantile(_draws(fit, "a"), [0.05, 0.95])
    assert low < published_laws()["steplaw2025_bs"].values()["a"] < high
    assert high - low < 0.5


def _draws(fit, name):
    return fit.draws.good[:, list(fit.law.parameter_names).index(name)]
