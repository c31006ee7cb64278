"""One family on one table of answers: everything that size does to its errors, in one value.

What can be seen with these questions and sizes comes first, then the trends, then how the smallest
and the largest model differ, then how all of them agree. What the answers do not allow stands in
`missing` with the reason, and is never filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isoloss.errors.agreement import Agreement, agreement
from isoloss.errors.contrasts import Contrast, contrast
from isoloss.errors.items import Grid, Items, grid
from isoloss.errors.items.unpaired import Unpaired, unpaired
from isoloss.errors.labels import label
from isoloss.errors.power import Power, power
from isoloss.errors.trends import (
    AccuracyTrends,
    BaseRate,
    Calibration,
    Confounding,
    Emergence,
    Gain,
    Hallucination,
    LossLaw,
    ModeTrends,
    Shape,
    accuracy_shapes,
    accuracy_trends,
    base_rates,
    calibration_trends,
    confounding,
    emergence,
    flags,
    gain_trend,
    hallucination_trends,
    loss_laws,
    mode_trends,
)
from isoloss.exceptions import InputError, ItemsError
from isoloss.trust.finding import Finding

SMALLEST_TREND = 3


@dataclass(frozen=True, eq=False)
class ErrorStudy:
    """One family, one condition.

    Attributes:
        name: of the table.
        family, condition: which models, asked how.
        grid: the answers, models by questions.
        power: what can be seen with these questions and sizes.
        accuracy: trends over size, in all and by task; with two sizes no verdict is a trend.
        modes: failure modes against size; None without labels.
        hallucination: questions with two answers against size.
        calibration: None without probabilities or losses.
        shapes: U-shaped and inverse scaling.
        emergence: jumps of accuracy against loss; empty without losses.
        loss_laws: accuracy against loss by task; empty without losses.
        base_rates: constant answers, by task.
        confounding: what else changes with size.
        contrast: the largest against the smallest model.
        agreement: all models with one another.
        gains: what another condition of asking brings, by size.
        flags: what lies behind a trend.
        unpaired: questions that some model did not answer.
        missing: what could not be had, and why.
        level, replicates, seed: of intervals and their draws.
    """

    name: str
    family: str
    condition: str
    items: Items
    grid: Grid
    power: Power
    accuracy: AccuracyTrends
    modes: ModeTrends | None
    hallucination: tuple[Hallucination, ...]
    calibration: Calibration | None
    shapes: tuple[Shape, ...]
    emergence: tuple[Emergence, ...]
    loss_laws: tuple[LossLaw, ...]
    base_rates: tuple[BaseRate, ...]
    confounding: Confounding
    contrast: Contrast
    agreement: Agreement
    gains: tuple[Gain, ...]
    flags: tuple[Finding, ...]
    unpaired: Unpaired
    level: float
    replicates: int
    seed: int
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def sizes(self) -> int:
        """How many different sizes there are."""
        return len(np.unique(self.grid.size))

    @property
    def is_trend(self) -> bool:
        """Whether there are sizes enough to speak of a trend."""
        return self.sizes >= SMALLEST_TREND

    def to_document(self) -> dict[str, Any]:
        """Plain data; the answer in words first."""
        from isoloss.errors.study.answer import answer

        many = ("hallucination", "shapes", "emergence", "loss_laws", "base_rates", "gains")
        single = ("power", "accuracy", "confounding", "contrast", "agreement", "unpaired")
        found: dict[str, Any] = {
            "name": self.name,
            "family": self.family,
            "condition": self.condition,
            "answer": answer(self),
            "models": [model.to_document() for model in self.grid.models],
            "questions": self.grid.shape[1],
            "level": self.level,
            "replicates": self.replicates,
            "seed": self.seed,
        }
        found |= {name: getattr(self, name).to_document() for name in single}
        found |= {name: [one.to_document() for one in getattr(self, name)] for name in many}
        for name in ("modes", "calibration"):
            value = getattr(self, name)
            found[name] = None if value is None else value.to_document()
        found["flags"] = [vars(finding) for finding in self.flags]
        return found | {"missing": self.missing}


def study(
    items: Items,
    family: str,
    *,
    condition: str | None = None,
    name: str = "answers",
    by: str = "task",
    level: float = 0.95,
    margin: float = 0.02,
    replicates: int = 1000,
    seed: int = 0,
) -> ErrorStudy:
    """Study one family.

    Args:
        items: answers; failure modes are labelled by the rules where no source labelled them.
        family: whose sizes are compared.
        condition: how the questions were asked; needed where there are several.
        name: of the table, for the report.
        by: `task` for every task as well, or `none`.
        level: of intervals and tests.
        margin: differences in accuracy below this do not matter.
        replicates: bootstrap draws of questions (of clusters where questions share one).
        seed: of the random numbers.

    Raises:
        ItemsError: no such family, one size only, several conditions, or nothing in common.
    """
    if not items.labels:
        # of all models, since some rules look at what nearly all of them answer
        items = label(items)
    mine = _sized(items.where(family=family), family)
    chosen = condition or _only_condition(mine)
    table = grid(mine, condition=chosen)
    if len(np.unique(table.size)) < 2:
        raise ItemsError(
            f"family '{family}' has one size here ({', '.join(table.names)}); errors against size "
            "need two sizes, and three for a trend"
        )
    options: dict[str, Any] = {"level": level, "replicates": replicates, "seed": seed}
    missing: dict[str, str] = {}

    def had(what: str, make: Callable[[], Any], instead: Any) -> Any:
        try:
            return make()
        except InputError as error:
            missing[what] = str(error)
            return instead

    has_loss = table.loss is not None
    if not has_loss:
        missing["emergence"] = missing["loss_laws"] = "the answers have no losses"
    return ErrorStudy(
        name,
        family,
        chosen,
        mine,
        table,
        power(table, level=level),
        accuracy_trends(table, by=by, **options),
        had("modes", lambda: mode_trends(table, by=by, **options), None),
        had("hallucination", lambda: hallucination_trends(table, **options), ()),
        had("calibration", lambda: calibration_trends(table, **options), None),
        had("shapes", lambda: accuracy_shapes(table, by=by, level=level), ()),
        had("emergence", lambda: emergence(table, **options), ()) if has_loss else (),
        had("loss_laws", lambda: loss_laws(table, level=level), ()) if has_loss else (),
        base_rates(table, level=level),
        confounding(table.models),
        contrast(table, table.names[0], table.names[-1], margin=margin, **options),
        agreement(table, **options),
        _gains(mine, table, chosen, options, missing),
        flags(table, replicates=min(replicates, 500), seed=seed),
        unpaired(mine),
        level,
        replicates,
        seed,
        missing,
    )


def _sized(items: Items, family: str) -> Items:
    """The models whose size is known."""
    known = tuple(
        model.name
        for place, model in enumerate(items.models)
        if np.isfinite(model.params) and model.family == family and (items.model == place).any()
    )
    if not known:
        raise ItemsError(
            f"no model of '{family}' has params in the models file; a trend over size needs them"
        )
    return items.where(models=known)


def _only_condition(items: Items) -> str:
    first, *others = items.conditions
    if others:
        listed = ", ".join((first, *others)[:8])
        raise ItemsError(
            f"the questions were asked under {1 + len(others)} conditions ({listed}); name one"
        )
    return first


def _gains(
    items: Items, table: Grid, condition: str, options: dict[str, Any], missing: dict[str, str]
) -> tuple[Gain, ...]:
    """What every other condition brings beyond this one."""
    found = []
    for other in items.conditions:
        if other == condition:
            continue
        try:
            found.append(gain_trend(grid(items, condition=other), table, **options))
        except InputError as error:
            missing[f"gain of {other}"] = str(error)
    return tuple(found)


def families_to_study(items: Items) -> tuple[str, ...]:
    """The families with answers of two sizes or more."""
    found = []
    for family in items.families:
        sizes = {
            model.params
            for place, model in enumerate(items.models)
            if model.family == family and np.isfinite(model.params) and (items.model == place).any()
        }
        if len(sizes) > 1:
            found.append(family)
    return tuple(found)
