"""Federated plans: reference numbers, limits, bands, provenance, and questions that cannot be."""

from __future__ import annotations

import math

import pytest

from isoloss.exceptions import PlanError
from isoloss.federated import choose_federated, plan_federated
from isoloss.federated.network import Star
from isoloss.federated.plan.outcome import QUANTITIES
from isoloss.federated.provenance import MEANING
from isoloss.law import published_laws
from isoloss.plan import plan

HOFFMANN = "hoffmann2022_a3"
STAR = Star(2e14, 200e6, 1e9, 10e9, 0.05)


def codes(found):
    return {notice.code for notice in found.notices}


# research notes, section 1b
@pytest.mark.parametrize(
    ("clients", "size", "loss"),
    [(1, 1.8242e9, 2.32888), (8, 7.1323e8, 2.56920), (64, 2.7886e8, 2.89992)],
)
def test_reference_plans(clients, size, loss):
    found = plan_federated(HOFFMANN, flops=1e21, clients=clients, rho=1)
    assert found.n_params == pytest.approx(size, rel=1e-4)
    assert found.loss == pytest.approx(loss, abs=1e-4)
    assert found.compute_multiplier == pytest.approx(clients, rel=1e-12)
    assert found.n_params * found.tokens_total * 6 == pytest.approx(1e21, rel=1e-12)
    assert found.tokens_per_client == pytest.approx(found.tokens_total / clients, rel=1e-12)


def test_reference_ratio_and_the_largest_federation():
    found = plan_federated(HOFFMANN, flops=1e21, clients=[8, 1024], rho=1)
    assert found.plans[0].ratio_to_central == pytest.approx(0.39098, abs=1e-5)
    assert found.plans[0].loss_gap == pytest.approx(2.56920 - 2.32888, abs=2e-5)
    assert found.plans[1].n_params == pytest.approx(7.9724e7, rel=1e-4)


@pytest.mark.parametrize("rho", [0.0, 0.22, 1.0])
def test_one_client_is_the_central_plan(rho):
    central = plan(published_laws()[HOFFMANN], compute=1e21)
    found = plan_federated(HOFFMANN, flops=1e21, clients=1, rho=rho)
    assert found.n_params == pytest.approx(central.optimum["N"].value, rel=1e-9)
    assert found.loss == pytest.approx(central.optimum["loss"].value, rel=1e-9)
    assert (found.ratio_to_central, found.loss_gap, found.compute_multiplier) == (1.0, 0.0, 1.0)
    # the intervals of the law are those of the central plan too
    low, high = found.bands["law"]["n_params"]
    assert low == pytest.approx(central.optimum["N"].low, rel=1e-9)
    assert high == pytest.approx(central.optimum["N"].high, rel=1e-9)


def test_a_budget_for_each_client_gives_one_size():
    found = plan_federated(HOFFMANN, flops_per_client=1e20, clients=[1, 8, 64], rho=1)
    sizes = [p.n_params for p in found.plans]
    assert max(sizes) / min(sizes) - 1 < 1e-9
    assert [p.flops for p in found.plans] == [1e20, 8e20, 64e20]


def test_loss_rises_with_clients_and_rho_zero_changes_nothing():
    losses = [p.loss for p in plan_federated(HOFFMANN, flops=1e21, clients=["1", "8", "64"]).plans]
    assert losses == sorted(losses)
    assert losses[0] < losses[1] < losses[2]
    ideal = plan_federated(HOFFMANN, flops=1e21, clients=64, rho="ideal")
    assert ideal.n_params == pytest.approx(1.8242e9, rel=1e-4)
    assert ideal.loss_gap == 0.0


def test_rho_is_a_range_by_default():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8)
    low, high = found.bands["rho"]["n_params"]
    assert low == pytest.approx(7.1323e8, rel=1e-4)
    assert high == pytest.approx(1.8242e9, rel=1e-4)
    assert [s.name for s in found.scenarios] == ["reconstruction", "diloco", "ideal"]
    assert low < found.scenarios[1].n_params < high
    assert "rho-unknown" in codes(found)
    assert not found.trusted


