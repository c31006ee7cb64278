"""What a plan is made for: a fit of one's own runs, or a published law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.fit import Estimate, Fit, interval
from isoloss.law import Law
from isoloss.law.published import Published
from isoloss.law.published.base import base_law, base_theta
from isoloss.law.published.evaluate import check_usable, remarks
from isoloss.notices import Notice
from isoloss.trust import Place, locate, locate_published

LEVEL = 0.9


@dataclass(frozen=True)
class Subject:
    """A law in N and D with its draws.

    Attributes:
        law: in base units.
        theta: (1 + M, p) internal parameters: the point, then the draws.
        level: nominal coverage of intervals.
        place: where a point lies in relation to the runs that the law rests on.
        notices: what a person should know before any answer.
    """

    law: Law
    theta: np.ndarray
    level: float
    place: Callable[[Mapping[str, float]], Place]
    notices: tuple[Notice, ...] = ()

    def estimate(self, value: Any, samples: np.ndarray) -> Estimate:
        """A number with the interval of its draws; without draws, an interval of no width."""
        if len(self.theta) == 1:
            return Estimate(float(value), float(value), float(value), 0.0)
        low, high = interval(samples, self.level)
        finite = len(samples) > 1 and bool(np.isfinite(samples).all())
        spread = float(np.std(samples, ddof=1)) if finite else float("nan")
        return Estimate(float(value), float(low), float(high), spread)


def subject(
    of: Fit | Published,
    *,
    at: Mapping[str, float] | None = None,
    coefficients: str | None = None,
    any_evidence: bool = False,
) -> Subject:
    """The subject of a plan.

    Args:
        of: a fit, or a published law.
        at: values for the inputs of a published law beside N and D.
        coefficients: which set of its numbers.
        any_evidence: use numbers below `secondary` too.

    Raises:
        PlanError: the law is not one of N and D.
    """
    if isinstance(of, Fit):
        _needs_size_and_data(of.law.id, of.law.variable_names, strict=True)
        theta = np.vstack([of.point[None, :], of.draws.good])
        return Subject(of.law, theta, of.level, lambda point: locate(of, point))
    chosen = of.coefficients(coefficients)
    _needs_size_and_data(of.id, tuple(chosen.inputs), strict=False)
    check_usable(of, chosen, any_evidence=any_evidence)
    law = base_law(of, chosen, ("N", "D"), at or {})
    theta, basis = base_theta(of, chosen, law)
    notices = remarks(chosen, basis)
    return Subject(
        law, theta, LEVEL, lambda point: locate_published(of, point, chosen.name), tuple(notices)
    )


def _needs_size_and_data(name: str, variables: tuple[str, ...], *, strict: bool) -> None:
    missing = {"N", "D"} - set(variables)
    if missing or (strict and len(variables) != 2):
        raise PlanError(
            f"a plan needs a law in N and D; '{name}' has {', '.join(variables)}. "
            "Use predict for it"
        )
