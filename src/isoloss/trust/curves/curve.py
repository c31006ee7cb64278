"""One curve made ready: checked, sorted, thinned to bins, and counted back from its last point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.trust.curves.transform import ERROR, LOSS, TRANSFORMS, Transform

# more points than this are averaged in bins of equal width in ln x
MOST_POINTS = 96
# what lies further back than this in ln x (ten octaves) has no say any more
REACH = 7.0
FEWEST = 4
# the mean of m evaluations of one run scatters m**-0.36 times as much as one of them: neighbours
# share most of their noise (measured on the curves of arXiv:2209.06640; 0.5 if they shared none)
SHARING = 0.36


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve as the procedures read it.

    Attributes:
        u: (n,) ln(x/x_last), rising, the last one 0.
        log_y: (n,) ln y.
        z: (n,) y on the transform's scale.
        stretch: (n,) dz/d ln y.
        quiet: (n,) noise of the point over that of one evaluation: 1, less for a bin's mean.
        transform: the scale of z.
        x_last: the largest x.
        log_last: ln y there, of the last point given.
        given: how many points were given.
    """

    u: np.ndarray
    log_y: np.ndarray
    z: np.ndarray
    stretch: np.ndarray
    quiet: np.ndarray
    transform: Transform
    x_last: float
    log_last: float
    given: int

    def __len__(self) -> int:
        return len(self.u)

    @property
    def binned(self) -> bool:
        """Whether any point is the mean of several."""
        return bool((self.quiet < 1).any())

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, transform: Transform) -> Curve:
        """From positive x and y (m,), in any order."""
        order = np.argsort(x, kind="stable")
        given, log_last, x_last = len(x), float(np.log(y[order[-1]])), float(x[order[-1]])
        u, log_y, count = _condensed(np.log(x[order] / x_last), np.log(y[order]))
        z, stretch = transform.forward(log_y)
        return cls(u, log_y, z, stretch, count**-SHARING, transform, x_last, log_last, given)


def read(x: Any, y: Any, scale: str = "auto") -> Curve:
    """A curve from what a person gave.

    Args:
        x: positive numbers (m,): data seen, steps or compute, in any unit.
        y: positive numbers (m,): the loss or error there.
        scale: `error` for rates below 1, `loss` for any positive value; `auto` takes `error` where
            every y is at most 1.

    Raises:
        InputError: naming the first number that cannot be used.
    """
    xs, ys = numbers(x, "x"), numbers(y, "y")
    if len(xs) != len(ys):
        raise InputError(f"x has {len(xs)} numbers and y has {len(ys)}; each point needs both")
    points = len(np.unique(xs))
    if points < FEWEST:
        raise InputError(
            f"{points} different x are too few to tell a slope and how it shrinks; at least "
            f"{FEWEST} are needed, and about 8 for a forecast worth having"
        )
    return Curve.of(xs, ys, _transform(ys, scale))


def numbers(values: Any, name: str) -> np.ndarray:
    """Positive finite numbers (m,), or a message that says which one is not."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers, got {values!r:.80}") from None
    if array.ndim != 1 or not len(array):
        raise InputError(f"{name} must be a list of numbers, got the shape {array.shape}")
    wrong = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    if wrong.size:
        first = wrong[0]
        raise InputError(
            f"{name}[{first}] is {array[first]:g}; every {name} must be a positive number: "
            "leave such points out"
        )
    return array


def _transform(y: np.ndarray, scale: str) -> Transform:
    if scale == "auto":
        return ERROR if y.max() <= 1 else LOSS
    if scale not in TRANSFORMS:
        raise InputError(f"scale must be auto, {' or '.join(TRANSFORMS)}, got {scale!r}")
    if scale == ERROR.name and y.max() > 1:
        worst = int(np.argmax(y))
        raise InputError(
            f"y[{worst}] is {y[worst]:g}, above 1, so it is no error rate; use scale='loss', or "
            "divide percentages by 100"
        )
    return TRANSFORMS[scale]


def _condensed(u: np.ndarray, log_y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At most `MOST_POINTS` points within reach, with how many each one is the mean of.

    Points of equal x become one, so that repeats count as repeats.
    """
    near = u >= -REACH
    u, log_y = u[near], log_y[near]
    _, label = np.unique(u, return_inverse=True)
    if label.max() >= MOST_POINTS:
        # bins are counted back from the last point, which stays at the end of its bin
        width = -u[0] / MOST_POINTS
        _, label = np.unique(
            -np.floor(np.minimum(-u / width, MOST_POINTS - 1)), return_inverse=True
        )
    count = np.bincount(label).astype(float)
    return np.bincount(label, u) / count, np.bincount(label, log_y) / count, count
