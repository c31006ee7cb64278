"""What a log calls a score, as right, wrong or not scored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isoloss.errors.items.coded import Coded
from isoloss.errors.items.items import UNKNOWN
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

# metrics that say right or wrong, the most telling first
METRICS = (
    "acc",
    "exact_match",
    "accuracy",
    "correct",
    "hit",
    "em",
    "quasi_exact_match",
    "score",
    "acc_norm",
    "match",
    "includes",
)
_WORDS = {
    "c": 1.0,
    "correct": 1.0,
    "right": 1.0,
    "true": 1.0,
    "yes": 1.0,
    "pass": 1.0,
    "i": 0.0,
    "incorrect": 0.0,
    "wrong": 0.0,
    "false": 0.0,
    "no": 0.0,
    "fail": 0.0,
    # Inspect: partly correct, and no answer
    "p": 0.5,
    "n": 0.0,
}


def share(value: Any) -> float | None:
    """A score as a share of 1; NaN where there is none, None where it is no score."""
    if isinstance(value, bool):
        return float(value)
    if value is None:
        return math.nan
    if isinstance(value, str):
        text = value.strip().lower()
        if text in ("", "nan", "none", "null"):
            return math.nan
        if text in _WORDS:
            return _WORDS[text]
        try:
            value = float(text)
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    return float(value) if value != value or 0.0 <= value <= 1.0 else None


def verdict(value: float) -> int:
    """1 right, 0 wrong, -1 not scored; half is right."""
    return UNKNOWN if value != value else int(value >= 0.5)


def choose(names: Sequence[str], values: Mapping[str, Any], wanted: str | None) -> str | None:
    """The metric of a record that says right or wrong.

    Args:
        names: metrics of the record, in order.
        values: the record.
        wanted: what the person asked for, which goes before everything.
    """
    if wanted is not None:
        return wanted if wanted in names else None
    usable = [name for name in names if share(values.get(name)) is not None]
    known = [name for metric in METRICS for name in usable if name == metric]
    if not known:
        known = [name for metric in METRICS[:7] for name in usable if metric in name.split("_")]
    if not known and len(names) == 1:
        known = usable
    return known[0] if known else None


def column_of_scores(
    column: Coded, at: np.ndarray, where: str
) -> tuple[np.ndarray, tuple[Notice, ...]]:
    """A column of scores as int8 (n,), with a notice where some were no whole numbers.

    Raises:
        ItemsError: naming the first cell that is no score between 0 and 1.
    """
    shares = np.empty(len(column.values) + 1)
    shares[-1] = math.nan
    for place, text in enumerate(column.values):
        found = share(text)
        if found is None and (column.codes == place).any():
            row = int(np.flatnonzero(column.codes == place)[0])
            raise ItemsError(
                f"{where} {at[row]}: '{text[:40]}' is no score; expected 0 or 1, true or false, C "
                "or I, or a share between 0 and 1; name the column that says right or wrong with "
                "map correct=COLUMN"
            )
        shares[place] = math.nan if found is None else found
    values = shares[column.codes]
    found = np.where(np.isnan(values), UNKNOWN, values >= 0.5).astype(np.int8)
    fractional = int(((values > 0) & (values < 1)).sum())
    return found, fractional_notice(fractional, where.split(", ")[0])


def fractional_notice(count: int, source: str) -> tuple[Notice, ...]:
    """The notice for scores between wrong and right; none for a count of 0."""
    if not count:
        return ()
    answers = "answer has" if count == 1 else "answers have"
    return (
        Notice(
            "fractional-scores",
            f"{source}: {count} {answers} a score between 0 and 1; 0.5 and more counts as right",
            "choose a metric of 0 and 1 with map correct=METRIC if that is not what is meant",
        ),
    )
