"""The Federated view against `isoloss.federated`: plans, bands, wall clock; and any state."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.exceptions import PlanError
from isoloss.explore.bundle import make_bundle
from isoloss.explore.entry import DRAWS
from isoloss.federated import federated_law, plan_federated
from isoloss.federated.law import Exponents
from isoloss.federated.network import DEVICES, LINKS, Star, timing
from isoloss.federated.plan.show import place_line
from isoloss.federated.provenance import letters
from isoloss.federated.setting import Setting
from tests.explore.node import run
from tests.explore.states import RANDOM_STATES, SHOW

CLIENTS = (1, 8, 64, 1024)
NAMES = {
    "N": "n_params",
    "D": "tokens_total",
    "tokens_per_client": "tokens_per_client",
    "loss": "loss",
    "ratio_to_central": "ratio_to_central",
    "loss_gap": "loss_gap",
    "compute_multiplier": "compute_multiplier",
}
STAR = Star(
    DEVICES["laptop"].reached(0.3),
    LINKS["home"].up_bps,
    LINKS["home"].down_bps,
    latency_s=LINKS["home"].latency_s,
)
HOME = {"device": "laptop", "link": "home"}


@pytest.fixture(scope="module")
def bundle():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    fit = find_law("chinchilla").fit(runs, draws=60, seed=0)
    return make_bundle([("fit", fit)], laws=["besiroglu2024", "frantar2023_sparsity"])


def trimmed(law, **options):
    """The federated law with as many draws as a page has."""
    made = federated_law(law, **options)
    e = made.exponents
    rows = DRAWS + 1
    return replace(
        made,
        subject=replace(made.subject, theta=made.subject.theta[:rows]),
        exponents=Exponents(*(getattr(e, f.name)[:rows] for f in fields(e))),
    )


def shown(states, bundle):
    return run(SHOW, {"view": "federated", "states": states}, bundle)


def close(page, value, plan, rel):
    """A value and its two bands beside those of a plan."""
    name = NAMES[value]
    scale = abs(getattr(plan, name))
    assert page[value]["value"] == pytest.approx(getattr(plan, name), rel=rel, abs=rel), name
    for where, key in (("rho", "rho"), ("law", "law")):
        band = plan.bands.get(key, {}).get(name)
        if band is not None:
            assert page[value][where] == pytest.approx(band, rel=10 * rel, abs=rel * scale), name


def test_every_number_is_that_of_plan_federated(bundle):
    cases = [(k, rho) for k in CLIENTS for rho in ("reconstruction", "diloco", "ideal", "range")]
    states = [
        {"law": "besiroglu2024", "C": 1e22, "K": k, "rho_as": rho, "H": 50, "batch": 4096, **HOME}
        for k, rho in cases
    ]
    for (k, rho), page in zip(cases, shown(states, bundle), strict=True):
        plan = plan_federated(
            trimmed("besiroglu2024"),
            clients=k,
            flops=1e22,
            rho=None if rho == "range" else rho,
            local_steps=50,
            batch=4096,
            network=STAR,
        )
        numbers, clock = page["numbers"], plan.timing
        assert clock is not None
        for value in NAMES:
            close(numbers, value, plan, 1e-7)
        assert numbers["rounds"] == pytest.approx(plan.rounds, rel=1e-7)
        assert numbers["wall_clock_s"] == pytest.approx(clock.wall_clock_s, rel=1e-7)
        assert numbers["parts_s"] == pytest.approx(dict(clock.parts), rel=1e-7)
        assert numbers["traffic_bytes"] == pytest.approx(clock.traffic_bytes, rel=1e-7)
        assert numbers["binds"] == clock.binds
        assert numbers["provenance"]["law"] == list(plan.provenance["loss"])
        assert numbers["provenance"]["counted"] == list(plan.provenance["rounds"])
        assert numbers["place"] == plan.place.status
        tags = {fact["key"]: [one["letter"] for one in fact["from"]] for fact in page["facts"]}
        assert "+".join(tags["loss"]) == letters(plan.provenance["loss"])
        assert "+".join(tags["rounds"]) == letters(plan.provenance["rounds"])


def test_runs_of_one_machine_say_nothing_of_clients(bundle):
    """The law's runs surround the plan, and none of them had clients: that is not inside."""
    states = [
        {"law": "besiroglu2024", "K": k, "C": C} for k, C in ((1, 1e20), (8, 1e20), (8, 1e26))
    ]
    one, eight, far = (page["place"] for page in shown(states, bundle))
    assert one["status"] == "inside"
    assert (eight["status"], eight["label"]) == ("unknown", "no run with clients")
    assert "K is not among their inputs" in eight["words"]
    assert far["status"] == "outside"
    assert "K is not among their inputs" in far["words"]
    plans = [
        plan_federated(trimmed("besiroglu2024"), clients=k, flops=C)
        for k, C in ((1, 1e20), (8, 1e20))
    ]
    assert [("K is not among" in place_line(plan)) for plan in plans] == [False, True]


