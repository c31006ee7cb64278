"""What a sweep's analysis finds wanting: edges, seeds, rounds, diverged runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from isoloss.federated.sweep.grid import Grid
from isoloss.trust.finding import Finding

if TYPE_CHECKING:
    from isoloss.federated.sweep.analyse import Optimum

GOOD_SEEDS = 5  # single seeds gave gamma from -0.1 to 0.6 on one and the same task
_EDGE_SHARE = 0.05
_LISTED = 6


def remarks(
    grid: Grid,
    optima: tuple[Optimum, ...],
    reasons: tuple[str, ...],
    edge_draws: float,
    diverged: tuple[str, ...],
) -> Iterator[Finding]:
    """Findings in no order."""
    if reasons:
        yield Finding(
            "bound-only",
            "stop",
            "; ".join(reasons),
            "where the grid ends before the best size or rate, N_opt is only bounded, and a slope "
            "through bounds can be off by half of its value",
            "widen the widths or rates at that end, or add seeds, and go on with the same record",
        )
    elif edge_draws > _EDGE_SHARE:
        yield Finding(
            "edge-in-draws",
            "care",
            f"in {100 * edge_draws:.0f} % of the draws an optimum sits at an end of the widths",
            "there N_opt counts as the end itself, so that intervals are too narrow on that side",
            "add a width beyond the end",
        )
    if len(grid.seeds) < GOOD_SEEDS:
        yield Finding(
            "few-seeds",
            "care",
            f"{len(grid.seeds)} seeds",
            "gamma of single seeds spreads widely, and intervals from a handful of seeds are too "
            "narrow",
            f"train {GOOD_SEEDS} seeds or more",
        )
    short = [
        f"K = {o.clients}, width {o.width}: {int(grid.rounds[i, at])}"
        for i, o in enumerate(optima)
        for at in [int((grid.widths == o.width).argmax())]
        if grid.rounds[i, at] < 2
    ]
    if short:
        yield Finding(
            "one-round",
            "care",
            f"rounds at the best width: {'; '.join(short)}",
            "with one round the clients are averaged once and never hear of each other",
            "give more compute, or fewer local steps",
        )
    if diverged:
        more = f" and {len(diverged) - _LISTED} more" if len(diverged) > _LISTED else ""
        yield Finding(
            "diverged-runs",
            "note",
            f"{len(diverged)} runs diverged: {'; '.join(diverged[:_LISTED])}{more}",
            "a rate at which any seed diverged is never taken as the best",
            "none needed where the best rate lies inside the rates",
        )
