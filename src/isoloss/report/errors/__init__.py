"""What size does to the errors of models, as pages: one a study, and one over all of them."""

from isoloss.report.errors.report import ErrorsReport, Page, errors_report

__all__ = ["ErrorsReport", "Page", "errors_report"]
