"""Members of a mixture: forms, their solver, memories."""

import numpy as np
import pytest

from isoloss.exceptions import FitError
from isoloss.law import find_law
from isoloss.trust.mixture import forms
from isoloss.trust.mixture.blend import forecast
from isoloss.trust.mixture.law_form import LawForm
from isoloss.trust.mixture.members import Member, built_in, fit_member
from isoloss.trust.mixture.rows import asked_rows, training_rows
from isoloss.trust.mixture.solve import Prior, solve

from .mixture_cases import chinchilla_like, one_input, truth

SEVERAL = [
    forms.ADDITIVE, forms.TIED, forms.NO_FLOOR, forms.COUPLED, forms.Quadratic(), forms.Damped(),
]  # fmt: skip
ONE = [*SEVERAL, forms.POWER, forms.SHIFTED]


@pytest.mark.parametrize(
    ("form", "d"),
    [*((f, 2) for f in SEVERAL), *((f, 1) for f in ONE)],
    ids=lambda v: getattr(v, "id", v),
)
def test_jacobians_are_those_of_finite_differences(form, d):
    rng = np.random.default_rng(1)
    u, y = rng.normal(size=(7, d)), 1.0 + 0.2 * rng.normal(size=7)
    theta = form.prior(u, y).mean + 0.3 * rng.normal(size=form.count(d))
    value, jacobian = form.evaluate(theta[None, :], u)
    assert value.shape == (1, 7)
    assert jacobian.shape == (1, form.count(d), 7)
    for k in range(form.count(d)):
        step = np.zeros(form.count(d))
        step[k] = 1e-6
        ahead, back = (form.evaluate((theta + s * step)[None, :], u)[0] for s in (1, -1))
        assert jacobian[0, k] == pytest.approx(((ahead - back) / 2e-6)[0], abs=1e-7)


@pytest.mark.parametrize("form", ONE, ids=lambda f: f.id)
def test_starts_are_as_long_as_the_form_says_and_finite(form):
    rows = training_rows(one_input("floor"), (), None)
    bound = form.bind(rows, rows.weights)
    assert bound.starts.shape[1] == form.count(1) == len(bound.prior.mean) == len(bound.prior.sd)
    assert np.isfinite(bound.evaluate(bound.starts, rows)[0]).all()


def test_damped_without_damping_is_a_straight_line():
    u = np.linspace(-2, 2, 5)[:, None]
    flat, _ = forms.Damped().evaluate(np.array([[1.0, -0.1, 0.0]]), u)
    near, _ = forms.Damped().evaluate(np.array([[1.0, -0.1, 1e-5]]), u)
    assert flat[0] == pytest.approx(1.0 - 0.1 * u[:, 0])
    assert near[0] == pytest.approx(flat[0], abs=1e-5)


def test_the_solver_finds_the_ridge_solution_of_a_linear_problem():
    rng = np.random.default_rng(0)
    design, y = rng.normal(size=(3, 40)), rng.normal(size=40)
    prior = Prior(np.array([1.0, 0.0, 0.0]), np.array([0.5, np.inf, 2.0]))
    # noise so large that no residual is beyond Huber's turn
    noise = 10.0
    theta, _ = solve(
        lambda t: (t @ design, np.broadcast_to(design, (len(t), *design.shape))),
        y, np.zeros((1, 3)), np.ones((1, 40)), noise, prior, tolerance=1e-15,
    )  # fmt: skip
    normal = design @ design.T / noise**2 + np.diag(prior.sd**-2.0)
    expected = np.linalg.solve(normal, design @ y / noise**2 + prior.mean / prior.sd**2)
    assert theta[0] == pytest.approx(expected, abs=1e-6)


def test_bounds_hold_and_the_other_parameters_find_their_best():
    design = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 3.0]])
    y = np.array([-1.0, 0.0, 1.0, 2.0])
    free = Prior(np.zeros(2), np.full(2, np.inf))
    theta, _ = solve(
        lambda t: (t @ design, np.broadcast_to(design, (len(t), *design.shape))),
        y, np.ones((1, 2)), np.ones((1, 4)), 10.0, free,
        bounds=(np.array([0.0, -np.inf]), np.array([np.inf, np.inf])), tolerance=1e-15,
    )  # fmt: skip
    assert theta[0, 0] == 0.0
    assert theta[0, 1] == pytest.approx(design[1] @ y / (design[1] @ design[1]), abs=1e-6)


