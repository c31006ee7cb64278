"""The direct slope: exact cases, edges that forbid a number, seeds and rates."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.exceptions import RunsError
from isoloss.federated import direct_slope, read_federated_runs
from isoloss.federated.cells import cells_of, grouped, tuned

SIZES = np.geomspace(1e6, 1e8, 9)


def parabolas(gamma=0.3, growth=0.5, budgets=(1e16, 1e17), clients=(1, 4, 16), seeds=1, noise=0.0):
    """Runs whose loss is a parabola in ln N with its lowest point at a power of C and K."""
    rng = np.random.default_rng(1)
    rows = []
    for C in budgets:
        for K in clients:
            best = np.log(1e7) + growth * np.log(C / 1e16) - gamma * np.log(K)
            for N in SIZES:
                for seed in range(seeds):
                    loss = 2.0 + 0.05 * np.log(K) + 0.02 * (np.log(N) - best) ** 2
                    loss *= np.exp(noise * rng.standard_normal())
                    rows.append((N, C / (6 * N), K, loss, seed))
    names = ("params", "tokens", "clients", "loss", "seed")
    return dict(zip(names, np.array(rows).T, strict=True))


def slope(columns, **options):
    return direct_slope(read_federated_runs(columns), draws=200, **options)


def test_slopes_of_parabolas_are_exact():
    found = slope(parabolas())
    assert found.gamma is not None
    assert found.gamma.value == pytest.approx(0.3, abs=1e-9)
    assert found.curvature is not None
    assert found.curvature.value == pytest.approx(0.0, abs=1e-9)
    assert all(point.side == "inside" for point in found.points)
    assert len(found.points) == 6
    # at C = c K the size grows by the share that compute alone gives, less gamma
    assert found.per_client is not None
    assert found.per_client.value == pytest.approx(0.5 - 0.3, abs=1e-9)


def test_runs_at_equal_compute_a_client():
    columns = parabolas(gamma=0.5)
    keep = columns["clients"] * 1e16 == np.round(6 * columns["params"] * columns["tokens"], -10)
    extra = parabolas(gamma=0.5, budgets=(4e16, 16e16))
    columns = {name: np.concatenate([columns[name], extra[name]]) for name in columns}
    compute = 6 * columns["params"] * columns["tokens"]
    keep = np.isclose(compute / columns["clients"], 1e16)
    found = slope({name: values[keep] for name, values in columns.items()})
    assert found.gamma is None
    assert "nothing is said about fixed total compute" in found.bound
    assert found.per_client is not None
    assert found.per_client.value == pytest.approx(0.0, abs=1e-9)


def test_intervals_from_seeds_hold_the_truth():
    found = slope(parabolas(seeds=8, noise=0.01))
    assert found.kind == "seeds"
    assert found.gamma is not None
    assert found.gamma.low < 0.3 < found.gamma.high
    assert found.gamma.high - found.gamma.low < 0.2
    assert found.loss_ratio is not None
    assert found.loss_ratio.low > 1


def test_a_best_size_beyond_the_sizes_is_a_bound():
    columns = parabolas(budgets=(1e17,), clients=(1, 2, 16))
    # without small sizes the largest federation ends at the edge
    kept = columns["params"] > 1.5e7
    found = slope({name: values[kept] for name, values in columns.items()})
    assert found.gamma is None
    assert found.bound.startswith("gamma is at least")
    assert "K = 16 at C = 1e+17: the best size lies at or below the smallest" in found.bound


def test_a_lowest_loss_at_an_outermost_size_is_no_optimum():
    """The parabola's lowest point lies between the sizes, but no loss left of it was seen."""
    columns = parabolas(budgets=(1e17,))
    kept = columns["params"] > 1.5e7
    found = slope({name: values[kept] for name, values in columns.items()})
    assert found.gamma is None
    four = next(p for p in found.points if p.clients == 4)
    assert four.side == "below"
    assert four.sizes[0] < four.size < four.sizes[1]


def test_a_wide_span_of_sizes_does_not_move_the_best_one():
    """Far from its lowest point the loss is no parabola: those sizes are left out."""
    columns = parabolas(budgets=(1e17,), clients=(1, 4))
    far = columns["params"] < 3e6
    columns["loss"] = np.where(far, columns["loss"] + 5.0, columns["loss"])
    found = slope(columns)
    assert found.gamma is not None
    assert found.gamma.value == pytest.approx(0.3, abs=1e-6)


def test_a_rate_at_the_end_of_its_grid_forbids_a_number():
    columns = parabolas()
    three = {name: np.tile(values, 3) for name, values in columns.items()}
    rate = np.repeat([0.1, 1.0, 10.0], len(columns["loss"]))
    three["lr"] = rate
    inside = three | {"loss": three["loss"] * np.where(rate == 1.0, 1.0, 1.1)}
    assert slope(inside).gamma is not None
    edge = three | {"loss": three["loss"] * np.where(rate == 10.0, 1.0, 1.1)}
    found = slope(edge)
    assert found.gamma is None
    assert "learning rate was chosen at the end" in found.bound


def test_unlike_settings_do_not_share_a_parabola():
    one, two = parabolas(gamma=0.3), parabolas(gamma=0.3)
    two["loss"] = two["loss"] + 0.5
    both = {name: np.concatenate([one[name], two[name]]) for name in one}
    both["local_steps"] = np.repeat([1.0, 64.0], len(one["loss"]))
    found = slope(both)
    assert len(found.points) == 12
    assert found.gamma is not None
    assert found.gamma.value == pytest.approx(0.3, abs=1e-9)


def test_too_few_sizes():
    columns = parabolas()
    kept = np.isin(columns["params"], SIZES[:3])
    with pytest.raises(RunsError, match="no budget has 4 sizes"):
        slope({name: values[kept] for name, values in columns.items()})


def test_cells_choose_the_rate_by_the_mean_over_seeds():
    # rate 1 has the luckiest seed, rate 2 the better mean
    columns = {
        "params": [1e7] * 6,
        "tokens": [1e9] * 6,
        "clients": [2.0] * 6,
        "lr": [1.0, 1.0, 1.0, 2.0, 2.0, 2.0],
        "seed": [0.0, 1.0, 2.0] * 2,
        "loss": [1.0, 3.0, 3.0, 2.0, 2.0, 2.0],
    }
    cells = cells_of(read_federated_runs(columns))
    mean, best = cells.chosen(np.ones((1, 3)))
    assert mean[0, 0] == 2.0
    assert cells.rates[best[0, 0]] == 2.0
    runs, edge = tuned(read_federated_runs(columns))
    assert len(runs) == 3
    assert edge.all()


def test_budgets_are_grouped_by_gaps():
    assert grouped(np.array([1e20, 1.02e20, 1e19, 9.9e19])).tolist() == [1, 1, 0, 1]
