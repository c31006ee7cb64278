"""Best sizes that runs showed, wherever they come from: a sweep's analysis or a plain table."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from isoloss.fit import Estimate
from isoloss.trust.finding import Finding

_REASONS = 2
UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, eq=False)
class Slice:
    """The runs of one group among K clients, at the best learning rate of every size.

    Attributes:
        clients: K.
        group: budget and conditions in words; empty where there is one group.
        sizes: (n,) N, rising.
        loss: (n,) mean over seeds; NaN where a seed diverged at every rate.
        low, high: (n,) interval of that mean when seeds are redrawn; NaN where they are too few.
        rates: (n,) best learning rates; NaN where the runs have none.
        at_edge: (n,) whether that rate is the lowest or highest that was tried.
        arc: (m,) sizes and losses of the parabola whose lowest point is taken; empty without.
        best: N_opt with its interval; at an end of the sizes that end; NaN for none.
        bottom: loss at the lowest point as it is drawn.
        lowest: lowest mean loss with its interval.
        side: -1 or 1 where N_opt is at most or at least `best`.
        doubt: why N_opt is not found; empty where it is.
        missed: root mean square of ln loss about the parabola; 0 where it goes through its points.
    """

    clients: int
    group: str
    sizes: np.ndarray
    loss: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rates: np.ndarray
    at_edge: np.ndarray
    arc: tuple[np.ndarray, np.ndarray]
    best: Estimate
    bottom: float
    lowest: Estimate
    side: int
    doubt: str
    missed: float = 0.0


@dataclass(frozen=True, eq=False)
class Seen:
    """What runs showed.

    Attributes:
        title: what was trained, in a line.
        source: where the runs are.
        slices: by group, then by rising K.
        gamma: -d ln N_opt / d ln K; None where it may not be quoted.
        bound: why it is not, and what can be said instead.
        loss_ratio: lowest loss at the largest K over that at the smallest.
        per_client: whether each client has the same compute, and not all together.
        compute: FLOP, of all clients or of each; None where it is not known.
        seeds: how many.
        level: nominal coverage of intervals.
        unit: of the loss.
        method: how N_opt was read off, in words.
        findings: reasons for care, the heaviest first.
        provenance: tags.
    """

    title: str
    source: str
    slices: tuple[Slice, ...]
    gamma: Estimate | None
    bound: str
    loss_ratio: Estimate | None
    per_client: bool
    compute: float | None
    seeds: int
    level: float
    unit: str
    method: str
    findings: tuple[Finding, ...]
    provenance: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups in order."""
        return tuple(dict.fromkeys(one.group for one in self.slices))

    @property
    def clients(self) -> tuple[int, ...]:
        """Every K, rising."""
        return tuple(sorted({one.clients for one in self.slices}))

    @property
    def held(self) -> str:
        """What stays the same as K grows."""
        return "compute of each client" if self.per_client else "total compute"

    @property
    def refusal(self) -> str:
        """Why no slope is quoted, two reasons of it, and the bound that is left."""
        head, mark, tail = self.bound.partition(". A bound only")
        reasons = head.split("; ")
        if len(reasons) > _REASONS + 1:
            left = len(reasons) - _REASONS
            head = "; ".join([*reasons[:_REASONS], f"and {left} reasons more, see below"])
        return head + mark + tail

    @property
    def left(self) -> str:
        """The same in a few words, without reasons."""
        found = re.search(r"gamma is at (least|most) -?[\d.]*\d", self.bound)
        if found:
            return f"no slope is quoted; {found.group()}"
        return "no slope is quoted" if self.bound.startswith("gamma") else self.bound

    def of(self, group: str) -> tuple[Slice, ...]:
        """The slices of a group."""
        return tuple(one for one in self.slices if one.group == group)

    def line(self, group: str, clients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The fitted line (n,) of N_opt over K in a group, and its band; NaN where none is quoted.

        A least-squares line passes through the means of ln K and ln N_opt, and the band turns it
        about them between the ends of the slope's interval.
        """
        here = [one for one in self.of(group) if np.isfinite(one.best.value)]
        if self.gamma is None or len(here) < 2:
            gap = np.full(len(clients), np.nan)
            return gap, gap, gap
        x = np.log([one.clients for one in here])
        middle = float(np.mean(np.log([one.best.value for one in here])))
        far = np.log(clients) - x.mean()
        at, a, b = (
            np.exp(middle - slope * far)
            for slope in (self.gamma.value, self.gamma.low, self.gamma.high)
        )
        return at, np.minimum(a, b), np.maximum(a, b)


def mean_intervals(values: np.ndarray, weights: np.ndarray, level: float) -> np.ndarray:
    """Ends (2, n) of the mean over seeds of values (n, s) when seeds are redrawn with (b, s)."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    drawn = shares @ values.T
    tail = (1 - level) / 2
    return np.quantile(drawn, [tail, 1 - tail], axis=0)
