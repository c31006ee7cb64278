"""Which characters one piece of a pattern stands for, exactly, without regard to case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

_ALL = 0x110000
# ranges beyond this are taken to meet everything, because their letters' cases are not looked up
_WIDE = 4096


def meet(one: Any, other: Any) -> bool:
    """Whether a character is in both of two pieces: literal, any, or a set in brackets."""
    return bool((_members(one) & _members(other)).any())


def _members(node: Any) -> np.ndarray:
    """(0x110000,) bool over code points."""
    name, value = str(node[0]), node[1]
    if name == "ANY":
        found = np.ones(_ALL, dtype=bool)
        found[ord("\n")] = False
        return found
    if name == "LITERAL":
        return _range(value, value)
    if name == "NOT_LITERAL":
        return ~_one(value)
    return _set(value)


def _set(parts: Sequence[Any]) -> np.ndarray:
    found = np.zeros(_ALL, dtype=bool)
    negated = bool(parts) and str(parts[0][0]) == "NEGATE"
    for name, value in parts[negated:]:
        if str(name) == "CATEGORY":
            found |= _category(str(value))
        else:
            low, high = (value, value) if str(name) == "LITERAL" else value
            # of what is taken away, count as little as is certain
            found |= _exact(low, high) if negated else _range(low, high)
    return ~found if negated else found


def _one(code: int) -> np.ndarray:
    return _exact(code, code)


def _exact(low: int, high: int) -> np.ndarray:
    found = np.zeros(_ALL, dtype=bool)
    found[low : high + 1] = True
    return found


def _range(low: int, high: int) -> np.ndarray:
    """A range with all other cases of its letters."""
    if high - low > _WIDE:
        return np.ones(_ALL, dtype=bool)
    found = _exact(low, high)
    for code in range(low, high + 1):
        char = chr(code)
        for other in (char.lower(), char.upper(), char.casefold(), char.title()):
            if len(other) == 1:
                found[ord(other)] = True
    return found


@lru_cache(maxsize=16)
def _category(name: str) -> np.ndarray:
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}.get(name.split("_")[-1])
    if letter is None:
        return np.ones(_ALL, dtype=bool)
    pattern = re.compile("\\" + (letter.upper() if "NOT" in name else letter))
    text = "".join(map(chr, range(_ALL)))
    found = np.zeros(_ALL, dtype=bool)
    found[[match.start() for match in pattern.finditer(text)]] = True
    return found
