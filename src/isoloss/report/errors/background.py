"""Section: what may lie behind a trend: flags, base rates, the score itself, calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.jump_figure import jump_figure
from isoloss.report.errors.lines_figure import Measure, lines_figure
from isoloss.report.errors.part import Drawn, Part, capped, packaged, part
from isoloss.report.errors.words import (
    chance,
    clipped,
    joined,
    many,
    measured,
    named,
    number,
    percent,
)
from isoloss.report.model import Block, Fold, Reason, Reasons, Table, Text
from isoloss.trust.finding import Finding

_ORDER = {"stop": 0, "care": 1, "note": 2}
_CALIBRATION = (
    ("calibration_error", "calibration error"),
    ("brier", "Brier score"),
    ("log_loss", "log loss, nats"),
)


def background_part(study: ErrorStudy) -> Part:
    """Everything that a trend has to be read with."""
    return part(
        "background",
        "What lies behind",
        _flags(study),
        *(() if study.is_trend else (Text("Two sizes allow no trend to look behind.", "note"),)),
        *packaged(study),
        _base_rates(study),
        jump_figure(study),
        _laws(study),
        _calibration(study),
    )


def _flags(study: ErrorStudy) -> Block:
    found = sorted(study.flags, key=lambda one: _ORDER[one.severity])
    if not found:
        return Text("No flag is raised: none of the usual traps was found in these answers.")
    return reasons(found)


def reasons(found: Sequence[Finding]) -> Reasons:
    """Findings as the page has them."""
    return Reasons(
        tuple(
            Reason(
                one.severity,
                clipped(one.seen, 1500),
                # the page ends both with a full stop
                clipped(one.why, 800).rstrip("."),
                clipped(one.remedy, 800).rstrip("."),
            )
            for one in found
        )
    )


def _base_rates(study: ErrorStudy) -> Fold | None:
    """Tasks beside the best constant answer, the suspicious ones first."""
    found = sorted(
        study.base_rates, key=lambda one: (not one.single, not one.lopsided, -len(one.below))
    )
    if not found:
        return None
    rows = tuple(
        (
            named(one.task),
            f"{one.n:,}",
            f"{one.classes:,}",
            clipped(one.constant, 30),
            percent(one.accuracy),
            number(one.entropy),
            f"{len(one.above)}",
            f"{len(one.below)}",
            "one right answer" if one.single else "lopsided" if one.lopsided else "",
        )
        for one in found
    )
    odd = sum(one.single or one.lopsided for one in found)
    table = capped(
        Table(
            (
                "task",
                "questions",
                "right answers",
                "most frequent",
                "its share",
                "entropy, bits",
                "models above",
                "below",
                "",
            ),
            rows,
            (1, 2, 4, 5, 6, 7),
            "What one answer to everything gets right, and how many models are right more or less "
            "often than that, beyond the draw of questions.",
        )
    )
    title = "Base rates: " + (
        f"{odd} of {many(len(found), 'task')} with one right answer or nearly so"
        if odd
        else f"none of {many(len(found), 'task')} is lopsided"
    )
    return Fold(title, (Text(table.title, "note"), table))


def _laws(study: ErrorStudy) -> Fold | None:
    """Accuracy from loss, by task."""
    if not study.loss_laws:
        return None
    rows = tuple(
        (
            "all questions" if one.name == "all" else named(one.name),
            f"{one.n:,}",
            measured(one.line, 2, True),
            chance(one.p_misfit),
            "fitted" if one.fit is not None else clipped(one.reason, 120),
            one.line.verdict,
        )
        for one in study.loss_laws
    )
    table = capped(
        Table(
            ("task", "questions", "log odds per nat", "p of misfit", "law of four parameters", ""),
            rows,
            (1, 2, 3),
            "Accuracy from loss: slope of log odds over mean loss, models as points.",
            (5,),
        )
    )
    return Fold("Accuracy from loss, by task", (Text(table.title, "note"), table))


def _calibration(study: ErrorStudy) -> Drawn | None:
    found = study.calibration
    if found is None:
        return None
    shown = [
        Measure(title, found.measures[name])
        for name, title in _CALIBRATION
        if name in found.measures
    ]
    shown = [one for one in shown if math.isfinite(one.trend.values[0].value)]
    if not shown:
        return None
    listed = joined(
        [
            f"{one.title.split(',')[0]} {number(one.trend.values[0].value, 3)} → "
            f"{number(one.trend.values[-1].value, 3)} ({one.trend.slope.verdict})"
            for one in shown
        ]
    )
    return lines_figure(
        study,
        "calibration",
        "Calibration",
        shown,
        shows=f"Calibration on {found.n:,} questions against parameters; lower is better. The "
        "calibration error has 15 bins and is biased upward where questions are few.",
        conclusion=f"{listed[:1].upper()}{listed[1:]}.",
    )
