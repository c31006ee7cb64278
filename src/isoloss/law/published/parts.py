"""The parts of a published law in TOML: a number, an input, a correlation.

Every refusal names the file and the key, what stands there, and what to write instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from isoloss import quantities
from isoloss.exceptions import ConventionError, LawError, QuantityError
from isoloss.law import tables
from isoloss.law.published.entry import Correlation, Input
from isoloss.law.published.number import EVIDENCE, Number

# what data is counted in, where that is a unit too
_ITEMS = ("tokens", "samples", "pairs", "bytes", "characters")


def read_level(entry: Mapping[str, Any], otherwise: str, where: str) -> str:
    """The evidence of an entry or of a set."""
    found = tables.text(entry, "evidence", where, otherwise)
    if found not in EVIDENCE:
        given = f"is {found!r}" if found else "is missing"
        raise LawError(f"{where}: 'evidence' {given}; use one of {', '.join(EVIDENCE)}")
    return found


def read_number(name: str, value: Any, evidence: str, place: str, where: str) -> Number:
    """A number from its digits, or from a table with its error.

    Args:
        name: as in the formula.
        value: text, or a table.
        evidence: level where the table says none.
        place: where it was read, where the table says nothing.
        where: file and key, for messages.
    """
    if isinstance(value, str):
        value = {"value": value}
    if not isinstance(value, dict):
        raise LawError(
            f"{where}: '{name}' is {value!r}; write the digits as printed, between quotes, such "
            'as "0.30", or a table with value, se, interval, evidence'
        )
    where = f"{where} {name}"
    keys = {"value", "se", "interval", "level", "evidence", "where", "exact", "note"}
    tables.only(value, keys, where)
    if "value" not in value:
        raise LawError(f"{where}: 'value' is missing; write the digits as printed")
    interval = value.get("interval")
    if interval is not None and not (isinstance(interval, list) and len(interval) == 2):
        raise LawError(f"{where}: 'interval' has two ends, got {interval!r}")
    facts: dict[str, Any] = {
        "evidence": tables.text(value, "evidence", where, evidence),
        "where": tables.text(value, "where", where, place),
        "se": _figure(value["se"], f"{where} se") if "se" in value else None,
        "interval": tuple(_figure(v, f"{where} interval") for v in interval) if interval else None,
        "level": _figure(value.get("level", 0.95), f"{where} level"),
        "exact": tables.boolean(value, "exact", where, False),
        "note": tables.text(value, "note", where),
    }
    try:
        return Number(name, tables.text(value, "value", where), **facts)
    except LawError as error:
        message = str(error)
        raise LawError(message if message.startswith(where) else f"{where}: {message}") from None


def _figure(value: Any, where: str) -> float:
    try:
        figure = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        figure = math.nan
    if not math.isfinite(figure):
        raise LawError(f"{where}: a finite number is expected, got {value!r}")
    return figure


def read_input(name: str, entry: Mapping[str, Any], where: str) -> Input:
    """How an entry measures one of its inputs."""
    tables.only(entry, {"meaning", "unit", "measured_in", "quantity", "counts", "range"}, where)
    measured_in = tables.text(entry, "measured_in", where)
    quantity = tables.text(entry, "quantity", where, name if name in quantities.QUANTITIES else "")
    if quantity and quantity not in quantities.QUANTITIES:
        raise LawError(
            f"{where}: 'quantity' is {quantity!r}; use one of {', '.join(quantities.QUANTITIES)}"
        )
    kind = quantities.quantity(quantity) if quantity else None
    counts = _counts(entry, kind, where)
    usual = ""
    if kind and not measured_in:
        # data that is counted in samples or bytes is not in tokens
        usual = counts if counts in _ITEMS else kind.unit
    unit = tables.text(entry, "unit", where, usual)
    if unit and measured_in:
        raise LawError(f"{where}: give 'unit' or 'measured_in', not both")
    if unit:
        check_unit(unit, quantity, where)
    return Input(
        name=name,
        meaning=tables.text(entry, "meaning", where),
        unit=unit,
        measured_in=measured_in,
        quantity=quantity,
        counts=counts,
        range=_range(entry, where),
    )


def _counts(entry: Mapping[str, Any], kind: quantities.Quantity | None, where: str) -> str:
    counts = tables.text(entry, "counts", where)
    if not counts:
        return ""
    if kind is None or not kind.conventions:
        raise LawError(
            f"{where}: 'counts' is for model size, data and compute alone; name the 'quantity' "
            "N, D, U or C, or leave it out"
        )
    try:
        return quantities.check_convention(counts, kind)
    except ConventionError as error:
        raise LawError(f"{where}: 'counts': {error}") from None


def _range(entry: Mapping[str, Any], where: str) -> tuple[float, float] | None:
    found = tables.pair_at(entry, "range", where)
    if found and not (found[0] <= found[1] and all(map(math.isfinite, found))):
        raise LawError(
            f"{where}: 'range' is the lowest and the highest value of the fitted runs, got "
            f"{list(found)}"
        )
    return found


def check_unit(text: str, of: str, where: str) -> None:
    """Refuse a unit that is unknown, or that measures something else than the quantity `of`."""
    try:
        found = quantities.unit(text)
    except QuantityError as error:
        raise LawError(
            f"{where}: 'unit': {error}. A unit that converts to nothing stands under 'measured_in'"
        ) from None
    kind = quantities.QUANTITIES.get(of)
    counted = kind is not None and kind.dimension in ("parameters", "data", "compute")
    if kind and found.dimension != kind.dimension and not (counted and found.dimension == "number"):
        raise LawError(
            f"{where}: 'unit' is {text!r}, which measures {found.dimension}; {of} is "
            f"{kind.dimension}, in {kind.unit}"
        )


def read_correlation(
    part: Mapping[str, Any], numbers: Mapping[str, Number], where: str
) -> Correlation | None:
    """How the errors of a set's numbers go together, where it says so."""
    given = tables.table(part, "correlation", where)
    if not given:
        return None
    where = f"{where[:-1]}.correlation]"
    tables.only(given, {"names", "matrix", "where"}, where)
    names = tables.texts(given, "names", where)
    unknown = [name for name in names if name not in numbers]
    matrix = given.get("matrix")
    if unknown or not names or len(set(names)) < len(names):
        raise LawError(
            f"{where}: 'names' lists different numbers of the entry, which has "
            f"{', '.join(numbers)}; got {', '.join(names) or 'none'}"
        )
    size = len(names)
    if not (
        isinstance(matrix, list)
        and len(matrix) == size
        and all(isinstance(row, list) and len(row) == size for row in matrix)
    ):
        raise LawError(f"{where}: 'matrix' has {size} rows of {size} numbers, got {matrix!r}")
    rows = tuple(tuple(tables.number(value, f"{where} matrix") for value in row) for row in matrix)
    _check_correlation(np.array(rows), where)
    return Correlation(names, rows, tables.text(given, "where", where))


def _check_correlation(matrix: np.ndarray, where: str) -> None:
    """Refuse what no errors can have; printed digits leave it slightly indefinite."""
    for good, rule in (
        (np.all(np.abs(matrix) <= 1.0), "has no entry beyond -1 and 1"),
        (np.all(np.diag(matrix) == 1.0), "has ones on its diagonal"),
        (np.array_equal(matrix, matrix.T), "is the same below and above its diagonal"),
    ):
        if not good:
            raise LawError(f"{where}: the matrix of a correlation {rule}, got {matrix.tolist()}")
    lowest = float(np.linalg.eigvalsh(matrix)[0])
    if lowest < -0.05:
        raise LawError(
            f"{where}: no errors go together like this 'matrix': it has the eigenvalue "
            f"{lowest:.2g}, and none is negative; look for a sign or a misprint"
        )
