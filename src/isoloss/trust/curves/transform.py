"""The two scales on which a learning curve is straightened.

With y the value of a curve, z = ln y - a ln(1 - y). An error rate starts near 1, where ln y alone
is flat although the model learns; a = 1/2 lifts that end, half as far as the logit (a = 1) does.
A loss without a ceiling has a = 0, so z = ln y.

Noise is taken as relative to y, so a scale also says how far it stretches ln y: dz/d ln y is
1 + a y/(1 - y).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# nearer to the ceiling than this, an error rate says nothing but "not learnt yet"
CEILING = 0.999


@dataclass(frozen=True)
class Transform:
    """One scale.

    Attributes:
        name: `error`, for values below a ceiling of 1, or `loss`, for any positive value.
        bent: whether values are bent near 1 (a = 1/2) or not (a = 0).
    """

    name: str
    bent: bool

    def forward(self, log_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z and dz/d ln y, each shaped like `log_y`."""
        if not self.bent:
            return np.asarray(log_y, dtype=float), np.ones_like(log_y)
        y = np.minimum(np.exp(log_y), CEILING)
        return np.log(y) - 0.5 * np.log1p(-y), 1 + 0.5 * y / (1 - y)

    def back(self, z: np.ndarray) -> np.ndarray:
        """ln y of z; y/sqrt(1 - y) = exp(z) is a quadratic in y."""
        if not self.bent:
            return z
        root = np.sqrt(1 + 4 * np.exp(-2 * np.maximum(z, -30.0)))
        # so far down 1 - y is 1 to rounding
        return np.where(z < -30.0, z, np.log(2.0) - np.log1p(root))

    def stretch(self, z: np.ndarray) -> np.ndarray:
        """dz/d ln y at z."""
        if not self.bent:
            return np.ones_like(z)
        y = np.exp(self.back(z))
        return 1 + 0.5 * y / np.maximum(1 - y, 1e-12)


ERROR = Transform("error", True)
LOSS = Transform("loss", False)
TRANSFORMS = {transform.name: transform for transform in (ERROR, LOSS)}
