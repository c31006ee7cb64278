"""What a sweep trains: the grid, the budget, and what every run of it shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from isoloss.exceptions import InputError
from isoloss.federated.setting import positive, whole

MODES = ("total", "per-client")
ENGINES = ("numpy", "flower")
FLOP = 6.0  # C = 6 N D, the rule that every compute of this room is counted by


@dataclass(frozen=True)
class Settings:
    """A checked grid of runs.

    Attributes:
        task: `digits` or `teacher`.
        clients: every K, rising.
        widths: hidden units of every model, rising.
        compute: training FLOP by 6 N D; of all clients together with mode `total`, of each with
            `per-client`.
        mode: `total` or `per-client`.
        seeds: of initial weights, split and order of the data.
        rates: peak learning rates, rising.
        dirichlet_alpha: concentration of the split by class; None for data drawn alike.
        local_steps: H, SGD steps of a client in a round.
        batch: samples a step of one client.
        engine: `numpy` or `flower`.
    """

    task: str
    clients: tuple[int, ...]
    widths: tuple[int, ...]
    compute: float
    mode: str
    seeds: tuple[int, ...]
    rates: tuple[float, ...]
    dirichlet_alpha: float | None = None
    local_steps: int = 8
    batch: int = 32
    engine: str = "numpy"

    def shared(self) -> dict[str, Any]:
        """What all runs of the sweep share, as it stands in every line of a record."""
        values = asdict(self)
        return {name: values[name] for name in SHARED}

    def samples(self, params: int, clients: int) -> float:
        """D over all clients for N parameters, before it is rounded to whole steps."""
        each = self.compute / (FLOP * params)
        return each * clients if self.mode == "per-client" else each

    def steps(self, params: int, clients: int) -> int:
        """SGD steps of one client: the whole number nearest to D / (K batch), at least 1."""
        return max(1, round(self.samples(params, clients) / (clients * self.batch)))

    def rounds(self, params: int, clients: int) -> int:
        """Meetings with the server; the last round is shorter where H does not divide the steps."""
        return math.ceil(self.steps(params, clients) / self.local_steps)


SHARED = (
    "task",
    "compute",
    "mode",
    "dirichlet_alpha",
    "local_steps",
    "batch",
    "engine",
)

PRESETS: dict[str, dict[str, Any]] = {
    # width 128 is there because one client's best size lies above 64
    "newcomer": {
        "task": "digits",
        "clients": (1, 4, 16),
        "widths": (4, 8, 16, 32, 64, 128),
        "compute": 3e8,
        "mode": "total",
        "seeds": 5,
        "rates": (0.2, 0.5, 1.0, 2.0),
    },
    "full": {
        "task": "digits",
        "clients": (1, 2, 4, 8, 16),
        "widths": (8, 16, 32, 64, 128, 256),
        "compute": 5e8,
        "mode": "total",
        "seeds": 10,
        "rates": (0.2, 0.5, 1.0, 2.0),
    },
}
"""Settings by name: `newcomer` takes seconds, `full` up to a few minutes."""


def check_settings(
    *,
    task: str,
    clients: Any,
    widths: Any,
    compute: Any,
    mode: str,
    seeds: Any,
    rates: Any,
    dirichlet_alpha: Any = None,
    local_steps: Any = 8,
    batch: Any = 32,
    engine: str = "numpy",
) -> Settings:
    """The settings as a person gives them.

    Args:
        task: `digits` or `teacher`.
        clients: a list of K.
        widths: a list of hidden units.
        compute: FLOP.
        mode: `total` or `per-client`.
        seeds: a list of seeds, or how many: 5 stands for 0 to 4.
        rates: a list of peak learning rates.
        dirichlet_alpha: concentration, or None.
        local_steps: H.
        batch: samples a step.
        engine: `numpy` or `flower`.

    Raises:
        InputError: naming the option that cannot be.
    """
    from isoloss.federated.sweep.tasks import check_split

    _one_of("mode", mode, MODES)
    _one_of("engine", engine, ENGINES)
    if isinstance(seeds, Sequence) and not isinstance(seeds, str):
        chosen = _listed("seeds", [whole("seeds", seed, 0) for seed in seeds])
    else:
        chosen = tuple(range(whole("seeds", seeds)))
    settings = Settings(
        task,
        _listed("clients", [whole("clients", k) for k in _sequence("clients", clients)]),
        _listed("widths", [whole("widths", width) for width in _sequence("widths", widths)]),
        positive("compute", compute),
        mode,
        chosen,
        _listed("rates", [positive("rates", rate) for rate in _sequence("rates", rates)]),
        None if dirichlet_alpha is None else positive("dirichlet_alpha", dirichlet_alpha),
        whole("local_steps", local_steps),
        whole("batch", batch),
        engine,
    )
    check_split(task, max(settings.clients), settings.dirichlet_alpha)
    return settings


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def _sequence(name: str, values: Any) -> Sequence[Any]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InputError(f"{name} must be a list such as [1, 4, 16], got {values!r}")
    return list(values)


def _listed(name: str, values: Sequence[Any]) -> tuple[Any, ...]:
    if not values:
        raise InputError(f"{name} is empty; give at least one")
    if len(set(values)) != len(values):
        raise InputError(f"{name} has a value twice: {list(values)}")
    return tuple(sorted(values))
