"""Questions with two answers against size: do larger models see less that is not there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.bias import Binary, binaries, measures
from isoloss.errors.contrasts.sweep import check_options, sums, sweep
from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import Ladder, ladder
from isoloss.errors.trends.measure import MeasureTrend
from isoloss.errors.trends.measures import measure_trends
from isoloss.notices import Notice


@dataclass(frozen=True)
class Hallucination:
    """Yes/no questions (or true/false) of one family against size.

    Attributes:
        positive, negative: the two answers.
        n: questions where every model gave one of the two.
        left_out: questions of this kind where some model did not.
        models: from the smallest.
        measures: by name: `accuracy`, `false_yes` (said yes where no is right), `false_no`,
            `yes_ratio` (said yes at all), `f1` (of yes), `sensitivity` (d'), `criterion` (c).
        notices: what cannot be said.
    """

    positive: str
    negative: str
    n: int
    left_out: int
    models: tuple[str, ...]
    measures: dict[str, MeasureTrend]
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": list(self.models),
            "measures": {name: one.to_document() for name, one in self.measures.items()},
            "notices": [notice.to_document() for notice in self.notices],
        }


def hallucination_trends(
    grid: Grid, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> tuple[Hallucination, ...]:
    """How yes/no and true/false answers change with size; empty without such questions.

    Slopes are straight lines with equal weights; their standard errors come from replicates of
    items, widened by whatever the models scatter beyond that.

    Args:
        grid: answers of one family.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: several families, one size, or an option out of range.
    """
    check_options(level, replicates)
    chosen = ladder(grid)
    # two options by letter are no claim that something is there
    kinds = [one for one in binaries(chosen.grid) if one.positive != "a"]
    draws = sweep(chosen.grid.cluster, replicates, seed, *(sums(one.columns()) for one in kinds))
    return tuple(_one(chosen, one, drawn, level) for one, drawn in zip(kinds, draws, strict=True))


def _one(chosen: Ladder, binary: Binary, draws: np.ndarray, level: float) -> Hallucination:
    point = _measures(binary.columns().sum(axis=0, dtype=float)[None])
    found = _measures(draws)
    n = int(binary.kept.sum())
    notices = chosen.notices
    if binary.single:
        point = {name: point[name] for name in ("accuracy", "yes_ratio")}
        notices = (
            *notices,
            Notice(
                "single-gold-class",
                f"all {n} questions have one right answer: accuracy follows how readily a model "
                "says it",
                "add questions whose right answer is the other one",
            ),
        )
    return Hallucination(
        binary.positive,
        binary.negative,
        n,
        binary.left_out,
        chosen.grid.names,
        measure_trends(
            chosen,
            {name: value[0] for name, value in point.items()},
            found,
            units=len(np.unique(chosen.grid.cluster[binary.kept])),
            n=n,
            level=level,
        ),
        notices,
    )


def _measures(totals: np.ndarray) -> dict[str, np.ndarray]:
    """(R, M) each, from sums of `Binary.columns`."""
    models = (totals.shape[1] - 2) // 2
    positive, negative = totals[:, :1], totals[:, 1:2]
    hits, alarms = totals[:, 2 : 2 + models], totals[:, 2 + models :]
    plain = measures(totals)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "accuracy": (hits + negative - alarms) / (positive + negative),
            "false_yes": plain["fpr"],
            "false_no": 1.0 - plain["tpr"],
            "yes_ratio": plain["said"],
            "f1": 2.0 * hits / (hits + alarms + positive),
            "sensitivity": plain["sensitivity"],
            "criterion": plain["criterion"],
        }
