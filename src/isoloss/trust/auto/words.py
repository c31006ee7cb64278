"""A fitted law in words: its formula, and the value of every name in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.trust.auto.fitting import Candidate
from isoloss.trust.auto.job import Job


@dataclass(frozen=True)
class Compact:
    """One closed law.

    Attributes:
        name: of the form and of how it was fitted.
        formulas: for each target its formula; an input stands over its geometric mean in the
            trained rows, so that amplitudes have the unit of the target.
        parameters: for each target and group (an empty label where there is one law for all) the
            value of every name in the formula.
        predictions: `(q, T)`.
        nmse: geometric mean over the backtests.
    """

    name: str
    formulas: dict[str, str]
    parameters: dict[str, dict[str, dict[str, float]]]
    predictions: np.ndarray
    nmse: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "formulas": self.formulas,
            "parameters": self.parameters,
            "predictions": self.predictions.tolist(),
            "nmse": self.nmse,
        }

    def __str__(self) -> str:
        lines = [f"{self.name}, backtest NMSE {self.nmse:.3g}"]
        for target, formula in self.formulas.items():
            lines.append(f"  {target} = {formula}")
            for label, values in self.parameters[target].items():
                shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
                lines.append(f"    {label + ': ' if label else ''}{shown}")
        return "\n".join(lines)


def compact(job: Job, candidate: Candidate, nmse: float) -> Compact:
    """Write a candidate's law out.

    Args:
        job: the question that it was fitted to.
        candidate: one with a closed law.
        nmse: its score.
    """
    law = candidate.law
    assert law is not None
    formulas: dict[str, str] = {}
    parameters: dict[str, dict[str, dict[str, float]]] = {}
    for number, target in enumerate(job.targets):
        names = _share_names(job, number, law.form.own)
        text = _fill(law.form.text, names)
        formulas[target] = text if job.sign[number] > 0 else _turned(text)
        groups = job.groups if law.c.shape[1] > 1 else ("",)
        parameters[target] = {}
        for place, label in enumerate(groups):
            theta = law.theta[number, min(place, law.theta.shape[1] - 1)]
            values = {
                _fill(shape.name, names): float(shape.show(value))
                for shape, value in zip(law.form.shape, theta, strict=True)
            }
            for name, value in zip(law.form.coefficients, law.c[number, place], strict=True):
                values[_fill(name, names)] = float(value)
            parameters[target][label] = values
    return Compact(candidate.name, formulas, parameters, candidate.there * job.sign, nmse)


def constant(job: Job, values: np.ndarray, nmse: float) -> Compact:
    """The law that is no law: each group's own constant.

    Args:
        job: the question.
        values: `(q, T)`.
        nmse: its score.
    """
    parameters: dict[str, dict[str, dict[str, float]]] = {}
    for number, target in enumerate(job.targets):
        parameters[target] = {
            label if len(job.groups) > 1 else "": {"c": _mean(job, place, number)}
            for place, label in enumerate(job.groups)
        }
    formulas = dict.fromkeys(job.targets, "c")
    return Compact("group mean", formulas, parameters, values * job.sign, nmse)


def _turned(text: str) -> str:
    """The formula of a target that was turned over; what stands behind `where` defines names."""
    main, where, rest = text.partition(" where ")
    return f"-({main}){where}{rest}"


def _mean(job: Job, group: int, target: int) -> float:
    rows = job.here.group == group
    mean = np.average(job.y[rows, target], weights=job.count[rows])
    return float(job.sign[target] * mean)


def _share_names(job: Job, target: int, own: bool) -> list[str]:
    """Names of the shares in the order in which a form sees them."""
    names = [job.names[column] for column in job.signature.shares]
    if not own or not names:
        return names
    first = job.own[target]
    return [names[first], *(name for k, name in enumerate(names) if k != first)]


def _fill(text: str, names: list[str]) -> str:
    """`t<2>` becomes `t_web`, `<2>` becomes `web`."""
    text = re.sub(r"(?<=\w)<(\d+)>", lambda m: f"_{names[int(m.group(1))]}", text)
    return re.sub(r"<(\d+)>", lambda m: names[int(m.group(1))], text)
