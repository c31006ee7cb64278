"""Lines against the number of clients: one for every reading of rho, with its band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from isoloss.federated.plan.outcome import QUANTITIES
from isoloss.federated.provenance import together
from isoloss.federated.rho import DILOCO, FULL, IDEAL, RANGE, Rho
from isoloss.fit import interval
from isoloss.report.errors.looks import TEAL, VIOLET
from isoloss.report.federated.asked import Asked
from isoloss.report.model import Swatch
from isoloss.report.theme import INK, LAW

_POINTS = 61


@dataclass(frozen=True, eq=False)
class Line:
    """What the law says under one reading of rho.

    Attributes:
        name: of the reading, for a person.
        short: the same in a word or two.
        colour: of its line.
        value: of rho.
        provenance: tags.
        clients: (n,) K.
        values: quantity -> (n,), as in `isoloss.federated.plan.outcome.QUANTITIES`.
        low, high: the same at the ends of what is known of rho; equal where that is a point.
        inside: (n,) whether law and rho have runs behind them there.
    """

    name: str
    short: str
    colour: str
    value: float
    provenance: tuple[str, ...]
    clients: np.ndarray
    values: Mapping[str, np.ndarray]
    low: Mapping[str, np.ndarray]
    high: Mapping[str, np.ndarray]
    inside: np.ndarray

    @property
    def has_band(self) -> bool:
        """Whether it is known as a range."""
        return any(np.any(self.low[name] != self.high[name]) for name in QUANTITIES)

    def slope(self, name: str) -> float:
        """d ln quantity / d ln K between the ends."""
        known = self.values[name]
        return float(np.log(known[-1] / known[0]) / np.log(self.clients[-1] / self.clients[0]))

    def at(self, clients: int, name: str) -> float:
        """The value at the K of the line that is nearest."""
        return float(self.values[name][np.argmin(np.abs(self.clients - clients))])


def lines(asked: Asked, *, free: bool = False) -> tuple[Line, ...]:
    """Reconstruction, DiLoCo's tables and the ideal, then the plans' own rho where it is another.

    Args:
        asked: the plans and their law.
        free: without the memory and without a size that was held.
    """
    wanted: list[tuple[str, str, str, Rho | None]] = [
        ("reconstruction ρ = 1", "ρ = 1", VIOLET, FULL),
        ("DiLoCo tables", "DiLoCo", TEAL, DILOCO),
        ("ideal", "ideal", INK, IDEAL),
    ]
    own = asked.plans[0].rho
    if own.name not in (RANGE.name, FULL.name, DILOCO.name, IDEAL.name):
        word = "fitted" if asked.fitted else "chosen"
        name = f"{word} ρ = {own.value:.3g}"
        wanted.append((name, word, LAW, None if asked.fitted else own))
    return tuple(_line(asked, *one, free) for one in wanted)


def _line(asked: Asked, name: str, short: str, colour: str, rho: Rho | None, free: bool) -> Line:
    extra = [plan.clients for plan in asked.plans]
    clients = np.union1d(np.geomspace(1, asked.most, _POINTS).round(), extra).astype(int)
    middle, low, high, inside = [], [], [], []
    for k in clients.tolist():
        here = asked.ask(k, rho, free=free, draws=rho is None)
        middle.append({q: here.point(q) for q in QUANTITIES})
        a, b = _ends(asked, k, rho, here.values, free)
        low.append(a)
        high.append(b)
        inside.append(bool(asked.inside(k, np.array([middle[-1]["n_params"]]), rho)[0]))

    def columns(rows: list[dict[str, float]]) -> dict[str, np.ndarray]:
        return {q: np.array([row[q] for row in rows]) for q in QUANTITIES}

    chosen = rho or asked.plans[0].rho
    return Line(
        name,
        short,
        colour,
        chosen.value,
        together(asked.law.provenance, chosen.provenance),
        clients,
        columns(middle),
        columns(low),
        columns(high),
        np.array(inside),
    )


def _ends(
    asked: Asked, clients: int, rho: Rho | None, values: Mapping[str, np.ndarray], free: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """Least and greatest of every quantity: over the draws of a fitted rho, else over its range."""
    low, high = {}, {}
    if rho is None:
        for q in QUANTITIES:
            drawn = values[q][1:] if len(values[q]) > 1 else values[q]
            a, b = interval(drawn[~np.isnan(drawn)], asked.plans[0].level)
            low[q], high[q] = float(a), float(b)
        return low, high
    found = [asked.ask(clients, rho, end, free=free) for end in dict.fromkeys((rho.low, rho.high))]
    for q in QUANTITIES:
        ends = [one.point(q) for one in found]
        low[q], high[q] = min(ends), max(ends)
    return low, high


def legend(found: tuple[Line, ...]) -> tuple[Swatch, ...]:
    """What the colours mean."""
    entries = [Swatch(line.colour, _full(line), "━") for line in found]
    return (*entries, Swatch(LAW, "plans", "◆"))


def _full(line: Line) -> str:
    if line.short == "DiLoCo":
        return f"DiLoCo tables, ρ = {DILOCO.low:g} to {DILOCO.high:g}"
    return f"{line.name}, ρ = {line.value:g}" if line.short == "ideal" else line.name


def crowded(found: tuple[Line, ...]) -> bool:
    """Whether the plans' own line takes the room beside DiLoCo's band."""
    return any(DILOCO.high < line.value < 2 * DILOCO.high for line in found[3:])


def doubtful(found: tuple[Line, ...]) -> str:
    """From where on lines are dotted, in words; empty where they never are."""
    parts = []
    for line in found:
        beyond = line.clients[~line.inside]
        if not beyond.size:
            continue
        if line.inside.any() and beyond[0] > line.clients[0]:
            parts.append(f"{line.name} from K = {beyond[0]:,} on")
        elif line.inside.any():
            parts.append(f"{line.name} in part")
        else:
            parts.append(f"{line.name} throughout")
    if not parts:
        return "No line is an extrapolation."
    return f"Dotted, and an extrapolation beyond the runs behind law or ρ: {'; '.join(parts)}."
