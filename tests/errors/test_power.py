"""What data can show: least differences, trends and shifts."""

import json

import numpy as np
import pytest

from isoloss.errors.power import (
    design_effect,
    paired_items,
    paired_mde,
    power,
    share_power,
    share_power_formula,
    slope_mde,
    slope_se,
)
from isoloss.errors.trends import accuracy_trends
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, centred, drawn, line, sigma


@pytest.mark.parametrize(
    ("n", "points"), [(50, 21.7), (100, 15.3), (500, 6.9), (1200, 4.4), (3000, 2.8)]
)
def test_least_paired_differences(n, points):
    assert 100 * paired_mde(n, 0.3) == pytest.approx(points, abs=0.06)


def test_items_for_a_difference_undo_the_difference():
    for difference in (0.01, 0.05, 0.2):
        n = paired_items(difference, 0.3)
        assert paired_mde(n, 0.3) <= difference < paired_mde(n - 1, 0.3)
    assert paired_items(0.05, 0.3, design=4) == pytest.approx(4 * paired_items(0.05, 0.3), rel=0.01)


def test_the_chance_of_finding_a_paired_difference_is_the_one_promised():
    rng = np.random.default_rng(0)
    n, d = 400, 0.3
    change = paired_mde(n, d)
    p = [(d + change) / 2, (d - change) / 2, 1 - d]
    counts = rng.multinomial(n, p, 20000)
    z = (counts[:, 0] - counts[:, 1]) / np.sqrt(counts[:, 0] + counts[:, 1])
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.02)


def test_the_standard_error_of_a_slope_is_the_one_promised():
    # answers alike between models, each with accuracy .4
    right = drawn([0.4] * 5, 20000, 0)
    discordant = float(np.mean([(right[a] != right[b]).mean() for a in range(5) for b in range(a)]))
    expected = slope_se(20000, SIZES, accuracy=0.4, discordant=discordant)
    found = accuracy_trends(make(right, sizes=SIZES), replicates=50).overall.slope.se
    assert found == pytest.approx(expected, rel=0.03)


def test_the_chance_of_finding_a_trend_is_the_one_promised():
    n = 300
    right = drawn([0.5] * 5, 20000, 0)
    discordant = float((right[0] != right[1]).mean())
    slope = slope_mde(n, SIZES, accuracy=0.5, discordant=discordant)
    told = [
        accuracy_trends(
            make(drawn(sigma(slope * centred()), n, seed), sizes=SIZES), by="none", replicates=20
        ).overall.slope.verdict
        == "improves"
        for seed in range(150)
    ]
    assert np.mean(told) == pytest.approx(0.8, abs=0.1)


def test_models_cannot_disagree_more_than_they_err():
    assert slope_se(100, SIZES, accuracy=0.95, discordant=0.9) == pytest.approx(
        slope_se(100, SIZES, accuracy=0.95, discordant=2 * 0.95 * 0.05)
    )


def test_design_effects():
    rng = np.random.default_rng(0)
    alone = rng.normal(size=3000)
    groups = np.repeat(np.arange(600), 5)
    assert design_effect(alone, groups) == pytest.approx(1.0, abs=0.15)
    assert design_effect(np.repeat(rng.normal(size=600), 5), groups) == pytest.approx(5.0, rel=0.01)
    assert np.isnan(design_effect(np.ones(10), np.arange(10)))


def test_the_permutation_test_has_its_size_and_pearsons_has_not():
    null = share_power(400, moved=0.0, simulations=700)
    assert null.power == pytest.approx(0.05, abs=0.025)
    assert null.naive < 0.003
    assert null.se == pytest.approx(np.sqrt(null.power * (1 - null.power) / 700))


@pytest.mark.parametrize(("n", "expected"), [(100, 0.33), (200, 0.57), (400, 0.87), (800, 1.0)])
def test_power_for_a_strong_shift(n, expected):
    found = share_power(n, simulations=250)
    assert found.power == pytest.approx(expected, abs=0.09)
    assert share_power_formula(n) == pytest.approx(found.power, abs=0.09)


def test_no_shift_has_no_power():
    assert share_power_formula(400, moved=0.0) == pytest.approx(0.05, abs=1e-4)
    assert share_power_formula(400, base=(0.5, 0.5), shifted=(0.9, 0.1)) > 0.99


def test_mixes_must_add_up():
    with pytest.raises(ItemsError, match="add up to 1"):
        share_power(100, base=(0.5, 0.4), shifted=(0.5, 0.5))
    with pytest.raises(ItemsError, match="moved=2"):
        share_power(100, moved=2)


def test_a_plan():
    plan = power(1200, SIZES, accuracy=0.4, discordant=0.3)
    assert plan.overall.paired == pytest.approx(0.0443, abs=1e-4)
    assert plan.overall.slope == pytest.approx(slope_mde(1200, SIZES, accuracy=0.4, discordant=0.3))
    assert plan.overall.points == pytest.approx(plan.overall.slope * 0.24)
    assert plan.tasks == ()
    assert plan.items_for["5 points"] == paired_items(0.05, 0.3)
    assert "4.4 points of accuracy" in plan.overall.says
    assert "no trend below three sizes" in power(1200).overall.says
    assert np.isnan(power(1200, (1e9, 2e9)).overall.slope)


def test_answers_say_what_they_can_show():
    answers = line(0.3, 600, level=-0.3, task=["a"] * 550 + ["b"] * 50)
    found = power(answers)
    whole = found.overall
    assert (whole.n, whole.clusters, whole.sizes) == (600, 600, 5)
    discordant = np.mean(answers.correct[1:] != answers.correct[:-1])
    assert whole.discordant == pytest.approx(discordant)
    assert whole.paired == pytest.approx(paired_mde(600, discordant))
    assert [task.name for task in found.tasks] == ["a", "b"]
    assert found.tasks[1].paired > 3 * whole.paired
    assert "too few for shares" in found.tasks[1].says
    assert np.isnan(found.tasks[1].shift)
    assert "'no shift' cannot be said" in whole.says
    json.dumps(found.to_document())


def test_items_of_one_image_show_less():
    right = np.repeat(drawn(sigma(0.3 * centred()), 200, 0), 3, axis=1)
    alone = power(make(right, sizes=SIZES)).overall
    grouped = power(make(right, sizes=SIZES, cluster=np.repeat(np.arange(200), 3))).overall
    assert grouped.design == pytest.approx(3.0, rel=0.01)
    assert grouped.paired == pytest.approx(np.sqrt(3) * alone.paired, rel=0.01)
    assert "in 200 clusters" in grouped.says


def test_models_that_agree_on_all_items_seen_are_not_told_apart_from_nothing():
    right = np.tile((np.arange(100) < 50).astype(np.int8), (5, 1))
    found = power(make(right, sizes=SIZES)).overall
    assert found.discordant == 0
    assert 0.01 < found.paired < 0.1


@pytest.mark.parametrize(
    ("what", "options", "message"),
    [
        (1, {}, "number of items"),
        (True, {}, "number of items"),
        (100, {"accuracy": 1.0}, "accuracy=1"),
        (100, {"discordant": 0.0}, "discordant=0"),
        (100, {"design": 0.5}, "design=0.5"),
        (100, {"level": 0.3}, "level=0.3"),
        (100, {"chance": 1.0}, "chance=1"),
    ],
)
def test_plans_that_cannot_be(what, options, message):
    with pytest.raises(ItemsError, match=message):
        power(what, SIZES, **options)
