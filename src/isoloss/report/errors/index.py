"""The page over several studies: an answer for each, a table of them, and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from isoloss.errors.study import ErrorStudy, answer
from isoloss.report.errors.compose import KICKER
from isoloss.report.errors.lead import about, title_of, verdict_of
from isoloss.report.errors.modes import mix_word
from isoloss.report.errors.part import Drawn, part
from isoloss.report.errors.studies_figure import studies_figure
from isoloss.report.errors.words import (
    clipped,
    ends,
    model_labels,
    shift,
)
from isoloss.report.model import Answer, Document, Section, Table, Text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure


def index(
    studies: Sequence[ErrorStudy], pages: Sequence[str], title: str
) -> tuple[Document, dict[str, PlotlyFigure]]:
    """The document and its figure.

    Args:
        studies: at least one.
        pages: name of each study's page.
        title: the heading.
    """
    sections = [
        Section(page, title_of(study), (_answer(study, page),))
        for study, page in zip(studies, pages, strict=True)
    ]
    figure: Drawn | None = studies_figure(studies) if len(studies) > 1 else None
    found = part(
        "studies",
        "Side by side",
        _table(studies, pages),
        figure,
        Text(
            "Families are never pooled: each is compared with itself, on questions that all of "
            "its models answered. Studies differ in models, questions and range of sizes, so "
            "their numbers stand side by side and are no ranking.",
            "note",
        ),
    )
    return Document(title, (), (*sections, found.section), KICKER), found.figures


def _answer(study: ErrorStudy, page: str) -> Answer:
    return Answer(clipped(answer(study), 6000), verdict_of(study), about(study), page)


def _table(studies: Sequence[ErrorStudy], pages: Sequence[str]) -> Table:
    rows = tuple(_row(study) for study in studies)
    return Table(
        (
            "study",
            "questions",
            "accuracy",
            "change, points",
            "verdict",
            "tasks",
            "mistakes",
        ),
        rows,
        (1, 2, 3, 5),
        "The studies: accuracy of the smallest and the largest model, the change with its "
        "interval over questions, and how many tasks are shown to get better and worse.",
        (4, 6),
        tuple(pages),
    )


def _row(study: ErrorStudy) -> tuple[str, ...]:
    labels = model_labels(study.grid.models)
    found = study.accuracy.overall
    if study.is_trend:
        words = [one.slope.verdict for one in study.accuracy.tasks]
        mix = mix_word(study.modes.overall) if study.modes else ""
    else:
        words = [one.verdict for one in study.contrast.tasks]
        mix = study.contrast.modes.verdict if study.contrast.modes else ""
    return (
        f"{title_of(study)}, {labels[0]} to {labels[-1]}",
        f"{study.grid.shape[1]:,}",
        ends(found.accuracy),
        shift(study.contrast.accuracy.change),
        verdict_of(study),
        _tasks(words),
        mix,
    )


def _tasks(words: list[str]) -> str:
    """Tasks up, down and open of all."""
    if len(words) < 2:
        return ""
    up = sum(word in ("improves", "better") for word in words)
    down = sum(word in ("worsens", "worse") for word in words)
    return f"+{up} −{down} of {len(words)}"
