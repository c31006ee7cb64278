"""Options of a question: their texts, and their order where they have one."""

from __future__ import annotations

import json
import math
from functools import lru_cache

import numpy as np

from isoloss.errors.labels.numbers import number
from isoloss.errors.labels.text import plain

# most options that a question may have
MOST = 26

_SCALES = tuple(
    {word: place for place, word in enumerate(line.split())}
    for line in (
        "january february march april may june july august september october november december",
        "monday tuesday wednesday thursday friday saturday sunday",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
        "never rarely sometimes often always",
        "tiny small medium large huge",
        "low medium high",
        "freezing cold cool warm hot",
        "empty few some many all",
    )
)


@lru_cache(maxsize=200_000)
def texts(options: str) -> tuple[str, ...]:
    """The texts of options from a JSON list, or from a JSON object with a letter for each.

    Returns:
        At most 26; none where the text is neither.
    """
    try:
        found = json.loads(options)
    except (ValueError, RecursionError):
        return ()
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    if not isinstance(found, list) or not 2 <= len(found) <= MOST:
        return ()
    return tuple(one if isinstance(one, str) else json.dumps(one) for one in found)


@lru_cache(maxsize=200_000)
def _plain(options: str) -> tuple[str, ...]:
    return tuple(plain(text) for text in texts(options))


@lru_cache(maxsize=200_000)
def values(options: str) -> tuple[float, ...]:
    """What orders the options: their numbers where all have one and one unit, or a known scale.

    Returns:
        A value for every option, equal where two are the same; none where there is no order.
    """
    known = _plain(options)
    if not known:
        return ()
    found = [number(text, False) for text in known]
    if all(math.isfinite(value) for value, _ in found) and len({unit for _, unit in found}) == 1:
        return tuple(value for value, _ in found)
    for scale in _SCALES:
        if all(text in scale for text in known):
            return tuple(float(scale[text]) for text in known)
    return ()


def ranks(options: tuple[str, ...]) -> np.ndarray:
    """The rank of every option among its question's.

    Args:
        options: the different lists of options.

    Returns:
        (len(options) + 1, 26) ranks from 0, -1 where there is no order; the last line, for
        questions without options, is -1.
    """
    table = np.full((len(options) + 1, MOST), -1, dtype=np.int8)
    for line, one in enumerate(options):
        found = values(one)
        different = sorted(set(found))
        if len(different) > 1:
            table[line, : len(found)] = [different.index(value) for value in found]
    return table


@lru_cache(maxsize=200_000)
def _index(options: str) -> tuple[dict[str, int], int]:
    """Texts that only one option has, and their places; the length of the longest."""
    known = _plain(options)
    found = {text: i for i, text in enumerate(known) if known.count(text) == 1}
    return found, max(map(len, known), default=0)


def place(answer: str, options: str) -> int:
    """The option whose text or number the answer is; -1 where none or several are."""
    found, longest = _index(options)
    if len(answer) > 2 * longest + 40:
        return -1
    words = plain(answer)
    if words in found:
        return found[words]
    order = values(options)
    value = number(words, False)[0] if order else math.nan
    if math.isnan(value):
        return -1
    near = [i for i, one in enumerate(order) if math.isclose(one, value, rel_tol=1e-9)]
    return near[0] if len(near) == 1 else -1


def place_within(answer: str, options: str) -> int:
    """The only option whose text stands, as whole words, in a longer answer; -1 otherwise."""
    words = f" {plain(answer)} "
    known = [(i, text) for i, text in enumerate(_plain(options)) if len(text) > 2 and text in words]
    inside = [i for i, text in known if f" {text} " in words]
    longest = [
        i for i, text in known if i in inside and not any(text in t for j, t in known if j != i)
    ]
    return longest[0] if len(longest) == 1 else -1
