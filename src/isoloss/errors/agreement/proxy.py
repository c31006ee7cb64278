"""Can a small model stand in for a large one, question by question?

Where it can, questions that the small model finds hard are those that the large one will miss, and
a small model may choose or weigh questions for the large one.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from isoloss.errors.agreement.share import spread
from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.contrasts.pair import pair, tasks
from isoloss.errors.items import Grid

USEFUL, USELESS, UNKNOWN = "useful", "not useful", "cannot tell"
# right and wrong answers of the large model below this say nothing
LEAST = 10


@dataclass(frozen=True)
class ProxyValue:
    """How well one model foretells another on a set of questions.

    Attributes:
        name: the task, or `all`.
        auc: chance that, of a question that the large model got right and one that it got wrong,
            the small model points to the right one; ties count half.
        correlation: of losses over questions (by rank) where there are losses, of right answers
            (phi) else.
        verdict: useful where the AUC's interval lies above the threshold, not useful where it lies
            below, or cannot tell.
    """

    name: str
    auc: Estimate
    correlation: Estimate
    verdict: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "auc": self.auc.to_document(),
            "correlation": self.correlation.to_document(),
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Proxy:
    """A small model as a proxy for a large one.

    Attributes:
        small, large: names.
        source: what the small model says of a question: `losses` or `outcomes`.
        threshold: the AUC that is worth having.
        whole: on all questions.
        tasks: by task.
    """

    small: str
    large: str
    source: str
    threshold: float
    whole: ProxyValue
    tasks: tuple[ProxyValue, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "whole": self.whole.to_document(),
            "tasks": [task.to_document() for task in self.tasks],
        }


def proxy(
    grid: Grid, small: str, large: str, *, threshold: float = 0.6, level: float = 0.95
) -> Proxy:
    """How well a small model's answers foretell which questions a large one gets right.

    Losses are used where both models have them on every question, outcomes else.

    Args:
        grid: answers.
        small, large: names of two models.
        threshold: the AUC that is worth having; .5 is a coin.
        level: of intervals.

    Raises:
        ItemsError: an unknown model.
    """
    two = pair(grid, small, large)
    lossy = two.loss is not None and bool(np.isfinite(two.loss).all())
    names, starts = tasks(two)
    ends = [*starts[1:], two.shape[1]]

    def value(name: str, start: int, end: int) -> ProxyValue:
        right = two.correct[1, start:end] == 1
        if lossy:
            assert two.loss is not None
            sign = -two.loss[0, start:end]
            pairs = _ranks(two.loss[:, start:end])
        else:
            sign = two.correct[0, start:end].astype(float)
            pairs = two.correct[:, start:end].astype(float)
        cluster = two.cluster[start:end]
        area = auc(sign, right, cluster, level)
        return ProxyValue(
            name, area, correlation(pairs, cluster, level), _verdict(area, right, threshold)
        )

    return Proxy(
        small,
        large,
        "losses" if lossy else "outcomes",
        threshold,
        value("all", 0, two.shape[1]),
        tuple(value(name, a, b) for name, a, b in zip(names, starts, ends, strict=True)),
    )


def auc(sign: np.ndarray, right: np.ndarray, cluster: np.ndarray, level: float) -> Estimate:
    """Area under the ROC curve, interval on the logit scale from placements by cluster.

    DeLong, DeLong and Clarke-Pearson 1988, summed over clusters as Obuchowski 1997 does.
    """
    n, up = len(sign), int(right.sum())
    if up == 0 or up == n:
        return Estimate(np.nan, np.nan, np.nan, n, level)
    placed = np.where(right, _below(sign, sign[~right]), 1.0 - _below(sign, sign[right]))
    area = float(placed[right].mean())
    parts = (placed - area) / np.where(right, up, n - up)
    se = spread(parts, cluster)
    # at 0 and 1 no placement differs; half a question is what could not have been seen
    safe = min(max(area, 0.5 / min(up, n - up)), 1.0 - 0.5 / min(up, n - up))
    se = max(se, float(np.sqrt(safe * (1.0 - safe) / min(up, n - up))) if area in (0, 1) else 0.0)
    reach = NormalDist().inv_cdf(0.5 + level / 2.0) * se / (safe * (1.0 - safe))
    middle = float(np.log(safe / (1.0 - safe)))
    low, high = (1.0 / (1.0 + np.exp(-(middle + side * reach))) for side in (-1.0, 1.0))
    return Estimate(area, min(area, float(low)), max(area, float(high)), n, level)


def _below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of others below each value, ties counting half."""
    ordered = np.sort(others)
    left = np.searchsorted(ordered, values, side="left")
    return (left + np.searchsorted(ordered, values, side="right")) / (2.0 * len(ordered))


def correlation(values: np.ndarray, cluster: np.ndarray, level: float) -> Estimate:
    """Correlation of two rows (2, n), Fisher's z, its variance from influences by cluster.

    The influence of question i is x y - r (x^2 + y^2) / 2 for standardised x and y.
    """
    n = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1, keepdims=True))
    if n < 4 or (scale == 0).any():
        return Estimate(np.nan, np.nan, np.nan, n, level)
    x, y = centred / scale
    r = float((x * y).mean())
    if 1.0 - r * r < 1e-12:
        return Estimate(r, np.nan, np.nan, n, level)
    se = spread(x * y - r * (x * x + y * y) / 2.0, cluster) / n / (1.0 - r * r)
    reach = NormalDist().inv_cdf(0.5 + level / 2.0) * se
    low, high = np.tanh(np.arctanh(r) - reach), np.tanh(np.arctanh(r) + reach)
    return Estimate(r, float(low), float(high), n, level)


def _ranks(values: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    return rankdata(values, axis=1)


def _verdict(area: Estimate, right: np.ndarray, threshold: float) -> str:
    scarce = min(int(right.sum()), len(right) - int(right.sum())) < LEAST
    if scarce or np.isnan(area.low):
        return UNKNOWN
    if area.low > threshold:
        return USEFUL
    return USELESS if area.high < threshold else UNKNOWN
