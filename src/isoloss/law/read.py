"""Forms from a TOML file: a family is a file, a law is a table in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isoloss.exceptions import FormulaError, LawError
from isoloss.law import tables
from isoloss.law.law import Index, Law, Parameter, Source, Variable
from isoloss.law.resize import entries
from isoloss.law.tree import item_name

KEYS = {
    *("name", "formula", "target", "summary", "sources", "variables", "parameters"),
    *("indices", "modality", "optimum", "identifiability"),
}


def read_family(path: Path) -> dict[str, Law]:
    """All laws of a TOML file.

    Raises:
        LawError: naming file and key.
    """
    return {
        id_: _read_law(id_, table, path.name, path.stem) for id_, table in tables.load(path).items()
    }


def _read_law(id_: str, entry: Any, file: str, family: str) -> Law:
    where = f"{file} [{id_}]"
    if not isinstance(entry, dict):
        raise LawError(f"{where}: a law is a table, got {entry!r}")
    tables.only(entry, KEYS, where)
    for key in ("formula", "variables", "parameters"):
        if key not in entry:
            raise LawError(f"{where}: the key '{key}' is missing")
    inner = f"{file} [{id_}"
    for key in ("variables", "parameters"):
        if not isinstance(entry[key], dict):
            raise LawError(f"{inner}.{key}]: a table is expected, got {entry[key]!r}")
    try:
        indices = tuple(
            _read_index(name, part, f"{inner}.indices.{name}]")
            for name, part in tables.table(entry, "indices", where).items()
        )
        labels = {index.name: index.labels for index in indices}
        return Law(
            id=id_,
            name=tables.text(entry, "name", where, id_),
            formula=" ".join(tables.text(entry, "formula", where).split()),
            target=tables.text(entry, "target", where, "loss"),
            summary=tables.text(entry, "summary", where),
            variables=tuple(
                variable
                for name, part in entry["variables"].items()
                for variable in _read_variable(name, part, f"{inner}.variables.{name}]", labels)
            ),
            parameters=tuple(
                parameter
                for name, part in entry["parameters"].items()
                for parameter in _read_parameter(name, part, f"{inner}.parameters.{name}]", labels)
            ),
            sources=read_sources(entry, where),
            indices=indices,
            family=family,
            modality=tables.texts(entry, "modality", where),
            optimum=tables.text(entry, "optimum", where),
            identifiability=tables.text(entry, "identifiability", where),
        )
    except (LawError, FormulaError) as error:
        message = str(error)
        raise LawError(message if message.startswith(file) else f"{where}: {message}") from None


def _read_index(name: str, entry: Any, where: str) -> Index:
    tables.only(entry, {"letter", "size", "labels", "meaning"}, where)
    letter = tables.text(entry, "letter", where, "i")
    if not (len(letter) == 1 and letter.isalpha()):
        raise LawError(f"{where}: 'letter' is one letter, got {letter!r}")
    given = entry.get("labels", entry.get("size", 2))
    return Index(name, letter, entries(given, where), tables.text(entry, "meaning", where))


def _over(entry: Mapping[str, Any], labels: Mapping[str, tuple[str, ...]], where: str) -> str:
    over = tables.text(entry, "over", where)
    if over and over not in labels:
        raise LawError(
            f"{where}: 'over' names the index {over!r}; the indices of this law are "
            f"{', '.join(labels) or 'none'}"
        )
    return over


def _read_variable(
    name: str, entry: Any, where: str, labels: Mapping[str, tuple[str, ...]]
) -> list[Variable]:
    tables.only(entry, {"meaning", "log", "range", "over", "share"}, where)
    over = _over(entry, labels, where)
    meaning = tables.text(entry, "meaning", where)
    plain = {
        "log": tables.boolean(entry, "log", where, True),
        "range": tables.pair_at(entry, "range", where),
        "share": tables.boolean(entry, "share", where, False),
    }
    if not over:
        return [Variable(name, meaning, **plain)]
    return [
        Variable(item_name(name, label), f"{meaning} ({label})", **plain, over=over)
        for label in labels[over]
    ]


def _read_parameter(
    name: str, entry: Any, where: str, labels: Mapping[str, tuple[str, ...]]
) -> list[Parameter]:
    keys = {"bounds", "transform", "start", "unit_of", "meaning", "typical", "over"}
    tables.only(entry, keys, where)
    if "bounds" not in entry:
        raise LawError(f"{where}: 'bounds' is missing; write for example bounds = [0.0, inf]")
    over = _over(entry, labels, where)
    meaning = tables.text(entry, "meaning", where)
    plain = {
        "bounds": tables.pair(entry["bounds"], f"{where} bounds"),
        "transform": tables.text(entry, "transform", where, "identity"),
        "start": tables.pair_at(entry, "start", where),
        "unit_of": entry.get("unit_of"),
    }
    typical = entry.get("typical")
    if not over:
        value = _typical(typical, plain["bounds"], where)
        return [Parameter(name, **plain, meaning=meaning, typical=value)]
    values = typical if isinstance(typical, list) else [typical] * len(labels[over])
    if len(values) != len(labels[over]):
        raise LawError(
            f"{where} typical: {len(labels[over])} values are expected, one for each of "
            f"{over}, got {len(values)}"
        )
    return [
        Parameter(
            item_name(name, label),
            **plain,
            meaning=f"{meaning} ({label})",
            typical=_typical(value, plain["bounds"], where),
            over=over,
        )
        for label, value in zip(labels[over], values, strict=True)
    ]


def _typical(value: Any, bounds: tuple[float, float], where: str) -> float | None:
    if value is None:
        return None
    found = tables.number(value, f"{where} typical")
    if not bounds[0] <= found <= bounds[1]:
        raise LawError(f"{where} typical: {found:g} is outside of the bounds {list(bounds)}")
    return found


def read_sources(entry: Mapping[str, Any], where: str) -> tuple[Source, ...]:
    """The list of sources of a law or of published numbers."""
    return tuple(
        _read_source(source, f"{where} sources")
        for source in tables.tables(entry, "sources", where)
    )


def _read_source(entry: Any, where: str) -> Source:
    tables.only(entry, {"cite", "where", "url"}, where)
    if "cite" not in entry:
        raise LawError(f"{where}: 'cite' is missing; write authors, year and title")
    return Source(**{key: str(value) for key, value in entry.items()})
