"""Wall clock and traffic: reference examples, what binds, and the bandwidth table of DiLoCo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from isoloss.exceptions import PlanError
from isoloss.federated.network import (
    ARCHETYPES,
    DEVICES,
    LINKS,
    Datacentres,
    Star,
    bandwidth_needed,
    build_network,
    device,
    link,
    read_bytes,
    read_rate,
    straggler_factor,
    timing,
    utilisation,
)
from isoloss.federated.network.rates import read_flops, read_seconds
from isoloss.federated.network.utilisation import GRID, TABLE_TRANSFER, table_bandwidth
from isoloss.federated.setting import Setting

PHONES = Star(2e12, 20e6, 100e6, 1e9, 0.05)
THIRTY_TWO = Setting.checked(32, 1.0, 50)

# arXiv:2503.09799, Table 6, 10B: Gbit/s at 50, 80, 90, 95 and 99 % utilisation by local steps
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)
TABLE_6 = {
    1: (104.8, 184.2, 222.3, 222.3, 390.7),
    10: (16.0, 49.4, 86.8, 152.6, 222.3),
    50: (3.0, 11.0, 23.3, 41.0, 126.5),
    100: (1.4, 6.2, 13.3, 23.3, 86.8),
    300: (0.5, 2.0, 4.3, 9.1, 41.0),
}


def run(network, setting=THIRTY_TWO, size=1e7, tokens=1e9, batch=512.0):
    return timing(network, size=size, tokens=tokens, setting=setting, batch=batch)


def test_reference_star():
    found = run(PHONES)
    # research notes, section 2: a worked example
    assert found.rounds == pytest.approx(1220.7, rel=5e-3)
    assert found.communication_s / found.rounds == pytest.approx(26.34, rel=5e-3)
    assert found.parts["compute"] / found.rounds == pytest.approx(0.768, rel=5e-3)
    assert found.wall_clock_s / 3600 == pytest.approx(9.19, rel=5e-3)
    assert found.traffic_bytes == pytest.approx(3.125e12, rel=5e-3)
    assert found.binds == "uplink"
    assert found.parts["latency"] / found.rounds == pytest.approx(0.1, rel=1e-12)


def test_doubling_what_binds_helps_and_doubling_another_does_not():
    base = run(PHONES)
    assert run(replace(PHONES, up_bps=40e6)).wall_clock_s < base.wall_clock_s
    # the server's share of 31 Mb/s is below the clients' 100 Mb/s
    assert run(replace(PHONES, down_bps=200e6)).wall_clock_s == base.wall_clock_s
    crowded = replace(PHONES, server_bps=1e8)
    assert run(crowded).binds == "server"
    assert run(replace(crowded, server_bps=2e8)).wall_clock_s < run(crowded).wall_clock_s
    assert run(replace(crowded, up_bps=40e6)).wall_clock_s == run(crowded).wall_clock_s
    slow = replace(PHONES, client_flops=1e9)
    assert run(slow).binds == "compute"
    assert run(replace(slow, client_flops=2e9)).wall_clock_s < run(slow).wall_clock_s


def test_compression_and_participation():
    packed = run(replace(PHONES, up_bytes=0.5))
    assert packed.parts["uplink"] == pytest.approx(run(PHONES).parts["uplink"] / 8)
    assert packed.traffic_bytes == pytest.approx(run(PHONES).traffic_bytes * 4.5 / 8)
    half = run(PHONES, Setting.checked(64, 0.5, 50))
    assert half.rounds == run(PHONES).rounds


def test_one_client_sends_nothing():
    alone = run(PHONES, Setting.checked(1, 1.0, 50))
    assert alone.communication_s == 0
    assert alone.traffic_bytes == 0


@pytest.mark.parametrize(("clients", "factor"), [(4, 1.33), (16, 1.65), (64, 1.95), (256, 2.25)])
def test_stragglers(clients, factor):
    assert straggler_factor(clients, 0.3) == pytest.approx(factor, abs=6e-3)


def test_stragglers_against_simulation():
    rng = np.random.default_rng(0)
    times = np.exp(0.5 * rng.standard_normal((20000, 16)))
    seen = times.max(axis=1).mean() / times.mean()
    assert straggler_factor(16, 0.5) == pytest.approx(seen, rel=0.02)
    assert straggler_factor(1, 0.5) == straggler_factor(16, 0.0) == 1.0
    slow = run(replace(PHONES, straggler_sigma=0.5), Setting.checked(16, 1.0, 50))
    even = run(PHONES, Setting.checked(16, 1.0, 50))
    assert slow.parts["compute"] / even.parts["compute"] == pytest.approx(straggler_factor(16, 0.5))


# ------------------------------------------------------------------------- data centres


def centres(**changed):
    (w0, e0), (w1, e1) = ARCHETYPES["high"], ARCHETYPES["low"]
    return Datacentres(256, 300e12, w0, w1, e0, e1, **changed)


def test_appendix_a_by_hand():
    # N = 1e9, R = 256, bf16: 2N/W in bits is 3.2e10 / W
    size, tokens, batch = 1e9, 2e10, 65536.0
    steps = tokens / (4 * batch)
    diloco = run(centres(), Setting.checked(4, 1.0, 30), size, tokens, batch)
    compute = 6 * size * tokens / (256 * 300e12)
    within = (3.2e10 / 400e9 * (1 - 4 / 256) + 1e-4) * steps
    between = (3.2e10 / 10e9 * (1 - 1 / 256) + 1e-2) * steps / 30
    assert diloco.parts["compute"] == pytest.approx(compute, rel=1e-9)
    assert diloco.wall_clock_s == pytest.approx(compute + within + between, rel=1e-9)
    parallel = run(
        centres(algorithm="data-parallel"), Setting.checked(4, 1.0, 30), size, tokens, batch
    )
    every = (3.2e10 / 10e9 * (1 - 1 / 256) + 1e-2) * steps
    assert parallel.wall_clock_s == pytest.approx(compute + every, rel=1e-9)
    one = run(centres(), Setting.checked(1, 1.0, 30), size, tokens, 4 * batch)
    assert one.wall_clock_s == pytest.approx(compute + every * (1 + 1 / 30), rel=1e-9)


def test_the_outer_share_is_half_at_the_ratio_of_bandwidths():
    # S1, appendix A: at most half from H = W0 / W1 on
    found = run(
        replace(centres(), inner_latency_s=0.0, outer_latency_s=0.0),
        Setting.checked(2, 1.0, 40),
        1e9,
        2e10,
        65536.0,
    )
    assert found.parts["outer_network"] == pytest.approx(found.parts["inner_network"], rel=0.01)


def test_streaming_with_overlap_waits_less_and_sends_the_same():
    setting = Setting.checked(4, 1.0, 30)
    plain = run(centres(), setting, 1e9, 2e10, 65536.0)
    streamed = run(centres(fragments=6, overlap_steps=0), setting, 1e9, 2e10, 65536.0)
    overlapped = run(centres(fragments=6, overlap_steps=5), setting, 1e9, 2e10, 65536.0)
    assert streamed.traffic_bytes == overlapped.traffic_bytes == plain.traffic_bytes
    assert streamed.parts["outer_network"] == pytest.approx(plain.parts["outer_network"])
    assert overlapped.wall_clock_s < plain.wall_clock_s
    packed = run(centres(outer_bytes=0.5), setting, 1e9, 2e10, 65536.0)
    assert packed.parts["outer_network"] == pytest.approx(plain.parts["outer_network"] / 4)


# ------------------------------------------------------------------------- utilisation


def steps_apart(found, printed):
    at = [int(np.argmin(np.abs(np.log(GRID / value)))) for value in (found, printed)]
    return abs(at[0] - at[1])


def test_bandwidths_of_diloco_within_their_rounding():
    apart = {}
    for local_steps, row in TABLE_6.items():
        for share, printed in zip(SHARES, row, strict=True):
            found = table_bandwidth(share, local_steps)
            apart[local_steps, share] = steps_apart(found, printed)
    # every printed value lies on the grid
    for printed in sum(TABLE_6.values(), ()):
        near = GRID[np.argmin(np.abs(np.log(GRID / printed)))]
        assert abs(near - printed) < 0.06
    assert max(apart.values()) <= 1
    assert [cell for cell, steps in apart.items() if steps] == [(50, 0.95)]


def test_needed_bandwidth_is_the_least_that_suffices():
    exact = bandwidth_needed(0.9, TABLE_TRANSFER, 50)
    assert utilisation(TABLE_TRANSFER / exact, 50) == pytest.approx(0.9, abs=1e-9)
    assert utilisation(TABLE_TRANSFER / (0.99 * exact), 50) < 0.9
    gridded = bandwidth_needed(0.9, TABLE_TRANSFER, 50, grid=GRID)
    assert 0.999 * exact <= gridded <= exact * GRID[1] / GRID[0]
    # the last synchronisation of a run is not waited for
    assert utilisation(10.0, 50, run_steps=50) == 1.0
    assert utilisation(10.0, 50, run_steps=1000) > utilisation(10.0, 50)
    with pytest.raises(PlanError, match="utilisation"):
        bandwidth_needed(1.0, TABLE_TRANSFER, 50)
    with pytest.raises(PlanError, match="no bandwidth of the grid"):
        bandwidth_needed(0.999999, TABLE_TRANSFER, 1, grid=GRID)


# ------------------------------------------------------------------------- catalogue, text


def test_devices_are_sourced_or_marked():
    for found in (*DEVICES.values(), *LINKS.values()):
        assert found.source
        assert "round figure" in found.source or len(found.source) > 20
    assert device("a100").reached(0.5) == 156e12
    assert not device("a100").is_round
    assert device("phone").is_round
    for wrong, call in (("pixel", device), ("modem", link)):
        with pytest.raises(PlanError, match="catalogue; it has"):
            call(wrong)
    with pytest.raises(PlanError, match="utilisation"):
        device("phone").reached(1.5)


@pytest.mark.parametrize(
    ("text", "value"),
    [("20 Mb/s", 2e7), ("1Gbit/s", 1e9), ("100Mbps", 1e8), ("12MB/s", 9.6e7), ("5e6b/s", 5e6)],
)
def test_rates(text, value):
    assert read_rate(text, "--up") == value


def test_other_amounts():
    assert read_bytes("16GB", "--memory") == 16e9
    assert read_bytes("1 GiB", "--memory") == 2**30
    assert read_flops("2 TFLOP/s", "--client-flops") == 2e12
    assert read_seconds("50ms", "--latency") == 0.05
    assert read_seconds("3 d", "--time") == 259200
    for reader in (read_rate, read_bytes, read_flops, read_seconds):
        with pytest.raises(PlanError, match="--x takes"):
            reader("fast", "--x")
    with pytest.raises(PlanError, match="must be positive"):
        read_rate("0Mb/s", "--x")


def test_networks_from_options():
    star, memory = build_network({"device": "laptop", "link": "home", "server": "1Gb/s"})
    assert isinstance(star, Star)
    assert (star.up_bps, star.server_bps, memory) == (20e6, 1e9, 16e9)
    rings, none = build_network({"accelerators": "512", "archetype": "low", "fragments": "4"})
    assert isinstance(rings, Datacentres)
    assert (rings.outer_bps, rings.fragments, none) == (10e9, 4, None)
    assert build_network({"device": None}) == (None, None)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"device": "laptop"}, "need up_bps"),
        ({"link": "home"}, "need client_flops"),
        ({"device": "laptop", "link": "home", "outer": "1Gb/s"}, "options of one kind"),
        ({"archetype": "low"}, "need accelerators"),
        ({"accelerators": "8", "archetype": "warp"}, "--archetype is high"),
        ({"stragglers": "0.3"}, "needs a network"),
        ({"accelerators": "8", "outer": "1Gb/s", "algorithm": "gossip"}, "--algorithm is"),
        ({"link": "home", "client_flops": "1e12", "utilisation": "0.5"}, "for a --device"),
        ({"accelerators": "8", "outer": "1Gb/s", "fragments": "1.5"}, "fragments must be a whole"),
    ],
)
def test_networks_that_cannot_be(options, says):
    with pytest.raises(PlanError, match=says):
        build_network(options)


@pytest.mark.parametrize(
    "wrong", [{"up_bps": 0}, {"client_flops": -1}, {"latency_s": -1}, {"straggler_sigma": -1}]
)
def test_stars_that_cannot_be(wrong):
    with pytest.raises(PlanError, match=next(iter(wrong))):
        replace(PHONES, **wrong)


def test_a_replica_needs_an_accelerator():
    with pytest.raises(PlanError, match="cannot hold"):
        run(replace(centres(), accelerators=2), Setting.checked(4, 1.0, 30))


def test_a_wall_clock_needs_steps():
    with pytest.raises(PlanError, match="local_steps"):
        run(PHONES, Setting.checked(4))
