"""Runs made from a known law, on which every check is shown to fire and to stay silent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from isoloss.law import Law, find_law
from isoloss.runs import Runs, read_runs
from isoloss.trust.checks.case import Case

DRAWS = 80
FLOOR, SIZE, ALPHA, DATA, BETA = 1.8, 480.0, 0.35, 2100.0, 0.37
NOISE = 0.004


def loss(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """A Chinchilla law near that of Besiroglu et al. 2024, nats/token."""
    return FLOOR + SIZE / n**ALPHA + DATA / d**BETA


def shaken(
    values: np.ndarray, rng: np.random.Generator, noise: float | np.ndarray = NOISE
) -> np.ndarray:
    """Values with normal noise in their logarithm."""
    return values * np.exp(noise * rng.standard_normal(len(values)))


def grid(sizes: int = 8, data: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Sizes from 10M to 10B by tokens from 1B to 1T, every size with every number of tokens."""
    n, d = np.meshgrid(np.geomspace(1e7, 1e10, sizes), np.geomspace(1e9, 1e12, data))
    return n.ravel(), d.ravel()


def repeated(
    n: np.ndarray, d: np.ndarray, settings: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same settings with some of them run again, and the seed of every run."""
    again = np.linspace(0, len(n) - 1, settings).astype(int)
    seed = np.repeat(["0", "1"], [len(n), settings])
    return np.append(n, n[again]), np.append(d, d[again]), seed


def table(
    columns: Mapping[str, np.ndarray], roles: Mapping[str, np.ndarray] | None = None, **options: Any
) -> Runs:
    """Columns under their canonical names, and groups by role, as runs."""
    roles = roles or {}
    options.setdefault("conventions", {"N": "total"} if "N" in columns else {})
    return read_runs(
        {**columns, **roles},
        map={name: name for name in columns},
        groups={role: role for role in roles},
        **options,
    )


def case(
    runs: Runs,
    law: Law | str = "chinchilla",
    at: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    objective: str = "huber-log",
    **facts: Any,
) -> Case:
    """Runs with a law fitted to them."""
    return Case.of(find_law(law).fit(runs, draws=draws, objective=objective), at, **facts)


@lru_cache(maxsize=32)
def healthy_runs(seed: int, noise: float = NOISE) -> Runs:
    """Runs with nothing wrong: a grid of three decades by three, some settings run twice."""
    rng = np.random.default_rng(seed)
    n, d, seeds = repeated(*grid())
    return table({"N": n, "D": d, "loss": shaken(loss(n, d), rng, noise)}, {"seed": seeds})


@lru_cache(maxsize=32)
def healthy(seed: int) -> Case:
    """The healthy runs with the law that they were made from."""
    return case(healthy_runs(seed))


def line(n: int = 40, low: float = 1e7, high: float = 1e10) -> np.ndarray:
    """Sizes evenly spaced in logarithm, one in five of them twice."""
    sizes = np.geomspace(low, high, n - n // 5)
    return np.sort(np.append(sizes, sizes[::4][: n // 5]))
