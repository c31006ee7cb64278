"""The reconstructed bound: its steps, its optimum, and what the power law rests on."""

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.federated.bound import (
    Assumptions,
    averaged_bound,
    client_bound,
    closed_form,
    derive,
    gaussian_kl,
    kappa,
    least,
    pooled_bound,
    power_law,
    slope,
    stationary_variance,
)

CLIENTS = [2.0**i for i in range(11)]


def test_slopes_of_both_bounds_with_all_logarithms():
    a = Assumptions()
    assert slope(a, 1e21, CLIENTS) == pytest.approx(-0.3731, abs=1e-3)
    assert slope(a, 1e21, CLIENTS, bound=pooled_bound) == pytest.approx(-0.022, abs=5e-3)


@pytest.mark.parametrize("clients", [1, 8, 64, 1024])
@pytest.mark.parametrize("changed", [{}, {"learning_rate": 0.1}, {"size_exponent": 0.5}])
def test_closed_form_is_the_numeric_minimum(clients, changed):
    a = Assumptions(**changed)
    found = least(a, 1e21, clients, logs=False)
    assert found == pytest.approx(closed_form(a, 1e21, clients), rel=1e-6)


def test_the_optimum_depends_on_compute_per_client_alone():
    a = Assumptions()
    assert closed_form(a, 1e21, 10) == pytest.approx(closed_form(a, 1e20, 1), rel=1e-12)


def test_the_bound_without_logarithms_is_the_power_law():
    a, law = Assumptions(), power_law(Assumptions())
    for size in (1e7, 1e9):
        there = averaged_bound(a, np.array([size]), 1e21, 8, logs=False)[0]
        assert there == pytest.approx(law.loss(size, 1e21 / (6 * size), 8), rel=1e-12)


def test_the_preset_of_the_notes_is_kappa_two():
    # B = sqrt(0.5) is sqrt(kappa)/2 at kappa = 2
    variance = np.exp(-2.0)
    a = Assumptions(learning_rate=2 * variance, batch=1.0, drift=1.0 - variance)
    assert kappa(a) == pytest.approx(2.0, rel=1e-12)
    assert closed_form(a, 1e21, 8) == pytest.approx(8.2824e8, rel=1e-4)


def test_kl_of_the_posterior_is_linear_in_size():
    a = Assumptions()
    for size in (10, 1000):
        exact = gaussian_kl(np.full(size, stationary_variance(a)), a.prior_variance, a.drift * size)
        assert exact == pytest.approx(size * kappa(a) / 2, rel=1e-12)
    # against the textbook formula in two dimensions, done by hand
    assert gaussian_kl(np.array([0.5, 2.0]), 1.0, 3.0) == pytest.approx(
        0.5 * (0.5 + 2.0 - 2 - np.log(0.5 * 2.0) + 3.0)
    )


def test_averaging_divides_the_stationary_variance():
    # a quadratic of 64 weights with noise on the gradient: A = 1, G = 1
    eta, rounds, steps = 0.02, 3000, 4
    for clients in (1, 8):
        rng = np.random.default_rng(clients)
        weights = np.zeros((clients, 64))
        seen = []
        for i in range(rounds):
            for _ in range(steps):
                weights += eta * (rng.standard_normal(weights.shape) - weights)
            weights[:] = weights.mean(axis=0)
            if i > 300:
                seen.append(np.mean(weights[0] ** 2))
        a = Assumptions(learning_rate=eta, batch=1.0)
        # discrete steps add half of eta, a share of a percent here
        assert np.mean(seen) == pytest.approx(stationary_variance(a, clients), rel=0.08)


def test_one_clients_bound_by_hand():
    a = Assumptions(floor=0.1, drop=2.0, size_exponent=0.5, delta=0.1)
    size, samples, clients = 100.0, 1e5, 4
    spread = 100 * kappa(a) / 2 + np.log(2 * 4 * np.sqrt(1e5) / 0.1)
    by_hand = 0.1 + 2.0 / 10 + np.sqrt(spread / 2e5)
    found = client_bound(a, np.array([size]), np.array([samples]), clients)[0]
    assert found == pytest.approx(by_hand, rel=1e-12)
    # the pooled bound splits no confidence and counts ln K in the divergence
    pooled = pooled_bound(a, np.array([size]), 6 * size * samples, clients)[0]
    spread = 100 * kappa(a, 4) / 2 + np.log(2 * np.sqrt(1e5) / 0.1)
    assert pooled == pytest.approx(0.1 + 2.0 / 10 + np.sqrt(spread / 2e5), rel=1e-12)
    assert kappa(a, 4) - kappa(a) == pytest.approx(np.log(4), abs=1e-5)


def test_more_data_and_fewer_clients_tighten_the_bound():
    a, size = Assumptions(), np.array([1e8])
    one = client_bound(a, size, np.array([1e10]), 1)
    assert client_bound(a, size, np.array([1e11]), 1) < one < client_bound(a, size, one * 1e9, 1)
    assert averaged_bound(a, size, 1e21, 8) > averaged_bound(a, size, 1e21, 1)
    assert pooled_bound(a, size, 1e21, 8) < averaged_bound(a, size, 1e21, 8)


def test_derivation_names_what_the_power_law_rests_on():
    found = derive(compute=1e21)
    assert "-0.3731" in found.rests_on
    assert "no power law" in found.rests_on
    document = found.to_document()
    assert document["provenance"] == ["reconstruction"]
    assert {name for step in document["steps"] for name in step["rests_on"]} == {
        f"A{i}" for i in range(1, 6)
    }
    assert "[reconstruction]" in str(found)


def test_the_paper_is_given_no_exponent():
    import isoloss.federated.provenance as provenance

    assert "abstract only" in provenance.PAPER
    assert "2511.12188" not in str(derive())


@pytest.mark.parametrize(
    "wrong", [{"delta": 0.0}, {"delta": 1.5}, {"drop": -1.0}, {"batch": float("nan")}]
)
def test_assumptions_that_cannot_be(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Assumptions(**wrong)


def test_a_slope_needs_two_numbers_of_clients():
    with pytest.raises(InputError, match="two different"):
        slope(Assumptions(), 1e21, [8, 8])


def test_no_minimum_is_a_message():
    with pytest.raises(InputError, match="give more compute"):
        least(Assumptions(), 600.0, 8)
