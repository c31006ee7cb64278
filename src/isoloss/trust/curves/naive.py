"""What costs nothing: repeating the last value, and a straight line in logarithms."""

from __future__ import annotations

import numpy as np

from isoloss.trust.curves.curve import Curve

# the line is drawn through the last octave, or through this many points where it holds fewer
FEWEST = 4


def last_value(curve: Curve, ahead: np.ndarray) -> np.ndarray:
    """ln y (m,) of the last point given, wherever `ahead` lies."""
    return np.full(len(ahead), curve.log_last)


def log_linear(curve: Curve, ahead: np.ndarray) -> np.ndarray:
    """ln y (m,) on the least-squares line of ln y against ln x through the last octave."""
    count = max(int((curve.u >= -np.log(2)).sum()), min(FEWEST, len(curve)))
    u, log_y = curve.u[-count:], curve.log_y[-count:]
    centred = u - u.mean()
    square = (centred**2).sum()
    slope = (centred * log_y).sum() / square if square > 0 else 0.0
    return log_y.mean() + slope * (ahead - u.mean())
