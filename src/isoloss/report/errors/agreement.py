"""Section: whether sizes fail on the same questions, and in the same way."""

from __future__ import annotations

import math

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.agreement_figure import agreement_figure, pairs_table
from isoloss.report.errors.part import Part, capped, part
from isoloss.report.errors.words import (
    chance,
    measured,
    model_labels,
    named,
    percents,
    points,
)
from isoloss.report.model import Fold, Table, Text


def agreement_part(study: ErrorStudy) -> Part | str:
    """Squares of pairs, abilities on one scale, and tasks that leave it."""
    found = study.agreement
    if not found.pairs:
        return "there is no pair of models"
    figure = agreement_figure(study)
    return part(
        "agreement",
        "Do they fail alike?",
        figure or Text(_pair(study)),
        None if figure else pairs_table(study),
        _proxy(study),
        _abilities(study),
        _shifts(study),
        *(Text(f"{note}.", "note") for note in found.notes),
    )


def _pair(study: ErrorStudy) -> str:
    one = study.agreement.pairs[0]
    first, second = model_labels(study.grid.models)
    same = (
        f" Where both are wrong, {percents(one.same_wrong)} of their answers are equal."
        if math.isfinite(one.same_wrong.value)
        else ""
    )
    return (
        f"Error consistency of {first} and {second} is κ = {measured(one.kappa)}, of at most "
        f"{one.kappa_max:.2f} with their accuracies: 1 where two models are right on the same "
        f"questions, 0 where they agree no more than chance makes them.{same}"
    )


def _proxy(study: ErrorStudy) -> Text | None:
    found = next(iter(study.agreement.proxies), None)
    if found is None or not math.isfinite(found.whole.auc.value):
        return None
    labels = model_labels(study.grid.models)
    word = {
        "useful": f"a useful stand-in (from {found.threshold:g} on)",
        "not useful": f"no useful stand-in (that is from {found.threshold:g} on)",
    }.get(found.whole.verdict, "whether that is useful cannot be told")
    return Text(
        f"What {labels[0]} gets right points to what {labels[-1]} gets right with an area under "
        f"the curve of {measured(found.whole.auc)}, .5 being a coin: {word}."
    )


def _abilities(study: ErrorStudy) -> Fold:
    found = study.agreement.abilities
    labels = model_labels(study.grid.models)
    slope = ""
    if found.slope is not None and study.is_trend:
        slope = (
            f" Ability changes by {measured(found.slope.models, 2, True)} logits a decade, the "
            f"interval over models ({found.slope.verdict})."
        )
    table = Table(
        ("size", "ability"),
        tuple((label, measured(one)) for label, one in zip(labels, found.ability, strict=True)),
        (1,),
        f"One scale for models and questions (Rasch), in logits.{slope}",
    )
    return Fold("Ability on one scale", (Text(table.title, "note"), table))


def _shifts(study: ErrorStudy) -> Fold | None:
    """Tasks that gain more or less from size than other questions as hard."""
    found = [one for one in study.agreement.tasks if one.verdict in ("improves", "worsens")]
    if not study.is_trend or len(study.agreement.tasks) < 2:
        return None
    rows = tuple(
        (named(one.task), f"{one.n:,}", points(one.slope), chance(one.q), one.verdict)
        for one in sorted(found, key=lambda one: -one.slope.value)
    )
    title = (
        f"Tasks that size helps more or less than other questions as hard: {len(found)} of "
        f"{len(study.agreement.tasks)}"
    )
    table = capped(
        Table(
            ("task", "questions", "beyond others, per decade", "q", "verdict"),
            rows,
            (1, 2, 3),
            "Accuracy per decade beyond that of other questions as hard; q over tasks.",
            (4,),
        )
    )
    return Fold(title, (Text(table.title, "note"), table)) if rows else None
