"""The claims held against runs: best sizes and lowest losses, as they were trained."""

from __future__ import annotations

from isoloss.federated.check.verdict import (
    CANNOT_TELL,
    CONTRADICTED,
    SUPPORTED,
    Evidence,
    by_sign,
)
from isoloss.federated.direct import Direct
from isoloss.federated.provenance import RUNS
from isoloss.federated.show_fit import span
from isoloss.fit import Estimate

# a slope at fixed compute a client that may be steeper than this does not bear out claim (e)
WIDE = 0.2
# an interval that ends below these holds nothing that a plan would notice
NO_FALL, NO_LOSS = 0.05, 1.01
HERE = "these runs: their task, sizes, tuning and seeds; no number of runs shows 'inevitably'"


def against_runs(direct: Direct | None, gamma: Estimate | None, why: str) -> dict[str, Evidence]:
    """A verdict on every claim, by letter.

    Args:
        direct: slopes read off the runs; None where they form no sweeps.
        gamma: of a fitted law, used where there is no direct one; None where it left too much.
        why: why there are no direct slopes.
    """
    return {
        "a": _tells_nothing("a bound is a theorem: runs can break it and not show it"),
        "b": _inner(direct, why),
        "c": _falls(direct, gamma, why),
        "d": _worse(direct, why),
        "e": _average(direct, why),
    }


def _tells_nothing(says: str) -> Evidence:
    return Evidence("runs", CANNOT_TELL, says, HERE, (RUNS,))


def _inner(direct: Direct | None, why: str) -> Evidence:
    if direct is None:
        return _tells_nothing(why)
    inside = sum(p.side == "inside" for p in direct.points)
    verdict = SUPPORTED if inside == len(direct.points) else CANNOT_TELL
    says = (
        f"{inside} of {len(direct.points)} pairs of budget and K have a best size within the sizes "
        "that were trained"
    )
    return Evidence("runs", verdict, says, f"{HERE}; the analytic form is not tested", (RUNS,))


def _falls(direct: Direct | None, gamma: Estimate | None, why: str) -> Evidence:
    found = direct.gamma if direct else None
    if found is None and gamma is not None:
        says = f"no direct slope ({direct.bound if direct else why}); by the law gamma is "
        verdict = by_sign(gamma.low, gamma.high)
        return Evidence(
            "runs", verdict, says + span(gamma), f"the form of the fitted law; {HERE}", (RUNS,)
        )
    if found is None:
        return _tells_nothing(direct.bound if direct else why)
    says = f"N_opt falls as K to the -gamma with gamma = {span(found)}"
    bend = direct.curvature if direct else None
    if bend is not None:
        straight = bend.low <= 0 <= bend.high
        says += "; no bend is seen in log-log" if straight else f"; it bends, {span(bend)}"
    verdict = CONTRADICTED if found.high < NO_FALL else by_sign(found.low, found.high)
    return Evidence("runs", verdict, says, HERE, (RUNS,))


def _worse(direct: Direct | None, why: str) -> Evidence:
    if direct is None or direct.loss_ratio is None:
        return _tells_nothing(why or "no budget was trained at two numbers of clients")
    ratio = direct.loss_ratio
    verdict = CONTRADICTED if ratio.high < NO_LOSS else by_sign(ratio.low, ratio.high, 1.0)
    says = f"lowest loss at the largest K over that at the smallest: {span(ratio)}"
    return Evidence("runs", verdict, says, HERE, (RUNS,))


def _average(direct: Direct | None, why: str) -> Evidence:
    slope = direct.per_client if direct else None
    if slope is None:
        return _tells_nothing(
            why or "no best sizes at equal compute a client and different K were found"
        )
    says = f"at fixed compute a client the best size changes as K to the {span(slope)}"
    if slope.low > NO_FALL or slope.high < -NO_FALL:
        verdict = CONTRADICTED
    else:
        verdict = SUPPORTED if max(-slope.low, slope.high) < WIDE else CANNOT_TELL
    return Evidence("runs", verdict, says, HERE, (RUNS,))
