"""Every built-in form finds its own parameters again, and says where it comes from."""

import re
import shutil
from typing import Any

import numpy as np
import pytest

from isoloss import read_runs
from isoloss.fit import Fit
from isoloss.law import Law, forms
from tests.form_points import grid, node, scattered, typical

NAMES = sorted(forms())


def fit(law: Law, table: dict[str, Any], **options: Any) -> Fit:
    roles = ",".join(f"{name}={name}" for name in (*law.variable_names, law.target))
    return law.fit(read_runs(table, map=roles, target=law.target), draws=0, **options)


def objective(wanted: np.ndarray) -> str:
    """What the target allows: a logarithm needs it to be positive."""
    return "huber-log" if (wanted > 0).all() else "ls"


@pytest.mark.parametrize("name", NAMES)
def test_the_typical_values_lie_within_bounds_and_starts_and_show_on_the_grid(name):
    law = forms()[name]
    at, inputs = typical(law), grid(law)
    wanted = law(inputs | at)
    assert np.isfinite(wanted).all()
    for p in law.parameters:
        for low, high in (p.bounds, p.start or p.bounds):
            assert low < at[p.name] < high, p.name
        # a parameter that nothing depends on would be recovered by chance only
        changed = law(inputs | at | {p.name: at[p.name] * 1.05})
        assert np.abs(changed - wanted).max() > 1e-4 * np.abs(wanted).mean(), p.name


def check_recovery(law: Law, how: str, wanted: np.ndarray, inputs: dict[str, np.ndarray]) -> None:
    found = fit(law, {**inputs, law.target: wanted}, objective=how)
    values = dict(found.values)
    scale = np.abs(wanted).mean()
    if law.identifiability:
        # the curve comes back, the parameters cannot all
        np.testing.assert_allclose(law(inputs | values), wanted, rtol=1e-4, atol=1e-4 * scale)
        return
    assert found.certificate.certified
    np.testing.assert_allclose(law(inputs | values), wanted, rtol=1e-8, atol=1e-9 * scale)
    for parameter, value in typical(law).items():
        assert values[parameter] == pytest.approx(value, rel=1e-5, abs=1e-9), parameter


@pytest.mark.parametrize("name", NAMES)
def test_a_form_finds_its_own_parameters(name):
    law = forms()[name]
    inputs = grid(law)
    wanted = law(inputs | typical(law))
    check_recovery(law, objective(wanted), wanted, inputs)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["ls-log", "ls"])
@pytest.mark.parametrize("name", NAMES)
def test_a_form_finds_its_own_parameters_under_least_squares(name, how):
    law = forms()[name]
    inputs = grid(law)
    wanted = law(inputs | typical(law))
    if how == "ls-log" and objective(wanted) == "ls":
        pytest.skip("the target of this form is negative somewhere, so it has no logarithm")
    check_recovery(law, how, wanted, inputs)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_form_follows_noisy_runs(name):
    law = forms()[name]
    inputs = grid(law)
    clean = law(inputs | typical(law))
    scale = np.abs(clean).mean()
    rng = np.random.default_rng(5)
    positive = objective(clean) != "ls"
    noise = 0.005 * rng.standard_normal(clean.size)
    noisy = clean * np.exp(noise) if positive else clean + scale * noise
    found = fit(law, {**inputs, law.target: noisy}, objective="ls-log" if positive else "ls")
    # the noise averages out over more runs than parameters
    again = law(inputs | dict(found.values))
    miss = np.log(again / clean) if positive else (again - clean) / scale
    assert np.sqrt(np.mean(miss**2)) < 0.005


@pytest.mark.parametrize("name", NAMES)
def test_a_form_says_what_it_is(name):
    law = forms()[name]
    assert law.summary
    assert law.name
    assert law.family
    assert re.fullmatch(r"[A-Za-z]\w*", law.target)
    assert law.sources
    assert all(s.cite and s.url.startswith("https://") for s in law.sources)
    assert all(part.meaning.strip() for part in (*law.variables, *law.parameters))


@pytest.mark.parametrize("name", NAMES)
def test_latex_holds_every_part(name):
    law = forms()[name]
    left, right = law.latex.split(" = ", 1)
    assert left
    # a name with an index is written with braces, a Greek one with a backslash: stems are enough
    for part in (*law.parameter_names, *law.variable_names):
        assert part.partition("_")[0] in right, part


@pytest.mark.parametrize("name", NAMES)
def test_the_jacobian_agrees_with_a_complex_step(name):
    law = forms()[name]
    at = scattered(law, 40, seed=3)
    inputs = law.inputs(at)
    theta = law.internal(np.stack([at[p] for p in law.parameter_names], axis=-1))
    # one row of parameters for every point
    for k in range(0, 40, 8):
        row, here = theta[k : k + 1], [x[k : k + 1] for x in inputs]
        exact = law.functions.jacobian(row, here)
        for j in range(len(law.parameters)):
            step = row.astype(complex)
            step[0, j] += 1e-30j
            slope = np.imag(law.functions.value(step, here)) / 1e-30
            # a small slope beside large ones that cancel keeps their rounding
            size = max(1e-3 * np.max(np.abs(exact[0])), 1e-300)
            np.testing.assert_allclose(
                np.broadcast_to(exact[1 + j], slope.shape), slope, rtol=1e-9, atol=1e-9 * size
            )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_gives_the_value_that_numpy_gives():
    """On 1,000 random points of every form."""
    laws = list(forms().values())
    points = [scattered(law, 1000, seed=7) for law in laws]
    found = node([(law.javascript, at) for law, at in zip(laws, points, strict=True)])
    for law, at, values in zip(laws, points, found, strict=True):
        wanted = law(at)
        assert np.isfinite(wanted).mean() > 0.99, law.id
        good = np.isfinite(wanted)
        size = np.abs(wanted[good]).mean()
        np.testing.assert_allclose(
            values[good], wanted[good], rtol=1e-12, atol=1e-13 * size, err_msg=law.id
        )


def test_forms_that_hold_another_one_give_its_values():
    n = grid(forms()["chinchilla"])
    base = typical(forms()["chinchilla"])
    plain = forms()["chinchilla"](n | base)
    np.testing.assert_allclose(forms()["coupled"](n | base | {"gamma": 1.0}), plain, rtol=1e-14)
    tied = typical(forms()["gadre"])
    np.testing.assert_allclose(
        forms()["gadre"](n | tied),
        forms()["chinchilla"](n | tied | {"beta": tied["alpha"]}),
        rtol=1e-14,
    )
    x = {"N": np.geomspace(1e6, 1e11, 9)}
    np.testing.assert_allclose(
        forms()["kaplan_single"](x | {"N_c": 8.8e13, "alpha": 0.076}),
        forms()["power"](x | {"A": 8.8e13**0.076, "alpha": 0.076}),
        rtol=1e-12,
    )
    bent = typical(forms()["bnsl"]) | {"c_1": 0.0}
    floor = {"E": bent["a"], "A": bent["b"], "alpha": bent["c_0"]}
    np.testing.assert_allclose(
        forms()["bnsl"](x | bent), forms()["power_floor"](x | floor), rtol=1e-14
    )
