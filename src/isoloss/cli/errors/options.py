"""Options that the commands on answers share, and how answers are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.exceptions import ItemsError

if TYPE_CHECKING:
    from isoloss.errors.items import Items
    from isoloss.errors.study import ErrorStudy

ItemsFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="ITEMS...",
        help="Answers saved by `isoloss errors import`; or tables and logs, with --models.",
    ),
]
ItemsFile = Annotated[
    str,
    typer.Argument(
        metavar="ITEMS",
        help="Answers saved by `isoloss errors import`; or a table or log, with --models.",
    ),
]
ModelsFile = Annotated[
    str | None,
    typer.Option(metavar="models.yaml", help="Of tables and logs: family and params of models."),
]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="NAME=COLUMN,...", help="Of tables: which column is what."),
]
Family = Annotated[
    str | None, typer.Option(help="Whose sizes are compared; every one that has two if not given.")
]
Condition = Annotated[
    str | None,
    typer.Option(help="How the questions were asked; the one with most answers if not given."),
]
Level = Annotated[float, typer.Option(help="Of intervals and tests.")]
Replicates = Annotated[int, typer.Option(help="Bootstrap draws of questions.")]
Seed = Annotated[int, typer.Option(help="Of the random numbers.")]


def open_items(path: str, models: str | None, columns: str | None = None) -> Items:
    """Saved answers, or a table or log with its models.

    Raises:
        ItemsError: neither; the message says what is missing.
    """
    from isoloss.errors.items.store import load_items
    from isoloss.errors.readers import read_items

    try:
        # saved answers hold their models, so --models may stand beside them for other files
        return load_items(path)
    except ItemsError as error:
        if models is None:
            raise ItemsError(
                f"{error}; a table or log that was not saved by `isoloss errors import` needs "
                "--models models.yaml"
            ) from None
    return read_items(path, models=models, map=columns)


def name_of(path: str) -> str:
    """A table's name, from its file."""
    from pathlib import Path

    return Path(path).name.split(".")[0]


def usual_condition(items: Items, family: str) -> str:
    """The condition with the most answers of a family; the first of equals."""
    import numpy as np

    mine = items.where(family=family)
    codes = mine.condition.codes
    counts = np.bincount(codes[codes >= 0], minlength=len(mine.condition.values))
    return mine.condition.values[int(np.argmax(counts))]


def studies(
    path: str,
    items: Items,
    family: str | None,
    condition: str | None,
    *,
    by: str = "task",
    level: float,
    replicates: int,
    seed: int,
) -> list[ErrorStudy]:
    """A study of every family that was asked for.

    Raises:
        ItemsError: no family has two sizes.
    """
    from isoloss.errors.labels import label
    from isoloss.errors.study import families_to_study, study

    if not items.labels:
        items = label(items)
    names = (family,) if family else families_to_study(items)
    if not names:
        raise ItemsError(
            f"{path}: no family has answers of two sizes; families here: "
            f"{', '.join(items.families)}. Check params and family in the models file"
        )
    return [
        study(
            items,
            name,
            condition=condition or usual_condition(items, name),
            name=name_of(path),
            by=by,
            level=level,
            replicates=replicates,
            seed=seed,
        )
        for name in names
    ]
