"""What a page shows of a fit: certificate, parameters, residuals, and whether to trust it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from isoloss.exceptions import IsolossError
from isoloss.explore.entry import fit_entry
from isoloss.fit import Fit
from isoloss.fit import show as words
from isoloss.law import Law

_MOST_RUNS = 2000


def shown_fit(fit: Fit, key: str) -> tuple[dict[str, Any], Law]:
    """A fit as plain data.

    Args:
        fit: the fit.
        key: its key in the page.

    Returns:
        The document, and the law that its entry belongs to.
    """
    entry, law = fit_entry(fit, key)
    entry["name"] = f"{fit.law.name}, {Path(fit.runs.source).name}"
    # the name under which a page saves it
    entry["file"] = "fit.json"
    document = {
        "entry": entry,
        "runs": repr(fit.runs).removeprefix("<Runs: ").removesuffix(">"),
        "certificate": fit.certificate.to_document() | {"line": words.certificate_line(fit)},
        "objective": words.objective_line(fit),
        "draws": words.draws_line(fit),
        "level": fit.level,
        "parameters": [
            dict(zip(("name", "value", "interval", "se", "meaning"), row, strict=True))
            for row in words.rows(fit)
        ],
        "verdict": _verdict(fit),
        "left": _left(fit),
        "notices": [notice.to_document() for notice in (*fit.runs.notices, *fit.notices)],
    }
    return document, law


def _verdict(fit: Fit) -> dict[str, Any]:
    """In general; a plan says where its own point lies."""
    try:
        verdict = fit.trust()
    except IsolossError as error:
        return {"answer": "", "findings": [], "message": str(error)}
    found = verdict.to_document()
    return {"answer": found["answer"], "findings": found["findings"], "message": ""}


def _left(fit: Fit) -> dict[str, Any]:
    """Residuals of the runs, measured against predicted, with the rows that they stand in."""
    residuals = -fit.residuals
    kept = np.arange(len(residuals))
    if len(kept) > _MOST_RUNS:
        # the largest are always among those shown
        order = np.argsort(-np.abs(residuals), kind="stable")
        rest = order[_MOST_RUNS // 4 :]
        step = len(rest) / (_MOST_RUNS - _MOST_RUNS // 4)
        chosen = rest[(np.arange(_MOST_RUNS - _MOST_RUNS // 4) * step).astype(int)]
        kept = np.sort(np.concatenate([order[: _MOST_RUNS // 4], chosen]))
    columns = {name: fit.runs.columns[name][kept] for name in fit.law.variable_names}
    return {
        "log": fit.objective.is_log,
        "target": fit.law.target,
        "count": len(residuals),
        "word": fit.runs.word,
        "rows": fit.runs.rows[kept].tolist(),
        "residual": residuals[kept].tolist(),
        "predicted": fit.at(**fit.runs.columns)[0][kept].tolist(),
        "measured": fit.runs.columns[fit.law.target][kept].tolist(),
        "columns": {name: values.tolist() for name, values in columns.items()},
    }
