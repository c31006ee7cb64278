"""Text columns as whole numbers: a million answers hold few different ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

MISSING = -1


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts.

    Attributes:
        codes: (n,) places in `values`; -1 where there is none.
        values: the different texts, in order of first appearance.
    """

    codes: np.ndarray
    values: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> Coded:
        """Number the texts; None is missing."""
        places: dict[str, int] = {}
        codes = [
            MISSING if text is None else places.setdefault(text, len(places)) for text in texts
        ]
        return cls(np.array(codes, dtype=np.int32), tuple(places))

    @classmethod
    def same(cls, text: str, count: int) -> Coded:
        """One text for every row."""
        return cls(np.zeros(count, dtype=np.int32), (text,))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code == MISSING else self.values[code]

    def texts(self) -> list[str | None]:
        """Every row as text."""
        table = [*self.values, None]
        return [table[code] for code in self.codes.tolist()]

    def take(self, rows: np.ndarray) -> Coded:
        """Some rows (indices or a mask); `values` stay as they are."""
        return Coded(self.codes[rows], self.values)

    def compact(self) -> Coded:
        """The same column without values that no row has."""
        used, codes = np.unique(self.codes, return_inverse=True)
        if len(used) and used[0] == MISSING:
            used, codes = used[1:], codes - 1
        return Coded(codes.astype(np.int32), tuple(self.values[code] for code in used))

    def code(self, text: str) -> int:
        """The place of a text; -1 where no row could have it."""
        return self.values.index(text) if text in self.values else MISSING

    @staticmethod
    def joined(columns: Sequence[Coded]) -> Coded:
        """Columns under one another."""
        places: dict[str, int] = {}
        parts = []
        for column in columns:
            table = [places.setdefault(value, len(places)) for value in column.values]
            parts.append(np.array([*table, MISSING], dtype=np.int32)[column.codes])
        return Coded(np.concatenate(parts) if parts else np.zeros(0, np.int32), tuple(places))
