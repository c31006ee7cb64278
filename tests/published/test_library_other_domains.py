"""Published laws of robotics and weather models against what their sources report."""

from __future__ import annotations

import pytest

from isoloss.law import published_laws


@pytest.mark.parametrize(
    ("law", "multiple"),
    # Sartor & Thompson 2024, arXiv 2405.14005: what it takes to halve the error at the median
    [("sartor2024_data", 24.39), ("sartor2024_model", 56.26), ("sartor2024_compute", 736.13)],
)
def test_what_it_takes_to_halve_the_failures_of_a_robot(law, multiple):
    exponent = published_laws()[law].values("median")["a"]
    assert 2 ** (-1 / exponent) == pytest.approx(multiple, rel=0.002)


def test_ten_times_the_weather_data():
    # Yu et al. 2026, arXiv 2602.22962: up to 3.2 times lower loss
    entry = published_laws()["yu2026_weather"]
    gains = {name: 10 ** entry.values(name)["b"] for name in entry.sets}
    assert max(gains, key=gains.__getitem__) == "aurora"
    assert gains["aurora"] == pytest.approx(3.2, rel=0.02)
