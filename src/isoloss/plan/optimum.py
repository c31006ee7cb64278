"""The compute-optimal point of a law in N and D, for a batch of parameter rows.

At fixed compute C = k N D the optimum is where one more percent of size and one more percent of
data bring the same: dL/d ln N = dL/d ln D. Where the law is a monotone function of one power of N
plus one power of D (Chinchilla, Kaplan), a N**-p + b D**-q, that gives (Hoffmann et al. 2022,
arXiv:2203.15556, equation 4)

    N = (p a / (q b))**(1/(p+q)) (C/k)**(q/(p+q))

and everywhere else the same condition is solved numerically, in ln N, for all rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.law import Law
from isoloss.law.expression import evaluate
from isoloss.law.tree import Apply, Expression, Node, names_of
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN

CLOSED, NUMERIC = "closed form", "numeric"
_SCAN = 400
_HALVINGS = 60


@dataclass(frozen=True)
class Optimum:
    """Optimal points; every array (M,), NaN where a row has none.

    Attributes:
        n, d: parameters and tokens.
        loss: the law there.
        method: `closed form` or `numeric`.
    """

    n: np.ndarray
    d: np.ndarray
    loss: np.ndarray
    method: str


def optimum(
    law: Law,
    theta: np.ndarray,
    compute: float | np.ndarray,
    *,
    flop: float = FLOP_PER_PARAMETER_TOKEN,
    numeric: bool = False,
) -> Optimum:
    """Best N and D at compute C for every row of `theta` (M, p).

    Args:
        compute: a number, or (M,) one for each row, in FLOP.
        flop: k in C = k N D.
        numeric: solve numerically even where there is a closed form.
    """
    log_product = np.broadcast_to(np.log(np.asarray(compute, float) / flop), (len(theta),))
    powers = None if numeric else power_pair(law, theta)
    if powers is not None:
        (ln_a, p), (ln_b, q) = powers
        with np.errstate(all="ignore"):
            log_n = (np.log(p / q) + ln_a - ln_b + q * log_product) / (p + q)
        log_n = np.where((p > 0) & (q > 0), log_n, np.nan)
    else:
        log_n = _solve(law, theta, log_product)
    with np.errstate(all="ignore"):
        # an infinite budget, which a target that is never reached asks for, is infinite in both
        log_n = np.where(np.isposinf(log_product), np.inf, log_n)
        log_d = np.where(np.isposinf(log_product), np.inf, log_product - log_n)
        loss = along(law, theta, log_n[:, None], log_d[:, None])[:, 0]
        return Optimum(np.exp(log_n), np.exp(log_d), loss, CLOSED if powers else NUMERIC)


def along(law: Law, theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray) -> np.ndarray:
    """The law (M, n) at ln N and ln D of shape (M, n) or (n,)."""
    return law.functions.value(theta, _inputs(law, log_n, log_d))


def _inputs(law: Law, log_n: np.ndarray, log_d: np.ndarray) -> list[np.ndarray]:
    given = {"N": log_n, "D": log_d}
    return [given[v.name] if v.log else np.exp(given[v.name]) for v in law.variables]


def _solve(law: Law, theta: np.ndarray, log_product: np.ndarray) -> np.ndarray:
    """ln N (M,) of the lowest loss: a scan for the basin, then bisection of the slope in it."""
    share = np.linspace(0.0, 1.0, _SCAN)
    log_n = np.where(np.isfinite(log_product), log_product, np.nan)[:, None] * share
    with np.errstate(all="ignore"):
        loss = along(law, theta, log_n, log_product[:, None] - log_n)
    best = np.argmin(np.where(np.isfinite(loss), loss, np.inf), axis=1)
    inside = (best > 0) & (best < _SCAN - 1)
    best = np.clip(best, 1, _SCAN - 2)
    rows = np.arange(len(theta))
    low, high = log_n[rows, best - 1], log_n[rows, best + 1]
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        rising = _slope(law, theta, middle, log_product - middle) > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return np.where(inside, 0.5 * (low + high), np.nan)


def _slope(law: Law, theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray) -> np.ndarray:
    """dL/d ln N at constant compute, (M,)."""
    inputs = _inputs(law, log_n[:, None], log_d[:, None])
    with np.errstate(all="ignore"):
        _, *slopes = law.functions.slopes(theta, inputs)
    total = np.zeros((len(theta), 1))
    for variable, slope, value in zip(law.variables, slopes, inputs, strict=True):
        # a variable that is not carried as a logarithm has dL/d ln x = x dL/dx
        term = slope if variable.log else slope * value
        total = total + (term if variable.name == "N" else -term)
    return np.broadcast_to(total, (len(theta), 1))[:, 0]


def power_pair(law: Law, theta: np.ndarray) -> tuple[tuple, tuple] | None:
    """((ln a, p), (ln b, q)), arrays (M,), of a law f(a N**-p + b D**-q), or None.

    The tree is stripped of what does not move the optimum: outer powers, constants. Which terms are
    left, and whether they are powers, is read from their values.
    """
    natural = law.natural(theta)
    values = {name: natural[:, i] for i, name in enumerate(law.parameter_names)}
    terms = _terms(law.expression.root, values)
    found = {}
    for node in terms:
        used = names_of(node) & {"N", "D"}
        if not used:
            continue
        if len(used) != 1 or (name := used.pop()) in found:
            return None
        power = _power(node, name, values)
        if power is None:
            return None
        found[name] = power
    return (found["N"], found["D"]) if set(found) == {"N", "D"} else None


def _terms(node: Node, values: dict[str, np.ndarray]) -> list[Node]:
    """Terms of the sum that holds N and D, under outer powers that keep its order."""
    if isinstance(node, Apply) and node.op == "+":
        return [part for arg in node.args for part in _addends(arg, values)]
    if isinstance(node, Apply) and node.op == "**" and not names_of(node.args[1]) & {"N", "D"}:
        exponent = evaluate(Expression("", node.args[1], ()), values)
        if np.all(np.asarray(exponent) > 0):
            return _terms(node.args[0], values)
    return [node]


def _addends(node: Node, values: dict[str, np.ndarray]) -> list[Node]:
    """Flattened terms of one side of a sum; a power of a sum is opened where it holds both."""
    if isinstance(node, Apply) and node.op == "+":
        return [part for arg in node.args for part in _addends(arg, values)]
    if names_of(node) >= {"N", "D"}:
        return _terms(node, values)
    return [node]


def _power(node: Node, name: str, values: dict[str, np.ndarray]) -> tuple | None:
    """(ln a, p) of a term a x**-p, or None where it is no falling power of x."""
    expression = Expression("", node, ())
    # three widely spaced points on a line in log-log: far from 1, where scales may overflow
    at = np.exp([10.0, 20.0, 40.0])
    with np.errstate(all="ignore"):
        logs = [np.log(evaluate(expression, {**values, name: x})) for x in at]
        slope = (logs[1] - logs[0]) / 10.0
        bend = (logs[2] - logs[1]) / 20.0 - slope
    if not np.all(np.isfinite(bend)) or np.any(np.abs(bend) > 1e-9 * (1 + np.abs(slope))):
        return None
    return logs[0] - 10.0 * slope, -slope
