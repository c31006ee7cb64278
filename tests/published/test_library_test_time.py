"""Laws of compute at test time: their sources' numbers."""

from __future__ import annotations

import math

import pytest

from isoloss import find_law
from isoloss.law.published import published_laws


def test_a_decade_of_training_replaces_about_fifteen_times_the_search():
    # laws_language.yaml, jones2021_hex: log10 test = -1.2*log10 train + 0.004*Elo + 29, and notes
    entry = published_laws()["jones2021_hex"]
    small = entry.evaluate({"C": 1e15, "Elo": -500.0})
    large = entry.evaluate({"C": 1e16, "Elo": -500.0})
    assert math.log10(small.value) == pytest.approx(-1.2 * 15 + 0.004 * -500 + 29)
    assert small.value / large.value == pytest.approx(15, rel=0.06)
    assert small.unit == "FLOP"
    # two printed digits leave the absolute amount open by orders of magnitude
    assert small.high / small.low > 20


def test_the_form_of_the_exchange_is_the_printed_line():
    form = find_law("jones2021_hex")
    same = {"K": 1e29, "s": 0.004 * math.log(10), "a": 1.2}
    for compute, elo in ((1e14, -1200.0), (1e17, -100.0)):
        printed = published_laws()["jones2021_hex"].evaluate({"C": compute, "Elo": elo}).value
        assert float(form({"C": compute, "Elo": elo, **same})) == pytest.approx(printed, rel=1e-10)


def test_inference_compute_of_a_model_size():
    # updates.yaml, wu2024_retrieval_tree: log10 C = 1.19*log10 N + 2.03
    found = published_laws()["wu2024_retrieval_tree"].evaluate({"N": 7e9})
    assert math.log10(found.value) == pytest.approx(1.19 * math.log10(7e9) + 2.03)


def test_coverage_is_the_exponential_of_the_power_law_of_its_logarithm():
    # updates.yaml: c = exp(a*k^b); laws_language.yaml, schaeffer2025_monkeys: -log c = a*k^-b
    a, b = 1.9, 0.4
    for k in (1.0, 30.0, 1e4):
        form = float(find_law("coverage")({"k": k, "a": a, "b": b}))
        brown = float(published_laws()["brown2024_coverage"].law({"k": k, "a": -a, "b": -b}))
        schaeffer = float(published_laws()["schaeffer2025_monkeys"].law({"k": k, "a": a, "b": b}))
        assert form == pytest.approx(brown, rel=1e-12)
        assert -math.log(form) == pytest.approx(schaeffer, rel=1e-9)


def test_one_problem_fails_exponentially():
    law = find_law("pass_at_k")
    for p, k in ((0.1, 3.0), (1e-12, 5.0)):
        assert float(law({"k": k, "p": p})) == pytest.approx(
            sum(p * (1 - p) ** i for i in range(int(k))), rel=1e-9
        )


def test_samples_only_add_to_the_training_law():
    at = {"N": 1e9, "D": 2e10}
    numbers = {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28}
    base = float(find_law("chinchilla")({**at, **numbers}))
    more = find_law("t2_2026")({**at, **numbers, "k": 16.0, "G": 0.5, "gamma": 0.5})
    assert float(more) == pytest.approx(base + 0.125, rel=1e-12)
