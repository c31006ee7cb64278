"""The curve turns round: more scale, and a worse result.

Double descent (Nakkiran et al. 2019, arXiv:1912.02292), U-shaped and inverse scaling, an overfitted
largest model: over part of the range more size or data makes it worse. A falling law fits such runs
by running through the middle, and says nothing of the turn. Only runs that agree in all other
inputs are compared: along a sweep at fixed compute a loss rises on either side of its best size,
which is no fault. The mean result over equal shares of an input is taken with those other inputs
held (two-way least squares), and a later share above an earlier one by more than five standard
errors is no noise.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.runs.names import TARGETS, quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.design import Axis, axes, bins
from isoloss.trust.checks.leftover import above
from isoloss.trust.checks.words import count, percent
from isoloss.trust.domain import INSIDE, locate
from isoloss.trust.finding import Finding

CODE = "not-monotone"

# among 28 pairs of shares, five standard errors come by chance once in 60,000 tables
CLEAR = 5.0
# a turn of less than a twentieth of the whole fall is a plateau
SMALL = 0.05
_SHARES, _LEAST = 8, 4
# inputs that agree within this many decades are held
_SAME = 0.05


def check(case: Case) -> list[Finding]:
    """Look for a turn along every input that is an amount."""
    fit, found = case.fit, []
    known = axes(fit)
    for axis in known:
        kind = quantity_of(axis.name)
        if not axis.log or kind is None:
            continue
        turn = _turn(fit, axis, [other for other in known if other is not axis])
        if turn is not None:
            found.append(_finding(case, axis, *turn))
    return found


def _turn(
    fit: Fit, axis: Axis, others: list[Axis]
) -> tuple[float, float, float, float, bool] | None:
    """From where to where, by how much, how clearly, and whether the last share is the worse."""
    held = _held(others, len(axis.values))
    enough = np.bincount(held)[held] >= 3
    if enough.sum() < 4 * _LEAST:
        return None
    x, held = axis.values[enough], np.unique(held[enough], return_inverse=True)[1]
    labels = np.unique(bins(x, _SHARES, _LEAST), return_inverse=True)[1]
    shares = int(labels.max()) + 1
    if shares < 3:
        return None
    y = _within(fit.objective.transform(fit.runs.columns[fit.law.target])[enough, None], held)[:, 0]
    table = _within(_dummies(labels), held)
    inverse = np.linalg.pinv(table, rcond=1e-9)
    means = _sign(fit, _within(x[:, None], held)[:, 0], y) * (inverse @ y)
    contrast = np.eye(shares)[None, :, :] - np.eye(shares)[:, None, :]
    # two shares that no held inputs connect cannot be compared
    loose = np.linalg.norm(contrast @ (np.eye(shares) - inverse @ table), axis=2) > 1e-6
    errors = _noise(above(fit)[enough], x, labels, held) * np.linalg.norm(
        contrast @ inverse, axis=2
    )
    rise = means[None, :] - means[:, None]
    with np.errstate(all="ignore"):
        clear = np.triu(np.where(~loose & (errors > 0), rise / errors, 0.0), 1)
    clear[rise < SMALL * np.ptp(means)] = 0.0
    i, j = np.unravel_index(int(np.argmax(clear)), clear.shape)
    if clear[i, j] < CLEAR:
        return None
    # a turn that lasts to the end of the runs is the one that what lies beyond depends on
    if clear[:, -1].max() >= CLEAR:
        i, j = int(np.argmax(clear[:, -1])), shares - 1
    places = [axis.natural(float(np.mean(x[labels == k]))) for k in (i, j)]
    return places[0], places[1], float(rise[i, j]), float(clear[i, j]), int(j) == shares - 1


def _sign(fit: Fit, x: np.ndarray, y: np.ndarray) -> float:
    """1 where less is better, -1 where more is; an unknown measure mostly gets better."""
    kind = quantity_of(fit.law.target)
    if kind is not None and kind.name in TARGETS:
        return -1.0 if kind.name == "accuracy" else 1.0
    return 1.0 if float(x @ y) <= 0 else -1.0


def _noise(left: np.ndarray, x: np.ndarray, labels: np.ndarray, held: np.ndarray) -> float:
    """Standard deviation of a run: what a straight line in every share leaves of the residuals."""
    dummies = _dummies(labels)
    centre = (dummies.T @ x) / dummies.sum(axis=0)
    table = np.column_stack([dummies, dummies * (x - centre[labels])[:, None]])
    table, left = _within(table, held), _within(left[:, None], held)[:, 0]
    left = left - table @ (np.linalg.pinv(table, rcond=1e-9) @ left)
    spare = len(x) - np.linalg.matrix_rank(table) - int(held.max()) - 1
    return 1.4826 * float(np.median(np.abs(left))) * float(np.sqrt(len(x) / max(spare, 1)))


def _held(others: list[Axis], n: int) -> np.ndarray:
    """Runs that agree in all other inputs have one number (n,)."""
    if not others:
        return np.zeros(n, dtype=int)
    rounded = [
        np.round(a.values / _SAME) if a.log else np.round(a.values / max(a.span, 1e-300), 2)
        for a in others
    ]
    return np.unique(np.stack(rounded), axis=1, return_inverse=True)[1].ravel()


def _dummies(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] == np.arange(labels.max() + 1)).astype(float)


def _within(columns: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Columns (n, q) less their means among runs that agree in the other inputs."""
    sums = np.zeros((int(held.max()) + 1, columns.shape[1]))
    np.add.at(sums, held, columns)
    return columns - (sums / np.bincount(held)[:, None])[held]


def _finding(
    case: Case, axis: Axis, start: float, end: float, rise: float, clear: float, last: bool
) -> Finding:
    fit = case.fit
    shown = percent(float(np.expm1(rise))) if fit.objective.is_log else f"{rise:.2g}"
    outside = case.at is not None and locate(fit, case.at).status != INSIDE
    return Finding(
        CODE,
        "stop" if last or outside else "care",
        f"{fit.law.target} is worse by {shown} near {axis.name} = {count(end)} than near "
        f"{count(start)} ({clear:.0f} standard errors)"
        + (", and that is where the runs end" if last else ""),
        "the law goes one way only, so it runs through the middle of a turn and misses both sides; "
        "what comes after a turn is not in these runs",
        f"look at the runs there; fit those beyond the turn alone, or a law that can turn, and "
        f"train beyond {axis.name} = {count(end)} before going farther",
    )


def trigger(seed: int) -> Case:
    """Double descent: a hump of one half about the size that just fits its training data."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(50, 1e5, 1e9)
    hump = 1 + 0.5 * np.exp(-0.5 * (np.log10(n / 2e7) / 0.35) ** 2)
    truth = (0.8 + 40 / n**0.25) * hump
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(truth, rng, 0.01)})
    return synthetic.case(runs, "power_floor", draws=0, objective="ls-log")


def control(seed: int) -> Case:
    """A curve that falls all the way and levels off, under five times the usual noise."""
    rng = np.random.default_rng(seed)
    n = synthetic.line(50, 1e5, 1e9)
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(0.8 + 40 / n**0.25, rng, 0.02)})
    return synthetic.case(runs, "power_floor")
