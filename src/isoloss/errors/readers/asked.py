"""What a person said beside the logs: models, columns, names, and the golds that logs leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from isoloss.errors.items.items import ROWS
from isoloss.errors.items.models import Models
from isoloss.errors.readers.gold import Gold
from isoloss.errors.readers.rows import Draft, Pool, make_pools
from isoloss.exceptions import ItemsError

# in place of a column: the row's own place, where every log lists the same questions in one order
PLACE = "#"
# what a column may be mapped to, one value a row; `label.SOURCE` beside these
NAMES = tuple(name for name in ROWS if name != "choices")


@dataclass(frozen=True)
class Asked:
    """What was said.

    Attributes:
        models: the models of the study.
        map: column by name, as in `{"gold": "answer"}`.
        model, task, condition: of every answer, in place of what the logs say; None to let them.
        gold: right answers by id, or None.
        pools: the texts of all logs so far.
        resolved: names that were looked up before.
    """

    models: Models
    map: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    task: str | None = None
    condition: str | None = None
    gold: Gold | None = None
    pools: dict[str, Pool] = field(default_factory=make_pools)
    resolved: dict[tuple[str | None, ...], int] = field(default_factory=dict)

    def draft(self) -> Draft:
        """An empty draft over the pools of this reading."""
        return Draft(self.pools)

    def place(self, source: str, *names: str | None) -> int:
        """The place of the first of some names that the models file knows.

        Args:
            source: the log, for the message.
            names: what the log, its name or its folder calls the model; likelier ones first.

        Raises:
            ItemsError: the models file knows none of them.
        """
        wanted = (self.model,) if self.model is not None else names
        if wanted not in self.resolved:
            self.resolved[wanted] = self._find(source, [name for name in wanted if name])
        return self.resolved[wanted]

    def _find(self, source: str, names: Sequence[str]) -> int:
        if not names:
            raise ItemsError(
                f"{source}: nothing says which model answered; name it with model=, or the column "
                "with map model=COLUMN"
            )
        first: ItemsError | None = None
        for name in names:
            try:
                return self.models.find(name)
            except ItemsError as error:
                first = first or error
        raise ItemsError(f"{source}: {first}; or say with model= which one answered") from None

    def knows(self, name: str) -> bool:
        """Whether the models file has a name."""
        try:
            self.models.find(name)
        except ItemsError:
            return False
        return True


def read_map(given: Any) -> dict[str, str]:
    """`{"gold": "answer"}`, `"gold=answer,item=id"`, or a list of `NAME=COLUMN`.

    Raises:
        ItemsError: a part that is no pair, or a name that there is not.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = {str(name).strip(): str(column) for name, column in given.items()}
    else:
        parts = given.split(",") if isinstance(given, str) else [str(part) for part in given]
        pairs = {}
        for part in parts:
            name, equals, column = (piece.strip() for piece in part.partition("="))
            if not (name and equals and column):
                raise ItemsError(f"map: {part.strip()!r} is no NAME=COLUMN, such as gold=answer")
            if name in pairs:
                raise ItemsError(f"map: '{name}' is given twice, as {pairs[name]} and {column}")
            pairs[name] = column
    for name in pairs:
        if name not in NAMES and not (name.startswith("label.") and len(name) > 6):
            raise ItemsError(
                f"map: there is no '{name}'; the names are {', '.join(NAMES)} and label.SOURCE"
            )
    return pairs
