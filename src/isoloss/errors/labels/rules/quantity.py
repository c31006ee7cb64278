"""Numbers: how far an answer is from the right one."""

from __future__ import annotations

import numpy as np

from isoloss.errors.labels.answers import NUMBER
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.rules.rule import Rule


def _both(facts: Facts) -> np.ndarray:
    return _asked(facts) & np.isfinite(facts.number[0])


def _asked(facts: Facts) -> np.ndarray:
    return (facts.read.kind == NUMBER) & facts.read.recorded


def _off_by_one(facts: Facts) -> np.ndarray:
    distance = np.abs(facts.number[0] - facts.gold_number[0])
    return _both(facts) & np.isclose(distance, 1.0, rtol=0.0, atol=1e-9)


def _sign(facts: Facts) -> np.ndarray:
    gold = facts.gold_number[0]
    return _both(facts) & (gold != 0) & np.isclose(facts.number[0], -gold, rtol=1e-9, atol=0.0)


def _power_of_10(facts: Facts) -> np.ndarray:
    gold, value = facts.gold_number[0], facts.number[0]
    known = _both(facts) & (gold != 0) & (value != 0)
    tens = np.log10(np.abs(np.divide(value, gold, out=np.ones_like(gold), where=known)))
    return known & (np.round(tens) != 0) & np.isclose(tens, np.round(tens), rtol=0.0, atol=1e-9)


def _unit(facts: Facts) -> np.ndarray:
    (gold, unit, size), (value, said, said_size) = facts.gold_number, facts.number
    same = np.isclose(gold, value, rtol=1e-9, atol=0.0)
    one = facts.dimensions[:, 0] == facts.dimensions[:, 1]
    quantity = one & np.isclose(gold * size, value * said_size, rtol=1e-6, atol=0.0)
    return _both(facts) & (unit != said) & (same | quantity)


def _near(facts: Facts) -> np.ndarray:
    gold = facts.gold_number[0]
    return _both(facts) & (np.abs(facts.number[0] - gold) <= 0.25 * np.abs(gold))


RULES = (
    Rule(
        "non-numeric",
        "non_numeric",
        "an answer that is no number where the gold is one",
        "fractions, roots and pi in LaTeX are read as numbers; other formulas are not",
        0.9,
        lambda facts: _asked(facts) & np.isnan(facts.number[0]),
    ),
    Rule(
        "unit",
        "num_unit",
        "the gold's number with another unit or with none, or its quantity in another unit",
        "it stands first among numbers because 100 for 1 m in cm is no mistake in size",
        0.9,
        _unit,
    ),
    Rule(
        "off-by-one",
        "num_off_by_one",
        "|answer - gold| = 1",
        "counting one too many or too few; of large numbers, or of measures, it may be chance",
        0.8,
        _off_by_one,
    ),
    Rule("sign", "num_sign", "answer = -gold", "the size is right", 0.95, _sign),
    Rule(
        "power-of-10",
        "num_power_of_10",
        "|answer / gold| = 10, 100, ... or 0.1, 0.01, ...",
        "a slip in the scale; 1 for 10 may be something else",
        0.8,
        _power_of_10,
    ),
    Rule(
        "within-25-percent",
        "num_within_25pct",
        "|answer - gold| <= 0.25 |gold|",
        "a rough estimate, or chance where numbers are small",
        0.7,
        _near,
    ),
    Rule("far", "num_far", "any other number", "nothing else is known of it", 0.7, _both),
)
