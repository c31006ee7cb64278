"""Laws with an optimum: inputs such as a learning rate, whose best value drifts with scale.

Each tuning input t has a distance from its best place, d_t = v_t - m_t - sum_s k_ts v_s, in
standard deviations: the best place moves with the logarithm of scale, as power laws of the best
learning rate and batch size say (Li et al. 2025, arXiv:2503.04715). What being off costs is a bowl:
d^2, or (exp(k d) - k d - 1)/k^2, which is steeper on one side (LinEx, Varian 1975): too large a
learning rate costs more than too small a one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Form, Shape
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import (
    at,
    deviation,
    exponents,
    floor_sign,
    plain,
    power,
    power_text,
    rate,
)


def tuning_forms(job: Job) -> Iterator[Form]:
    """Forms for a table with tuning inputs."""
    if not job.tuning or not job.scales:
        return
    yield bowls(job, skewed=False, scaled=False)
    yield bowls(job, skewed=True, scaled=False)
    yield bowls(job, skewed=True, scaled=True)
    yield bowl_product(job)
    yield quadratic(job)


def _distances(job: Job, start: int) -> tuple[list[Shape], Callable[..., list[Any]], str]:
    """How far each tuning input is from its best place: shapes, function and words."""
    shapes: list[Shape] = []
    for t in job.tuning:
        v, name = job.here.v[:, t], job.axis_name(t)
        shapes.append(plain(f"m_{name}", float(v.min()), float(v.max()), 0.0, 1.0))
        shapes += [plain(f"k_{name}_{job.axis_name(s)}", -1.5, 1.5, 0.0, 0.5) for s in job.scales]
    step = 1 + len(job.scales)

    def distances(points: Points, theta: np.ndarray) -> list[Any]:
        found = []
        for number, t in enumerate(job.tuning):
            first = start + number * step
            away = points.v[..., t] - at(theta, first)
            for k, s in enumerate(job.scales):
                away = away - at(theta, first + 1 + k) * points.v[..., s]
            found.append(away)
        return found

    words = []
    for t in job.tuning:
        name = job.axis_name(t)
        drift = [f"k_{name}_{job.axis_name(s)}*{deviation(job, s)}" for s in job.scales]
        words.append(f"d_{name} = {' - '.join([deviation(job, t), f'm_{name}', *drift])}")
    return shapes, distances, " where " + "; ".join(words)


def _linex(away: Any, skew: Any) -> Any:
    """(exp(k d) - k d - 1)/k^2, which is d^2/2 as k goes to 0."""
    k = np.where(np.abs(skew) < 1e-2, 1e-2, skew)
    grown = np.clip(k * away, -30, 30)
    return (np.expm1(grown) - grown) / k**2


def _pairs(away: list[Any]) -> list[Any]:
    return [a * b for a, b in combinations(away, 2)]


def _pair_names(job: Job) -> list[tuple[str, str]]:
    return list(combinations([job.axis_name(t) for t in job.tuning], 2))


def bowls(job: Job, *, skewed: bool, scaled: bool) -> Form:
    """E + sum A_s x_s^-a_s + a bowl for each tuning input and the products of distances.

    With `skewed` the bowls are LinEx; with `scaled` their depth is a power of scale.
    """
    d, t = len(job.scales), len(job.tuning)
    shapes, distances, words = _distances(job, d)
    first_skew = d + len(shapes)
    first_depth = first_skew + (t if skewed else 0)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        away = distances(points, theta)
        alone = [power(points, s, theta, k) for k, s in enumerate(job.scales)]
        skews = [at(theta, first_skew + k) if skewed else 0.0 for k in range(t)]
        cups = [_linex(a, k) if skewed else a**2 for a, k in zip(away, skews, strict=True)]
        both = _pairs(away)
        if scaled:
            depth = np.exp(
                sum(at(theta, first_depth + k) * points.v[..., s] for k, s in enumerate(job.scales))
            )
            cups, both = [cup * depth for cup in cups], [pair * depth for pair in both]
        return [1.0, *alone, *cups, *both]

    names = [job.axis_name(axis) for axis in job.tuning]
    skews = [plain(f"g_{name}", -3.0, 3.0, 0.0, 1.0) for name in names] if skewed else []
    depths = [plain(f"h_{job.axis_name(s)}", -1.0, 1.0, 0.0, 0.3) for s in job.scales]
    crossed = [f"C_{a}_{b}" for a, b in _pair_names(job)]
    kind = "TUNE-add" if not skewed else "TUNE-deep" if scaled else "TUNE-asym"
    text = _bowl_text(job, names, skewed)
    if scaled:
        pairs = zip(depths, job.scales, strict=True)
        deeper = " + ".join(f"{depth.name}*{deviation(job, s)}" for depth, s in pairs)
        text = f"({text})*exp({deeper})"
    terms = [f"A_{job.axis_name(s)}*{power_text(job, s)}" for s in job.scales]
    return Form(
        kind,
        (*exponents(job, job.scales), *shapes, *skews, *(depths if scaled else [])),
        (
            "E",
            *(f"A_{job.axis_name(s)}" for s in job.scales),
            *(f"C_{name}" for name in names),
            *crossed,
        ),
        (floor_sign(job), *([True] * (d + t)), *([False] * len(crossed))),
        basis,
        " + ".join(["E", *terms, text]) + words,
        family="tuning",
    )


def _bowl_text(job: Job, names: list[str], skewed: bool) -> str:
    shown = [
        f"C_{n}*(exp(g_{n}*d_{n}) - g_{n}*d_{n} - 1)/g_{n}**2" if skewed else f"C_{n}*d_{n}**2"
        for n in names
    ]
    return " + ".join([*shown, *(f"C_{a}_{b}*d_{a}*d_{b}" for a, b in _pair_names(job))])


def bowl_product(job: Job) -> Form:
    """E + A prod x_s^-a_s (1 + bowls): being off costs in proportion to what is left to gain."""
    d, t = len(job.scales), len(job.tuning)
    shapes, distances, words = _distances(job, d)
    first_skew = d + len(shapes)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        away = distances(points, theta)
        gain = np.exp(-sum(rate(theta, k) * points.u[..., s] for k, s in enumerate(job.scales)))
        cups = [_linex(a, at(theta, first_skew + k)) for k, a in enumerate(away)]
        return [1.0, gain, *(gain * cup for cup in cups), *(gain * p for p in _pairs(away))]

    names = [job.axis_name(axis) for axis in job.tuning]
    skews = [plain(f"g_{name}", -3.0, 3.0, 0.0, 1.0) for name in names]
    crossed = [f"C_{a}_{b}" for a, b in _pair_names(job)]
    gain = "*".join(power_text(job, s) for s in job.scales)
    return Form(
        "TUNE-prod",
        (*exponents(job, job.scales), *shapes, *skews),
        ("E", "A", *(f"C_{name}" for name in names), *crossed),
        (floor_sign(job), *([True] * (1 + t)), *([False] * len(crossed))),
        basis,
        f"E + (A + {_bowl_text(job, names, True)})*{gain}{words}",
        family="tuning",
    )


def quadratic(job: Job) -> Form:
    """E + sum A_s x_s^-a_s and a full quadratic in the tuning inputs with its drift in scale."""
    crossed = [(t, o) for t in job.tuning for o in job.scales]
    crossed += list(combinations(job.tuning, 2))

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        v = points.v
        alone = [power(points, s, theta, k) for k, s in enumerate(job.scales)]
        lines = [v[..., t] for t in job.tuning]
        return [
            1.0,
            *alone,
            *lines,
            *(line**2 for line in lines),
            *(v[..., a] * v[..., b] for a, b in crossed),
        ]

    names = [job.axis_name(t) for t in job.tuning]
    pairs = [(job.axis_name(a), job.axis_name(b)) for a, b in crossed]
    coefficients = [
        *(f"B_{n}" for n in names),
        *(f"C_{n}" for n in names),
        *(f"C_{a}_{b}" for a, b in pairs),
    ]
    shown = [
        *(deviation(job, t) for t in job.tuning),
        *(f"({deviation(job, t)})**2" for t in job.tuning),
        *(f"{deviation(job, a)}*{deviation(job, b)}" for a, b in crossed),
    ]
    terms = [f"A_{job.axis_name(s)}*{power_text(job, s)}" for s in job.scales]
    terms += [f"{c}*{x}" for c, x in zip(coefficients, shown, strict=True)]
    return Form(
        "ADD+quadtune",
        exponents(job, job.scales),
        ("E", *(f"A_{job.axis_name(s)}" for s in job.scales), *coefficients),
        (floor_sign(job), *([False] * (len(job.scales) + len(coefficients)))),
        basis,
        " + ".join(["E", *terms]),
        family="tuning",
    )
