"""Accuracy of a task from its loss: the second step of a ladder of models.

With six sizes or more the built-in law `accuracy_from_loss` (four parameters) is fitted with its
certificate. Below that it has as many parameters as there are models, so a line of log odds over
loss stands in for it: two parameters, from three sizes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import Ladder, ladder, slices
from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.raw import DOWN_IS_GOOD, Kind, Raw, judge
from isoloss.errors.trends.robust import robust
from isoloss.errors.trends.slope import Slope, quantile
from isoloss.exceptions import FitError, InputError, ItemsError

if TYPE_CHECKING:
    from isoloss.fit import Fit

LAW = "accuracy_from_loss"
# the law's four parameters, and two models to contradict it
LEAST_SIZES = 6
# logits per nat: a slope below this does not matter
MARGIN = 0.2


@dataclass(frozen=True, eq=False)
class LossLaw:
    """Accuracy against loss on one set of items.

    Attributes:
        name: the task, or `all`.
        n: items with a loss for every model.
        loss, accuracy: (M) of every model; mean loss in nats.
        line: slope of log odds of being right over loss; `improves` where accuracy rises as loss
            falls. Models are the points: items are paired.
        p_misfit: that the models stand on the line, over items.
        fit: the law `accuracy_from_loss`, or None.
        reason: why there is no fit.
    """

    name: str
    n: int
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    line: Slope
    p_misfit: float
    fit: Fit | None
    reason: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "n": self.n,
            "loss": list(self.loss),
            "accuracy": list(self.accuracy),
            "line": self.line.to_document(),
            "p_misfit": self.p_misfit,
            "fit": None if self.fit is None else _fit_document(self.fit),
            "reason": self.reason,
        }


def loss_laws(
    grid: Grid,
    *,
    by: str = "task",
    level: float = 0.95,
    draws: int = 200,
    seed: int = 0,
    least: int = LEAST_SIZES,
) -> tuple[LossLaw, ...]:
    """Accuracy as a function of loss, for all items and (with `by="task"`) every task.

    Args:
        grid: answers of one family, with losses.
        by: `task`, or `none`.
        level: of intervals and tests.
        draws: bootstrap replicates of the law over models; 0 for none.
        seed: of the replicates.
        least: sizes below which the law is not fitted; no less than 6.

    Raises:
        ItemsError: no losses, several families, one size, or an option out of range.
    """
    if by not in ("task", "none"):
        raise ItemsError(f"by='{by}'; expected 'task' or 'none'")
    if least < LEAST_SIZES:
        raise ItemsError(
            f"least={least}; the law has four parameters and needs {LEAST_SIZES} sizes"
        )
    if grid.loss is None:
        raise ItemsError("a law of accuracy from loss needs the loss of the right answers")
    kept = np.asarray(np.isfinite(grid.loss).all(axis=0))
    if not kept.any():
        raise ItemsError("no question has a loss for every model")
    chosen = ladder(grid.columns(kept))
    parts = [("all", slice(0, chosen.grid.shape[1]))]
    if by == "task":
        task = chosen.grid.task
        parts += [(task.values[task.codes[part.start]], part) for part in slices(task.codes)]
    return tuple(_one(chosen, name, part, level, draws, seed, least) for name, part in parts)


def _one(
    chosen: Ladder, name: str, part: slice, level: float, draws: int, seed: int, least: int
) -> LossLaw:
    grid = chosen.grid
    assert grid.loss is not None
    right, n = grid.correct[:, part], part.stop - part.start
    loss, k = grid.loss[:, part].mean(axis=1), right.sum(axis=1, dtype=float)
    found, reason = None, f"the law needs {least} sizes; there are {chosen.sizes}"
    if chosen.sizes >= least:
        found, reason = _fit(loss, k / n, level, draws, seed)
    raw, misfit = _line(chosen, loss, right, grid.cluster[part], level)
    (line,) = judge([raw], Kind(DOWN_IS_GOOD, MARGIN, "logits per nat"), level)
    return LossLaw(
        name, n, tuple(loss.tolist()), tuple((k / n).tolist()), line, misfit, found, reason
    )


def _line(
    chosen: Ladder, loss: np.ndarray, right: np.ndarray, cluster: np.ndarray, level: float
) -> tuple[Raw, float]:
    n = right.shape[1]
    line = fit_lines(loss, right.sum(axis=1, dtype=float), np.array([n]))
    seen = robust(line, right, cluster)
    degrees = float(max(seen.units - 2, 1))
    value, half = float(line.slope), quantile(0.5 + level / 2.0, degrees) * seen.se
    reason = "" if chosen.trend else "two sizes: a line through two points has no misfit"
    if np.ptp(loss) < 1e-9:
        reason = "all models have one loss"
    return Raw(value, value - half, value + half, seen.se, degrees, n, reason), seen.p


def _fit(
    loss: np.ndarray, accuracy: np.ndarray, level: float, draws: int, seed: int
) -> tuple[Fit | None, str]:
    from isoloss.fit import fit
    from isoloss.runs import Runs

    runs = Runs(
        {"L": loss, "accuracy": accuracy},
        "accuracy",
        np.arange(1, len(loss) + 1),
        source="means over items",
        word="row",
    )
    try:
        return fit(LAW, runs, objective="ls", draws=draws, level=level, seed=seed), ""
    except (FitError, InputError) as error:
        return None, str(error)


def _fit_document(fit: Fit) -> dict[str, Any]:
    return {
        "law": fit.law.id,
        "parameters": {name: one.to_document() for name, one in fit.parameters.items()},
        "certified": fit.certificate.certified,
        "reasons": list(fit.certificate.reasons),
        "notices": [notice.to_document() for notice in fit.notices],
    }
