"""What kind of question a table asks, read from its rows alone.

Nothing is named by the user beyond inputs, targets and group. Whether inputs are proportions, on
which axis a column is taken, which pair is a total with its distinct part, and which inputs have
an optimum inside the tried range: all of it follows from the rows that were trained.

The thresholds were set on the eight tables of SLDBench (arXiv:2507.21184), on their training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.trust.auto.table import Table

EQUAL_SHARE, BELOW_SHARE, BELOW = 0.05, 0.20, 0.9
SLICE_LEVELS, SLICES, BOWL, BOWL_SHARE, MONOTONE = 5, 5, 0.10, 0.50, 0.4


@dataclass(frozen=True)
class Signature:
    """The kind of a table; every number is a column of its inputs.

    Attributes:
        shares: columns that are non-negative and add up to 1 in each row.
        fixed: columns with one value throughout: nothing can be learnt from them.
        logged: columns taken as ln x; those that are positive throughout.
        plain: columns taken as they stand, for they have values of zero or below.
        tuning: columns with an optimum within the tried range, such as a learning rate.
        nested: (total, distinct) where one column never exceeds another, or None.
        grouped: whether there is more than one group.
    """

    shares: tuple[int, ...]
    fixed: tuple[int, ...]
    logged: tuple[int, ...]
    plain: tuple[int, ...]
    tuning: tuple[int, ...]
    nested: tuple[int, int] | None
    grouped: bool

    @property
    def axes(self) -> tuple[int, ...]:
        """Columns with a numeric axis: neither shares nor fixed, in the order of the table."""
        return tuple(sorted(self.logged + self.plain))

    @property
    def scales(self) -> tuple[int, ...]:
        """Axes along which larger means further: all but the tuning ones."""
        return tuple(column for column in self.axes if column not in self.tuning)


def read_signature(table: Table) -> Signature:
    """Read the kind of a table from its trained rows.

    Returns:
        Columns by role. Every column has exactly one among shares, fixed, logged and plain.
    """
    x = table.x
    shares = _shares(x)
    rest = [j for j in range(x.shape[1]) if j not in shares]
    fixed = tuple(j for j in rest if np.ptp(x[:, j]) == 0)
    moving = [j for j in rest if j not in fixed]
    logged = tuple(j for j in moving if np.all(x[:, j] > 0))
    plain = tuple(j for j in moving if j not in logged)
    nested = _nested(x, logged)
    grouped = len(np.unique(table.group)) > 1
    tuning: tuple[int, ...] = ()
    if not shares and len(moving) > 1:
        kept = [j for j in moving if nested is None or j not in nested]
        tuning = tuple(j for j in kept if _is_tuning(table, moving, logged, j))
        # a table whose every input is tuned has no direction left in which to go further
        tuning = () if len(tuning) == len(moving) else tuning
    return Signature(shares, fixed, logged, plain, tuning, nested, grouped)


def coordinates(x: np.ndarray, signature: Signature) -> np.ndarray:
    """Inputs on their axes: z = ln x, or x as it stands; `(n, axes)`."""
    columns = []
    for j in signature.axes:
        with np.errstate(all="ignore"):
            columns.append(np.log(x[:, j]) if j in signature.logged else x[:, j])
    return np.stack(columns, axis=1) if columns else np.zeros((len(x), 0))


def _shares(x: np.ndarray) -> tuple[int, ...]:
    """The largest run of columns within [0, 1] that adds up to 1 in every row."""
    inside = [j for j in range(x.shape[1]) if x[:, j].min() >= 0 and x[:, j].max() <= 1 + 1e-6]
    for start in range(len(inside)):
        for stop in range(len(inside), start + 1, -1):
            chosen = inside[start:stop]
            if np.all(np.abs(x[:, chosen].sum(axis=1) - 1) < 5e-3):
                return tuple(chosen)
    return ()


def _nested(x: np.ndarray, logged: tuple[int, ...]) -> tuple[int, int] | None:
    for total in logged:
        for part in logged:
            ratio = x[:, part] / x[:, total]
            if (
                total != part
                and ratio.max() <= 1 + 1e-9
                and np.mean(ratio > 1 - 1e-9) >= EQUAL_SHARE
                and np.mean(ratio < BELOW) >= BELOW_SHARE
            ):
                return total, part
    return None


def _is_tuning(table: Table, moving: list[int], logged: tuple[int, ...], j: int) -> bool:
    """Whether most targets have their least value inside the range of one input."""
    votes = [_bowl(table, moving, logged, j, y) for y in table.y.T]
    return 2 * sum(votes) > len(votes)


def _bowl(table: Table, moving: list[int], logged: tuple[int, ...], j: int, y: np.ndarray) -> bool:
    z = [np.log(table.x[:, i]) if i in logged else table.x[:, i] for i in moving]
    place = moving.index(j)
    if abs(_spearman(z[place], y)) >= MONOTONE or not _slices_turn(table, moving, j, y):
        return False
    vertex = _pooled_vertex(np.stack(z, axis=1), table.group, y, place)
    low, high = np.quantile(z[place], [0.1, 0.9])
    return bool(low <= vertex <= high)


def _slices_turn(table: Table, moving: list[int], j: int, y: np.ndarray) -> bool:
    """Whether at least half of the slices along one input have an interior minimum."""
    _, codes = np.unique(table.group, return_inverse=True)
    others = [table.x[:, i] for i in moving if i != j]
    keys = np.column_stack([codes.reshape(-1), *others])
    _, slice_of = np.unique(keys, axis=0, return_inverse=True)
    slice_of, found = slice_of.reshape(-1), []
    for number in range(slice_of.max() + 1):
        inside = slice_of == number
        levels, level = np.unique(table.x[inside, j], return_inverse=True)
        if len(levels) < SLICE_LEVELS:
            continue
        middle = np.array([np.median(y[inside][level == i]) for i in range(len(levels))])
        ends = min(middle[0], middle[-1])
        found.append(middle.min() < ends - BOWL * np.ptp(middle))
    return len(found) >= SLICES and float(np.mean(found)) >= BOWL_SHARE


def _pooled_vertex(z: np.ndarray, group: np.ndarray, y: np.ndarray, place: int) -> float:
    """Where the full quadratic, with a constant for each group, is least along one axis.

    The other inputs stand at their means; NaN where the quadratic opens downwards.
    """
    middle, spread = z.mean(axis=0), z.std(axis=0)
    v = (z - middle) / spread
    d = v.shape[1]
    pairs = [v[:, a] * v[:, b] for a in range(d) for b in range(a, d)]
    _, codes = np.unique(group, return_inverse=True)
    design = np.column_stack([v, *pairs, np.eye(codes.max() + 1)[codes.reshape(-1)]])
    c = np.linalg.lstsq(design, y, rcond=None)[0]
    square = c[d + [(a, b) for a in range(d) for b in range(a, d)].index((place, place))]
    if square <= 0:
        return float("nan")
    return float(middle[place] - spread[place] * c[place] / (2 * square))


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    ranks = [_ranks(a), _ranks(b)]
    return float(np.corrcoef(ranks)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with ties at their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2.0)[place.reshape(-1)]
