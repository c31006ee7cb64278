"""Flag: the right answers of a task are (nearly) all the same."""

from __future__ import annotations

from isoloss.errors.trends.flags.state import State
from isoloss.trust.finding import Finding

CODE = "base-rate"


def check(state: State) -> Finding | None:
    """Tasks with a single gold class, or a lopsided one."""
    found = [one for one in state.rates if one.single or one.lopsided]
    if not found:
        return None
    listed = "; ".join(
        f"{one.task}: '{one.constant}' is right in {one.accuracy:.0%} of {one.n}"
        + (" (single gold class)" if one.single else "")
        for one in found[:6]
    )
    more = f"; and {len(found) - 6} more tasks" if len(found) > 6 else ""
    return Finding(
        CODE,
        "stop" if any(one.single for one in found) else "care",
        f"{listed}{more}",
        "accuracy there follows how readily a model gives that answer, not what it can do",
        "leave these tasks out of trends, or add questions with other right answers",
    )
