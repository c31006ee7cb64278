"""The verb `federated_report` and the value `FederatedReport`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isoloss import store
from isoloss.exceptions import InputError
from isoloss.federated.direct import Direct, direct_slope
from isoloss.federated.fit import FederatedFit
from isoloss.federated.plan import Choice, FederatedPlan, FederatedPlans
from isoloss.federated.sweep import Analysis, SweepRecord, analyse
from isoloss.federated.sweep.grid import Grid
from isoloss.federated.table import read_federated_runs
from isoloss.report.written import Written
from isoloss.runs import Runs

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, eq=False)
class FederatedReport(Written):
    """A page about federated training, ready to be written.

    Attributes:
        document: what it says, without markup.
        figures: Plotly figures by the id of their panel.
        of: what it is about.
    """

    of: Any

    def to_document(self) -> dict[str, Any]:
        """The versioned document: sections as plain data, and every figure as Plotly JSON."""
        notices = getattr(self.of, "notices", ())
        return store.envelope(
            "federated-report@1", {"title": self.document.title}, self.plain(), notices
        )


def federated_report(
    of: Any, *, law: Any = None, runs: Any = None, title: str | None = None
) -> FederatedReport:
    """Put plans for K clients, or runs among them, on one page.

    Args:
        of: plans, one plan or a choice; the analysis of a sweep; a federated fit; the direct slope
            of a table of runs; or a record or table of runs by itself.
        law: for plans what they were made for, as in `plan_federated` (a federated law that was
            made with all options is the safest); it may be left out for a published law. For runs
            a law whose reconstruction is drawn beside them; `hoffmann2022_a3` when not given.
        runs: what was analysed: the `SweepRecord` or `Grid` of an analysis, the table or `Runs` of
            a fit or direct slope.
        title: of the page.

    Raises:
        InputError: runs or law are missing, or do not belong to what is reported.

    Example:
        >>> from isoloss.federated import plan_federated
        >>> plans = plan_federated("hoffmann2022_a3", clients=[1, 8], flops=1e21)
        >>> federated_report(plans).save("plans.html")  # doctest: +SKIP
    """
    if isinstance(of, FederatedPlan | FederatedPlans | Choice):
        from isoloss.report.federated.asked import asked
        from isoloss.report.federated.plan_page import plan_page

        return FederatedReport(*plan_page(asked(of, law), title), of)
    from isoloss.report.federated.runs_page import runs_page

    found, seen, fit = _seen(of, runs)
    return FederatedReport(*runs_page(seen, law=law, fit=fit, title=title), found)


def _seen(of: Any, runs: Any):
    """What was analysed, its best sizes, and the fit where there is one."""
    if isinstance(of, SweepRecord):
        of, runs = analyse(of), of
    if isinstance(of, Runs):
        of, runs = direct_slope(read_federated_runs(of)), of
    if not isinstance(of, Analysis | FederatedFit | Direct):
        raise InputError(
            "a federated report is of plans, a choice, a sweep's analysis or record, a federated "
            f"fit, a direct slope or runs; got {type(of).__name__}"
        )
    if runs is None:
        raise InputError(
            f"a report of a {type(of).__name__} needs the runs it was made from; give them as runs="
        )
    if isinstance(of, Analysis):
        from isoloss.report.federated.seen_sweep import seen_sweep

        if not isinstance(runs, SweepRecord | Grid):
            raise InputError(
                "the report of a sweep's analysis needs its SweepRecord or Grid as runs=, got "
                f"{type(runs).__name__}"
            )
        return of, seen_sweep(of, runs), None
    from isoloss.report.federated.seen_table import seen_table

    table = read_federated_runs(runs)
    if isinstance(of, FederatedFit):
        return of, seen_table(of.direct, table, of.no_direct), of
    return of, seen_table(of, table), None
