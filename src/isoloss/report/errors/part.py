"""A section with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.words import clipped, named
from isoloss.report.model import Block, Figure, Fold, Section, Table, Text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

Drawn = tuple[Figure, dict[str, "PlotlyFigure"]]

# rows of a table on a page
MOST_ROWS = 150


@dataclass(frozen=True)
class Part:
    """A section, and every Plotly figure of it by the id of its panel."""

    section: Section
    figures: dict[str, PlotlyFigure]


def part(id_: str, title: str, *pieces: Block | Drawn | None) -> Part:
    """Put a section together; None is left out."""
    blocks: list[Block] = []
    figures: dict[str, PlotlyFigure] = {}
    for piece in pieces:
        if isinstance(piece, tuple):
            blocks.append(piece[0])
            figures.update(piece[1])
        elif piece is not None:
            blocks.append(piece)
    return Part(Section(id_, title, tuple(blocks)), figures)


def capped(table: Table, most: int = MOST_ROWS) -> Table:
    """The first rows of a long table, whose title then says so."""
    left = len(table.rows) - most
    if left <= 0:
        return table
    title = f"{table.title} The first {most:,} of {len(table.rows):,} rows; report.json has all."
    return Table(
        table.columns, table.rows[:most], table.numeric, title, table.verdicts, table.pages[:most]
    )


def packaged(study: ErrorStudy) -> tuple[Block, ...]:
    """What stands under every trend: what else changes with size."""
    found = study.confounding
    wording = Text(clipped(found.wording, 2000), "note")
    if not found.covariates:
        return (wording,)
    rows = tuple(
        (
            named(one.name),
            *(clipped(value, 80) or "not given" for value in one.values),
            "" if not one.changes else "changes" if one.separable else "changes at every step",
        )
        for one in found.covariates
    )
    table = Table(
        ("", *(clipped(name, 40) for name in found.models), "with size"),
        rows,
        (),
        "Size as packaged: what else changes.",
    )
    return (wording, Fold("What else changes with size", (table,)))
