"""Runs on different data sets, tokenizers or families stand in one table under one law.

Loss per token depends on the tokenizer, and the floor on the data. Where groups lie off the law by
amounts of their own, one law over all of them takes the difference for noise, or for an effect of
scale if one group has the larger runs.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import added, beside, exact, noise
from isoloss.trust.checks.words import percent
from isoloss.trust.finding import Finding

CODE = "mixed-groups"

# one false alarm in a thousand tables of one kind
CHANCE = 1e-3
# groups that are as far apart as single runs are hidden in the noise; three times as far, the law
# describes none of them
APART, FAR_APART = 1.0, 3.0
ROLES = ("dataset", "family")
_MOST = 4


def check(case: Case) -> list[Finding]:
    """Test whether groups lie off the law by amounts of their own."""
    fit, found = case.fit, []
    for role in ROLES:
        if role not in fit.runs.groups or exact(fit):
            continue
        names, labels = np.unique(fit.runs.groups[role], return_inverse=True)
        if len(names) < 2 or len(names) > len(labels) // 3:
            continue
        if added(fit, _dummies(labels)).p <= CHANCE:
            found.append(_finding(fit, role, names, labels))
    return found


def _dummies(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] == np.arange(labels.max() + 1)).astype(float)


def _finding(fit: Fit, role: str, names: np.ndarray, labels: np.ndarray) -> Finding:
    # offsets beside a law that may move: a robust fit runs along one group here, another there
    offsets, inner = beside(fit, _dummies(labels))
    offsets = offsets - np.median(offsets)
    own = 1.4826 * float(np.median(np.abs(inner)))
    apart = float(np.ptp(offsets)) / max(own, 1e-3 * noise(fit))
    order = np.argsort(offsets)
    chosen = order if len(order) <= _MOST else np.concatenate([order[:2], order[-2:]])
    told = ", ".join(
        f"{names[k]} {100 * offsets[k]:+.2g} %"
        if fit.objective.is_log
        else f"{names[k]} {offsets[k]:+.2g}"
        for k in chosen
    )
    unit = percent(own) if fit.objective.is_log else f"{own:.2g}"
    severity = "stop" if apart > FAR_APART else "care" if apart > APART else "note"
    return Finding(
        CODE,
        severity,
        f"the {len(names)} values of '{role}' lie off the law by amounts of their own ({told}), "
        f"{apart:.1f} times the noise within one of them ({unit})",
        "the law is an average that describes none of the groups; where one of them has the larger "
        "runs, the difference passes for an effect of scale",
        f'fit every {role} on its own (--where "{fit.runs.mapping.get(role, role)} == '
        f"'{names[0]}'\"), or give every group a floor of its own; compare losses per byte where "
        "tokenizers differ",
    )


def trigger(seed: int) -> Case:
    """Two data sets, one 4 % harder."""
    return _pooled(seed, 0.04)


def control(seed: int) -> Case:
    """Two names for data that are equally hard."""
    return _pooled(seed, 0.0)


def _pooled(seed: int, offset: float) -> Case:
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    labels = np.where(rng.permutation(len(n)) % 2, "web", "code")
    truth = synthetic.loss(n, d) * np.where(labels == "web", 1.0 + offset, 1.0)
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(truth, rng)}, {"dataset": labels, "seed": seeds}
    )
    return synthetic.case(runs, draws=0)
