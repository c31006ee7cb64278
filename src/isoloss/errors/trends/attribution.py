"""Which modality the right answers come from, and whether that changes with size.

The same questions are asked four ways: without either modality, with the text alone, with the image
alone, with both. With v the accuracy of each, Shapley's values are the mean of what a modality adds
when it comes first and when it comes second:

    text  = 1/2 [v(T) - v(0)] + 1/2 [v(TI) - v(I)]
    image = 1/2 [v(I) - v(0)] + 1/2 [v(TI) - v(T)]

and they add up to v(TI) - v(0). The interaction is v(TI) - v(T) - v(I) + v(0). The text share is
|text| / (|text| + |image|) (Parcalabescu and Frank 2023, on accuracies here, not on tokens).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.sweep import check_options, sums, sweep
from isoloss.errors.items import MISSING, Grid, Items, grid
from isoloss.errors.trends.ladder import ladder
from isoloss.errors.trends.measure import MeasureTrend
from isoloss.errors.trends.measures import measure_trends
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

ASKED = ("none", "text", "image", "both")


@dataclass(frozen=True)
class Attribution:
    """What text and image add to accuracy in one family.

    Attributes:
        family: its name.
        models: from the smallest.
        n: questions that every model answered all four ways.
        left_out: questions asked of some model in some way only.
        values: accuracy (M) by way: `none`, `text`, `image`, `both`.
        measures: by name: `text`, `image`, `interaction`, `text_share`, and `language_prior`: the
            share of wrong answers given with both that equal the answer given on the text alone.
        notices: what cannot be said.
    """

    family: str
    models: tuple[str, ...]
    n: int
    left_out: int
    values: dict[str, tuple[float, ...]]
    measures: dict[str, MeasureTrend]
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": list(self.models),
            "values": {way: list(row) for way, row in self.values.items()},
            "measures": {name: one.to_document() for name, one in self.measures.items()},
            "notices": [notice.to_document() for notice in self.notices],
        }


def modality_attribution(
    items: Items,
    conditions: Mapping[str, str],
    *,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Attribution:
    """Shapley values of text and image, with intervals over items, and their lines over size.

    Args:
        items: answers of one family under four conditions.
        conditions: which condition asks with what: keys `none`, `text`, `image`, `both`.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: a way is missing, the models differ between ways, or no question is common.
    """
    check_options(level, replicates)
    missing = [way for way in ASKED if way not in conditions]
    if missing:
        raise ItemsError(
            f"conditions lack {', '.join(missing)}; give the name of the condition that asks with "
            "neither (none), the text alone (text), the image alone (image) and both (both)"
        )
    ways = [grid(items, condition=conditions[way]) for way in ASKED]
    if len({one.names for one in ways}) > 1:
        raise ItemsError("the four ways were not put to the same models")
    chosen = ladder(ways[-1])
    aligned, n, left = _aligned([ladder(one).grid for one in ways])
    models = aligned[0].shape[0]
    repeats, wrong = _prior(aligned[3], aligned[1])
    table = np.vstack([np.ones((1, n)), *[one.correct for one in aligned], repeats, wrong]).T
    columns = np.ascontiguousarray(table, dtype=np.float32)
    (draws,) = sweep(aligned[3].cluster, replicates, seed, sums(columns))
    point = _measures(columns.sum(axis=0, dtype=float)[None], models)
    return Attribution(
        chosen.family,
        aligned[0].names,
        n,
        left,
        {
            way: tuple(one.correct.mean(axis=1).tolist())
            for way, one in zip(ASKED, aligned, strict=True)
        },
        measure_trends(
            chosen,
            {name: value[0] for name, value in point.items()},
            _measures(draws, models),
            units=len(np.unique(aligned[3].cluster)),
            n=n,
            level=level,
        ),
        chosen.notices,
    )


def _aligned(ways: list[Grid]) -> tuple[list[Grid], int, int]:
    """The questions that were asked all four ways, in one order."""
    keys = [
        {key: i for i, key in enumerate(zip(one.task.texts(), one.item.texts(), strict=True))}
        for one in ways
    ]
    common = [key for key in keys[0] if all(key in other for other in keys[1:])]
    if not common:
        raise ItemsError("no question was asked all four ways; they are paired by task and key")
    found = [
        one.columns(np.array([places[key] for key in common]))
        for one, places in zip(ways, keys, strict=True)
    ]
    return found, len(common), len(set().union(*keys)) - len(common)


def _prior(both: Grid, text: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Wrong answers that equal the one on the text alone, and wrong answers; (M, I) each."""
    known = {value: i for i, value in enumerate(both.predictions)}
    table = np.array([known.get(value, -2) for value in text.predictions] + [-2])
    wrong = both.correct == 0
    said = (both.prediction != MISSING) & (both.prediction == table[text.prediction])
    return (wrong & said).astype(float), wrong.astype(float)


def _measures(totals: np.ndarray, models: int) -> dict[str, np.ndarray]:
    """(R, M) each, from sums (R, 1 + 6 M)."""
    n = totals[:, :1]
    parts = totals[:, 1:].reshape(len(totals), 6, models)
    none, text, image, both = (parts[:, i] / n for i in range(4))
    of_text = 0.5 * (text - none) + 0.5 * (both - image)
    of_image = 0.5 * (image - none) + 0.5 * (both - text)
    size = np.abs(of_text) + np.abs(of_image)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "text": of_text,
            "image": of_image,
            "interaction": both - text - image + none,
            "text_share": np.where(size > 0, np.abs(of_text) / size, np.nan),
            "language_prior": np.where(parts[:, 5] > 0, parts[:, 4] / parts[:, 5], np.nan),
        }
