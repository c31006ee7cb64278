"""Do larger models know better what they know: calibration against size.

Needs the probability that a model gave to every option, or its loss on the right answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.sweep import check_options, sums, sweep
from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import ladder
from isoloss.errors.trends.measure import MeasureTrend
from isoloss.errors.trends.measures import measure_trends
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

BINS = 15
# log of the least probability: a zero that a log rounded off is no infinite loss
LEAST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """Calibration of one family against size.

    Attributes:
        n: questions.
        models: from the smallest.
        measures: by name: `calibration_error` (expected calibration error of the option with the
            highest probability, 15 bins of equal width: Guo et al. 2017; it is biased upward where
            questions are few), `brier` (sum over options of squared error: Brier 1950), `log_loss`
            (nats). What the answers do not allow is missing.
        notices: what was left out, and what cannot be said.
    """

    n: int
    models: tuple[str, ...]
    measures: dict[str, MeasureTrend]
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "n": self.n,
            "models": list(self.models),
            "measures": {name: one.to_document() for name, one in self.measures.items()},
            "notices": [notice.to_document() for notice in self.notices],
        }


def calibration_trends(
    grid: Grid, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> Calibration:
    """How calibration changes with size.

    Args:
        grid: answers of one family, with `choices` or `loss`.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: neither probabilities nor losses, several families, or an option out of range.
    """
    check_options(level, replicates)
    if grid.choices is None and grid.loss is None:
        raise ItemsError(
            "calibration needs the probabilities of options (choices) or the loss of the right "
            "answer (loss); the answers have neither"
        )
    chosen = ladder(grid)
    kept, gold = _usable(chosen.grid)
    notices = list(chosen.notices)
    if not kept.all():
        notices.append(
            Notice(
                "no-probability",
                f"{int((~kept).sum())} questions have no probability or loss for some model, or a "
                "right answer that is no option: left out",
            )
        )
    if not kept.any():
        raise ItemsError("no question has probabilities (or a loss) for every model")
    some = chosen.grid.columns(kept)
    table, columns = _columns(some, gold[kept])
    (draws,) = sweep(some.cluster, replicates, seed, sums(columns))
    models, n = some.shape
    return Calibration(
        n,
        some.names,
        measure_trends(
            chosen,
            {
                k: v[0]
                for k, v in _measures(columns.sum(0, dtype=float)[None], models, table).items()
            },
            _measures(draws, models, table),
            units=len(np.unique(some.cluster)),
            n=n,
            level=level,
        ),
        tuple(notices),
    )


def _usable(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Questions (I,) that can be used, and the place of the right option; -1 where not known."""
    gold = np.array([_place(text) for text in [*grid.gold.values, ""]])[grid.gold.codes]
    if grid.choices is None:
        assert grid.loss is not None
        return np.asarray(np.isfinite(grid.loss).all(axis=0)), gold
    some = np.isfinite(grid.choices).any(axis=2).all(axis=0)
    width = grid.choices.shape[2]
    inside = (gold >= 0) & (gold < width)
    at = np.clip(gold, 0, width - 1)
    given = np.isfinite(np.take_along_axis(grid.choices, at[None, :, None], 2)[..., 0]).all(0)
    return np.asarray(some & inside & given), gold


def _place(text: str) -> int:
    """0 for a or (A), or for the number 0; -1 for other texts."""
    text = text.strip().strip("().").lower()
    if len(text) == 1 and "a" <= text <= "z":
        return ord(text) - ord("a")
    return int(text) if text.isdigit() and len(text) < 3 else -1


def _columns(grid: Grid, gold: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of what there is, and columns (I, 1 + M ...) whose sums the measures are made of."""
    models, n = grid.shape
    parts = [np.ones((n, 1))]
    if grid.choices is None:
        assert grid.loss is not None
        return ("log_loss",), np.hstack([parts[0], grid.loss.T]).astype(np.float32)
    choices = np.nan_to_num(grid.choices)
    at = np.broadcast_to(gold[None, :, None], (models, n, 1))
    own = np.take_along_axis(choices, at, 2)[..., 0]
    parts.append(-np.log(np.maximum(own, LEAST)).T)
    parts.append(((choices**2).sum(2) - 2.0 * own + 1.0).T)
    sure, top = choices.max(axis=2), choices.argmax(axis=2) == gold
    place = np.clip((sure * BINS).astype(int), 0, BINS - 1)
    for line in range(models):
        gap = np.zeros((n, BINS))
        gap[np.arange(n), place[line]] = top[line].astype(float) - sure[line]
        parts.append(gap)
    return ("log_loss", "brier", "calibration_error"), np.hstack(parts).astype(np.float32)


def _measures(totals: np.ndarray, models: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """(R, M) each."""
    n = totals[:, :1]
    found = {"log_loss": totals[:, 1 : 1 + models] / n}
    if "brier" in names:
        found["brier"] = totals[:, 1 + models : 1 + 2 * models] / n
        gaps = totals[:, 1 + 2 * models :].reshape(len(totals), models, BINS)
        found["calibration_error"] = np.abs(gaps).sum(axis=2) / n
    return found
