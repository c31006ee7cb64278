"""Laws of several inputs: sums and products of powers, and how the inputs work on each other.

| name | formula | where it comes from |
|---|---|---|
| `ADD` | E + sum A_i x_i^-a_i | Hoffmann et al. 2022, arXiv:2203.15556 |
| `PROD` | E + A prod x_i^-a_i | Clark et al. 2022, arXiv:2202.01169, without its bend |
| `KAP` | E + (sum k_i x_i^-a_i)^b | Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5, with a floor |
| `EFF` | E + A [x_i (1 + k ln x_j)]^-a | Chen et al. 2025 (parallel scaling), arXiv:2505.10475 |
| `SATPROD` | E + A prod (x_i + c_i)^-a_i | Clark et al. 2022, whose expert count saturates |
| `ADDxmod` | amplitudes that are powers of the other inputs | Farseer, arXiv:2506.10972, in short |
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Form, Shape
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import (
    at,
    deviation,
    exponents,
    floor_sign,
    logged,
    plain,
    power,
    power_text,
    rate,
    ratio,
)

MOST_CROSSED = 3


def several_forms(job: Job, axes: list[int]) -> Iterator[Form]:
    """Forms of two or more inputs."""
    yield add(job, axes)
    if len(axes) > 2:
        for left_out in axes:
            kept = [axis for axis in axes if axis != left_out]
            yield add(job, kept, f"ADD without {job.axis_name(left_out)}")
    yield add_product(job, axes)
    if 2 < len(axes) <= 5:
        yield add_pairs(job, axes)
    yield add_logs(job, axes)
    yield product(job, axes)
    yield saturating_product(job, axes)
    yield coupled(job, axes)
    if len(axes) <= MOST_CROSSED:
        yield modulated(job, axes)
        for i, j in permutations(axes, 2):
            yield effective(job, i, j, axes)


def add(job: Job, axes: list[int], name: str = "ADD") -> Form:
    """E + sum A_i x_i^-a_i: each input on its own."""

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        return [1.0, *(power(points, axis, theta, k) for k, axis in enumerate(axes))]

    names = [f"A_{job.axis_name(axis)}" for axis in axes]
    text = " + ".join(
        ["E", *(f"{a}*{power_text(job, i)}" for a, i in zip(names, axes, strict=True))]
    )
    free = (False,) * len(axes)
    return Form(name, exponents(job, axes), ("E", *names), (floor_sign(job), *free), basis, text)


def add_product(job: Job, axes: list[int]) -> Form:
    """`ADD` and one product of powers of all inputs, with exponents of its own."""
    d = len(axes)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        alone = [power(points, axis, theta, k) for k, axis in enumerate(axes)]
        together = sum(rate(theta, d + k) * points.u[..., axis] for k, axis in enumerate(axes))
        return [1.0, *alone, np.exp(-together)]

    first = add(job, axes)
    text = f"{first.text} + B*{'*'.join(power_text(job, axis, 'b') for axis in axes)}"
    return Form(
        "ADD+prod",
        (*first.shape, *exponents(job, axes, "b")),
        (*first.coefficients, "B"),
        (*first.positive, False),
        basis,
        text,
    )


def add_pairs(job: Job, axes: list[int]) -> Form:
    """`ADD` and the products of its own powers, two by two."""
    pairs = list(combinations(range(len(axes)), 2))

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        alone = [power(points, axis, theta, k) for k, axis in enumerate(axes)]
        return [1.0, *alone, *(alone[a] * alone[b] for a, b in pairs)]

    first = add(job, axes)
    powers = [power_text(job, axis) for axis in axes]
    names = [f"B_{job.axis_name(axes[a])}_{job.axis_name(axes[b])}" for a, b in pairs]
    terms = [f"{n}*{powers[a]}*{powers[b]}" for n, (a, b) in zip(names, pairs, strict=True)]
    return Form(
        "ADD+prodpairs",
        first.shape,
        (*first.coefficients, *names),
        (*first.positive, *([False] * len(pairs))),
        basis,
        " + ".join([first.text, *terms]),
    )


def add_logs(job: Job, axes: list[int]) -> Form:
    """`ADD` and the products of the logarithms, two by two: a bend that no floor ends."""
    pairs = list(combinations(axes, 2))

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        alone = [power(points, axis, theta, k) for k, axis in enumerate(axes)]
        return [1.0, *alone, *(points.v[..., a] * points.v[..., b] for a, b in pairs)]

    first = add(job, axes)
    names = [f"B_{job.axis_name(a)}_{job.axis_name(b)}" for a, b in pairs]
    terms = [
        f"{n}*{deviation(job, a)}*{deviation(job, b)}"
        for n, (a, b) in zip(names, pairs, strict=True)
    ]
    return Form(
        "ADDlogx",
        first.shape,
        (*first.coefficients, *names),
        (*first.positive, *([False] * len(pairs))),
        basis,
        " + ".join([first.text, *terms]),
    )


def product(job: Job, axes: list[int]) -> Form:
    """E + A prod x_i^-a_i."""

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        together = sum(rate(theta, k) * points.u[..., axis] for k, axis in enumerate(axes))
        return [1.0, np.exp(-together)]

    text = "E + A*" + "*".join(power_text(job, axis) for axis in axes)
    return Form("PROD", exponents(job, axes), ("E", "A"), (floor_sign(job), True), basis, text)


def saturating_product(job: Job, axes: list[int]) -> Form:
    """E + A prod (x_i + c_i)^-a_i: small inputs stop mattering."""
    d = len(axes)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        together = sum(
            rate(theta, k) * np.logaddexp(points.u[..., axis], at(theta, d + k))
            for k, axis in enumerate(axes)
        )
        return [1.0, np.exp(-together)]

    shifts = []
    for axis in axes:
        low, high = job.here.u[:, axis].min(), job.here.u[:, axis].max()
        name = f"c_{job.axis_name(axis)}"
        shifts.append(Shape(name, low - 4.0, high + 1.0, low, 2.0, np.exp))
    terms = [
        f"({ratio(job, axis)} + c_{job.axis_name(axis)})**-a_{job.axis_name(axis)}" for axis in axes
    ]
    return Form(
        "SATPROD",
        (*exponents(job, axes), *shifts),
        ("E", "A"),
        (floor_sign(job), True),
        basis,
        "E + A*" + "*".join(terms),
    )


def coupled(job: Job, axes: list[int]) -> Form:
    """E + A (x_1^-a_1 + k_2 x_2^-a_2 + ...)^b: the inputs stand in for each other."""
    d = len(axes)

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        inside = power(points, axes[0], theta, 0)
        for k, axis in enumerate(axes[1:], start=1):
            inside = inside + rate(theta, d + k - 1) * power(points, axis, theta, k)
        return [1.0, inside ** rate(theta, 2 * d - 1)]

    weights = tuple(logged(f"k_{job.axis_name(axis)}", 0.01, 100, 1.0, 2.0) for axis in axes[1:])
    terms = [power_text(job, axes[0])]
    terms += [f"k_{job.axis_name(axis)}*{power_text(job, axis)}" for axis in axes[1:]]
    return Form(
        "KAP",
        (*exponents(job, axes), *weights, logged("b", 0.15, 6.0, 1.0, 0.5)),
        ("E", "A"),
        (floor_sign(job), True),
        basis,
        f"E + A*({' + '.join(terms)})**b",
    )


def modulated(job: Job, axes: list[int]) -> Form:
    """E + sum A_i x_i^-a_i prod x_j^b_ij: the amplitude of one input depends on the others."""
    d = len(axes)
    crossed = [(i, j) for i in range(d) for j in range(d) if i != j]

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        columns: list[Any] = [1.0]
        for i, axis in enumerate(axes):
            exponent = -rate(theta, i) * points.u[..., axis]
            for place, (mine, other) in enumerate(crossed):
                if mine == i:
                    exponent = exponent + at(theta, d + place) * points.u[..., axes[other]]
            columns.append(np.exp(exponent))
        return columns

    names = [job.axis_name(axis) for axis in axes]
    crosses = tuple(plain(f"b_{names[i]}_{names[j]}", -0.5, 0.5, 0.0, 0.15) for i, j in crossed)
    terms = ["E"]
    for i, axis in enumerate(axes):
        others = [
            f"{ratio(job, axes[j])}**b_{names[i]}_{names[j]}" for mine, j in crossed if mine == i
        ]
        terms.append("*".join([f"A_{names[i]}", power_text(job, axis), *others]))
    return Form(
        "ADDxmod",
        (*exponents(job, axes), *crosses),
        ("E", *(f"A_{name}" for name in names)),
        (floor_sign(job), *([False] * d)),
        basis,
        " + ".join(terms),
    )


def effective(job: Job, i: int, j: int, axes: list[int]) -> Form:
    """E + A [x_i (1 + k ln(x_j / min x_j))]^-a, and powers of whatever inputs remain."""
    others = [axis for axis in axes if axis not in (i, j)]
    least = float(job.here.u[:, j].min())

    def basis(points: Points, theta: np.ndarray) -> list[Any]:
        gain = np.log1p(rate(theta, 1) * np.maximum(points.u[..., j] - least, 0.0))
        first = np.exp(-rate(theta, 0) * (points.u[..., i] + gain))
        return [1.0, first, *(power(points, o, theta, 2 + k) for k, o in enumerate(others))]

    names = [f"A_{job.axis_name(axis)}" for axis in others]
    start = f"ln({ratio(job, j)}) - {least:.6g}"
    terms = [f"E + A*({ratio(job, i)}*(1 + k*({start})))**-a_{job.axis_name(i)}"]
    terms += [f"{n}*{power_text(job, o)}" for n, o in zip(names, others, strict=True)]
    return Form(
        f"EFF {job.axis_name(i)} by {job.axis_name(j)}",
        (*exponents(job, [i]), logged("k", 0.01, 10.0, 0.3, 1.0), *exponents(job, others)),
        ("E", "A", *names),
        (floor_sign(job), True, *([False] * len(others))),
        basis,
        " + ".join(terms),
    )
