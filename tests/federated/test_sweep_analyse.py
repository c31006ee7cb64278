"""What the analysis finds on losses with a known answer, and when it says nothing."""

import numpy as np
import pytest

from isoloss.federated.sweep import Run, SweepRecord, analyse
from isoloss.federated.sweep.grid import grid_of, lowest

WIDTHS = (4, 8, 16, 32, 64, 128, 256)
RATES = (0.1, 0.3, 1.0, 3.0)


def made(
    gamma=0.5,
    best=3000.0,
    clients=(1, 4, 16),
    widths=WIDTHS,
    rates=RATES,
    rate=lambda width: 0.35 + 0 * width,
    seeds=8,
    noise=0.002,
    diverged=(),
):
    """Runs whose best size is `best` K^-gamma, with a parabola in ln N and one in ln rate."""
    random = np.random.default_rng(3)
    runs = []
    for k in clients:
        for width in widths:
            n = 75 * width + 10
            for seed in range(seeds):
                luck = random.standard_normal()
                for r in rates:
                    far = np.log(n / (best * k**-gamma))
                    loss = 0.1 * k**0.1 + 0.02 * far**2 + 0.01 * np.log(r / rate(width)) ** 2
                    lost = (k, width, r, seed) in diverged
                    runs.append(
                        Run(
                            task="digits",
                            compute=1e8,
                            mode="total",
                            dirichlet_alpha=None,
                            local_steps=8,
                            batch=32,
                            engine="numpy",
                            clients=k,
                            width=width,
                            seed=seed,
                            rate=r,
                            params=n,
                            samples=1000,
                            flops_6nd=6000 * n,
                            steps=31,
                            rounds=4,
                            loss=None if lost else loss + noise * luck,
                            status="diverged" if lost else "ok",
                        )
                    )
    return SweepRecord(tuple(runs))


def codes(analysis):
    return [finding.code for finding in analysis.findings]


@pytest.mark.parametrize("gamma", [0.0, 0.25, 0.5])
def test_gamma_and_sizes_are_found(gamma):
    found = analyse(made(gamma))
    assert found.gamma.value == pytest.approx(gamma, abs=0.03)
    assert found.gamma.low - 1e-9 <= found.gamma.value <= found.gamma.high + 1e-9
    for optimum in found.optima:
        assert optimum.size.value == pytest.approx(3000 * optimum.clients**-gamma, rel=0.05)
        assert optimum.rate == 0.3
        assert not optimum.edges
    assert found.size_ratio.value == pytest.approx(16**-gamma, rel=0.06)
    assert found.loss_ratio.value == pytest.approx(16**0.1, rel=0.05)
    assert found.bound == ""
    assert codes(found) == []
    assert found.provenance == ("your runs",)


def test_the_interval_covers_the_truth_with_noise():
    found = analyse(made(0.5, noise=0.004, seeds=10))
    assert found.gamma.low < 0.55
    assert found.gamma.high > 0.45
    assert found.gamma.high - found.gamma.low > 0


def test_the_vertex_of_three_points_is_exact():
    grid = grid_of(made(0.3, noise=0.0))
    point = lowest(grid, np.ones((1, 8)))
    assert np.exp(point.log_size[0]) == pytest.approx(3000 * np.array([1, 4, 16]) ** -0.3, rel=1e-6)


def test_no_gamma_where_the_best_width_is_at_the_end():
    found = analyse(made(0.5, best=3e5))
    assert found.gamma is None
    assert "K = 1: the best width, 256, is at an end of the widths" in found.bound
    assert codes(found)[0] == "bound-only"
    assert found.findings[0].severity == "stop"
    assert "gamma is at" not in found.bound  # all three at one end: nothing follows


def test_one_sided_bounds_point_the_right_way():
    steep = analyse(made(0.5, best=25_000))  # one client's best size is beyond the widths
    assert [o.side for o in steep.optima] == [1, 0, 0]
    assert "gamma is at least 0.4" in steep.bound
    flat = analyse(made(-0.5, best=4000))  # sixteen clients' best size is
    assert [o.side for o in flat.optima] == [0, 0, 1]
    assert "gamma is at most -0.5" in flat.bound


def test_no_gamma_where_the_best_rate_is_at_the_end():
    found = analyse(made(rates=(0.1, 0.3), rate=lambda width: 0.3 + 0 * width))
    assert found.gamma is None
    assert "the best rate at width 32, 0.3, is at an end of the rates" in found.bound
    assert "A bound only" not in found.bound


def test_a_rate_at_the_end_beside_the_best_width_counts_and_further_away_does_not():
    beside = analyse(made(0.0, rate=lambda width: 0.1 if width == 16 else 0.3))
    assert beside.gamma is None
    assert "best rate at width 16" in beside.bound
    away = analyse(made(0.0, rate=lambda width: 0.1 if width in (4, 256) else 0.3))
    assert away.gamma is not None


@pytest.mark.parametrize(("seeds", "quoted"), [(1, False), (2, False), (3, True)])
def test_fewer_than_three_seeds_give_no_gamma(seeds, quoted):
    found = analyse(made(seeds=seeds))
    assert (found.gamma is not None) is quoted
    assert ("seed(s) say nothing" in found.bound) is not quoted
    assert "few-seeds" in codes(found)


def test_one_number_of_clients_gives_no_gamma():
    found = analyse(made(clients=(4,)))
    assert found.gamma is None
    assert found.size_ratio is None
    assert "one number of clients has no slope" in found.bound


def test_diverged_runs_are_listed_and_their_rate_is_never_the_best():
    lost = [(4, 16, 0.3, 2), (4, 16, 0.3, 5)]
    found = analyse(made(0.5, diverged=lost))
    assert found.diverged == (
        "K = 4, width 16, rate 0.3, seed 2",
        "K = 4, width 16, rate 0.3, seed 5",
    )
    assert "diverged-runs" in codes(found)
    grid = grid_of(made(0.5, diverged=lost))
    assert RATES[lowest(grid, np.ones((1, 8))).rate[0, 1, 2]] != 0.3


def test_a_width_that_always_diverges_does_not_break_anything():
    lost = [(1, 256, r, s) for r in RATES for s in range(8)]
    found = analyse(made(0.5, diverged=lost))
    assert found.gamma.value == pytest.approx(0.5, abs=0.05)
    assert len(found.diverged) == 32


def test_optima_near_the_end_are_flagged_in_draws():
    # the best size among 16 clients lies between the two smallest, and seeds decide which wins
    found = analyse(made(0.5, best=2300, noise=0.01))
    assert found.gamma is not None
    assert 0.05 < found.edge_draws < 0.6
    assert "edge-in-draws" in codes(found)
    assert analyse(made(0.5)).edge_draws == 0


def test_the_answer_is_the_same_each_time_and_in_any_order():
    runs = made(0.4)
    again = SweepRecord(tuple(reversed(runs.runs)))
    assert analyse(runs).to_document() == analyse(again).to_document()
    assert analyse(runs, draw_seed=1).gamma.low != analyse(runs).gamma.low


def test_it_prints_what_it_found():
    text = str(analyse(made(0.5)))
    assert "gamma" in text
    assert "at fixed total compute   [your runs]" in text
    assert "N_opt(16)/N_opt(1)" in text
    refused = str(analyse(made(0.5, best=25_000)))
    assert ">= " in refused
    assert "at an edge" in refused
    assert "N_opt(16)/N_opt(1)" not in refused
