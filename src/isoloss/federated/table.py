"""A person's federated runs: N, D, K and loss, and what else their table has.

Beside the names that every table of runs is read by, the columns of this room are known by theirs:
clients (replicas, workers), learning rate, local steps, participation and the concentration of a
Dirichlet split. A blank concentration means data drawn alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.exceptions import RunsError
from isoloss.federated.cells import METHOD
from isoloss.notices import Notice
from isoloss.runs import Runs, read_runs
from isoloss.runs.cells import Place, is_blank, list_rows, take, to_numbers
from isoloss.runs.mapping import assignments, resolve_groups
from isoloss.runs.names import normalise, read_name
from isoloss.runs.readers import Table, open_table

_NAMES = {
    "K": "k clients client n_clients num_clients number_of_clients client_count replicas "
    "n_replicas num_replicas workers n_workers num_workers",
    "lr": "lr learning_rate inner_lr inner_learning_rate rate peak_lr",
    "local_steps": "local_steps n_local_steps num_local_steps inner_steps steps_per_round "
    "sync_every",
    "participation": "participation participation_rate fraction_fit client_fraction",
    "dirichlet_alpha": "dirichlet_alpha dirichlet",
}
_KNOWN = {word: name for name, words in _NAMES.items() for word in words.split()}
_QUIET = ("local_steps", "participation", "skew", "lr")
_METHODS = ("method", "algorithm", "strategy")
OPTIONAL = ("lr", "local_steps", "participation", "dirichlet_alpha")


def read_federated_runs(
    source: Any,
    *,
    map: str | Mapping[str, str] | None = None,
    where: str | Sequence[str] = (),
    **options: Any,
) -> Runs:
    """Read a table with N, D, K and loss, and of lr, local_steps, participation, C what it has.

    Args:
        source: as in `isoloss.read_runs`, runs that were read with those names, or the name of a
            shipped table (`isoloss.federated.ladders.names()`).
        map: canonical name to column or expression; names that are missing are guessed by the
            column's name.
        where: conditions that a row must satisfy.
        options: further ones of `isoloss.read_runs`.

    Raises:
        RunsError: a column is missing, or K is no whole number of at least 1.
    """
    if isinstance(source, Runs):
        return _checked(source)
    conditions = (where,) if isinstance(where, str) else tuple(where)
    source = _shipped(source)
    table = open_table(source)
    texts, notices = _mapping(table, assignments(map, "map"))
    given, skewed = _alike(table, texts)
    lost = _diverged(table, texts, conditions)
    if lost is not None:
        condition, notice = lost
        conditions, notices = (*conditions, condition), [*notices, notice]
    if "groups" not in options:
        options["groups"], guessed = _groups(table, texts)
        notices += guessed
    runs = read_runs(source if given is None else given, map=texts, where=conditions, **options)
    if given is not None:
        _, lines = table.load((table.names[0],))
        rows = lines[runs.rows - 1]
        runs = replace(runs, source=table.source, word=table.word, rows=rows)
        notices += skewed
    return _checked(replace(runs, notices=(*notices, *_of_interest(runs.notices))))


def _of_interest(notices: Sequence[Notice]) -> list[Notice]:
    """Without those that are no news of a sweep: seeds repeat, and what was not varied is known."""
    return [
        notice
        for notice in notices
        if notice.code != "replicates"
        and not (notice.code == "constant-input" and notice.message.startswith(_QUIET))
    ]


def _mapping(table: Table, texts: dict[str, str]) -> tuple[dict[str, str], list[Notice]]:
    """The mapping with what was guessed, and a notice for every guess."""
    chosen, notices = dict(texts), []
    readings = [read_name(name) for name in table.names]
    for quantity in ("N", "D", "C"):
        hits = [r.column for r in readings if r.quantity == quantity]
        if quantity not in chosen and len(hits) == 1:
            chosen[quantity] = hits[0]
            notices.append(_guess(quantity, hits[0]))
    used = set(chosen.values())
    for column in table.names:
        name = _KNOWN.get(normalise(column))
        if name is None or name in chosen or column in used:
            continue
        if name in OPTIONAL and name != "dirichlet_alpha" and _has_blank(table, column):
            continue
        chosen[name] = column
        notices.append(_guess(name, column))
    for name, words in (
        ("N", "parameters"),
        ("D", "tokens or samples over all clients"),
        ("K", "the number of clients"),
    ):
        if name not in chosen:
            listed = ", ".join(table.names[:12])
            raise RunsError(
                f"{table.source}: no column is known to be {name}, {words}; map it, as in "
                f"'{name}=COLUMN'. The columns are {listed}"
            )
    return chosen, notices


def _groups(table: Table, texts: Mapping[str, str]) -> tuple[dict[str, str], list[Notice]]:
    """The groups that any table of runs has, and the method of training, such as DiLoCo."""
    roles, notices = resolve_groups(table.names, None, texts.values(), table.source)
    named = [name for name in table.names if normalise(name) in _METHODS]
    if METHOD in roles or len(named) != 1 or named[0] in texts.values():
        return roles, list(notices)
    told = Notice(
        "guessed-group",
        f"the method of training is read from column '{named[0]}', by its name",
        "if that is wrong, name the groups yourself, as in groups 'seed=seed'",
    )
    return {**roles, METHOD: named[0]}, [*notices, told]


def _guess(name: str, column: str) -> Notice:
    return Notice(
        "guessed-column",
        f"{name} is read from column '{column}', by its name",
        f"if that is wrong, say map '{name}=...'",
    )


def _has_blank(table: Table, column: str) -> bool:
    cells, _ = table.load((column,))
    return any(is_blank(cell) for cell in cells[column])


def _alike(table: Table, texts: dict[str, str]) -> tuple[dict[str, Any] | None, tuple[Notice, ...]]:
    """The columns with blank concentrations written out as infinite, where there are any."""
    column = texts.get("dirichlet_alpha")
    if column is None or column not in table.names:
        return None, ()
    texts["skew"] = f"1/(1 + `{column}`)"
    del texts["dirichlet_alpha"]
    if not _has_blank(table, column):
        return None, ()
    cells, lines = table.load(table.names)
    place = Place(table.source, table.word, lines)
    numbers, blank = to_numbers(take(cells[column], np.arange(len(lines))), place, column)
    filled = {**cells, column: np.where(blank, np.inf, numbers)}
    notice = Notice(
        "alike-where-blank",
        f"{int(blank.sum())} rows have no {column} and count as data drawn alike",
        "write the concentration where the data were split unevenly",
    )
    # where no row has a concentration, nothing was assumed
    return filled, () if blank.all() else (notice,)


def _diverged(
    table: Table, texts: Mapping[str, str], conditions: tuple[str, ...]
) -> tuple[str, Notice] | None:
    """A condition that leaves out runs without a finite loss, and which they are."""
    column = texts.get("loss")
    if column is None:
        hits = [name for name in table.names if read_name(name).quantity == "loss"]
        column = hits[0] if len(hits) == 1 else None
    if column not in table.names or any(column in text for text in conditions):
        return None
    cells, lines = table.load((column,))
    values, blank = to_numbers(cells[column], Place(table.source, table.word, lines), column)
    bad = ~blank & ~np.isfinite(values)
    if not bad.any():
        return None
    quoted = column if column.isidentifier() else f"`{column}`"
    notice = Notice(
        "diverged-runs",
        f"{int(bad.sum())} runs have no finite loss and are left out: "
        f"{list_rows(lines[bad], table.word)}",
        "a learning rate that diverges for some sizes and not for others can bias the best size",
    )
    return f"{quoted} < 1e300", notice


def _shipped(source: Any) -> Any:
    """The path of a shipped table if its name was given and no file has that name."""
    from isoloss.federated import ladders

    if isinstance(source, str) and source in ladders.names() and not Path(source).exists():
        return ladders.path(source)
    return source


def _checked(runs: Runs) -> Runs:
    missing = [name for name in ("N", "D", "K") if name not in runs.columns]
    if missing:
        raise RunsError(
            f"{runs.source}: federated runs need N, D and K; {', '.join(missing)} is missing. "
            "Read them with isoloss.federated.read_federated_runs"
        )
    clients = runs.columns["K"]
    bad = np.flatnonzero((clients < 1) | (clients != np.round(clients)))
    if len(bad):
        hint = "; rows of data parallel training are left out with where 'K > 0'"
        raise RunsError(
            f"{runs.source}, {list_rows(runs.rows[bad], runs.word)}: K is {clients[bad[0]]:g}, and "
            f"must be a whole number of clients, at least 1"
            + (hint if np.all(clients[bad] == 0) else "")
        )
    return runs
