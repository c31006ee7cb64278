"""The application: its commands, and how errors become one message and an exit code."""

from __future__ import annotations

import os
import sys

import typer
from typer.core import TyperGroup

from isoloss.cli import (
    bench,
    compare,
    demo,
    errors,
    explore,
    federated,
    fit,
    forecast,
    laws,
    plan,
    predict,
    report,
    trust,
)
from isoloss.exceptions import IsolossError

DONE, BAD_INPUT, USAGE = 0, 1, 2

app = typer.Typer(
    name="isoloss",
    help="A workbench for scaling laws: what will happen if I scale this, how sure is that, and "
    "what should I do?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=TyperGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    fit.fit,
    compare.compare,
    trust.trust,
    plan.plan,
    predict.predict,
    forecast.forecast,
    report.report,
    explore.explore,
    demo.demo,
):
    app.command()(command)
app.add_typer(laws.app, name="laws")
app.add_typer(errors.app, name="errors")
app.add_typer(federated.app, name="federated")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        from isoloss.store import version

        typer.echo(version())
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", callback=_version, is_eager=True
    ),
) -> None:
    """A workbench for scaling laws."""


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(args=arguments, prog_name="isoloss", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except IsolossError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        return _usage(error)


def _usage(error: Exception) -> int:
    """Show an error of the command line parser; anything else is a fault of ours and surfaces."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        raise error
    show()
    return int(code)
