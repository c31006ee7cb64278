"""The sweep's runs through Flower: the same stacks, clients and batches as the NumPy engine.

All replicas of a width, seeds and rates, are one list of arrays to Flower, so one Flower run trains
them all, and one simulation a number of clients trains every width. What differs from the NumPy
engine is who does it: the clients are Ray actors, and Flower's own FedAvg averages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np

from isoloss.federated.flower_app.quiet import need_flower, quiet
from isoloss.federated.sweep.mlp import DTYPE, Stack, descend, initial, losses, parameters
from isoloss.federated.sweep.settings import Settings
from isoloss.federated.sweep.tasks import Feed, find_task


@dataclass(frozen=True)
class StackModel:
    """All seeds and rates of one width as one model of `interface.Model`."""

    settings: Settings
    width: int

    def init(self, seed: int) -> list[np.ndarray]:  # noqa: ARG002
        """Fresh weights; the sweep's own seeds decide, and `seed` does not."""
        task = find_task(self.settings.task)
        seeds, rates = self.settings.seeds, len(self.settings.rates)
        return initial(task.inputs, self.width, task.outputs, seeds, rates).arrays()

    def data(self, client: int, clients: int) -> Feed:
        """This client's batches of every seed."""
        return _feed(self.settings, client, clients)

    def train(
        self,
        params: list[np.ndarray],
        data: Feed,
        steps: int,
        rate: np.ndarray,
        *,
        first_step: int,
        state: dict[str, np.ndarray],  # noqa: ARG002
    ) -> list[np.ndarray]:
        """SGD on all replicas; `rate` is the share of the peak rates. SGD keeps nothing."""
        stack = Stack(*(np.array(array, dtype=DTYPE) for array in params))
        schedule = rate[:, None] * np.array(self.settings.rates)
        batches = data.take(first_step, first_step + steps)
        descend(stack, *batches, schedule, find_task(self.settings.task).classes)
        return stack.arrays()

    def losses(self, params: list[np.ndarray]) -> np.ndarray:
        """Held-out loss (seeds, rates)."""
        task = find_task(self.settings.task)
        stack = Stack(*(np.asarray(array, dtype=DTYPE) for array in params))
        return losses(stack, *task.validation(self.settings.seeds), task.classes)

    def loss(self, params: list[np.ndarray], data: Any) -> float:  # noqa: ARG002
        """Mean over replicas; a sweep reads `losses` instead."""
        return float(self.losses(params).mean())

    def validation(self) -> None:
        """Nothing is measured before the end."""


@lru_cache(maxsize=8)
def _feed(settings: Settings, client: int, clients: int) -> Feed:
    members = [(seed, client) for seed in settings.seeds]
    task = find_task(settings.task)
    return task.feed(members, clients, settings.dirichlet_alpha, settings.batch)


def train_groups(
    settings: Settings, groups: list[tuple[int, int]]
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Clients, width and losses (seeds, rates) of each group, one simulation a number of clients.

    Raises:
        MissingExtraError: Flower's simulation is not installed.
    """
    need_flower()
    for clients, same in groupby(sorted(groups), key=lambda group: group[0]):
        widths = [width for _, width in same]
        with quiet() as start:
            found = _simulate(settings, clients, widths, start)
        for width in widths:
            yield clients, width, found[width]


def _simulate(
    settings: Settings, clients: int, widths: list[int], start: dict[str, Any]
) -> dict[int, np.ndarray]:
    from flwr.app import Context, Message  # pyright: ignore[reportMissingImports]
    from flwr.clientapp import ClientApp  # pyright: ignore[reportMissingImports]
    from flwr.serverapp import Grid, ServerApp  # pyright: ignore[reportMissingImports]
    from flwr.simulation import run_simulation  # pyright: ignore[reportMissingImports]

    from isoloss.federated.flower_app.client import reply
    from isoloss.federated.flower_app.server import Plan, run_rounds

    found: dict[int, np.ndarray] = {}
    client_app, server_app = ClientApp(), ServerApp()

    @client_app.train()
    def train(message: Message, context: Context) -> Message:
        content: Any = message.content
        return reply(StackModel(settings, int(content["config"]["width"])), message, context)

    @server_app.main()
    def main(grid: Grid, _: Context) -> None:
        task = find_task(settings.task)
        for width in widths:
            model = StackModel(settings, width)
            steps = settings.steps(parameters(task.inputs, width, task.outputs), clients)
            plan = Plan(clients, steps, settings.local_steps, rate=1.0)
            outcome = run_rounds(grid, model, plan, {"width": width})
            _all_answered(outcome.history, clients, width)
            found[width] = model.losses(outcome.params)

    run_simulation(
        server_app=server_app,
        client_app=client_app,
        num_supernodes=clients,
        backend_config={
            "client_resources": {"num_cpus": 1, "num_gpus": 0.0},
            "init_args": {
                "num_cpus": min(clients, os.cpu_count() or 1),
                "num_gpus": 0,
                **start,
            },
        },
    )
    return found


def _all_answered(history: list[dict[str, Any]], clients: int, width: int) -> None:
    """A round in which a client failed would give other numbers without a word."""
    for row in history:
        if row["replies"] != clients:
            raise RuntimeError(
                f"width {width}, round {row['round']}: {row['replies']} of {clients} clients "
                "answered; Flower's log says why the others did not"
            )
