"""Runs of a federated law that is known, and the command line with its new group."""

from __future__ import annotations

from typing import Any

import numpy as np

TRUTH = {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28}
BUDGETS = (1e19, 1e20, 1e21)
CLIENTS = (1, 2, 4, 8, 16)


def law(N: Any, D: Any, K: Any, rho: Any = 1.0, **changed: float) -> Any:
    """E + A/N**alpha + B/(D/K**rho)**beta."""
    t = TRUTH | changed
    return t["E"] + t["A"] / N ** t["alpha"] + t["B"] / (D / K**rho) ** t["beta"]


def design(
    sizes: int = 7, budgets: tuple[float, ...] = BUDGETS, clients: tuple[int, ...] = CLIENTS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """N, D and K (n,) of a grid of budgets, clients and sizes."""
    axes = np.meshgrid(np.geomspace(2e7, 4e9, sizes), budgets, clients, indexing="ij")
    N, C, K = (axis.ravel() for axis in axes)
    return N, C / (6 * N), K


def table(
    rho: float, *, noise: float = 0.005, seed: int = 0, seeds: int = 1, **options: Any
) -> dict[str, np.ndarray]:
    """Columns of a 7 x 3 x 5 design with relative noise."""
    N, D, K = (np.repeat(column, seeds) for column in design(**options))
    rng = np.random.default_rng(seed)
    loss = law(N, D, K, rho) * np.exp(noise * rng.standard_normal(len(N)))
    columns = {"params": N, "tokens": D, "clients": K.astype(float), "val_loss": loss}
    if seeds > 1:
        columns["seed"] = np.tile(np.arange(seeds, dtype=float), len(N) // seeds)
    return columns
