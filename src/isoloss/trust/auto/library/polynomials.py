"""Polynomials in the standardised axes, on y and on ln y, and floors under their exponential.

A polynomial in ln x bends as no power law does; far from the rows it goes wherever its highest
power takes it. They stay candidates because the backtests say where that happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.trust.auto.engine import Solved, best_of, descend, seen_median
from isoloss.trust.auto.fitting import Candidate, Law, contain, layout, recency_weights
from isoloss.trust.auto.forms import Batch, Form, design
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.library.parts import deviation

FRACTIONS = (0.0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.97)
BELOW = (0.03, 0.06, 0.12, 0.2, 0.3, 0.45, 0.8, 1.5, 3.0)
RIDGE = 0.03
KINDS = ("linear", "bilin", "quad-noint", "quad")


def terms(kind: str, axes: list[int]) -> list[tuple[int, ...]]:
    """Products of axes that a kind of polynomial holds beside its constant."""
    lines = [(axis,) for axis in axes]
    pairs = list(combinations(axes, 2))
    squares = [(axis, axis) for axis in axes]
    return {
        "linear": lines,
        "bilin": lines + pairs,
        "quad-noint": lines + squares,
        "quad": lines + squares + pairs,
    }[kind]


def kinds(axes: list[int]) -> tuple[str, ...]:
    """The kinds that differ for a number of axes."""
    return KINDS if len(axes) > 1 else ("linear", "quad")


def columns(points: Points, products: list[tuple[int, ...]]) -> list[Any]:
    """A constant and products of standardised axes."""
    found: list[Any] = [np.ones(points.u.shape[:-1])]
    for product in products:
        column = points.v[..., product[0]]
        for axis in product[1:]:
            column = column * points.v[..., axis]
        found.append(column)
    return found


def polynomial(job: Job, kind: str, axes: list[int], log: bool, ridge: float = 0.0) -> Form:
    """One polynomial, its coefficients free in each group."""
    products = terms(kind, axes)

    def basis(points: Points, _theta: np.ndarray) -> list[Any]:
        return columns(points, products)

    names = ["c", *(_name(job, product) for product in products)]
    shown = " + ".join(["c", *(f"{_name(job, p)}*{_product(job, p)}" for p in products)])
    return Form(
        f"{kind}{' ridge' if ridge else ''}{' on ln y' if log else ''}",
        (),
        tuple(names),
        (False,) * len(names),
        basis,
        f"exp({shown})" if log else shown,
        log,
        (0.0, *([ridge] * len(products))) if ridge else (),
        "polynomial",
    )


def pooled(job: Job, kind: str, axes: list[int], log: bool, shrink: float = 0.0) -> Form:
    """One polynomial for all groups, with a constant for each.

    With `shrink` each group may also tilt a little: its own slope is held towards the common one.
    """
    products, groups = terms(kind, axes), len(job.groups)

    def basis(points: Points, _theta: np.ndarray) -> list[Any]:
        own = [(points.group == g).astype(float) for g in range(groups)]
        common = columns(points, products)[1:]
        tilts = [mark * points.v[..., axis] for mark in own for axis in axes] if shrink else []
        return [*own, *common, *tilts]

    names = [f"c[{label}]" for label in job.groups] + [_name(job, p) for p in products]
    ridge: tuple[float, ...] = ()
    if shrink:
        tilted = [f"t_{job.axis_name(a)}[{label}]" for label in job.groups for a in axes]
        # the constants keep their digits without a penalty of their own
        ridge = (1e-12,) * len(names) + (shrink,) * len(tilted)
        names += tilted
    shown = " + ".join(["c[group]", *(f"{_name(job, p)}*{_product(job, p)}" for p in products)])
    if shrink:
        shown += "".join(f" + t_{job.axis_name(a)}[group]*{deviation(job, a)}" for a in axes)
    return Form(
        f"pooled {kind}{' tilted' if shrink else ''}{' on ln y' if log else ''}",
        (),
        tuple(names),
        (False,) * len(names),
        basis,
        f"exp({shown})" if log else shown,
        log,
        ridge,
        "polynomial",
    )


def _name(job: Job, product: tuple[int, ...]) -> str:
    return "c_" + "_".join(job.axis_name(axis) for axis in product)


def _product(job: Job, product: tuple[int, ...]) -> str:
    return "*".join(deviation(job, axis) for axis in product)


def floor_exponentials(job: Job, axes: list[int], rates: tuple[float, ...]) -> Iterator[Candidate]:
    """y = E + exp(P): the floor out of nine, the polynomial by least squares on ln(y - E).

    Weights (y - E)^2 make a step in ln(y - E) count as the step in y that it is.
    """
    for kind in [kind for kind in ("linear", "bilin", "quad") if kind in (*kinds(axes), "linear")]:
        for rate in rates:
            yield _floor_exponential(job, kind, axes, rate)


def _floors(job: Job, seen: np.ndarray, target: int) -> np.ndarray:
    """Nine floors below the least value that a split has seen."""
    y = job.y[seen, target]
    if job.y[:, target].min() > 0:
        return np.array(FRACTIONS) * y.min()
    return y.min() - np.array(BELOW) * np.ptp(y)


def _floor_exponential(job: Job, kind: str, axes: list[int], rate: float) -> Candidate:
    form = polynomial(job, kind, axes, False)
    groups = len(job.groups)
    grid = layout(job.here.group, groups)
    points = job.here.take(grid.rows).take(np.newaxis)
    there_grid = layout(job.there.group, groups)
    there_points = job.there.take(there_grid.rows).take(np.newaxis)
    splits, (n, targets) = len(job.seen), job.y.shape
    weights = (job.seen * recency_weights(job, rate))[:, grid.rows] * grid.real
    here = np.empty((splits, n, targets))
    there, floors, found = [], [], []
    for target in range(targets):
        y = np.broadcast_to(job.y[:, target][grid.rows], weights.shape)
        options = np.stack([_floors(job, seen, target) for seen in job.seen], axis=1)
        ends = [_one_floor(form, points, y, weights, floor) for floor in options]
        which = np.argmin(np.stack([end.cost for end in ends]), axis=0)
        best = best_of(ends)
        floor = options[which, np.arange(splits)]
        values = _values(form, points, best.c, floor)
        here[:, :, target] = grid.spread(values, n)
        last = _values(form, there_points, best.c[-1:], floor[-1:])
        there.append(there_grid.spread(last, len(job.there.group))[0])
        floors.append(floor[-1])
        found.append(best.c[-1])
    bounded = contain(job, here, np.stack(there, axis=1))
    text = f"E + exp({form.text})"
    # the floor stands before the polynomial's coefficients, one for all groups of a target
    c = np.stack(found)
    floor = np.broadcast_to(np.array(floors)[:, None, None], (*c.shape[:2], 1))
    whole = Form(
        f"floor+exp({kind})", (), ("E", *form.coefficients), (), form.basis, text, family="floor"
    )
    law = Law(
        whole,
        "shared" if groups > 1 else "one",
        np.zeros((targets, 1, 0)),
        np.concatenate([floor, c], axis=2),
    )
    name = f"{whole.name}{f'|recent {rate:g}' if rate else ''}"
    return Candidate(name, *bounded, law, "floor")


def _values(form: Form, points: Points, c: np.ndarray, floor: np.ndarray) -> np.ndarray:
    exponent = (design(form, points, np.zeros((1, 0))) @ c[..., None])[..., 0]
    with np.errstate(over="ignore"):
        return floor[:, None, None] + np.exp(exponent)


def _one_floor(
    form: Form, points: Points, y: np.ndarray, w: np.ndarray, floor: np.ndarray
) -> Solved:
    """Coefficients `(S, G, k)` for one floor a split; the cost is in squares of y, Huber's."""
    above = np.maximum(y - floor[:, None, None], 1e-12)
    usable = w * (y > floor[:, None, None])
    none = np.zeros((len(y), 0))

    def fit(weight: np.ndarray) -> tuple[Solved, np.ndarray]:
        batch = Batch(points, np.log(above), weight * above**2, none, none, np.zeros(len(y)))
        end = descend(form, batch, none)
        return end, np.abs(y - _values(form, points, end.c, floor))

    end, left = fit(usable)
    for _ in range(2):
        end, left = fit(usable * np.minimum(1.0, 2 * _scale(left, usable) / (left + 1e-300)))
    inner = np.minimum(left, 2 * _scale(left, usable))
    cost = np.sum(usable * inner * (2 * left - inner), axis=(1, 2))
    return Solved(end.theta, end.c, np.where(np.isfinite(cost), cost, np.inf))


def _scale(left: np.ndarray, w: np.ndarray) -> np.ndarray:
    return (1.4826 * seen_median(left, w) + 1e-12)[:, None, None]
