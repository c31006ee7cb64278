"""Laws of one input, for each group or for all.

| name | formula | where it comes from |
|---|---|---|
| `pow` | E + A x^-a | the power law with a floor |
| `purepow` | A x^-a | without one |
| `shiftpow` | E + A (x + B)^-a | Zhai et al. 2021, arXiv:2106.04560 |
| `rectpow` | E + A / (x^a + B^a) | Lin et al. 2024 (fine-tuning), arXiv:2402.02314 |
| `sigmoid` | E + A / (1 + (x/B)^a) | the same with a steeper prior |
| `bnsl` | E + A x^-a (1 + (x/B)^(1/f))^(-c f), f = 0.4 | Caballero et al., arXiv:2210.14891 |
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from isoloss.trust.auto.fitting import RECENCY, Candidate, contain
from isoloss.trust.auto.forms import Form, Shape
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import (
    at,
    exponent,
    floor_sign,
    plain,
    power,
    power_text,
    rate,
    ratio,
)

SMOOTH = 0.4
DAMPING = (0.25, 0.75)
HELD = 0.5


def one_forms(job: Job, axis: int) -> Iterator[Form]:
    """Closed forms of one input."""
    floor, x, a = floor_sign(job), ratio(job, axis), exponent(job, axis)
    low, high = float(job.here.u[:, axis].min()), float(job.here.u[:, axis].max())
    middle = 0.5 * (low + high)
    shift = Shape("B", low - 3.0, high + 2.0, low, 2.0, np.exp)

    def pow_(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, power(p, axis, t, 0)]

    def pure(p: Points, t: np.ndarray) -> list[Any]:
        return [power(p, axis, t, 0)]

    def shifted(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, np.exp(-rate(t, 0) * np.logaddexp(p.u[..., axis], at(t, 1)))]

    def rectified(p: Points, t: np.ndarray) -> list[Any]:
        grown = rate(t, 0) * p.u[..., axis]
        return [1.0, np.exp(-np.logaddexp(grown, rate(t, 0) * at(t, 1)))]

    def sigmoid(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, 1 / (1 + np.exp(rate(t, 0) * (p.u[..., axis] - at(t, 1))))]

    def broken(p: Points, t: np.ndarray) -> list[Any]:
        u = p.u[..., axis]
        bend = SMOOTH * np.logaddexp(0.0, (u - at(t, 2)) / SMOOTH)
        return [1.0, np.exp(-rate(t, 0) * u - at(t, 1) * bend)]

    steep = Shape("a", math.log(0.1), math.log(6.0), math.log(1.0), 0.7, np.exp)
    place = Shape("B", low - 1.0, high + 2.0, middle, 2.0, np.exp)
    knee = Shape("B", low, high, middle, 0.5 * (high - low), np.exp)
    text = power_text(job, axis)
    name = a.name
    yield Form("pow", (a,), ("E", "A"), (floor, False), pow_, f"E + A*{text}")
    yield Form("purepow", (a,), ("A",), (False,), pure, f"A*{text}")
    yield Form(
        "shiftpow", (a, shift), ("E", "A"), (floor, False), shifted, f"E + A*({x} + B)**-{name}"
    )
    yield Form(
        "rectpow",
        (a, shift),
        ("E", "A"),
        (floor, False),
        rectified,
        f"E + A/({x}**{name} + B**{name})",
    )
    yield Form(
        "sigmoid", (steep, place), ("E", "A"), (floor, False), sigmoid, f"E + A/(1 + ({x}/B)**a)"
    )
    yield Form(
        "bnsl",
        (a, plain("c", -0.5, 2.0, 0.0, 0.3), knee),
        ("E", "A"),
        (floor, False),
        broken,
        f"E + A*{text}*(1 + ({x}/B)**{1 / SMOOTH:g})**(-{SMOOTH:g}*c)",
    )


def curves(job: Job, axis: int) -> Iterator[Candidate]:
    """Procedures of one input that are no formula: damped lines, quadratics held at their end."""
    for rates in RECENCY[1:]:
        for share in DAMPING:
            name = f"damped line {share:g}|recent {rates:g}"
            yield _each(job, axis, name, lambda v, y, q, r=rates, s=share: _damped(v, y, q, r, s))
    for rates in RECENCY[:3]:
        name = "held quadratic" + (f"|recent {rates:g}" if rates else "")
        yield _each(job, axis, name, lambda v, y, q, r=rates: _held(v, y, q, r))


def _each(job: Job, axis: int, name: str, rule) -> Candidate:
    side = job.sides[axis]
    here = np.empty((len(job.seen), *job.y.shape))
    there = np.full((len(job.there.group), job.y.shape[1]), np.nan)
    for split, seen in enumerate(job.seen):
        for group in range(len(job.groups)):
            every = np.flatnonzero(job.here.group == group)
            own = every[seen[every]]
            v = side * job.here.v[:, axis]
            asked = np.flatnonzero(job.there.group == group)
            here[split, every] = np.nan
            if len(np.unique(v[own])) < 3:
                continue
            for target in range(job.y.shape[1]):
                y = job.y[own, target]
                here[split, every, target] = rule(v[own], y, v[every])
                if split == len(job.seen) - 1:
                    there[asked, target] = rule(v[own], y, side * job.there.v[asked, axis])
    return Candidate(name, *contain(job, here, there), None, "curve")


def _line(v: np.ndarray, y: np.ndarray, degree: int, recency: float) -> np.ndarray:
    """Weighted least squares, the highest power first; ages in deviations of this group."""
    age = (v.max() - v) / max(v.std(), 1e-12)
    root = np.exp(-0.5 * recency * age)
    return np.linalg.lstsq(np.vander(v, degree + 1) * root[:, None], y * root, rcond=None)[0]


def _damped(
    v: np.ndarray, y: np.ndarray, asked: np.ndarray, recency: float, share: float
) -> np.ndarray:
    """A line that levels off beyond the last row: the slope decays over `share` deviations."""
    c = _line(v, y, 1, recency)
    last, length = v.max(), share * max(v.std(), 1e-12)
    over = np.maximum(asked - last, 0.0)
    return np.polyval(c, np.minimum(asked, last)) + c[0] * length * -np.expm1(-over / length)


def _held(v: np.ndarray, y: np.ndarray, asked: np.ndarray, recency: float) -> np.ndarray:
    """A quadratic that is held at its vertex, and beyond half a range past the last row."""
    c = _line(v, y, 2, recency)
    end = v.max() + HELD * np.ptp(v)
    vertex = -c[1] / (2 * c[0]) if abs(c[0]) > 1e-12 else np.inf
    if vertex > v.max():
        end = min(end, vertex)
    return np.polyval(c, np.minimum(asked, end))
