"""One law as a page needs it: formula, numbers, draws, range of its runs, source.

A document `entry` (all amounts in base units: parameters, tokens, FLOP):

| key | holds |
|---|---|
| `key` | unique in a page: `hoffmann2022_a3`, `shukor2025_early_C:text`, `fit` |
| `name`, `formula`, `formula_html`, `formula_nodes`, `target`, `unit` | what it says |
| `variables` | `name`, `meaning`, `unit`, `log`, `low` and `high` (of its runs, or of its form) |
| `parameters` | `name`, `value`, `meaning` |
| `theta` | natural parameters, `rows` x `p`, base64 of little-endian float64; row 0 is the point |
| `level`, `basis` | of the intervals, and what the draws are made of |
| `directions` | how one may lie beyond the runs: `name`, `of` ([variable, power]), `low`, `high` |
| `evidence`, `cite`, `where`, `url`, `family` | what is known of it |
| `modality`, `pitfalls`, `setup`, `notices` | more of that |
| `runs` | columns of the runs, for a fit |
"""

from __future__ import annotations

import base64
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.exceptions import LawError
from isoloss.explore.formula import formula_nodes
from isoloss.fit import Fit
from isoloss.law import Law
from isoloss.law.published import Published
from isoloss.law.published.base import base_law, base_theta
from isoloss.law.published.evaluate import check_usable, remarks
from isoloss.plan.subject import LEVEL
from isoloss.report.formula import formula_html
from isoloss.runs.names import quantity_of

DRAWS = 400
_MOST_RUNS = 2000


def fit_entry(fit: Fit, key: str = "fit", *, draws: int = DRAWS) -> tuple[dict[str, Any], Law]:
    """A fit of one's own runs.

    Args:
        fit: the fit.
        key: its key in the page.
        draws: at most so many replicates; the first ones.

    Returns:
        The document, and the law that its numbers belong to.
    """
    law = fit.law
    theta = np.vstack([fit.point[None, :], fit.draws.good[:draws]])
    columns = fit.runs.columns
    spans = {
        v.name: (float(columns[v.name].min()), float(columns[v.name].max())) for v in law.variables
    }
    shown = min(len(fit.runs), _MOST_RUNS)
    document = _common(key, law.name, law, theta, spans)
    document |= {
        "kind": "fit",
        "unit": _unit(law.target),
        "level": fit.level,
        "basis": f"{len(theta) - 1} {fit.draws.kind} replicates of {len(fit.runs)} runs",
        "directions": _directions(fit),
        "evidence": "your runs",
        "cite": fit.runs.source,
        "pitfalls": [],
        "notices": [notice.message for notice in fit.notices],
        "certified": bool(fit.certificate.certified),
        "runs": {
            name: [float(value) for value in columns[name][:shown]]
            for name in (*law.variable_names, fit.runs.target)
            if name in columns
        }
        | {"$target": fit.runs.target, "$count": len(fit.runs)},
    }
    return document, law


