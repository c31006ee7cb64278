"""Flag: accuracy jumps because an answer counts only as a whole."""

from __future__ import annotations

from isoloss.errors.trends.emergence import ARTEFACT, Emergence, emergence
from isoloss.errors.trends.flags.state import State
from isoloss.trust.finding import Finding

CODE = "metric-artefact"


def check(state: State) -> Finding | None:
    """Accuracy is sharper over size than loss, in all or in some task."""
    grid = state.chosen.grid
    if grid.loss is None or not state.chosen.trend:
        return None
    several = len(grid.task.compact().values) > 1
    found = [
        one
        for one in emergence(
            grid,
            by="task" if several else "none",
            # tasks are many: the interval of each is the wider for it
            level=0.99,
            replicates=state.replicates,
            seed=state.seed,
        )
        if one.verdict == ARTEFACT
    ]
    if not found:
        return None
    return Finding(
        CODE,
        "care",
        "; ".join(_told(one) for one in found[:4])
        + (f"; and {len(found) - 4} more" if len(found) > 4 else ""),
        "an answer of many tokens is right only when all of them are: steady progress looks sudden",
        "score with a continuous metric: loss of the right answer, or a share of tokens",
    )


def _told(one: Emergence) -> str:
    apart = one.difference
    return (
        f"{one.name}: the sizes from {one.stretch[0]:.3g} to {one.stretch[1]:.3g} parameters hold "
        f"{one.accuracy_sharpness.value:.0%} more of the change in accuracy than of the decades, "
        f"of the change in log loss {one.loss_sharpness.value:.0%} (difference {apart.value:.2f} "
        f"[{apart.low:.2f}, {apart.high:.2f}], {one.n} items)"
    )
