"""Best sizes read off parabolas at fixed compute are off to one side.

A law of two power terms is no parabola in ln N unless both exponents are equal, so the lowest point
of a fitted parabola lies beside the true one, with no noise at all, by an amount that depends on
how wide the sweep is and where its middle lies: 18 % for exponents (0.16, 0.48) and one decade to
either side. The fit of a joint law has no such fault. See `isoloss.trust.isoflop.bias`.
"""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import InputError
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.finding import Finding
from isoloss.trust.isoflop.bias import parabola_bias
from isoloss.trust.isoflop.parabola import slices_of

CODE = "parabola-bias"

# three percent of the best size cost a loss that nobody can measure; a tenth is worth knowing
SMALL, LARGE = 0.03, 0.10


def check(case: Case) -> list[Finding]:
    """Run approach 2 on the law itself, at the points of the user's sweeps."""
    fit = case.fit
    if set(fit.law.variable_names) != {"N", "D"} or len(slices_of(fit.runs)) < 2:
        return []
    asked = 6.0 * case.at["N"] * case.at["D"] if case.at else None
    try:
        bias = parabola_bias(fit, compute=asked, most=100)
    except InputError:
        return []
    if not abs(bias.relative) > SMALL or bias.low * bias.high <= 0:
        return []
    used = case.facts.optimum_from == "parabola"
    return [
        Finding(
            CODE,
            "care" if used and abs(bias.relative) > LARGE else "note",
            f"parabolas through these {len(bias.budgets)} sweeps would put the best size at "
            f"{bias.budget:.2g} FLOP {100 * bias.relative:+.2g} % off ({100 * bias.low:+.2g} to "
            f"{100 * bias.high:+.2g} %) without any noise; exponent {bias.found_exponent:.3f} for "
            f"{bias.true_exponent:.3f}",
            "the loss at fixed compute is lopsided, and a parabola is not",
            "take the best size from the joint law; or narrow the sweeps to half a decade about "
            "their lowest points",
        )
    ]


def trigger(seed: int) -> Case:
    """Exponents 0.16 and 0.48, sweeps of one decade to either side."""
    return _swept(seed, 0.16, 0.48, 60.0, 9000.0)


def control(seed: int) -> Case:
    """Equal exponents."""
    return _swept(seed, 0.35, 0.35, 480.0, 1200.0)


def _swept(seed: int, alpha: float, beta: float, a: float, b: float) -> Case:
    rng = np.random.default_rng(seed)
    budgets = np.repeat(np.geomspace(1e18, 1e22, 5), 9)
    best = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    best = best * (budgets / 6) ** (beta / (alpha + beta))
    n = best * np.tile(np.geomspace(0.1, 10, 9), 5)
    n, d, seeds = synthetic.repeated(n, budgets / (6 * n))
    truth = 1.8 + a / n**alpha + b / d**beta
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(truth, rng, 0.002)}, {"seed": seeds}
    )
    return synthetic.case(runs)
