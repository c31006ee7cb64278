"""The server's side: federated averaging of a model over rounds, as a Flower ServerApp.

A written app carries this file; it needs Flower and NumPy alone.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import (  # pyright: ignore[reportMissingImports]
    ArrayRecord,
    ConfigRecord,
    Context,
    Message,
)
from flwr.serverapp import Grid, ServerApp  # pyright: ignore[reportMissingImports]
from flwr.serverapp.strategy import FedAvg  # pyright: ignore[reportMissingImports]

from isoloss.federated.flower_app.interface import Model


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train; in a run's configuration `local_steps` is `local-steps`.

    Attributes:
        clients: K: training starts when so many are there.
        steps: optimiser steps of one client.
        local_steps: H, steps between two meetings; the last round is shorter where H does not
            divide the steps.
        rate: peak learning rate; it falls along half a cosine to zero.
        seed: of the initial weights.
        keep_state: whether what a client's optimiser keeps outlives a round.
        min_clients: a round goes on with so many when others are gone; 0 for all of them.
        start_timeout: seconds to wait for the clients.
        round_timeout: seconds to wait for a round's answers.
        out: a folder for `result.json` and `weights.npz`; empty for none.
    """

    clients: int = 2
    steps: int = 64
    local_steps: int = 8
    rate: float = 0.1
    seed: int = 0
    keep_state: bool = False
    min_clients: int = 0
    start_timeout: float = 300.0
    round_timeout: float = 600.0
    out: str = ""

    @property
    def rounds(self) -> int:
        """How many there are."""
        return math.ceil(self.steps / self.local_steps)

    @property
    def least(self) -> int:
        """Clients without which no round begins."""
        return self.min_clients or self.clients

    def share(self, number: int) -> tuple[int, list[float]]:
        """First step and learning rates of a round, numbered from 1."""
        first = (number - 1) * self.local_steps
        cosine = 0.5 * (1 + np.cos(np.pi * np.arange(self.steps) / self.steps))
        return first, (self.rate * cosine[first : first + self.local_steps]).tolist()

    def updated(self, values: Mapping[str, Any]) -> Plan:
        """The plan with a run's configuration in place of its own values."""
        names = {f.name: f.name.replace("_", "-") for f in fields(self)}
        given = {name: values[key] for name, key in names.items() if key in values}
        return replace(self, **given)


@dataclass
class Outcome:
    """What training gave.

    Attributes:
        params: the last weights.
        history: a mapping a round: `round`, `replies` (clients that answered) and `loss` (on the
            server's data, None without).
    """

    params: list[np.ndarray]
    history: list[dict[str, Any]] = field(default_factory=list)


def server_app(model: Model, plan: Plan | None = None) -> ServerApp:
    """A ServerApp that trains this model; the run's configuration replaces parts of the plan."""
    app = ServerApp()

    @app.main()
    def main(grid: Grid, context: Context) -> None:
        chosen = (plan or Plan()).updated(context.run_config)
        outcome = run_rounds(grid, model, chosen)
        if chosen.out:
            write(outcome, Path(chosen.out))

    return app


def run_rounds(
    grid: Grid, model: Model, plan: Plan, extra: Mapping[str, Any] | None = None
) -> Outcome:
    """Train to the end of the plan.

    Args:
        grid: from Flower.
        model: what to train.
        plan: how long and how fast.
        extra: more that every client is told.
    """
    _wait(grid, plan)
    initial = model.init(plan.seed)
    strategy = Averaging(plan, extra or {})
    held_out = model.validation()
    outcome = Outcome(initial)

    def note(number: int, arrays: ArrayRecord) -> None:
        outcome.params = arrays.to_numpy_ndarrays()
        if number:
            loss = None if held_out is None else float(model.loss(outcome.params, held_out))
            outcome.history.append(
                {"round": number, "replies": strategy.replies.get(number, 0), "loss": loss}
            )
            if plan.out:
                write(outcome, Path(plan.out))

    strategy.start(
        grid=grid,
        initial_arrays=ArrayRecord(initial),
        num_rounds=plan.rounds,
        timeout=plan.round_timeout,
        evaluate_fn=note,
    )
    return outcome


class Averaging(FedAvg):
    """FedAvg over every node that is there, with the steps and rates of each round.

    Flower's own defaults ask for two nodes and evaluate on clients; here one node is enough, and
    the server alone evaluates.
    """

    def __init__(self, plan: Plan, extra: Mapping[str, Any]) -> None:
        super().__init__(
            fraction_train=1.0,
            fraction_evaluate=0.0,
            min_train_nodes=plan.least,
            min_evaluate_nodes=0,
            min_available_nodes=plan.least,
        )
        self.plan, self.extra = plan, extra
        self.replies: dict[int, int] = {}

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """As FedAvg, and the round's place in the schedule."""
        first, rates = self.plan.share(server_round)
        told = {
            **self.extra,
            "first-step": first,
            "steps": len(rates),
            "rates": rates,
            "keep-state": self.plan.keep_state,
        }
        for name, value in told.items():
            config[name] = value
        return super().configure_train(server_round, arrays, config, grid)

    def aggregate_train(self, server_round: int, replies: Iterable[Message]) -> Any:
        """As FedAvg, adding in the order of the clients: answers come in the order of chance."""
        answers = sorted(replies, key=_client_of)
        self.replies[server_round] = sum(not m.has_error() for m in answers)
        return super().aggregate_train(server_round, answers)


def _client_of(message: Any) -> int:
    return -1 if message.has_error() else message.content["metrics"]["client"]


def write(outcome: Outcome, folder: Path) -> None:
    """Write `result.json` and `weights.npz`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "weights.partial.npz"
    np.savez(partial, *outcome.params)
    partial.replace(folder / "weights.npz")
    text = json.dumps({"rounds": outcome.history}, indent=1) + "\n"
    part = folder / "result.partial"
    part.write_text(text, encoding="utf-8")
    part.replace(folder / "result.json")


def _wait(grid: Grid, plan: Plan) -> None:
    """Until all clients are there: FedAvg alone would begin with the least that it needs."""
    end = time.monotonic() + plan.start_timeout
    while len(list(grid.get_node_ids())) < plan.clients:
        if time.monotonic() > end:
            raise TimeoutError(
                f"{len(list(grid.get_node_ids()))} of {plan.clients} clients came within "
                f"{plan.start_timeout:g} s; start the missing SuperNodes, or ask for fewer clients"
            )
        time.sleep(0.2)
