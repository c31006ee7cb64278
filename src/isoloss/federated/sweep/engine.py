"""Federated averaging of all runs of one width and number of clients, as one batch.

Replicas that differ in seed, rate and client have arrays of one shape, so a step of all of them is
a handful of stacked matrix products (`mlp`). A round is H steps of every client from the server's
model, then the mean over clients (McMahan et al. 2017, arXiv:1602.05629); all clients take part,
and all count the same, because all take the same number of steps. Rates fall along half a cosine
to zero over the run's own steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from isoloss.federated.sweep.mlp import DTYPE, Stack, descend, initial, losses, parameters
from isoloss.federated.sweep.settings import Settings
from isoloss.federated.sweep.tasks import Task

# A stack's first layer is kept near this size, so that it stays in a processor's own cache
_BYTES = 1 << 21


def cosine(steps: int) -> np.ndarray:
    """(steps,) shares of the peak rate: half a cosine from 1, zero one step after the last."""
    return 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))


def train(task: Task, settings: Settings, width: int, clients: int) -> np.ndarray:
    """Held-out loss (seeds, rates) at the end of every run; not finite where a run diverged."""
    found = []
    for seeds in pieces(settings, width, clients, task.inputs):
        stack = _trained(task, settings, width, clients, seeds)
        found.append(losses(stack, *task.validation(seeds), task.classes))
    return np.concatenate(found)


def pieces(settings: Settings, width: int, clients: int, inputs: int) -> Iterator[tuple[int, ...]]:
    """Seeds that are trained together."""
    numbers = clients * (inputs + 1) * width * len(settings.rates)
    most = max(1, _BYTES // (numbers * np.dtype(DTYPE).itemsize))
    for i in range(0, len(settings.seeds), most):
        yield settings.seeds[i : i + most]


def _trained(
    task: Task, settings: Settings, width: int, clients: int, seeds: tuple[int, ...]
) -> Stack:
    peaks = np.array(settings.rates)
    server = initial(task.inputs, width, task.outputs, seeds, len(peaks))
    members = [(seed, client) for seed in seeds for client in range(clients)]
    feed = task.feed(members, clients, settings.dirichlet_alpha, settings.batch)
    steps = settings.steps(parameters(task.inputs, width, task.outputs), clients)
    schedule = cosine(steps)[:, None] * peaks
    for start in range(0, steps, settings.local_steps):
        stop = min(steps, start + settings.local_steps)
        local = server.repeated(clients) if clients > 1 else server
        descend(local, *feed.take(start, stop), schedule[start:stop], task.classes)
        server = local.averaged(clients) if clients > 1 else local
    return server
