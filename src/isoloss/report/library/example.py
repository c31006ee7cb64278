"""A command that evaluates a published law at a point where its runs lie, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from isoloss.law.published import USED, Published
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.spans import Span, short, spans
from isoloss.report.numbers import amount

# for an input of which nothing is known at all
_PLACEHOLDER = 1000.0


@dataclass(frozen=True)
class Example:
    """A point of a published law.

    Attributes:
        command: for a shell.
        at: the inputs in base units.
        coefficients: the set of numbers; None for the default one.
        any_evidence: whether its numbers are used only when asked for.
        value: what the law gives there.
        unit: of that.
        converts: whether that is a unit, and not words for one.
        unknown: inputs whose value is only there to fill the place.
    """

    command: str
    at: dict[str, float]
    coefficients: str | None
    any_evidence: bool
    value: float
    unit: str
    converts: bool
    unknown: tuple[str, ...]


def example(entry: Published, library: Catalogue) -> Example | None:
    """A point in the middle of the fitted ranges, where known; None without numbers."""
    complete = [c for c in entry.sets.values() if c.complete]
    if not complete:
        return None
    chosen = entry.coefficients() if entry.complete else complete[0]
    known = spans(entry, chosen, library)
    at = _point(entry, known)
    name = None if chosen.name == entry.default else chosen.name
    weak = any(number.evidence not in USED for number in chosen.numbers.values())
    found = entry.evaluate(at, name, any_evidence=weak)
    words = [f"{key}={_written(value, chosen.inputs[key].quantity)}" for key, value in at.items()]
    options = [*(["--set", name] if name else []), *(["--any-evidence"] if weak else [])]
    return Example(
        command=" ".join(["isoloss laws eval", entry.id, *words, *options]),
        at=at,
        coefficients=name,
        any_evidence=weak,
        value=found.value,
        unit=found.unit,
        converts=bool(chosen.unit),
        unknown=tuple(key for key, span in known.items() if span is None),
    )


def _point(entry: Published, known: dict[str, Span | None]) -> dict[str, float]:
    at = {
        name: _PLACEHOLDER if span is None else span.round_at(0.5) for name, span in known.items()
    }
    shares = [v.name for v in entry.law.variables if v.share]
    if shares:
        even = short(1 / len(shares), 2)
        at |= dict.fromkeys(shares[1:], even)
        at[shares[0]] = short(1 - even * (len(shares) - 1), 4)
    return at


def _written(value: float, quantity: str) -> str:
    """A value as the command line reads it: `1.1B` for sizes and data, else a plain number."""
    if quantity in ("N", "D", "U") and 1e4 <= value < 1e15:
        text = amount(value)
        size = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[text[-1]]
        if abs(float(text[:-1]) * size - value) <= 1e-9 * value:
            return text
    return f"{value:g}"
