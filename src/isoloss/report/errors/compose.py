"""From a study to a document and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.accuracy import accuracy_part
from isoloss.report.errors.agreement import agreement_part
from isoloss.report.errors.background import background_part
from isoloss.report.errors.change import change_part
from isoloss.report.errors.flips import flips_part
from isoloss.report.errors.lead import lead, reach_part, title_of
from isoloss.report.errors.modes import modes_part
from isoloss.report.errors.part import Part
from isoloss.report.errors.questions import questions_part
from isoloss.report.errors.repeat import repeat_part
from isoloss.report.errors.seeing import seeing_part
from isoloss.report.model import Document

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

KICKER = "isoloss errors report"

Maker = Callable[[ErrorStudy, Mapping[str, str]], Part | str]


def _plain(make: Callable[[ErrorStudy], Part | str]) -> Maker:
    """Of a section without failure modes."""
    return lambda study, _: make(study)


# in the order of the page; a text in place of a section says why there is none
_PARTS: tuple[tuple[str, Maker], ...] = (
    ("what these answers can show", _plain(reach_part)),
    ("accuracy", _plain(accuracy_part)),
    ("which mistakes", modes_part),
    ("what the change is made of", _plain(change_part)),
    ("seeing and saying", _plain(seeing_part)),
    ("what is lost on the way", _plain(flips_part)),
    ("do they fail alike", _plain(agreement_part)),
    ("questions to look at", _plain(questions_part)),
    ("what lies behind", _plain(background_part)),
)


def compose(
    study: ErrorStudy, home: str, colours: Mapping[str, str]
) -> tuple[Document, dict[str, PlotlyFigure]]:
    """The document, and every Plotly figure by the id of its panel.

    Args:
        study: what is told.
        home: name of the page over all studies.
        colours: of failure modes.
    """
    sections, figures = [], {}
    left_out: list[tuple[str, str]] = []
    for title, make in _PARTS:
        found = make(study, colours)
        if isinstance(found, str):
            left_out.append((title, found))
        else:
            sections.append(found.section)
            figures |= found.figures
    last = repeat_part(study, left_out)
    sections.append(last.section)
    return Document(title_of(study), lead(study), tuple(sections), KICKER, home), figures
