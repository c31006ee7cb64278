"""Classes and their superclasses, as a person gives them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isoloss.errors.labels.text import plain
from isoloss.exceptions import ItemsError


@dataclass(frozen=True)
class Taxonomy:
    """What answers mean as classes.

    Attributes:
        superclass: class -> superclass, such as `beagle` -> `dog`.
        texture: item's key -> class of its texture, for images whose shape and texture disagree
            (the gold answer being the shape's class).
    """

    superclass: Mapping[str, str] = field(default_factory=dict)
    texture: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Taxonomy | Mapping[str, str] | None) -> Taxonomy | None:
        """A taxonomy from a mapping of classes to superclasses; letters' case does not matter."""
        if given is None:
            return None
        known = given if isinstance(given, Taxonomy) else cls(given)
        return cls(
            {plain(str(one)): plain(str(above)) for one, above in known.superclass.items()},
            {str(item): plain(str(one)) for item, one in known.texture.items()},
        )


def read_taxonomy(path: str | Path) -> Taxonomy:
    """Read a CSV file with columns `class,superclass`, or `item,texture`, or rows of both kinds.

    Raises:
        ItemsError: no such file, other columns, a row without a value, or a class named twice.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ItemsError(f"cannot read {path}: {error}") from None
    found: dict[str, dict[str, str]] = {"class": {}, "item": {}}
    for line, row in enumerate(rows, 2):
        for key, value in (("class", "superclass"), ("item", "texture")):
            one, above = (row.get(key) or "").strip(), (row.get(value) or "").strip()
            if bool(one) != bool(above):
                raise ItemsError(f"{path.name}: line {line} has {key} '{one}', {value} '{above}'")
            if one and found[key].setdefault(one, above) != above:
                raise ItemsError(f"{path.name}: line {line} gives {key} '{one}' a second {value}")
    if not any(found.values()):
        raise ItemsError(
            f"{path.name}: expected columns class,superclass (or item,texture) with rows; "
            f"columns are {', '.join(rows[0]) if rows else 'none'}"
        )
    return Taxonomy(found["class"], found["item"])
