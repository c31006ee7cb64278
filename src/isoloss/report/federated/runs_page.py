"""From best sizes in runs to a document and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from isoloss.federated import show_fit
from isoloss.federated.fit import FederatedFit
from isoloss.federated.provenance import RECONSTRUCTION, TABLE
from isoloss.federated.sweep.remarks import GOOD_SEEDS
from isoloss.report.errors.part import Part, part
from isoloss.report.federated.lowest_figure import lowest_figure
from isoloss.report.federated.plan_page import KICKER
from isoloss.report.federated.plan_parts import source_part
from isoloss.report.federated.runs_figure import POOR, runs_figure
from isoloss.report.federated.seen import Seen
from isoloss.report.federated.slope_figure import slope_figure
from isoloss.report.federated.words import count, loss, sentence
from isoloss.report.model import (
    Answer,
    Block,
    Document,
    Fact,
    Facts,
    Formula,
    Reason,
    Reasons,
    Table,
    Text,
)
from isoloss.report.numbers import scientific
from isoloss.trust.finding import CARE, STOP, USE, answer_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure


def runs_page(
    seen: Seen, *, law: Any = None, fit: FederatedFit | None = None, title: str | None = None
) -> tuple[Document, dict[str, PlotlyFigure]]:
    """The document, and every Plotly figure by the id of its panel."""
    wanted: list[Part | None] = [
        _part("runs", "Loss against size", runs_figure(seen), _missing(seen)),
        _part("slope", "Best size against clients", slope_figure(seen, law, fit), ""),
        _part("lowest", "Lowest loss", lowest_figure(seen), ""),
        fit_part(fit) if fit is not None else None,
        findings_part(seen, fit),
        source_part({*seen.provenance, RECONSTRUCTION, TABLE}, _asked(seen)),
    ]
    parts = [one for one in wanted if one is not None]
    figures: dict[str, PlotlyFigure] = {}
    for one in parts:
        figures |= one.figures
    sections = tuple(one.section for one in parts)
    heading = title or "Best sizes among clients, in runs"
    return Document(heading, lead(seen, fit), sections, KICKER), figures


def _part(id_: str, title: str, figure, missing: str) -> Part | None:
    if figure is None:
        return part(id_, title, Text(missing)) if missing else None
    return part(id_, title, figure)


def _missing(seen: Seen) -> str:
    return sentence(f"No best size can be read off: {seen.bound}")


def lead(seen: Seen, fit: FederatedFit | None) -> tuple[Block, ...]:
    """What a hurried reader reads."""
    facts = []
    if seen.gamma is not None:
        g = seen.gamma
        facts.append(Fact("gamma, direct", f"{g.value:.3f}", _between(seen, g.low, g.high)))
    if fit is not None:
        rho = fit.rho
        facts.append(Fact("rho, fitted", f"{rho.value:.3f}", _between(seen, rho.low, rho.high)))
    known = [o for o in seen.of(seen.groups[0]) if np.isfinite(o.best.value)] if seen.slices else []
    for one in dict.fromkeys((known[0], known[-1])) if known else ():
        sign = {1: "≥ ", -1: "≤ "}.get(one.side, "")
        low, high = one.best.low, one.best.high
        detail = (
            f"{count(low)} to {count(high)}, {100 * seen.level:g} %"
            if np.isfinite(low + high) and not one.side
            else "a bound"
            if one.side
            else "no interval"
        )
        facts.append(
            Fact(f"best size, K = {one.clients:,}", f"{sign}{count(one.best.value)}", detail)
        )
    if seen.loss_ratio is not None:
        r = seen.loss_ratio
        words = _between(seen, r.low, r.high)
        facts.append(Fact("lowest loss, last K over first", loss(r.value), words))
    blocks: list[Block] = [Answer(_answer(seen, fit), verdict(seen, fit), "the slope in K")]
    return (*blocks, Facts(tuple(facts))) if facts else tuple(blocks)


def _between(seen: Seen, low: float, high: float) -> str:
    if not np.isfinite(low + high):
        return "no interval"
    return f"{loss(low)} to {loss(high)}, {100 * seen.level:g} %"


def verdict(seen: Seen, fit: FederatedFit | None) -> str:
    """Whether the slope may be used."""
    if seen.gamma is None:
        parametric = fit is not None and fit.belief.which == "parametric"
        return CARE if parametric else STOP
    if seen.findings:
        return answer_of(seen.findings)
    poor = any(one.missed >= POOR for one in seen.slices)
    return CARE if poor or seen.seeds < GOOD_SEEDS else USE


def _answer(seen: Seen, fit: FederatedFit | None) -> str:
    if seen.gamma is not None:
        g = seen.gamma
        text = (
            f"At fixed {seen.held} the best size falls as K to the power −{g.value:.2f} "
            f"({100 * seen.level:g} %: −{g.high:.2f} to −{g.low:.2f}) in these runs."
            if g.value > 0
            else f"At fixed {seen.held} the best size does not fall with K in these runs: gamma is "
            f"{g.value:.2f} ({100 * seen.level:g} %: {g.low:.2f} to {g.high:.2f})."
        )
        text = text.replace("−-", "+")
    else:
        text = sentence(seen.refusal or "gamma is not quoted")
    if fit is not None:
        text += (
            f" The fitted law has rho = {show_fit.span(fit.rho)}; to believe: {fit.belief.which}."
        )
    return text


def fit_part(fit: FederatedFit) -> Part:
    """The fitted law: what it says about K, and what it leaves."""
    rows = tuple((name, value) for name, value in show_fit.slope_rows(fit))
    return part(
        "fit",
        "The fitted law",
        Formula(fit.fit.law),
        Table(("", "value"), rows, (), "How K matters"),
        Text(sentence(f"To believe: {fit.belief.which}; {fit.belief.why}")),
        Table(
            ("K", "runs", "mean residual", "root mean square"),
            tuple(show_fit.residual_table(fit)),
            (0, 1, 2, 3),
            "Residuals by K: ln law less ln seen",
        ),
        Text(sentence(f"Largest residuals: {show_fit.largest_line(fit)}"), "note"),
    )


def findings_part(seen: Seen, fit: FederatedFit | None) -> Part | None:
    """Reasons for care."""
    notes = [
        Text(sentence(f"{n.message} ({n.remedy})" if n.remedy else n.message), "note")
        for n in (fit.notices if fit is not None else ())
    ]
    if not seen.findings and not notes:
        return None
    reasons = tuple(Reason(f.severity, f.seen, f.why, f.remedy) for f in seen.findings)
    return part("care", "What to mind", Reasons(reasons) if reasons else None, *notes)


def _asked(seen: Seen) -> dict[str, object]:
    asked: dict[str, object] = {"runs": seen.title, "source": seen.source, "seeds": seen.seeds}
    if seen.compute is not None:
        whose = "each client" if seen.per_client else "all clients"
        asked["compute"] = f"{scientific(seen.compute)} FLOP, {whose}"
    return {**asked, "interval": f"{100 * seen.level:g} %", "best sizes": seen.method}
