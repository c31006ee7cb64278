"""Forms ranked on one's own runs: by what they foretell of the largest ones, hidden from them.

How well a form fits the runs that it has seen says little: a more flexible form always fits better.
So every form is fitted to the smaller runs and asked for the largest fifth by compute. The
corrected Akaike criterion of the whole fit stands beside it: twice the negative log-likelihood of
the residuals, plus a price for each parameter. Residuals of a robust objective are taken as
Laplace-distributed, those of least squares as Gaussian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError, IsolossError
from isoloss.fit import Fit
from isoloss.law import Law, find_law, forms
from isoloss.runs import Runs

HIDDEN = 0.2


@dataclass(frozen=True)
class Ranked:
    """One form on one table of runs.

    Attributes:
        law: the form.
        hidden_error: root mean square relative error on the hidden runs; NaN where it failed.
        seen_error: the same on all runs, fitted to all.
        aicc: corrected Akaike criterion of the fit to all runs, against the lowest one.
        certified: whether the fit to all runs is certified.
        refused: why it could not be fitted; empty otherwise.
    """

    law: Law
    hidden_error: float
    seen_error: float
    aicc: float
    certified: bool
    refused: str = ""

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "law": self.law.id,
            "formula": self.law.formula,
            "parameters": len(self.law.parameters),
            "hidden_error": self.hidden_error,
            "seen_error": self.seen_error,
            "aicc": self.aicc,
            "certified": self.certified,
            "refused": self.refused or None,
        }


@dataclass(frozen=True)
class Ranking:
    """Forms from the best to the worst on hidden runs.

    Attributes:
        rows: one for each form.
        hidden: how many runs were hidden.
        runs: how many there are.
        beyond: how far the hidden runs go, as a factor over the largest run that was seen.
    """

    rows: tuple[Ranked, ...]
    hidden: int
    runs: int
    beyond: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "hidden": self.hidden,
            "runs": self.runs,
            "beyond": self.beyond,
            "ranking": [row.to_document() for row in self.rows],
        }


def choose(text: str, runs: Runs) -> list[Law]:
    """Laws by a family, `all`, or names with commas between; those that the runs have inputs for.

    A form of one variable is taken over compute where the runs have it, or else over its own.

    Raises:
        InputError: none of them fits the runs.
    """
    known = forms()
    families = {law.family for law in known.values()}
    if text in families or text == "all":
        asked = [law for law in known.values() if text in ("all", law.family)]
        found = [_over(law, runs) for law in asked if law.target == runs.target]
        found = [law for law in found if set(law.variable_names) <= set(runs.columns)]
    else:
        found = [find_law(name, variables=runs.inputs, target=runs.target) for name in _split(text)]
    if not found:
        raise InputError(
            f"no law of '{text}' has the target {runs.target} and inputs among "
            f"{', '.join(runs.inputs)}"
        )
    return found


def _split(text: str) -> list[str]:
    """Names between commas that stand outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _over(law: Law, runs: Runs) -> Law:
    """A one-variable form over compute where there is some."""
    if len(law.variables) == 1 and "C" in runs.columns and law.variable_names == ("N",):
        return law.over("C")
    return law


def rank(
    laws: Iterable[Law | str],
    runs: Runs,
    *,
    hidden: float = HIDDEN,
    objective: str = "huber-log",
    seed: int = 0,
) -> Ranking:
    """Rank forms on runs.

    Args:
        laws: forms, names or formulas.
        runs: what was trained.
        hidden: share of the runs, the largest by compute, that is kept from the fits.
        objective: of every fit; see `isoloss.fit.Objective`.
        seed: of the starting points.

    Raises:
        InputError: a share outside of 0 to 1, or too few runs.
    """
    if not 0 < hidden < 1:
        raise InputError(f"hidden is a share between 0 and 1, got {hidden:g}")
    size = scale_of(runs)
    order = np.argsort(size, kind="stable")
    kept = len(runs) - max(1, round(hidden * len(runs)))
    seen = np.zeros(len(runs), dtype=bool)
    seen[order[:kept]] = True
    if kept < 3:
        raise InputError(f"{len(runs)} runs are too few to hide some and fit the others")
    small, large = runs.select(seen), runs.select(~seen)
    rows = [_ranked(find_law(law), runs, small, large, objective, seed) for law in laws]
    best = min((row.aicc for row in rows if math.isfinite(row.aicc)), default=0.0)
    rows = [Ranked(**{**vars(row), "aicc": row.aicc - best}) for row in rows]
    rows.sort(key=lambda row: (math.isnan(row.hidden_error), row.hidden_error))
    beyond = float(size[~seen].max() / size[seen].max())
    return Ranking(tuple(rows), len(large), len(runs), beyond)


def scale_of(runs: Runs) -> np.ndarray:
    """By what runs are called large: compute, else size times data, else the first input."""
    columns = runs.columns
    if "C" in columns:
        return np.asarray(columns["C"], dtype=float)
    if "N" in columns and "D" in columns:
        return np.asarray(columns["N"] * columns["D"], dtype=float)
    return np.asarray(columns[runs.inputs[0]], dtype=float)


def _ranked(law: Law, runs: Runs, small: Runs, large: Runs, objective: str, seed: int) -> Ranked:
    nothing = float("nan")
    try:
        whole = law.fit(runs, objective=objective, draws=0, seed=seed)
        part = law.fit(small, objective=objective, draws=0, seed=seed)
    except IsolossError as error:
        return Ranked(law, nothing, nothing, nothing, False, str(error))
    return Ranked(
        law,
        _error(part, large),
        _error(whole, runs),
        _aicc(whole, runs),
        whole.certificate.certified,
    )


def _residuals(fit: Fit, runs: Runs) -> np.ndarray:
    """Residuals on the scale of the objective: logarithms, or plain differences."""
    found = fit.at(**{name: runs.columns[name] for name in fit.law.variable_names})[0]
    with np.errstate(all="ignore"):
        return fit.objective.residual(found, fit.objective.transform(runs.columns[runs.target]))


def _error(fit: Fit, runs: Runs) -> float:
    left = _residuals(fit, runs)
    if not fit.objective.is_log:
        left = left / np.abs(runs.columns[runs.target])
    value = float(np.sqrt(np.mean(np.square(left))))
    return value if math.isfinite(value) else float("inf")


def _aicc(fit: Fit, runs: Runs) -> float:
    left = _residuals(fit, runs)
    n, k = len(left), len(fit.law.parameters) + 1
    if n <= k + 1:
        return float("inf")
    tiny = 1e-300
    spread = np.mean(np.abs(left)) if fit.objective.is_robust else np.sqrt(np.mean(left**2))
    return float(2 * n * np.log(max(float(spread), tiny)) + 2 * k + 2 * k * (k + 1) / (n - k - 1))
