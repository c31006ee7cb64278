"""Federated training of the character-level model: against the central trainer, and by hand."""

import csv
from dataclasses import asdict, replace

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.federated import ladders
from isoloss.lab.data.text import split
from isoloss.lab.federated_ladder import stacks
from isoloss.lab.federated_table import account, analyses
from isoloss.lab.record import content_key
from isoloss.lab.trainers.federated_lm import FederatedConfig

SMALL = FederatedConfig(1, 8, 1, 2e7, 1, 4, "fedavg", 0.05, batch=2, context=16, data="made")


def corpus():
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefgh"))
    text = "".join(letters[np.cumsum(random.integers(0, 3, 30_000)) % 8])
    return split(text, "made", block=256)


def test_the_ladder_is_complete_and_every_run_has_its_own_key():
    configs = [config for stack in stacks() for config in stack]
    assert len({content_key(asdict(config)) for config in configs}) == len(configs)
    # the table that ships is this ladder, whole
    with ladders.path("federated_char_lm").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shipped = [(r["method"], r["clients"], r["local_steps"], r["width"], r["seed"]) for r in rows]
    wanted = [(c.method, c.clients, c.local_steps, c.width, c.seed) for c in configs]
    assert sorted(shipped) == sorted(tuple(map(str, one)) for one in wanted)
    assert {config.clients for config in configs} == {1, 2, 4, 8}
    for stack in stacks():
        first = stack[0]
        assert all(replace(c, seed=first.seed, lr=first.lr) == first for c in stack)


def test_equal_compute_is_shared_among_the_clients():
    one = replace(SMALL, compute=1e9)
    assert one.steps(1000) == round(1e9 / 6000 / 32)
    assert replace(one, clients=4).steps(1000) == round(1e9 / 6000 / 128)
    assert replace(one, clients=4).central(1000).batch == 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"method": "sgd"}, "expected one of fedavg, diloco"), ({"clients": 0}, "clients is 0")],
)
def test_bad_configurations_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **changes)


def test_the_account_of_an_unfinished_ladder_says_so():
    config = next(stacks())[0]
    found = [
        {
            **asdict(config),
            **{"params": 1872, "tokens": 100, "flops_6nd": 1, "steps": 1, "rounds": 1},
            **{"status": "ok", "loss": 2.0, "loss_se": 0.1, "seconds": 60.0, "text_digest": "x"},
        }
    ]
    assert f"Unfinished: 1 of {sum(map(len, stacks()))} runs" in account(found)
    assert list(analyses(found)) == []


@pytest.mark.slow
def test_one_client_that_hands_its_model_back_is_the_central_trainer():
    pytest.importorskip("torch")
    from isoloss.lab.trainers.char_lm import train
    from isoloss.lab.trainers.federated_lm import train_stack

    text = corpus()
    runs = [SMALL, replace(SMALL, seed=1), replace(SMALL, lr=0.1)]
    for run, found in zip(runs, train_stack(runs, text), strict=True):
        wanted = train(run.central(found["params"]), text)
        assert found["tokens"] == wanted["tokens"]
        assert found["rounds"] > 5
        assert found["loss"] == pytest.approx(wanted["loss"], abs=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fedavg", "diloco"])
def test_a_round_is_what_it_is_by_hand(method):
    torch = pytest.importorskip("torch")
    from isoloss.lab.trainers.federated_lm import _Stack

    text = corpus()
    run = replace(SMALL, clients=3, local_steps=2, method=method, compute=1.5e7)
    stack = _Stack([run, replace(run, seed=1)], text)
    start = {name: weight.clone() for name, weight in stack.server.items()}
    velocity = {name: torch.zeros_like(weight) for name, weight in start.items()}
    for step in range(stack.steps):
        sent = {name: weight.clone() for name, weight in stack.server.items()}
        meeting = (step + 1) % 2 == 0 or step + 1 == stack.steps
        if not meeting:
            stack.advance(step)
            continue
        kept, stack._meet = stack._meet, lambda: None
        stack.advance(step)
        means = {n: w.reshape(2, 3, *w.shape[1:]).mean(1) for n, w in stack.weights.items()}
        stack._meet = kept
        stack._meet()
        for name, mean in means.items():
            wanted = mean
            if method == "diloco":
                # torch.optim.SGD(lr=0.7, momentum=0.9, nesterov=True) on the mean change
                change = sent[name] - mean
                velocity[name] = 0.9 * velocity[name] + change
                wanted = sent[name] - 0.7 * (change + 0.9 * velocity[name])
            torch.testing.assert_close(stack.server[name], wanted)
    assert stack.steps > 5
    assert not torch.equal(start["mlp.0.in"], stack.server["mlp.0.in"])


@pytest.mark.slow
def test_runs_of_a_stack_must_belong_together():
    pytest.importorskip("torch")
    from isoloss.lab.trainers.federated_lm import train_stack

    with pytest.raises(InputError, match="seed and rate only"):
        train_stack([SMALL, replace(SMALL, clients=2)], corpus())
    with pytest.raises(InputError, match="the corpus is 'made'"):
        train_stack([replace(SMALL, data="kjv")], corpus())
