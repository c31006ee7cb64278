"""Variable projection: coefficients, signs, descent, robustness, groups."""

import numpy as np
import pytest

from isoloss.trust.auto.engine import best_of, descend, huber, scattered, search
from isoloss.trust.auto.fitting import contain, fit_form
from isoloss.trust.auto.forms import Batch, Form, Shape, design
from isoloss.trust.auto.job import Points
from isoloss.trust.auto.library.one import one_forms
from isoloss.trust.auto.library.several import add, product
from isoloss.trust.auto.projection import jacobian, project

from .auto_cases import grid, job_of, off

RNG = np.random.default_rng(8)


def power_form(positive=(False, False)):
    shape = Shape("a", np.log(0.02), np.log(2), np.log(0.3), 0.7, np.exp)

    def basis(points, theta):
        return [1.0, np.exp(-np.exp(theta[:, 0, None, None]) * points.u[..., 0])]

    return Form("pow", (shape,), ("E", "A"), positive, basis, "E + A*x**-a")


def batch_of(u, y, w=None, amplitude=0.0):
    """Problems (B, 1, m) that share one input."""
    y = np.atleast_2d(y)[:, None, :]
    points = Points(
        u[None, None, :, None],
        u[None, None, :, None],
        np.zeros((1, 1, len(u), 0)),
        np.zeros((1, 1, len(u)), dtype=int),
        np.zeros(1),
    )
    w = np.ones_like(y) if w is None else np.atleast_2d(w)[:, None, :]
    count = len(y)
    centre = np.full((count, 1), np.log(0.3))
    return Batch(points, y, w, centre, np.full((count, 1), 0.7), np.full(count, amplitude))


U = np.linspace(-3, 3, 25)


def test_several_problems_are_fitted_at_once_and_exactly():
    y = np.stack([1 + 2 * np.exp(-0.4 * U), 3 - 0.5 * np.exp(-0.9 * U)])
    end = search(power_form(), batch_of(U, y))
    assert np.allclose(np.exp(end.theta[:, 0]), [0.4, 0.9], rtol=1e-6)
    assert np.allclose(end.c[:, 0], [[1, 2], [3, -0.5]], rtol=1e-6)
    assert np.all(end.cost < 1e-12)


def test_a_row_without_weight_is_not_seen():
    y = 1 + 2 * np.exp(-0.4 * U)
    spoilt, w = y.copy(), np.ones(25)
    spoilt[5], w[5] = 100.0, 0.0
    end = search(power_form(), batch_of(U, spoilt, w))
    assert np.allclose(end.c[0, 0], [1, 2], rtol=1e-6)


def test_a_sign_that_is_imposed_holds():
    y = -1 + 2 * np.exp(-0.4 * U)
    free = search(power_form(), batch_of(U, y))
    held = search(power_form((True, True)), batch_of(U, y))
    assert free.c[0, 0, 0] == pytest.approx(-1, rel=1e-5)
    assert held.c[0, 0, 0] == 0.0
    # the other coefficient is the best one without a floor
    column = np.exp(-np.exp(held.theta[0, 0]) * U)
    assert held.c[0, 0, 1] == pytest.approx(column @ y / (column @ column), rel=1e-6)
    assert held.cost[0] > free.cost[0]


def test_the_slope_of_the_projection_is_that_of_finite_differences():
    form, batch = power_form(), batch_of(U, 1 + np.exp(-0.5 * U) + 0.1 * np.cos(U))
    root, theta = np.sqrt(batch.w), np.array([[np.log(0.35)]])
    at = project(form, batch, theta, root)
    slope = 2 * np.einsum("bgm,bgmq->bq", at.r, jacobian(form, batch, theta, at, root))[0, 0]
    costs = [project(form, batch, theta + h, root).cost[0] for h in (1e-5, -1e-5)]
    assert slope == pytest.approx((costs[0] - costs[1]) / 2e-5, rel=1e-4)


def test_the_prior_holds_a_shape_that_the_rows_do_not_know():
    y = np.full(25, 2.0) + 1e-6 * RNG.standard_normal(25)
    end = search(power_form(), batch_of(U, y, amplitude=0.1))
    assert np.exp(end.theta[0, 0]) == pytest.approx(0.3, rel=0.05)


def test_far_rows_are_weighed_down():
    y = 1 + 2 * np.exp(-0.4 * U) + 1e-3 * RNG.standard_normal(25)
    y[3] += 5.0
    form, batch = power_form(), batch_of(U, y)
    plain = search(form, batch)
    end = plain
    for _ in range(4):
        end = descend(form, huber(form, batch, end), end.theta)
    errors = [np.abs(one.c[0, 0] - [1, 2]).max() for one in (plain, end)]
    assert errors[0] > 0.05
    assert errors[1] < 0.02


def test_a_form_that_overflows_is_no_crash():
    form = power_form()
    batch = batch_of(U * 1e4, 1 + U**2)
    end = search(form, batch)
    assert np.all(np.isfinite(end.c))
    assert np.all(np.isfinite(design(form, batch.points, end.theta)))


