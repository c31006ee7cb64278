"""The benchmark of Alabdulmohsin et al. 2022: foretell the second half of learning curves.

Scores, each a mean over a curve's test rows and then over curves:

* log RMSE: root mean square of ln(foretold) - ln(seen), the error of the paper's own tables;
* log density of y itself, on the scale of error rates, as NSL-PFN (arXiv:2505.23032) counts it;
* coverage and mean width, in ln y, of the 90 % intervals.

Horizons: the same test rows foretold from the curve up to 1/2, 1/4 and 1/8 of its last x, hence up
to 4, 8 and 16 times further; image curves, where there are any, with 8 points left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.trust.curves import forms, naive
from isoloss.trust.curves.curve import FEWEST, Curve
from isoloss.trust.curves.forecast import ENOUGH
from isoloss.trust.curves.stack import Density, stack
from isoloss.trust.curves.tasks import Task, read_tasks
from isoloss.trust.curves.transform import ERROR, LOSS

LEVEL = 0.90
HORIZONS = {"x4": 2.0, "x8": 4.0, "x16": 8.0}
HORIZON_FORMS = ("M4", "BNSL")
IMAGES = "IC"
LAST, OWN = "last value", "forecast"


@dataclass(frozen=True)
class Score:
    """One curve's scores."""

    task: Task
    log_rmse: float
    log_density: float
    coverage: float
    width: float


def run(path: Any, *, baselines: bool = True, horizons: bool = True) -> dict[str, Any]:
    """Score the forecasts on every curve of a table.

    Args:
        path: a table as `isoloss.trust.curves.tasks` reads it, CSV or CSV in gzip.
        baselines: fit M1 to M4 and BNSL too; they take most of the time.
        horizons: score the longer horizons too.

    Returns:
        `curves`, `mean_log_rmse`, `median_log_rmse`, `log_density`, `coverage_90`, `width_90` over
        all curves; `domains`, the same by domain; `baselines`, error by name; `horizons`, error by
        name at x4, x8 and x16; `per_curve`; `seconds`.
    """
    begin = time.perf_counter()
    tasks = read_tasks(path)
    scores = [score(task) for task in tasks]
    result = _summary(scores)
    result["domains"] = {
        domain: _summary([s for s in scores if s.task.domain == domain])
        for domain in dict.fromkeys(task.domain for task in tasks)
    }
    result["baselines"] = _baselines(tasks, tuple(forms.FORMS) if baselines else ())
    if horizons:
        result["horizons"] = _horizons(tasks, HORIZON_FORMS if baselines else ())
    result["per_curve"] = [
        {"curve": list(s.task.key), "log_rmse": s.log_rmse, "log_density": s.log_density}
        for s in scores
    ]
    result["seconds"] = time.perf_counter() - begin
    return result


def density(task: Task) -> Density:
    """The forecast of one curve at its test rows; the last value where it is too short for one."""
    curve, ahead = _curve(task), _ahead(task)
    if len(task.x) >= FEWEST:
        return stack(curve, ahead)
    # two or three points bear no forecast; a scale of 10 % says as much
    return Density(naive.last_value(curve, ahead), {"noise": np.full(len(ahead), 0.1**2)})


def score(task: Task) -> Score:
    """Score the forecast of one curve."""
    foretold, log_y = density(task), np.log(task.y_test)
    reach = foretold.reach(LEVEL)
    miss = log_y - foretold.location
    return Score(
        task,
        float(np.sqrt(np.mean(miss**2))),
        float(np.mean(foretold.log_density(log_y) - log_y)),
        float(np.mean(np.abs(miss) <= reach)),
        float(np.mean(2 * reach)),
    )


def _curve(task: Task) -> Curve:
    return Curve.of(task.x, task.y, ERROR if task.y.max() <= 1 else LOSS)


def _ahead(task: Task) -> np.ndarray:
    return np.maximum(np.log(task.x_test / task.x[-1]), 0.0)


