"""Laws of numerical precision: what their source prints and claims."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from isoloss.law import find_law, published_laws

WIDTHS = ("weight_bits", "activation_bits", "kv_bits")


def kumar(at: dict[str, Any], bits: float, *, offsets: bool = True) -> np.ndarray:
    """The printed law at N and D with one width for everything."""
    entry = published_laws()["kumar2024_train"]
    numbers = entry.values("integer")
    if not offsets:
        numbers |= {"n_w": 0.0, "n_i": 0.0, "n_kv": 0.0}
    return np.asarray(entry.law(at | dict.fromkeys(WIDTHS, bits) | numbers))


def best_width(compute: float, offsets: bool) -> float:
    """Width of least loss at compute (6/16)*N*D*P, over all N."""
    widths = np.linspace(3.4 if offsets else 1.0, 14.0, 2121)
    sizes = np.geomspace(1e5, 1e13, 4001)
    with np.errstate(invalid="ignore"):
        least = [
            np.nanmin(kumar({"N": sizes, "D": compute / (6 / 16 * sizes * p)}, p, offsets=offsets))
            for p in widths
        ]
    return float(widths[np.nanargmin(least)])


@pytest.mark.parametrize("compute", [1e18, 1e22])
def test_kumar_optimum_is_seven_bits_at_every_compute(compute):
    # updates.yaml, kumar2024_train: P* = 7.00 with offsets (the paper claims 7 to 8), 3.47 without
    assert best_width(compute, offsets=True) == pytest.approx(7.00, abs=0.02)
    assert best_width(compute, offsets=False) == pytest.approx(3.47, abs=0.02)


def test_kumar_size_term_alone():
    # laws_language.yaml, checks of kumar2024_train: weights of 4 bits 0.520, high precision 0.459,
    # both without offset
    numbers = published_laws()["kumar2024_train"].values("integer")
    gain = 1 - math.exp(-4 / numbers["gamma_w"])
    term = numbers["A"] * (1e8 * gain) ** -numbers["alpha"]
    assert term == pytest.approx(0.520, rel=0.01)
    assert numbers["A"] * 1e8 ** -numbers["alpha"] == pytest.approx(0.459, rel=0.01)


def test_kumar_largest_run_in_raw_units():
    # updates.yaml: raw N and D are consistent, L(220M, 26B) = 3.197
    assert float(kumar({"N": 2.2e8, "D": 2.6e10}, 1e9)) == pytest.approx(3.197, abs=1e-3)


def test_kumar_has_no_value_at_three_bits_of_activations():
    # updates.yaml: the activation factor is -0.05 at 3 bits
    numbers = published_laws()["kumar2024_train"].values("integer")
    factor = 1 - math.exp(-3 / numbers["gamma_i"] + numbers["n_i"])
    assert factor == pytest.approx(-0.05, abs=2e-3)
    with np.errstate(invalid="ignore"):
        assert np.isnan(kumar({"N": 1e8, "D": 1e10}, 3.0))
    assert np.isfinite(kumar({"N": 1e8, "D": 1e10}, 4.0))


def test_kumar_printed_law_is_the_built_in_form():
    numbers = published_laws()["kumar2024_train"].values("integer")
    form = {name: numbers[name] for name in ("E", "A", "alpha", "B", "beta")}
    for ours, theirs in (("w", "w"), ("a", "i"), ("kv", "kv")):
        form[f"gamma_{ours}"] = numbers[f"gamma_{theirs}"]
        form[f"b_{ours}"] = numbers[f"n_{theirs}"] * numbers[f"gamma_{theirs}"]
    at = {"N": 1e8, "D": 1e10}
    for bits in (4.0, 6.0, 12.0):
        wanted = float(kumar(at, bits))
        assert find_law("precision")(at | dict.fromkeys(WIDTHS, bits) | form) == pytest.approx(
            wanted, rel=1e-12
        )


def test_the_floating_point_set_is_incomplete_and_says_so():
    entry = published_laws()["kumar2024_train"]
    assert entry.values("float_weights") == {"gamma_w": 2.8111, "n_w": 0.124}
    assert not entry.coefficients("float_weights").complete


def test_kumar_loss_after_quantisation():
    entry = published_laws()["kumar2024_ptq"]
    at = {"N": 2.2e8, "D": 2.6e10, "bits": 3.0}
    # updates.yaml: 220M, 26B tokens, 3 bits: 0.295
    assert entry.evaluate(at).value == pytest.approx(0.295, abs=5e-4)
    # laws_language.yaml: twice the tokens times 1.42, twice the size over 1.27
    more = entry.evaluate(at | {"D": 5.2e10}).value / entry.evaluate(at).value
    assert more == pytest.approx(1.42, abs=5e-3)
    larger = entry.evaluate(at).value / entry.evaluate(at | {"N": 4.4e8}).value
    assert larger == pytest.approx(1.27, abs=5e-3)


def test_the_four_bit_rule_cannot_be_fitted():
    entry = published_laws()["dettmers2022_kbit"]
    assert entry.form is None
    assert float(entry.law({"N": 7e9, "bits": 4.0})) == 28e9
