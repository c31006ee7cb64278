"""What to expect at a point: the law's word beside that of a backtested mixture of forms.

A law's own interval holds if its form does. The mixture's interval counts the forms against each
other, so where the two part, the form is what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import FitError, InputError
from isoloss.fit import Fit
from isoloss.trust.finding import Finding

PARTS = {"form": "forms", "parameter": "parameters", "residual": "single runs", "drift": "drift"}
# of the mixture's findings, those that the checks of a fit do not make themselves
OWN = (
    "regime-change",
    "beyond-backtests",
    "no-backtest",
    "missed-in-backtests",
    "naive-wins",
    "one-line",
)


@dataclass(frozen=True)
class Expectation:
    """One more run at a point.

    Attributes:
        target: what is foretold.
        law, law_low, law_high: by the fitted law, with the interval of one more run.
        value, low, high: by the mixture.
        level: nominal coverage of both intervals.
        shares: of the mixture's variance: form, parameter, residual, drift.
        weights: of the forms in the mixture.
        naive: forecasts without a law.
        errors: root mean square errors of the backtests, for the mixture and each naive forecast.
        tested: how many backtests there were, and how many decades they looked ahead.
        findings: what the law and the mixture together show.
    """

    target: str
    law: float
    law_low: float
    law_high: float
    value: float
    low: float
    high: float
    level: float
    shares: Mapping[str, float]
    weights: Mapping[str, float]
    naive: Mapping[str, float]
    errors: Mapping[str, float]
    tested: tuple[int, float]
    findings: tuple[Finding, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        document = vars(self) | {
            "tested": {"backtests": self.tested[0], "decades": self.tested[1]},
            "findings": [vars(finding) for finding in self.findings],
        }
        return {k: dict(v) if isinstance(v, Mapping) else v for k, v in document.items()}

    def lines(self) -> list[tuple[str, str]]:
        """Labelled lines for a person."""
        level = f"{100 * self.level:g} %"
        parts = ", ".join(
            f"{PARTS[name]} {100 * share:.0f} %"
            for name, share in self.shares.items()
            if share >= 0.005
        )
        heavy = [(name, w) for name, w in self.weights.items() if w >= 0.05]
        forms = ", ".join(f"{name} {100 * w:.0f} %" for name, w in heavy)
        found = [
            (
                "this law",
                f"{self.target} {self.law:.4g}, one more run {self.law_low:.4g} to "
                f"{self.law_high:.4g} ({level}, if the form is right)",
            ),
            (
                "all forms",
                f"{self.target} {self.value:.4g}, one more run {self.low:.4g} to {self.high:.4g} "
                f"({level}; of the variance {parts}); weights {forms}",
            ),
        ]
        if self.errors:
            count, decades = self.tested
            errors = ", ".join(f"{name} {100 * e:.2g} %" for name, e in self.errors.items())
            found.append(
                (
                    "backtests",
                    f"{count} inside the runs, up to {decades:.1f} decades ahead: {errors}",
                )
            )
        return found


def expect(fit: Fit, at: Mapping[str, float]) -> Expectation | None:
    """The law and the mixture at a point; None where the runs allow no mixture.

    Args:
        fit: a law fitted to runs.
        at: a value for every variable of the law.
    """
    from isoloss.trust.mixture import predict_mixture

    names = fit.law.variable_names
    if any(name not in fit.runs.columns or len(set(fit.runs.columns[name])) < 2 for name in names):
        return None
    point = {name: float(at[name]) for name in names}
    try:
        mixed = predict_mixture(fit.runs, point, inputs=names, level=fit.level)
    except (InputError, FitError):
        # too few runs, or a target that has no logarithm: the checks speak of both
        return None
    own = fit.predict({name: [value] for name, value in point.items()})
    tests = mixed.backtests
    errors = {"mixture": _mean([b.error for b in tests])} if tests else {}
    errors |= {name: _mean([b.naive[name] for b in tests]) for name in mixed.naive if tests}
    total = float(mixed.variance["total"][0])
    found = Expectation(
        fit.law.target,
        float(own.value[0]),
        float(own.run_low[0]),
        float(own.run_high[0]),
        float(mixed.value[0]),
        float(mixed.low[0]),
        float(mixed.high[0]),
        fit.level,
        {part: float(mixed.variance[part][0]) / total for part in PARTS},
        mixed.weights,
        {name: float(values[0]) for name, values in mixed.naive.items()},
        errors,
        (len(tests), max((b.beyond for b in tests), default=0.0)),
        tuple(finding for finding in mixed.findings if finding.code in OWN),
    )
    return _with_disagreement(found, fit)


def _mean(errors: list[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(errors, 1e-9)))))


def _with_disagreement(found: Expectation, fit: Fit) -> Expectation:
    if found.low <= found.law <= found.high:
        return found
    way = "low" if found.law < found.low else "high"
    finding = Finding(
        "form-disagrees",
        "care",
        f"'{fit.law.id}' foretells {found.law:.4g}, too {way} for what forms weighted by their "
        f"backtests say: {found.value:.4g}, {found.low:.4g} to {found.high:.4g}",
        "on these runs other forms foretold the larger runs better, and they part from this one "
        "at the point",
        "see which with `isoloss compare`, and take the interval of all forms",
    )
    return replace(found, findings=(*found.findings, finding))
