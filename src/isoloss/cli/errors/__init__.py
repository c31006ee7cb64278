"""`isoloss errors`: what a bigger model gets wrong, and how the mix of mistakes changes."""

from __future__ import annotations

import typer

from isoloss.cli.errors import check, compare, importing, label, power, report

app = typer.Typer(
    help="Errors against scale: answers of models of several sizes, question by question.",
    no_args_is_help=True,
)
app.command("import")(importing.import_)
app.command("label")(label.label)
app.command("power")(power.power)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("check")(check.check)
