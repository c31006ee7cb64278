"""`isoloss explore`: laws, fits and runs as a page that computes in the browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, working
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.explore.arguments import Given


def explore(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIT.json|RUNS.csv|ITEMS|LAW]...",
            help="Saved fits, tables of runs, answers of models, published laws such as "
            "hoffmann2022_a3 or ID:SET.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="PAGE.html",
            help="Write one file that needs no server and no network, and stop.",
        ),
    ] = None,
    plotly: Annotated[
        bool,
        typer.Option(
            "--plotly/--no-plotly", help="With --out: figures (4.5 MB), or tables in their place."
        ),
    ] = True,
    view: Annotated[
        str | None, typer.Option(help="The view that opens first: allocate, curves, data, ...")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Port on 127.0.0.1; that of the last time, or a free one, when not given.",
        ),
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Keep uploads and fits here instead of $XDG_STATE_HOME/isoloss.",
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="models.yaml",
            help="Of answers that were not saved by `isoloss errors import`: family and size.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Open laws, fits and runs as a page in the browser; nothing leaves this machine."""
    from isoloss.explore.arguments import check_view, read_arguments

    check_view(view)
    with working("reading"):
        given = read_arguments(what or (), models)
    if out:
        if given.tables:
            raise InputError(
                f"--out takes fits and laws; fit the runs first: isoloss fit {given.tables[0]} "
                "--out fit.json"
            )
        _write(given, out, view, plotly)
        if json:
            print_json({"file": out})
        else:
            print_line("written", out)
        return
    from isoloss.explore.keep import usual_folder
    from isoloss.explore.serve import serve

    folder = Path(keep) if keep else usual_folder(tuple(what or ()))

    def ready(address: str) -> None:
        if json:
            print_json({"address": address, "keep": str(folder)})
        else:
            # an address that wraps cannot be clicked
            print(f"open         {address}")
            print_line("kept in", str(folder))
            print_line("", "Press Ctrl+C to end; the same command goes on where this one ended.")
        sys.stdout.flush()
        if open_:
            import webbrowser

            webbrowser.open(address)

    serve(given, folder, port=port, view=view, ready=ready)


def _write(given: Given, out: str, view: str | None, plotly: bool) -> None:
    from isoloss import store
    from isoloss.explore.page import single_page

    store.write_text(out, single_page(given.bundle(view, library=False), with_plotly=plotly))
