"""What a person should know before believing an automatic forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.trust.auto.job import Job
from isoloss.trust.auto.table import Table
from isoloss.trust.verdict import Finding

WEAK = 0.5
WORST = 2.0


def regime(turned: Sequence[str], job: Job) -> Finding:
    """The curve turns, and the question lies beyond."""
    name = job.axis_name(0)
    shown = ", ".join(turned[:5]) + (f" and {len(turned) - 5} more" if len(turned) > 5 else "")
    which = (
        f" in {len(turned)} of {len(job.groups)} groups ({shown})" if len(job.groups) > 1 else ""
    )
    return Finding(
        "regime-change",
        "stop",
        f"the target turns along {name} inside the trained rows{which}, and the query lies beyond "
        "their last row",
        "every law here goes on as it began; after a turn nothing in the rows says what comes "
        "next, and candidates that agree with each other do not change that",
        f"the mean of each group is given in place of a law; train at larger {name} before "
        "deciding anything",
    )


def fixed_inputs(table: Table, query: Table, columns: Sequence[int]) -> list[Finding]:
    """Inputs that never varied and are asked for at another value."""
    found = []
    for column in columns:
        value, name = table.x[0, column], table.inputs[column]
        moved = int(np.sum(query.x[:, column] != value))
        if moved:
            found.append(
                Finding(
                    "fixed-input",
                    "stop",
                    f"{name} is {value:g} in every trained row, and another in {moved} rows of "
                    "the query",
                    "its effect cannot be learnt from these rows; the forecast ignores it",
                    f"train at two values of {name} at least",
                )
            )
    return found


def unprobed(job: Job) -> list[Finding]:
    """Axes along which the query goes beyond, and no backtest did."""
    found = []
    for axis in job.scales:
        side = job.sides[axis]
        z, q = side * job.here.v[:, axis], side * job.there.v[:, axis]
        if q.max() <= z.max():
            continue
        tested = [z[rule.hidden].max() > z[~rule.hidden].max() for rule in job.rules]
        if not any(tested):
            name, levels = job.axis_name(axis), len(np.unique(z))
            found.append(
                Finding(
                    "untested-direction",
                    "care",
                    f"the query goes beyond the trained rows along {name}, which has {levels} "
                    "levels there: too few to hide the last one and to fit the others",
                    "no backtest tells the candidates apart in that direction",
                    f"train at one more level of {name}",
                )
            )
    return found


def reach(job: Job) -> list[Finding]:
    """How far the query goes beyond, against the farthest backtest."""
    found = []
    for axis in job.scales:
        side = job.sides[axis]
        z, q = side * job.here.u[:, axis], side * job.there.u[:, axis]
        asked = float(q.max() - z.max())
        tested = max(float(z[r.hidden].max() - z[~r.hidden].max()) for r in job.rules)
        if asked <= 0 or asked <= WORST * max(tested, 1e-9) or tested <= 0:
            continue
        name = job.axis_name(axis)
        plain = job.signature.axes[axis] in job.signature.plain
        words = (
            f"{asked:.2g} standard deviations of {name}, the farthest backtest {tested:.2g}"
            if plain
            else f"a factor of {np.exp(asked):.3g} in {name}, the farthest backtest "
            f"{np.exp(tested):.3g}"
        )
        found.append(
            Finding(
                "beyond-backtests",
                "care",
                f"the query goes beyond the trained rows by {words}",
                "intervals come from backtests, and these reach less far",
                f"train at larger {name}, or read the interval as too narrow",
            )
        )
    return found


def backtests(nmse: np.ndarray, naive: dict[str, float], job: Job) -> list[Finding]:
    """What the backtests of the ensemble say.

    Args:
        nmse: of the ensemble on each rule, `(R,)`.
        naive: geometric NMSE of each naive forecast.
        job: the question.
    """
    found = []
    weak = [rule.name for rule, value in zip(job.rules, nmse, strict=True) if value > WEAK]
    if weak:
        found.append(
            Finding(
                "weak-backtest",
                "care",
                f"hidden rows were foretold badly (NMSE above {WEAK:g}) in {len(weak)} of "
                f"{len(nmse)} backtests: {'; '.join(weak[:3])}",
                "what could not be foretold inside the rows will hardly be beyond them",
                "compare the forecast with the naive ones, and look at its interval",
            )
        )
    own = float(np.exp(np.log(np.maximum(nmse, 1e-5)).mean()))
    best = min(naive, key=lambda name: naive[name]) if naive else ""
    if best and naive[best] < own:
        found.append(
            Finding(
                "naive-wins",
                "care",
                f"'{best}' foretold hidden rows better than the ensemble (geometric NMSE "
                f"{naive[best]:.3g} against {own:.3g})",
                "the laws add nothing to a forecast that needs none",
                f"prefer '{best}'",
            )
        )
    return found