def test_compute_for_each_client_a_fit_and_a_law_with_another_input(bundle):
    states = [
        {"law": "besiroglu2024", "per": "client", "C": 1e20, "K": 64, "rho_as": "own", "rho": 0.4},
        {"law": "fit", "C": 3e12, "K": 4, "rho_as": "diloco", "batch": 256, "k": 8},
        {"law": "frantar2023_sparsity", "C": 1e20, "K": 16, "rho_as": "range", "at_sparsity": 0.5},
    ]
    pages = shown(states, bundle)
    fit = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    made = find_law("chinchilla").fit(fit, draws=60, seed=0)
    plans = [
        plan_federated(trimmed("besiroglu2024"), clients=64, flops_per_client=1e20, rho=0.4),
        plan_federated(made, clients=4, flops=3e12, rho="diloco", flop=8),
        plan_federated(
            trimmed("frantar2023_sparsity", at={"sparsity": 0.5}), clients=16, flops=1e20
        ),
    ]
    for page, plan in zip(pages, plans, strict=True):
        for value in NAMES:
            close(page["numbers"], value, plan, 1e-6)
        assert page["numbers"]["provenance"]["law"] == list(plan.provenance["loss"])


def test_a_star_with_a_slow_server_is_timed_as_in_python():
    stars = [
        Star(1e13, 2e7, 1e8, 1e9, 0.02, 2.0, 4.0),
        Star(1e13, 2e7, 1e8, 1e8, 0.0, 0.5, 0.5),
        Star(5e12, 1e9, 1e9),
    ]
    asked = [(k, h) for k in (1, 2, 16, 500) for h in (1, 30, 700)]
    given = [
        {
            "star": {**{n: v for n, v in vars(s).items() if v != float("inf")}},
            "size": 3e8,
            "tokens": 6e9,
            "clients": k,
            "steps": h,
            "batch": 8192,
            "flop": 6,
        }
        for s in stars
        for k, h in asked
    ]
    found = run(
        """import { timing } from "isoloss/network.js";
        answer(given.map(({ star, ...run }) => timing({ server_bps: Infinity, ...star }, run)));""",
        given,
    )
    for page, (star, k, h) in zip(found, [(s, *a) for s in stars for a in asked], strict=True):
        ours = timing(star, size=3e8, tokens=6e9, setting=Setting(k, local_steps=h), batch=8192)
        assert page["parts"] == pytest.approx(dict(ours.parts), rel=1e-12)
        assert page["wall"] == pytest.approx(ours.wall_clock_s, rel=1e-12)
        assert page["traffic"] == pytest.approx(ours.traffic_bytes, rel=1e-12)
        assert page["binds"] == ours.binds


def test_curves_against_clients_are_plans(bundle):
    page = shown([{"law": "besiroglu2024", "C": 1e22, "K": 8, "rho_as": "diloco"}], bundle)[0]
    size, loss = (
        next(f for f in page["figures"] if f["id"] == i)["table"] for i in ("size", "loss")
    )
    at = {row[0]: row for row in size["rows"]}
    for k in (8, 64, 1024):
        plan = plan_federated("besiroglu2024", clients=k, flops=1e22, rho="diloco")
        column = size["head"].index("best N, ρ = 0.22")
        assert at[k][column] == pytest.approx(plan.n_params, rel=1e-6)
        row = next(row for row in loss["rows"] if row[0] == k)
        assert row[column] == pytest.approx(plan.loss, rel=1e-7)
        assert row[-1] == pytest.approx(plan.compute_multiplier, rel=1e-7)


def test_what_a_plan_refuses_the_page_says_in_words(bundle):
    page = shown([{"law": "besiroglu2024", "C": 1e4, "K": 1024, "rho_as": "diloco"}], bundle)[0]
    with pytest.raises(PlanError):
        plan_federated("besiroglu2024", clients=1024, flops=1e4, rho="diloco")
    assert page["figures"] == []
    assert "less than one token" in page["headline"]


def test_rates_speeds_and_times_as_people_write_them():
    texts = ["20 Mb/s", "12 MB/s", "1Gbit/s", "2e7", "93.6 TFLOP/s", "50 ms", "3 h", "soon"]
    found = run(
        """
        import { readRate, readSpeed, readSeconds, duration, prefixed } from "isoloss/network.js";
        answer({
          rates: given.slice(0, 4).map(readRate), speed: readSpeed(given[4]),
          times: given.slice(5).map((x) => String(readSeconds(x))),
          words: [
            ...[0.05, 5400, 4e7].map(duration), prefixed(1.36e15, "B"), prefixed(2e7, "b/s"),
          ],
        });
        """,
        texts,
    )
    assert found["rates"] == [2e7, 9.6e7, 1e9, 2e7]
    assert found["speed"] == 9.36e13
    assert found["times"] == ["0.05", "10800", "NaN"]
    assert found["words"] == ["50 ms", "1.5 h", "463 days", "1.36 PB", "20 Mb/s"]


def test_no_exponent_is_called_the_papers(bundle):
    page = shown([{"rho_as": name, "K": 16} for name in ("range", "reconstruction")], bundle)
    text = re.sub(r"\s+", " ", str(page))
    assert "2511.12188" not in text
    assert "reconstruction" in text
    assert bundle.document["federated"]["paper"].endswith("(abstract only)")


def test_no_state_throws_or_shows_a_number_that_is_none(bundle):
    found = run(RANDOM_STATES, {"view": "federated", "count": 200, "seed": 3}, bundle)
    assert found["bad"] == []
    assert found["answered"] > 120