def test_one_wild_run_hardly_moves_a_member():
    runs = chinchilla_like(36)
    rows = training_rows(runs, (), None)
    asked = asked_rows(rows, {"N": 2e10, "D": 4e11}, ())
    clean = fit_member(Member(forms.ADDITIVE), rows).predict(asked)
    y = rows.y.copy()
    y[5] += 1.0
    wild = fit_member(Member(forms.ADDITIVE), type(rows)(**{**vars(rows), "y": y})).predict(asked)
    assert wild == pytest.approx(clean, abs=0.01)


def test_a_memory_halves_weights_with_every_such_decade():
    rows = training_rows(one_input("power", runs=5), (), None)
    weights = Member(forms.POWER, 0.5).remembered(rows)
    assert weights == pytest.approx([0.5**8, 0.5**6, 0.5**4, 0.5**2, 1.0])
    assert Member(forms.POWER).remembered(rows) == pytest.approx(np.ones(5))
    assert Member(forms.POWER, 0.5).runs_remembered(rows) == pytest.approx(
        weights.sum() ** 2 / (weights**2).sum()
    )
    assert Member(forms.POWER).id == "power"
    assert Member(forms.POWER, 0.5).id == "power, memory 0.5"


def test_a_short_memory_follows_the_end_of_a_bent_trend():
    rows = training_rows(one_input("steeper", noise=1e-4), (), None)
    asked = asked_rows(rows, {"C": 1e22}, ())
    expected = 3 - 0.05 * np.log(1e22) - 0.05 * np.log(1e3)
    long = fit_member(Member(forms.POWER), rows).predict(asked)[0]
    short = fit_member(Member(forms.POWER, 0.1), rows).predict(asked)[0]
    assert abs(short - expected) < 0.02 < abs(long - expected)


def test_the_additive_member_recovers_its_own_law():
    rows = training_rows(chinchilla_like(100, noise=1e-3), (), None)
    asked = asked_rows(rows, {"N": [1e8, 2e10], "D": [4e9, 4e11]}, ())
    fit = fit_member(Member(forms.ADDITIVE), rows, draws=50)
    assert fit.predict(asked) == pytest.approx(truth([1e8, 2e10], [4e9, 4e11]), abs=0.005)
    assert 0.0005 < fit.spread < 0.002
    assert 3.0 < fit.freedom <= 5.0
    assert fit.draws.shape == (50, 5)
    near, far = fit.scatter(asked)
    assert 0 < near < far < 0.01


def test_a_law_of_the_library_is_a_member_too():
    law = find_law("chinchilla")
    rows = training_rows(chinchilla_like(100, noise=1e-3), (law,), None)
    fit = fit_member(Member(LawForm.prepared(law, rows)), rows)
    found = dict(zip(law.parameter_names, law.natural(fit.theta), strict=True))
    assert found["alpha"] == pytest.approx(0.348, abs=0.03)
    assert found["E"] == pytest.approx(1.82, abs=0.05)


def test_a_member_that_fails_is_no_exception_among_others():
    law = find_law("E - A*N**alpha - D*1e9", variables=("N", "D"))
    rows = training_rows(chinchilla_like(36), (law,), None)
    hopeless = Member(LawForm(law, np.zeros((0, 3))))
    with pytest.raises(FitError, match="no finite value at any start"):
        fit_member(hopeless, rows)
    found = forecast([hopeless, built_in(2)[0]], rows, rows, draws=0, seed=0)
    assert found.usable.tolist() == [False, True]
    assert found.fitted[0] is None


def test_built_in_members_are_five_forms_with_three_memories():
    for d, names in ((1, "shifted"), (2, "coupled")):
        members = built_in(d)
        assert len(members) == 15
        assert len({m.form.id for m in members}) == 5
        assert names in {m.form.id for m in members}
