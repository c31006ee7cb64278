"""Federated training as a page: what a law says of K clients, and what runs among them showed.

    >>> from isoloss.federated import plan_federated
    >>> from isoloss.report.federated import federated_report
    >>> plans = plan_federated("hoffmann2022_a3", clients=[1, 8, 64], flops=1e21)
    >>> federated_report(plans).save("plans.html")  # doctest: +SKIP

| file | what |
|---|---|
| `asked` | plans with the law behind them, which can be asked again at any K |
| `lines`, `sizes_figure`, `gap_figure`, `losses_figure` | what that law says |
| `clock_figure`, `traffic_figure` | what a network makes of it |
| `seen`, `seen_sweep`, `seen_table` | best sizes in runs, from a sweep or from any table |
| `runs_figure`, `slope_figure`, `lowest_figure` | what those runs showed |
"""

from isoloss.report.federated.report import FederatedReport, federated_report

__all__ = ["FederatedReport", "federated_report"]
