"""The learnt prior of the Gaussian process: which slopes, dampings, drifts and noises curves have.

The four tables of `prior.toml`, one set for each transform, are shares over a grid. They are learnt
by `isoloss.trust.curves.learn` and hold no curve, only how common each value is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.trust.curves.transform import TRANSFORMS, Transform

PATH = Path(__file__).with_name("prior.toml")

DAMPING = np.array([-0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.3])
SLOPE = np.array([0.005, 0.01, 0.02, 0.04, 0.08, 0.14, 0.24, 0.4, 0.8, 1.6])
DRIFT = np.array([0.05, 0.1, 0.2, 0.4, 0.7])
NOISE = np.array([0.0005, 0.001, 0.002, 0.0035, 0.006, 0.01, 0.018, 0.032, 0.056, 0.1])
SIZES = {"damping": DAMPING, "slope": SLOPE, "drift": DRIFT, "noise": NOISE}


@dataclass(frozen=True, eq=False)
class Prior:
    """Shares over the grid, each table summing to 1.

    Attributes:
        damping: of k.
        slope: of b, the size of |dz/d ln x| at the last point.
        drift: of rho, how far the slope wanders, as a share of b.
        noise: of sigma, the noise of one point in ln y.
    """

    damping: np.ndarray
    slope: np.ndarray
    drift: np.ndarray
    noise: np.ndarray

    @property
    def tables(self) -> tuple[np.ndarray, ...]:
        """In the order of the grid's axes."""
        return self.damping, self.slope, self.drift, self.noise

    def log(self) -> np.ndarray:
        """ln of the product over the grid: (dampings, slopes * drifts * noises)."""
        k, b, rho, sigma = (np.log(table) for table in self.tables)
        cells = b[:, None, None] + rho[:, None] + sigma
        return k[:, None] + cells.ravel()


def cells() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """b, rho and sigma of every cell at one k, each (slopes * drifts * noises,)."""
    b, rho, sigma = (axis.ravel() for axis in np.meshgrid(SLOPE, DRIFT, NOISE, indexing="ij"))
    return b, rho, sigma


@cache
def prior_of(transform: Transform) -> Prior:
    """The shipped prior for curves on that scale."""
    import tomllib

    return from_tables(tomllib.loads(PATH.read_text(encoding="utf-8"))[transform.name])


def from_tables(tables: Mapping[str, Any]) -> Prior:
    """Rounded shares, made to sum to 1 again."""
    shares = {name: np.asarray(tables[name], dtype=float) for name in SIZES}
    for name, share in shares.items():
        if len(share) != len(SIZES[name]):
            raise ValueError(f"{PATH.name}: {name} has {len(share)} shares, not {len(SIZES[name])}")
    return Prior(**{name: share / share.sum() for name, share in shares.items()})


def to_toml(priors: Mapping[str, Prior], note: str) -> str:
    """The text of `prior.toml`."""
    lines = [f"# {line}" for line in note.splitlines()]
    for name in TRANSFORMS:
        lines += ["", f"[{name}]"]
        for size, grid in SIZES.items():
            lines.append(f"# {size}: " + ", ".join(f"{value:g}" for value in grid))
            table = getattr(priors[name], size)
            lines.append(f"{size} = [" + ", ".join(f"{share:.4f}" for share in table) + "]")
    return "\n".join(lines) + "\n"
