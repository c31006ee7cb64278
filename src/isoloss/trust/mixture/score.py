"""How well were the largest runs foretold, had they not been trained yet?

`hidden_scores` hides the largest runs of a table, asks for them, and scores what comes: the mixture
beside one additive law (Hoffmann et al. 2022) with three kinds of interval, and beside naive
forecasts. Everything is on the logarithm of the target, so 0.01 is about one percent.

| interval | made of |
|---|---|
| `mixture` | see `isoloss.trust.mixture.interval` |
| `additive, bootstrap` | the draws of its parameters alone |
| `additive, with residuals` | draws and residual spread |
| `additive, conformal` | backtest errors over s sqrt(1 + D^2), their quantile (split conformal) |

The interval score is that of Gneiting and Raftery 2007: width plus 2/(1 - level) times the
distance by which a run lies outside; smaller is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.exceptions import InputError
from isoloss.runs import Runs
from isoloss.trust.candidates import scale_of
from isoloss.trust.mixture.blend import Blend, blend
from isoloss.trust.mixture.folds import naive
from isoloss.trust.mixture.members import built_in
from isoloss.trust.mixture.mixture import DRAWS, LEVEL, check_options
from isoloss.trust.mixture.rows import FEWEST_RUNS, Rows, asked_rows, training_rows
from isoloss.trust.mixture.show import table

FIFTH, DECADE = "largest fifth", "largest decade"
MIXTURE = "mixture"
BOOTSTRAP, RESIDUAL, CONFORMAL = (
    "additive, bootstrap",
    "additive, with residuals",
    "additive, conformal",
)
_ADDITIVE = "additive"


@dataclass(frozen=True)
class Score:
    """One forecaster on one set of hidden runs.

    Attributes:
        name: of the forecaster.
        hidden: `largest fifth` or `largest decade`.
        seen, asked: numbers of runs.
        beyond: decades of compute from the largest run seen to the farthest hidden.
        error: root mean square error of ln of the target.
        coverage: share of hidden runs inside; NaN for naive forecasts.
        width: mean width of the interval; NaN likewise.
        interval_score: mean interval score; NaN likewise.
    """

    name: str
    hidden: str
    seen: int
    asked: int
    beyond: float
    error: float
    coverage: float
    width: float
    interval_score: float


def hide(runs: Runs, which: str) -> np.ndarray:
    """Mask (n,) of the runs that are hidden.

    The largest fifth by compute, runs of one budget (within 5 %) together; or every run beyond a
    tenth of the largest compute.
    """
    size = scale_of(runs)
    if which == DECADE:
        return size > 0.1 * size.max()
    if which != FIFTH:
        raise InputError(f"hidden runs are the '{FIFTH}' or the '{DECADE}', got {which!r}")
    edge = np.sort(size)[len(size) - max(1, round(0.2 * len(size)))]
    cuts = [size >= 0.95 * edge, size >= 1.05 * edge]
    return min(cuts, key=lambda cut: (not cut.any() or cut.all(), abs(cut.mean() - 0.2)))


def hidden_scores(
    runs: Runs,
    hidden: np.ndarray | str = FIFTH,
    *,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Score, ...]:
    """Scores of every forecaster on the hidden runs.

    Args:
        runs: all of them.
        hidden: `largest fifth`, `largest decade`, or a mask (n,).
        level: coverage of the intervals.
        draws: Bayesian bootstrap replicates.
        seed: of the random numbers.

    Raises:
        InputError: too few runs are left, or as in `predict_mixture`.
    """
    check_options(level=level, draws=draws, seed=seed)
    name = hidden if isinstance(hidden, str) else "chosen"
    mask = hide(runs, hidden) if isinstance(hidden, str) else np.asarray(hidden, dtype=bool)
    if (~mask).sum() < FEWEST_RUNS or not mask.any():
        raise InputError(
            f"hiding the {name} of {len(runs)} runs leaves {(~mask).sum()}; at least "
            f"{FEWEST_RUNS} are needed, and one to ask for"
        )
    rows = training_rows(runs.select(~mask), (), None)
    asked = asked_rows(rows, runs.select(mask), ())
    truth = np.log(runs.select(mask).columns[runs.target])
    mixed = blend(built_in(rows.logs.shape[1]), rows, asked, draws=draws, seed=seed)
    return tuple(
        _score(forecaster, name, rows, asked, truth, centre, half, level)
        for forecaster, (centre, half) in forecasters(mixed, rows, asked, level).items()
    )


def forecasters(
    mixed: Blend, rows: Rows, asked: Rows, level: float
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Centre (k,) and half-width (k,) of every forecaster; half-widths of naive ones are NaN."""
    from scipy.special import ndtri

    z = float(ndtri(0.5 + 0.5 * level))
    distance = np.maximum(asked.size - rows.size.max(), 0.0)
    found = mixed.spread(distance)
    made = {MIXTURE: (found.centre, found.half_width(level))}
    place = [member.id for member in mixed.members].index(_ADDITIVE)
    centre = mixed.forecast.values[place]
    scatter, residual = mixed.forecast.scatters[place], mixed.forecast.spreads[place]
    made[BOOTSTRAP] = (centre, z * scatter)
    made[RESIDUAL] = (centre, z * np.sqrt(scatter**2 + residual**2))
    quantile = _conformal(mixed, place, level)
    made[CONFORMAL] = (centre, quantile * residual * np.sqrt(1.0 + distance**2))
    for name, values in naive(rows, asked).items():
        made[name] = (values, np.full(len(asked), np.nan))
    return made


def scores_text(scores: tuple[Score, ...]) -> str:
    """A table for a person."""
    head = ["", "hidden", "error", "inside", "width", "interval score"]
    body = [
        [
            s.name,
            f"{s.asked} of {s.seen + s.asked}",
            f"{100 * s.error:.2f} %",
            "" if np.isnan(s.coverage) else f"{100 * s.coverage:.0f} %",
            "" if np.isnan(s.width) else f"{s.width:.4f}",
            "" if np.isnan(s.interval_score) else f"{s.interval_score:.4f}",
        ]
        for s in scores
    ]
    return "\n".join(table(head, body))


def _conformal(mixed: Blend, place: int, level: float) -> float:
    """Quantile of scaled backtest errors; the Gaussian one where there is no backtest."""
    from scipy.special import ndtri

    ratios = [
        np.abs(t.forecast.values[place] - t.truth)
        / (t.forecast.spreads[place] * np.sqrt(1.0 + t.fold.distance**2))
        for t in mixed.tested
    ]
    if not ratios:
        return float(ndtri(0.5 + 0.5 * level))
    joined = np.sort(np.concatenate(ratios))
    # the rank that split conformal prediction asks for, or the largest
    rank = min(int(np.ceil(level * (len(joined) + 1))), len(joined))
    return float(joined[rank - 1])


def _score(
    name: str,
    hidden: str,
    rows: Rows,
    asked: Rows,
    truth: np.ndarray,
    centre: np.ndarray,
    half: np.ndarray,
    level: float,
) -> Score:
    miss = np.abs(centre - truth)
    outside = np.maximum(miss - half, 0.0)
    known = bool(np.isfinite(half).all())
    return Score(
        name,
        hidden,
        len(rows),
        len(asked),
        float(max(asked.size.max() - rows.size.max(), 0.0) / np.log(10.0)),
        float(np.sqrt(np.mean(miss**2))),
        float((miss <= half).mean()) if known else np.nan,
        float(2.0 * half.mean()) if known else np.nan,
        float((2.0 * half + 2.0 / (1.0 - level) * outside).mean()) if known else np.nan,
    )