def _summary(scores: Sequence[Score]) -> dict[str, Any]:
    def mean(name: str) -> float:
        return float(np.mean([getattr(s, name) for s in scores]))

    return {
        "curves": len(scores),
        "mean_log_rmse": mean("log_rmse"),
        "median_log_rmse": float(np.median([s.log_rmse for s in scores])),
        "log_density": mean("log_density"),
        "coverage_90": mean("coverage"),
        "width_90": mean("width"),
    }


def _baselines(tasks: Sequence[Task], names: Iterable[str]) -> dict[str, Any]:
    found = {}
    for name in (LAST, *names):
        errors = [error_of(task, name) for task in tasks]
        found[name] = {
            "mean_log_rmse": float(np.mean([e for e, _ in errors])),
            "median_log_rmse": float(np.median([e for e, _ in errors])),
            "not_fitted": sum(not fitted for _, fitted in errors),
            "domains": {
                domain: float(
                    np.mean(
                        [e for (e, _), t in zip(errors, tasks, strict=True) if t.domain == domain]
                    )
                )
                for domain in dict.fromkeys(task.domain for task in tasks)
            },
        }
    return found


def error_of(task: Task, name: str) -> tuple[float, bool]:
    """Log RMSE of a baseline and whether it could be fitted; the last value stands in where not."""
    foretold = None
    if name != LAST:
        foretold = forms.predict(name, task.x, task.y, task.x_test)
    fitted = name == LAST or foretold is not None
    log_y = np.log(task.y[-1]) if foretold is None else foretold
    return float(np.sqrt(np.mean((log_y - np.log(task.y_test)) ** 2))), fitted


def _horizons(tasks: Sequence[Task], names: Iterable[str]) -> dict[str, Any]:
    chosen = [task for task in tasks if task.domain == IMAGES] or list(tasks)
    methods: dict[str, Callable[[Task], float]] = {OWN: lambda task: score(task).log_rmse}
    for name in (LAST, *names):
        methods[name] = lambda task, name=name: error_of(task, name)[0]
    found = {}
    for horizon, times in HORIZONS.items():
        cut = [task.cut(times) for task in chosen]
        cut = [task for task in cut if len(task.x) >= ENOUGH]
        if cut:
            found[horizon] = {"curves": len(cut)} | {
                name: float(np.mean([method(task) for task in cut]))
                for name, method in methods.items()
            }
    return found


def table(result: dict[str, Any]) -> str:
    """The result as text."""
    domains = list(result["domains"])
    head = ["log RMSE", *domains, "all", "median"]
    rows = [
        [
            OWN,
            *(f"{result['domains'][d]['mean_log_rmse']:.4f}" for d in domains),
            f"{result['mean_log_rmse']:.4f}",
            f"{result['median_log_rmse']:.4f}",
        ]
    ]
    for name, scores in result["baselines"].items():
        rows.append(
            [
                name,
                *(f"{scores['domains'][d]:.4f}" for d in domains),
                f"{scores['mean_log_rmse']:.4f}",
                f"{scores['median_log_rmse']:.4f}",
            ]
        )
    text = [_aligned(head, rows), ""]
    keys = {
        "log density of y": "log_density",
        "coverage of 90 %": "coverage_90",
        "width": "width_90",
    }
    rows = [
        [label, *(f"{result['domains'][d][key]:.3f}" for d in domains), f"{result[key]:.3f}"]
        for label, key in keys.items()
    ]
    text += [_aligned(["intervals", *domains, "all"], rows)]
    if result.get("horizons"):
        names = [n for n in next(iter(result["horizons"].values())) if n != "curves"]
        rows = [
            [horizon, str(scores["curves"]), *(f"{scores[n]:.4f}" for n in names)]
            for horizon, scores in result["horizons"].items()
        ]
        text += ["", _aligned(["log RMSE up to", "curves", *names], rows)]
    return "\n".join([*text, "", f"{result['curves']} curves, {result['seconds']:.0f} s"])


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in (head, *rows)
    )
