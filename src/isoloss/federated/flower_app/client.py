"""The client's side: from a model to a Flower ClientApp.

A written app carries this file; it needs Flower and NumPy alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flwr.app import (  # pyright: ignore[reportMissingImports]
    Array,
    ArrayRecord,
    Context,
    Message,
    MetricRecord,
    RecordDict,
)
from flwr.clientapp import ClientApp  # pyright: ignore[reportMissingImports]

from isoloss.federated.flower_app.interface import Model

_STATE = "optimizer-state"


def client_app(model: Model) -> ClientApp:
    """A ClientApp that trains this model, in Flower's simulation and deployment runtimes alike."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        return reply(model, message, context)

    return app


def reply(model: Model, message: Message, context: Context) -> Message:
    """Answer one round: train, and send the weights back.

    Every client takes the same number of steps, so all count the same in the mean. A ClientApp
    is made anew for every message: what the optimiser keeps lives in the node's `Context.state`.
    """
    content: Any = message.content
    config = content["config"]
    client, clients = place(context)
    state = _kept(context) if config["keep-state"] else {}
    params = model.train(
        content["arrays"].to_numpy_ndarrays(),
        model.data(client, clients),
        int(config["steps"]),
        np.array(config["rates"], dtype=float),
        first_step=int(config["first-step"]),
        state=state,
    )
    if config["keep-state"]:
        context.state[_STATE] = ArrayRecord(
            {name: Array(np.asarray(value)) for name, value in state.items()}
        )
    # "num-examples" is the weight that Flower averages by; "client" lets the server add in one
    # order, so that the same run gives the same bits
    metrics = MetricRecord({"num-examples": 1, "client": client})
    answer = RecordDict({"arrays": ArrayRecord(params), "metrics": metrics})
    return Message(content=answer, reply_to=message)


def place(context: Context) -> tuple[int, int]:
    """Number of this client and number of clients.

    Raises:
        ValueError: the node was not told.
    """
    node: Any = context.node_config
    try:
        client, clients = int(node["partition-id"]), int(node["num-partitions"])
    except KeyError:
        raise ValueError(
            "this node does not know which client it is; start its SuperNode with "
            '--node-config "partition-id=0 num-partitions=3", numbered from 0'
        ) from None
    if not 0 <= client < clients:
        raise ValueError(f"partition-id is {client}; expected 0 to {clients - 1}")
    return client, clients


def _kept(context: Context) -> dict[str, np.ndarray]:
    if _STATE not in context.state:
        return {}
    kept: Any = context.state[_STATE]
    # a copy: arrays out of a record cannot be written to
    return {name: array.numpy().copy() for name, array in kept.items()}
