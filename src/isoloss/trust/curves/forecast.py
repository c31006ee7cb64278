"""The verb `forecast`: from a curve to what it will say further on, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.notices import Notice
from isoloss.trust.curves import damped, naive
from isoloss.trust.curves.curve import Curve, numbers, read
from isoloss.trust.curves.stack import Density, stack
from isoloss.trust.curves.transform import ERROR

LEVEL = 0.90
ENOUGH = 8
# the longest horizon that was measured, as a multiple of the last x
MEASURED = 16.0


@dataclass(frozen=True, eq=False)
class Forecast:
    """A curve foretold at m places; arrays are (m,), in the unit of y unless said otherwise.

    Attributes:
        at: where, in the unit of x.
        value: the forecast, the median of its density.
        low, high: interval of one new evaluation there.
        level: its nominal coverage.
        location, scale, df: of the Student t density of ln y.
        last: the last value, repeated.
        log_linear: the line through the last octave in logarithms, prolonged.
        parts: shares of the squared scale, by name, which sum to 1: `trend` (where the curve goes),
            `law` (which of the laws it is), `members` (the two procedures' disagreement) and
            `noise` (of one evaluation).
        noise_floor: relative scatter of one evaluation round the curve; no forecast can be nearer
            than that on average.
        damping: mean k of the damped law: the slope shrinks by 1 - 2**-k an octave.
        points: how many points the curve has.
        transform: `error` or `loss`: the scale on which it was straightened.
        notices: what to know before using it.
    """

    at: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    location: np.ndarray
    scale: np.ndarray
    df: float
    last: np.ndarray
    log_linear: np.ndarray
    parts: dict[str, np.ndarray]
    noise_floor: float
    damping: float
    points: int
    transform: str
    notices: tuple[Notice, ...] = ()

    def log_density(self, y: Any) -> np.ndarray:
        """Log density (m,) of values y (m,), on the scale of y itself."""
        log_y = np.log(np.asarray(y, dtype=float))
        density = Density(self.location, {"all": self.scale**2}, self.df)
        return density.log_density(log_y) - log_y

    def to_document(self) -> dict[str, Any]:
        """Plain data, one record a place."""
        names = ("at", "value", "low", "high", "location", "scale", "last", "log_linear")
        return {
            "level": self.level,
            "df": self.df,
            "points": self.points,
            "transform": self.transform,
            "damping": self.damping,
            "noise_floor": self.noise_floor,
            "forecasts": [
                {name: float(getattr(self, name)[i]) for name in names}
                | {"parts": {part: float(share[i]) for part, share in self.parts.items()}}
                for i in range(len(self.at))
            ],
            "notices": [notice.to_document() for notice in self.notices],
        }

    def __str__(self) -> str:
        lines = [
            f"{x:g}: {value:.4g}, {self.level:.0%} interval {low:.4g} to {high:.4g} "
            f"(last value {last:.4g})"
            for x, value, low, high, last in zip(
                self.at, self.value, self.low, self.high, self.last, strict=True
            )
        ]
        return "\n".join([*lines, *(f"note: {notice.message}" for notice in self.notices)])


def forecast(
    x: Any,
    y: Any,
    at: Any,
    *,
    level: float = LEVEL,
    scale: str = "auto",
    noise_factor: float | None = None,
) -> Forecast:
    """Foretell a learning curve beyond its last point.

    The same procedure for every curve: nothing is chosen by hand. It looks at a curve of one input
    that bends smoothly; a change of the learning rate or of the data after the last point is
    beyond it.

    Args:
        x: what grew, (n,): data, steps or compute, in any unit.
        y: loss or error there, (n,), positive. Accuracies are given as 1 - accuracy.
        at: one or more x beyond the last one.
        level: nominal coverage of the intervals.
        scale: `error` (values below a ceiling of 1), `loss` (any positive values) or `auto`, which
            takes `error` where every y is at most 1.
        noise_factor: how much more one new evaluation scatters than the points given; see
            `isoloss.trust.curves.stack`.

    Raises:
        InputError: naming what cannot be used.
    """
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise InputError(f"level must lie between 0 and 1, got {level!r}")
    if noise_factor is not None and not (
        isinstance(noise_factor, int | float) and 0 < noise_factor < np.inf
    ):
        raise InputError(f"noise_factor must be a positive number, got {noise_factor!r}")
    curve = read(x, y, scale)
    places = numbers(at, "at")
    if places.min() <= curve.x_last:
        raise InputError(
            f"at is {places.min():g}, not beyond the curve's last x, {curve.x_last:g}; a forecast "
            "is for what was not seen yet"
        )
    ahead = np.log(places / curve.x_last)
    density = stack(curve, ahead, noise_factor)
    reach = density.reach(level)
    # an error rate cannot pass 1, whatever the tail of its density says
    ceiling = 0.0 if curve.transform is ERROR else np.inf
    return Forecast(
        at=places,
        value=np.exp(density.location),
        low=np.exp(density.location - reach),
        high=np.exp(np.minimum(density.location + reach, ceiling)),
        level=float(level),
        location=density.location,
        scale=density.scale,
        df=density.freedom,
        last=np.exp(naive.last_value(curve, ahead)),
        log_linear=np.exp(naive.log_linear(curve, ahead)),
        parts={name: v / density.scale**2 for name, v in density.variances.items()},
        noise_floor=float(np.sqrt(density.variances["noise"][0])),
        damping=damped.fit(curve).damping,
        points=curve.given,
        transform=curve.transform.name,
        notices=tuple(_notices(curve, places, density, scale)),
    )


def _notices(curve: Curve, places: np.ndarray, density: Density, scale: str) -> list[Notice]:
    found = []
    if scale == "auto" and curve.transform is ERROR:
        found.append(
            Notice(
                "taken-as-error",
                "every y is at most 1, so they are taken as error rates with a ceiling of 1",
                "say scale='loss' where they are losses that only happen to be small",
            )
        )
    if len(curve) < ENOUGH:
        found.append(
            Notice(
                "few-points",
                f"the curve has {len(curve)} points; with fewer than {ENOUGH} the forecast rests "
                "mostly on how other curves bend",
                "add earlier checkpoints, or take the interval more seriously than the value",
            )
        )
    furthest = places.max() / curve.x_last
    if furthest > MEASURED:
        found.append(
            Notice(
                "far-horizon",
                f"{places.max():g} is {furthest:.3g} times the last x; the procedure was measured "
                f"up to {MEASURED:g} times",
                "ask nearer, or train longer first",
            )
        )
    return found + _change(curve, density)


def _change(curve: Curve, density: Density) -> list[Notice]:
    """Whether the forecast says more than the last value does."""
    change = density.location - curve.log_last
    if (change > density.scale).any():
        return [
            Notice(
                "rising",
                "the curve is foretold to rise; the procedure was measured on falling ones",
                "give accuracies as 1 - accuracy",
            )
        ]
    if (np.abs(change) <= density.scale).all():
        return [
            Notice(
                "last-value-as-good",
                f"the foretold change, {100 * np.expm1(change[np.argmax(np.abs(change))]):+.2g} %, "
                "is within the forecast's own scale: repeating the last value is as good here",
            )
        ]
    return []
