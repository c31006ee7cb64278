"""From a study to a document and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isoloss.report.answer import answer
from isoloss.report.data_figures import data_and_fit
from isoloss.report.held_figure import held_figure
from isoloss.report.iso_flop_figure import iso_flop_figure
from isoloss.report.model import Block, Document, Section, Text
from isoloss.report.path_figure import path_figure
from isoloss.report.repeat import repeat_section
from isoloss.report.residual_figures import residuals
from isoloss.report.sections import (
    certificate_section,
    held_section,
    law_section,
    plan_section,
    runs_section,
)
from isoloss.report.trust_sections import checklist_section, verdict_section

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

    from isoloss.report.study import Study


def compose(study: Study) -> tuple[Document, dict[str, PlotlyFigure]]:
    """The document, and every Plotly figure by the id of its panel."""
    figures: dict[str, PlotlyFigure] = {}

    def drawn(pair, missing: str) -> Block:
        if pair is None:
            return Text(missing)
        figures.update(pair[1])
        return pair[0]

    sections = [
        law_section(study),
        runs_section(study),
        Section("data-and-fit", "Data and fit", (drawn(data_and_fit(study), ""),)),
        Section("residuals", "Residuals", (drawn(residuals(study), ""),)),
    ]
    if study.plannable:
        missing = (
            "There is no best split of compute under this law, so there is nothing to draw here; "
            "the plan below says why."
        )
        sections += [
            Section("iso-flop", "Loss at fixed compute", (drawn(iso_flop_figure(study), missing),)),
            Section("path", "The path of the optimum", (drawn(path_figure(study), missing),)),
        ]
    sections += [certificate_section(study), verdict_section(study), plan_section(study)]
    if study.held is not None:
        sections.append(held_section(study, drawn(held_figure(study), "")))
    sections += [checklist_section(study), repeat_section(study)]
    return Document(study.title, answer(study), tuple(sections)), figures
