"""The batched engine against federated averaging written out plainly, one model at a time."""

import hashlib
import math

import numpy as np
import pytest

from isoloss.federated.sweep import mlp
from isoloss.federated.sweep.engine import cosine, pieces, train
from isoloss.federated.sweep.settings import check_settings
from isoloss.federated.sweep.split import alike, by_class
from isoloss.federated.sweep.tasks import digits_table, find_task


def settings(**changes):
    values = {
        "task": "digits",
        "clients": [3],
        "widths": [6],
        "compute": 3e6,
        "mode": "total",
        "seeds": 2,
        "rates": [0.2, 0.8],
    }
    return check_settings(**{**values, **changes})


def plain_loss(task, chosen, width, clients, seed, rate):
    """Federated averaging in float64 with nothing batched but the samples of a step."""
    start = mlp.initial(task.inputs, width, task.outputs, (seed,), 1)
    server = [
        start.first[0, :, 0].astype(float),
        start.second[0, 0].T.astype(float),
        start.bias[0, 0, :, 0].astype(float),
    ]
    steps = chosen.steps(mlp.parameters(task.inputs, width, task.outputs), clients)
    for first in range(0, steps, chosen.local_steps):
        last = min(steps, first + chosen.local_steps)
        back = []
        for client in range(clients):
            feed = task.feed([(seed, client)], clients, chosen.dirichlet_alpha, chosen.batch)
            inputs, targets = feed.take(first, last)
            weights = [array.copy() for array in server]
            for t in range(last - first):
                share = 0.5 * (1 + math.cos(math.pi * (first + t) / steps))
                for array, slope in zip(
                    weights, gradients(task, weights, inputs[t, 0], targets[t, 0]), strict=True
                ):
                    array -= rate * share * slope
            back.append(weights)
        server = [np.mean([weights[i] for weights in back], axis=0) for i in range(3)]
    inputs, targets = task.validation([seed])
    return value(task, server, inputs[0], targets[0])


def forward(weights, inputs):
    hidden = np.maximum(inputs.astype(float) @ weights[0], 0)
    return hidden, hidden @ weights[1] + weights[2]


def value(task, weights, inputs, targets):
    _, scores = forward(weights, inputs)
    if not task.classes:
        return float(np.mean((scores - targets) ** 2))
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(targets)), targets].mean())


def gradients(task, weights, inputs, targets):
    hidden, scores = forward(weights, inputs)
    if task.classes:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        slope = powers / powers.sum(axis=1, keepdims=True)
        slope[np.arange(len(targets)), targets] -= 1
    else:
        slope = 2 * (scores - targets)
    slope /= len(inputs)
    back = (slope @ weights[1].T) * (hidden > 0)
    return inputs.T.astype(float) @ back, hidden.T @ slope, slope.sum(axis=0)


@pytest.mark.parametrize(
    ("changes", "width", "clients"),
    [
        ({}, 6, 3),
        ({"dirichlet_alpha": 0.3, "local_steps": 5}, 6, 4),
        ({"clients": [1]}, 6, 1),
        ({"task": "teacher", "rates": [0.02, 0.1], "compute": 1e6}, 5, 2),
        ({"widths": [150], "compute": 2e7, "mode": "per-client"}, 150, 2),
    ],
)
def test_the_batched_engine_is_federated_averaging(changes, width, clients):
    chosen = settings(**changes)
    task = find_task(chosen.task)
    found = train(task, chosen, width, clients)
    wanted = [
        [plain_loss(task, chosen, width, clients, seed, rate) for rate in chosen.rates]
        for seed in chosen.seeds
    ]
    assert chosen.rounds(mlp.parameters(task.inputs, width, task.outputs), clients) >= 2
    np.testing.assert_allclose(found, wanted, rtol=2e-4)


def test_the_slopes_of_the_plain_loop_are_those_of_its_loss():
    # the yardstick of the test above, against differences
    random = np.random.default_rng(0)
    for name in ("digits", "teacher"):
        task = find_task(name)
        inputs, targets = (array[0, :20] for array in task.validation([0]))
        weights = [
            random.standard_normal((task.inputs + 1, 4)) * 0.3,
            random.standard_normal((4, task.outputs)),
            random.standard_normal(task.outputs),
        ]
        slopes = gradients(task, weights, inputs, targets)
        for i, array in enumerate(weights):
            at = tuple(0 for _ in array.shape)
            step = 1e-6
            array[at] += step
            up = value(task, weights, inputs, targets)
            array[at] -= 2 * step
            down = value(task, weights, inputs, targets)
            array[at] += step
            assert slopes[i][at] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_a_run_does_not_depend_on_what_trains_beside_it():
    task = find_task("digits")
    both = train(task, settings(seeds=[0, 1, 2]), 6, 3)
    alone = train(task, settings(seeds=[1]), 6, 3)
    np.testing.assert_array_equal(both[1], alone[0])
    assert both[0, 0] != both[1, 0]


