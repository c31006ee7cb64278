"""Intervals of slopes hold the truth as often as they say."""

import pytest

from tests.errors.test_simulators import benchmark


def test_a_few_sets():
    simulators = benchmark("error_simulators")
    held, told = simulators.coverage(
        simulators.known_accuracy,
        simulators.accuracy_slope,
        items=400,
        slope=0.3,
        sets=60,
        replicates=200,
    )
    # 95 % less three Monte Carlo errors
    assert held >= 0.86
    assert told > 0.85


def test_items_of_one_image_are_counted_as_one():
    simulators = benchmark("error_simulators")
    options = {"items": 800, "slope": 0.3, "sets": 50, "replicates": 150}
    held, _ = simulators.coverage(
        simulators.known_accuracy, simulators.accuracy_slope, cluster=16, **options
    )
    # items of one image taken as independent would give .6
    assert held >= 0.86


@pytest.mark.slow
@pytest.mark.parametrize("items", [400, 1200])
@pytest.mark.parametrize("slope", [0.3, 0.0])
def test_coverage_of_accuracy(items, slope):
    simulators = benchmark("error_simulators")
    held, told = simulators.coverage(
        simulators.known_accuracy, simulators.accuracy_slope, items=items, slope=slope, sets=800
    )
    assert 0.93 <= held <= 0.97
    if slope == 0:
        assert 0.035 <= told <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize("items", [400, 1200])
@pytest.mark.parametrize("what", ["share of a failure mode", "d'"])
def test_coverage_of_other_slopes(items, what):
    simulators = benchmark("error_simulators")
    make, read = next((make, read) for name, make, read in simulators.CASES if name == what)
    held, _ = simulators.coverage(make, read, items=items, slope=0.3, sets=300)
    # wider where a misfit by chance hands the judgement to M - 2 degrees
    assert 0.93 <= held <= 0.98
