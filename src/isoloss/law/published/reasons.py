"""Why two published laws disagree, where somebody found out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from isoloss.law import tables
from isoloss.law.law import Source
from isoloss.law.read import read_sources

PATH = Path(__file__).parent.parent / "disagreements.toml"


@dataclass(frozen=True)
class Reason:
    """An explanation of a disagreement between laws.

    Attributes:
        laws: ids, or beginnings of ids, that it is about.
        against: the laws on the other side; the same ones where any two of them are meant.
        about: what disagrees.
        reason: what explains it, and what does not.
        sources: where that was read or computed.
    """

    laws: tuple[str, ...]
    against: tuple[str, ...]
    about: str
    reason: str
    sources: tuple[Source, ...]

    def concerns(self, first: str, second: str) -> bool:
        """Whether it explains a disagreement of these two laws."""
        return (_among(first, self.laws) and _among(second, self.against)) or (
            _among(second, self.laws) and _among(first, self.against)
        )

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "laws": list(self.laws),
            "against": list(self.against),
            "about": self.about,
            "reason": self.reason,
            "sources": [vars(s).copy() for s in self.sources],
        }


def reasons(first: str, second: str) -> tuple[Reason, ...]:
    """Explanations that are about both laws."""
    found = tuple(r for r in all_reasons() if r.concerns(first, second))
    if _plain(first) != _plain(second):
        return found
    if first == second or " " in first + second:
        return ()
    # two sets of one law: what was found about that law alone
    return tuple(r for r in found if len({*r.laws, *r.against}) == 1)


def _plain(id_: str) -> str:
    """The id without a set or a change behind it."""
    return id_.partition(" ")[0].partition(":")[0]


def _among(id_: str, names: tuple[str, ...]) -> bool:
    return any(id_.startswith(name) for name in names)


@cache
def all_reasons() -> tuple[Reason, ...]:
    """Every explanation that ships."""
    found = []
    for name, entry in tables.load(PATH).items():
        where = f"{PATH.name} [{name}]"
        tables.only(entry, {"laws", "against", "about", "reason", "sources"}, where)
        laws = tables.texts(entry, "laws", where)
        found.append(
            Reason(
                laws,
                tables.texts(entry, "against", where) or laws,
                tables.text(entry, "about", where),
                tables.text(entry, "reason", where),
                read_sources(entry, where),
            )
        )
    return tuple(found)
