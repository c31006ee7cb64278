"""The federated law over any central law: one client, closed form, nu, data needed."""

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.exceptions import PlanError
from isoloss.federated import DILOCO, PowerLaw, federated_law
from isoloss.federated.rho import RANGE, read_rho
from isoloss.federated.setting import Setting, read_clients
from isoloss.law import published_laws
from isoloss.plan import plan
from tests.federated.cases import design, law

DENSE = [
    "hoffmann2022_a3",
    "besiroglu2024",
    "kaplan2020_ND",
    "xlstm2025_transformer",
    "gemstones2025_a3",
]


@pytest.mark.parametrize("name", DENSE)
def test_one_client_is_the_central_planner(name):
    central = plan(published_laws()[name], compute=1e21)
    found = federated_law(name).optimum(1e21, Setting(1))
    assert found.n[0] == pytest.approx(central.optimum["N"].value, rel=1e-12)
    assert found.d[0] == pytest.approx(central.optimum["D"].value, rel=1e-12)
    assert found.loss[0] == pytest.approx(central.optimum["loss"].value, rel=1e-12)


@pytest.mark.parametrize("name", DENSE)
def test_clients_act_like_less_compute_whatever_the_form(name):
    made = federated_law(name, rho=0.6).point()
    there = made.optimum(1e21, Setting(16))
    less = made.optimum(1e21 / 16**0.6, Setting(1))
    assert there.n[0] == pytest.approx(less.n[0], rel=1e-9)
    assert there.loss[0] == pytest.approx(less.loss[0], rel=1e-9)
    assert there.n[0] * there.d[0] * 6 == pytest.approx(1e21, rel=1e-12)


@pytest.mark.parametrize("nu", [0.0, 0.1, 0.5])
def test_nu_is_that_of_the_closed_form(nu):
    made = federated_law("hoffmann2022_a3", rho=0.7, nu=nu).point()
    by_hand = PowerLaw(1.69, 406.4, 0.34, 410.7, 0.28, nu).optimum(1e21, 8, 0.7)
    found = made.optimum(1e21, Setting(8))
    assert found.n[0] == pytest.approx(by_hand.size, rel=1e-9)
    assert found.loss[0] == pytest.approx(by_hand.loss, rel=1e-9)


def test_nu_needs_powers():
    with pytest.raises(PlanError, match="nu needs a law"):
        federated_law("muennighoff2023", nu=0.5, at={"U": 1e11})


def test_loss_away_from_the_optimum():
    made = federated_law("hoffmann2022_a3", rho=0.4).point()
    found = made.loss(np.log([1e9]), np.log([2e10]), Setting(8))
    assert found[0, 0] == pytest.approx(law(1e9, 2e10, 8, 0.4), rel=1e-12)


def test_data_needed_for_a_loss():
    made = federated_law("hoffmann2022_a3", rho=0.4).point()
    log_d = made.tokens_for(2.6, np.log([1e8, 1e9]), Setting(8))
    # 1e8 parameters leave 0.775 above the floor however much they see
    assert np.isfinite(log_d[0]).tolist() == [True, True]
    for size, tokens in zip([1e8, 1e9], np.exp(log_d[0]), strict=True):
        assert law(size, tokens, 8, 0.4) == pytest.approx(2.6, rel=1e-9)
    assert np.isinf(made.tokens_for(1.5, np.log([1e9]), Setting(8))[0, 0])


def test_over_a_fit_of_ones_own():
    N, D, _ = design(clients=(1,))
    runs = read_runs({"params": N, "tokens": D, "loss": law(N, D, 1)})
    fit = find_law("chinchilla").fit(runs, draws=50)
    made = federated_law(fit, rho=1.0)
    assert made.provenance == ("your runs",)
    assert made.optimum(1e21, Setting(8)).n[0] == pytest.approx(7.1323e8, rel=1e-3)


def test_what_is_no_law_in_n_and_d():
    with pytest.raises(PlanError, match="law in N and D"):
        federated_law("diloco2025_joint_loss")
    with pytest.raises(PlanError, match="published law, a fit"):
        federated_law(3)


def test_reading_rho():
    assert read_rho(None) is RANGE
    assert read_rho("diloco") is DILOCO
    assert (DILOCO.low, DILOCO.value, DILOCO.high, DILOCO.clients_to) == (0.18, 0.22, 0.25, 8)
    assert read_rho("0.2:0.6").low == 0.2
    assert read_rho((0.2, 0.6)).value == 0.6
    for wrong in ("1.2", -0.1, "much", (0.6, 0.2), (0.1, 0.2, 0.3)):
        with pytest.raises(PlanError, match="rho"):
            read_rho(wrong)


def test_reading_clients():
    assert read_clients("8") == 8
    assert read_clients("1, 8,64") == [1, 8, 64]
    assert read_clients("1:64") == [1, 2, 4, 8, 16, 32, 64]
    assert read_clients("3:10") == [3, 6, 10]
    for wrong in ("0", "2.5", "x", "8:2", "1,,2"):
        with pytest.raises(PlanError, match="clients"):
            read_clients(wrong)
