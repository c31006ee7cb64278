"""Standard errors and lack of fit over items."""

import numpy as np
import pytest

from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.measure import straight, wald
from isoloss.errors.trends.robust import by_cluster, hotelling, robust
from tests.errors.trends_cases import SIZES, centred, drawn, sigma

SIZE = np.log10(SIZES)


def seen(right, cluster=None, trial=None):
    n = np.full(len(right), right.shape[1]) if trial is None else trial.sum(1)
    k = right.sum(1).astype(float)
    line = fit_lines(SIZE[: len(right)], k, n)
    cluster = np.arange(right.shape[1]) if cluster is None else cluster
    return line, robust(line, right, cluster, trial)


def test_the_standard_error_is_that_of_the_bootstrap():
    right = drawn(sigma(-0.3 + 0.3 * centred()), 400, 3)
    _, found = seen(right)
    rng = np.random.default_rng(0)
    weights = rng.multinomial(400, np.full(400, 1 / 400), 2000)
    slopes = fit_lines(SIZE, weights @ right.T.astype(float), np.array([400])).slope
    assert found.se == pytest.approx(slopes.std(), rel=0.06)
    # independent trials would be wider: models agree on items
    line = fit_lines(SIZE, right.sum(1).astype(float), np.array([400]))
    assert found.se < 0.9 * np.sqrt(line.inverse[1, 1])


def test_items_of_one_image_are_one_unit():
    right = drawn(sigma(0.3 * centred()), 300, 4)
    _, single = seen(right)
    twice = np.repeat(right, 2, axis=1)
    _, paired = seen(twice, np.repeat(np.arange(300), 2))
    _, naive = seen(twice)
    assert paired.units == 300
    assert paired.se == pytest.approx(single.se, rel=1e-3)
    assert naive.se == pytest.approx(single.se / np.sqrt(2), rel=0.01)


def test_trials_that_did_not_happen_count_for_nothing():
    right = drawn(sigma(0.3 * centred()), 300, 4)
    wide = np.concatenate([right, np.ones((5, 200), np.int8)], 1)
    trial = np.concatenate([np.ones((5, 300)), np.zeros((5, 200))], 1)
    one, two = seen(right)[1], seen(wide * trial.astype(np.int8), None, trial)[1]
    assert two.units == 300
    assert two.se == pytest.approx(one.se)
    assert two.p == pytest.approx(one.p)


def test_misfit_of_the_pearson_kind():
    k = np.array([27.0, 25, 29, 14, 30])
    right = np.stack([np.arange(50) < x for x in k]).astype(np.int8)
    size = np.log10([4e9, 8e9, 2.6e10, 4e10, 7.6e10])
    line = fit_lines(size, k, np.array([50]))
    found = robust(line, right, np.arange(50))
    assert found.chi2 == pytest.approx(13.15, abs=0.02)
    assert found.p_binomial == pytest.approx(0.0043, abs=0.0002)
    assert found.z_binomial[3] == pytest.approx(-3.0, abs=0.01)


def test_the_misfit_over_items_has_its_level_and_pearsons_does_not():
    items, binomial, z = [], [], []
    for seed in range(250):
        _, found = seen(drawn(sigma(0.3 * centred()), 150, seed, alike=0.8))
        items.append(found.p < 0.05)
        binomial.append(found.p_binomial < 0.05)
        z.append(found.z)
    assert 0.012 <= np.mean(items) <= 0.1
    assert np.mean(binomial) < 0.02
    # residuals over their standard error: leverage is counted
    assert np.std(z, axis=0) == pytest.approx(np.ones(5), abs=0.14)


def test_the_model_that_stands_off_is_pointed_at():
    p = sigma(0.3 * centred())
    p[1] -= 0.15
    _, found = seen(drawn(p, 800, 0))
    assert found.p < 1e-6
    assert int(np.abs(found.z).argmax()) == 1
    assert found.z[1] < -5


def test_two_models_have_no_misfit():
    right = drawn([0.4, 0.5], 200, 0)
    _, found = seen(right)
    assert np.isnan(found.p)
    assert np.isnan(found.z).all()
    assert found.se > 0


def test_models_that_hardly_differ_do_not_pretend_to_know():
    right = np.tile((np.arange(50) < 25).astype(np.int8), (5, 1))
    line, found = seen(right)
    assert found.se == pytest.approx(np.sqrt(line.inverse[1, 1]))


def test_too_few_items_have_no_standard_error():
    assert np.isnan(seen(drawn([0.4, 0.5, 0.6], 8, 0))[1].se)


def test_clusters_are_summed():
    rows = np.arange(6.0).reshape(1, 6)
    assert by_cluster(rows, np.array([0, 1, 0, 2, 2, 2])) == pytest.approx(np.array([[2, 1, 12]]))
    assert by_cluster(rows, np.arange(6)) == pytest.approx(rows)


def test_hotelling_of_one_row_is_t_squared():
    from scipy.stats import ttest_1samp

    x = np.random.default_rng(1).normal(0.3, 1, 40)
    stat, p = hotelling(x[None])
    expected = ttest_1samp(x, 0)
    assert stat == pytest.approx(expected.statistic**2)
    assert p == pytest.approx(expected.pvalue)
    assert np.isnan(hotelling(np.stack([x, x]))[1])


def test_a_straight_line_of_measures():
    value = np.array([1.0, 1.2, 1.4, 1.6, 1.8])
    cover = np.eye(5) * 0.01
    found = straight(np.arange(5.0), value, cover, units=500, n=500, level=0.95)
    assert found.raw.value == pytest.approx(0.2)
    assert found.raw.se == pytest.approx(0.1 / np.sqrt(10))
    assert found.dispersion == pytest.approx(0.0, abs=1e-9)
    value = value + np.array([0, 1, -1, 1, -1])
    bent = straight(np.arange(5.0), value, cover, units=500, n=500, level=0.95)
    assert bent.p_misfit < 1e-6
    assert bent.raw.se > 5 * found.raw.se
    assert bent.raw.degrees == 3
    assert found.p_same < 1e-3
    level = straight(np.arange(5.0), np.full(5, 2.0), cover, units=500, n=500, level=0.95)
    assert level.p_same == pytest.approx(1.0)


def test_wald_needs_a_covariance():
    assert np.isnan(wald(np.array([1.0]), np.zeros((1, 1)), 100)[1])
    assert np.isnan(wald(np.ones(2), np.ones((2, 2)), 100)[1])
    assert wald(np.array([2.0]), np.ones((1, 1)), 10**6)[1] == pytest.approx(0.0455, abs=1e-4)
