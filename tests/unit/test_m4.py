"""The root of estimator M4: against bisection, its derivatives, and the same steps in a page."""

from __future__ import annotations

import json
import math
import shutil
import subprocess

import numpy as np
import pytest

from isoloss.law import find_law
from isoloss.law.m4 import JAVASCRIPT, STEPS, m4root

W = [1e-300, 1e-30, 1e-3, 0.1, 0.5, 1.0, 1.5, 3.0, 30.0, 1e4, 1e30, 1e300]
A = [1e-2, 0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 5.0, 50.0]
GRID = [(w, a) for w in W for a in A]


def bisected(w: float, a: float) -> tuple[float, float]:
    """Bracket of the logit of the z with ln z - a*ln(1 - z) = ln w."""
    low, high = -1e4, 1e4
    for _ in range(200):
        u = 0.5 * (low + high)
        # softplus without overflow
        log_z = -math.log1p(math.exp(-u)) if u > 0 else u - math.log1p(math.exp(u))
        log_rest = -u - math.log1p(math.exp(-u)) if u > 0 else -math.log1p(math.exp(u))
        if log_z - a * log_rest < math.log(w):
            low = u
        else:
            high = u
    return low, high


@pytest.mark.parametrize(("w", "a"), GRID)
def test_the_root_is_that_of_bisection(w, a):
    u = sum(bisected(w, a)) / 2
    wanted = 1 / (1 + math.exp(-u)) if u > -700 else math.exp(u)
    found = float(m4root(w, a))
    assert found == pytest.approx(wanted, rel=1e-12)
    assert 0 < found <= 1


def test_simple_roots():
    # a = 0: z = w; a = 1: z = w/(1 + w); a = 2, w = 2: 2(1 - z)**2 = z at z = 1/2
    np.testing.assert_allclose(m4root(np.array([0.1, 0.9]), 0.0), [0.1, 0.9], rtol=1e-14)
    np.testing.assert_allclose(m4root(np.array([0.1, 10.0]), 1.0), [0.1 / 1.1, 10 / 11], rtol=1e-14)
    assert float(m4root(2.0, 2.0)) == pytest.approx(0.5, rel=1e-15)


def test_it_satisfies_its_equation_over_arrays():
    w, a = np.geomspace(1e-6, 1e3, 41)[:, None], np.linspace(0.5, 4, 17)
    z = m4root(w, a)
    assert z.shape == (41, 17)
    assert np.all((z > 0) & (z < 1))
    np.testing.assert_allclose(np.log(z) - a * np.log1p(-z), np.log(w) + 0 * a, atol=1e-9)
    # z grows with w
    assert np.all(np.diff(z, axis=0) > 0)


def test_a_hard_row_does_not_stop_the_others():
    both = m4root(np.array([0.5, 1e300, 1e-300]), np.array([1.0, 0.01, 50.0]))
    assert both[0] == pytest.approx(1 / 3, rel=1e-15)
    assert np.all(np.isfinite(both))


@pytest.mark.parametrize("w", [0.0, -1.0, math.nan])
def test_outside_of_its_domain_it_is_no_number_between(w):
    with np.errstate(all="raise"):
        found = m4root(np.array([w, 0.5]), 1.0)
    assert not 0 < found[0] < 1
    assert found[1] == pytest.approx(1 / 3)


@pytest.mark.parametrize("a", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("w", [1e-4, 0.7, 1.3, 1e4])
def test_derivatives_by_complex_step(w, a):
    step = 1e-30
    u = sum(bisected(w, a)) / 2
    z, rest = 1 / (1 + math.exp(-u)), 1 / (1 + math.exp(u))
    # from ln z - a ln(1 - z) = ln w
    slope = 1 / z + a / rest
    by_w = np.imag(m4root(w + 1j * w * step, a + 0j)) / (w * step)
    assert float(by_w) == pytest.approx(1 / (w * slope), rel=1e-10)
    by_a = np.imag(m4root(w + 0j, a + 1j * step)) / step
    assert float(by_a) == pytest.approx(math.log(rest) / slope, rel=1e-10)


def test_derivatives_of_the_law_of_it():
    law = find_law("m4")
    names = law.parameter_names
    theta = law.internal(np.array([[p.typical for p in law.parameters]], dtype=float))
    x = np.log(np.geomspace(*(law.variables[0].range or (1.0, 10.0)), 5))
    value, *rows = law.functions.jacobian(theta, [x])
    np.testing.assert_allclose(value, law.functions.value(theta, [x]))
    for k, name in enumerate(names):
        moved = theta.astype(complex)
        moved[0, k] += 1e-30j
        by_step = np.imag(law.functions.value(moved, [x.astype(complex)])) / 1e-30
        np.testing.assert_allclose(
            np.broadcast_to(rows[k], by_step.shape), by_step, rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_page_takes_the_same_steps():
    script = f"const root = {JAVASCRIPT};"
    script += f"console.log(JSON.stringify({json.dumps(GRID)}.map(([w, a]) => root(w, a))))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    for (w, a), value in zip(GRID, found, strict=True):
        assert value == pytest.approx(float(m4root(w, a)), rel=1e-12), (w, a)
    assert f"i < {STEPS}" in JAVASCRIPT
