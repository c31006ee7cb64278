"""Failure modes against size: what a trend of the mix is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.trends.slope import Slope
from isoloss.notices import Notice

CHANGES = "changes"


@dataclass(frozen=True)
class ModeTrend:
    """One failure mode against size.

    Attributes:
        name: the mode.
        counts: in every model.
        rate, share: in every model: of all items, and of the errors that have a mode. `rate` is
            empty where the number of items is not known.
        rate_slope: of log odds among all items: `improves` where it falls. None without items.
        share_slope: of log odds among errors: `grows` or `shrinks`.
        mix_slope: of log share minus the mean of log shares over modes, in the multinomial line:
            needs no reference; natural logs per decade. A rare mode that vanishes moves it for all.
        method: `likelihood`, or `penalised` where some model is expected to have fewer than five.
        dispersion: of rate and of share: squared misfit of the models over what the draw of items
            explains; standard errors are multiplied by its root where it is above 1.
    """

    name: str
    counts: tuple[int, ...]
    rate: tuple[Estimate, ...]
    share: tuple[Estimate, ...]
    rate_slope: Slope | None
    share_slope: Slope
    mix_slope: float
    method: str
    dispersion: tuple[float, float]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "counts": list(self.counts),
            "rate": [one.to_document() for one in self.rate],
            "share": [one.to_document() for one in self.share],
            "rate_slope": None if self.rate_slope is None else self.rate_slope.to_document(),
            "share_slope": self.share_slope.to_document(),
            "mix_slope": self.mix_slope,
            "method": self.method,
            "dispersion": list(self.dispersion),
        }


@dataclass(frozen=True)
class Mix:
    """The failure modes of one set of items against size.

    Attributes:
        name: the task, or `all`.
        n: items; 0 where that is not known.
        errors: errors with a mode, by model.
        silent: errors without one, by model.
        modes: the most frequent first; q values are adjusted for their number, view by view.
        p: that no share changes along log size (Wald on the multinomial line, misfit counted).
        chi2, degrees, p_homogeneous: of equal shares in all models, answers as independent.
        verdict: `changes` (p below 1 - level), `flat` (every share is), or `cannot tell`.
        reason: why it cannot be told.
    """

    name: str
    n: int
    errors: tuple[int, ...]
    silent: tuple[int, ...]
    modes: tuple[ModeTrend, ...]
    p: float
    chi2: float
    degrees: int
    p_homogeneous: float
    verdict: str
    reason: str

    def mode(self, name: str) -> ModeTrend:
        """The trend of one mode; KeyError where it does not occur."""
        for one in self.modes:
            if one.name == name:
                return one
        raise KeyError(name)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "errors": list(self.errors),
            "silent": list(self.silent),
            "modes": [mode.to_document() for mode in self.modes],
        }


@dataclass(frozen=True)
class ModeTrends:
    """The failure modes of one family against size.

    Attributes:
        family: its name; empty for a table of counts.
        models: from the smallest.
        params: of each.
        overall: all items.
        tasks: one entry a task, if asked for.
        margin: slopes below this are flat, in logits per decade.
        level: of intervals and tests.
        replicates, seed: of the bootstrap; 0 replicates for a table of counts.
        notices: what was left out, and what cannot be said.
    """

    family: str
    models: tuple[str, ...]
    params: tuple[float, ...]
    overall: Mix
    tasks: tuple[Mix, ...]
    margin: float
    level: float
    replicates: int
    seed: int
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": list(self.models),
            "params": list(self.params),
            "overall": self.overall.to_document(),
            "tasks": [task.to_document() for task in self.tasks],
            "notices": [notice.to_document() for notice in self.notices],
        }
