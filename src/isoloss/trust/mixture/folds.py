"""Rolling backtests inside the training rows, and the naive forecasts that stand beside every law.

A fold pretends that the runs beyond a cut were never trained: the smaller ones foretell the larger.
Cuts lie as far below the largest run as the question lies beyond it, then at 0.7, 0.45 and 0.25 of
that, then at the quantiles 0.5, 0.65 and 0.8 of the rows; at most four are taken, and a fold looks
no further than 1.3 times its distance. Along which axis runs are called large is the rule: compute,
any input, or the order in which they stand in the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.exceptions import InputError
from isoloss.trust.mixture.rows import Rows

SHARES = (1.0, 0.7, 0.45, 0.25)
QUANTILES = (0.5, 0.65, 0.8)
MOST_FOLDS = 4
# a fold asks no further than this many times the distance that it stands for
REACH = 1.3
# how many rows a fold has to leave for fitting
FEWEST_ROWS = 9
NAIVE = ("last value", "log-linear", "nearest run")
TIME = "time"


@dataclass(frozen=True, eq=False)
class Fold:
    """One backtest.

    Attributes:
        cut: the largest size that is seen, on the rule's axis (natural logarithm, or position).
        seen: (n,) mask of rows that are fitted.
        asked: (n,) mask of rows that are foretold.
        distance: (k,) how far each asked row lies beyond the seen ones, in ln of size.
    """

    cut: float
    seen: np.ndarray
    asked: np.ndarray
    distance: np.ndarray


def axis_of(rows: Rows, rule: str) -> np.ndarray:
    """The axis (n,) along which runs are called large.

    Args:
        rows: of the runs.
        rule: `C` for compute or what stands for it; the name of an input; or `time` for a column
            of that name or else the order of the table.

    Raises:
        InputError: no such input.
    """
    if rule == "C":
        return rows.size
    if rule in rows.columns:
        values = rows.columns[rule]
        return np.log(values) if np.all(values > 0) else values
    if rule == TIME:
        return rows.order.astype(float)
    raise InputError(
        f"backtests run along C, time or an input of the runs ({', '.join(rows.columns)}); "
        f"got {rule!r}"
    )


def rolling(
    rows: Rows, span: float, *, rule: str = "C", most: int = MOST_FOLDS, fewest: int | None = None
) -> tuple[Fold, ...]:
    """Backtests for a question that lies `span` beyond the runs.

    Args:
        rows: of the runs.
        span: distance of the farthest question on the rule's axis; 0 or less for none.
        rule: see `axis_of`.
        most: how many folds at the most.
        fewest: rows that a fold leaves for fitting; by default `FEWEST_ROWS`.
    """
    axis = axis_of(rows, rule)
    fewest = FEWEST_ROWS if fewest is None else fewest
    span = max(span, 0.0)
    top = float(axis.max())
    cuts = [top - share * span for share in SHARES] + list(np.quantile(axis, QUANTILES))
    found: list[Fold] = []
    for cut in cuts:
        seen = axis <= cut + 1e-9
        # a question inside the runs has no distance; then a fold looks as far as the runs go
        reach = cut + REACH * span if span > 0 else np.inf
        asked = ~seen & (axis <= reach + 1e-9)
        known = any((fold.seen == seen).all() for fold in found)
        if seen.sum() < fewest or not asked.any() or known:
            continue
        distance = np.maximum(rows.size[asked] - rows.size[seen].max(), 0.0)
        found.append(Fold(float(cut), seen, asked, distance))
        if len(found) == most:
            break
    return tuple(found)


def naive(rows: Rows, asked: Rows) -> dict[str, np.ndarray]:
    """What is foretold without any law, as ln of the target (k,) by name.

    `last value` repeats the run of the largest size (the mean of those within 5 % of it),
    `log-linear` is a plane through the logarithms by least squares, `nearest run` repeats the run
    that lies nearest in the logarithms of the inputs.
    """
    largest = rows.size >= rows.size.max() - 0.05
    base = np.column_stack([np.ones(len(rows)), rows.logs])
    plane, *_ = np.linalg.lstsq(base, rows.y, rcond=None)
    apart = np.abs(asked.logs[:, None, :] - rows.logs[None, :, :]).sum(axis=2)
    return {
        "last value": np.full(len(asked), rows.y[largest].mean()),
        "log-linear": np.column_stack([np.ones(len(asked)), asked.logs]) @ plane,
        "nearest run": rows.y[np.argmin(apart, axis=1)],
    }
