"""The published forms of a learning curve, fitted to one curve to compare with.

M1 to M4 of Alabdulmohsin et al. 2022 (arXiv:2209.06640) and the one-break form of Caballero et al.
2022 (arXiv:2210.14891), by isoloss's solver: least squares in ln y over all points alike,
from the starting points that `fit` uses, without certificate and draws.
"""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import IsolossError
from isoloss.fit import newton
from isoloss.fit.objective import Objective
from isoloss.fit.prepare import build_problem, check_enough
from isoloss.fit.seeds import starting_points
from isoloss.law import find_law
from isoloss.runs import read_runs

FORMS = {
    "M1": "power",
    "M2": "power_floor",
    "M3": "levelling",
    "M4": "m4",
    "BNSL": "bnsl",
}
STEPS = 60
TOLERANCE = 1e-9


def predict(form: str, x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray | None:
    """ln y (m,) of a form fitted to x, y (n,); None where it cannot be fitted or has no value."""
    law = find_law(FORMS[form])
    try:
        runs = read_runs({law.variable_names[0]: x, law.target: y})
        check_enough(law, runs)
    except IsolossError:
        return None
    problem = build_problem(law, runs, Objective("ls-log"))
    weights = np.ones((1, len(x)))
    starts = starting_points(law, problem, weights, runs.columns, 0)
    if not len(starts):
        return None
    ends = newton.solve(
        problem, starts, weights, max_steps=STEPS, tolerance=TOLERANCE, polish=False
    )
    best = ends.theta[int(np.argmin(ends.value))][None, :]
    with np.errstate(all="ignore"):
        log_y = np.log(law.functions.value(best, law.inputs({law.variable_names[0]: at}))[0])
    return log_y if np.isfinite(log_y).all() else None
