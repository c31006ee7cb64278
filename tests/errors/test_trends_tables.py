"""Base rates, confounding, ranks and compositions."""

import json

import numpy as np
import pytest

from isoloss.errors.items import Model
from isoloss.errors.trends import (
    base_rates,
    clr_trends,
    confounding,
    rank_trends,
    severity_exponent,
)
from isoloss.errors.trends.composition import regress
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, drawn


def test_a_single_gold_class_is_seen():
    right = drawn([0.02, 0.98, 0.72, 0.9, 1.0], 200, 0)
    (found,) = base_rates(make(right, gold=["yes"] * 200, options=2, sizes=SIZES))
    assert found.single
    assert found.lopsided
    assert (found.entropy, found.accuracy, found.constant) == (0.0, 1.0, "yes")
    assert found.below[0] == "m0"
    assert found.above == ()


def test_models_are_held_against_the_constant_answer():
    gold = ["a"] * 60 + ["b"] * 40
    right = np.zeros((3, 100), np.int8)
    right[0, :20] = 1
    right[1, :60] = 1
    right[2, :95] = 1
    (found,) = base_rates(make(right, gold=gold, options=2, sizes=SIZES[:3]))
    assert found.accuracy == 0.6
    assert found.entropy == pytest.approx(0.971, abs=0.001)
    assert not found.lopsided
    assert (found.above, found.below) == (("m2",), ("m0",))


def test_classes_are_needed_and_options_count():
    right = drawn([0.5] * 3, 100, 0)
    free = make(right, gold=[f"text {i}" for i in range(100)], sizes=SIZES[:3])
    assert base_rates(free) == ()
    # of two options 85 to 15 is uneven, of four it is lopsided
    gold = ["a"] * 85 + ["b"] * 15
    assert not base_rates(make(right, gold=gold, options=2, sizes=SIZES[:3]))[0].lopsided
    (found,) = base_rates(make(right, gold=gold, options=4, sizes=SIZES[:3]))
    assert found.lopsided
    assert not found.single
    assert base_rates(make(right[:, :10], gold=["a"] * 10, sizes=SIZES[:3])) == ()
    json.dumps(found.to_document())


def model(name, params, **covariates):
    return Model(name, "InternVL2", params, params, covariates)


def test_what_changes_with_size_is_listed():
    found = confounding(
        [
            model("40B", 4e10, language_model="Yi-34B", encoder="6B", data="D"),
            model("4B", 4e9, language_model="Phi-3", encoder="300M", data="D"),
            model("8B", 8e9, language_model="InternLM2.5", encoder="300M", data="D"),
        ]
    )
    assert found.models == ("4B", "8B", "40B")
    assert found.confounded == ("language_model", "encoder")
    by_name = {one.name: one for one in found.covariates}
    assert not by_name["language_model"].separable
    assert by_name["encoder"].changes == (("8B", "40B"),)
    assert by_name["encoder"].separable
    assert found.unknown == ()
    assert "size as packaged" in found.wording
    assert "language model and encoder change with it" in found.wording
    assert "language model at every step" in found.wording


def test_what_is_not_given_is_said_to_be_unknown():
    found = confounding([model("a", 1e9, encoder="E"), model("b", 2e9)])
    assert found.confounded == ()
    assert found.unknown == ("language_model", "encoder", "data")
    assert "not given" in found.wording
    json.dumps(found.to_document())


def test_a_changing_share_of_active_parameters_is_a_covariate():
    sparse = Model("b", "F", 4e9, 1e9)
    found = confounding([Model("a", "F", 1e9, 1e9), sparse])
    assert found.confounded == ("active share",)


def test_ranks_of_a_table():
    found = rank_trends(
        [1e9, 4e9, 2e9, 8e9],
        {
            "up": [1, 3, 2, 4],
            "down": [4.0, 2, 3, 1],
            "mixed": [1, 4, 3, 2],
            "gap": [1, np.nan, 2, 3],
        },
        names=["a", "c", "b", "d"],
    )
    by_name = {one.name: one for one in found}
    assert (by_name["up"].rho, by_name["up"].monotone, by_name["up"].best) == (1.0, True, "d")
    assert by_name["up"].p == pytest.approx(2 / 24)
    assert by_name["down"].rho == -1.0
    assert by_name["down"].change == -3
    assert not by_name["mixed"].monotone
    assert by_name["mixed"].best == "c"
    assert not by_name["mixed"].largest_best
    assert (by_name["gap"].n, by_name["gap"].monotone) == (3, True)
    assert all(one.q >= one.p for one in found)


