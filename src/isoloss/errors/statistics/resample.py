"""Items resampled as weights, so that a replicate is a matrix product.

Items are drawn with replacement; items that share a cluster (an image, a passage) are drawn
together. A replicate is the row of counts (I,) of how often each item was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# replicates times items held in memory at once
CHUNK = 4_000_000


def weights(cluster: np.ndarray, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks (b, I) float32 of bootstrap counts, `replicates` rows in all.

    Args:
        cluster: (I,) equal for items that are drawn together.
        replicates: how many.
        seed: of the random numbers; equal seeds give equal chunks.
    """
    rng = np.random.default_rng(seed)
    _, member = np.unique(cluster, return_inverse=True)
    count = int(member.max()) + 1 if len(member) else 0
    step = max(1, CHUNK // max(len(cluster), 1))
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        drawn = np.empty((rows, count), dtype=np.float32)
        for i in range(rows):
            drawn[i] = np.bincount(rng.integers(0, count, count), minlength=count)
        yield drawn if count == len(cluster) and _in_order(member) else drawn[:, member]


def _in_order(member: np.ndarray) -> bool:
    return bool((member == np.arange(len(member))).all())


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval over the first axis; NaN draws are left out."""
    tail = 50.0 * (1.0 - level)
    low, high = np.nanpercentile(draws, [tail, 100.0 - tail], axis=0)
    return low, high
