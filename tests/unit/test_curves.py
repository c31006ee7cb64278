"""Forecasts of learning curves: recovery, intervals, units, short curves, messages, arithmetic."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.stats import multivariate_normal
from scipy.stats import t as student

from isoloss.exceptions import InputError, RunsError
from isoloss.trust.curves import bench, damped, drift, forecast, gaussian, learn, naive, prior
from isoloss.trust.curves.curve import MOST_POINTS, Curve
from isoloss.trust.curves.forecast import Forecast
from isoloss.trust.curves.stack import stack
from isoloss.trust.curves.tasks import COLUMNS, read_tasks
from isoloss.trust.curves.transform import ERROR, LOSS

X = np.geomspace(1e6, 1e9, 40)


def damped_curve(transform, x, *, level, slope, k, end=1e9):
    """y of the damped law, noiseless."""
    return np.exp(transform.back(level + slope * damped.bend(np.log(x / end), k)))


ERRORS = {"level": -0.6, "slope": -0.18, "k": 0.5}
LOSSES = {"level": 1.0, "slope": -0.06, "k": 0.4}


@pytest.mark.parametrize(("transform", "law"), [(ERROR, ERRORS), (LOSS, LOSSES)])
def test_a_damped_curve_is_prolonged(transform, law):
    at = np.array([2e9, 4e9, 8e9])
    found = forecast(X, damped_curve(transform, X, **law), at)
    truth = damped_curve(transform, at, **law)
    assert found.transform == transform.name
    assert np.all(np.abs(np.log(found.value / truth)) < [0.004, 0.012, 0.025])
    assert np.all((found.low < truth) & (truth < found.high))
    # the naive ones are well off, so this is no flat curve
    assert np.all(np.abs(np.log(found.last / truth)) > 0.03)
    assert found.damping == pytest.approx(law["k"], abs=0.1)


@pytest.mark.parametrize("points", [10, 40])
def test_intervals_hold_the_truth_as_often_as_they_say(points):
    rng = np.random.default_rng(points)
    x, at, held, widths = np.geomspace(5e7, 1e9, points), np.array([1.5e9, 2e9, 4e9]), [], []
    for _ in range(60):
        law = {"level": -0.6, "slope": -rng.uniform(0.1, 0.3), "k": rng.uniform(0.3, 0.7)}
        noise = rng.choice([0.005, 0.02])
        y = damped_curve(ERROR, x, **law) * np.exp(noise * rng.standard_normal(points))
        seen = damped_curve(ERROR, at, **law) * np.exp(noise * rng.standard_normal(3))
        found = forecast(x, np.minimum(y, 0.99), at, noise_factor=1.0)
        held.append((found.low < seen) & (seen < found.high))
        widths.append(np.log(found.high / found.low))
    coverage = np.mean(held, axis=0)
    # slopes wander in real curves and not here, so a long interval holds more than it says
    assert np.all(coverage >= 0.85), coverage
    assert coverage[0] <= 0.99
    assert np.median(widths, axis=0)[1] < 0.15


def test_a_lower_level_is_narrower_and_the_density_fits_it():
    y, at = damped_curve(ERROR, X, **ERRORS), [2e9]
    wide, narrow = forecast(X, y, at), forecast(X, y, at, level=0.5)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    t = student(wide.df, wide.location[0], wide.scale[0])
    assert np.log(wide.high[0]) == pytest.approx(t.ppf(0.95), abs=1e-9)
    assert wide.log_density([0.3])[0] == pytest.approx(t.logpdf(np.log(0.3)) - np.log(0.3))
    assert sum(share[0] for share in wide.parts.values()) == pytest.approx(1)


@pytest.mark.parametrize("factor", [1e-9, 6.0, 1e12])
def test_the_unit_of_x_and_the_order_of_points_do_nothing(factor):
    rng = np.random.default_rng(0)
    y = damped_curve(ERROR, X, **ERRORS) * np.exp(0.01 * rng.standard_normal(len(X)))
    first = forecast(X, y, [2e9, 5e9])
    mixed = rng.permutation(len(X))
    again = forecast(X[mixed] * factor, y[mixed], np.array([2e9, 5e9]) * factor)
    for name in ("value", "low", "high", "log_linear", "last"):
        np.testing.assert_allclose(getattr(again, name), getattr(first, name), rtol=1e-9)


def test_the_unit_of_a_loss_only_scales_the_answer():
    y = damped_curve(LOSS, X, **LOSSES)
    nats, bits = forecast(X, y, 2e9), forecast(X, y / np.log(2), 2e9)
    np.testing.assert_allclose(bits.high, nats.high / np.log(2), rtol=1e-9)


def codes(found: Forecast) -> set[str]:
    return {notice.code for notice in found.notices}


@pytest.mark.parametrize("points", [4, 5, 7])
def test_a_short_curve_is_foretold_with_a_warning(points):
    x = np.geomspace(1e8, 1e9, points)
    law = ERRORS | {"k": 0.4}
    found = forecast(x, damped_curve(ERROR, x, **law), 2e9)
    assert "few-points" in codes(found)
    truth = damped_curve(ERROR, np.array([2e9]), **law)
    assert found.low < truth < found.high
    many = forecast(X, damped_curve(ERROR, X, **law), 2e9)
    assert found.scale[0] > 1.5 * many.scale[0]
    assert "few-points" not in codes(many)


def test_notices_say_when_the_last_value_will_do():
    rng = np.random.default_rng(1)
    flat = 0.5 * np.exp(0.01 * rng.standard_normal(len(X)))
    assert "last-value-as-good" in codes(forecast(X, flat, 2e9))
    falling = forecast(X, damped_curve(ERROR, X, **ERRORS), 2e9)
    assert codes(falling) == {"taken-as-error"}
    assert codes(forecast(X, 3 * flat, 2e10)) >= {"far-horizon"}
    rising = 1 - damped_curve(ERROR, X, **ERRORS)
    assert "rising" in codes(forecast(X, rising, 2e9))


def test_an_error_rate_stays_below_one():
    y = np.linspace(0.99, 0.97, 6)
    found = forecast(np.geomspace(1e6, 1e9, 6), y, [2e9, 2e11], level=0.999)
    assert np.all(found.high <= 1)
    assert np.all(found.low < found.value)


def test_many_points_are_averaged_and_their_noise_is_seen():
    rng = np.random.default_rng(2)
    x = np.arange(1, 5001) * 2e5
    truth = damped_curve(ERROR, x, **ERRORS)
    y = truth * np.exp(0.02 * rng.standard_normal(len(x)))
    found = forecast(x, y, 2e9)
    assert len(Curve.of(x, y, ERROR)) <= MOST_POINTS
    assert found.points == 5000
    assert abs(np.log(found.value[0] / damped_curve(ERROR, np.array([2e9]), **ERRORS)[0])) < 0.01
    # bins share none of their noise here, so what single points scatter is not overrated
    assert 0.003 < found.noise_floor < 0.03


def test_points_at_one_x_count_as_repeats():
    x, y = np.repeat(X, 2), np.repeat(damped_curve(ERROR, X, **ERRORS), 2)
    curve = Curve.of(x, y * np.tile([0.99, 1.01], len(X)), ERROR)
    assert len(curve) == len(X)
    assert curve.binned
    np.testing.assert_allclose(np.exp(curve.log_y), y[::2], rtol=1e-3)


GOOD_Y = [0.9, 0.8, 0.7, 0.6]


@pytest.mark.parametrize(
    ("x", "y", "at", "options", "message"),
    [
        ([1, 2, 3, 4], [0.9, 0.8, 0.7], 8, {}, "x has 4 numbers and y has 3"),
        ([1, 2, 3, 3], GOOD_Y, 8, {}, "3 different x are too few"),
        ([0, 2, 3, 4], GOOD_Y, 8, {}, r"x\[0\] is 0; every x must be a positive number"),
        ([1, 2, 3, 4], [0.9, np.nan, 0.7, 0.6], 8, {}, r"y\[1\] is nan"),
        ([1, 2, 3, 4], [0.9, 0.8, -0.7, 0.6], 8, {}, r"y\[2\] is -0.7"),
        ([1, 2, 3, 4], ["a", 1, 2, 3], 8, {}, "y must be numbers"),
        ([[1, 2], [3, 4]], GOOD_Y, 8, {}, "x must be a list of numbers"),
        ([1, 2, 3, 4], GOOD_Y, 3, {}, "at is 3, not beyond the curve's last x, 4"),
        ([1, 2, 3, 4], GOOD_Y, [], {}, "at must be a list"),
        ([1, 2, 3, 4], GOOD_Y, 8, {"level": 90}, "level must lie between 0 and 1"),
        ([1, 2, 3, 4], GOOD_Y, 8, {"scale": "logit"}, "scale must be auto, error or loss"),
        ([1, 2, 3, 4], [90, 80, 70, 60], 8, {"scale": "error"}, "divide percentages by 100"),
        ([1, 2, 3, 4], GOOD_Y, 8, {"noise_factor": 0}, "noise_factor must be a positive"),
    ],
)
def test_bad_input_is_named(x, y, at, options, message):
    with pytest.raises(InputError, match=message):
        forecast(x, y, at, **options)


@pytest.mark.parametrize("transform", [ERROR, LOSS])
def test_a_transform_goes_there_and_back(transform):
    log_y = np.log([1e-200, 1e-4, 0.2, 0.7, 0.99])
    z, stretch = transform.forward(log_y)
    np.testing.assert_allclose(transform.back(z), log_y, atol=1e-9)
    np.testing.assert_allclose(transform.stretch(z), stretch, rtol=1e-6)
    step = transform.forward(log_y + 1e-6)[0] - transform.forward(log_y - 1e-6)[0]
    np.testing.assert_allclose(step / 2e-6, stretch, rtol=1e-4)


@pytest.mark.parametrize(("u", "v"), [(-2.0, -0.7), (-1.5, 0.8), (0.4, 1.3), (-1.0, -1.0)])
@pytest.mark.parametrize("k", [-0.1, 0.0, 0.5, 1 / drift.LENGTH])
def test_the_covariance_of_the_drift_is_its_double_integral(u, v, k):
    def inner(s, t):
        return np.exp(-k * (s + t) - abs(s - t) / drift.LENGTH)

    # split at the ridge s = t, which quadrature does not like
    def strip(t):
        return quad(inner, 0, u, args=(t,), points=[t] if 0 < t / u < 1 else None)[0]

    expected = quad(strip, 0, v, epsabs=1e-8)[0] if u * v > 0 else dblquad(inner, 0, v, 0, u)[0]
    found = drift.covariance(np.array([u]), np.array([v]), k)[0, 0]
    assert found == pytest.approx(expected, rel=2e-4)


def test_one_cell_is_the_dense_gaussian_process(monkeypatch):
    cell = {"DAMPING": [0.4], "SLOPE": [0.2], "DRIFT": [0.3], "NOISE": [0.02]}
    for name, values in cell.items():
        monkeypatch.setattr(prior, name, np.array(values))
    monkeypatch.setattr(gaussian, "DAMPING", np.array([0.4]))
    rng = np.random.default_rng(3)
    x = np.geomspace(1e7, 1e9, 12)
    y = damped_curve(ERROR, x, **ERRORS) * np.exp(0.02 * rng.standard_normal(12))
    curve, ahead = Curve.of(x, y, ERROR), np.array([0.3, 1.2])

    def cov(u, v):
        h = np.outer(damped.bend(u, 0.4), damped.bend(v, 0.4))
        return 9 + (0.4 * 0.2) ** 2 * h + (0.2 * 0.3) ** 2 * drift.covariance(u, v, 0.4)

    noise = 0.02 * curve.stretch * np.exp(-0.2 * curve.u)
    dense = cov(curve.u, curve.u) + np.diag(noise**2)
    rest = curve.z - curve.z[-1] + 0.2 * damped.bend(curve.u, 0.4)
    expected = multivariate_normal.logpdf(rest, cov=dense)
    # the likelihood is that of data divided by the noise's scale: a constant for one curve
    found = gaussian.evidence(curve)[0, 0] - np.log(noise / 0.02).sum()
    assert found == pytest.approx(expected, abs=1e-6)

    link = cov(ahead, curve.u) @ np.linalg.inv(dense)
    mean = curve.z[-1] - 0.2 * damped.bend(ahead, 0.4) + link @ rest
    variance = np.diag(cov(ahead, ahead) - link @ cov(curve.u, ahead))
    one = np.ones(1)
    found = gaussian.predict(curve, ahead, prior.Prior(one, one, one, one))
    np.testing.assert_allclose(found.mean, ERROR.back(mean), atol=1e-7)
    np.testing.assert_allclose(found.trend * ERROR.stretch(mean) ** 2, variance, rtol=1e-4)
    np.testing.assert_allclose(found.noise, 0.02**2)


def test_the_shipped_prior_is_a_distribution():
    for transform in (ERROR, LOSS):
        for table, grid in zip(prior.prior_of(transform).tables, prior.SIZES.values(), strict=True):
            assert table.shape == grid.shape
            assert table.min() > 0
            assert table.sum() == pytest.approx(1)


def test_a_prior_is_learnt_from_curves():
    rng, x = np.random.default_rng(4), np.geomspace(2e8, 1e9, 40)
    curves = []
    for _ in range(6):
        y = damped_curve(ERROR, x, **ERRORS) * np.exp(0.018 * rng.standard_normal(len(x)))
        curves.append(Curve.of(x, y, ERROR))
    found = learn.learn(curves)
    assert 0.01 <= prior.NOISE[np.argmax(found.noise)] <= 0.018
    assert found.slope[(prior.SLOPE >= 0.14) & (prior.SLOPE <= 0.24)].sum() > 0.4
    text = prior.to_toml({"error": found, "loss": found}, "a note")
    import tomllib

    again = prior.from_tables(tomllib.loads(text)["error"])
    np.testing.assert_allclose(again.damping, found.damping, atol=1e-3)
    with pytest.raises(ValueError, match="noise has 2 shares"):
        prior.from_tables(tomllib.loads(text)["error"] | {"noise": [0.5, 0.5]})


def test_naive_forecasts():
    curve = Curve.of(X, 3 * X**-0.1, LOSS)
    ahead = np.array([0.5, 2.0])
    np.testing.assert_allclose(
        naive.log_linear(curve, ahead), np.log(3) - 0.1 * (np.log(1e9) + ahead)
    )
    np.testing.assert_allclose(np.exp(naive.last_value(curve, ahead)), 3 * 1e9**-0.1)
    assert stack(curve, ahead).location[1] > naive.log_linear(curve, ahead)[1]


def table(folder, *, bad="", zipped=False, columns=COLUMNS):
    """A small file of two falling curves and one too short to be foretold."""
    rows = [",".join(columns)]
    for model, k in (("a", 0.4), ("b", 0.6)):
        x = np.geomspace(1e6, 4e9, 30)
        y = damped_curve(ERROR, x, **ERRORS | {"k": k}, end=2e9)
        rows += [f"IC,few,{model},{v},{w},{int(v <= 2e9)}" for v, w in zip(x, y, strict=True)]
    rows += ["LM,loss,c,1e6,0.9,1", "LM,loss,c,2e6,0.8,1", "LM,loss,c,2e6,0.7,1"]
    rows += ["LM,loss,c,4e6,0.7,0", "LM,loss,unseen,1e6,0.9,0", *([bad] if bad else [])]
    path = folder / ("t.csv.gz" if zipped else "t.csv")
    with (gzip.open if zipped else open)(path, "wt") as file:
        file.write("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_a_table_of_curves_is_scored(tmp_path, zipped):
    result = bench.run(table(tmp_path, zipped=zipped))
    assert result["curves"] == 3
    assert set(result["domains"]) == {"IC", "LM"}
    assert result["domains"]["IC"]["mean_log_rmse"] < 0.005
    # two different x: the last row of equal ones stands, and is repeated
    assert result["domains"]["LM"]["mean_log_rmse"] == pytest.approx(0, abs=1e-12)
    assert result["baselines"]["BNSL"]["not_fitted"] == 1
    assert result["baselines"]["last value"]["domains"]["IC"] > 0.05
    x16 = result["horizons"]["x16"]
    assert x16["curves"] == 2
    assert x16["forecast"] < 0.3 * x16["last value"]
    assert all(name in bench.table(result) for name in ("BNSL", "x16", "coverage", "last value"))


def test_the_table_is_read_as_its_authors_read_it(tmp_path):
    tasks = {task.key[2]: task for task in read_tasks(table(tmp_path))}
    assert list(tasks) == ["a", "b", "c"]
    np.testing.assert_array_equal(tasks["c"].y, [0.9, 0.7])
    assert len(tasks["a"].cut(2).x) < len(tasks["a"].x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bad": "IC,few,a,abc,0.3,1"}, r"line 67: seen_examples is 'abc'"),
        ({"bad": "IC,few,a,5,0,1"}, r"line 67: loss is '0', expected a positive number"),
        ({"bad": "IC,few,a,5,0.3,yes"}, r"training is 'yes', expected 0 or 1"),
        ({"columns": (*COLUMNS[:5], "split")}, "has no column training"),
    ],
)
def test_a_bad_table_is_named(tmp_path, options, message):
    with pytest.raises(RunsError, match=message):
        bench.run(table(tmp_path, **options))
