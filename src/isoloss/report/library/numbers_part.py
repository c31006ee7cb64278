"""The numbers of a published law: one row each, or one row for every set of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from isoloss.law.published import Coefficients, Number, Published
from isoloss.report.library.values import short
from isoloss.report.library.words import bullets, code, prose, stop, table, without_empty

_NOT_READ = "not read"
# beside the navigation a page has room for so many columns of numbers
_MOST_COLUMNS = 8


def numbers_part(entry: Published) -> str:
    """The numbers as printed; plain words where there are none."""
    sets = list(entry.sets.values())
    if not any(chosen.numbers for chosen in sets):
        names = sets[0].unseen or entry.law.parameter_names
        if not names:
            return ""
        return f"**No numbers**: {_listed(names)} {_were(names)} not read in any source."
    return _one(entry, sets[0]) if len(sets) == 1 else _several(entry, sets)


def _one(entry: Published, chosen: Coefficients) -> str:
    level = entry.level
    places = {number.where for number in chosen.numbers.values()}
    rows = [
        (
            code(n.name),
            as_printed(n),
            error(n),
            n.evidence if n.evidence != level else "",
            prose(n.where) if len(places) > 1 else "",
            prose(n.note),
        )
        for n in chosen.numbers.values()
    ]
    rows += [(code(name), _NOT_READ, "", "", "", "") for name in chosen.unseen]
    if len(rows) <= _MOST_COLUMNS and not any("".join(row[2:]) for row in rows):
        names = [row[0] for row in rows]
        text = table(names, [[row[1] for row in rows]], right=range(len(rows)))
        return _with_place(text, places)
    columns = ("number", "as printed", "error", "evidence", "read in", "note")
    return _with_place(without_empty(columns, rows, right=(1,)), places)


def _several(entry: Published, sets: Sequence[Coefficients]) -> str:
    names = [n for n in entry.law.parameter_names if any(_has(c, n) for c in sets)]
    numbers = [n for c in sets for n in c.numbers.values()]
    remarks = _legend(numbers)
    parts = [remarks] if remarks else []
    if len(names) <= _MOST_COLUMNS:
        parts.insert(0, _sets_down(entry, sets, names))
    else:
        shares = math.ceil(len(sets) / (_MOST_COLUMNS - 2))
        size = math.ceil(len(sets) / shares)
        across = [sets[i : i + size] for i in range(0, len(sets), size)]
        parts[:0] = [_sets_across(entry, part, names) for part in across]
        notes = [f"{code(c.name)}: {stop(_note(c))}" for c in sets if _note(c)]
        parts += [bullets(notes)] if notes else []
    return _with_place("\n\n".join(parts), {number.where for number in numbers})


def _note(chosen: Coefficients) -> str:
    """What is said about a set and about its numbers; what is said twice stands there once."""
    told: dict[str, list[str]] = {}
    for number in chosen.numbers.values():
        if number.note:
            told.setdefault(number.note, []).append(code(number.name))
    parts = [prose(chosen.note)] if chosen.note else []
    parts += [f"{', '.join(names)}: {prose(note)}" for note, names in told.items()]
    return "; ".join(parts)


def _sets_down(entry: Published, sets: Sequence[Coefficients], names: Sequence[str]) -> str:
    """A row for every set."""
    units = len({(c.target, c.measure) for c in sets}) > 1
    columns = ("set", "what it is", "gives", *(code(n) for n in names), "evidence", "note")
    rows = [
        (
            _set_name(entry, c),
            prose(c.title),
            prose(", ".join(filter(None, (c.target, c.measure)))) if units else "",
            *(_cell(c, n) for n in names),
            c.evidence if c.evidence != entry.level else "",
            _note(c),
        )
        for c in sets
    ]
    return without_empty(columns, rows, right=range(3, 3 + len(names)))


def _sets_across(entry: Published, sets: Sequence[Coefficients], names: Sequence[str]) -> str:
    """A row for every number, where there are many."""
    rows = [(code(name), *(_cell(c, name) for c in sets)) for name in names]
    right = range(1, 1 + len(sets))
    return table(("number", *(_set_name(entry, c) for c in sets)), rows, right=right)


def _set_name(entry: Published, chosen: Coefficients) -> str:
    mark = " (default)" if chosen.name == entry.default else ""
    return f"{code(chosen.name)}{mark}"


def _has(chosen: Coefficients, name: str) -> bool:
    return name in chosen.numbers or name in chosen.unseen


def _cell(chosen: Coefficients, name: str) -> str:
    if name not in chosen.numbers:
        return _NOT_READ
    number = chosen.numbers[name]
    own = number.evidence if number.evidence != chosen.evidence else ""
    return " ".join(filter(None, (as_printed(number), error(number, brief=True), own)))


def as_printed(number: Number) -> str:
    """The printed digits, with a true minus sign."""
    return number.printed.replace("-", "\u2212")


def error(number: Number, brief: bool = False) -> str:
    """The printed error."""
    parts = []
    if number.se is not None:
        parts.append(f"± {short(number.se)}")
    if number.interval is not None:
        low, high = (short(edge) for edge in number.interval)
        if brief:
            parts.append(f"({low} to {high})")
        else:
            mark = ", which excludes the value" if number.outside_own_interval else ""
            parts.append(f"{100 * number.level:g} %: {low} to {high}{mark}")
    if number.exact and not brief:
        parts.append("by definition")
    return "; ".join(parts)


def _legend(numbers: Sequence[Number]) -> str:
    """What stands behind a number in a table of sets."""
    parts = []
    if any(n.se is not None for n in numbers):
        parts.append("behind ± stands the printed standard error")
    levels = sorted({n.level for n in numbers if n.interval is not None})
    if levels:
        listed = " or ".join(f"{100 * level:g} %" for level in levels)
        parts.append(f"in brackets the printed interval, {listed}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _with_place(text: str, places: set[str]) -> str:
    if len(places) != 1 or not (place := next(iter(places))):
        return text
    return f"{text}\n\nNumbers: {prose(place)}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(code(name) for name in names)


def _were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"
