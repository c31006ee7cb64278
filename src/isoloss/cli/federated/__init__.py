"""`isoloss federated`: plan, fit, train and check training that is shared among clients."""

import typer

from isoloss.cli.federated import bound, check, diloco, fit, plan, slope, sweep, write

app = typer.Typer(
    no_args_is_help=True,
    help="Training among K clients: plan its size, fit what K costs, train it, check claims.",
)
app.command("plan")(plan.plan)
app.command("fit")(fit.fit)
app.command("slope")(slope.slope)
app.command("sweep")(sweep.sweep)
app.command("app")(write.app)
app.command("check")(check.check)
app.command("bound")(bound.bound)
app.command("diloco")(diloco.diloco)
