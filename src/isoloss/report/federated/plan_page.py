"""From plans to a document and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isoloss.federated.provenance import ARITHMETIC, together
from isoloss.federated.rho import DILOCO, FULL
from isoloss.report.errors.part import Part, part
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.clock_figure import clock_figure
from isoloss.report.federated.gap_figure import gap_figure
from isoloss.report.federated.losses_figure import losses_figure
from isoloss.report.federated.plan_parts import choice_part, lead, plan_part, source_part
from isoloss.report.federated.sizes_figure import sizes_figure
from isoloss.report.federated.traffic_figure import traffic_figure
from isoloss.report.federated.words import listed
from isoloss.report.model import Document

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

KICKER = "isoloss federated report"


def plan_page(asked: Asked, title: str | None) -> tuple[Document, dict[str, PlotlyFigure]]:
    """The document, and every Plotly figure by the id of its panel."""
    wanted: list[Part | None] = [
        plan_part(asked),
        choice_part(asked),
        part("sizes", "Best size against clients", sizes_figure(asked)),
        part("gap", "What sharing costs", gap_figure(asked)),
        part("losses", "Loss against size", losses_figure(asked)),
        _drawn("clock", "Where the time goes", clock_figure(asked)),
        _drawn("traffic", "What travels", traffic_figure(asked)),
        source_part(_tags(asked), asked.question | {"clients": _clients(asked)}),
    ]
    found = [one for one in wanted if one is not None]
    figures: dict[str, PlotlyFigure] = {}
    for one in found:
        figures |= one.figures
    sections = tuple(one.section for one in found)
    return Document(title or _title(asked), lead(asked), sections, KICKER), figures


def _drawn(id_: str, title: str, figure) -> Part | None:
    return None if figure is None else part(id_, title, figure)


def _tags(asked: Asked) -> set[str]:
    groups = [tags for plan in asked.plans for tags in plan.provenance.values()]
    # the figures show the reconstruction and DiLoCo's tables beside any law
    return set(together(*groups, FULL.provenance, DILOCO.provenance, (ARITHMETIC,)))


def _title(asked: Asked) -> str:
    word = "client" if _clients(asked) == "1" else "clients"
    return f"Training among {_clients(asked)} {word}"


def _clients(asked: Asked) -> str:
    return listed([f"{plan.clients:,}" for plan in asked.plans])
