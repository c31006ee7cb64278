"""Flower's simulation against the NumPy engine. Needs Flower; each simulation takes seconds."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

pytest.importorskip("flwr")
pytest.importorskip("ray")

from tests.federated.flower_loopback import Sink, marked

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).resolve().parents[2] / "src"

# in a process of its own: Flower and Ray warn about their own parts, and warnings are errors here
PROGRAM = """
import json, os, sys
from isoloss.federated.sweep import run_sweep
settings, record = json.loads(sys.argv[1]), sys.argv[2]
before = dict(os.environ)
numpy = run_sweep(**settings)
flower = run_sweep(**settings, engine="flower", record=record)
from flwr.supercore import telemetry
print(json.dumps({
    "numpy": [run.loss for run in numpy.runs],
    "flower": [run.loss for run in flower.runs],
    "clients": [run.clients for run in flower.runs],
    "rounds": [run.rounds for run in flower.runs],
    "telemetry": telemetry.FLWR_TELEMETRY_ENABLED,
    "environment": dict(os.environ) == before,
}))
"""


def both(tmp_path, **settings):
    sink, mark = Sink(), uuid.uuid4().hex
    proxy = f"http://127.0.0.1:{sink.port}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "ISOLOSS_TEST_MARK": mark,
        "HOME": str(tmp_path),
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(settings), str(tmp_path / "record.jsonl")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=540,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    sink.close()
    return json.loads(done.stdout.splitlines()[-1]), sink.asked, marked(mark)


def test_flower_gives_the_losses_of_the_numpy_engine_and_leaves_nothing_behind(tmp_path):
    found, asked, left = both(
        tmp_path,
        task="digits",
        clients=[1, 2, 8],
        widths=[8, 32, 64],
        compute=2.4e7,
        mode="per-client",
        seeds=2,
        rates=[0.2, 1.0],
    )
    assert min(found["rounds"]) >= 4
    assert len(found["numpy"]) == 36
    apart = [abs(a - b) for a, b in zip(found["numpy"], found["flower"], strict=True)]
    assert max(apart) < 1e-6
    assert len(set(found["flower"])) > 30
    assert found["telemetry"] == "0"
    assert asked == []
    assert found["environment"]
    assert left == {}
    assert not (tmp_path / ".flwr").exists()


def test_flower_trains_other_splits_and_tasks_too(tmp_path):
    shared = {"clients": [3], "compute": 2e6, "mode": "per-client", "seeds": 2}
    uneven, *_ = both(
        tmp_path, task="digits", dirichlet_alpha=0.3, widths=[8], rates=[0.5], **shared
    )
    assert max(abs(a - b) for a, b in zip(uneven["numpy"], uneven["flower"], strict=True)) < 1e-6
    teacher, *_ = both(tmp_path, task="teacher", widths=[4], rates=[0.05], **shared)
    assert max(abs(a - b) for a, b in zip(teacher["numpy"], teacher["flower"], strict=True)) < 1e-6
