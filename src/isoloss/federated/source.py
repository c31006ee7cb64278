"""What a federated plan is made for: a published law, a fit of one's own, or a federated fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.federated.fit import FederatedFit, is_federated_fit
from isoloss.federated.law import Exponents, FederatedLaw
from isoloss.federated.provenance import RUNS, TABLE
from isoloss.federated.rho import Rho, read_rho
from isoloss.fit import Fit
from isoloss.law import Law, find_law
from isoloss.law.published import Published
from isoloss.law.published.find import find_published
from isoloss.plan.subject import Subject, subject
from isoloss.trust import Place, locate


def federated_law(
    of: Any, *, rho: Any = None, nu: float | None = None, **published: Any
) -> FederatedLaw:
    """The federated law over a central one.

    Args:
        of: a published law or its id, a fit in N and D, a federated fit, or the file of one.
        rho: federation exponent: a number, a range, a preset; that of a federated fit, and
            otherwise the whole range, when not given.
        nu: complexity exponent; that of a federated fit, and otherwise 0, when not given.
        published: for a published law `at`, `coefficients` and `any_evidence`.

    Raises:
        PlanError: what was given is no law in N and D, or rho or nu cannot be.
    """
    if nu is not None and not (np.isfinite(nu) and nu >= 0):
        raise PlanError(f"nu, the complexity exponent, must be at least 0, got {nu}")
    found = of if isinstance(of, FederatedLaw) else _found(of, published)
    if rho is not None:
        found = found.with_rho(read_rho(rho))
    if nu is not None:
        found = replace(
            found, exponents=replace(found.exponents, nu=np.full(found.rows, float(nu)))
        )
        if nu > 0:
            found.data_powers()
    return found


def _found(of: Any, published: dict[str, Any]) -> FederatedLaw:
    if isinstance(of, str | Path):
        text = str(of)
        if text.endswith(".json") or Path(text).is_file():
            of = FederatedFit.load(text) if is_federated_fit(text) else Fit.load(text)
        else:
            of = find_published(text)
    if isinstance(of, FederatedFit):
        return _of_fit(of)
    if isinstance(of, Fit) and "K" in of.law.variable_names:
        raise PlanError(
            f"'{of.law.id}' is a fit in {', '.join(of.law.variable_names)}; fit it with "
            "isoloss.federated.fit_federated, so that its parts are known"
        )
    if not isinstance(of, Fit | Published):
        raise PlanError(
            "a federated plan needs a published law, a fit or the file of one, got "
            f"{type(of).__name__}"
        )
    given = {key: value for key, value in published.items() if value}
    if isinstance(of, Fit) and given:
        raise PlanError(f"{', '.join(given)} is for a published law, and this is a fit")
    made_for = subject(of, **given)
    full = read_rho(None)
    name = of.id if isinstance(of, Published) else of.law.id
    central = made_for.place
    return FederatedLaw(
        name,
        made_for,
        Exponents.constant(len(made_for.theta), full.value),
        full,
        (TABLE,) if isinstance(of, Published) else (RUNS,),
        lambda point: central({key: point[key] for key in ("N", "D")}),
    )


def _of_fit(made: FederatedFit) -> FederatedLaw:
    """The parts of a federated fit: the central law, and what federation adds, row by row."""
    fit = made.fit
    theta = np.vstack([fit.point[None, :], fit.draws.good])
    natural = fit.law.natural(theta)
    column = {name: natural[:, i] for i, name in enumerate(fit.law.parameter_names)}
    central = _central(fit, made)
    names = list(fit.law.parameter_names)
    inner = theta[:, [names.index(name) for name in central.parameter_names]]
    zero = np.zeros(len(theta))
    e = fit.parameters["rho"]
    meaning = "fitted to the runs that were given"
    # without draws there is no interval
    low, high = (e.low, e.high) if np.isfinite(e.low + e.high) else (e.value, e.value)
    rho = Rho("fitted", e.value, low, high, (RUNS,), meaning, made.clients_to)

    def place(point: Mapping[str, float]) -> Place:
        return locate(fit, {name: point[name] for name in fit.law.variable_names if name in point})

    def central_place(point: Mapping[str, float]) -> Place:
        return place({**point, "K": 1.0})

    return FederatedLaw(
        fit.law.id,
        Subject(central, inner, fit.level, central_place),
        Exponents(
            column["rho"],
            column.get("nu", zero),
            column.get("rho_H", zero),
            column.get("tau", zero),
            column.get("G", zero),
        ),
        rho,
        (RUNS,),
        place,
        made.clients_to,
        made.terms,
    )


def _central(fit: Fit, made: FederatedFit) -> Law:
    """The law of one client."""
    if not made.shape:
        return find_law("chinchilla")
    return replace(
        fit.law,
        id=f"shape_of_{made.shape}",
        formula=fit.law.formula.replace("(D/K**rho)", "D"),
        variables=tuple(v for v in fit.law.variables if v.name != "K"),
        parameters=tuple(p for p in fit.law.parameters if p.name != "rho"),
    )
