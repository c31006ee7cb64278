"""Papers that were looked at for a law and have none, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from isoloss.law import tables

PATH = Path(__file__).parent.parent / "without_law.toml"


@dataclass(frozen=True)
class WithoutLaw:
    """A paper without an entry.

    Attributes:
        id: short name.
        cite: year and title.
        url: a stable address, where it is known.
        read: what of it was read.
        reason: why it has no entry.
    """

    id: str
    cite: str
    url: str
    read: str
    reason: str


@cache
def without_law() -> dict[str, WithoutLaw]:
    """Every such paper, by its short name."""
    found = {}
    for id_, entry in tables.load(PATH).items():
        where = f"{PATH.name} [{id_}]"
        tables.only(entry, {"cite", "url", "read", "reason"}, where)
        fields = {key: tables.text(entry, key, where) for key in ("cite", "url", "read", "reason")}
        found[id_] = WithoutLaw(id_, **fields)
    return found
