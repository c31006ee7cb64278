"""Laws of weight sparsity: the authors' notebook, and how far its constants are known."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.law import find_law, published_laws


def test_frantar_constants_in_raw_units():
    # updates.yaml, frantar2023_sparsity: the notebook's constants in parameters and tokens
    wanted = {
        "t5_c4": {"a_S": 16.787, "c_S": 45.018, "a_D": 689990000.0},
        "vit_jft": {"a_S": 294.39, "c_S": 468.16, "a_D": 237413000.0},
    }
    for name, raw in wanted.items():
        v = published_laws()["frantar2023_sparsity"].values(name)
        assert v["a"] * 1e6 ** v["d"] == pytest.approx(raw["a_S"], rel=1e-4)
        assert v["c"] * 1e6 ** v["d"] == pytest.approx(raw["c_S"], rel=1e-4)
        assert v["e"] ** (1 / v["f"]) * v["u"] == pytest.approx(raw["a_D"], rel=1e-4)


def test_frantar_largest_point_is_missed_by_one_percent():
    # updates.yaml: S = 0.75, N = 48*12*1024^2, 500,000 steps: 1.4683, measured 1.4828
    at = {"N": 48 * 12 * 1024**2, "D": 500_000 * 65_536, "sparsity": 0.75}
    found = published_laws()["frantar2023_sparsity"].evaluate(at)
    assert found.value == pytest.approx(1.4683, abs=1e-4)
    assert found.value / 1.4828 - 1 == pytest.approx(-0.0098, abs=5e-4)
    # that size was not among the fitted ones
    assert found.inside is False


def test_frantar_sparsity_helps_at_a_fixed_number_of_nonzero_parameters():
    entry = published_laws()["frantar2023_sparsity"]
    losses = [
        entry.evaluate({"N": 4e7, "D": 3e10, "sparsity": s}).value for s in (0.0, 0.5, 0.75, 0.875)
    ]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > losses[-1] + 0.05


@pytest.mark.parametrize("name", ["t5_c4", "vit_jft"])
def test_frantar_printed_law_is_the_built_in_form(name):
    entry = published_laws()["frantar2023_sparsity"]
    v = entry.values(name)
    scale = 1e6 ** v["d"]
    form = {
        "E": v["g"],
        "A": v["a"] * scale,
        "beta_S": v["b"],
        "A_0": v["c"] * scale,
        "alpha": v["d"],
        "B": v["e"] * v["u"] ** v["f"],
        "beta": v["f"],
    }
    at = {"N": np.array([2e6, 8e7]), "D": np.array([2e10, 6e10]), "sparsity": np.array([0.0, 0.8])}
    np.testing.assert_allclose(
        find_law("weight_sparsity")(at | form), entry.law(at | v), rtol=1e-12
    )


def test_p2_is_a_form_without_numbers():
    entry = published_laws()["hao2025_p2"]
    assert not entry.complete
    numbers = {"N_C": 50.0, "alpha": 0.25, "D_C": 300.0, "beta": 0.3, "E": 0.1, "gamma": -1.0}
    at = {"loss_before": 2.0, "pruning_rate": 0.5, "N": 1e9, "D": 1e9}
    # survey arXiv 2502.12051, equation 17: L0 + rho^-gamma (N_C/N0^alpha + D_C/D^beta + E)
    wanted = 2.0 + 0.5 * (50.0 / 1e9**0.25 + 300.0 / 1e9**0.3 + 0.1)
    assert float(entry.law(at | numbers)) == pytest.approx(wanted, rel=1e-12)
