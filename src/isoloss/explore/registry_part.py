"""What the library knows of every published law, for the page that browses it.

By the law's id: what goes for all of its sets of numbers, and under `sets`, by the key that the
catalogue has (`ID` or `ID:SET`), the numbers as printed and the runs that they were fitted to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from isoloss.exceptions import LawError
from isoloss.explore.formula import formula_nodes
from isoloss.law import published_laws
from isoloss.law.published import Published
from isoloss.law.published.entry import Coefficients
from isoloss.law.published.evaluate import check_usable
from isoloss.law.published.number import Number


def registry(ids: Iterable[str] | None = None) -> dict[str, Any]:
    """Laws by id.

    Args:
        ids: those to tell of; all when nothing is said.
    """
    laws = published_laws()
    return {name: _law(laws[name]) for name in (laws if ids is None else ids)}


def set_key(entry: Published, name: str) -> str:
    """How the catalogue calls a set of numbers."""
    return entry.id if name == entry.default else f"{entry.id}:{name}"


def _law(entry: Published) -> dict[str, Any]:
    return {
        "formula": formula_nodes(entry.law),
        "sources": [vars(source).copy() for source in entry.sources],
        "setup": dict(entry.setup),
        "optimum": entry.optimum,
        "pitfalls": list(entry.pitfalls),
        "misstated": [vars(one).copy() for one in entry.misstated],
        "sets": {set_key(entry, name): _set(entry, one) for name, one in entry.sets.items()},
    }


def _set(entry: Published, chosen: Coefficients) -> dict[str, Any]:
    meanings = {p.name: p.meaning for p in entry.law.parameters}
    places = {one.where for one in chosen.numbers.values()}
    # most sets stand in one table: its place is told once
    where = places.pop() if len(places) == 1 else None
    return {
        "set": chosen.name,
        "note": chosen.note,
        "where": where or "",
        "numbers": [_number(one, meanings, where) for one in chosen.numbers.values()],
        "unseen": list(chosen.unseen),
        "correlation": chosen.correlation.where if chosen.correlation else "",
        "inputs": [
            {
                "name": one.name,
                "meaning": one.meaning,
                "unit": one.measure,
                "counts": one.counts,
                "range": list(one.range) if one.range else None,
            }
            for one in chosen.inputs.values()
        ],
        "why": _refused(entry, chosen),
    }


def _number(one: Number, meanings: dict[str, str], told: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "printed": one.printed, "evidence": one.evidence}
    if meanings.get(one.name):
        found["meaning"] = meanings[one.name]
    if one.se is not None:
        found["se"] = one.se
    if one.interval is not None:
        found |= {"interval": list(one.interval), "level": one.level}
    if one.where and one.where != told:
        found["where"] = one.where
    if one.note:
        found["note"] = one.note
    return found | ({"exact": True} if one.exact else {})


def _refused(entry: Published, chosen: Coefficients) -> str:
    """Why nobody can ask it; empty where one can."""
    try:
        check_usable(entry, chosen, any_evidence=False)
    except LawError as error:
        return str(error)
    return ""
