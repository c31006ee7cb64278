"""One question in numbers: coordinates of the trained rows and of the query, and what is hidden.

Inputs are centred at the mean of the trained rows, so that a power is (x / x0)**-a with x0 their
geometric mean, and amplitudes are of the size of the target. Polynomials use the same coordinates
divided by their standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.trust.auto.own import own_shares
from isoloss.trust.auto.rules import Rule, interpolates, names_of, sides
from isoloss.trust.auto.signature import Signature, coordinates
from isoloss.trust.auto.table import Cells, Table


@dataclass(frozen=True)
class Points:
    """Coordinates of rows, with any leading axes `(...)`.

    Attributes:
        u: axes less their mean over the trained rows, `(..., a)`; axes that are no logarithms are
            also divided by their standard deviation, for they have a unit of their own.
        v: axes in standard deviations from the mean, `(..., a)`.
        shares: proportions, `(..., s)`.
        group: number of each row's group, `(...)`.
        middle: the means that were taken off, `(a,)`.
    """

    u: np.ndarray
    v: np.ndarray
    shares: np.ndarray
    group: np.ndarray
    middle: np.ndarray

    def take(self, rows: Any) -> Points:
        """Points picked along the first axis; an index of two axes gives two axes for it."""
        return replace(
            self,
            u=self.u[rows],
            v=self.v[rows],
            shares=self.shares[rows],
            group=self.group[rows],
        )


@dataclass(frozen=True)
class Job:
    """All that a candidate law needs in order to be fitted and judged.

    Attributes:
        signature: the kind of the table.
        names: names of the inputs.
        targets: names of the targets.
        groups: labels of the groups, in the order of their numbers.
        here: the trained points, n of them.
        there: the points of the query, q of them.
        y: targets of the trained points, `(n, T)`, turned so that they fall with scale.
        sign: -1 for each target that was turned over, `(T,)`.
        count: rows behind each trained point, `(n,)`.
        noise: variance of one row about its point, `(T,)`; NaN where unknown.
        spread: standard deviation of each axis over the trained points, `(a,)`.
        sides: for each axis 1 where further means larger, -1 where it means smaller, `(a,)`.
        own: for each target its own share, `(T,)`; zeros where there are no shares.
        inside: whether nearly all of the query lies between trained points.
        rules: what is hidden, one rule a split.
        seen: which points each split is fitted to, `(S + 1, n)`; all of them in the last.
        seed: of everything that is drawn.
    """

    signature: Signature
    names: tuple[str, ...]
    targets: tuple[str, ...]
    groups: tuple[str, ...]
    here: Points
    there: Points
    y: np.ndarray
    sign: np.ndarray
    count: np.ndarray
    noise: np.ndarray
    spread: np.ndarray
    sides: np.ndarray
    own: tuple[int, ...]
    inside: bool
    rules: tuple[Rule, ...]
    seen: np.ndarray
    seed: int

    @property
    def scales(self) -> list[int]:
        """Positions among the axes along which larger means further."""
        axes, tuning = self.signature.axes, self.signature.tuning
        return [i for i, column in enumerate(axes) if column not in tuning]

    @property
    def tuning(self) -> list[int]:
        """Positions among the axes with an optimum inside the tried range."""
        axes, tuning = self.signature.axes, self.signature.tuning
        return [i for i, column in enumerate(axes) if column in tuning]

    @property
    def nested(self) -> tuple[int, int] | None:
        """Positions among the axes of a total and of its distinct part."""
        if self.signature.nested is None:
            return None
        total, part = self.signature.nested
        return self.signature.axes.index(total), self.signature.axes.index(part)

    def axis_name(self, position: int) -> str:
        """The input that an axis shows."""
        return self.names[self.signature.axes[position]]


def make_job(
    cells: Cells, query: Table, signature: Signature, rules: tuple[Rule, ...], seed: int
) -> Job:
    """Set the trained points, the query and the splits side by side."""
    table = cells.table
    labels = tuple(sorted(set(table.group)))
    z = coordinates(table.x, signature)
    middle, spread = z.mean(axis=0), z.std(axis=0)
    plain = np.array([column in signature.plain for column in signature.axes], dtype=bool)
    unit = np.where(plain, spread, 1.0)

    def points(rows: Table) -> Points:
        # rounded far below any meaning, so that the unit of an input changes no digit of an answer
        u = np.round(coordinates(rows.x, signature) - middle, 10)
        code = np.searchsorted(labels, rows.group)
        shares = rows.x[:, list(signature.shares)]
        return Points(np.round(u / unit, 10), np.round(u / spread, 10), shares, code, middle)

    here = points(table)
    sign = np.array([_direction(here, y, signature) for y in table.y.T])
    seen = np.ones((len(rules) + 1, len(table)), dtype=bool)
    for split, rule in enumerate(rules):
        seen[split] = ~rule.hidden
    return Job(
        signature,
        table.inputs,
        table.targets,
        labels,
        here,
        points(query),
        table.y * sign,
        sign,
        cells.count,
        cells.noise,
        spread,
        sides(table, query, signature),
        own_shares(names_of(table, signature), table.targets, here.shares, table.y),
        interpolates(table, query, signature),
        rules,
        seen,
        seed,
    )


def _direction(here: Points, y: np.ndarray, signature: Signature) -> float:
    """-1 for a target that rises with scale, such as an accuracy: it is turned over.

    The laws of the library fall towards a floor; a score that rises towards a ceiling is one of
    them with the sign of the target changed.
    """
    chosen = [i for i, column in enumerate(signature.axes) if column not in signature.tuning]
    if not chosen:
        return 1.0
    scale = here.v[:, chosen].sum(axis=1)
    means = [
        np.bincount(here.group, weights=a) / np.maximum(np.bincount(here.group), 1)
        for a in (scale, y)
    ]
    slope = np.sum((scale - means[0][here.group]) * (y - means[1][here.group]))
    return -1.0 if slope > 0 else 1.0
