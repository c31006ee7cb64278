"""Section: what is lost and gained on the way from small to large."""

from __future__ import annotations

from isoloss.errors.agreement import Trajectories
from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.flow_figure import flow_figure
from isoloss.report.errors.losses_figure import losses_figure
from isoloss.report.errors.part import Part, part
from isoloss.report.errors.words import chance, percent, percents, points
from isoloss.report.model import Table, Text


def flips_part(study: ErrorStudy) -> Part:
    """Streams, rates over their floor, and questions that fall or rise with size."""
    followed = next(
        (one for one in study.agreement.trajectories if one.family == study.family), None
    )
    return part(
        "flips",
        "What is lost on the way",
        flow_figure(study),
        losses_figure(study),
        Text(_says(followed)) if followed else None,
        _table(followed) if followed else None,
    )


def _says(found: Trajectories) -> str:
    word = {
        "worsens": "more than chance makes: some questions get harder with size",
        "improves": "fewer than chance makes",
        "flat": "as many as chance makes, within 2 points",
    }.get(found.verdict, "which cannot be told from chance")
    return (
        f"Followed one by one over {len(found.models)} sizes, {percents(found.lost)} of the "
        f"questions are lost with size (rank correlation of success and size −.5 or below), "
        f"{word}: sizes given out at random give {percent(found.lost_null)} on average over "
        f"{found.orders:,} orders."
    )


def _table(found: Trajectories) -> Table:
    rows = tuple(
        (
            word,
            percents(seen),
            percent(null),
            points(excess),
            chance(p),
        )
        for word, seen, null, excess, p in (
            ("lost with size", found.lost, found.lost_null, found.lost_excess, found.lost_p),
            (
                "gained with size",
                found.gained,
                found.gained_null,
                found.gained_excess,
                found.gained_p,
            ),
        )
    )
    return Table(
        ("questions", "share", "by chance", "above chance", "p"),
        rows,
        (1, 2, 3, 4),
        f"Single questions over sizes; p cannot be below 1/{found.orders:,}.",
    )
