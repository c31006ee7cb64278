"""Backtests within the trained rows: what to hide so that a forecast of it is like the real one.

One rule of hiding says little (on SLDBench a single "largest level of the first input" lost 0.08 of
R2 against the whole set), so many are made: the top levels of each input, corners where two inputs
are both large, the largest rows overall, and rows that are at the top of any input. Proportions
have no top: there rows with a large share, rows far from the centre, and random folds are hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from isoloss.trust.auto.signature import Signature, coordinates
from isoloss.trust.auto.table import Table

ONE_INPUT = (0.01, 0.15, 0.25, 0.35, 0.50)
TOP_LEVELS = (0.08, 0.20, 0.35)
CORNERS = tuple(np.arange(0.50, 0.8501, 0.05))
LOOKED = 400
MOST, LEAST_HIDDEN, LEAST_SEEN = 0.45, 2, 4


@dataclass(frozen=True)
class Rule:
    """One way to hide rows.

    Attributes:
        name: what is hidden, in words.
        hidden: which trained points, `(n,)`.
    """

    name: str
    hidden: np.ndarray


def make_rules(
    table: Table, query: Table, signature: Signature, *, seed: int = 0
) -> tuple[Rule, ...]:
    """Choose what to hide.

    Args:
        table: the trained points, repeats joined.
        query: the points to foretell; their inputs decide on which side of each axis "further"
            lies, and whether the question is one of extrapolation at all.
        signature: the kind of the table.
        seed: of random folds.

    Returns:
        Rules that hide different rows, each leaving enough to fit; at least one.
    """
    scales = [i for i, column in enumerate(signature.axes) if column not in signature.tuning]
    turn = sides(table, query, signature)[scales]
    z = coordinates(table.x, signature)[:, scales] * turn
    names = [table.inputs[signature.axes[i]] for i in scales]
    words = ["largest" if side > 0 else "smallest" for side in turn]
    labels = [f"{word} {name}" for word, name in zip(words, names, strict=True)]
    found: list[Rule] = []
    if signature.shares:
        found += _for_shares(table.x[:, list(signature.shares)], names_of(table, signature), seed)
    if len(scales) == 1:
        found += _one_input(z[:, 0], table.group, labels[0])
    elif len(scales) > 1:
        found += _several(z, labels)
    if not signature.shares and interpolates(table, query, signature):
        found += _folds(table.x, "random rows", seed)
    rules = _distinct(found, len(table))
    # a table too small or too regular for any of them: hide random rows, else nothing is learnt
    return rules or _distinct(list(_folds(table.x, "random rows", seed)), len(table))


def names_of(table: Table, signature: Signature) -> list[str]:
    """Names of the proportions."""
    return [table.inputs[column] for column in signature.shares]


def sides(table: Table, query: Table, signature: Signature) -> np.ndarray:
    """For each axis 1 where the query goes beyond the largest, -1 where below the smallest."""
    z, q = coordinates(table.x, signature), coordinates(query.x, signature)
    above, below = np.zeros(z.shape[1]), np.zeros(z.shape[1])
    for name in np.unique(query.group):
        inside, asked = z[table.group == name], q[query.group == name]
        above += (asked > inside.max(axis=0)).sum(axis=0)
        below += (asked < inside.min(axis=0)).sum(axis=0)
    return np.where(below > above, -1.0, 1.0)


def interpolates(table: Table, query: Table, signature: Signature) -> bool:
    """Whether nearly every point of the query has trained points of its group on both sides."""
    chosen = [i for i, column in enumerate(signature.axes) if column not in signature.tuning]
    if not chosen:
        return not signature.shares
    z, q = (coordinates(rows.x, signature)[:, chosen] for rows in (table, query))
    # of a long query a part says enough
    looked = np.linspace(0, len(q) - 1, min(len(q), LOOKED)).astype(int)
    between = 0
    for point, name in zip(q[looked], query.group[looked], strict=True):
        inside = z[table.group == name]
        between += (inside >= point).all(axis=1).any() and (inside <= point).all(axis=1).any()
    return bool(between >= 0.9 * len(looked))


def _one_input(z: np.ndarray, group: np.ndarray, label: str) -> Iterator[Rule]:
    """The top levels of each group, a share of them at a time."""
    for share in ONE_INPUT:
        hidden = np.zeros(len(z), dtype=bool)
        for name in np.unique(group):
            inside = group == name
            levels = np.unique(z[inside])
            count = max(1, round(share * len(levels)))
            if len(levels) > 1:
                hidden |= inside & (z >= levels[-count])
        yield Rule(f"{label}, {share:.0%} of the levels", hidden)


def _several(z: np.ndarray, labels: list[str]) -> Iterator[Rule]:
    """Top levels of each input, corners of each pair, the largest overall, any at its top."""
    for axis, label in enumerate(labels):
        for share in TOP_LEVELS:
            yield Rule(f"{label}, {share:.0%} of the rows", _top(z[:, axis], share))
    for a, b in combinations(range(z.shape[1]), 2):
        corner = _corner(z[:, a], z[:, b])
        if corner is not None:
            yield Rule(f"{labels[a]} with {labels[b]}", corner)
    spread = z.std(axis=0)
    total = ((z - z.mean(axis=0)) / np.where(spread > 0, spread, 1)).sum(axis=1)
    yield Rule("largest overall, 15% of the rows", total > np.quantile(total, 0.85))
    yield Rule("any input at its top level", np.any(z >= z.max(axis=0), axis=1))


def _top(z: np.ndarray, share: float) -> np.ndarray:
    """The fewest top levels that cover a share of the rows; nothing if two would not remain."""
    levels = np.unique(z)
    for level in levels[:1:-1]:
        hidden = z >= level
        if hidden.mean() >= share:
            return hidden
    return np.zeros(len(z), dtype=bool)


def _corner(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    for quantile in CORNERS:
        inside = (a > np.quantile(a, quantile)) & (b > np.quantile(b, quantile))
        if 0.02 <= inside.mean() <= 0.25:
            return inside
    return None


def _for_shares(shares: np.ndarray, names: list[str], seed: int) -> Iterator[Rule]:
    """A recipe is hidden in all groups at once: it is one point of the simplex."""
    recipes, recipe = np.unique(shares, axis=0, return_inverse=True)
    recipe = recipe.reshape(-1)
    for column, name in enumerate(names):
        top = _top(recipes[:, column], 0.2)
        yield Rule(f"largest {name}, 20% of the recipes", top[recipe])
    far = np.linalg.norm(recipes - recipes.mean(axis=0), axis=1)
    yield Rule("recipes far from the centre, 25%", (far > np.quantile(far, 0.75))[recipe])
    for repeat in range(2):
        yield from _folds(shares, f"random recipes ({repeat + 1})", seed + repeat)


def _folds(x: np.ndarray, label: str, seed: int, folds: int = 3) -> Iterator[Rule]:
    _, point = np.unique(x, axis=0, return_inverse=True)
    point = point.reshape(-1)
    order = np.random.default_rng([seed, 17]).permutation(point.max() + 1)
    for fold in range(folds):
        yield Rule(f"{label}, part {fold + 1} of {folds}", order[point] % folds == fold)


def _distinct(rules: list[Rule], n: int) -> tuple[Rule, ...]:
    """Rules that hide something, leave enough, and are not a copy of an earlier one."""
    kept: dict[bytes, Rule] = {}
    for rule in rules:
        hidden = int(rule.hidden.sum())
        most = 0.67 if "levels" in rule.name else MOST
        if LEAST_HIDDEN <= hidden <= most * n and n - hidden >= LEAST_SEEN:
            kept.setdefault(rule.hidden.tobytes(), rule)
    return tuple(kept.values())
