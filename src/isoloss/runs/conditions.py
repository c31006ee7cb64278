"""Conditions that rows are kept by, over raw columns or canonical names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from isoloss.exceptions import FormulaError, RunsError
from isoloss.law.expression import evaluate, parse
from isoloss.law.tree import Apply, Expression, Name, Node, Text
from isoloss.notices import Notice
from isoloss.runs.cells import Place, looks_numeric, to_labels, to_numbers
from isoloss.runs.mapping import Term
from isoloss.runs.names import quantity_of


@dataclass(frozen=True)
class Condition:
    """One condition.

    Attributes:
        expression: as parsed.
        raw: the columns that it reads, as text or as numbers.
        canonical: the mapped names that it reads, in base units.
        texts: the names that it compares with quoted text.
    """

    expression: Expression
    raw: tuple[str, ...]
    canonical: tuple[str, ...]
    texts: frozenset[str]


def read_conditions(
    given: str | Sequence[str], columns: Collection[str], mapped: Collection[str], source: str
) -> tuple[Condition, ...]:
    """Parse conditions; a name that is both a column and a mapped name is the column.

    Raises:
        RunsError: an unknown name, with the closest ones.
        FormulaError: text that is no condition.
    """
    texts = (given,) if isinstance(given, str) else tuple(given)
    return tuple(_read(text, columns, mapped, source) for text in texts)


def _read(text: str, columns: Collection[str], mapped: Collection[str], source: str) -> Condition:
    expression = parse(text, conditions=True)
    known = [*columns, *(name for name in mapped if name not in columns)]
    for name in expression.names:
        if name not in known:
            lowered = {other.lower(): other for other in known}
            close = [lowered[hit] for hit in get_close_matches(name.lower(), lowered, n=3)]
            hint = f"did you mean {' or '.join(close)}?" if close else f"known: {_some(known)}"
            raise RunsError(f"{source}: no column or quantity '{name}' in where {text!r}; {hint}")
    return Condition(
        expression,
        tuple(name for name in expression.names if name in columns),
        tuple(name for name in expression.names if name not in columns),
        frozenset(_beside_text(expression.root)),
    )


def shadowed(
    conditions: Sequence[Condition], terms: Mapping[str, Term], units: Mapping[str, str]
) -> tuple[Notice, ...]:
    """A notice for a name that is a column here and something else once it is mapped."""
    notices = []
    for condition in conditions:
        for name in condition.raw:
            kind = quantity_of(name)
            if name in terms and (terms[name].text != name or (kind and units[name] != kind.unit)):
                notices.append(
                    Notice(
                        "condition-on-column",
                        f"'{name}' in where {condition.expression.text!r} is the column as it "
                        f"stands in the table, not the mapped quantity",
                        "write the condition in the table's own numbers, or rename the column",
                    )
                )
    return tuple(notices)


def holds(
    condition: Condition, cells: dict[str, Any], quantities: dict[str, Any], place: Place
) -> np.ndarray:
    """Which rows satisfy the condition: bool `(n,)`. A blank cell satisfies no inequality.

    Args:
        condition: what is asked.
        cells: raw column -> cells, for `condition.raw`.
        quantities: canonical name -> float64 `(n,)`, for `condition.canonical`.
        place: the rows.

    Raises:
        RunsError: text compared as a number, naming the first such cell.
    """
    values = dict(quantities)
    for name in condition.raw:
        if name not in condition.texts and looks_numeric(cells[name]):
            values[name], _ = to_numbers(cells[name], place, name)
        else:
            values[name] = to_labels(cells[name])
    try:
        found = np.asarray(evaluate(condition.expression, values))
    except FormulaError as error:
        raise _explained(error, condition, cells, values, place) from None
    if found.dtype != bool:
        raise RunsError(
            f"where {condition.expression.text!r} gives {found.dtype.name} values, not yes or no; "
            "compare, as in 'params > 1e8'"
        )
    return np.broadcast_to(found, len(place.rows))


def _explained(
    error: FormulaError,
    condition: Condition,
    cells: dict[str, Any],
    values: dict[str, Any],
    place: Place,
) -> RunsError:
    """Say which cell made a column text, where that is why a comparison failed."""
    detail = ""
    for name in condition.raw:
        if name not in condition.texts and values[name].dtype.kind == "U":
            try:
                to_numbers(cells[name], place, name)
            except RunsError as found:
                detail = f" ({found} first)"
                break
    return RunsError(f"{place.source}, where {condition.expression.text!r}: {error}{detail}")


def _beside_text(node: Node) -> Iterator[str]:
    if not isinstance(node, Apply):
        return
    if any(isinstance(arg, Text) for arg in node.args):
        yield from (arg.id for arg in node.args if isinstance(arg, Name))
    for arg in node.args:
        yield from _beside_text(arg)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
