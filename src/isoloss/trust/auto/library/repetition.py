"""Laws of data that are seen more than once.

With D tokens trained on and U distinct ones, R = D/U - 1 repetitions are worth less and less: the
data count as D' = U (1 + R* (1 - exp(-R/R*))) (Muennighoff et al. 2023, arXiv:2305.16264),
and a model larger than its distinct data can fill counts in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Form
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import (
    at,
    exponent,
    exponents,
    floor_sign,
    logged,
    plain,
    power,
    power_text,
    rate,
    ratio,
)


def repetition_forms(job: Job) -> Iterator[Form]:
    """Forms for a table with a total and its distinct part."""
    if job.nested is None:
        return
    total, part = job.nested
    others = [axis for axis in job.scales if axis not in (total, part)]
    yield repeated(job, total, part, others)
    yield repeated_product(job, total, part, others)
    for size in others:
        yield filled(job, total, part, size, others)
        yield penalised(job, total, part, size, others)


def effective(job: Job, points: Points, total: int, part: int, worth: Any) -> Any:
    """ln of D' over the geometric mean of D: the data with repetitions at their worth."""
    shift = job.here.middle[part] - job.here.middle[total]
    more = np.maximum(np.expm1(points.u[..., total] - points.u[..., part] - shift), 0.0)
    return points.u[..., part] + shift + np.log1p(-worth * np.expm1(-more / worth))


def repeated(job: Job, total: int, part: int, others: list[int]) -> Form:
    """E + sum A_i x_i^-a_i + B D'^-b."""
    d = len(others)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        data = effective(job, points, total, part, rate(theta, 1))
        alone = [power(points, axis, theta, 2 + k) for k, axis in enumerate(others)]
        return [1.0, np.exp(-rate(theta, 0) * data), *alone]

    names = [f"A_{job.axis_name(axis)}" for axis in others]
    terms = [f"{n}*{power_text(job, o)}" for n, o in zip(names, others, strict=True)]
    return Form(
        "REP",
        (exponent(job, total, "b"), _worth(), *exponents(job, others)),
        ("E", "B", *names),
        (floor_sign(job), *([True] * (d + 1))),
        basis,
        " + ".join(["E", f"B*{_text(job, total, part)}", *terms]),
        family="repetition",
    )


def repeated_product(job: Job, total: int, part: int, others: list[int]) -> Form:
    """`REP` and one product of its powers: how much data helps depends on the size."""

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        data = np.exp(-rate(theta, 0) * effective(job, points, total, part, rate(theta, 1)))
        alone = [power(points, axis, theta, 2 + k) for k, axis in enumerate(others)]
        together = data
        for column in alone:
            together = together * column
        return [1.0, data, *alone, together]

    first = repeated(job, total, part, others)
    product = "*".join([_text(job, total, part), *(power_text(job, axis) for axis in others)])
    return Form(
        "REP+prod",
        first.shape,
        (*first.coefficients, "C"),
        (*first.positive, False),
        basis,
        f"{first.text} + C*{product}",
        family="repetition",
    )


def filled(job: Job, total: int, part: int, size: int, others: list[int]) -> Form:
    """`REP` in which a size beyond e^k distinct tokens is worth less and less too."""
    rest = [axis for axis in others if axis != size]
    apart = job.here.middle[part] - job.here.middle[size]

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        data = effective(job, points, total, part, rate(theta, 1))
        full = points.u[..., part] + apart + at(theta, 4)
        held = np.minimum(points.u[..., size], full)
        over = np.expm1(points.u[..., size] - held)
        worth = rate(theta, 3)
        grown = held + np.log1p(-worth * np.expm1(-over / worth))
        alone = [power(points, axis, theta, 5 + k) for k, axis in enumerate(rest)]
        return [1.0, np.exp(-rate(theta, 0) * data), np.exp(-rate(theta, 2) * grown), *alone]

    gap = job.here.u[:, size] - job.here.u[:, part] - apart
    low, high = float(gap.min()), float(gap.max())
    name = job.axis_name(size)
    fill = plain(f"k_{name}", low, high, 0.5 * (low + high), 0.5 * (high - low))
    names = [f"A_{job.axis_name(axis)}" for axis in rest]
    terms = [f"{n}*{power_text(job, o)}" for n, o in zip(names, rest, strict=True)]
    inner = f"(F/{np.exp(job.here.middle[size]):.6g})**-a_{name}"
    where = (
        f" where F = M*(1 + R_{name}*(1 - exp(-({name}/M - 1)/R_{name}))); "
        f"M = min({name}, exp(k_{name})*{job.axis_name(part)})"
    )
    return Form(
        f"REP-{name}",
        (
            exponent(job, total, "b"),
            _worth(),
            exponent(job, size),
            logged(f"R_{name}", 0.2, 200.0, 5.0, 1.5),
            fill,
            *exponents(job, rest),
        ),
        ("E", "B", f"A_{name}", *names),
        (floor_sign(job), *([True] * (len(rest) + 2))),
        basis,
        " + ".join(["E", f"B*{_text(job, total, part)}", f"A_{name}*{inner}", *terms]) + where,
        family="repetition",
    )


def penalised(job: Job, total: int, part: int, size: int, others: list[int]) -> Form:
    """`REP` + C R^p (N/U)^q: repetitions harm, and a large model more than a small one."""
    shift = job.here.middle[part] - job.here.middle[total]

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        data = effective(job, points, total, part, rate(theta, 1))
        alone = [power(points, axis, theta, 4 + k) for k, axis in enumerate(others)]
        more = np.maximum(np.expm1(points.u[..., total] - points.u[..., part] - shift), 0.0)
        weight = np.exp(rate(theta, 3) * (points.u[..., size] - points.u[..., part]))
        return [1.0, np.exp(-rate(theta, 0) * data), *alone, more ** rate(theta, 2) * weight]

    first = repeated(job, total, part, others)
    d, u = job.axis_name(total), job.axis_name(part)
    return Form(
        f"REP+pen {job.axis_name(size)}",
        (
            *first.shape[:2],
            logged("p", 0.2, 3.0, 1.0, 0.5),
            logged("q", 0.02, 2.0, 0.5, 0.7),
            *first.shape[2:],
        ),
        (*first.coefficients, "C"),
        (*first.positive, True),
        basis,
        f"{first.text} + C*({d}/{u} - 1)**p*({ratio(job, size)}/{ratio(job, part)})**q",
        family="repetition",
    )


def _worth() -> Any:
    return logged("R", 0.3, 200.0, 15.0, 1.0)


def _text(job: Job, total: int, part: int) -> str:
    d, u = job.axis_name(total), job.axis_name(part)
    middle = np.exp(job.here.middle[total])
    return f"({u}*(1 + R*(1 - exp(-({d}/{u} - 1)/R)))/{middle:.6g})**-b_{d}"
