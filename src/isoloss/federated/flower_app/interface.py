"""What a model must offer so that Flower can train it: five methods over NumPy arrays.

Nothing here imports Flower, a framework or isoloss: a written app carries this file as it is.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Model(Protocol):
    """A person's model, in NumPy, PyTorch or anything that can hand over its weights as arrays."""

    def init(self, seed: int) -> list[np.ndarray]:
        """Fresh weights, always in the same order and shapes."""
        ...

    def data(self, client: int, clients: int) -> Any:
        """What client number `client` (from 0) of `clients` trains on; read where the client is."""
        ...

    def train(
        self,
        params: list[np.ndarray],
        data: Any,
        steps: int,
        rate: np.ndarray,
        *,
        first_step: int,
        state: dict[str, np.ndarray],
    ) -> list[np.ndarray]:
        """Train on a client's data and return the new weights.

        Args:
            params: the server's weights.
            data: from `data`.
            steps: how many optimiser steps to take.
            rate: (steps,) the learning rate of each.
            first_step: the number of the first of them since the start of training, for an order
                of the data that does not begin again with every round.
            state: what the optimiser keeps, such as momentum. Change it in place: what is in it
                comes back in the next round if `keep-state` is on, and is empty otherwise.
        """
        ...

    def loss(self, params: list[np.ndarray], data: Any) -> float:
        """Mean loss of these weights on data."""
        ...

    def validation(self) -> Any:
        """What the server measures the loss on after every round; None where it has no data."""
        ...
