"""Logit lines, many at once."""

import numpy as np
import pytest

from isoloss.errors.trends.logit import fit_lines
from tests.errors.trends_cases import centred, sigma

SIZE = np.log10([4e9, 8e9, 2.6e10, 4e10, 7.6e10])


def logit(p):
    return np.log(p / (1 - p))


def test_two_sizes_are_met_exactly():
    size = np.log10([7e9, 7.2e10])
    line = fit_lines(size, np.array([386.0, 452.0]), np.array([1200]))
    rise = logit(452 / 1200) - logit(386 / 1200)
    assert float(line.slope) == pytest.approx(rise / (size[1] - size[0]), abs=2e-4)
    assert line.p == pytest.approx([386 / 1200, 452 / 1200], abs=1e-4)


def test_the_greatest_likelihood_is_found():
    from scipy.optimize import minimize

    k, n = np.array([425.0, 453, 492, 490, 528]), 1200
    s = SIZE - SIZE.mean()

    def height(t):
        p = sigma(t[0] + t[1] * s)
        return -(k * np.log(p) + (n - k) * np.log(1 - p)).sum()

    best = minimize(height, [0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    line = fit_lines(SIZE, k, np.array([n]))
    assert float(line.level) == pytest.approx(best.x[0], abs=1e-4)
    assert float(line.slope) == pytest.approx(best.x[1], abs=1e-4)


def test_a_floor_is_taken_off():
    s = centred(10**SIZE)
    p = 0.25 + 0.75 * sigma(-0.4 + 0.9 * s)
    line = fit_lines(SIZE, p * 1e6, np.array([1e6]), floor=0.25)
    assert float(line.slope) == pytest.approx(0.9, abs=1e-4)
    assert float(line.level) == pytest.approx(-0.4, abs=1e-4)
    assert line.p == pytest.approx(p, abs=1e-6)
    # the same counts without the floor have a flatter line
    assert float(fit_lines(SIZE, p * 1e6, np.array([1e6])).slope) < 0.7


def test_below_the_floor_the_line_stays_finite():
    line = fit_lines(SIZE, np.array([10.0, 12, 9, 11, 10]), np.array([100]), floor=0.25)
    assert np.isfinite(line.slope)
    assert abs(float(line.slope)) < 5


def test_jeffreys_adds_half_an_answer_when_the_line_is_saturated():
    size = np.array([9.0, 10.0])
    for k, n in (((0.0, 6.0), 20), ((3.0, 20.0), 20), ((5.0, 9.0), 30)):
        line = fit_lines(size, np.array(k), np.array([n]), firth=True)
        odds = [np.log((x + 0.5) / (n - x + 0.5)) for x in k]
        assert float(line.slope) == pytest.approx(odds[1] - odds[0], rel=0.025)


def test_jeffreys_keeps_a_separated_line_finite():
    k = np.array([8.0, 0, 0, 0, 0])
    plain = float(fit_lines(SIZE, k, np.array([60])).slope)
    held = float(fit_lines(SIZE, k, np.array([60]), firth=True).slope)
    assert plain < held < 0
    assert abs(held) < 15


def test_many_lines_are_each_fitted_as_if_alone():
    rng = np.random.default_rng(0)
    k = rng.integers(0, 51, (40, 5)).astype(float)
    together = fit_lines(SIZE, k, np.array([50]))
    for row in (0, 7, 39):
        alone = fit_lines(SIZE, k[row], np.array([50]))
        assert float(alone.slope) == pytest.approx(float(together.slope[row]), abs=1e-6)
    started = fit_lines(SIZE, k, np.array([50]), start=(0.3, -0.2))
    assert started.slope == pytest.approx(together.slope, abs=1e-4)


def test_counts_that_are_missing_give_no_line():
    k = np.array([[10.0, 12, 14, 15, 18], [np.nan] * 5])
    line = fit_lines(SIZE, k, np.array([[50.0], [np.nan]]))
    assert np.isfinite(line.slope[0])
    assert np.isnan(line.slope[1])


def test_jeffreys_has_no_floor():
    with pytest.raises(ValueError, match="without a floor"):
        fit_lines(SIZE, np.array([1.0, 2, 3, 4, 5]), np.array([50]), floor=0.2, firth=True)