def test_tables_of_diloco_reach_eight_clients():
    inside = plan_federated(HOFFMANN, flops=1e21, clients=8, rho="diloco")
    beyond = plan_federated(HOFFMANN, flops=1e21, clients=9, rho="diloco")
    assert "clients-beyond-runs" not in codes(inside)
    assert inside.trusted
    assert "clients-beyond-runs" in codes(beyond)
    # about a fifth smaller at eight clients, against three fifths at rho = 1
    assert inside.ratio_to_central == pytest.approx(8 ** -(0.22 * 0.4516), rel=1e-3)


def test_every_number_has_its_provenance():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, network=STAR, batch=4096)
    document = found.to_document()
    numbers = {k for k, v in document.items() if isinstance(v, float)} - {"level"}
    assert numbers <= set(found.provenance)
    assert set(QUANTITIES) <= set(found.provenance)
    for tags in found.provenance.values():
        assert tags
        assert set(tags) <= set(MEANING)
    assert found.provenance["loss"] == ("reconstruction", "published table")
    for s in found.scenarios:
        assert "reconstruction" in s.provenance
    alone = plan_federated(HOFFMANN, flops=1e21, clients=1)
    assert alone.provenance["loss"] == ("published table",)
    assert "R reconstruction" in str(found)


def test_memory_holds_the_size_down():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1, client_memory=1.6e9)
    assert found.n_params == pytest.approx(1e8, rel=1e-12)
    assert found.binds == "memory"
    assert "memory-binds" in codes(found)
    free = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1)
    assert found.loss > free.loss
    # 1e8 parameters keep 0.774 above the floor: one machine's loss is out of reach
    assert math.isinf(found.compute_multiplier)
    assert "never-catches-up" in codes(found)
    roomy = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1, client_memory=1e12)
    assert roomy.n_params == free.n_params
    assert roomy.binds == "compute"


def test_compute_to_catch_up_under_a_cap_is_what_it_says():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=0.5, size=1.2e9)
    again = plan_federated(
        HOFFMANN, flops=1e21 * found.compute_multiplier, clients=8, rho=0.5, size=1.2e9
    )
    assert again.loss == pytest.approx(found.loss - found.loss_gap, rel=1e-9)


def test_partial_participation_is_read_both_ways():
    found = plan_federated(HOFFMANN, flops=1e21, clients=64, rho=1, participation=0.125)
    by_name = {s.name: s for s in found.readings}
    assert by_name["data limit"].n_params == pytest.approx(2.7886e8, rel=1e-4)
    # eight active clients of 64 count as eight
    assert by_name["steps limit"].n_params == pytest.approx(7.1323e8, rel=1e-4)
    assert found.n_params == by_name["data limit"].n_params


def test_rounds_need_batch_and_steps():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1, batch=1e5, local_steps=50)
    assert found.rounds == pytest.approx(found.tokens_total / (8 * 1e5 * 50), rel=1e-12)
    assert found.wall_clock_s is None
    assert plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1).rounds is None


def test_a_network_gives_time_and_traffic():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1, network=STAR, batch=1e5)
    assert found.timing is not None
    assert found.wall_clock_s == pytest.approx(sum(found.timing.parts.values()))
    assert found.traffic_bytes == pytest.approx(8 * found.n_params * 8 * found.rounds)
    assert found.binds == found.timing.binds
    assert "local-steps-assumed" in codes(found)


def test_few_samples_are_warned_about():
    found = plan_federated(HOFFMANN, flops=1e21, clients=1024, rho=0.0)
    assert found.tokens_per_client / found.n_params < 2
    assert "few-samples-per-parameter" in codes(found)
    assert "few-samples-per-parameter" not in codes(
        plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1)
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"clients": 0}, "clients must be at least 1"),
        ({"clients": 2.5}, "clients must be a whole number"),
        ({"clients": "many"}, "clients must be a whole number"),
        ({"clients": []}, "clients is empty"),
        ({"flops_per_client": 1e20}, "got both"),
        ({"flops": None}, "got neither"),
        ({"flops": -1.0}, "flops must be a positive number"),
        ({"flops": 1e6, "clients": 10**5}, "tokens a client"),
        ({"client_memory": 1000.0}, "fits no model"),
        ({"client_memory": 0}, "client_memory must be a positive"),
        ({"size": 1e9, "client_memory": 1.6e9}, "does not fit"),
        ({"participation": 0.01}, "less than one client"),
        ({"participation": 1.5}, "at most 1"),
        ({"rho": 1.5}, "rho must lie between 0"),
        ({"nu": -0.5}, "nu"),
        ({"local_steps": 0}, "local_steps must be at least 1"),
        ({"network": STAR}, "needs batch"),
        ({"dirichlet_alpha": -1}, "dirichlet_alpha"),
    ],
)
def test_questions_that_cannot_be(wrong, says):
    asked = {"flops": 1e21, "clients": 8} | wrong
    with pytest.raises(PlanError, match=says):
        plan_federated(HOFFMANN, **asked)


