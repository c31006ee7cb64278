"""The forms that a mixture averages: a handful, each a different idea of how a trend bends.

With inputs x_1 ... x_d (N and D, or compute alone), centred logarithms u_j = ln x_j - mean, the
logarithm of the target is

| id | form | parameters |
|---|---|---|
| `additive` | E + sum_j A_j x_j^-a_j | 1 + 2d |
| `tied` | the same with one exponent | 2 + d |
| `coupled` | E + (sum_j A_j x_j^-a_j)^g | 2 + 2d |
| `no_floor` | (sum_j A_j x_j^-a_j)^g, for d = 1 a power law | 1 + 2d, or 2 |
| `quadratic` | ln L is a quadratic of the logarithms | (d+1)(d+2)/2 |
| `damped` | ln L = c + b x^-k | 3 (d = 1) |
| `shifted` | E + A (x + x_0)^-a | 4 (d = 1) |

`additive` is Hoffmann et al. 2022 (arXiv:2203.15556), `tied` Gadre et al. 2024
(arXiv:2403.08540), `no_floor` Kaplan et al. 2020 (arXiv:2001.08361, equation 1.5) with free
exponents. A term is carried by its size at the centre of the runs, and an exponent by what the loss
shows of it (a_j g), so that priors mean the same on every table and in every unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from isoloss.trust.mixture.rows import Rows
from isoloss.trust.mixture.solve import Prior

# exponents that laws of loss have: median and spread in the logarithm (about 0.13 to 0.95)
EXPONENT, EXPONENT_SD = float(np.log(0.35)), 0.6
COUPLING_SD = 1.0
BEND_SD = 0.02
DAMPING, DAMPING_SD = 0.3, 0.25


@dataclass(frozen=True, eq=False)
class Centred:
    """A built-in form on given rows.

    Attributes:
        form: the form.
        centre: (d,) weighted mean of the logarithms.
        prior: of its parameters.
        starts: (S, p).
        bounds: none, since every parameter is a logarithm or free.
    """

    form: BuiltIn
    centre: np.ndarray
    prior: Prior
    starts: np.ndarray
    bounds: None = None

    def evaluate(self, theta: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """ln of the law (M, n) and its Jacobian (M, p, n) at any rows."""
        return self.form.evaluate(theta, rows.logs - self.centre)


class BuiltIn:
    """What the built-in forms share: they are written for centred logarithms."""

    def bind(self, rows: Rows, weights: np.ndarray) -> Centred:
        """Centre, priors and starts from the rows."""
        centre = weights @ rows.logs / weights.sum()
        u = rows.logs - centre
        return Centred(self, centre, self.prior(u, rows.y), self.starts(u, rows.y))

    def prior(self, u: np.ndarray, y: np.ndarray) -> Prior:
        """Weak Gaussians, from centred logarithms (n, d) and ln of the target (n,)."""
        raise NotImplementedError

    def starts(self, u: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Starting points (S, p)."""
        raise NotImplementedError

    def evaluate(self, theta: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln of the law (M, n) and its Jacobian (M, p, n)."""
        raise NotImplementedError


@dataclass(frozen=True)
class PowerSum(BuiltIn):
    """ln(E + (sum_j exp((a_j - b_j u_j) / g))^g): terms, a floor, a coupling, a shift.

    Attributes:
        id: short name.
        formula: in words.
        floor: whether there is an E.
        tied: whether one exponent serves all inputs.
        coupled: whether g is free rather than 1.
        shifted: whether the input is shifted by a scale of its own (d = 1).
    """

    id: str
    formula: str
    floor: bool = True
    tied: bool = False
    coupled: bool = False
    shifted: bool = False

    def count(self, d: int) -> int:
        """Number of parameters."""
        return self.floor + d + (1 if self.tied else d) + self.coupled + self.shifted

    def prior(self, u: np.ndarray, y: np.ndarray) -> Prior:
        """Weak: sizes near the data, exponents where laws have them."""
        d = u.shape[1]
        mean = [float(y.min()) - 0.5] * self.floor
        sd = [0.7] * self.floor
        mean += [float(y.mean()) - 1.5] * d + [EXPONENT] * (1 if self.tied else d)
        sd += [1.5] * d + [EXPONENT_SD] * (1 if self.tied else d)
        if not self.floor:
            # without a floor all of the loss is the power law, and its exponent is small
            mean[:d], sd[:d] = [float(y.mean()) - 0.7] * d, [1.0] * d
            mean[d:], sd[d:] = [float(np.log(0.1))] * len(mean[d:]), [1.0] * len(sd[d:])
        if self.coupled:
            mean, sd = [*mean, 0.0], [*sd, COUPLING_SD]
        if self.shifted:
            mean, sd = [*mean, float(u.min())], [*sd, 1.5]
        return Prior(np.array(mean), np.array(sd))

    def starts(self, u: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(S, p): exponents and floors on a small grid, terms that share what is left."""
        d = u.shape[1]
        prior = self.prior(u, y)
        rows = []
        exponents = (0.12, 0.25, 0.45, 0.8) if self.floor else (0.04, 0.08, 0.16, 0.32)
        for exponent in exponents:
            for share in (0.4, 0.7, 0.9) if self.floor else (0.0,):
                row = prior.mean.copy()
                row[: self.floor] = y.min() + np.log(share or 1.0)
                left = np.exp(y.mean()) - share * np.exp(y.min())
                row[self.floor : self.floor + d] = np.log(left / d)
                row[self.floor + d : self.floor + d + (1 if self.tied else d)] = np.log(exponent)
                rows.append(row)
        return np.array(rows)

    def evaluate(self, theta: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln L (M, n) and its Jacobian (M, p, n) at centred logarithms u (n, d)."""
        d, at, rates = u.shape[1], int(self.floor), 1 if self.tied else u.shape[1]
        size = theta[:, at : at + d, None]
        rate = np.exp(theta[:, at + d : at + d + rates, None])
        g = np.exp(theta[:, at + d + rates, None]) if self.coupled else np.ones((1, 1))
        x, through = self._shift(theta, u)
        bent = np.broadcast_to(rate * x, (len(theta), d, len(u)))
        inner = (size - bent) / g[:, :, None]
        top = inner.max(axis=1)
        share = np.exp(inner - top[:, None])
        total = share.sum(axis=1)
        share /= total[:, None]
        power = g * (top + np.log(total))
        f = np.logaddexp(power, theta[:, :1]) if self.floor else power
        part = np.exp(power - f)
        terms = share * part[:, None]
        moved = -terms * bent
        slopes = [(1.0 - part)[:, None]] * self.floor + [terms]
        slopes.append(moved.sum(axis=1, keepdims=True) if self.tied else moved)
        if self.coupled:
            slopes.append((part * (power - g * (share * inner).sum(axis=1)))[:, None])
        if self.shifted:
            slopes.append(-terms * rate * through)
        return f, np.concatenate(slopes, axis=1)

    def _shift(self, theta: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln(x + x_0), and the share of x_0 in it; without a shift ln x and nothing."""
        x = u.T[None]
        if not self.shifted:
            return x, np.zeros(1)
        shift = theta[:, -1, None, None]
        moved = np.logaddexp(x, shift)
        return moved, np.exp(shift - moved)


@dataclass(frozen=True)
class Quadratic(BuiltIn):
    """ln L as a quadratic of the logarithms, bends held near zero by their prior."""

    id: str = "quadratic"
    formula: str = "ln L quadratic in the logarithms of the inputs"

    def count(self, d: int) -> int:
        """Number of parameters."""
        return (d + 1) * (d + 2) // 2

    def prior(self, u: np.ndarray, y: np.ndarray) -> Prior:
        """Wide for level and slopes; second-order terms N(0, 0.02^2)."""
        d = u.shape[1]
        bends = self.count(d) - 1 - d
        mean = [float(y.mean())] + [-0.1] * d + [0.0] * bends
        return Prior(np.array(mean), np.array([1.0] + [0.5] * d + [BEND_SD] * bends))

    def starts(self, u: np.ndarray, y: np.ndarray) -> np.ndarray:
        """One: the problem is linear."""
        return self.prior(u, y).mean[None, :]

    def evaluate(self, theta: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As in `PowerSum`."""
        pairs = combinations_with_replacement(range(u.shape[1]), 2)
        basis = np.stack([np.ones(len(u)), *u.T, *(u[:, i] * u[:, j] for i, j in pairs)])
        return theta @ basis, np.broadcast_to(basis, (len(theta), *basis.shape))


@dataclass(frozen=True)
class Damped(BuiltIn):
    """ln L = c + b (1 - exp(-k u)) / k: local slopes shrink by the same factor an octave."""

    id: str = "damped"
    formula: str = "ln L = c + b x^-k"

    def count(self, d: int) -> int:
        """Number of parameters."""
        return 1 + 2 * d

    def prior(self, u: np.ndarray, y: np.ndarray) -> Prior:
        """Wide for level and slope, k near 0.3."""
        d = u.shape[1]
        mean = [float(y.mean())] + [-0.1] * d + [DAMPING] * d
        return Prior(np.array(mean), np.array([1.0] + [0.5] * d + [DAMPING_SD] * d))

    def starts(self, u: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Three dampings."""
        mean = self.prior(u, y).mean
        rows = np.repeat(mean[None, :], 3, axis=0)
        rows[:, 1 + u.shape[1] :] = np.array([[0.05], [0.2], [0.5]])
        return rows

    def evaluate(self, theta: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As in `PowerSum`."""
        d = u.shape[1]
        slope, k = theta[:, 1 : 1 + d, None], theta[:, 1 + d :, None]
        x = u.T[None]
        small = np.abs(k) < 1e-6
        safe = np.where(small, 1.0, k)
        bent = np.where(small, x - 0.5 * k * x**2, -np.expm1(-safe * x) / safe)
        turned = np.where(small, -0.5 * x**2, (x * np.exp(-safe * x) - bent) / safe)
        f = theta[:, :1] + (slope * bent).sum(axis=1)
        return f, np.concatenate([np.ones_like(f)[:, None], bent, slope * turned], axis=1)


ADDITIVE = PowerSum("additive", "E + sum of A/x^a")
TIED = PowerSum("tied", "E + sum of A/x^a, one exponent", tied=True)
COUPLED = PowerSum("coupled", "E + (sum of A/x^a)^g", coupled=True)
NO_FLOOR = PowerSum("no_floor", "(sum of A/x^a)^g", floor=False, coupled=True)
POWER = PowerSum("power", "A/x^a", floor=False)
SHIFTED = PowerSum("shifted", "E + A/(x + x_0)^a", shifted=True)