def test_pieces_cover_all_seeds_and_change_nothing(monkeypatch):
    from isoloss.federated.sweep import engine

    task, chosen = find_task("digits"), settings(seeds=[4, 2, 9])
    whole = train(task, chosen, 6, 3)
    monkeypatch.setattr(engine, "_BYTES", 1)
    assert list(pieces(chosen, 6, 3, 64)) == [(2,), (4,), (9,)]
    np.testing.assert_array_equal(train(task, chosen, 6, 3), whole)


def test_blocks_of_columns_change_nothing_but_rounding(monkeypatch):
    task, chosen = find_task("digits"), settings(widths=[144], compute=2e7)
    blocked = train(task, chosen, 144, 2)
    monkeypatch.setattr(mlp, "_PRODUCT", 1 << 40)
    np.testing.assert_allclose(train(task, chosen, 144, 2), blocked, rtol=1e-4)
    monkeypatch.undo()
    assert mlp._columns(2 * 144, 65 * 32) == 96
    assert mlp._columns(251, 65 * 32) == 251


def test_a_rate_that_is_far_too_large_diverges_and_says_nothing_else():
    found = train(find_task("teacher"), settings(task="teacher", rates=[0.05, 50.0]), 6, 3)
    assert np.isfinite(found[:, 0]).all()
    assert not np.isfinite(found[:, 1]).any()


def test_cosine_starts_at_one_and_ends_near_zero():
    assert cosine(4) == pytest.approx([1, 0.8535534, 0.5, 0.1464466])


def test_the_digits_are_those_of_the_source():
    inputs, labels = digits_table()
    pixels = np.round((inputs[:, :64] + np.float32(0.6)) * 8).astype(np.uint8)
    raw = np.column_stack([pixels, labels.astype(np.uint8)]).tobytes()
    assert hashlib.sha256(raw).hexdigest() == (
        "68aea062d35a127749050fa0e52dca09d6569ac08092c925610e0954e172dde2"
    )
    assert (inputs[:, 64] == 1).all()


def test_training_and_held_out_digits_share_nothing():
    task = find_task("digits")
    shards = task.shards(5, 7, None)
    held_out = {row.tobytes() for row in task.validation([5])[0][0]}
    inputs, _ = digits_table()
    assert shards.shape == (7, 1200 // 7)
    assert len(np.unique(shards)) == shards.size
    # a few digits of the table have a twin with the same pixels
    assert sum(inputs[row].tobytes() in held_out for row in shards.ravel()) < 5


def test_a_client_passes_through_its_shard_before_it_sees_a_sample_again():
    task = find_task("digits")
    shard = task.shards(0, 16, None)[3]
    feed = task.feed([(0, 3)], 16, None, 25)
    inputs, _ = feed.take(0, 300)  # 100 passes of 75 samples, over the end of a block of passes
    seen = inputs.reshape(-1, 65)
    table = {row.tobytes() for row in digits_table()[0][shard]}
    for epoch in (0, 50, 99):
        part = {row.tobytes() for row in seen[75 * epoch : 75 * (epoch + 1)]}
        assert part == table
    # passes are shuffled in blocks of 64: the order is new within a block and in the next one
    for epoch in (1, 64):
        assert not np.array_equal(seen[:75], seen[75 * epoch : 75 * (epoch + 1)])
    again = task.feed([(0, 3)], 16, None, 25).take(7, 12)[0]
    np.testing.assert_array_equal(again, inputs[7:12])


def test_shards_drawn_alike_are_equal_and_disjoint():
    shards = alike(103, 4, np.random.default_rng(0))
    assert shards.shape == (4, 25)
    assert len(np.unique(shards)) == 100


def test_a_small_concentration_makes_clients_unlike():
    labels = np.repeat(np.arange(10), 120)

    def unlike(alpha):
        shards = by_class(labels, 8, alpha, np.random.default_rng(1))
        assert shards.shape == (8, 150)
        assert len(np.unique(shards)) == shards.size
        shares = np.stack([np.bincount(labels[s], minlength=10) / 150 for s in shards])
        return np.abs(shares - 0.1).sum(axis=1).mean() / 2

    assert unlike(0.1) > 0.6
    assert unlike(1000.0) < 0.15
    assert unlike(0.1) > unlike(1.0) > unlike(1000.0)


def test_teacher_streams_are_fresh_for_every_client_seed_and_round():
    task = find_task("teacher")
    feed = task.feed([(0, 0), (0, 1), (1, 0)], 2, None, 4)
    inputs, targets = feed.take(0, 3)
    assert inputs.shape == (3, 3, 4, 17)
    assert targets.shape == (3, 3, 4, 1)
    later = feed.take(3, 6)[0]
    rows = {row.tobytes() for row in np.concatenate([inputs, later]).reshape(-1, 17)}
    assert len(rows) == 2 * inputs.size // 17
    assert targets.std() == pytest.approx(1, abs=0.5)
