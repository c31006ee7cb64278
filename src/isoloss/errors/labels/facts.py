"""What the rules look at: arrays over all answers, each computed once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from isoloss.errors.items import MISSING, Coded, Items
from isoloss.errors.labels import answers as reading
from isoloss.errors.labels import options as option_texts
from isoloss.errors.labels.answers import NUMBER, OPEN, OPTION, Answers
from isoloss.errors.labels.cases import Case
from isoloss.errors.labels.groups import ConstantRun, constant_runs
from isoloss.errors.labels.numbers import factor
from isoloss.errors.labels.recover import recovered
from isoloss.errors.labels.taxonomy import Taxonomy
from isoloss.errors.labels.text import plain

# values, places of units, sizes of units
Numbers = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Facts:
    """Answers and what can be computed from them; all arrays are (n,) over all answers.

    Attributes:
        items: the answers.
        taxonomy: classes and superclasses, if a person gave them.
        text_only: the condition in which the questions were asked without their image.
        ocr: item's key -> texts that stand in its image.
    """

    items: Items
    taxonomy: Taxonomy | None = None
    text_only: str | None = None
    ocr: Mapping[str, Sequence[str]] | None = None

    @cached_property
    def wrong(self) -> np.ndarray:
        """Answers that were scored wrong."""
        return self.items.correct == 0

    @cached_property
    def read(self) -> Answers:
        """Kinds of question, golds and recorded answers."""
        return reading.answers(self.items)

    @cached_property
    def beyond(self) -> np.ndarray:
        """Recorded letters that are no option of their question, nor the text of one."""
        read, items = self.read, self.items
        found = (read.kind == OPTION) & (read.n > 0) & (read.answer >= read.n)
        if items.options is not None:
            rows = np.flatnonzero(found)
            found[rows] = reading.matched(items.prediction, items.options, rows) < 0
        return found

    @cached_property
    def gold_number(self) -> Numbers:
        """Golds as numbers: value, unit's place, size of the unit."""
        return self._numbers[0]

    @cached_property
    def number(self) -> Numbers:
        """Recorded answers as numbers: value, unit's place (0 for none), size of the unit."""
        return self._numbers[1]

    @cached_property
    def dimensions(self) -> np.ndarray:
        """(n, 2) the dimension of gold's and answer's unit, equal where both are, say, lengths."""
        return self._numbers[2]

    @cached_property
    def _numbers(self) -> tuple[Numbers, Numbers, np.ndarray]:
        asked = self.read.kind == NUMBER
        found = [
            reading.numbers(self.items.gold, asked, prose=False),
            self._with_prose(asked & self.wrong),
        ]
        units = tuple(dict.fromkeys([*found[0][2], *found[1][2]]))
        place = {unit: i for i, unit in enumerate(units)}
        kinds = {name: i for i, name in enumerate(dict.fromkeys(factor(u)[0] for u in units))}
        size = np.array([factor(unit)[1] for unit in units])
        kind = np.array([kinds[factor(unit)[0]] for unit in units])
        lines = []
        for value, unit, names in found:
            common = np.array([place[name] for name in names])[unit]
            lines.append((value, common, size[common]))
        return lines[0], lines[1], np.stack([kind[lines[0][1]], kind[lines[1][1]]], axis=1)

    @cached_property
    def _strict(self) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        """Wrong answers to questions for a number, where they are one and no sentence."""
        asked = self.wrong & (self.read.kind == NUMBER)
        return reading.numbers(self.items.prediction, asked, prose=False)

    def _with_prose(self, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        value, unit, units = self._strict
        sentences = asked & np.isnan(value)
        inside = reading.numbers(self.items.prediction, sentences, prose=True)[0]
        return np.where(sentences, inside, value), unit, units

    @cached_property
    def rank(self) -> tuple[np.ndarray, np.ndarray]:
        """Ranks of gold's and answer's option where options have an order; -1 elsewhere."""
        nowhere = np.full(len(self.items), -1)
        options, read = self.items.options, self.read
        if options is None:
            return nowhere, nowhere
        table = option_texts.ranks(options.values)
        chosen = read.valid & (read.kind == OPTION) & (read.gold >= 0)
        found = []
        for place in (read.gold, read.answer):
            found.append(np.where(chosen, table[options.codes, np.where(chosen, place, 0)], -1))
        return found[0], found[1]

    @cached_property
    def key(self) -> np.ndarray:
        """What was answered, equal for equal answers to one question; -1 without a valid answer."""
        read = self.read
        same: dict[str, int] = {}
        words = reading.gathered(
            self.items.prediction,
            lambda text: same.setdefault(plain(text), len(same)),
            -1,
            where=self._free,
        )
        key = np.where(self._free, words, read.answer)
        return np.where(read.valid, key, -1)

    @cached_property
    def raw(self) -> Coded | None:
        """Texts of the rows in `_judged`; missing elsewhere."""
        if self.items.raw is None:
            return None
        codes = np.full(len(self.items), MISSING, dtype=np.int32)
        rows = self._judged[~self.read.recorded[self._judged] | ~self._free[self._judged]]
        column = Coded.of(
            None if text is None else str(text) for text in self.items.raw[rows].tolist()
        )
        codes[rows] = column.codes
        return Coded(codes, column.values)

    @cached_property
    def _free(self) -> np.ndarray:
        return np.isin(self.read.kind, (NUMBER, OPEN))

    @cached_property
    def _judged(self) -> np.ndarray:
        """Rows whose text is read: wrong, without a valid answer or with an answer in words."""
        words = self._free & np.isnan(self._strict[0])
        return np.flatnonzero(self.wrong & ~self.beyond & (~self.read.valid | words))

    @cached_property
    def recovered(self) -> np.ndarray:
        """Answers told from text where none was valid, as in `Answers.answer`; -1 elsewhere."""
        return self.computed(recovered, -1, np.int64)

    @cached_property
    def constant(self) -> tuple[tuple[ConstantRun, ...], np.ndarray]:
        """Runs with one letter for a whole task, and their rows."""
        return constant_runs(self.items, self.read)

    @cached_property
    def class_texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The different golds and answers as plain words, an option by its text."""
        return self._classes[0][0], self._classes[1][0]

    @cached_property
    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of golds and answers in `class_texts`; -1 where there is none."""
        return self._classes[0][1], self._classes[1][1]

    @cached_property
    def _classes(self) -> list[tuple[tuple[str, ...], np.ndarray]]:
        items, read = self.items, self.read
        option = (read.kind == OPTION) & read.valid & (items.options is not None)
        found = []
        for column, place in ((items.gold, read.gold), (items.prediction, read.answer)):
            same: dict[str, int] = {}
            codes = reading.gathered(
                column, lambda text, same=same: same.setdefault(plain(text), len(same)), -1
            )
            if items.options is not None:
                rows = np.flatnonzero(option & (place >= 0))
                cases, inverse = reading.pairs((items.options.codes, place), rows)
                named = [
                    same.setdefault(text, len(same)) if text else -1
                    for text in (_named(items.options, *case) for case in cases)
                ]
                if named:
                    codes[rows] = np.array(named)[inverse]
            found.append((tuple(same), codes))
        return found

    @cached_property
    def cases(self) -> tuple[tuple[Case, ...], np.ndarray]:
        """The different cases, and the case of every row in `_judged`."""
        items, none = self.items, np.full(len(self.items), MISSING)
        raw = none if self.raw is None else self.raw.codes
        listed = none if items.options is None else items.options.codes
        columns = (items.prediction.codes, raw, listed, self.read.n, self.read.kind)
        found, inverse = reading.pairs(columns, self._judged)
        said = (*items.prediction.values, "")
        texts = ("",) if self.raw is None else (*self.raw.values, "")
        options = ("",) if items.options is None else (*items.options.values, "")
        cases = tuple(Case(said[a], texts[b], options[c], n, kind) for a, b, c, n, kind in found)
        return cases, inverse

    def judged(self, true: Callable[[Case], bool]) -> np.ndarray:
        """(n,) rows whose case it is true of."""
        return self.computed(true, False, bool)

    def computed(self, value: Callable[[Case], object], missing: object, kind: type) -> np.ndarray:
        """(n,) a value of every judged row's case; `missing` in all other rows."""
        cases, inverse = self.cases
        found = np.full(len(self.items), missing, dtype=kind)
        if cases:
            found[self._judged] = np.array([value(case) for case in cases], dtype=kind)[inverse]
        return found


def _named(options: Coded, line: int, place: int) -> str:
    """The text of an option; empty where options are not listed."""
    known = () if line == MISSING else option_texts.texts(options.values[line])
    return plain(known[place]) if place < len(known) else ""
