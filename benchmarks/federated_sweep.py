"""What training all replicas of a federated sweep at once saves, in CPU time.

    python benchmarks/federated_sweep.py [--flower]

The same runs are trained by

- `isoloss`: the batched NumPy engine;
- `loop, NumPy`: one model at a time, one client after another, in float64;
- `loop, PyTorch`: the same with a module, `torch.optim.SGD` and tensors taken by index;
- `loop, DataLoader`: the same with a `DataLoader` a client, as tutorials write it;
- `Flower`: one simulation a run, its fixed cost included (only with --flower).

The loops train a part of the runs, and their time is scaled to all of them by client steps. What
is compared is CPU time of one process and its children, each on one thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from _common import cpu, machine, table
from isoloss.federated.sweep import PRESETS, run_sweep
from isoloss.federated.sweep.mlp import parameters
from isoloss.federated.sweep.settings import Settings, check_settings
from isoloss.federated.sweep.tasks import digits_table, find_task

GOAL = 100.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
WIDTHS = (8, 32, 128)
CLIENTS = (1, 16)


def client_steps(settings: Settings, width: int, clients: int) -> int:
    """Optimiser steps of all clients in one run."""
    return clients * settings.steps(parameters(64, width, 10), clients)


def numpy_loop(settings: Settings, width: int, clients: int) -> float:
    """One run, nothing batched but the samples of a step; returns its held-out loss."""
    random = np.random.default_rng(0)
    task = find_task("digits")
    shards = task.shards(0, clients, None)  # pyright: ignore[reportAttributeAccessIssue]
    inputs, labels = digits_table()
    inputs = inputs[:, :64].astype(float)
    server = [
        random.standard_normal((64, width)) * np.sqrt(2 / 64),
        np.zeros(width),
        random.standard_normal((width, 10)) * np.sqrt(1 / width),
        np.zeros(10),
    ]
    steps = settings.steps(parameters(64, width, 10), clients)
    for first in range(0, steps, settings.local_steps):
        back = []
        for client in range(clients):
            params = [array.copy() for array in server]
            for step in range(first, min(steps, first + settings.local_steps)):
                rows = random.choice(shards[client], settings.batch)
                x, y = inputs[rows], labels[rows]
                hidden = np.maximum(x @ params[0] + params[1], 0)
                scores = hidden @ params[2] + params[3]
                slope = np.exp(scores - scores.max(axis=1, keepdims=True))
                slope /= slope.sum(axis=1, keepdims=True)
                slope[np.arange(len(y)), y] -= 1
                slope /= len(y)
                inner = (slope @ params[2].T) * (hidden > 0)
                rate = 0.5 * 0.5 * (1 + math.cos(math.pi * step / steps))
                gradients = (x.T @ inner, inner.sum(0), hidden.T @ slope, slope.sum(0))
                for array, gradient in zip(params, gradients, strict=True):
                    array -= rate * gradient
            back.append(params)
        server = [np.mean([params[i] for params in back], axis=0) for i in range(4)]
    x, y = (array[0] for array in task.validation([0]))
    scores = np.maximum(x[:, :64] @ server[0] + server[1], 0) @ server[2] + server[3]
    scores = scores - scores.max(axis=1, keepdims=True)
    return float((np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(y)), y]).mean())


def torch_loop(settings: Settings, width: int, clients: int, loader: bool) -> float:
    """One run with PyTorch, with or without a `DataLoader`; returns its held-out loss."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch import nn  # pyright: ignore[reportMissingImports]
    from torch.utils.data import (  # pyright: ignore[reportMissingImports]
        DataLoader,
        TensorDataset,
    )

    torch.set_num_threads(1)
    torch.manual_seed(0)
    task = find_task("digits")
    shards = task.shards(0, clients, None)  # pyright: ignore[reportAttributeAccessIssue]
    inputs, labels = (torch.from_numpy(array) for array in digits_table())
    inputs = inputs[:, :64]
    model = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
    server = {name: value.clone() for name, value in model.state_dict().items()}
    steps = settings.steps(parameters(64, width, 10), clients)

    def forever(shard: np.ndarray):
        data = TensorDataset(inputs[shard], labels[shard])
        while True:
            yield from DataLoader(data, batch_size=settings.batch, shuffle=True)

    streams = [forever(shard) for shard in shards]
    for first in range(0, steps, settings.local_steps):
        back = []
        for client in range(clients):
            model.load_state_dict(server)
            optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
            for step in range(first, min(steps, first + settings.local_steps)):
                if loader:
                    x, y = next(streams[client])
                else:
                    rows = np.random.choice(shards[client], settings.batch)  # noqa: NPY002
                    x, y = inputs[rows], labels[rows]
                optimiser.param_groups[0]["lr"] = 0.25 * (1 + math.cos(math.pi * step / steps))
                optimiser.zero_grad()
                nn.functional.cross_entropy(model(x), y).backward()
                optimiser.step()
            back.append({name: value.clone() for name, value in model.state_dict().items()})
        server = {name: torch.stack([params[name] for params in back]).mean(0) for name in server}
    model.load_state_dict(server)
    x, y = (torch.from_numpy(array[0]) for array in task.validation([0]))
    with torch.no_grad():
        return float(nn.functional.cross_entropy(model(x[:, :64]), y))


