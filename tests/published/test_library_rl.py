"""Laws of reinforcement learning: their sources' numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isoloss import find_law
from isoloss.law.published import published_laws


@pytest.mark.parametrize(
    ("name", "a", "b", "c"),
    [
        # updates.yaml, rybkin2025_value_rl: gym_abc and dmc_abc, first and last threshold
        ("gym_first", 0.75724, 0.11823, 0.31918),
        ("gym_last", 0.70038, 2.28952, 1.03082),
        ("dmc_first", 0.87609, 0.31668, 0.21559),
        ("dmc_last", 1.08959, 0.57387, 1.1001),
    ],
)
def test_more_updates_save_samples(name, a, b, c):
    entry = published_laws()["rybkin2025_value_rl"]
    once, eight = (entry.evaluate({"sigma": s}, name).value for s in (1.0, 8.0))
    assert once == pytest.approx(c + (1 / b) ** -a, rel=1e-12)
    assert c < eight < once
    # the form that is fitted: a power law with a floor
    form = find_law("rybkin2025_value_rl")
    same = {"E": c, "A": b**a, "alpha": a, "sigma": 8.0}
    assert float(form(same)) == pytest.approx(eight, rel=1e-12)


def test_batch_and_learning_rate_shrink_with_the_updates():
    batch = published_laws()["rybkin2025_value_rl_batch"]
    rate = published_laws()["rybkin2025_value_rl_lr"]
    assert len(batch.sets) == len(rate.sets) == 4 + 7
    # updates.yaml: 10^i*sigma^sB for Ant, 10^j*sigma^sE for walker
    assert batch.evaluate({"sigma": 1.0}, "gym_ant").value == pytest.approx(10**2.6189)
    assert rate.evaluate({"sigma": 1.0}, "dmc_walker").value == pytest.approx(10**-2.9897)
    for entry, bench, slope in (
        (batch, "gym_humanoid", -0.30961),
        (rate, "gym_humanoid", -0.28487),
        (batch, "dmc_humanoid", -0.48793),
        (rate, "dmc_humanoid", -0.32028),
    ):
        ratio = (
            entry.evaluate({"sigma": 10.0}, bench).value
            / entry.evaluate({"sigma": 1.0}, bench).value
        )
        assert math.log10(ratio) == pytest.approx(slope, rel=1e-9)


def test_over_optimised_rewards_peak_where_the_source_says():
    # laws_language.yaml: d* = alpha/(2*beta) for best of n, exp(alpha/beta - 1) for RL
    at = {"alpha": 0.9, "beta": 0.2}
    d = np.linspace(0.01, 60, 60_000)
    best = d[np.argmax(find_law("gao2022_bon")({"d": d, **at}))]
    assert best == pytest.approx(0.9 / 0.4, abs=2e-3)
    best = d[np.argmax(find_law("gao2022_rl")({"d": d, **at}))]
    assert best == pytest.approx(math.exp(0.9 / 0.2 - 1), abs=2e-3)


def test_intrinsic_performance_is_the_least_of_two_limits():
    law = published_laws()["hilton2023_intrinsic"].law
    at = {"N_c": 2e3, "alpha_N": 0.5, "E_c": 3e4, "alpha_E": 0.4, "beta": 0.4}
    value = float(law({"N": 1e6, "S": 1e8, **at}))
    # performance**-beta is the sum of the two powers
    assert value**-0.4 == pytest.approx((2e3 / 1e6) ** 0.5 + (3e4 / 1e8) ** 0.4, rel=1e-12)
    assert value < float(law({"N": 1e6, "S": 1e30, **at}))


def test_efficiency_saturates_with_model_size():
    law = published_laws()["rl_posttrain_2025"].law
    at = {"E": 0.3, "K_max": 0.12, "N_0": 5e9}

    def slope(size: float) -> float:
        low, high = (float(law({"N": size, "X": x, **at})) for x in (1.0, math.e))
        return math.log(low / high)

    assert slope(5e9) == pytest.approx(0.06, rel=1e-9)
    assert slope(5e15) == pytest.approx(0.12, rel=1e-5)


def test_a_lone_ceiling_is_shown_and_not_evaluated():
    entry = published_laws()["khatri2025_rl"]
    # updates.yaml, khatri2025_rl: A = 0.61 alone
    assert entry.values() == {"A": 0.61}
    assert not entry.complete
    assert find_law("khatri2025_rl").id == "sigmoid"