def test_best_of_takes_the_lowest_for_each_problem():
    y = np.stack([1 + np.exp(-0.4 * U), 1 + np.exp(-1.2 * U)])
    batch, form = batch_of(U, y), power_form()
    ends = [descend(form, batch, np.full((2, 1), np.log(a)), 0) for a in (0.4, 1.2)]
    assert np.allclose(np.exp(best_of(ends).theta[:, 0]), [0.4, 1.2])


def test_scattered_points_fill_the_cube_evenly():
    points = scattered(64, 2)
    counts = np.histogram2d(*points.T, bins=4, range=[[0, 1], [0, 1]])[0]
    assert counts.min() >= 2
    assert np.array_equal(points, scattered(64, 2))


def grouped(noise=0.0):
    """Two groups with one exponent and constants of their own."""
    n, g = grid(np.geomspace(1e6, 1e9, 8), [0, 1])
    loss = np.array([1.0, 2.0])[g.astype(int)] + np.array([30.0, 90.0])[g.astype(int)] * n**-0.25
    labels = np.array(["a", "b"])[g.astype(int)]
    return {"N": n, "g": labels, "loss": loss + noise * RNG.standard_normal(len(n))}


def test_modes_treat_groups_as_they_say():
    query = {"N": [1e11, 1e11], "g": ["a", "b"]}
    truth = np.array([1 + 30 * 1e11**-0.25, 2 + 90 * 1e11**-0.25])
    job = job_of(grouped(), query, group="g")
    form = next(form for form in one_forms(job, 0) if form.name == "pow")
    laws = {mode: next(fit_form(job, form, mode, (0.0,))) for mode in ("one", "shared", "sep")}
    assert off(laws["shared"], job, truth) < 1e-3
    assert off(laws["sep"], job, truth) < 1e-2
    assert off(laws["one"], job, truth) > 0.1
    assert laws["shared"].law.theta.shape == (1, 1, 1)
    assert laws["shared"].law.c.shape == (1, 2, 2)
    assert laws["sep"].law.theta.shape == (1, 2, 1)


def test_partial_pooling_lies_between():
    job = job_of(grouped(0.02), {"N": [1e11, 1e11], "g": ["a", "b"]}, group="g")
    form = next(form for form in one_forms(job, 0) if form.name == "pow")
    theta = {
        mode: next(fit_form(job, form, mode, (0.0,))).law.theta[0, :, 0]
        for mode in ("shared", "sep", "partial")
    }
    spread = {mode: np.ptp(values) for mode, values in theta.items()}
    assert spread["shared"] == 0
    assert 0 < spread["partial"] < spread["sep"]


def test_hidden_rows_do_not_reach_the_fit_of_their_split():
    """Changing what is hidden changes no forecast of it."""
    n, d = grid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 6))
    loss = 1.7 + 40 * n**-0.3 + 90 * d**-0.3
    query = {"N": [1e10], "D": [1e12]}
    first = job_of({"N": n, "D": d, "loss": loss}, query)
    hidden = first.rules[0].hidden
    changed = loss.copy()
    changed[hidden] *= 0.9
    second = job_of({"N": n, "D": d, "loss": changed}, query)
    values = [
        next(fit_form(job, add(job, [0, 1]), "one", (0.0,))).here[0, hidden]
        for job in (first, second)
    ]
    assert np.allclose(values[0], values[1], rtol=1e-9)


def test_a_rising_target_is_turned_over():
    """Laws whose amplitudes must be positive fall; a score that rises is one of them, negated."""
    n, d = grid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6))
    far = {"N": np.array([1e10]), "D": np.array([1e12])}
    score, truth = (0.9 - 9 * a**-0.12 * b**-0.05 for a, b in ((n, d), (far["N"], far["D"])))
    job = job_of({"N": n, "D": d, "score": score}, far, ["score"])
    assert job.sign.tolist() == [-1]
    assert off(next(fit_form(job, product(job, [0, 1]), "one", (0.0,))), job, truth) < 0.01


def test_values_are_held_within_reach_of_what_was_seen():
    job = job_of({"N": np.arange(1.0, 13), "loss": np.arange(12.0)[::-1]}, {"N": [20.0, 30, 40]})
    here = np.full((len(job.seen), 12, 1), 1e9)
    here[0, 0], there = np.nan, np.array([[-1e9], [np.nan], [5.0]])
    bounded, asked = contain(job, here, there)
    seen = job.y[job.seen[0]]
    assert bounded[0, 1, 0] == seen.max() + 1.5 * np.ptp(seen)
    assert bounded[0, 0, 0] == seen.mean()
    assert asked[:, 0].tolist() == [0 - 1.5 * 11, 5.5, 5.0]


def test_recent_weights_learn_from_the_largest_rows():
    n = np.geomspace(1e3, 1e9, 19)
    loss = np.where(n < 1e6, 3.0, 3.0 - 0.1 * np.log10(n / 1e6))
    job = job_of({"N": n, "loss": loss}, {"N": [1e10]})
    form = next(form for form in one_forms(job, 0) if form.name == "pow")
    even, recent = fit_form(job, form, "one", (0.0, 2.0))
    assert (even.name, recent.name) == ("pow", "pow|recent 2")
    assert off(recent, job, np.array([2.6])) < 0.6 * off(even, job, np.array([2.6]))
