"""`isoloss errors compare`: two models on the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.errors.options import (
    Condition,
    ItemsFile,
    Level,
    Map,
    ModelsFile,
    Replicates,
    Seed,
    open_items,
)
from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working

if TYPE_CHECKING:
    from isoloss.errors.contrasts import Contrast, Estimate


def compare(
    items: ItemsFile,
    small: Annotated[str, typer.Argument(metavar="A", help="A model, the smaller one.")],
    large: Annotated[str, typer.Argument(metavar="B", help="Another; differences are B minus A.")],
    models: ModelsFile = None,
    map_: Map = None,
    condition: Condition = None,
    margin: Annotated[
        float, typer.Option(help="Differences in accuracy below this do not matter.")
    ] = 0.02,
    level: Level = 0.95,
    replicates: Replicates = 1000,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare two models question by question: accuracy, format, bias, mistakes, flips."""
    from isoloss import store
    from isoloss.errors.contrasts import contrast
    from isoloss.errors.items import Models, grid
    from isoloss.errors.labels import label

    table = open_items(items, models, map_)
    if not table.labels:
        table = label(table)
    known = Models(table.models, items)
    names = tuple(known.models[known.find(name)].name for name in (small, large))
    mine = table.where(models=names)
    with working(f"{replicates} replicates"):
        found = contrast(
            grid(mine, condition=condition),
            *names,
            level=level,
            replicates=replicates,
            margin=margin,
            seed=seed,
        )
    if json:
        inputs = {"items": items, "small": names[0], "large": names[1], "seed": seed}
        print_json(store.envelope("errors-compare@1", inputs, found.to_document(), mine.notices))
        return
    show(found)
    print_notices(mine.notices)


def show(found: Contrast) -> None:
    """Print a contrast."""
    a = found.accuracy
    print_line("questions", f"{found.n:,}, answered by {found.small.name} and {found.large.name}")
    print_line(
        "accuracy",
        f"{100 * a.small:.1f} % and {100 * a.large:.1f} %, {_points(a.change)}: {a.verdict} "
        f"({a.gained} gained, {a.lost} lost, p = {a.p:.2g})",
    )
    split = found.split
    print_line("format", f"{_points(split.format)}: {split.format_verdict}")
    print_line("capability", f"{_points(split.capability)}: {split.capability_verdict}")
    for bias in found.bias:
        print_line(
            f"{bias.positive}/{bias.negative}",
            f"said {bias.positive} {100 * bias.small.said.value:.0f} % and "
            f"{100 * bias.large.said.value:.0f} %; sensitivity d' "
            f"{bias.small.sensitivity.value:.2f} and {bias.large.sensitivity.value:.2f}: "
            f"{bias.sensitivity_verdict}" + (f"; {bias.flag}" if bias.flag else ""),
        )
    flips = found.flips
    print_line(
        "flips",
        f"fails {_percent(flips.regression)} of what the smaller got right, gets "
        f"{_percent(flips.fix)} of what it got wrong; {flips.source}",
    )
    if found.modes is not None:
        _show_modes(found)
    worth = [t for t in found.tasks if t.verdict in ("better", "worse")]
    if worth:
        print_table(
            "Tasks that are shown to differ",
            ["task", "questions", found.small.name, found.large.name, "change", "q", "verdict"],
            [
                (
                    t.name,
                    str(t.change.n),
                    f"{100 * t.small:.1f} %",
                    f"{100 * t.large:.1f} %",
                    _points(t.change),
                    f"{t.q:.2g}",
                    t.verdict,
                )
                for t in worth
            ],
            right=(1, 2, 3, 4, 5),
        )
    rest = len(found.tasks) - len(worth)
    if rest and len(found.tasks) > 1:
        same = sum(t.verdict == "same within margin" for t in found.tasks)
        print_line(
            "other tasks", f"{same} the same within the margin, {rest - same} cannot be told"
        )
    for note in found.notes:
        print_line("note", note)


def _show_modes(found: Contrast) -> None:
    mix = found.modes
    assert mix is not None
    distance = mix.jensen_shannon
    print_table(
        "Mistakes",
        ["failure mode", "share of errors", "", "change", "q", "verdict"],
        [
            (
                m.name,
                f"{100 * m.share_small.value:.1f} %",
                f"{100 * m.share_large.value:.1f} %",
                _points(m.share_change),
                f"{m.q:.2g}",
                m.verdict,
            )
            for m in mix.modes
        ],
        right=(1, 2, 3, 4),
    )
    print_line(
        "mix",
        f"{mix.verdict}: {distance.value:.4f} bits apart, p = {distance.p:.2g} when answers are "
        "exchanged within questions",
    )


def _points(e: Estimate) -> str:
    return f"{100 * e.value:+.1f} [{100 * e.low:.1f}, {100 * e.high:.1f}]"


def _percent(e: Estimate) -> str:
    return f"{100 * e.value:.0f} % [{100 * e.low:.0f}, {100 * e.high:.0f}]"
