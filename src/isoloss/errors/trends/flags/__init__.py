"""What lies behind a trend over size: six kinds of cause, each with a flag of its own.

They are looked for in an order in which one explains another away. Tasks with one right answer are
set aside first. Questions with two answers are judged by sensitivity, because bias moves their
accuracy. Validity of answers is split off. Where accuracy jumps and loss does not, neither a
capability nor an odd model is read off accuracy. Whatever slope is left, without the odd model, is
capability.
"""

from __future__ import annotations

from isoloss.errors.items import Grid
from isoloss.errors.trends.flags import (
    base,
    bias,
    capability,
    confounded,
    metric,
    odd,
    shift,
)
from isoloss.errors.trends.flags.state import prepare
from isoloss.trust.finding import Finding

CODES = (
    base.CODE,
    bias.CODE,
    shift.CODE,
    metric.CODE,
    odd.CODE,
    capability.CODE,
    confounded.CODE,
)


def flags(grid: Grid, *, replicates: int = 500, seed: int = 0) -> tuple[Finding, ...]:
    """Findings on one family, in the order of `CODES`.

    Codes: `base-rate`, `bias-shift`, `format-shift`, `metric-artefact`, `odd-model`, `capability`,
    `confounded`. Each is raised at the 1 % level over items and above a size that matters; on
    simulated answers with one known cause each raises its own and no other (benchmarks).

    Args:
        grid: answers of one family; two sizes allow no `odd-model`, `metric-artefact` and
            `capability`.
        replicates: bootstrap draws for `metric-artefact`; the others need none.
        seed: of the draws.

    Raises:
        ItemsError: several families, or one size.
    """
    state = prepare(grid, replicates, seed)
    found = [base.check(state)]
    if not state.empty:
        jump = metric.check(state)
        found += [bias.check(state), shift.check(state), jump]
        if jump is None:
            off = odd.find(state)
            found.append(odd.check(state))
            found.append(capability.check(state, None if off is None else off.place))
    found.append(confounded.check(state))
    return tuple(one for one in found if one is not None)


__all__ = ["CODES", "flags"]
