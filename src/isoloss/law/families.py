"""The families that the library of laws is divided into, in the order of a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from isoloss.law import tables

PATH = Path(__file__).parent / "families.toml"


@dataclass(frozen=True)
class Family:
    """A family of laws: forms and published laws that answer one question.

    Attributes:
        id: the name of its files, such as `moe`.
        title: what people call it.
        question: what it answers, in one sentence.
        axis: the inputs that set it apart, the most telling first; empty where size, data and
            compute are all it has.
        shapes: whether its figure is about the shapes of its forms, numbers or not.
    """

    id: str
    title: str
    question: str
    axis: tuple[str, ...] = ()
    shapes: bool = False


@cache
def families() -> Mapping[str, Family]:
    """Every family by its id.

    Raises:
        LawError: naming the key of `families.toml` that is missing or wrong.
    """
    found = {}
    for id_, entry in tables.load(PATH).items():
        where = f"{PATH.name} [{id_}]"
        tables.only(entry, {"title", "question", "axis", "shapes"}, where)
        found[id_] = Family(
            id_,
            tables.text(entry, "title", where, id_),
            tables.text(entry, "question", where),
            tables.texts(entry, "axis", where),
            tables.boolean(entry, "shapes", where, False),
        )
    return found