def timed(train: Callable[[Settings, int, int], float], settings: Settings) -> tuple[float, float]:
    """CPU seconds a client step over the sample of runs, and the mean loss that it ended at."""
    seconds, steps, ends = 0.0, 0, []
    for width in WIDTHS:
        for clients in CLIENTS:
            start = cpu()
            ends.append(train(settings, width, clients))
            spent = cpu() - start
            # every width counts by its share of all client steps, as it does in the sweep
            seconds += spent
            steps += client_steps(settings, width, clients)
    return seconds / steps, float(np.mean(ends))


def flower_seconds() -> float:
    """CPU seconds of one Flower simulation of one run: K = 4, width 32, ten rounds."""
    program = (
        "from isoloss.federated.sweep import run_sweep\n"
        "run_sweep(task='digits', clients=[4], widths=[32], compute=9e7, seeds=1,"
        " rates=[0.5], engine='flower')\n"
    )
    start = cpu()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.py"
        path.write_text(program, encoding="utf-8")
        subprocess.run([sys.executable, str(path)], check=True, capture_output=True)
    return cpu() - start


def main() -> None:
    """Train, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--flower", action="store_true", help="also time one Flower simulation")
    options = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREADS):
        # libraries read these when they are loaded, so once more from the beginning
        os.execve(
            sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(THREADS, "1")
        )
    preset = {**PRESETS["full"], "widths": WIDTHS, "clients": CLIENTS}
    settings = check_settings(**preset)
    print(machine())
    run_sweep(**{**preset, "compute": 1e6})  # loads what is loaded once
    start, wall = cpu(), time.perf_counter()
    runs = run_sweep(**preset)
    batched, wall = cpu() - start, time.perf_counter() - wall
    replicas = len(settings.seeds) * len(settings.rates)
    steps = replicas * sum(client_steps(settings, w, k) for w in WIDTHS for k in CLIENTS)
    kept = [run.loss for run in runs.runs if run.rate == 0.5 and run.seed == 0]
    print(
        f"{len(runs)} runs ({replicas} of each width and K), {steps:,} client steps, "
        f"{wall:.1f} s wall for isoloss\n"
    )
    rows = [
        ("isoloss", f"{batched:.1f}", f"{1e6 * batched / steps:.1f}", "1", f"{np.mean(kept):.3f}")
    ]
    loops: list[tuple[str, Callable[[Settings, int, int], float]]] = [("loop, NumPy", numpy_loop)]
    if importlib.util.find_spec("torch"):
        loops.append(("loop, PyTorch", lambda s, w, k: torch_loop(s, w, k, loader=False)))
        loops.append(("loop, DataLoader", lambda s, w, k: torch_loop(s, w, k, loader=True)))
    for name, loop in loops:
        each, loss = timed(loop, settings)
        ratio = each * steps / batched
        rows.append(
            (name, f"{each * steps:.0f}", f"{1e6 * each:.0f}", f"{ratio:.0f}", f"{loss:.3f}")
        )
    if options.flower:
        if importlib.util.find_spec("flwr"):
            each = flower_seconds()
            rows.append(
                (
                    "Flower, a simulation a run",
                    f"{each * len(runs):.0f}",
                    "",
                    f"{each * len(runs) / batched:.0f}",
                    "",
                )
            )
        else:
            print("Flower is not installed: pip install 'isoloss[federated]'\n")
    head = ("engine", "CPU s for all runs", "us a client step", "times isoloss", "loss at rate 0.5")
    print(table(head, rows))
    print(f"\ngoal: {GOAL:.0f} times less CPU than an unbatched loop")


if __name__ == "__main__":
    main()
