"""Failure modes: distances, and the null of exchanged answers."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency

from isoloss.errors.contrasts import aitchison, contrast, exchanged, jensen_shannon, p_value
from tests.errors.contrasts_cases import make

NAMES = ("correct", "wrong_option", "unparsed", "refusal")


def test_jensen_shannon_in_bits():
    p, q = np.array([3.0, 5.0, 0.0]), np.array([1.0, 1.0, 6.0])
    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2)
    assert jensen_shannon(p, 10 * p) == 0
    assert jensen_shannon(np.array([1, 0]), np.array([0, 7])) == pytest.approx(1.0)
    assert np.isnan(jensen_shannon(np.zeros(3), p))


def test_aitchison_by_hand():
    first, second = np.array([9.5, 0.5]), np.array([4.5, 4.5])
    a, b = np.log(first + 0.5), np.log(second + 0.5)
    expected = np.linalg.norm((a - a.mean()) - (b - b.mean()))
    assert aitchison(first, second) == pytest.approx(expected)


def test_exchanged_answers_by_brute_force():
    """Against one coin a question."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, (2, 60))
    coins = rng.integers(0, 2, (20_000, 60)).astype(bool)
    brute = np.stack([np.where(coins, second, first) == k for k in range(4)], axis=-1).sum(axis=1)
    mine, other = exchanged(first, second, 4, 20_000, 1)
    assert (
        mine + other
        == brute[0]
        + np.stack([np.where(coins[0], first, second) == k for k in range(4)], axis=-1).sum(axis=0)
    ).all()
    assert mine.mean(axis=0) == pytest.approx(brute.mean(axis=0), abs=0.1)
    assert np.cov(mine.T) == pytest.approx(np.cov(brute.T), abs=0.3)


def test_exchanged_by_cluster_is_the_same_where_each_is_alone():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 3, (2, 80))
    alone = exchanged(first, second, 3, 20_000, 1)[0]
    signs = exchanged(first, second, 3, 20_000, 1, np.arange(80))[0]
    assert np.cov(alone.T) == pytest.approx(np.cov(signs.T), abs=0.4)
    # one cluster: either nothing is exchanged or everything
    whole = exchanged(first, second, 3, 100, 1, np.zeros(80, int))[0]
    assert {tuple(row) for row in whole} == {
        tuple(np.bincount(first, minlength=3)),
        tuple(np.bincount(second, minlength=3)),
    }


def test_p_values_are_never_zero():
    assert p_value(np.zeros(99), 1.0) == 0.01
    assert p_value(np.ones(99), 1.0) == 1.0


def modes_of(codes):
    correct = (codes == 0).astype(np.int8)
    names = [[NAMES[code] for code in line] for line in codes]
    return make(correct, modes=names)


def test_rates_and_shares():
    codes = np.array([[0] * 40 + [1] * 50 + [2] * 10, [0] * 60 + [1] * 20 + [2] * 20])
    mix = contrast(modes_of(codes), "m0", "m1").modes
    assert mix is not None
    assert [mode.name for mode in mix.modes] == ["wrong_option", "unparsed"]
    wrong = mix.modes[0]
    assert (wrong.rate_small.value, wrong.rate_large.value) == (0.5, 0.2)
    assert wrong.rate_change.value == pytest.approx(-0.3)
    assert wrong.share_small.value == pytest.approx(50 / 60)
    assert wrong.share_change.value == pytest.approx(0.5 - 50 / 60)
    assert (wrong.share_small.n, wrong.share_large.n) == (60, 40)
    assert wrong.share_change.low < wrong.share_change.value < wrong.share_change.high < 0
    assert mix.jensen_shannon.value == pytest.approx(jensen_shannon([50, 10], [20, 20]))
    assert mix.verdict == wrong.verdict == "changed"
    assert (mix.errors_small, mix.errors_large, mix.n) == (60, 40, 100)


