"""What a reader hands over: the answers of one log, as columns, before questions are paired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import UNKNOWN
from isoloss.notices import Notice

# `own` is the log's own id of a question, `content` its hash of the question, `prompt` of the
# whole prompt: pairing makes the question's key from them
TEXTS = (
    "own",
    "content",
    "prompt",
    "task",
    "condition",
    "gold",
    "prediction",
    "question",
    "options",
    "cluster",
    "finish",
)
# rows that a draft holds as Python objects before it turns them into codes
FLUSH = 20_000


class Pool:
    """The texts of one column over all logs of a reading, each kept once."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._places: dict[str, int] = {}

    def encode(self, texts: Iterable[str | None]) -> np.ndarray:
        """Codes (n,) int32 of texts; -1 for None."""
        get, add = self._places.get, self._add
        codes = []
        for text in texts:
            if text is None:
                codes.append(MISSING)
                continue
            place = get(text)
            codes.append(add(text) if place is None else place)
        return np.array(codes, dtype=np.int32)

    def merge(self, column: Coded) -> np.ndarray:
        """Codes (n,) in this pool of a column that has its own."""
        table = np.append(self.encode(column.values), np.int32(MISSING))
        return table[column.codes]

    def coded(self, codes: np.ndarray) -> Coded:
        """Codes of this pool as a column."""
        return Coded(codes, tuple(self.values))

    def _add(self, text: str) -> int:
        kept = clean(text)
        place = self._places.get(kept)
        if place is None:
            place = self._places[kept] = len(self.values)
            self.values.append(kept)
        self._places[text] = place
        return place


def clean(text: str) -> str:
    """The text without halves of characters, which a cut answer can end in and no file can hold."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def make_pools() -> dict[str, Pool]:
    """A pool for every column of text."""
    return {name: Pool() for name in TEXTS}


@dataclass(eq=False)
class Rows:
    """Answers of one log (n).

    Attributes:
        source: the log, for messages.
        format: the reader's name.
        word: what `at` counts: `line`, `row` or `record`.
        at: (n,) where every answer stands in the log.
        model: (n,) places in the models file.
        text: (n,) codes in the reading's pools, by column; a column that is not there is missing.
        correct: (n,) int8, 0 or 1, -1 where not scored.
        raw: (n,) texts or None; None where the log has none.
        n_options: (n,) int32, 0 where not known.
        loss: (n,) nats, NaN where not known; or None.
        choices: (n, k) probabilities, padded with NaN; or None.
        modes: failure modes by source, from a table that has them.
        rank: of two logs of one format with the same model, task and condition, the higher one
            counts: results that were scored stand beside the predictions that they were made of.
        forgot: whether a blank condition means that the log does not say it, rather than that there
            is one only.
        notices: what was decided on the way.
    """

    source: str
    format: str
    word: str
    at: np.ndarray
    model: np.ndarray
    text: dict[str, np.ndarray]
    correct: np.ndarray
    raw: np.ndarray | None = None
    n_options: np.ndarray | None = None
    loss: np.ndarray | None = None
    choices: np.ndarray | None = None
    modes: dict[str, Coded] = field(default_factory=dict)
    rank: int = 0
    forgot: bool = False
    notices: tuple[Notice, ...] = ()

    def __len__(self) -> int:
        return len(self.at)

    def codes(self, name: str) -> np.ndarray:
        """(n,) codes of a column of text."""
        found = self.text.get(name)
        return np.full(len(self), MISSING, dtype=np.int32) if found is None else found


class Draft:
    """Collects a log record by record, and turns its texts into codes as it goes."""

    def __init__(self, pools: dict[str, Pool]) -> None:
        self._pools = pools
        self._texts: list[tuple[str | None, ...]] = []
        self._codes: list[list[np.ndarray]] = [[] for _ in TEXTS]
        self._rest: list[tuple[int, int, int, str | None, int, float]] = []
        self._choices: list[Sequence[float] | None] = []

    def __len__(self) -> int:
        return len(self._rest)

    def add(
        self,
        at: int,
        model: int,
        *,
        own: str | None = None,
        content: str | None = None,
        prompt: str | None = None,
        task: str | None = None,
        condition: str | None = None,
        gold: str | None = None,
        prediction: str | None = None,
        question: str | None = None,
        options: str | None = None,
        cluster: str | None = None,
        finish: str | None = None,
        correct: int = UNKNOWN,
        raw: str | None = None,
        n_options: int = 0,
        loss: float = np.nan,
        choices: Sequence[float] | None = None,
    ) -> None:
        """One answer; see `Rows`."""
        self._texts.append(
            (
                own,
                content,
                prompt,
                task,
                condition,
                gold,
                prediction,
                question,
                options,
                cluster,
                finish,
            )
        )
        self._rest.append((at, model, correct, raw, n_options, loss))
        self._choices.append(choices)
        if len(self._texts) == FLUSH:
            self._flush()

    def rows(
        self,
        source: str,
        form: str,
        word: str,
        notices: Sequence[Notice] = (),
        rank: int = 0,
    ) -> Rows:
        """Everything that was added."""
        self._flush()
        at, model, correct, raw, counts, loss = zip(*self._rest, strict=True)
        text = {
            name: np.concatenate(parts)
            for name, parts in zip(TEXTS, self._codes, strict=True)
            if any((part >= 0).any() for part in parts)
        }
        losses = np.array(loss, dtype=float)
        return Rows(
            source,
            form,
            word,
            np.array(at, dtype=np.int64),
            np.array(model, dtype=np.int32),
            text,
            np.array(correct, dtype=np.int8),
            texts_or_none(raw),
            np.array(counts, dtype=np.int32),
            None if np.isnan(losses).all() else losses,
            padded(self._choices),
            rank=rank,
            notices=tuple(notices),
        )

    def _flush(self) -> None:
        if not self._texts:
            return
        for parts, name, cells in zip(
            self._codes, TEXTS, zip(*self._texts, strict=True), strict=True
        ):
            parts.append(self._pools[name].encode(cells))
        self._texts = []


def texts_or_none(texts: Sequence[str | None]) -> np.ndarray | None:
    """Texts as an array of objects; None where there is no text at all."""
    if all(text is None for text in texts):
        return None
    found = np.empty(len(texts), dtype=object)
    found[:] = [None if text is None else clean(text) for text in texts]
    return found


def padded(lists: Sequence[Sequence[float] | None]) -> np.ndarray | None:
    """Lists of numbers as (n, k), padded with NaN; None where there is no list at all."""
    width = np.fromiter((0 if one is None else len(one) for one in lists), int, len(lists))
    if not width.any():
        return None
    found = np.full((len(lists), int(width.max())), np.nan)
    flat = np.fromiter((x for one in lists if one is not None for x in one), float, width.sum())
    found[np.arange(found.shape[1]) < width[:, None]] = flat
    return found


def cell(value: Any) -> str | None:
    """A value of JSON as the text of a cell: 3.0 is `3`; None and blanks are missing."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dict | list):
        import json

        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
