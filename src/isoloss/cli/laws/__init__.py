"""`isoloss laws`: find a law, see where its numbers come from, evaluate and compare."""

import typer

from isoloss.cli.laws import compare, evaluate, listing, show

app = typer.Typer(
    no_args_is_help=True,
    help="Find a law, see where its numbers come from, evaluate it, compare it with others.",
)
app.command("list")(listing.list_)
app.command("show")(show.show)
app.command("eval")(evaluate.evaluate)
app.command("compare")(compare.compare)
