"""A written app in Flower's two runtimes on this machine: real SuperLink and SuperNodes."""

import re
import site
import time
from pathlib import Path

import pytest

pytest.importorskip("flwr")
pytest.importorskip("ray")

from isoloss.federated.flower_app import write_app
from tests.federated.flower_loopback import Loopback

pytestmark = pytest.mark.slow
ROUNDS = 5
RUN = re.compile(r"\bray::|raylet|gcs_server|ray/autoscaler|flwr-simulation")


def installed():
    """Every distribution that this Python has, and when its record was written."""
    return {
        str(path): path.stat().st_mtime
        for folder in site.getsitepackages()
        for path in Path(folder).glob("*.dist-info")
    }


def simulate(folder, app, **config):
    """The rounds of the app in the simulation runtime, under a SuperLink that we end ourselves."""
    here = Loopback(folder)
    try:
        here.superlink("--simulation")
        out = folder / "out"
        here.run(app, federation="num-supernodes=3", out=str(out), **config)
        here.wait(lambda: len(here.rounds(out)) == ROUNDS, 240)
        rounds = here.rounds(out)
        # the run ends Ray by itself; with its SuperLink gone it would leave that to Ray's agents
        here.wait(lambda: not RUN.search("\n".join(here.marked().values())), 120)
    finally:
        left = here.close()
    assert left == []
    assert here.sink.asked == []
    return rounds


def test_a_deployment_that_loses_a_node_finishes_and_matches_the_simulation(tmp_path):
    before = installed()
    app = write_app(
        tmp_path / "app",
        clients=3,
        steps=8 * ROUNDS,
        local_steps=8,
        keep_state=True,
        min_clients=2,
    ).folder
    for name in ("deployment", "simulation"):
        (tmp_path / name).mkdir()
    here = Loopback(tmp_path / "deployment")
    out = here.folder / "out"
    try:
        port = here.superlink()
        nodes = [here.supernode(port, number, 3) for number in range(3)]
        here.run(app, out=str(out), round_timeout=25.0)
        here.wait(lambda: len(here.rounds(out)) >= 2, 240)
        here.kill(nodes[2])
        here.wait(lambda: len(here.rounds(out)) == ROUNDS, 300)
        rounds = here.rounds(out)
        time.sleep(2)
        environments = here.values("FLWR_TELEMETRY_ENABLED")
    finally:
        left = here.close()
    assert left == []
    assert here.sink.asked == []
    assert environments
    assert set(environments) == {"0"}
    assert [row["round"] for row in rounds] == list(range(1, ROUNDS + 1))
    assert (out / "weights.npz").exists()

    simulated = simulate(tmp_path / "simulation", app)
    assert [row["replies"] for row in simulated] == [3] * ROUNDS
    whole = [row["round"] for row in rounds if row["replies"] == 3]
    assert whole[:2] == [1, 2]
    assert rounds[-1]["replies"] == 2
    for deployed, wanted in zip(rounds[: len(whole)], simulated, strict=False):
        assert deployed["loss"] == pytest.approx(wanted["loss"], abs=1e-6)
    # without its third client it went elsewhere, and still learnt
    assert rounds[-1]["loss"] != simulated[-1]["loss"]
    assert rounds[-1]["loss"] < rounds[0]["loss"]

    assert installed() == before
    folders = [p for p in tmp_path.rglob("site-packages") if p.is_dir()]
    assert folders == []


def test_the_state_of_the_optimiser_is_kept_where_asked_and_not_elsewhere(tmp_path):
    found = {}
    for keep in (True, False):
        folder = tmp_path / str(keep)
        folder.mkdir()
        app = write_app(folder / "app", clients=3, steps=8 * ROUNDS, local_steps=8, keep_state=keep)
        (folder / "run").mkdir()
        found[keep] = [row["loss"] for row in simulate(folder / "run", app.folder)]
        assert found[keep] == pytest.approx(by_hand(keep), abs=1e-6)
    assert found[True][0] == found[False][0]
    assert abs(found[True][1] - found[False][1]) > 1e-4


def by_hand(keep):
    """The same federated averaging in a loop, losses round by round."""
    import numpy as np

    from isoloss.federated.flower_app.template.numpy_model import MODEL

    params, losses = MODEL.init(0), []
    states = [{} for _ in range(3)]
    steps = 8 * ROUNDS
    rates = 0.05 * 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    for first in range(0, steps, 8):
        back = []
        for client in range(3):
            if not keep:
                states[client] = {}
            data = MODEL.data(client, 3)
            rate = rates[first : first + 8]
            back.append(MODEL.train(params, data, 8, rate, first_step=first, state=states[client]))
        params = [np.mean([weights[i] for weights in back], axis=0) for i in range(len(params))]
        losses.append(MODEL.loss(params, MODEL.validation()))
    return losses
