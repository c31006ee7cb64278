"""`isoloss forecast`: where one learning curve goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, print_table
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.trust.curves import Forecast


def forecast(
    curve: Annotated[
        str, typer.Argument(metavar="CURVE", help="A table, one row a point of the curve.")
    ],
    at: Annotated[list[str], typer.Option(help="Where to foretell: 1e5; may be repeated.")],
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
    level: Annotated[float, typer.Option(help="Coverage of the interval.")] = 0.9,
    json: Json = False,
) -> None:
    """Foretell one curve of loss or error beyond its last point, with an interval."""
    from isoloss import store
    from isoloss.runs import read_runs
    from isoloss.trust.curves import forecast as foretell

    table = read_runs(curve, map={"x": x, "y": y}, target="y", where=tuple(where or ()), groups={})
    try:
        places = [float(text) for text in at]
    except ValueError:
        raise InputError(f"--at takes numbers such as 1e5, got {', '.join(at)}") from None
    found = foretell(table.columns["x"], table.columns["y"], places, level=level, scale=scale)
    if json:
        inputs = {"curve": curve, "x": x, "y": y, "at": places}
        print_json(store.envelope("forecast@1", inputs, found.to_document(), found.notices))
        return
    show(found, x, y)
    print_notices(found.notices)


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
