"""Patterns that a person gives, kept from running for ever.

Python's `re` tries every way to split a text among repeats before it gives up, so that `(a+)+$`
needs longer than the age of the universe for some hundred letters. A pattern is read here as a
tree, and two numbers are bounded from above for each piece: the ways in which it may match from one
place, and the characters looked at for that. Ways of alternatives add and those of a sequence
multiply; a repeat counts every length that it may have, with the ways of its body to that power.
A repeat of one kind of character counts once where the next character cannot be of that kind
(`\\d+\\.`), because then only one length can go on, and at the end, where it has matched. A
sequence looks at what each piece looks at, once for every way in which those before it match. What
may look at more than `WORK` characters is refused before it runs; texts are cut to `LIMIT`.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Sequence
from typing import Any

from isoloss.errors.labels.characters import meet
from isoloss.errors.labels.text import LIMIT
from isoloss.exceptions import ItemsError

# longest pattern; most characters looked at from one place in a text
LONGEST = 500
WORK = 20_000

_PARSER: Any = importlib.import_module("re._parser")
_ONE = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
# what may stand behind the sign of an end
_ENDS: dict[str, tuple[Any, ...]] = {"AT_END": (("LITERAL", 10),), "AT_END_STRING": ()}
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

_MUCH = 1e300

# ways to match, and characters looked at
Cost = tuple[float, float]
Nodes = Sequence[Any]
# what stands behind a piece: nodes, none at the end of the pattern, None where it is not known
Behind = Nodes | None


def checked(pattern: str, where: str) -> re.Pattern[str]:
    """Compile a pattern that cannot run for ever; letters' case does not matter.

    Args:
        pattern: in Python's syntax, without back references.
        where: the table and key that it stands in, for the message.

    Raises:
        ItemsError: no pattern, longer than 500 characters, or one that may need too many steps.
    """
    if len(pattern) > LONGEST:
        raise ItemsError(f"{where}: the pattern has {len(pattern)} characters; at most {LONGEST}")
    try:
        found = re.compile(pattern, re.IGNORECASE)
        work = _sequence(list(_PARSER.parse(pattern, re.IGNORECASE)), ())[1]
    except (re.error, RecursionError, OverflowError) as error:
        raise ItemsError(f"{where}: '{pattern}' is no pattern: {error}") from None
    if math.isnan(work):
        raise ItemsError(f"{where}: '{pattern}' refers back to a group; write it without")
    if work > WORK:
        raise ItemsError(
            f"{where}: '{pattern}' may need {work:.0e} steps from each place in a text, at most "
            f"{WORK} are allowed; put no repeat inside a repeat, and bound repeats, such as "
            r".{0,50} for .* and \w{1,20} for \w+"
        )
    return found


def _sequence(nodes: Nodes, behind: Behind) -> Cost:
    """Ways to match nodes one after another, and characters looked at for that."""
    ways = work = 1.0
    for place, node in enumerate(nodes):
        beside = [*nodes[place + 1 :]]
        rest = None if behind is None else [*beside, *behind]
        more, looked = _node(node, rest, beside)
        # what stands at the end has matched when it is reached, so it is looked at once
        work = min(work + (looked if _ends(node, rest) else ways * looked), _MUCH)
        ways = min(ways * more, _MUCH)
    return ways, work


def _node(node: Any, behind: Behind, beside: Nodes) -> Cost:
    """Cost of one node; `beside` is what surely stands behind it in its own sequence."""
    name, value = str(node[0]), node[1]
    if name == "SUBPATTERN":
        return _sequence(list(value[3]), behind)
    if name == "ATOMIC_GROUP":
        return _sequence(list(value), behind)
    if name == "BRANCH":
        costs = [_sequence(list(branch), behind) for branch in value[1]]
        return sum(ways for ways, _ in costs), sum(work for _, work in costs)
    if name in ("ASSERT", "ASSERT_NOT"):
        return _sequence(list(value[1]), None)
    if name in _REPEATS:
        return _repeat(value, behind, beside)
    # what else there is are references and conditions, whose cost depends on the text
    return (1.0, 1.0) if name in (*_ONE, "AT") else (math.nan, math.nan)


def _repeat(value: Any, behind: Behind, beside: Nodes) -> Cost:
    low, high, body = int(value[0]), min(int(value[1]), LIMIT), list(value[2])
    lengths = max(high - low + 1, 1)
    if len(body) == 1 and str(body[0][0]) in _ONE:
        following = _firsts(beside, None) if behind is None else _firsts(behind, [])
        alone = following is not None and not any(meet(body[0], one) for one in following)
        return 1.0 if alone else float(lengths), float(high)
    ways, work = _sequence(body, behind if high <= 1 else None)
    if math.isnan(work) or high * math.log10(max(ways, 1.0)) < 300:
        return lengths * ways**high, high * work * ways ** max(high - 1, 0)
    return _MUCH, _MUCH


def _ends(node: Any, rest: Behind) -> bool:
    """Whether it is a repeat of one kind of character, with nothing behind it."""
    if rest is None or rest or str(node[0]) not in _REPEATS:
        return False
    body = list(node[1][2])
    return int(node[1][0]) <= 1 and len(body) == 1 and str(body[0][0]) in _ONE


def _firsts(nodes: Nodes, at_end: list[Any] | None) -> list[Any] | None:
    """The characters with which nodes may begin; None where that is not known.

    `at_end` is what to say where nothing is left: no character at the end of a pattern, because
    there it has matched.
    """
    if not nodes:
        return at_end
    name, value, rest = str(nodes[0][0]), nodes[0][1], nodes[1:]
    if name in _ONE:
        return [nodes[0]]
    if name == "AT" and str(value) in _ENDS:
        return list(_ENDS[str(value)])
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return _firsts(rest, None)
    if name == "SUBPATTERN":
        return _firsts([*value[3], *rest], at_end)
    if name == "BRANCH":
        return _united([_firsts([*branch, *rest], at_end) for branch in value[1]])
    if name in _REPEATS:
        first = _firsts(list(value[2]), None)
        return first if int(value[0]) > 0 else _united([first, _firsts(rest, at_end)])
    return None


def _united(parts: list[list[Any] | None]) -> list[Any] | None:
    known = [part for part in parts if part is not None]
    return [one for part in known for one in part] if len(known) == len(parts) else None
