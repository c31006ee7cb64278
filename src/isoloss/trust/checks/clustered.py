"""Runs of one seed, machine or batch of experiments share their noise.

Seeds fix the order of the data, so all sizes of one seed may come out high together. Forty runs of
four seeds are then closer to four observations than to forty, and intervals that draw runs one by
one are too narrow by the square root of 1 + (m - 1) r, for m runs a group that share a part r of
their variance (the design effect; Kish 1965).
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import added, exact
from isoloss.trust.checks.words import percent
from isoloss.trust.finding import Finding

CODE = "shared-noise"

# one false alarm in a thousand tables of independent runs
CHANCE = 1e-3
# intervals too narrow by more than a fifth change conclusions
NARROW = 1.2
ROLES = ("seed", "cluster")


def check(case: Case) -> list[Finding]:
    """Test whether groups of runs lie off the law together."""
    fit, found = case.fit, []
    for role in ROLES:
        labels = _labels(fit, role)
        if labels is None or exact(fit) or fit.draws.clusters == labels.max() + 1:
            continue
        count = int(labels.max()) + 1
        dummies = (labels[:, None] == np.arange(count)).astype(float)
        test = added(fit, dummies)
        if test.p > CHANCE:
            continue
        each = len(labels) / count
        share = (test.statistic - 1.0) / (test.statistic - 1.0 + each)
        wider = float(np.sqrt(1.0 + (each - 1.0) * share))
        found.append(_finding(fit, role, count, share, wider))
    return found


def _labels(fit: Fit, role: str) -> np.ndarray | None:
    """Group index (n,) where there are several groups of several runs."""
    if role not in fit.runs.groups:
        return None
    labels = np.unique(fit.runs.groups[role], return_inverse=True)[1]
    count = int(labels.max()) + 1
    if count < 2 or len(labels) < 2 * count:
        return None
    return labels


def _finding(fit: Fit, role: str, count: int, share: float, wider: float) -> Finding:
    few = "" if count >= 10 else f" ({count} groups give rough intervals; more would be better)"
    return Finding(
        CODE,
        "care" if wider > NARROW else "note",
        f"runs with one '{role}' lie off the law together: {percent(share)} of what is left over "
        f"is shared, over {count} groups of {len(fit.runs) / count:.0f} runs",
        f"the runs were drawn one by one, so every interval is too narrow, by a factor of about "
        f"{wider:.1f}",
        f"draw groups: --cluster {role}, or fit(cluster='{role}'){few}",
    )


def trigger(seed: int) -> Case:
    """Eight seeds of nine sizes, the noise of a seed three times that of a run."""
    rng = np.random.default_rng(seed)
    n, d, labels = _design()
    shared = 3 * synthetic.NOISE * rng.standard_normal(8)[labels]
    values = synthetic.shaken(synthetic.loss(n, d), rng) * np.exp(shared)
    runs = synthetic.table({"N": n, "D": d, "loss": values}, {"seed": labels.astype(str)})
    return synthetic.case(runs)


def control(seed: int) -> Case:
    """The same runs and seeds with noise of their own only."""
    rng = np.random.default_rng(seed)
    n, d, labels = _design()
    values = synthetic.shaken(synthetic.loss(n, d), rng)
    runs = synthetic.table({"N": n, "D": d, "loss": values}, {"seed": labels.astype(str)})
    return synthetic.case(runs)


def _design() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, d = synthetic.grid(6, 6)
    return np.tile(n, 2), np.tile(d, 2), (5 * np.arange(72)) % 8