def test_ranks_agree_with_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    size, score = rng.random(30), rng.random(30).round(1)
    expected = spearmanr(size, score)
    (found,) = rank_trends(size + 1, {"x": score})
    assert found.rho == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_ranks_of_tables_that_do_not_fit():
    with pytest.raises(ItemsError, match="2 scores for 3 sizes"):
        rank_trends([1, 2, 3], {"x": [1, 2]})
    with pytest.raises(ItemsError, match="two sizes"):
        rank_trends([1, 1], {"x": [1, 2]})


def zoo(seed=0, groups=40, each=5):
    """Models whose errors of one kind vanish as accuracy grows, and a little with size besides."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(groups), each)
    size = 10 ** rng.uniform(7, 10, groups * each)
    accuracy = 0.4 + 0.12 * (np.log10(size) - 7) + 0.05 * rng.normal(size=groups)[family]
    logit = 1.0 - 6 * (accuracy - 0.5) - 0.2 * (np.log10(size) - 8.5)
    share = 1 / (1 + np.exp(-logit + 0.3 * rng.normal(size=groups)[family]))
    errors = rng.poisson(4000 * (1 - accuracy))
    severe = rng.binomial(errors, share)
    return size, np.column_stack([severe, errors - severe]), accuracy, family


def test_slopes_with_and_without_accuracy():
    size, counts, accuracy, family = zoo()
    severe, other = clr_trends(
        size, counts, ["severe", "other"], accuracy=accuracy, cluster=family.astype(str)
    )
    assert severe.slope.verdict == "shrinks"
    assert severe.slope.value == pytest.approx(-(6 * 0.12 + 0.2) / 2, abs=0.12)
    assert severe.adjusted.value == pytest.approx(-0.1, abs=0.12)
    assert severe.slope.value == pytest.approx(-other.slope.value)
    assert severe.smallest > severe.largest
    json.dumps(severe.to_document())


def test_variants_are_no_independent_models():
    size, counts, _, family = zoo()
    plain = clr_trends(size, counts, ["severe", "other"])[0].slope.se
    grouped = clr_trends(size, counts, ["severe", "other"], cluster=family)[0].slope.se
    copied = clr_trends(
        np.tile(size, 3), np.tile(counts, (3, 1)), ["severe", "other"], cluster=np.tile(family, 3)
    )[0].slope.se
    naive = clr_trends(np.tile(size, 3), np.tile(counts, (3, 1)), ["severe", "other"])[0].slope.se
    assert naive == pytest.approx(plain / np.sqrt(3), rel=0.02)
    assert copied == pytest.approx(grouped, rel=0.01)


def test_least_squares_with_hc1():
    rng = np.random.default_rng(0)
    x = rng.random(50)
    design = np.column_stack([np.ones(50), x])
    y = 2 * x + rng.normal(size=50) * x
    slope = regress(design, y, None, 0.95)[1]
    fitted = np.polyfit(x, y, 1)
    left = y - np.polyval(fitted, x)
    middle = x - x.mean()
    expected = np.sqrt(50 / 48 * ((middle * left) ** 2).sum()) / (middle**2).sum()
    assert slope.value == pytest.approx(fitted[0])
    assert slope.se == pytest.approx(expected)
    # clusters of one are no clusters
    alone = regress(design, y, np.arange(50), 0.95)[1]
    assert alone.se == pytest.approx(expected)
    assert (slope.degrees, alone.degrees) == (48, 49)
    grouped = regress(design, y, np.arange(50) % 10, 0.95)[1]
    sums = np.bincount(np.arange(50) % 10, weights=middle * left)
    factor = 10 / 9 * 49 / 48
    assert grouped.se == pytest.approx(np.sqrt(factor * (sums**2).sum()) / (middle**2).sum())


def test_the_exponent_of_severe_failures():
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.05, 0.5, 200)
    severe = 0.4 * errors**2.9 * np.exp(0.1 * rng.normal(size=200))
    found = severity_exponent(errors, severe, cluster=np.arange(200) % 40)
    assert found.value == pytest.approx(2.9, abs=0.05)
    assert found.verdict == "improves"
    assert found.low < 2.9 < found.high
    assert severity_exponent(errors, errors * 0.3 * np.exp(0.1 * rng.normal(size=200))).verdict == (
        "flat"
    )


def test_tables_that_cannot_be_used():
    with pytest.raises(ItemsError, match="expected 2 models by 2 modes"):
        clr_trends([1e9, 1e10], [[1, 2, 3]], ["a", "b"])
    with pytest.raises(ItemsError, match="clusters are too few"):
        clr_trends([1e9, 1e10, 1e10], np.ones((3, 2)), ["a", "b"], cluster=["x", "y", "y"])
    with pytest.raises(ItemsError, match="three models"):
        severity_exponent([0.1, 0.0], [0.1, 0.2])
