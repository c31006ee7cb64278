"""Laws of proportions: what a mixture of data does to the loss on each part.

With r the proportions, each target has a part of its own where the names say so; r_own is its
share. What is known: the loss falls as a power of the own share and is tilted by the others.

| name | formula | where it comes from |
|---|---|---|
| `kexp` | c + k exp(sum t_i r_i) | Ye et al. 2024 (data mixing laws), arXiv:2403.16952 |
| `own` | c + A (r_own + e)^-a | a power law in the own share |
| `ownexp` | c + A (r_own + e)^-a exp(sum t_i r_i) | both of them at once |
| `sumpow` | c + sum A_i (r_i + e)^-a | the same for every share |
| `mixpow` | c + A (r_own + sum k_i r_i + e)^-a | others stand in for it at a rate k_i |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Form
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import (
    at,
    exponents,
    floor_sign,
    logged,
    plain,
    power,
    power_text,
    rate,
)


def share_forms(job: Job) -> Iterator[Form]:
    """Closed forms of the proportions; further axes add their power laws."""
    s = len(job.signature.shares)
    if s < 2:
        return
    tilts = tuple(plain(f"t<{k}>", -12.0, 12.0, 0.0, 2.0) for k in range(1, s))
    edge = logged("e", 1e-4, 0.5, 0.03, 1.5)
    a = logged("a", 0.02, 3.0, 0.3, 0.7)
    rates = tuple(plain(f"k<{k}>", 0.0, 1.5, 0.15, 0.3) for k in range(1, s))

    def own(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, (p.shares[..., 0] + rate(t, 1)) ** -rate(t, 0)]

    def tilt(p: Points, t: np.ndarray, start: int) -> Any:
        return sum(at(t, start + k - 1) * p.shares[..., k] for k in range(1, s))

    def ownexp(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, (p.shares[..., 0] + rate(t, 1)) ** -rate(t, 0) * np.exp(tilt(p, t, 2))]

    def kexp(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, np.exp(tilt(p, t, 0))]

    def sumpow(p: Points, t: np.ndarray) -> list[Any]:
        return [1.0, *((p.shares[..., k] + rate(t, 1)) ** -rate(t, 0) for k in range(s))]

    def mixpow(p: Points, t: np.ndarray) -> list[Any]:
        mixed = p.shares[..., 0] + rate(t, 1) + tilt(p, t, 2)
        return [1.0, np.maximum(mixed, 1e-6) ** -rate(t, 0)]

    tilted = " + ".join(f"t<{k}>*<{k}>" for k in range(1, s))
    mixed = " + ".join(["<0>", *(f"k<{k}>*<{k}>" for k in range(1, s)), "e"])
    every = " + ".join(f"A<{k}>*(<{k}> + e)**-a" for k in range(s))
    one = (True,)
    yield _form(job, "own", (a, edge), ("A",), one, own, "A*(<0> + e)**-a")
    yield _form(
        job, "ownexp", (a, edge, *tilts), ("A",), one, ownexp, f"A*(<0> + e)**-a*exp({tilted})"
    )
    yield _form(job, "kexp", tilts, ("k",), one, kexp, f"k*exp({tilted})")
    names = tuple(f"A<{k}>" for k in range(s))
    yield _form(job, "sumpow", (a, edge), names, (False,) * s, sumpow, every)
    yield _form(job, "mixpow", (a, edge, *rates), ("A",), one, mixpow, f"A*({mixed})**-a")


def _form(job: Job, name: str, shape, coefficients, positive, basis, text: str) -> Form:
    """A form of the shares, with a power of each further axis added."""
    axes, first = job.scales, len(shape)

    def whole(points: Points, theta: np.ndarray) -> list[Any]:
        return [
            *basis(points, theta),
            *(power(points, axis, theta, first + k) for k, axis in enumerate(axes)),
        ]

    names = [f"A_{job.axis_name(axis)}" for axis in axes]
    terms = [f"{n}*{power_text(job, o, 'b')}" for n, o in zip(names, axes, strict=True)]
    return Form(
        name,
        (*shape, *exponents(job, axes, "b")),
        ("c", *coefficients, *names),
        (floor_sign(job), *positive, *([False] * len(names))),
        whole,
        " + ".join(["c", text, *terms]),
        family="mixture",
        own=True,
    )
