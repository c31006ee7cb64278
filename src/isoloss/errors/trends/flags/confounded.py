"""Flag: something besides size changes with size."""

from __future__ import annotations

from isoloss.errors.trends.confounding import confounding
from isoloss.errors.trends.flags.state import State
from isoloss.trust.finding import Finding

CODE = "confounded"


def check(state: State) -> Finding | None:
    """Covariates of models.yaml that change inside the family."""
    table = confounding(state.chosen.grid.models)
    changing = [one for one in table.covariates if one.changes]
    if not changing:
        return None
    listed = "; ".join(
        f"{one.name}: " + ", ".join(dict.fromkeys(value for value in one.values if value))
        for one in changing
    )
    return Finding(
        CODE,
        "care",
        listed,
        table.wording,
        "compare with a family in which these stay the same, and claim no cause",
    )
