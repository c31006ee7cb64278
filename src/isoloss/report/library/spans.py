"""Where the inputs of a law lie: the fitted range where one is known, else where real runs lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from isoloss import quantities
from isoloss.law import Law, Variable
from isoloss.law.published import Coefficients, Published
from isoloss.law.published.entry import Input
from isoloss.report.library.catalogue import Catalogue

# for an input of which nothing is known but what it counts; the spans of the built-in forms
_USUAL = {
    "parameters": (1e7, 1e10),
    "data": (1e9, 1e12),
    "compute": (1e18, 1e22),
    "entropy": (2.0, 4.0),
}


# a short number may miss the place by this share
_OFF = 0.12


@dataclass(frozen=True)
class Span:
    """Where an input lies, in base units.

    Attributes:
        low: lowest value.
        high: highest value.
        fitted: whether these are the ends of the fitted runs, and not a usual range.
        log: whether it lives on a logarithmic scale.
    """

    low: float
    high: float
    fitted: bool
    log: bool

    @property
    def even(self) -> bool:
        """Whether it is drawn on a logarithmic scale."""
        return self.log and self.low > 0

    def at(self, share: float) -> float:
        """The value at a share of the way from low to high."""
        if self.even:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def round_at(self, share: float, digits: int = 2) -> float:
        """A short number near that place; a whole one between small whole ends."""
        value = self.at(share)
        whole = self.low == int(self.low) and self.high == int(self.high)
        if whole and self.low >= 1 and self.high <= 1e4 and value < 100:
            rounded = float(round(value))
        else:
            rounded = short(value, digits)
            if abs(rounded - value) > _OFF * abs(value):
                rounded = short(value, digits + 1)
        return rounded if self.low <= rounded <= self.high else short(value, 3)


def short(value: float, digits: int) -> float:
    """A number of so many significant digits."""
    return float(f"{value:.{digits - 1}e}")


def spans(entry: Published, chosen: Coefficients, library: Catalogue) -> dict[str, Span | None]:
    """The span of every input of a published law; None where nothing is known."""
    logs = {v.name: v for v in entry.law.variables}
    return {
        name: _span(entry, known, logs.get(name), library) for name, known in chosen.inputs.items()
    }


def form_spans(law: Law) -> dict[str, Span | None]:
    """The same for the inputs of a form."""
    return {
        v.name: Span(*v.range, fitted=False, log=v.log) if v.range else None for v in law.variables
    }


def _span(
    entry: Published, known: Input, variable: Variable | None, library: Catalogue
) -> Span | None:
    log = variable.log if variable else True
    if known.range is not None:
        low, high = (edge * known.factor for edge in known.range)
        if low < high:
            return Span(low, high, fitted=True, log=log)
        # all runs had one value of it
        return Span(low / 3, high * 3, fitted=False, log=log) if low > 0 else None
    usual = _usual(entry, known, variable, library)
    return Span(*usual, fitted=False, log=log) if usual else None


def _usual(
    entry: Published, known: Input, variable: Variable | None, library: Catalogue
) -> tuple[float, float] | None:
    # a form over another variable keeps the range of its own, which is not meant here
    own = entry.form is not None and ("(" not in entry.form.id or "=" in entry.form.id)
    if own and variable is not None and variable.range and not known.measured_in:
        return variable.range
    kind = _dimension(known)
    if kind in _USUAL and not known.measured_in:
        return _USUAL[kind]
    for law in library.forms_of(entry.family):
        for other in law.variables:
            if other.name == known.name and other.range:
                return other.range
    if own and variable is not None:
        return variable.range
    return None


def _dimension(known: Input) -> str:
    if known.quantity:
        return quantities.quantity(known.quantity).dimension
    return quantities.unit(known.unit).dimension if known.unit else ""


def held(names: list[str], known: list[Mapping[str, Span]]) -> dict[str, float]:
    """One value of every input for several laws: in the middle of what their ranges share."""
    found = {}
    for name in names:
        every = [spans[name] for spans in known if name in spans]
        firm = [span for span in every if span.fitted] or every
        low, high = max(s.low for s in firm), min(s.high for s in firm)
        if low < high:
            found[name] = Span(low, high, True, firm[0].log).round_at(0.5, 1)
            continue
        # ranges that do not meet: between them
        middles = [math.log(s.at(0.5)) if s.even else s.at(0.5) for s in firm]
        mean = sum(middles) / len(middles)
        found[name] = short(math.exp(mean) if firm[0].even else mean, 1)
    return found
