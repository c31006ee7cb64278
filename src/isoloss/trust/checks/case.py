"""What a check looks at: a fit, its runs, the point that was asked about, and what is known of the
study that no table of runs says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.fit import Fit
from isoloss.quantities import Transformer
from isoloss.runs import Runs


@dataclass(frozen=True, eq=False)
class Facts:
    """What only the people who trained the runs know. Every one may be left out.

    Attributes:
        tuned_sizes: sizes N at which learning rate, batch and the like were tuned.
        schedule: the learning-rate schedule in words, such as `cosine` or `constant`.
        schedule_tokens: tokens that the schedule was set for, one number for all runs of the fit
            or one a run (n,).
        unique_tokens: different tokens that there were, one number or one a run (n,).
        guess_level: accuracy of guessing, such as 0.25.
        other_sizes: counting convention -> sizes (n,) of the same runs counted that way.
        shapes: the transformer of every run, from which any count follows.
        seeds: runs trained for every setting.
        held_out: runs kept back to test the law on.
        optimum_from: `parabola` where the best size is read off parabolas, not off this fit.
        stated: item of the checklist -> where the study states it; see `checklist`.
    """

    tuned_sizes: tuple[float, ...] | None = None
    schedule: str | None = None
    schedule_tokens: float | np.ndarray | None = None
    unique_tokens: float | np.ndarray | None = None
    guess_level: float | None = None
    other_sizes: Mapping[str, np.ndarray] | None = None
    shapes: tuple[Transformer, ...] | None = None
    seeds: int | None = None
    held_out: Runs | None = None
    optimum_from: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Case:
    """One fit as the checks see it.

    Attributes:
        fit: a law fitted to runs.
        runs: every run at hand, with columns beside those of the law; usually those of the fit.
        at: the point that was asked about, by variable, or None.
        facts: what is known of the study.
    """

    fit: Fit
    runs: Runs
    at: Mapping[str, float] | None = None
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        n = len(self.fit.runs)
        for name in ("schedule_tokens", "unique_tokens"):
            _check_length(name, getattr(self.facts, name), n)
        for convention, sizes in (self.facts.other_sizes or {}).items():
            _check_length(f"other_sizes '{convention}'", sizes, n)
        if self.facts.shapes is not None and len(self.facts.shapes) != n:
            raise InputError(
                f"shapes: one transformer a run is needed, {n} of them; got "
                f"{len(self.facts.shapes)}"
            )

    @classmethod
    def of(cls, fit: Fit, at: Mapping[str, float] | None = None, **facts: Any) -> Case:
        """The case of a fit with nothing but its own runs: `Case.of(fit, tuned_sizes=(1e8,))`."""
        return cls(fit, fit.runs, at, Facts(**facts))

    def column(self, name: str) -> np.ndarray | None:
        """A column (n,) beside the runs of the fit, from those or from all runs at hand."""
        for runs in (self.fit.runs, self.runs):
            if name in runs.columns and len(runs) == len(self.fit.runs):
                return runs.columns[name]
        return None


def _check_length(name: str, values: Any, n: int) -> None:
    if np.ndim(values) and np.shape(values) != (n,):
        raise InputError(
            f"{name}: one number, or one for each of the {n} runs of the fit, is needed; got "
            f"shape {np.shape(values)}"
        )
