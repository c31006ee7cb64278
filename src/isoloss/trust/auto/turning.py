"""A curve that turns: where trained rows rise and then fall, no law of them says what comes next.

For each group the best monotone curve (isotonic regression, either direction) is set against the
best curve that turns once. Any law of the library that ends in a floor is monotone far out, however
bent, so a turn that is more than noise means another regime. On the emergent tasks of SLDBench
(arXiv:2507.21184, "easy questions"), where scores turn below a threshold and climb beyond it, every
law is worse than the mean of the group; all candidates agree there, so their spread does not warn.

A group turns where the turn lowers the squared residuals by more than 15/n of what it leaves (about
the 90 % point for a monotone curve with noise, simulated for n from 12 to 54) and by a tenth of the
variance. The flag is up where a quarter of the groups turn and nearly all of the query lies beyond.
"""

from __future__ import annotations

import numpy as np

from isoloss.trust.auto.job import Job

SHARE_OF_GROUPS, BEYOND, FEWEST = 0.25, 0.9, 8
RATIO, VARIANCE = 15.0, 0.10


def turning_groups(job: Job) -> list[str]:
    """Groups whose targets turn along the one input; none where there are several inputs."""
    if len(job.signature.axes) != 1 or job.signature.shares:
        return []
    found = []
    for number, label in enumerate(job.groups):
        rows = job.here.group == number
        turned = [_turns(job.here.v[rows, 0], y) for y in job.y[rows].T]
        if 2 * sum(turned) > len(turned):
            found.append(label)
    return found


def beyond(job: Job) -> float:
    """Share of the query that lies past the last row of its group along the one input."""
    side, past = job.sides[0], 0
    for number in np.unique(job.there.group):
        last = (side * job.here.v[job.here.group == number, 0]).max()
        past += int(np.sum(side * job.there.v[job.there.group == number, 0] > last))
    return past / len(job.there.group)


def regime_change(job: Job) -> tuple[bool, list[str]]:
    """Whether the flag is up, and the groups that turn."""
    groups = turning_groups(job)
    up = len(groups) >= max(1, SHARE_OF_GROUPS * len(job.groups))
    return bool(up and groups and beyond(job) >= BEYOND), groups


def _turns(z: np.ndarray, y: np.ndarray) -> bool:
    if len(z) < FEWEST:
        return False
    order = np.argsort(z, kind="stable")
    monotone, turned = monotone_and_turned(y[order])
    gain, total = monotone - turned, float(np.sum((y - y.mean()) ** 2))
    return bool(gain > RATIO / len(y) * turned and gain > VARIANCE * total)


def monotone_and_turned(y: np.ndarray) -> tuple[float, float]:
    """Squared residuals of the best monotone curve and of the best that turns once.

    At least three points stand on either side of a turn.
    """
    rising, falling = _isotonic(y), _isotonic(-y)
    # from the right: the curve after a turn, read backwards
    rises_after, falls_after = _isotonic(-y[::-1])[::-1], _isotonic(y[::-1])[::-1]
    monotone = min(rising[-1], falling[-1])
    cuts = range(3, len(y) - 2)
    peak = min(rising[i] + falls_after[i] for i in cuts)
    trough = min(falling[i] + rises_after[i] for i in cuts)
    return float(monotone), float(min(peak, trough, monotone))


def _isotonic(y: np.ndarray) -> np.ndarray:
    """Squared residuals of the best rising curve through the first i points, `(n + 1,)`.

    Pool adjacent violators (Barlow et al. 1972): blocks of (mean, count, squares within).
    """
    blocks: list[tuple[float, int, float]] = []
    found = np.zeros(len(y) + 1)
    for place, value in enumerate(y, start=1):
        mean, count, square = float(value), 1, 0.0
        while blocks and blocks[-1][0] >= mean:
            left, many, inside = blocks.pop()
            square += inside + (mean - left) ** 2 * count * many / (count + many)
            mean, count = (mean * count + left * many) / (count + many), count + many
        blocks.append((mean, count, square))
        found[place] = sum(block[2] for block in blocks)
    return found
