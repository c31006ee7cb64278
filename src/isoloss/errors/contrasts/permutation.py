"""The null of no difference: the two models' answers to a question change places at random.

If the models differ in nothing, which of the two gave which answer says nothing, so exchanging them
within a question gives answers as likely as those seen. That keeps what every question is worth and
how often the models agree on it, which a chi-squared test of two independent samples does not.
"""

from __future__ import annotations

import numpy as np

# signs times clusters held in memory at once
CHUNK = 8_000_000


def exchanged(
    first: np.ndarray,
    second: np.ndarray,
    count: int,
    permutations: int,
    seed: int,
    cluster: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of modes of each model when answers are exchanged at random.

    Args:
        first, second: (I,) the modes of two models, 0 to count - 1.
        count: how many modes there are, K.
        permutations: how many draws, R.
        seed: of the draws.
        cluster: (I,) questions that change places together; None where each does on its own.

    Returns:
        Two arrays (R, K).
    """
    rng = np.random.default_rng(seed)
    table = np.bincount(first * count + second, minlength=count * count).reshape(count, count)
    total = table.sum(axis=1) + table.sum(axis=0)
    if cluster is None:
        mine = _by_binomials(table, permutations, rng)
    else:
        mine = _by_signs(first, second, count, permutations, rng, cluster)
    return mine, total - mine


def _by_binomials(table: np.ndarray, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """Of the questions where the answers are a and b, the first model keeps a in a binomial half:
    one draw for every pair of modes, whatever the number of questions."""
    a, b = np.triu_indices(len(table), 1)
    size = table[a, b] + table[b, a]
    some = size > 0
    a, b, size = a[some], b[some], size[some]
    kept = rng.binomial(size, 0.5, (permutations, len(size))).astype(float)
    places = np.arange(len(table))
    first, second = (a[:, None] == places).astype(float), (b[:, None] == places).astype(float)
    return np.diag(table) + kept @ first + (size - kept) @ second


def _by_signs(
    first: np.ndarray,
    second: np.ndarray,
    count: int,
    permutations: int,
    rng: np.random.Generator,
    cluster: np.ndarray,
) -> np.ndarray:
    _, member = np.unique(cluster, return_inverse=True)
    groups = int(member.max()) + 1
    mine = np.bincount(member * count + first, minlength=groups * count).reshape(groups, count)
    other = np.bincount(member * count + second, minlength=groups * count).reshape(groups, count)
    middle, half = (mine + other).sum(axis=0) / 2.0, ((mine - other) / 2.0).astype(np.float32)
    found = np.empty((permutations, count))
    step = max(1, CHUNK // max(groups, 1))
    for start in range(0, permutations, step):
        rows = min(step, permutations - start)
        signs = rng.integers(0, 2, (rows, groups), dtype=np.int8) * 2 - 1
        found[start : start + rows] = middle + signs.astype(np.float32) @ half
    return found


def p_value(null: np.ndarray, observed: np.ndarray | float) -> np.ndarray:
    """Share of draws (R, ...) at least as large as what was observed; both count the data itself.

    (1 + #{null >= observed}) / (1 + R), which never is zero (Phipson and Smyth 2010).
    """
    observed = np.asarray(observed, dtype=float)
    reached = (null >= observed - 1e-12).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (1.0 + reached) / (1.0 + len(null)))
