"""The certificate: evidence that a fit is the optimum, or the reasons why it is not known to be.

An optimiser's own `success` flag says that a stopping rule was met. What makes a point an optimum
is that the gradient is at zero, that the curvature is positive in every direction, that no better
point was found from elsewhere, and that no bound holds the answer in place. Each is measured here,
in numbers that do not depend on units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.fit import newton
from isoloss.fit.newton import CONVERGED, Solution, solve_definite
from isoloss.fit.problem import Problem
from isoloss.law.law import Law

SAME = 1e-9
GRADIENT_AT_ZERO = 1e-9


@dataclass(frozen=True)
class Certificate:
    """What is known about a fit's optimality.

    Attributes:
        certified: gradient at zero, curvature positive, at least two starts agree, and no start
            found other parameters that fit exactly as well.
        gradient_norm: Newton decrement over the square root of the objective,
            sqrt(g' H^-1 g / F): the relative distance to the optimum in the metric of the
            objective itself. Below 1e-9 counts as zero; 0 where every run is met to rounding.
        smallest_curvature: least eigenvalue of the Hessian scaled to unit diagonal, with every
            linear parameter measured by its term's mean over the runs instead of its value at
            N = 1, so that it does not depend on units.
        condition_number: largest over smallest eigenvalue of the same matrix.
        starts: how many starts were solved.
        reached: how many of them ended at this optimum, within 1e-9 of its objective.
        bounds_touched: parameters that a bound holds, with the bound.
        reasons: why it is not certified; empty when it is.
    """

    certified: bool
    gradient_norm: float
    smallest_curvature: float
    condition_number: float
    starts: int
    reached: int
    bounds_touched: tuple[str, ...]
    reasons: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in vars(self).items()
        }

    @classmethod
    def from_document(cls, data: dict[str, Any]) -> Certificate:
        """Inverse of `to_document`."""
        lists = {key: tuple(data[key]) for key in ("bounds_touched", "reasons")}
        # JSON has no infinity
        known = {key: float("inf") if value is None else value for key, value in data.items()}
        return cls(**{**known, **lists})


@np.errstate(all="ignore")
def certify(
    law: Law, problem: Problem, weights: np.ndarray, solution: Solution, best: int
) -> Certificate:
    """Judge the best of a batch of solutions."""
    theta = solution.theta[best][None, :]
    value, gradient, hessian = problem.second_order(theta, weights)
    touched = (theta[0] <= problem.lower) | (theta[0] >= problem.upper)
    held = ((theta <= problem.lower) & (gradient > 0)) | ((theta >= problem.upper) & (gradient < 0))
    free = ~(held | touched[None, :])[0]
    exact = value[0] <= _exact_fit(problem, weights)
    norm = _decrement(value[0], gradient[0][free], hessian[0][np.ix_(free, free)])
    # where the law fits every run, the objective is rounding errors, and so is its gradient
    norm = 0.0 if exact else norm
    centre = newton.centring(problem, theta)[0]
    eigenvalues = _scaled_eigenvalues((centre.T @ hessian[0] @ centre)[np.ix_(free, free)])
    smallest = float(eigenvalues.min()) if eigenvalues.size else 0.0
    condition = float(eigenvalues.max() / smallest) if smallest > 0 else float("inf")
    level = solution.value <= value[0] * (1 + SAME) + _exact_fit(problem, weights)
    reached = int(np.sum(level))
    twin = _twin(law, theta[0], solution.theta[level])
    names = tuple(
        f"{p.name} = {law.natural(theta)[0, i]:g}"
        for i, p in enumerate(law.parameters)
        if touched[i]
    )
    reasons = []
    if solution.status[best] != CONVERGED:
        reasons.append(f"the solver ended as '{solution.status[best]}'")
    if not norm <= GRADIENT_AT_ZERO:
        reasons.append(f"the gradient is not at zero (relative norm {norm:.1e})")
    if not smallest > 1e-12:
        reasons.append(
            "the curvature is not positive in every direction: some parameters can be traded "
            "against each other without any change in the fit"
        )
    if twin:
        reasons.append(f"other parameters fit exactly as well: {twin}")
    if reached < 2 <= len(solution.value):
        reasons.append(
            f"only {reached} of {len(solution.value)} starts reached this optimum: another one "
            "may be better"
        )
    return Certificate(
        certified=not reasons,
        gradient_norm=norm,
        smallest_curvature=smallest,
        condition_number=condition,
        starts=len(solution.value),
        reached=reached,
        bounds_touched=names,
        reasons=tuple(reasons),
    )


def _twin(law: Law, theta: np.ndarray, others: np.ndarray) -> str:
    """Parameters elsewhere with the same objective, in words; empty where there are none.

    Two terms of one kind can be swapped when their inputs never varied apart.
    """
    far = np.abs(others - theta) / (1.0 + np.abs(theta))
    row = int(np.argmax(far.max(axis=1)))
    if far[row].max() < 1e-2:
        return ""
    one, two = law.natural(theta), law.natural(others[row])
    moved = [i for i in np.argsort(-far[row])[:3] if far[row, i] >= 1e-2]
    return ", ".join(f"{law.parameter_names[i]} {two[i]:.4g} for {one[i]:.4g}" for i in moved)


def _exact_fit(problem: Problem, weights: np.ndarray) -> float:
    """Objective below which residuals are rounding errors."""
    return 1e-26 * float(problem.square(weights).sum())


def _decrement(value: float, gradient: np.ndarray, hessian: np.ndarray) -> float:
    if not gradient.size or value == 0:
        return 0.0
    step, definite = solve_definite(hessian[None], -gradient[None])
    if not definite[0]:
        return float("inf")
    return float(np.sqrt(max(0.0, -(gradient * step[0]).sum()) / value))


def _scaled_eigenvalues(hessian: np.ndarray) -> np.ndarray:
    if not hessian.size:
        return np.empty(0)
    if not np.isfinite(hessian).all():
        return np.array([np.nan])
    root = np.sqrt(np.maximum(np.diag(hessian), 1e-300))
    scaled = hessian / np.outer(root, root)
    return np.linalg.eigvalsh(scaled) if np.isfinite(scaled).all() else np.zeros(1)
