"""`isoloss errors import`: logs of any harness to one table of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working

if TYPE_CHECKING:
    from isoloss.errors.items import Items


def import_(
    logs: Annotated[
        list[str],
        typer.Argument(
            metavar="LOGS...",
            help="Files, folders or patterns: lm-evaluation-harness, lmms-eval, VLMEvalKit, "
            "Inspect, HELM, OpenCompass, LLaVA-style answers, BLINK/MATH-V/VisOnlyQA style JSON, "
            "model-vs-human, or a plain table.",
        ),
    ],
    models: Annotated[
        str, typer.Option(metavar="models.yaml", help="Family and params of every model.")
    ],
    out: Annotated[
        str, typer.Option(metavar="ITEMS", help="Where to save: .parquet, .jsonl(.gz) or .csv.")
    ],
    format_: Annotated[
        str, typer.Option("--format", help="The logs' format; auto looks at their content.")
    ] = "auto",
    map_: Annotated[
        str | None,
        typer.Option("--map", metavar="NAME=COLUMN,...", help="Which column is what."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Which model answered, where the logs do not say.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="The task of all answers.")] = None,
    condition: Annotated[
        str | None, typer.Option(help="How the questions were asked; lets prompts differ.")
    ] = None,
    gold: Annotated[
        str | None, typer.Option(metavar="FILE", help="Right answers by id, for logs without them.")
    ] = None,
    json: Json = False,
) -> None:
    """Read logs, pair the questions by their content, and save one table of answers."""
    from isoloss import store
    from isoloss.errors.items.store import write_items
    from isoloss.errors.items.unpaired import unpaired
    from isoloss.errors.readers import read_items

    with working("reading logs"):
        items = read_items(
            logs,
            models=models,
            format=format_,
            map=map_,
            model=model,
            task=task,
            condition=condition,
            gold=gold,
        )
        write_items(items, out)
    left = unpaired(items)
    if json:
        result = {"answers": len(items), "models": counts(items), "unpaired": left.to_document()}
        inputs = {"logs": logs, "models": models, "out": out}
        print_json(store.envelope("errors-import@1", inputs, result, items.notices))
        return
    print_table(
        "",
        ["model", "family", "params", "answers", "accuracy"],
        [
            (
                row["model"],
                row["family"],
                "unknown" if row["params"] is None else f"{row['params']:.3g}",
                f"{row['answers']:,}",
                "" if row["accuracy"] is None else f"{100 * row['accuracy']:.1f} %",
            )
            for row in counts(items)
        ],
        right=(2, 3, 4),
    )
    print_line("questions", str(left))
    print_line("saved", f"{len(items):,} answers to {out}")
    print_notices(items.notices)


def counts(items: Items) -> list[dict]:
    """Answers and accuracy of every model."""
    found = []
    for place, model in enumerate(items.models):
        mine = items.correct[items.model == place]
        if not len(mine):
            continue
        scored = mine[mine >= 0]
        found.append(
            {
                "model": model.name,
                "family": model.family,
                "params": None if model.params != model.params else model.params,
                "answers": len(mine),
                "accuracy": float(scored.mean()) if len(scored) else None,
            }
        )
    return found
