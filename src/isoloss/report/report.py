"""The verb `report` and the value `Report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isoloss import store
from isoloss.fit import Fit
from isoloss.report.written import Written
from isoloss.runs import Runs

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, eq=False)
class Report(Written):
    """Everything about a fit, ready to be written.

    Attributes:
        document: what it says, without markup.
        figures: Plotly figures by the id of their panel, such as `data` and `iso-flop`; they may be
            shown and changed on their own.
        fit: what it is about.
    """

    fit: Fit

    def to_document(self) -> dict[str, Any]:
        """The versioned document: sections as plain data, and every figure as Plotly JSON."""
        inputs = {"runs": self.fit.runs.to_document(data=False)}
        return store.envelope("report@1", inputs, self.plain(), self.fit.notices)


def report(
    fit: Fit,
    *,
    compute: float | Sequence[float] | None = None,
    at: Mapping[str, float] | None = None,
    held_out: Runs | None = None,
    title: str | None = None,
) -> Report:
    """Put everything about a fit on one page.

    Args:
        fit: the fit.
        compute: budget or budgets to plan for, in FLOP. Without one, the plan is for a round number
            just inside the runs, and the page says so.
        at: a point to judge, such as `{"N": 7e9, "D": 1.4e12}`.
        held_out: runs that the fit did not see, to be compared with what it foretells.
        title: of the page.

    Raises:
        InputError: a budget that is not positive or not a question for this law, a point that lacks
            a variable, or held-out runs without a column.

    Example:
        >>> page = fit.report(compute=1e21)  # doctest: +SKIP
        >>> page.save("report.html")  # doctest: +SKIP
    """
    from isoloss.report.compose import compose
    from isoloss.report.study import study

    document, figures = compose(study(fit, compute, at, held_out, title))
    return Report(document, figures, fit)
