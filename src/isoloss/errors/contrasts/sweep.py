"""One pass over bootstrap replicates for many statistics: every statistic is a ratio of sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from isoloss.errors.statistics import weights
from isoloss.exceptions import ItemsError

# weights that are read at once
BATCH = 16_000_000

Reader = Callable[[np.ndarray], np.ndarray]


def sweep(cluster: np.ndarray, replicates: int, seed: int, *readers: Reader) -> list[np.ndarray]:
    """What every reader makes of the replicates' weights.

    Args:
        cluster: (I,) equal for items that are drawn together.
        replicates: how many, R.
        seed: of the weights.
        readers: functions from weights (b, I) to an array of b rows.

    Returns:
        An array (R, ...) for every reader.
    """
    parts: list[list[np.ndarray]] = [[] for _ in readers]
    for drawn in _batches(weights(cluster, replicates, seed)):
        for kept, reader in zip(parts, readers, strict=True):
            kept.append(reader(drawn))
    return [np.concatenate(kept).astype(float) for kept in parts]


def _batches(chunks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Chunks put together: few large products wait less for busy processors than many small."""
    held: list[np.ndarray] = []
    for chunk in chunks:
        held.append(chunk)
        if sum(part.size for part in held) >= BATCH:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def sums(columns: np.ndarray) -> Reader:
    """Weighted sums of columns (I, F), as (b, F); exact for counts below 16 million."""
    columns = np.ascontiguousarray(columns, dtype=np.float32)
    return lambda drawn: drawn @ columns


def sums_of_tasks(column: np.ndarray, starts: np.ndarray) -> Reader:
    """Weighted sums of one column (I,) for every task, as (b, T); items stand task by task."""
    column = column.astype(np.float32)
    return lambda drawn: np.add.reduceat(drawn * column, starts, axis=1)


def together(cluster: np.ndarray) -> bool:
    """Some items share a cluster."""
    return len(np.unique(cluster)) < len(cluster)


def alone(count: int) -> np.ndarray:
    """Every item a cluster of its own."""
    return np.arange(count, dtype=np.int32)


def check_options(level: float, replicates: int) -> None:
    """Refuse levels and numbers of replicates that make no interval.

    Raises:
        ItemsError: `level` outside (.5, 1), or fewer than 20 replicates.
    """
    if not 0.5 < level < 1:
        raise ItemsError(f"level={level}; expected a coverage between 0.5 and 1, such as 0.95")
    if replicates < 20:
        raise ItemsError(f"replicates={replicates}; expected at least 20, better 1000")
