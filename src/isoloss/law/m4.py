"""The root that learning-curve estimator M4 is made of.

M4 of Alabdulmohsin et al. 2022 (https://arxiv.org/abs/2209.06640) gives the loss y only
implicitly, (y - E)/(L_0 - y)**a = b*x**c. With z = (y - E)/(L_0 - E) and
w = b*(L_0 - E)**(a - 1)*x**c it reads z = w*(1 - z)**a, so one function of two arguments is all
that has to be solved: z = m4root(w, a), strictly between 0 and 1 for w > 0 and a > 0. At a = 0 it
is w itself, which is a root for w < 1 only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 60


def m4root(w: Any, a: Any) -> np.ndarray:
    """The z with z = w*(1 - z)**a, elementwise; shapes broadcast.

    Newton's method on ln z - a*ln(1 - z) = ln w in the logit u of z. The left-hand side increases
    with slope 1 - z + a*z and bends in one direction only (up for a > 1, down for a < 1), so the
    steps converge from any start.

    Args:
        w: positive (complex numbers near the positive axis are taken too, for derivatives by
            complex step).
        a: not negative; positive where w is not below 1.
    """
    w, a = np.broadcast_arrays(np.asarray(w), np.asarray(a))
    with np.errstate(all="ignore"):
        goal = np.log(w)
        # exact for w -> 0 (u = goal) and, at a > 0, for w -> infinity (u = goal/a)
        u = np.where(np.real(goal) < 0, goal, goal / np.maximum(np.real(a), 1e-3))
        for _ in range(STEPS):
            z = 1 / (1 + np.exp(-u))
            # ln z and ln(1 - z) without cancellation
            miss = -_softplus(-u) + a * _softplus(u) - goal
            step = miss / (1 - z + a * z)
            u = u - step
            if np.all(~(np.abs(step) > 1e-15 * (1 + np.abs(u)))):
                break
        return 1 / (1 + np.exp(-u))


def _softplus(u: np.ndarray) -> np.ndarray:
    """ln(1 + exp(u))."""
    if np.iscomplexobj(u):
        return np.where(np.real(u) > 0, u + np.log1p(np.exp(-u)), np.log1p(np.exp(u)))
    return np.logaddexp(0.0, u)


# the same steps for a page: agrees with the function above to rounding
JAVASCRIPT = """((w, a) => {
  const soft = v => v > 0 ? v + Math.log1p(Math.exp(-v)) : Math.log1p(Math.exp(v));
  const goal = Math.log(w);
  let u = goal < 0 ? goal : goal / Math.max(a, 1e-3), z = 0;
  for (let i = 0; i < 60; i++) {
    z = 1 / (1 + Math.exp(-u));
    const step = (-soft(-u) + a * soft(u) - goal) / (1 - z + a * z);
    u -= step;
    if (!(Math.abs(step) > 1e-15 * (1 + Math.abs(u)))) break;
  }
  return 1 / (1 + Math.exp(-u));
})"""
