"""The federated law in closed form against reference numbers and against its own definition."""

import math

import pytest

from isoloss.exceptions import PlanError
from isoloss.federated import PowerLaw
from isoloss.federated.power import Best

HOFFMANN = PowerLaw(1.69, 406.4, 0.34, 410.7, 0.28)
BESIROGLU = PowerLaw(1.8172, 482.01, 0.3478, 2085.43, 0.3658)
PAC_BAYES = PowerLaw(0.0, 406.4, 0.34, math.sqrt(0.5), 0.5, 0.5)

# research notes, section 1b: C = 1e21, rho = 1, phi = 6
SIZES = [
    (HOFFMANN, (1.8242e9, 7.1323e8, 2.7886e8, 7.9724e7)),
    (BESIROGLU, (2.7785e9, 9.5691e8, 3.2956e8, 7.9559e7)),
    (PAC_BAYES, (1.7994e9, 8.2824e8, 3.8122e8, 1.3548e8)),
]


@pytest.mark.parametrize(("law", "sizes"), SIZES)
def test_best_sizes_by_clients(law, sizes):
    for clients, size in zip((1, 8, 64, 1024), sizes, strict=True):
        assert law.optimum(1e21, clients).size == pytest.approx(size, rel=1e-4)


@pytest.mark.parametrize(
    ("law", "losses"),
    [(HOFFMANN, (2.32888, 2.56920, 2.89992)), (BESIROGLU, (2.30553, 2.52469, 2.84221))],
)
def test_best_losses_by_clients(law, losses):
    for clients, loss in zip((1, 8, 64), losses, strict=True):
        assert law.optimum(1e21, clients).loss == pytest.approx(loss, abs=6e-6)


@pytest.mark.parametrize(
    ("law", "gamma", "rise"),
    [(HOFFMANN, 0.4516, 0.1535), (BESIROGLU, 0.5126, 0.1783), (PAC_BAYES, 0.3731, 0.1269)],
)
def test_exponents(law, gamma, rise):
    assert law.gamma(1.0) == pytest.approx(gamma, abs=6e-5)
    assert law.size_exponent * law.gamma(1.0) == pytest.approx(rise, abs=6e-5)


@pytest.mark.parametrize("law", [HOFFMANN, BESIROGLU, PAC_BAYES])
@pytest.mark.parametrize("rho", [0.0, 0.22, 1.0])
@pytest.mark.parametrize("clients", [1, 8, 1024])
def test_closed_form_is_the_numeric_minimum(law, rho, clients):
    closed = law.optimum(1e21, clients, rho)
    assert law.numeric_optimum(1e21, clients, rho).size == pytest.approx(closed.size, rel=1e-6)
    for factor in (0.97, 1.03):
        size = closed.size * factor
        tokens = 1e21 / (law.flop * size)
        assert law.loss(size, tokens, clients, rho) > closed.loss


def test_what_clients_cost():
    one, many = HOFFMANN.optimum(1e21, 1), HOFFMANN.optimum(1e21, 8)
    gamma = HOFFMANN.gamma(1.0)
    assert many.size / one.size == pytest.approx(8**-gamma, rel=1e-12)
    assert (many.loss - 1.69) / (one.loss - 1.69) == pytest.approx(8 ** (0.34 * gamma), rel=1e-9)
    # eight times the compute makes up for eight clients
    assert HOFFMANN.optimum(8e21, 8).loss == pytest.approx(one.loss, rel=1e-12)


def test_only_compute_per_client_matters_at_rho_one():
    sizes = {HOFFMANN.optimum(1e20 * k, k).size for k in (1, 8, 64, 1000)}
    assert max(sizes) / min(sizes) - 1 < 1e-12


def test_nothing_happens_at_rho_zero():
    assert isinstance(HOFFMANN.optimum(1e21, 1, 0.0), Best)
    assert HOFFMANN.optimum(1e21, 64, 0.0) == HOFFMANN.optimum(1e21, 1, 0.0)


@pytest.mark.parametrize("wrong", [{"price": 0.0}, {"size_exponent": -0.1}, {"complexity": -0.5}])
def test_a_law_without_a_minimum_is_refused(wrong):
    good = {"floor": 1.0, "drop": 1.0, "size_exponent": 0.3, "price": 1.0, "data_exponent": 0.3}
    with pytest.raises(PlanError, match=r"must be positive|at least 0"):
        PowerLaw(**(good | wrong))
