"""Changes of regime inside the fitted range."""

import numpy as np
import pytest

from isoloss.trust.mixture.regime import find_regime
from isoloss.trust.mixture.rows import training_rows

from .mixture_cases import chinchilla_like, one_input, table, truth


def regime(runs):
    return find_regime(training_rows(runs, (), None))


@pytest.mark.parametrize("kind", ["floor", "power"])
@pytest.mark.parametrize("noise", [1e-4, 0.003, 0.01])
def test_smooth_trends_are_not_called_broken(kind, noise):
    found = [regime(one_input(kind, runs=n, noise=noise, seed=s)) for n in (14, 40) for s in (0, 1)]
    assert not any(r.changed for r in found)


@pytest.mark.parametrize("noise", [1e-4, 0.003, 0.01])
def test_smooth_trends_of_two_inputs_are_not_called_broken(noise):
    found = [regime(chinchilla_like(n, noise=noise, seed=s)) for n in (16, 64) for s in (0, 1)]
    assert not any(r.changed for r in found)


@pytest.mark.parametrize(("kind", "after"), [("steeper", -0.1), ("plateau", 0.0)])
def test_a_kink_is_found_where_it_lies(kind, after):
    found = regime(one_input(kind, runs=40))
    assert found.changed
    assert not found.early
    assert found.at == pytest.approx(np.log(1e19), abs=0.6)
    assert found.before == pytest.approx(-0.05, abs=0.012)
    assert found.after == pytest.approx(after, abs=0.012)
    assert 17 <= found.behind <= 23


def test_a_kink_of_two_inputs_is_found():
    runs = chinchilla_like(64, noise=0.0)
    n, d = runs.columns["N"], runs.columns["D"]
    size = np.log(n * d)
    rng = np.random.default_rng(3)
    y = truth(n, d) - 0.04 * np.maximum(size - np.median(size), 0) + 0.003 * rng.normal(size=64)
    assert regime(table(n, d, np.exp(y))).changed


def test_an_early_kink_is_told_apart():
    found = regime(one_input("early", runs=40, noise=0.001))
    assert found.changed
    assert found.early


def test_few_runs_cannot_tell():
    assert regime(one_input("steeper", runs=11)) is None
