"""Train a sweep, or go on with one that was killed."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.sweep.engine import train
from isoloss.federated.sweep.mlp import parameters
from isoloss.federated.sweep.record import Run, SweepRecord, append, read_record, run_key
from isoloss.federated.sweep.settings import FLOP, PRESETS, Settings, check_settings
from isoloss.federated.sweep.tasks import Task, find_task


def run_sweep(
    preset: str | None = None,
    *,
    record: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
    **settings: Any,
) -> SweepRecord:
    """Train small models by federated averaging over a grid of clients, widths, rates and seeds.

        >>> from isoloss.federated.sweep import run_sweep
        >>> runs = run_sweep(task="digits", clients=[1, 4], widths=[8, 16], compute=1e7,
        ...                  seeds=2, rates=[0.5, 1.0])
        >>> len(runs)
        16

    Args:
        preset: `newcomer` or `full`; other arguments then replace parts of it.
        record: a file that finished runs are added to; runs that it holds are not trained again.
            None keeps them in memory alone.
        progress: called with a line of text after each width and number of clients.
        settings: `task` (`digits`, `teacher`), `clients`, `widths`, `compute` (FLOP by 6 N D),
            `mode` (`total`: of all clients together, `per-client`: of each), `seeds` (how many, or
            a list), `rates` (peaks of a cosine to zero), and where they shall differ:
            `dirichlet_alpha` (None: data drawn alike), `local_steps` (8), `batch` (32), `engine`
            (`numpy`, or `flower` for the same runs through Flower's simulation).

    Returns:
        The runs of this sweep, in the order clients, widths, seeds, rates.

    Raises:
        InputError: naming the option that cannot be.
        MissingExtraError: `flower` was asked for and is not installed.
        DocumentError: the record cannot be read or written.
    """
    chosen = check_settings(**_with_preset(preset, settings))
    task = find_task(chosen.task)
    done = {run_key(run.asked()): run for run in (read_record(record).runs if record else ())}
    groups = [(k, width) for k in chosen.clients for width in chosen.widths]
    missing = [
        group for group in groups if any(run_key(a) not in done for a in _asked(chosen, *group))
    ]
    for k, width, losses in _trained(task, chosen, missing):
        made = _runs(task, chosen, k, width, losses)
        fresh = [run for run in made if run_key(run.asked()) not in done]
        if record:
            append(record, fresh)
        done.update({run_key(run.asked()): run for run in fresh})
        if progress:
            progress(_line(task, made, fresh, losses))
    kept = tuple(done[run_key(a)] for group in groups for a in _asked(chosen, *group))
    return SweepRecord(kept, str(record) if record else "memory")


def _line(task: Task, made: list[Run], fresh: list[Run], losses: np.ndarray) -> str:
    """What became of one width and number of clients."""
    with np.errstate(all="ignore"):
        mean = losses.mean(axis=0)
    best = np.min(mean, where=np.isfinite(mean), initial=math.inf)
    said = f"best mean loss {best:.4f} {task.unit}" if math.isfinite(best) else "all diverged"
    first = made[0]
    which = f"K = {first.clients}, width {first.width}"
    return f"{which}: {len(fresh)} runs, {first.rounds} rounds, {said}"


def _with_preset(preset: str | None, settings: dict[str, Any]) -> dict[str, Any]:
    if preset is None:
        wanted = ("task", "clients", "widths", "compute", "mode", "seeds", "rates")
        missing = [name for name in wanted if name not in settings and name != "mode"]
        if missing:
            raise InputError(
                f"a sweep needs {', '.join(missing)} too, or a preset: {', '.join(PRESETS)}"
            )
        return {"mode": "total", **settings}
    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset!r}; there are {', '.join(PRESETS)}")
    return {**PRESETS[preset], **settings}


def _trained(
    task: Task, settings: Settings, groups: list[tuple[int, int]]
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Clients, width and losses (seeds, rates) of each group, as they come."""
    if settings.engine == "flower" and groups:
        from isoloss.federated.flower_app.stacks import train_groups

        yield from train_groups(settings, groups)
        return
    for clients, width in groups:
        yield clients, width, train(task, settings, width, clients)


def _asked(settings: Settings, clients: int, width: int) -> list[dict[str, Any]]:
    return [
        {**settings.shared(), "clients": clients, "width": width, "seed": seed, "rate": rate}
        for seed in settings.seeds
        for rate in settings.rates
    ]


def _runs(
    task: Task, settings: Settings, clients: int, width: int, losses: np.ndarray
) -> list[Run]:
    params = parameters(task.inputs, width, task.outputs)
    steps = settings.steps(params, clients)
    samples = steps * settings.batch * clients
    return [
        Run(
            **asked,
            params=params,
            samples=samples,
            flops_6nd=int(FLOP) * params * samples,
            steps=steps,
            rounds=settings.rounds(params, clients),
            loss=loss if math.isfinite(loss) else None,
            status="ok" if math.isfinite(loss) else "diverged",
        )
        for asked, loss in zip(
            _asked(settings, clients, width), losses.ravel().tolist(), strict=True
        )
    ]
