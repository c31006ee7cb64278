"""The true best size of a law at fixed compute, solved numerically."""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import InputError
from isoloss.law import Law

FLOP = 6.0
_SCAN = 240
_HALVINGS = 48


def needs_size_and_data(law: Law) -> None:
    """Refuse a law that is not one of N and D alone."""
    if set(law.variable_names) != {"N", "D"}:
        raise InputError(
            f"a split of compute needs a law in N and D; '{law.id}' has "
            f"{', '.join(law.variable_names)}"
        )


def best_size(
    law: Law, theta: np.ndarray, compute: float | np.ndarray, flop: float | np.ndarray = FLOP
) -> np.ndarray:
    """ln N (M, B) of the lowest loss at `compute` = `flop` N D, a scan and then bisection.

    Args:
        theta: (M, p) internal parameters.
        compute: (B,) budgets in FLOP.
        flop: FLOP a parameter and token, one number or (B,).

    Returns:
        NaN where the loss has no lowest point between one parameter and one token.
    """
    needs_size_and_data(law)
    ends = np.log(np.atleast_1d(np.asarray(compute, dtype=float)) / flop)
    scan = ends[:, None] * np.linspace(0.0, 1.0, _SCAN)
    found = np.empty((len(theta), len(ends)))
    for k, end in enumerate(ends):
        loss = _loss(law, theta, scan[k][None, :], end)
        lowest = np.argmin(np.where(np.isfinite(loss), loss, np.inf), axis=1)
        inside = (lowest > 0) & (lowest < _SCAN - 1)
        lowest = np.clip(lowest, 1, _SCAN - 2)
        low, high = scan[k][lowest - 1], scan[k][lowest + 1]
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            rising = _slope(law, theta, middle, end) > 0
            low, high = np.where(rising, low, middle), np.where(rising, middle, high)
        found[:, k] = np.where(inside, 0.5 * (low + high), np.nan)
    return found


def _inputs(law: Law, log_n: np.ndarray, log_d: np.ndarray) -> list[np.ndarray]:
    given = {"N": log_n, "D": log_d}
    return [given[v.name] if v.log else np.exp(given[v.name]) for v in law.variables]


def _loss(law: Law, theta: np.ndarray, log_n: np.ndarray, end: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        return law.functions.value(theta, _inputs(law, log_n, end - log_n))


def _slope(law: Law, theta: np.ndarray, log_n: np.ndarray, end: float) -> np.ndarray:
    """dL/d ln N at fixed compute (M,)."""
    inputs = _inputs(law, log_n[:, None], (end - log_n)[:, None])
    with np.errstate(all="ignore"):
        _, *slopes = law.functions.slopes(theta, inputs)
    total = np.zeros((len(theta), 1))
    for variable, slope, value in zip(law.variables, slopes, inputs, strict=True):
        term = slope if variable.log else slope * value
        total = total + (term if variable.name == "N" else -term)
    return np.broadcast_to(total, (len(theta), 1))[:, 0]
