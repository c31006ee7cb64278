"""The values that a fit is made of: estimates, predictions, and the fit itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isoloss import verbs
from isoloss.exceptions import InputError
from isoloss.fit.certificate import Certificate
from isoloss.fit.draws import Draws
from isoloss.fit.influence import Influence, jackknife
from isoloss.fit.objective import Objective
from isoloss.fit.prepare import build_problem, run_weights
from isoloss.fit.problem import Problem
from isoloss.law import Law
from isoloss.notices import Notice
from isoloss.runs import Runs


@dataclass(frozen=True)
class Estimate:
    """One number with its uncertainty.

    Attributes:
        value: the point estimate.
        low, high: percentile interval of the draws at the fit's level.
        se: standard deviation of the draws.
    """

    value: float
    low: float
    high: float
    se: float

    def to_document(self) -> dict[str, float]:
        """Plain data."""
        return {"value": self.value, "low": self.low, "high": self.high, "se": self.se}


@dataclass(frozen=True, eq=False)
class Fit:
    """A law fitted to runs.

    Attributes:
        law: the formula with its parts.
        runs: what it was fitted to.
        objective: what was minimised.
        objective_value: its minimum, summed over runs.
        point: (p,) internal parameters at the minimum.
        draws: bootstrap replicates.
        certificate: evidence that the point is the minimum.
        level: nominal coverage of every interval.
        notices: what a person should know about this fit.
    """

    law: Law
    runs: Runs
    objective: Objective
    objective_value: float
    point: np.ndarray
    draws: Draws
    certificate: Certificate
    level: float
    notices: tuple[Notice, ...] = ()

    @cached_property
    def values(self) -> dict[str, float]:
        """Natural parameters at the minimum, by name."""
        natural = self.law.natural(self.point)
        return {name: float(v) for name, v in zip(self.law.parameter_names, natural, strict=True)}

    @cached_property
    def samples(self) -> np.ndarray:
        """Natural parameters (M, p) of the usable draws."""
        return self.law.natural(self.draws.good)

    @cached_property
    def parameters(self) -> dict[str, Estimate]:
        """Every parameter with interval and standard error, by name."""
        return {
            name: self.estimate(self.values[name], self.samples[:, i])
            for i, name in enumerate(self.law.parameter_names)
        }

    @np.errstate(all="ignore")
    def estimate(self, value: Any, samples: np.ndarray) -> Estimate:
        """A number and its draws as an estimate at this fit's level."""
        low, high = interval(samples, self.level)
        finite = len(samples) > 1 and bool(np.isfinite(samples).all())
        spread = float(np.std(samples, ddof=1)) if finite else float("nan")
        return Estimate(float(value), float(low), float(high), spread)

    def at(self, *, theta: np.ndarray | None = None, **columns: Any) -> np.ndarray:
        """The law's value (M, n) for parameter rows `theta` (M, p), at given variables.

        Without `theta` the point fit is taken, and the result is (1, n).
        """
        rows = self.point[None, :] if theta is None else theta
        inputs = self.law.inputs({k: np.atleast_1d(v) for k, v in columns.items()})
        with np.errstate(all="ignore"):
            return self.law.functions.value(rows, inputs)

    def predict(self, columns: Mapping[str, Any] | Runs | None = None, **given: Any) -> Prediction:
        """Predict the target with intervals: `fit.predict(N=7e9, D=1.4e12)`.

        The interval `low` to `high` is that of the law, from its draws; `run_low` to `run_high`
        that of one more run, which also has the noise seen between the runs and the law.
        """
        if isinstance(columns, Runs):
            columns = columns.columns
        asked = {**(columns or {}), **given}
        inputs = _as_columns(asked)
        value = self.at(**inputs)[0]
        drawn = self.at(theta=self.draws.good, **inputs)
        low, high = interval(drawn, self.level)
        shocks = self._shocks(len(drawn))
        noisy = drawn * np.exp(shocks) if self.objective.is_log else drawn + shocks
        run_low, run_high = interval(noisy, self.level)
        used = {name: inputs[name] for name in self.law.variable_names}
        return Prediction(used, value, low, high, run_low, run_high, self.level)

    def _shocks(self, rows: int) -> np.ndarray:
        """Noise of single runs: residuals drawn anew, enlarged for the degrees of freedom used."""
        rng = np.random.default_rng([self.draws.seed, 1])
        # one shock a draw, whatever else is asked about: the answer for a point is its own
        drawn = rng.integers(0, len(self.runs), size=(rows, 1))
        n, p = len(self.runs), len(self.point)
        return -self.residuals[drawn] * np.sqrt(n / max(n - p, 1))

    @cached_property
    def problem(self) -> Problem:
        """The arrays that were fitted."""
        return build_problem(self.law, self.runs, self.objective)

    @cached_property
    def weights(self) -> np.ndarray:
        """Run weights (n,)."""
        return run_weights(self.runs)

    @cached_property
    def residuals(self) -> np.ndarray:
        """Residuals (n,): ln m - ln y, or m - y for `ls`."""
        return self.problem.residuals(self.point[None, :])[0]

    @cached_property
    def influence(self) -> Influence:
        """Refits without each run; made when first asked for."""
        return jackknife(self.problem, self.point, self.weights)

    def trust(self, **options: Any) -> Any:
        """A verdict on where the fit may be believed: see `isoloss.trust.trust`."""
        return verbs.speak("trust", self, **options)

    def plan(self, **options: Any) -> Any:
        """What to train under a budget: see `isoloss.plan.plan`."""
        return verbs.speak("plan", self, **options)

    def report(self, **options: Any) -> Any:
        """A page that shows everything: see `isoloss.report.report`."""
        return verbs.speak("report", self, **options)

    def explore(self, **options: Any) -> Any:
        """The explorer as a widget of a notebook: see `isoloss.explore.widget.explore`."""
        return verbs.speak("explore", self, **options)

    def to_document(self) -> dict[str, Any]:
        """The versioned document that is printed and saved."""
        from isoloss.fit.document import write

        return write(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Fit:
        """Inverse of `to_document`."""
        from isoloss.fit.document import read

        return read(document)

    def save(self, path: Any) -> None:
        """Write the document; a failure leaves an old file whole."""
        from isoloss import store

        store.save(path, self.to_document())

    @classmethod
    def load(cls, path: Any) -> Fit:
        """Read a saved fit of this or any older version."""
        from isoloss import store

        return cls.from_document(store.load(path, "fit@1"))

    def __str__(self) -> str:
        from isoloss.fit.show import text

        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from isoloss.fit.show import html

        return html(self)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predicted targets, each array (n,).

    Attributes:
        inputs: the variables, by name.
        value: the point prediction.
        low, high: interval of the law.
        run_low, run_high: interval of one more run.
        level: nominal coverage.
    """

    inputs: Mapping[str, np.ndarray]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    run_low: np.ndarray
    run_high: np.ndarray
    level: float

    def to_document(self) -> dict[str, Any]:
        """One record a row."""
        names = ("value", "low", "high", "run_low", "run_high")
        return {
            "level": self.level,
            "predictions": [
                {k: float(v[i]) for k, v in self.inputs.items()}
                | {name: float(getattr(self, name)[i]) for name in names}
                for i in range(len(self.value))
            ],
        }


def interval(samples: np.ndarray, level: float) -> tuple[Any, Any]:
    """Percentile interval over the first axis; NaN where there is no draw.

    Infinite draws, such as the compute for a target that is never reached, are the largest.
    """
    tail = (1 - level) / 2
    if not len(samples):
        nothing = np.full(np.shape(samples)[1:], np.nan)
        return nothing, nothing
    # between a finite and an infinite draw there is nothing to interpolate
    method = "linear" if np.isfinite(samples).all() else "inverted_cdf"
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0, method=method)
    return low, high


def _as_columns(asked: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Numbers and lists as arrays of one length."""
    columns = {}
    for name, value in asked.items():
        try:
            columns[name] = np.atleast_1d(np.asarray(value, dtype=float))
        except (TypeError, ValueError):
            raise InputError(f"{name} must be a number or a list of them, got {value!r}") from None
    try:
        arrays = np.broadcast_arrays(*columns.values())
    except ValueError:
        lengths = ", ".join(f"{name} has length {len(v)}" for name, v in columns.items())
        raise InputError(f"the columns need one length: {lengths}") from None
    return dict(zip(columns, arrays, strict=True))
