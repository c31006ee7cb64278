"""Which column, or which expression over columns, gives which quantity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from isoloss.exceptions import ConventionError, FormulaError, RunsError
from isoloss.law.expression import evaluate, parse
from isoloss.law.tree import Expression
from isoloss.notices import Notice
from isoloss.runs.names import GROUPS, TARGETS, Reading, loss_columns, normalise, read_name

Numbers = tuple[np.ndarray, np.ndarray]
_INPUTS = ("N", "D", "U", "C")


@dataclass(frozen=True)
class Term:
    """Where one quantity's values come from.

    Attributes:
        text: the column or expression as it was given.
        names: the columns that it needs.
        expression: None for a plain column.
    """

    text: str
    names: tuple[str, ...]
    expression: Expression | None = None

    def values(self, numbers: Callable[[str], Numbers]) -> Numbers:
        """Values as float64 `(n,)`, and which rows are blank as bool `(n,)`.

        Args:
            numbers: column -> its values and its blanks.
        """
        if self.expression is None:
            return numbers(self.names[0])
        found = {name: numbers(name) for name in self.names}
        values = evaluate(self.expression, {name: pair[0] for name, pair in found.items()})
        blank = np.any([pair[1] for pair in found.values()], axis=0) if found else False
        return np.asarray(values, dtype=np.float64), np.asarray(blank)

    def shown(self) -> str:
        """How messages name it."""
        return f"column '{self.text}'" if self.expression is None else f"'{self.text}'"


@dataclass(frozen=True)
class Mapped:
    """The whole mapping.

    Attributes:
        terms: canonical name -> term.
        target: the canonical name of what a law predicts.
        notices: every guess that was made.
    """

    terms: Mapping[str, Term]
    target: str
    notices: tuple[Notice, ...]


def assignments(given: str | Mapping[str, str] | None, option: str) -> dict[str, str]:
    """Read `N=params,D=flops/(6*params)`; a mapping is handed back as it is.

    Commas inside brackets, quotes and backticks do not separate.

    Raises:
        RunsError: a part without `=`, or one name given twice.
    """
    if given is None:
        return {}
    if not isinstance(given, str):
        return {str(key).strip(): str(value).strip() for key, value in given.items()}
    result: dict[str, str] = {}
    for part in _split(given):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise RunsError(f"{option} {given!r}: {part.strip()!r} is no 'name=value' pair")
        if name in result:
            error = ConventionError if option == "map" else RunsError
            raise error(
                f"{option} {given!r}: '{name}' is given as '{result[name]}' and as '{value}'; "
                "keep one"
            )
        result[name] = value
    return result


def term(text: str, names: Sequence[str], source: str, what: str) -> Term:
    """A column name as it stands, or an expression over column names.

    Args:
        text: as given; a name that equals a whole column name is that column, whatever is in it.
        names: the columns that there are.
        source: the table, for messages.
        what: the quantity or option that the text was given for, for messages.

    Raises:
        RunsError: an unknown column, with the closest ones.
    """
    bare = text.strip()
    for candidate in (bare, bare.strip("`")):
        if candidate in names:
            return Term(candidate, (candidate,))
    try:
        expression = parse(bare)
    except FormulaError as error:
        listed = _close(bare, names)
        raise RunsError(f"{source}: {what}={bare!r} is no column{listed}, and {error}") from None
    for name in expression.names:
        if name not in names:
            raise unknown_column(name, names, source, f"{what}={bare}")
    return Term(bare, expression.names, expression)


def unknown_column(name: str, names: Sequence[str], source: str, given: str) -> RunsError:
    """The error for a column that is not there."""
    return RunsError(f"{source}: no column '{name}' (in {given}){_close(name, names)}")


def resolve(
    names: Sequence[str], given: str | Mapping[str, str] | None, target: str | None, source: str
) -> Mapped:
    """Every quantity's term, from what was given and, where nothing was, from known names.

    Raises:
        RunsError: unknown or ambiguous columns, or nothing to fit.
        ConventionError: one quantity in two columns that are counted differently.
    """
    texts = assignments(given, "map")
    notices: list[Notice] = []
    if not texts:
        for quantity in _INPUTS:
            reading = _guess(quantity, [read_name(name) for name in names], source)
            if reading is not None:
                texts[quantity] = reading.column
                notices.append(_guessed(quantity, reading.column))
        if not texts and target not in names:
            raise RunsError(
                f"{source}: no column has a name that is known for parameters, tokens or compute; "
                f"say which is which, as in 'N=params,D=tokens,loss=val_loss'{_listed(names)}"
            )
    chosen, column = _find_target(texts, target, names, source)
    if column is not None:
        texts[chosen] = column
        notices.append(_guessed(chosen, column))
    if len(texts) < 2:
        raise RunsError(
            f"{source}: only '{chosen}' is mapped; a law also needs an input such as N, D or C, "
            f"as in 'N=params,{chosen}={texts[chosen]}'{_listed(names)}"
        )
    for name in texts:
        if not name.isidentifier():
            raise RunsError(
                f"map: '{name}' cannot name a quantity; use letters, digits and _, as in N or lr"
            )
    terms = {name: term(text, names, source, name) for name, text in texts.items()}
    return Mapped(terms, chosen, tuple(notices))


def resolve_groups(
    names: Sequence[str],
    given: str | Mapping[str, str] | None,
    taken: Iterable[str],
    source: str,
) -> tuple[dict[str, str], tuple[Notice, ...]]:
    """Role -> column: as given, or by known names where nothing was given.

    Raises:
        RunsError: an unknown role or column.
    """
    if given is not None:
        roles = assignments(given, "groups")
        for role, column in roles.items():
            if role not in GROUPS:
                raise RunsError(f"groups: no role '{role}'; the roles are {', '.join(GROUPS)}")
            if column.strip("`") not in names:
                raise unknown_column(column, names, source, f"groups {role}={column}")
        return {role: column.strip("`") for role, column in roles.items()}, ()
    free = {normalise(name): name for name in names if name not in set(taken)}
    found: dict[str, str] = {}
    notices: list[Notice] = []
    for role, known in GROUPS.items():
        hits = [free[name] for name in known if name in free]
        if hits:
            found[role] = hits[0]
            notices.append(_guessed(role, hits[0], hits[1:], option="groups"))
    return found, tuple(notices)


def _find_target(
    texts: Mapping[str, str], target: str | None, names: Sequence[str], source: str
) -> tuple[str, str | None]:
    """The target's canonical name, and its column where that is not mapped yet."""
    if target is not None:
        return _named_target(target, texts, names, source)
    mapped = [name for name in texts if name.partition("_")[0] in TARGETS]
    if "loss" in mapped or len(mapped) == 1:
        return ("loss" if "loss" in mapped else mapped[0]), None
    if mapped:
        raise RunsError(
            f"{source}: {' and '.join(mapped)} could each be the target; say target '{mapped[0]}'"
        )
    used = set(texts.values())
    free = [name for name in names if name not in used]
    for quantity in TARGETS:
        reading = _guess(quantity, [read_name(name) for name in free], source)
        if reading is not None:
            return quantity, reading.column
        if quantity == "loss" and (candidates := loss_columns(free)):
            if len(candidates) > 1:
                raise _ambiguous("loss", candidates, source)
            return quantity, candidates[0]
    raise RunsError(
        f"{source}: no column is known to be a loss, accuracy or error; map it, as in "
        f"'loss=final', or name the target{_listed(names)}"
    )


