"""How a sweep's analysis prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from isoloss.fit import Estimate

if TYPE_CHECKING:
    from isoloss.federated.sweep.analyse import Analysis

HEAD = ("K", "N_opt", "90 %", "lowest loss", "90 %", "width", "rate", "")


def rows(analysis: Analysis) -> list[tuple[str, ...]]:
    """A row a number of clients, under `HEAD`."""
    return [
        (
            str(o.clients),
            f"{'>= ' if o.side > 0 else '<= ' if o.side < 0 else ''}{o.size.value:.4g}",
            _span(o.size, "{:.3g}"),
            f"{o.loss.value:.4f}",
            _span(o.loss, "{:.4f}"),
            str(o.width),
            f"{o.rate:g}",
            "at an edge" if o.edges else "",
        )
        for o in analysis.optima
    ]


def question(analysis: Analysis) -> str:
    """What was trained."""
    s = analysis.shared
    split = (
        "data drawn alike"
        if s["dirichlet_alpha"] is None
        else f"split by Dirichlet({s['dirichlet_alpha']:g})"
    )
    whose = "of all clients together" if s["mode"] == "total" else "of each client"
    return (
        f"{s['task']}, {split}, C = {s['compute']:g} FLOP {whose}, {s['local_steps']} local "
        f"steps, {analysis.seeds} seeds, engine {s['engine']}"
    )


def answers(analysis: Analysis, *, tagged: bool = True) -> list[tuple[str, str]]:
    """Label and text of what the sweep says, each with where it comes from if `tagged`."""
    tag = f"   [{', '.join(analysis.provenance)}]" if tagged else ""
    held = "total compute" if analysis.shared["mode"] == "total" else "compute a client"
    lines = []
    if analysis.gamma is not None:
        lines.append(("gamma", f"{_full(analysis.gamma)} at fixed {held}{tag}"))
    else:
        lines.append(("gamma", f"{analysis.bound}{tag}"))
    first, last = analysis.optima[0], analysis.optima[-1]
    if analysis.size_ratio is not None and not (first.edges or last.edges):
        named = f"N_opt({last.clients})/N_opt({first.clients})"
        lines.append(("size", f"{named} = {_full(analysis.size_ratio)}{tag}"))
    if analysis.loss_ratio is not None:
        named = f"lowest loss at K = {last.clients} over K = {first.clients}"
        lines.append(("loss", f"{named}: {_full(analysis.loss_ratio)}{tag}"))
    return lines


def text(analysis: Analysis) -> str:
    """The analysis in a few lines."""
    lines = [f"federated sweep: {question(analysis)}"]
    lines += _aligned([HEAD, *rows(analysis)])
    lines += [f"{label:<8}  {words}" for label, words in answers(analysis)]
    lines += [f"{f.severity:<8}  {f.code}: {f.seen}; {f.remedy}" for f in analysis.findings]
    return "\n".join(lines)


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        "  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _span(estimate: Estimate, form: str) -> str:
    return f"{form.format(estimate.low)} to {form.format(estimate.high)}"


def _full(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} (90 %: {estimate.low:.2f} to {estimate.high:.2f})"
