"""`isoloss fit`: from a table of runs to a certified law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.options import NOT_TRUSTED, Json, Strict, read_bounds
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.fit import Fit
    from isoloss.law import Law
    from isoloss.notices import Notice
    from isoloss.runs import Runs

_TABLE = "The table"
_LAW = "The law and its uncertainty"


def fit(
    runs: Annotated[
        str,
        typer.Argument(
            metavar="RUNS",
            help="CSV, TSV, JSON, JSONL (each also gzipped) or Parquet, one row a run.",
        ),
    ],
    law: Annotated[
        str | None,
        typer.Option(
            help="A name, a TOML file, or a formula such as 'E + A/N**alpha'; chinchilla when not "
            "given.",
            rich_help_panel=_LAW,
        ),
    ] = None,
    laws: Annotated[
        str | None,
        typer.Option(
            help="Instead of --law: auto, a family, or names with commas between, of which "
            "backtests inside the runs choose one.",
            rich_help_panel=_LAW,
        ),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="NAME=COLUMN,...",
            help="Columns or expressions: N=params,D=flops/(6*params),loss=val_loss. "
            "Known names are guessed without it.",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="What the law gives, if not loss.", rich_help_panel=_TABLE)
    ] = None,
    units: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=UNIT,...",
            help="N=millions,D=billions,loss=bits/token.",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    conventions: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=HOW,...",
            help="How it was counted: N=non-embedding,C=6ND.",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help='Keep rows such as "tokens/params > 1"; may be repeated.',
            rich_help_panel=_TABLE,
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE=COLUMN,...",
            help="seed=, run=, family=, dataset= or cluster= columns.",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Column or expression with run weights.", rich_help_panel=_TABLE),
    ] = None,
    keep: Annotated[
        str,
        typer.Option(help="all, or last checkpoint of every run.", rich_help_panel=_TABLE),
    ] = "all",
    bytes_per_token: Annotated[
        str | None,
        typer.Option(help="For a loss per byte: number or column.", rich_help_panel=_TABLE),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE,...",
            help="Learning curves, one row a logged loss: step=step,rate=lr,curve=run_name,"
            "warmup=2000; also loss, drops, momentum. For annealing and multi_power.",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    objective: Annotated[
        str,
        typer.Option(help="huber-log, ls-log, ls or envelope.", rich_help_panel=_LAW),
    ] = "huber-log",
    delta: Annotated[
        float, typer.Option(help="Huber's turning point, in log loss.", rich_help_panel=_LAW)
    ] = 1e-3,
    quantile: Annotated[
        float, typer.Option(help="Share of runs below an envelope.", rich_help_panel=_LAW)
    ] = 0.1,
    bounds: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=LOW:HIGH,...", help="Other parameter bounds.", rich_help_panel=_LAW
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option(help="Bootstrap replicates; 0 for none.", rich_help_panel=_LAW)
    ] = 1000,
    kind: Annotated[
        str,
        typer.Option(help="auto, pair, cluster, bayes or wild.", rich_help_panel=_LAW),
    ] = "auto",
    cluster: Annotated[
        str | None,
        typer.Option(help="Group whose runs are not independent.", rich_help_panel=_LAW),
    ] = None,
    level: Annotated[
        float, typer.Option(help="Coverage of the intervals.", rich_help_panel=_LAW)
    ] = 0.9,
    seed: Annotated[int, typer.Option(help="Of the random numbers.", rich_help_panel=_LAW)] = 0,
    out: Annotated[
        str | None, typer.Option(metavar="FIT.json", help="Save the fit, draws included.")
    ] = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Fit a law to a table of runs, with a certificate and intervals."""
    from isoloss.law import find_law
    from isoloss.runs import read_runs
    from isoloss.runs.curves import read_curves, schedule_options, with_drops

    reading: dict[str, Any] = {
        "map": map_,
        "target": target,
        "units": units,
        "conventions": conventions,
        "where": tuple(where or ()),
        "groups": groups,
        "weights": weights,
        "keep": keep,
        "bytes_per_token": bytes_per_token,
    }
    if laws and (law or schedule or bounds):
        other = "--law" if law else "--schedule" if schedule else "--bounds"
        raise InputError(f"give --laws or {other}, not both")
    fitting: dict[str, Any] = {
        "objective": objective,
        "delta": delta,
        "quantile": quantile,
        "draws": draws,
        "kind": kind,
        "cluster": cluster,
        "level": level,
        "seed": seed,
    }
    named: str | Law = law or "chinchilla"
    if schedule is None:
        table = read_runs(runs, **reading)
    else:
        given = schedule_options(schedule)
        named, given["drops"] = with_drops(str(named), given.get("drops"))
        table = read_curves(runs, **given, **reading)
    if laws:
        result, notices = _best(table, laws, fitting)
    else:
        chosen = find_law(named, variables=table.inputs, target=table.target)
        if bounds:
            chosen = chosen.with_bounds(read_bounds(bounds))
        with working(f"fitting {chosen.id} to {len(table)} runs"):
            result = chosen.fit(table, **fitting)
        notices = ()
    if out:
        result.save(out)
    if json:
        print_json(_with_notices(result.to_document(), notices))
    else:
        show(result)
        print_notices((*notices, *table.notices, *result.notices))
        if out:
            print_line("saved", out)
    if strict and not result.certificate.certified:
        raise typer.Exit(NOT_TRUSTED)


def _best(table: Runs, laws: str, fitting: dict[str, Any]) -> tuple[Fit, tuple[Notice, ...]]:
    """The form that backtests choose, fitted."""
    from isoloss.trust.best import chosen_notice, fit_best

    with working(f"backtesting forms on {len(table)} runs"):
        result, compared = fit_best(table, laws, **fitting)
    return result, (chosen_notice(result, compared),)


def _with_notices(document: dict[str, Any], notices: tuple[Notice, ...]) -> dict[str, Any]:
    own = [notice.to_document() for notice in notices]
    return document | {"warnings": [*own, *document.get("warnings", [])]} if own else document


def show(fit: Fit) -> None:
    """Print a fit as tables and lines."""
    from isoloss.fit import show as words

    level = f"{100 * fit.level:g} % interval"
    print_line("law", f"{fit.law.target} = {fit.law.formula}   ({fit.law.name})")
    print_line("runs", repr(fit.runs).removeprefix("<Runs: ").removesuffix(">"))
    print_table(
        "", ["parameter", "value", level, "se", "meaning"], words.rows(fit), right=(1, 2, 3)
    )
    print_line("objective", words.objective_line(fit))
    style = "green" if fit.certificate.certified else "bold red"
    print_line("certificate", words.certificate_line(fit), style)
    print_line("draws", words.draws_line(fit))