def test_unlike_data_are_unknown_to_a_published_law():
    found = plan_federated(HOFFMANN, flops=1e21, clients=8, rho=1, dirichlet_alpha=0.3)
    assert "skew-unknown" in codes(found)


# ---------------------------------------------------------------------------- joint choice


def test_the_lowest_loss_in_a_time_budget():
    budget = 10 * 86400.0
    found = choose_federated(
        HOFFMANN, network=STAR, batch=8192, time_budget_s=budget, rho="diloco", clients=[4, 16]
    )
    assert found.plan.wall_clock_s == pytest.approx(budget, rel=1e-6)
    # no neighbour in size does better in the same time
    for factor in (0.9, 1.1):
        size = found.plan.n_params * factor
        parts = STAR.round_parts(size, _setting(found.plan), 8192, 6.0)
        rounds = budget / sum(float(s) for s in parts.values())
        tokens = rounds * found.plan.clients * 8192 * found.plan.question["local_steps"]
        worse = plan_federated(
            HOFFMANN, flops=6 * size * tokens, clients=found.plan.clients, rho="diloco", size=size
        )
        assert worse.loss > found.plan.loss
    assert {c.clients for c in found.candidates} == {4, 16}
    assert "steps-have-no-price" in codes(found)


def test_the_shortest_time_to_a_loss():
    found = choose_federated(
        HOFFMANN, network=STAR, batch=8192, target_loss=2.6, rho=0.3, clients=[1, 8], local_steps=30
    )
    assert found.plan.loss == pytest.approx(2.6, rel=1e-6)
    slow = {c.clients: c.wall_clock_s for c in found.candidates}
    assert found.plan.wall_clock_s == pytest.approx(min(slow.values()), rel=1e-6)


def test_a_target_within_a_compute_budget():
    def choose(flops):
        return choose_federated(
            HOFFMANN, network=STAR, batch=8192, target_loss=2.6, rho=0.3, flops=flops, clients=8
        )

    found = choose(1e21)
    assert found.plan.loss <= 2.6 * (1 + 1e-9)
    assert found.plan.flops == pytest.approx(1e21, rel=1e-9)
    with pytest.raises(PlanError, match="is not reached"):
        choose(1e18)


def test_more_time_never_hurts_and_faster_links_neither():
    def loss(days, star=STAR):
        return choose_federated(
            HOFFMANN,
            network=star,
            batch=8192,
            time_budget_s=days * 86400,
            rho=0.5,
            clients=[8],
            local_steps=[10, 30],
        ).plan.loss

    fast = Star(2e14, 2e9, 10e9, 100e9, 0.05)
    assert loss(10) < loss(1)
    assert loss(1, fast) < loss(1)


def test_memory_in_the_joint_choice():
    found = choose_federated(
        HOFFMANN,
        network=STAR,
        batch=8192,
        time_budget_s=1e6,
        rho=0.3,
        clients=8,
        client_memory=1.6e9,
    )
    assert found.plan.n_params == pytest.approx(1e8, rel=1e-9)
    assert found.plan.binds == "memory"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give either time_budget_s or target_loss"),
        ({"time_budget_s": 1.0, "target_loss": 2.0}, "give either"),
        ({"target_loss": 1.0}, "is not reached"),
        ({"time_budget_s": 1e-9}, "nothing can be trained"),
        ({"time_budget_s": 1e5, "clients": 0}, "clients must be at least 1"),
        ({"time_budget_s": 1e5, "local_steps": []}, "local_steps is empty"),
    ],
)
def test_choices_that_cannot_be(options, says):
    with pytest.raises(PlanError, match=says):
        choose_federated(HOFFMANN, network=STAR, batch=8192, **options)


def _setting(found):
    from isoloss.federated.setting import Setting

    return Setting.checked(found.clients, 1.0, found.question["local_steps"])
