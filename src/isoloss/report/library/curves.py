"""Which laws of a family are drawn in which panel, and their curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from isoloss.law.families import Family
from isoloss.report.library.candidates import Axis, Candidate, Value, candidates
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.spans import Span, held
from isoloss.report.library.values import MANY, named
from isoloss.report.theme import ACCENT, INK, LAW, MARKED, ramp

MOST_PANELS = 4
# a panel with so many laws is the first and stands across the figure
LARGE = 4
_MOST_LINES = 6
_COLOURS = (LAW, ACCENT, "#2f8577", "#7f66c4", MARKED, INK)
_POINTS = 97
# how far beyond the fitted range a law is drawn
BEYOND = 10.0
# lines that differ by less than this share of their height look like one
_APART = 0.02
# two laws so many times farther apart than they are high hide each other's shape
_FAR = 3.0

FITTED, UNKNOWN, TYPICAL = "fitted", "unknown", "typical"


@dataclass(frozen=True)
class Curve:
    """One line of a figure.

    Attributes:
        label: written at its end.
        kind: `fitted`, `unknown` (no fitted range is known) or `typical` (a form, no numbers).
        colour: of line and label.
        x: (n,) in base units.
        y: (n,) in the base unit of the target.
        inside: (n,) whether the point lies in the fitted range.
    """

    label: str
    kind: str
    colour: str
    x: np.ndarray
    y: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Panel:
    """Curves with common axes.

    Attributes:
        title: the target.
        note: what was held where.
        x_words: the input.
        x_kind: how its values are written.
        y_kind: how those of the target are written.
        x_log: whether the input is on a logarithmic scale.
        y_log: whether the target is.
        curves: at least one.
        laws: ids of the laws that are drawn.
    """

    title: str
    note: str
    x_words: str
    x_kind: str
    y_kind: str
    x_log: bool
    y_log: bool
    curves: tuple[Curve, ...]
    laws: tuple[str, ...]


def panels(family: Family, library: Catalogue) -> list[Panel]:
    """The panels of a family's figure, at most four; none where nothing can be drawn."""
    groups: dict[Axis, list[Candidate]] = {}
    for candidate in candidates(family, library):
        groups.setdefault(candidate.axis, []).append(candidate)
    order = sorted(
        (part for group in groups.values() for part in _separated(group)),
        key=lambda group: _rank(group, family.shapes),
    )
    large = bool(order) and len(order[0]) >= LARGE
    chosen = order[: MOST_PANELS - large]
    most = [_MOST_LINES if large and not k else LARGE - 1 for k in range(len(chosen))]
    if 0 < len(chosen) <= 2:
        most = [_MOST_LINES // len(chosen)] * len(chosen)
    found = (_panel(_selected(group, count)) for group, count in zip(chosen, most, strict=True))
    return [panel for panel in found if panel is not None]


def _rank(group: list[Candidate], shapes: bool) -> tuple[int, bool, int]:
    """Many laws before few, and what somebody measured before shapes unless those are the point."""
    typical = group[0].typical and not shapes
    studies = len({law.study for law in group}) // (2 if typical else 1)
    return -min(studies, LARGE), typical, -len(group)


def _separated(group: list[Candidate]) -> list[list[Candidate]]:
    """Two laws far from each other get a panel each, so that one sees the shape of both."""
    if len(group) != 2 or group[0].axis.relative:
        return [group]
    names = list(dict.fromkeys(n for c in group for n in c.spans if n != c.axis.name))
    fixed = held(names, [c.spans for c in group])
    ends = []
    for law in group:
        y = curve(law, law.value, fixed, "", LAW).y
        ends.append((float(np.nanmin(y)), float(np.nanmax(y))))
    (low, high), (other_low, other_high) = sorted(ends)
    apart = other_low - high > _FAR * max(high - low, other_high - other_low)
    return [[law] for law in group] if apart else [group]


def _selected(group: list[Candidate], most: int) -> list[Candidate]:
    """The best of every study, then the second of every study, and so on."""
    ranked = sorted(group, key=lambda c: c.weight)
    seen: dict[str, int] = {}
    turns = []
    for place, candidate in enumerate(ranked):
        turns.append((seen.get(candidate.study, 0), place, candidate))
        seen[candidate.study] = seen.get(candidate.study, 0) + 1
    best = [candidate for *_, candidate in sorted(turns, key=lambda turn: turn[:2])]
    chosen = best[:most]
    return [candidate for candidate in group if candidate in chosen]


def _panel(group: list[Candidate]) -> Panel | None:
    first = group[0]
    names = list(dict.fromkeys(n for c in group for n in c.spans if n != first.axis.name))
    fixed = held(names, [c.spans for c in group])
    varied = ""
    if len(group) > 1:
        drawn = [
            curve(c, c.value, fixed, c.id, colour)
            for c, colour in zip(group, _COLOURS, strict=False)
        ]
    else:
        drawn, varied = _alone(first, fixed)
    drawn = [c for c in drawn if np.isfinite(c.y).sum() > _POINTS // 3]
    if not drawn:
        return None
    start = max(float(c.x[0]) for c in drawn)
    if first.axis.relative:
        drawn = [replace(c, y=c.y / np.interp(start, c.x, c.y)) for c in drawn]
    told = [n for n in names if n not in first.shares and n != varied]
    values = np.concatenate([c.y[np.isfinite(c.y)] for c in drawn])
    even = first.axis.even or not (values > 0).all()
    return Panel(
        title=first.axis.target,
        note=_note(group, told, fixed, start),
        x_words=min((c.words for c in group), key=len),
        x_kind=first.axis.kind or ("D" if first.spans[first.axis.name].high >= MANY else ""),
        y_kind=first.axis.target_kind,
        x_log=first.spans[first.axis.name].even,
        y_log=not even and bool(values.max() > 3 * values.min()),
        curves=tuple(drawn),
        laws=tuple(c.id for c in group),
    )


def _alone(law: Candidate, fixed: Mapping[str, float]) -> tuple[list[Curve], str]:
    """One law: at three values of its second input, or with several sets of numbers."""
    if law.second:
        span = law.spans[law.second]
        levels = dict.fromkeys(span.round_at(share, 1) for share in (0.0, 0.5, 1.0))
        lines = [
            curve(
                law,
                law.value,
                {**fixed, law.second: level},
                named(law.second, level),
                ramp(k / 2),
            )
            for k, level in enumerate(levels)
        ]
        if _told_apart(lines):
            return lines, law.second
    sets = list(law.sets.items())[: LARGE - 1] if len(law.sets) > 1 else []
    lines = [
        curve(law, value, fixed, name, colour)
        for (name, value), colour in zip(sets, _COLOURS, strict=False)
    ]
    return (lines or [curve(law, law.value, fixed, "", LAW)]), ""


def _told_apart(lines: list[Curve]) -> bool:
    """Whether one sees more than one line."""
    values = np.array([line.y for line in lines])
    values = values[:, np.isfinite(values).all(axis=0)]
    if not values.size:
        return False
    return bool(np.ptp(values, axis=0).max() > _APART * np.ptp(values))


def curve(
    law: Candidate, value: Value, fixed: Mapping[str, float], label: str, colour: str
) -> Curve:
    """A law against its axis, the other inputs held."""
    axis = law.axis.name
    span = law.spans[axis]
    top, bottom = _reach(span)
    grid = Span(bottom, top, True, span.log)
    # the ends of the range are points of the grid, so that the line changes exactly there
    x = np.unique([*(grid.at(k / (_POINTS - 1)) for k in range(_POINTS)), span.low, span.high])
    at: dict[str, np.ndarray] = {
        name: np.full_like(x, fixed.get(name, 1.0)) for name in law.spans if name != axis
    }
    at[axis] = x
    for name in law.shares:
        if name != axis:
            rest = 1.0 - x if axis in law.shares else np.ones_like(x)
            others = len(law.shares) - (axis in law.shares)
            at[name] = rest / others
    with np.errstate(all="ignore"):
        y = np.broadcast_to(value(at), x.shape)
    kind = TYPICAL if law.typical else FITTED if span.fitted else UNKNOWN
    inside = (x >= span.low * (1 - 1e-12)) & (x <= span.high * (1 + 1e-12))
    return Curve(label, kind, colour, x, y, inside if kind == FITTED else np.ones_like(inside))


def _reach(span: Span) -> tuple[float, float]:
    """How far a law is drawn: up to ten times beyond its range, less where that is narrow."""
    if not (span.fitted and span.even):
        return span.high, span.low
    return span.high * min(BEYOND, (span.high / span.low) ** 0.5), span.low


def _note(
    group: list[Candidate], names: list[str], fixed: Mapping[str, float], start: float
) -> str:
    """Which law it is where there is one, and where its other inputs stand."""
    first = group[0]
    parts = [first.id] if len(group) == 1 else []
    if first.axis.relative:
        parts.append(f"1 at {named(first.axis.name, start)}")
    if 0 < len(names) <= 3:
        parts.append(f"at {', '.join(named(name, fixed[name]) for name in names)}")
    elif names:
        parts.append("other inputs mid-range")
    if first.axis.name in first.shares:
        parts.append("the others share the rest")
    return ", ".join(parts)
