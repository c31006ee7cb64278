"""`isoloss errors check`: a sentence about size and errors, against answers."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.errors.options import (
    Condition,
    Family,
    ItemsFile,
    Level,
    Map,
    ModelsFile,
    Replicates,
    Seed,
    open_items,
    studies,
)
from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, working

_STYLES = {"supported": "green", "contradicted": "bold red", "cannot tell": "yellow"}


def check(
    items: ItemsFile,
    sentence: Annotated[
        str, typer.Argument(metavar="SENTENCE", help='Such as "larger models hallucinate less".')
    ],
    models: ModelsFile = None,
    map_: Map = None,
    family: Family = None,
    condition: Condition = None,
    level: Level = 0.95,
    replicates: Replicates = 1000,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Say whether answers support a sentence, contradict it, or cannot tell."""
    from isoloss import store
    from isoloss.errors.study import check_claim

    with working(f"{replicates} replicates"):
        found = [
            (study.family, check_claim(study, sentence))
            for study in studies(
                items,
                open_items(items, models, map_),
                family,
                condition,
                level=level,
                replicates=replicates,
                seed=seed,
            )
        ]
    if json:
        result = {"claims": [{"family": name} | one.to_document() for name, one in found]}
        inputs = {"items": items, "sentence": sentence, "seed": seed}
        print_json(store.envelope("errors-check@1", inputs, result))
        return
    for name, one in found:
        print_line(name, one.verdict, _STYLES.get(one.verdict, ""))
        print_line("", one.because)
        if one.scope:
            print_line("scope", one.scope)
        for caution in one.cautions:
            print_line("caution", caution)
