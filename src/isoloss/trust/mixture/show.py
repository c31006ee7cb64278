"""Mixtures and comparisons as text and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from isoloss.trust.mixture.compare import Comparison
    from isoloss.trust.mixture.mixture import MixturePrediction

# more points than this are left to the document
MOST_POINTS = 12


def prediction_document(found: MixturePrediction) -> dict[str, Any]:
    """Plain data: one record a point, the members, the backtests, the findings."""
    return {
        "target": found.target,
        "level": found.level,
        "method": found.method,
        "answer": found.answer,
        "predictions": [
            {name: float(values[i]) for name, values in found.inputs.items()}
            | {
                "value": float(found.value[i]),
                "low": float(found.low[i]),
                "high": float(found.high[i]),
                "beyond_decades": float(found.beyond[i]),
                "variance": {name: float(v[i]) for name, v in found.variance.items()},
                "naive": {name: float(v[i]) for name, v in found.naive.items()},
            }
            for i in range(len(found.value))
        ],
        "members": [
            {
                "form": share.form,
                "formula": share.formula,
                "memory": share.memory,
                "weight": share.weight,
                "residual": share.residual,
                "values": [float(v) for v in share.value],
            }
            for share in found.shares
        ],
        "weights": found.weights,
        "backtests": [
            {
                "seen": b.seen,
                "asked": b.asked,
                "beyond_decades": b.beyond,
                "error": b.error,
                "coverage": b.coverage,
                "naive": dict(b.naive),
            }
            for b in found.backtests
        ],
        "findings": [vars(finding) for finding in found.findings],
    }


def prediction_text(found: MixturePrediction) -> str:
    """For a person: points, where the uncertainty comes from, forms, backtests, verdict."""
    lines = [f"{found.target} by a mixture of forms, {100 * found.level:g} % intervals"]
    names = list(found.inputs)
    head = [*names, found.target, "low", "high", "beyond", "form", "param.", "resid.", "drift"]
    body = []
    for i in range(min(len(found.value), MOST_POINTS)):
        share = [
            found.variance[part][i] / found.variance["total"][i]
            for part in ("form", "parameter", "residual", "drift")
        ]
        body.append(
            [f"{found.inputs[name][i]:.4g}" for name in names]
            + [f"{v[i]:.4f}" for v in (found.value, found.low, found.high)]
            + [f"{found.beyond[i]:.1f} dec"]
            + [f"{100 * s:.0f} %" for s in share]
        )
    lines += table(head, body)
    if len(found.value) > MOST_POINTS:
        lines.append(f"... and {len(found.value) - MOST_POINTS} points more")
    lines.append("form to drift: shares of the variance")
    lines.append(f"interval: {found.method}")
    lines.append(
        "without a law: "
        + ", ".join(f"{name} {values[0]:.4f}" for name, values in found.naive.items())
        + (" (first point)" if len(found.value) > 1 else "")
    )
    lines.append("weights: " + ", ".join(f"{k} {100 * w:.0f} %" for k, w in found.weights.items()))
    if found.backtests:
        naive = list(found.backtests[0].naive)
        head = ["seen", "asked", "beyond", "mixture", *naive, "inside"]
        body = [
            [
                str(b.seen),
                str(b.asked),
                f"{b.beyond:.1f} dec",
                f"{100 * b.error:.2f} %",
                *(f"{100 * b.naive[name]:.2f} %" for name in naive),
                f"{100 * b.coverage:.0f} %",
            ]
            for b in found.backtests
        ]
        lines += ["backtests inside the runs (root mean square error):", *table(head, body)]
    lines.append(f"verdict: {found.answer}")
    for finding in found.findings:
        lines.append(f"[{finding.severity}] {finding.seen}")
        lines.append(f"    why: {finding.why}")
        lines.append(f"    do:  {finding.remedy}")
    return "\n".join(lines)


def comparison_document(found: Comparison) -> dict[str, Any]:
    """Plain data."""
    return {
        "target": found.target,
        "level": found.level,
        "winner": found.winner.name if found.winner else None,
        "ties": list(found.ties),
        "failed": list(found.failed),
        "folds": [
            {"rule": rule, "seen": seen, "asked": asked, "beyond_decades": beyond}
            for rule, seen, asked, beyond in found.folds
        ],
        "rows": [vars(row) | {"errors": list(row.errors)} for row in found.rows],
    }


def comparison_text(found: Comparison) -> str:
    """For a person."""
    asked = any(row.value is not None for row in found.rows)
    head = ["", "kind", "par.", "error", "inside", "dAICc", "dBIC", "p", "verdict"]
    head += [found.target, "low", "high"] if asked else []
    body = []
    for row in found.rows:
        cells = [
            row.name,
            row.kind,
            str(row.parameters or ""),
            f"{100 * row.error:.2f} %",
            _number(100 * row.coverage, ".0f", " %"),
            _number(row.aicc, ".1f"),
            _number(row.bic, ".1f"),
            _number(row.p, ".2g"),
            row.verdict,
        ]
        if asked:
            cells += [_number(v, ".4f") for v in (row.value, row.low, row.high)]
        body.append(cells)
    furthest = max(beyond for *_, beyond in found.folds)
    lines = [
        f"{found.target}: forms by their error in {len(found.folds)} backtests, up to "
        f"{furthest:.1f} decades ahead",
        *table(head, body),
    ]
    if found.winner is not None:
        lines.append(f"{found.winner.name} foretells better than every other form here")
    else:
        lines.append(f"not shown to be worse than the best: {', '.join(found.ties[1:])}")
    if found.failed:
        lines.append(f"could not be fitted in every backtest: {', '.join(found.failed)}")
    lines.append("AICc and BIC are of the fit to all runs, and say nothing of scale beyond them")
    return "\n".join(lines)


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:{form}}{unit}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns set side by side, the first to the left."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, *rows):
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([first, *rest]).rstrip())
    return lines
