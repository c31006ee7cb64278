"""What a law is to the fitting engine: a basis, names for its parts, and a batch of problems.

A form is linear in some numbers, its coefficients c, and not in others, its shape theta:
y = Phi(x; theta) c.

Shapes: B problems of G groups with m rows each; k coefficients for each group; q shape numbers
common to the groups of a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.trust.auto.job import Points

Columns = Sequence[Any]


@dataclass(frozen=True)
class Shape:
    """One number that a form is not linear in.

    Attributes:
        name: as it is shown.
        low, high: its box.
        centre, width: its Gaussian prior.
        show: how it is written out, for instance exp for the logarithm of an exponent.
    """

    name: str
    low: float
    high: float
    centre: float
    width: float
    show: Callable[[Any], Any] = float


@dataclass(frozen=True)
class Form:
    """A law with names for its parts.

    Attributes:
        name: short and unique.
        shape: what is searched.
        coefficients: names of what follows linearly.
        positive: which coefficients may not be negative.
        basis: points and theta `(B, q)` -> columns, each broadcastable to `(B, G, m)`.
        text: the formula, with the names of `shape` and `coefficients`.
        log: whether ln y is fitted in place of y.
        ridge: penalty on each coefficient, relative to the weight of all rows.
        family: `power`, `polynomial`, `mixture` and so on.
        own: whether each target sees its own share first among the shares.
    """

    name: str
    shape: tuple[Shape, ...]
    coefficients: tuple[str, ...]
    positive: tuple[bool, ...]
    basis: Callable[[Points, np.ndarray], Columns]
    text: str
    log: bool = False
    ridge: tuple[float, ...] = ()
    family: str = "power"
    own: bool = False


@dataclass(frozen=True)
class Batch:
    """B problems of one form.

    Attributes:
        points: rows, `(1 or B, G, m)`.
        y: targets, `(B, G, m)`.
        w: weights, `(B, G, m)`; 0 hides a row.
        centre: prior of theta, `(B, q)`.
        width: its standard deviation, `(B, q)`.
        amplitude: what one standard deviation off the prior costs, in units of y, `(B,)`.
    """

    points: Points
    y: np.ndarray
    w: np.ndarray
    centre: np.ndarray
    width: np.ndarray
    amplitude: np.ndarray

    def take(self, rows: np.ndarray) -> Batch:
        """Some of the problems."""
        points = self.points
        if points.u.shape[0] > 1:
            points = points.take(rows)
        return Batch(
            points,
            self.y[rows],
            self.w[rows],
            self.centre[rows],
            self.width[rows],
            self.amplitude[rows],
        )


def design(form: Form, points: Points, theta: np.ndarray) -> np.ndarray:
    """Phi, `(B, G, m, k)`; zeros where the form overflows."""
    with np.errstate(all="ignore"):
        columns = form.basis(points, theta)
    lead = (max(len(theta), points.u.shape[0]), *points.u.shape[1:3])
    phi = np.empty((*lead, len(columns)))
    for number, column in enumerate(columns):
        phi[..., number] = column
    if not np.isfinite(phi.sum()):
        np.nan_to_num(phi, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return phi


def box(form: Form) -> tuple[np.ndarray, np.ndarray]:
    """The walls of theta, each `(q,)`."""
    return np.array([s.low for s in form.shape]), np.array([s.high for s in form.shape])
