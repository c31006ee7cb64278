"""Several measures of one family against size, judged together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from isoloss.errors.trends.ladder import Ladder
from isoloss.errors.trends.measure import MeasureTrend, cover_of, estimates, straight
from isoloss.errors.trends.mode_tests import why_not
from isoloss.errors.trends.raw import DOWN_IS_GOOD, NEITHER_IS_GOOD, UP_IS_GOOD, Kind, judge

KINDS: dict[str, Kind] = {
    "accuracy": Kind(UP_IS_GOOD, 0.02, "per decade"),
    "false_yes": Kind(DOWN_IS_GOOD, 0.02, "per decade"),
    "false_no": Kind(DOWN_IS_GOOD, 0.02, "per decade"),
    "yes_ratio": Kind(NEITHER_IS_GOOD, 0.02, "per decade"),
    "f1": Kind(UP_IS_GOOD, 0.02, "per decade"),
    "sensitivity": Kind(UP_IS_GOOD, 0.2, "d' per decade"),
    "criterion": Kind(NEITHER_IS_GOOD, 0.2, "c per decade"),
    "calibration_error": Kind(DOWN_IS_GOOD, 0.02, "per decade"),
    "brier": Kind(DOWN_IS_GOOD, 0.02, "per decade"),
    "log_loss": Kind(DOWN_IS_GOOD, 0.05, "nats per decade"),
    "text": Kind(NEITHER_IS_GOOD, 0.02, "accuracy per decade"),
    "image": Kind(NEITHER_IS_GOOD, 0.02, "accuracy per decade"),
    "interaction": Kind(NEITHER_IS_GOOD, 0.02, "accuracy per decade"),
    "text_share": Kind(NEITHER_IS_GOOD, 0.05, "share per decade"),
    "language_prior": Kind(NEITHER_IS_GOOD, 0.05, "share per decade"),
    "gain": Kind(NEITHER_IS_GOOD, 0.02, "accuracy per decade"),
}


def measure_trends(
    chosen: Ladder,
    point: Mapping[str, np.ndarray],
    draws: Mapping[str, np.ndarray],
    *,
    units: int,
    n: int,
    level: float,
) -> dict[str, MeasureTrend]:
    """Lines of measures (M,) with replicates (R, M); q values are adjusted for their number."""
    lines = {
        name: straight(
            chosen.size,
            value,
            cover_of(draws[name]),
            units=units,
            n=n,
            level=level,
            reason=_reason(chosen, value),
        )
        for name, value in point.items()
    }
    slopes = judge([line.raw for line in lines.values()], [KINDS[name] for name in lines], level)
    return {
        name: MeasureTrend(
            name,
            estimates(point[name], draws[name], n, level),
            slope,
            line.dispersion,
            line.p_same,
        )
        for (name, line), slope in zip(lines.items(), slopes, strict=True)
    }


def _reason(chosen: Ladder, value: np.ndarray) -> str:
    if not np.isfinite(value).all():
        return f"no value for {chosen.grid.names[int((~np.isfinite(value)).argmax())]}"
    return why_not(chosen.trend, None, ())
