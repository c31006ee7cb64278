"""Which proportion belongs to which target."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np


def own_shares(
    names: Sequence[str], targets: Sequence[str], shares: np.ndarray, y: np.ndarray
) -> tuple[int, ...]:
    """For each target the share that is its own: by the end of the names, by order, or by effect.

    `loss_code` and `proportion_code` belong together; with as many targets as shares and no such
    names the first belongs to the first; else it is the share that the target follows most.

    Args:
        names: of the shares, s of them.
        targets: names of the targets, T of them.
        shares: `(n, s)`.
        y: targets, `(n, T)`.
    """
    if not names:
        return (0,) * len(targets)
    tails = [_tail(name) for name in names]
    found = [tails.index(_tail(t)) if tails.count(_tail(t)) == 1 else -1 for t in targets]
    if min(found) >= 0 and len(set(found)) == len(found):
        return tuple(found)
    if len(targets) == len(names):
        return tuple(range(len(names)))
    centred = shares - shares.mean(axis=0)
    size = np.maximum(np.linalg.norm(centred, axis=0), 1e-12)
    follows = np.abs((y - y.mean(axis=0)).T @ centred) / size
    return tuple(int(k) for k in follows.argmax(axis=1))


def _tail(name: str) -> str:
    return re.split(r"[_\s.\-]+", name.strip().lower())[-1]
