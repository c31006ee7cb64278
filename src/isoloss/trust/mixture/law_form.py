"""A law of the library, or of one's own, as a member of a mixture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.fit.objective import Objective
from isoloss.fit.problem import Problem
from isoloss.fit.seeds import starting_points
from isoloss.law import Law
from isoloss.trust.mixture.rows import Rows
from isoloss.trust.mixture.solve import Prior

# of the starts that the certified engine would take, the most promising are enough
STARTS = 8


@dataclass(frozen=True, eq=False)
class LawForm:
    """A law carried by its own formula and its own bounds.

    Its exponents, where the law says in which range they start, have a Gaussian prior with the
    middle of that range and half its width; its scales have none, so that units leave no trace.

    Attributes:
        law: the law.
        starts: (S, p) internal parameters to start from.
    """

    law: Law
    starts: np.ndarray

    @classmethod
    def prepared(cls, law: Law, rows: Rows) -> LawForm:
        """With starts from rows; a fit to some of them starts there too, and finds its own end."""
        low, high = _bounds(law)
        problem = Problem(
            law.functions,
            tuple(law.inputs(rows.columns)),
            rows.y,
            Objective("huber-log", delta=1e-2),
            low,
            high,
        )
        found = starting_points(law, problem, rows.weights[None, :], rows.columns, 0)[:STARTS]
        return cls(law, found)

    @property
    def id(self) -> str:
        """As the law is called."""
        return self.law.id

    @property
    def formula(self) -> str:
        """The right-hand side."""
        return self.law.formula

    def count(self, d: int) -> int:
        """Number of parameters, however many inputs the runs have."""
        del d
        return len(self.law.parameters)

    def bind(self, rows: Rows, weights: np.ndarray) -> BoundLaw:
        """Bounds, priors and starts of the law."""
        del rows, weights
        starts = self.starts
        if not len(starts):
            # nowhere finite: one start that fails in the open
            starts = np.zeros((1, len(self.law.parameters)))
        return BoundLaw(self.law, self._prior(), starts, _bounds(self.law))

    def _prior(self) -> Prior:
        mean, sd = [], []
        for p in self.law.parameters:
            known = p.start is not None and p.unit_of is None and not p.log
            low, high = p.start if known and p.start else (0.0, np.inf)
            mean.append(0.5 * (low + high) if known else 0.0)
            sd.append(0.5 * (high - low) if known else np.inf)
        return Prior(np.array(mean), np.array(sd))


@dataclass(frozen=True, eq=False)
class BoundLaw:
    """A law on given rows.

    Attributes:
        law: the law.
        prior: of its internal parameters.
        starts: (S, p).
        bounds: internal bounds, (p,) each.
    """

    law: Law
    prior: Prior
    starts: np.ndarray
    bounds: tuple[np.ndarray, np.ndarray]

    def evaluate(self, theta: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """ln of the law (M, n) and its Jacobian (M, p, n); NaN where the law is not positive."""
        inputs = self.law.inputs(rows.columns)
        shape = (len(theta), len(rows))
        with np.errstate(all="ignore"):
            value, *slopes = self.law.functions.jacobian(theta, list(inputs))
            value = np.broadcast_to(value, shape)
            jacobian = np.stack([np.broadcast_to(s, shape) / value for s in slopes], axis=1)
            return np.log(value), jacobian


def _bounds(law: Law) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest internal parameters (p,)."""
    bounds = np.array([p.bounds for p in law.parameters])
    return law.internal(bounds[:, 0]), law.internal(bounds[:, 1])
