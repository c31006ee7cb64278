"""Vocabulary laws of the library: their constants give the table that the source prints."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.law.published import published_laws

WIDTH = 8192  # of the model of 70e9 parameters


def test_best_vocabulary_of_a_model_of_70e9_parameters_by_three_approaches():
    # updates.yaml, table 1 of the paper: 212K, 231K and 218K
    laws = published_laws()
    size = 70e9
    compute = budget(size)
    first = laws["tao2024_opt_a1_N_v"].evaluate({"C": compute}).value / WIDTH
    second = laws["tao2024_opt"].evaluate({"N_nv": size}).value / WIDTH
    assert first == pytest.approx(212e3, abs=500)
    assert second == pytest.approx(231e3, abs=500)
    # laws_language.yaml, check of tao2024_opt: 216K within 8 %
    assert second == pytest.approx(216e3, rel=0.08)
    # approach 3: least loss at that budget over the vocabulary; the repository prints 217961
    vocabulary = np.linspace(2.0e5, 2.4e5, 8001)
    third = laws["tao2024_loss"]
    tokens = compute / 6 / (size + vocabulary * WIDTH)
    at = {"N_nv": size / 1e6, "N_v": vocabulary * WIDTH / 1e6, "D": tokens / 1e9}
    loss = np.asarray(third.law({**at, **third.values()}))
    assert vocabulary[np.argmin(loss)] == pytest.approx(217961, rel=1e-3)


def budget(size: float) -> float:
    """The budget at which approach 1 asks for that size."""
    rule = published_laws()["tao2024_opt_a1_N_nv"]
    return (size / rule.evaluate({"C": 1.0}).value) ** (1 / rule.values()["a"])


def test_sizes_are_in_millions_and_tokens_in_billions():
    law = published_laws()["tao2024_loss"]
    numbers = law.values()
    # at 1e6, 1e6 and 1e9 every term is its constant
    at = {"N_nv": 1e6, "N_v": 1e6, "D": 1e9}
    wanted = numbers["A1"] + numbers["A2"] + numbers["B"] - numbers["E"]
    seen = law.evaluate(at)
    assert seen.value == pytest.approx(wanted, rel=1e-12)
    assert law.evaluate({"N_nv": 1e9, "N_v": 1e8, "D": 1e11}).value < 0
    assert numbers["alpha1"] == numbers["beta"]


def test_the_printed_rules_are_the_stored_ones_rounded():
    laws = published_laws()
    size, vocabulary = (laws[f"tao2024_opt_a1_{end}"].values() for end in ("N_nv", "N_v"))
    # updates.yaml: 0.08*C**0.50 and 0.20*C**0.42
    assert (round(np.exp(size["c"]), 2), round(size["a"], 2)) == (0.08, 0.50)
    assert (round(np.exp(vocabulary["c"]), 2), round(vocabulary["a"], 2)) == (0.20, 0.42)
    # approach 1 gives 0.84 for gamma where approach 2 gives 0.83
    assert vocabulary["a"] / size["a"] == pytest.approx(0.833, abs=5e-4)
    assert laws["tao2024_opt"].values()["gamma"] == pytest.approx(0.835, abs=5e-4)
    assert laws["tao2024_opt_a1_H"].evaluate({"C": 1e18}).value == pytest.approx(6.42e9)


def test_vocabulary_parameters_grow_more_slowly():
    law = published_laws()["tao2024_opt"]
    ratio = law.evaluate({"N_nv": 3e9}).value / law.evaluate({"N_nv": 3e8}).value
    assert 6 < ratio < 10
