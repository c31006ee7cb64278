"""`isoloss errors label`: what kind of mistake each wrong answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.errors.options import ItemsFile, Map, ModelsFile, open_items
from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.errors.items import Items


def label(
    items: ItemsFile,
    out: Annotated[
        str | None, typer.Option(metavar="ITEMS", help="Where to save; in place if not given.")
    ] = None,
    models: ModelsFile = None,
    map_: Map = None,
    rules: Annotated[
        str | None, typer.Option(metavar="rules.toml", help="Rules of your own, before the rest.")
    ] = None,
    taxonomy: Annotated[
        str | None, typer.Option(metavar="FILE", help="Superclasses of classes.")
    ] = None,
    rescore: Annotated[
        bool,
        typer.Option("--rescore", help="Score answers that can be told though not as asked."),
    ] = False,
    text_only: Annotated[
        str | None, typer.Option(help="The condition without the image, for language prior.")
    ] = None,
    human: Annotated[
        str | None, typer.Option(metavar="FILE", help="Labels of people: model, item, mode.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(metavar="URL", help="An OpenAI-compatible endpoint that labels errors."),
    ] = None,
    judge_model: Annotated[str | None, typer.Option(help="The endpoint's model.")] = None,
    replies: Annotated[
        str | None,
        typer.Option(metavar="FILE.jsonl", help="Replies of the judge; read again when run again."),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Most errors to put to the judge.")] = None,
    json: Json = False,
) -> None:
    """Label every wrong answer by ordered rules, and add the labels of people and of a judge."""
    from isoloss import store
    from isoloss.errors.items.store import write_items
    from isoloss.errors.labels import (
        add_human,
        label_agreement,
        read_taxonomy,
        rescored,
        rules_table,
    )
    from isoloss.errors.labels import label as by_rules

    if bool(judge) != bool(judge_model and replies):
        raise InputError("--judge needs --judge-model and --replies, and they need --judge")
    target = out or items
    if models and out is None:
        raise InputError("labels of a table or log are saved elsewhere: give --out")
    with working("labelling"):
        table = open_items(items, models, map_)
        found = by_rules(
            rescored(table) if rescore else table,
            rules=rules,
            taxonomy=read_taxonomy(taxonomy) if taxonomy else None,
            text_only=text_only,
        )
        if human:
            found = add_human(found, human)
    if judge and judge_model and replies:
        found = _judged(found, judge, judge_model, replies, limit)
    write_items(found, target)
    agreements = [
        label_agreement(found, "rules", source)
        for source in ("human", "judge")
        if source in found.labels
    ]
    counts = mode_counts(found)
    if json:
        result = {
            "counts": counts,
            "agreement": [one.to_document() for one in agreements],
            "rules": list(rules_table(rules)),
        }
        print_json(store.envelope("errors-label@1", {"items": items}, result, found.notices))
        return
    modes = list(dict.fromkeys(mode for row in counts.values() for mode in row))
    total = sum(sum(row.values()) for row in counts.values())
    print_table(
        "",
        ["failure mode", "errors", "of all errors", "least in one model", "most"],
        [
            _row(
                mode,
                [row.get(mode, 0) / max(sum(row.values()), 1) for row in counts.values()],
                sum(row.get(mode, 0) for row in counts.values()),
                total,
            )
            for mode in modes
        ],
        right=(1, 2, 3, 4),
    )
    for one in agreements:
        print_line("agreement", one.says)
    print_line("saved", target)
    print_notices(found.notices)


def _row(mode: str, shares: list[float], count: int, total: int) -> tuple[str, ...]:
    ends = (f"{100 * end:.1f} %" for end in (min(shares), max(shares)))
    return (mode, f"{count:,}", f"{100 * count / total:.1f} %", *ends)


def _judged(items: Items, endpoint: str, model: str, replies: str, limit: int | None) -> Items:
    from isoloss.errors.labels import MODES
    from isoloss.errors.labels import judge as ask

    modes = {name: mode.says for name, mode in MODES.items()}
    with working(f"asking {model}"):
        return ask(items, endpoint=endpoint, model=model, modes=modes, cache=replies, limit=limit)


def mode_counts(items: Items) -> dict[str, dict[str, int]]:
    """How many wrong answers of every model have each failure mode, the most frequent first."""
    import numpy as np

    mode = items.labels["rules"].mode
    total = np.bincount(mode.codes[mode.codes >= 0], minlength=len(mode.values))
    order = np.argsort(-total, kind="stable")
    found: dict[str, dict[str, int]] = {}
    for place, model in enumerate(items.models):
        mine = mode.codes[(items.model == place) & (mode.codes >= 0)]
        if not len(mine):
            continue
        counts = np.bincount(mine, minlength=len(mode.values))
        found[model.name] = {
            mode.values[code]: int(counts[code])
            for code in order
            if total[code] and mode.values[code] != "correct"
        }
    return found
