"""The answer of the automatic procedure, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isoloss.trust.auto.signature import Signature
from isoloss.trust.auto.words import Compact
from isoloss.trust.verdict import Finding


@dataclass(frozen=True)
class Member:
    """One candidate of the ensemble.

    Attributes:
        name: form, mode, weights.
        share: of the forecast.
        nmse: geometric mean over the backtests.
    """

    name: str
    share: float
    nmse: float


@dataclass(frozen=True)
class Backtest:
    """What one way of hiding rows said of the ensemble.

    Attributes:
        name: what was hidden.
        hidden: how many points.
        nmse: squared error over the variance of the hidden points.
    """

    name: str
    hidden: int
    nmse: float


@dataclass(frozen=True)
class Extrapolated:
    """Forecasts for rows of which only the inputs are known.

    Attributes:
        targets: names, T of them.
        predictions: `(q, T)`, in the order of the query's rows.
        lower, upper: ends of the intervals, `(q, T)`.
        level: their nominal coverage.
        interval: the rule by which they were made.
        members: the ensemble, the largest share first.
        law: one closed law, picked automatically.
        naive: forecasts without a law, by name, each `(q, T)`.
        naive_nmse: their geometric NMSE in the backtests.
        backtests: what was hidden, and how well the ensemble foretold it.
        flags: reasons for care, the heaviest first.
        signature: what kind of question the table was taken for.
        roles: the same in words.
        candidates: how many were tried.
        rows: how many were learnt from.
    """

    targets: tuple[str, ...]
    predictions: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    level: float
    interval: str
    members: tuple[Member, ...]
    law: Compact
    naive: dict[str, np.ndarray]
    naive_nmse: dict[str, float]
    backtests: tuple[Backtest, ...]
    flags: tuple[Finding, ...]
    signature: Signature
    roles: dict[str, str] = field(default_factory=dict)
    candidates: int = 0
    rows: int = 0

    @property
    def trusted(self) -> bool:
        """Whether no flag says to stop."""
        return all(flag.severity != "stop" for flag in self.flags)

    @property
    def nmse(self) -> float:
        """Geometric mean over the backtests of the ensemble's NMSE."""
        values = np.array([one.nmse for one in self.backtests])
        return float(np.exp(np.log(np.maximum(values, 1e-5)).mean()))

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "targets": list(self.targets),
            "predictions": self.predictions.tolist(),
            "lower": self.lower.tolist(),
            "upper": self.upper.tolist(),
            "level": self.level,
            "interval": self.interval,
            "members": [vars(member) for member in self.members],
            "law": self.law.to_document(),
            "naive": {name: values.tolist() for name, values in self.naive.items()},
            "naive_nmse": self.naive_nmse,
            "backtests": [vars(one) for one in self.backtests],
            "flags": [vars(flag) for flag in self.flags],
            "roles": self.roles,
            "candidates": self.candidates,
            "rows": self.rows,
        }

    def __str__(self) -> str:
        shown = [f"{member.name} {member.share:.0%}" for member in self.members[:6]]
        lines = [
            f"{len(self.predictions)} rows foretold from {self.rows}, {self.candidates} candidates,"
            f" {len(self.backtests)} backtests with geometric NMSE {self.nmse:.3g}",
            "inputs: " + ", ".join(f"{name} ({role})" for name, role in self.roles.items()),
            "members: " + ", ".join(shown),
            f"one law: {self.law}",
        ]
        for flag in self.flags:
            lines.append(f"[{flag.severity}] {flag.seen}")
            lines.append(f"    why: {flag.why}")
            lines.append(f"    do:  {flag.remedy}")
        return "\n".join(lines)

    __repr__ = __str__
