"""`isoloss forecast`: what comes next, by one curve or by a ladder of runs, whatever the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json, read_point
from isoloss.cli.output import (
    STYLES,
    print_findings,
    print_json,
    print_line,
    print_notices,
    print_table,
    working,
)
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.trust import MixturePrediction
    from isoloss.trust.curves import Forecast


def forecast(
    curve: Annotated[
        str,
        typer.Argument(
            metavar="CURVE|RUNS", help="A table: one row a point of a curve, or one row a run."
        ),
    ],
    at: Annotated[
        list[str],
        typer.Option(
            metavar="1e5|N=7B,D=1.4T",
            help="Where: a place on the curve, or a point of the runs' inputs; may be repeated.",
        ),
    ],
    x: Annotated[str, typer.Option("--x", help="Column or expression of what grew.")] = "x",
    y: Annotated[
        str, typer.Option("--y", help="Column or expression of the loss or error: 1-accuracy.")
    ] = "y",
    where: Annotated[
        list[str] | None, typer.Option(metavar="CONDITION", help="Keep rows; may be repeated.")
    ] = None,
    scale: Annotated[
        str, typer.Option(help="error (below a ceiling of 1), loss, or auto.")
    ] = "auto",
    map_: Annotated[
        str | None, typer.Option("--map", metavar="NAME=COLUMN,...", help="Of runs: as in fit.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Of runs: what is foretold.")] = None,
    units: Annotated[
        str | None, typer.Option(metavar="NAME=UNIT,...", help="Of runs: as in fit.")
    ] = None,
    laws: Annotated[
        str, typer.Option(help="Of runs: forms to weigh; auto, a family, or names with commas.")
    ] = "auto",
    level: Annotated[float, typer.Option(help="Coverage of the interval.")] = 0.9,
    json: Json = False,
) -> None:
    """Foretell a curve, or runs by a mixture of forms that were backtested, with an interval."""
    if all("=" in text for text in at):
        foretell_runs(curve, at, map_, target, units, where, laws, level, json)
        return
    from isoloss import store
    from isoloss.runs import read_runs
    from isoloss.trust.curves import forecast as foretell

    table = read_runs(curve, map={"x": x, "y": y}, target="y", where=tuple(where or ()), groups={})
    try:
        places = [float(text) for text in at]
    except ValueError:
        raise InputError(
            "--at takes numbers such as 1e5 for a curve, or points such as N=7B,D=1.4T for runs, "
            f"got {', '.join(at)}"
        ) from None
    found = foretell(table.columns["x"], table.columns["y"], places, level=level, scale=scale)
    if json:
        inputs = {"curve": curve, "x": x, "y": y, "at": places}
        print_json(store.envelope("forecast@1", inputs, found.to_document(), found.notices))
        return
    show(found, x, y)
    print_notices(found.notices)


def foretell_runs(
    runs: str,
    at: list[str],
    map_: str | None,
    target: str | None,
    units: str | None,
    where: list[str] | None,
    laws: str,
    level: float,
    json: bool,
) -> None:
    """The mixture of forms at points."""
    from isoloss import store
    from isoloss.runs import read_runs
    from isoloss.trust import predict_mixture

    table = read_runs(runs, map=map_, target=target, units=units, where=tuple(where or ()))
    points = [read_point(text) for text in at]
    odd = next((p for p in points if set(p) != set(points[0])), None)
    if odd is not None:
        raise InputError(
            f"--at: every point needs {', '.join(points[0])}; one has {', '.join(odd)}"
        )
    columns = {name: [point[name] for point in points] for name in points[0]}
    with working(f"backtesting forms on {len(table)} runs"):
        found = predict_mixture(table, columns, laws=laws, level=level)
    if json:
        inputs = {"runs": runs, "at": points, "laws": laws}
        notices = (*table.notices, *found.notices)
        print_json(store.envelope("mixture@1", inputs, found.to_document(), notices))
        return
    show_runs(found)
    print_notices((*table.notices, *found.notices))


def show_runs(found: MixturePrediction) -> None:
    """Print a mixture's forecast: points, where the spread comes from, backtests, verdict."""
    names = list(found.inputs)
    parts = ("form", "parameter", "residual", "drift")
    print_table(
        "",
        [*names, found.target, f"{100 * found.level:g} % interval", "beyond", *parts],
        [
            (
                *(f"{found.inputs[name][i]:.4g}" for name in names),
                f"{found.value[i]:.4g}",
                f"{found.low[i]:.4g} to {found.high[i]:.4g}",
                f"{found.beyond[i]:.1f} dec",
                *(
                    f"{100 * found.variance[part][i] / found.variance['total'][i]:.0f} %"
                    for part in parts
                ),
            )
            for i in range(len(found.value))
        ],
        right=range(len(names) + 7),
    )
    weights = (f"{name} {100 * w:.0f} %" for name, w in found.weights.items() if w >= 0.005)
    print_line("weights", ", ".join(weights))
    print_line("interval", f"{found.method}; form to drift are shares of its variance")
    naive = (f"{name} {values[0]:.4g}" for name, values in found.naive.items())
    print_line("without a law", ", ".join(naive))
    if found.backtests:
        columns = ["seen", "asked", "beyond", "all forms", *found.backtests[0].naive, "held"]
        print_table(
            "Backtests inside the runs: off by",
            columns,
            [
                (
                    str(b.seen),
                    str(b.asked),
                    f"{b.beyond:.1f} dec",
                    f"{100 * b.error:.2f} %",
                    *(f"{100 * error:.2f} %" for error in b.naive.values()),
                    f"{100 * b.coverage:.0f} %",
                )
                for b in found.backtests
            ],
            right=range(len(columns)),
        )
    print_line("verdict", found.answer, STYLES[found.answer])
    print_findings(found.findings)


def show(found: Forecast, x: str, y: str) -> None:
    """Print a forecast beside the naive ones."""
    print_line("curve", f"{found.points} points of {y} over {x}, straightened as {found.transform}")
    print_table(
        "",
        [x, y, f"{100 * found.level:g} % interval", "last value", "log-linear", "noise"],
        [
            (
                f"{found.at[i]:.6g}",
                f"{found.value[i]:.4g}",
                f"{found.low[i]:.4g} to {found.high[i]:.4g}",
                f"{found.last[i]:.4g}",
                f"{found.log_linear[i]:.4g}",
                f"{100 * found.parts['noise'][i]:.0f} % of the spread",
            )
            for i in range(len(found.at))
        ],
        right=range(6),
    )
    print_line(
        "noise floor",
        f"one evaluation scatters by {100 * found.noise_floor:.2g} %; no forecast is nearer on "
        "average",
    )