def test_no_claim_on_few_errors_and_no_equality_on_few_items():
    few = np.zeros((2, 500), int)
    few[0, :20], few[1, :10], few[1, 10:20] = 1, 1, 2
    assert contrast(modes_of(few), "m0", "m1").modes.verdict == "cannot tell"
    equal = np.tile([0, 1, 1, 2], 75)
    assert contrast(modes_of(np.array([equal, equal])), "m0", "m1").modes.verdict == "cannot tell"
    equal = np.tile([0, 1, 1, 2], 150)
    mix = contrast(modes_of(np.array([equal, equal])), "m0", "m1").modes
    assert mix.verdict == "same within margin"
    assert mix.jensen_shannon.p == 1.0


def test_errors_without_a_label_are_counted_and_left_out():
    names = [["correct", "wrong_option", None, "correct"], ["correct", None, None, "refusal"]]
    mix = contrast(make([[1, 0, 0, 0], [1, 0, 0, 0]], modes=names), "m0", "m1").modes
    # an error that a source calls correct has no failure mode
    assert (mix.silent_small, mix.silent_large) == (2, 2)
    assert (mix.errors_small, mix.errors_large) == (1, 1)


def test_without_labels_there_is_a_note():
    found = contrast(make([[1, 0], [0, 1]]), "m0", "m1")
    assert found.modes is None
    assert "label them" in found.notes[0]


def pairs_without_change(rng, items):
    """Answers of two models with one mix, of which 70 % are the same."""
    p = [0.35, 0.3, 0.2, 0.1, 0.05]
    first, own = rng.choice(5, items, p=p), rng.choice(5, items, p=p)
    return first, np.where(rng.random(items) < 0.7, first, own)


def rejections(runs, items, permutations):
    """How often the test, and a chi-squared test of independent samples, find a change."""
    found = np.zeros(2)
    for seed in range(runs):
        first, second = pairs_without_change(np.random.default_rng(seed), items)
        mine, other = exchanged(first, second, 5, permutations, seed)
        seen = np.array([np.bincount(codes, minlength=5)[1:] for codes in (first, second)])
        p = p_value(jensen_shannon(mine[:, 1:], other[:, 1:]), jensen_shannon(*seen))
        found += [p <= 0.05, chi2_contingency(seen[:, seen.sum(axis=0) > 0])[1] <= 0.05]
    return found / runs


def test_size_of_the_test():
    paired, naive = rejections(400, 400, 200)
    assert 0.02 <= paired <= 0.08
    # ignoring the pairing the test almost never rejects
    assert naive < 0.02


@pytest.mark.slow
def test_size_of_the_test_in_many_runs():
    paired, _ = rejections(2000, 400, 999)
    assert 0.04 <= paired <= 0.06


def test_power_of_the_test():
    reached = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        first, second = pairs_without_change(rng, 400)
        moved = (rng.random(400) < 0.4) & (second > 0)
        second = np.where(moved, 4, second)
        mine, other = exchanged(first, second, 5, 200, seed)
        seen = [np.bincount(codes, minlength=5)[1:] for codes in (first, second)]
        reached += p_value(jensen_shannon(mine[:, 1:], other[:, 1:]), jensen_shannon(*seen)) < 0.05
    assert reached >= 36


def test_clusters_exchange_together():
    rng = np.random.default_rng(0)
    kept, ignored = [], []
    for seed in range(150):
        first, second = pairs_without_change(rng, 60)
        first, second = np.repeat(first, 5), np.repeat(second, 5)
        seen = [np.bincount(codes, minlength=5)[1:] for codes in (first, second)]
        for found, cluster in ((kept, np.repeat(np.arange(60), 5)), (ignored, None)):
            mine, other = exchanged(first, second, 5, 100, seed, cluster)
            null = jensen_shannon(mine[:, 1:], other[:, 1:])
            found.append(p_value(null, jensen_shannon(*seen)) <= 0.05)
    assert np.mean(kept) < 0.12
    assert np.mean(ignored) > 0.3
