"""How the direct slope prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isoloss.federated.provenance import RUNS
from isoloss.federated.show_fit import span

if TYPE_CHECKING:
    from isoloss.federated.direct import Direct

HEAD = ("C", "group", "K", "N_opt", "lowest loss", "")
_WORDS = {
    "inside": "",
    "below": "at or below the smallest size",
    "above": "at or above the largest size",
    "none": "losses do not bend upwards",
}


def point_rows(direct: Direct) -> list[tuple[str, ...]]:
    """A row a budget, group of equal conditions and number of clients, under `HEAD`."""
    rows = []
    for p in direct.points:
        remark = _WORDS[p.side]
        if p.rate_at_edge:
            remark = "; ".join(filter(None, (remark, "a learning rate at the end of its grid")))
        rows.append(
            (
                f"{p.budget:.3g}",
                str(p.condition + 1),
                f"{p.clients:g}",
                f"{p.size:.4g}",
                f"{p.loss:.4f}",
                remark,
            )
        )
    return rows


def slope_rows(direct: Direct) -> list[tuple[str, str]]:
    """Label and number of every slope; what can be said where gamma is not quoted."""
    d = direct
    rows = [("gamma", span(d.gamma) if d.gamma else d.bound)]
    for label, found in (
        ("at fixed C/K", d.per_client),
        ("loss ratio", d.loss_ratio),
        ("bend", d.curvature),
    ):
        if found is not None:
            more = ", lowest at the largest K over the smallest" if found is d.loss_ratio else ""
            rows.append((label, span(found) + more))
    return rows


def rests_line(direct: Direct) -> str:
    """What intervals are made of."""
    what = f"{direct.seeds} seeds" if direct.kind == "seeds" else "residuals of the parabolas"
    return f"{100 * direct.level:g} % intervals from redrawn {what}   [{RUNS}]"


def text(direct: Direct) -> str:
    """The slope in a few lines."""
    rows = [HEAD, *point_rows(direct)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["best size by number of clients, with no law in between"]
    lines += [
        "  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"{label:<12}  {value}" for label, value in slope_rows(direct)]
    return "\n".join([*lines, rests_line(direct)])
