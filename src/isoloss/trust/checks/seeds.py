"""Every setting was run once, so luck and law cannot be told apart.

What the runs leave over is noise only if the form is right; without repeats there is no second
source for how much noise there is. With many runs a parameter the law averages over luck; with few
it follows it. Seeds alone move a loss by about 0.02 nats/token in the runs of Kaplan et al. 2020,
and scores by 0.6 to 2 points.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.runs.names import TARGETS, quantity_of
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import exact, noise
from isoloss.trust.checks.words import percent
from isoloss.trust.finding import Finding

CODE = "single-seed"

# with fewer runs than this a parameter, single runs decide
FEW = 5


def check(case: Case) -> list[Finding]:
    """Look for settings that were run again."""
    fit = case.fit
    if (case.facts.seeds or 1) > 1 or exact(fit) or repeats(fit) > 0:
        return []
    n, p = len(fit.runs), len(fit.point)
    shown = percent(noise(fit)) if fit.objective.is_log else f"{noise(fit):.2g}"
    return [
        Finding(
            CODE,
            "care" if n < FEW * p else "note",
            f"none of the {n} settings was run twice; the runs scatter about the law by {shown}, "
            "and whether that is luck or a wrong form cannot be told",
            f"with {n / p:.1f} runs a parameter, "
            + (
                "the luck of single runs decides what the law says"
                if n < FEW * p
                else "the law averages over luck, but differences of this size mean nothing"
            ),
            "run a small, a middle and a large setting again with another seed, and map the seed "
            "with --groups seed=COLUMN",
        )
    ]


def repeats(fit: Fit) -> int:
    """How many settings of the inputs have several runs with different results."""
    kinds = {name: quantity_of(name) for name in fit.runs.inputs}
    # a second measure of the same run is no setting
    names = [n for n, kind in kinds.items() if kind is None or kind.name not in TARGETS]
    columns = [fit.runs.columns[name] for name in names]
    settings = np.unique(np.stack(columns), axis=1, return_inverse=True)[1].ravel()
    y = fit.runs.columns[fit.law.target]
    pairs = np.unique(np.stack([settings.astype(float), y]), axis=1)[0]
    return int(np.sum(np.bincount(pairs.astype(int)) > 1))


def trigger(seed: int) -> Case:
    """Twenty runs, every one alone at its setting."""
    rng = np.random.default_rng(seed)
    n, d = synthetic.grid(5, 4)
    runs = synthetic.table({"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)})
    return synthetic.case(runs)


def control(seed: int) -> Case:
    """Eight settings were run again."""
    return synthetic.healthy(seed)
