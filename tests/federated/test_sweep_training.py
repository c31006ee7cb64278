"""What real training says: the presets, at equal total and at equal compute a client."""

import time

import pytest

from isoloss.federated import ladders, read_federated_runs
from isoloss.federated.sweep import analyse, run_sweep


def test_the_newcomer_preset_takes_seconds_and_shows_the_fall_of_the_best_size():
    start = time.perf_counter()
    found = analyse(run_sweep("newcomer"))
    assert time.perf_counter() - start < 30
    assert [o.clients for o in found.optima] == [1, 4, 16]
    assert found.gamma is not None, found.bound
    assert found.gamma.low > 0
    assert found.size_ratio.value < 0.8
    assert found.loss_ratio.value > 1.3


def test_widths_that_end_too_early_are_refused():
    # one client's best size lies above width 64: the preset without its largest width
    found = analyse(run_sweep("newcomer", widths=[8, 16, 32], clients=[1, 4], seeds=3))
    assert found.gamma is None
    assert "K = 1: the best width, 32, is at an end of the widths" in found.bound


def test_the_shipped_ladder_is_what_the_command_trains():
    # a corner of it, trained again; another machine's rounding moves losses by less than this
    runs = read_federated_runs(str(ladders.path("federated_digits")))
    column = runs.columns
    wide = (column["K"] == 16) & (column["N"] == 75 * 256 + 10) & (column["lr"] == 0.5)
    shipped = dict(
        zip(
            zip(runs.groups["seed"][wide], column["skew"][wide] > 0, strict=True),
            column["loss"][wide],
            strict=True,
        )
    )
    assert len(shipped) == 20
    for alpha in (None, 0.3):
        again = run_sweep(
            "full", clients=[16], widths=[256], rates=[0.5], seeds=[0, 7], dirichlet_alpha=alpha
        )
        for run in again.runs:
            assert run.loss == pytest.approx(shipped[str(run.seed), alpha is not None], rel=0.02)


@pytest.mark.slow
def test_the_full_preset_passes_its_checks():
    start = time.perf_counter()
    found = analyse(run_sweep("full"))
    assert time.perf_counter() - start < 360
    assert found.seeds == 10
    assert found.gamma is not None, found.bound
    assert found.gamma.low > 0
    assert found.size_ratio.value < 0.8
    assert found.loss_ratio.value > 1.3


@pytest.mark.slow
def test_fresh_seeds_say_the_same():
    found = analyse(run_sweep("full", seeds=range(10, 20)))
    assert found.gamma is not None, found.bound
    assert found.gamma.low > 0
    assert found.size_ratio.value < 0.8
    assert found.loss_ratio.value > 1.3


@pytest.mark.slow
def test_at_equal_compute_a_client_the_best_size_stays():
    found = analyse(
        run_sweep(
            task="teacher",
            clients=[1, 2, 4, 8],
            widths=[2, 4, 8, 16, 32, 64],
            compute=4e7,
            mode="per-client",
            seeds=6,
            rates=[0.02, 0.05, 0.1, 0.2, 0.4],
        )
    )
    assert found.gamma is not None, found.bound
    assert abs(found.gamma.value) < 0.2