def published_entry(
    entry: Published, coefficients: str | None = None, *, draws: int = DRAWS
) -> tuple[dict[str, Any], Law]:
    """A published law with one set of its numbers.

    Raises:
        LawError: its numbers are missing or not to be relied on, or it takes too many inputs.
    """
    chosen = entry.coefficients(coefficients)
    check_usable(entry, chosen, any_evidence=False)
    law = base_law(entry, chosen, tuple(chosen.inputs), {})
    theta, basis = base_theta(entry, chosen, law)
    key = entry.id if chosen.name == entry.default else f"{entry.id}:{chosen.name}"
    title = entry.name
    if chosen.name != entry.default:
        title = f"{entry.name}, {chosen.title or chosen.name}"
    spans, fitted = {}, []
    for name, known in chosen.inputs.items():
        if known.range is not None:
            low, high = (edge * known.factor for edge in known.range)
            spans[name] = (low, high)
            fitted.append({"name": name, "of": [[name, 1]], "low": low, "high": high})
    document = _common(key, title, law, theta[: draws + 1], spans)
    source = entry.sources[0] if entry.sources else None
    document |= {
        "kind": "published",
        "set": chosen.name,
        "unit": chosen.measure,
        "level": LEVEL,
        "basis": basis,
        "directions": fitted,
        "evidence": chosen.evidence,
        "cite": source.cite if source else "",
        "where": source.where if source else "",
        "url": source.url if source else "",
        "family": entry.family,
        "modality": list(entry.modality),
        "setup": dict(entry.setup),
        "pitfalls": list(entry.pitfalls),
        "notices": [notice.message for notice in remarks(chosen, basis)],
    }
    for variable in document["variables"]:
        known = chosen.inputs[variable["name"]]
        base = known.factor == 1.0 and known.unit
        # GMACs and accelerator-days are amounts of their own, whatever the letter is
        variable["unit"] = known.measured_in or base or _unit(variable["name"])
        variable["counts"] = known.counts
        variable["meaning"] = known.meaning or variable["meaning"]
    return document, law


def _common(
    key: str, name: str, law: Law, theta: np.ndarray, spans: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    natural = law.natural(theta)
    if not np.isfinite(natural).all():
        raise LawError(f"'{key}' has numbers that are not finite, so a page cannot show it")
    variables = []
    for variable in law.variables:
        low, high = spans.get(variable.name) or variable.range or _wide(variable.name, variable.log)
        variables.append(
            {
                "name": variable.name,
                "meaning": variable.meaning,
                "unit": _unit(variable.name),
                "log": bool(variable.log and low > 0),
                "low": low,
                "high": high,
                "known": variable.name in spans,
                "share": variable.share,
                "over": variable.over,
            }
        )
    return {
        "key": key,
        "name": name,
        "formula": f"{law.target} = {law.formula}",
        "formula_html": formula_html(law),
        "formula_nodes": formula_nodes(law),
        "target": law.target,
        "variables": variables,
        "parameters": [
            {"name": p.name, "value": float(value), "meaning": p.meaning}
            for p, value in zip(law.parameters, natural[0], strict=True)
        ],
        "theta": {"rows": len(natural), "data": pack(natural)},
    }


def pack(values: np.ndarray) -> str:
    """Numbers as base64 of little-endian float64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")


def _directions(fit: Fit) -> list[dict[str, Any]]:
    """Those of `trust.locate`: every input, and products and ratios of two on a log scale."""
    columns, found = fit.runs.columns, []

    def add(name: str, powers: list[list[Any]]) -> None:
        logs = sum(power * np.log(columns[n]) for n, power in powers)
        found.append(
            {
                "name": name,
                "of": powers,
                "low": float(np.exp(np.min(logs))),
                "high": float(np.exp(np.max(logs))),
            }
        )

    for variable in fit.law.variables:
        if variable.log:
            add(variable.name, [[variable.name, 1]])
        else:
            seen = columns[variable.name]
            found.append(
                {
                    "name": variable.name,
                    "of": [[variable.name, 1]],
                    "low": float(seen.min()),
                    "high": float(seen.max()),
                    "linear": True,
                }
            )
    logs = [v.name for v in fit.law.variables if v.log]
    for left, right in combinations(logs, 2):
        add(f"{left}*{right}", [[left, 1], [right, 1]])
        add(f"{right}/{left}", [[right, 1], [left, -1]])
    return found


def _unit(name: str) -> str:
    kind = quantity_of(name)
    return kind.unit if kind else ""


def _wide(name: str, log: bool) -> tuple[float, float]:
    """A span for a control where nothing is known."""
    kind = quantity_of(name)
    spans = {"parameters": (1e6, 1e12), "data": (1e8, 1e14), "compute": (1e17, 1e26)}
    if kind is not None and kind.dimension in spans:
        return spans[kind.dimension]
    return (1.0, 1e3) if log else (0.0, 1.0)
