"""Where the runs lie: logarithms of the inputs, and how far they reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.candidates import scale_of


@dataclass(frozen=True)
class Axis:
    """One direction in which runs differ.

    Attributes:
        name: a variable of the law, or `scale` for compute.
        values: (n,) decimal logarithms, or plain values where the variable has no log scale.
        log: which of the two.
    """

    name: str
    values: np.ndarray
    log: bool

    @property
    def span(self) -> float:
        """Decades, or plain width."""
        return float(np.ptp(self.values))

    @property
    def unit(self) -> np.ndarray:
        """Values (n,) moved to -1 ... 1."""
        low, width = float(self.values.min()), self.span
        return 2.0 * (self.values - low) / width - 1.0 if width else np.zeros_like(self.values)

    def natural(self, value: float) -> float:
        """A value of this axis as the column has it."""
        return float(10.0**value) if self.log else float(value)


def axes(fit: Fit) -> list[Axis]:
    """The variables of the law that vary, log-scaled ones as decimal logarithms."""
    found = []
    for variable in fit.law.variables:
        values = fit.runs.columns[variable.name]
        if np.ptp(values) > 0:
            found.append(
                Axis(variable.name, np.log10(values) if variable.log else values, variable.log)
            )
    return found


def scale(fit: Fit) -> Axis:
    """By what runs are called large: compute, size times data, or the only input."""
    log = [a for a in axes(fit) if a.log]
    if len(log) == 1 and len(fit.law.variables) == 1:
        return log[0]
    sizes = scale_of(fit.runs)
    if np.all(sizes > 0):
        return Axis("scale", np.log10(sizes), True)
    return Axis("scale", sizes, False)


def bins(values: np.ndarray, most: int = 6, least: int = 4) -> np.ndarray:
    """Labels (n,) of equal shares of the runs along an axis; equal values stay together.

    Args:
        most: how many shares.
        least: runs in a share; with fewer runs there are fewer shares.
    """
    shares = max(1, min(most, len(values) // least))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, shares + 1)))
    labels = np.searchsorted(edges, values, side="right") - 1
    return np.clip(labels, 0, max(len(edges) - 2, 0))