def _named_target(
    target: str, texts: Mapping[str, str], names: Sequence[str], source: str
) -> tuple[str, str | None]:
    if target in texts:
        return target, None
    if target in names:
        quantity = read_name(target).quantity
        if quantity not in TARGETS and target in loss_columns([target]):
            quantity = "loss"
        known = quantity if quantity in TARGETS and quantity not in texts else None
        return known or normalise(target), target
    readings = [read_name(name) for name in names if name not in set(texts.values())]
    reading = _guess(target, readings, source) if target in TARGETS else None
    if reading is None and target == "loss":
        candidates = loss_columns(reading.column for reading in readings)
        if len(candidates) > 1:
            raise _ambiguous("loss", candidates, source)
        if candidates:
            return target, candidates[0]
    if reading is None:
        near = _close(target, [*texts, *names])
        raise RunsError(f"{source}: the target '{target}' is neither mapped nor a column{near}")
    return target, reading.column


def _guess(quantity: str, readings: Sequence[Reading], source: str) -> Reading | None:
    """The one column whose name is known for the quantity."""
    found = [reading for reading in readings if reading.quantity == quantity]
    if len(found) < 2:
        return found[0] if found else None
    usual = {"N": "total", "D": "tokens"}.get(quantity, "another way")
    counted = {reading.column: reading.convention or usual for reading in found}
    if len(set(counted.values())) > 1:
        listed = " and ".join(f"'{name}' ({how})" for name, how in counted.items())
        raise ConventionError(
            f"{source}: {quantity} could be {listed}, which are counted differently; "
            f"say which one is meant, as in '{quantity}={found[0].column}'"
        )
    exact = [reading for reading in found if reading.column == quantity]
    if exact and quantity in _INPUTS:
        return exact[0]
    raise _ambiguous(quantity, list(counted), source)


def _ambiguous(quantity: str, candidates: Sequence[str], source: str) -> RunsError:
    listed = ", ".join(f"'{name}'" for name in candidates[:12])
    more = f" and {len(candidates) - 12} more" if len(candidates) > 12 else ""
    return RunsError(
        f"{source}: {len(candidates)} columns could be {quantity}: {listed}{more}; "
        f"say which one is meant, as in '{quantity}={min(candidates, key=len)}'"
    )


def _guessed(name: str, column: str, others: Sequence[str] = (), *, option: str = "map") -> Notice:
    also = f" (also possible: {', '.join(others)})" if others else ""
    return Notice(
        "guessed-column",
        f"{name} is read from column '{column}', by its name{also}",
        f"if that is wrong, say {option} '{name}=...'",
    )


def _split(text: str) -> list[str]:
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "`'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append("")
            continue
        parts[-1] += character
    return [part for part in parts if part.strip()]


def _close(name: str, names: Sequence[str]) -> str:
    lowered = {known.lower(): known for known in names}
    close = [lowered[hit] for hit in get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
    return f"; did you mean {' or '.join(close)}?" if close else _listed(names)


def _listed(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > 12 else ""
    return f"; the columns are {', '.join(names[:12])}{more}"
