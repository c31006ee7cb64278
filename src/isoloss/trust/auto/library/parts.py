"""What forms are built from: powers of an input, exponents with their prior, constants.

Sources of the forms stand with the forms. The prior of an exponent, ln a ~ N(ln 0.3, 0.7) within
0.02 to 2, holds nearly all exponents that have been published for losses; at the strength used it
moves no forecast by more than 0.008 of R2 on SLDBench, and it keeps thin tables from running away.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Shape
from isoloss.trust.auto.job import Job, Points

EXPONENT = (math.log(0.02), math.log(2.0), math.log(0.3), 0.7)
# an axis without logarithm is taken in its standard deviations: a is then a decay per deviation
DECAY = (math.log(0.03), math.log(4.0), math.log(0.55), 0.7)


def exponent(job: Job, axis: int, name: str = "a") -> Shape:
    """The exponent of one input, searched as its logarithm."""
    box = DECAY if job.signature.axes[axis] in job.signature.plain else EXPONENT
    return Shape(f"{name}_{job.axis_name(axis)}", *box, np.exp)


def exponents(job: Job, axes: list[int], name: str = "a") -> tuple[Shape, ...]:
    """One exponent for each of several inputs."""
    return tuple(exponent(job, axis, name) for axis in axes)


def plain(name: str, low: float, high: float, centre: float, width: float) -> Shape:
    """A number searched as it stands."""
    return Shape(name, low, high, centre, width)


def logged(name: str, low: float, high: float, centre: float, width: float) -> Shape:
    """A positive number searched as its logarithm; box, centre given as they stand."""
    return Shape(name, math.log(low), math.log(high), math.log(centre), width, np.exp)


def at(theta: np.ndarray, place: int) -> np.ndarray:
    """One shape number, `(B, 1, 1)`, to be set against points `(B, G, m)`."""
    return theta[:, place, None, None]


def rate(theta: np.ndarray, place: int) -> np.ndarray:
    """One shape number that is searched as its logarithm."""
    return np.exp(at(theta, place))


def power(points: Points, axis: int, theta: np.ndarray, place: int) -> Any:
    """(x / x0)**-a, with ln a at a place of theta."""
    return np.exp(-rate(theta, place) * points.u[..., axis])


def ratio(job: Job, axis: int) -> str:
    """How a scaled input is written: `(N/1.2e+09)`, or as deviations where it is no logarithm."""
    name = job.axis_name(axis)
    if job.signature.axes[axis] in job.signature.plain:
        return f"exp(({name} - {job.here.middle[axis]:.6g})/{job.spread[axis]:.6g})"
    return f"({name}/{math.exp(job.here.middle[axis]):.6g})"


def deviation(job: Job, axis: int) -> str:
    """How a standardised axis is written: `ln(N/1.2e+09)/1.4`."""
    name = job.axis_name(axis)
    if job.signature.axes[axis] in job.signature.plain:
        return f"({name} - {job.here.middle[axis]:.6g})/{job.spread[axis]:.6g}"
    return f"ln({name}/{math.exp(job.here.middle[axis]):.6g})/{job.spread[axis]:.6g}"


def power_text(job: Job, axis: int, name: str = "a") -> str:
    """`(N/1.2e+09)**-a_N`."""
    return f"{ratio(job, axis)}**-{name}_{job.axis_name(axis)}"


def floor_sign(job: Job) -> bool:
    """Whether the floor may not be negative: where no target is."""
    return bool(job.y.min() > 0)
