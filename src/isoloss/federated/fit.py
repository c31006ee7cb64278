"""The verb `fit_federated`: rho from a person's runs, two ways, and which to believe.

The parametric way fits the federated law (`isoloss.federated.terms`) with the house's fitter, so a
certificate and draws come with it; gamma = rho beta / (alpha + beta + nu) follows. The direct way
(`isoloss.federated.direct`) reads the best size off parabolas. They rest on different assumptions:
where they disagree, or where the law leaves large residuals, the direct one is to be believed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isoloss import store
from isoloss.exceptions import DocumentError, InputError, RunsError
from isoloss.federated.belief import Belief, belief_of, remarks
from isoloss.federated.cells import tuned
from isoloss.federated.design import check_design
from isoloss.federated.direct import Direct, direct_slope, noise_free, read_direct
from isoloss.federated.table import read_federated_runs
from isoloss.federated.terms import check_terms, formula_law, shape_law
from isoloss.fit import Estimate, Fit
from isoloss.law.published.find import find_published
from isoloss.notices import Notice
from isoloss.plan.optimum import along, power_pair
from isoloss.plan.subject import subject
from isoloss.runs import Runs

KIND = "federated-fit@1"
# runs repeat within about half a percent; Huber's turning point lies at twice that
DELTA = 1e-2


@dataclass(frozen=True, eq=False)
class FederatedFit:
    """A federated law fitted to runs.

    Attributes:
        fit: the fitted law, with certificate and draws; its runs are those at the best rates.
        terms: optional terms that were fitted.
        shape: central law whose shape was held; empty where none was.
        direct: slopes without a law; None where the runs form no sweeps.
        no_direct: why there is none.
        bias: by how much the direct gamma would be off without noise, if the law were right: what
            parabolas cost on this design; None where there is no direct gamma.
        notices: what a person should know.
    """

    fit: Fit
    terms: tuple[str, ...]
    shape: str
    direct: Direct | None
    no_direct: str
    bias: float | None
    notices: tuple[Notice, ...]

    @property
    def rho(self) -> Estimate:
        """The federation exponent with its interval."""
        return self.fit.parameters["rho"]

    @property
    def gamma(self) -> Estimate:
        """gamma of the law, -d ln N_opt / d ln K at fixed total compute, at one local step."""
        values, samples = self.fit.values, self.fit.samples
        names = self.fit.law.parameter_names
        drawn = {name: samples[:, i] for i, name in enumerate(names)}
        if self.shape:
            _, _, alpha, _, beta = _shape(self.shape)
            ratio: Any = beta / (alpha + beta)
            return self.fit.estimate(values["rho"] * ratio, drawn["rho"] * ratio)

        def gamma(of: dict[str, Any]) -> Any:
            return of["rho"] * of["beta"] / (of["alpha"] + of["beta"] + of.get("nu", 0.0))

        return self.fit.estimate(gamma(values), gamma(drawn))

    @property
    def rms(self) -> float:
        """Root mean square of ln law - ln seen."""
        return float(np.sqrt(np.mean(self.log_residuals**2)))

    @property
    def log_residuals(self) -> np.ndarray:
        """ln law - ln seen (n,), whatever the objective."""
        return np.log(_law_values(self.fit) / self.fit.runs.columns[self.fit.runs.target])

    @property
    def clients_to(self) -> float:
        """Largest K among the runs."""
        return float(self.fit.runs.columns["K"].max())

    @property
    def belief(self) -> Belief:
        """Which slope to believe, and why."""
        return belief_of(self)

    def residual_rows(self) -> list[dict[str, float]]:
        """Every run with its residual, the largest first."""
        runs, left, said = self.fit.runs, self.log_residuals, _law_values(self.fit)
        order = np.argsort(-np.abs(left), kind="stable")
        seen = runs.columns[runs.target]
        return [
            {
                "row": int(runs.rows[i]),
                **{name: float(runs.columns[name][i]) for name in ("N", "D", "K")},
                "seen": float(seen[i]),
                "law": float(said[i]),
                "log_residual": float(left[i]),
            }
            for i in order
        ]

    def residuals_by_clients(self) -> list[tuple[float, int, float, float]]:
        """K, runs, mean and root mean square of the log residuals."""
        k, left = self.fit.runs.columns["K"], self.log_residuals
        return [
            (
                float(value),
                int(np.sum(k == value)),
                float(np.mean(left[k == value])),
                float(np.sqrt(np.mean(left[k == value] ** 2))),
            )
            for value in np.unique(k)
        ]

    def to_document(self) -> dict[str, Any]:
        """Plain data; what `save` writes is this in an envelope."""
        from isoloss.federated.provenance import RUNS, together

        tag = list(together([RUNS]))
        return {
            "provenance": tag,
            "rho": {**self.rho.to_document(), "provenance": tag},
            "gamma": {**self.gamma.to_document(), "provenance": tag},
            "direct": self.direct.to_document() if self.direct else None,
            "no_direct": self.no_direct or None,
            "direct_bias": self.bias,
            "belief": vars(self.belief),
            "rms_log_residual": self.rms,
            "terms": list(self.terms),
            "shape": self.shape or None,
            "residuals_by_clients": [
                dict(zip(("clients", "runs", "mean", "rms"), row, strict=True))
                for row in self.residuals_by_clients()
            ],
            "residuals": self.residual_rows(),
            "fit": self.fit.to_document(),
        }

    def document(self) -> dict[str, Any]:
        """The versioned document."""
        inputs = {"runs": self.fit.runs.source, "terms": list(self.terms), "shape": self.shape}
        return store.envelope(KIND, inputs, self.to_document(), self.notices)

    def save(self, path: Any) -> None:
        """Write the document; a failure leaves an old file whole."""
        store.save(path, self.document())

    @classmethod
    def load(cls, path: Any) -> FederatedFit:
        """Read a saved federated fit."""
        result = store.load(path, KIND)["result"]
        try:
            return cls(
                Fit.from_document(result["fit"]),
                tuple(result["terms"]),
                result["shape"] or "",
                read_direct(result["direct"]),
                result["no_direct"] or "",
                result["direct_bias"],
                (),
            )
        except (KeyError, TypeError) as error:
            raise DocumentError(
                f"{path}: the saved federated fit is damaged, {error!r} is missing or misplaced"
            ) from None

    def __str__(self) -> str:
        from isoloss.federated.show_fit import text

        return text(self)

    __repr__ = __str__


def fit_federated(
    source: Any,
    *,
    terms: Sequence[str] = (),
    shape: str | None = None,
    objective: str | None = None,
    delta: float = DELTA,
    draws: int = 1000,
    level: float = 0.9,
    seed: int = 0,
    **reading: Any,
) -> FederatedFit:
    """Fit a federated law to runs.

    Args:
        source: runs, or a table for `read_federated_runs`.
        terms: optional ones of `isoloss.federated.terms.TERMS`.
        shape: a central law whose shape is held, so that E, a scale and rho alone are fitted; for
            runs at one ratio of tokens to parameters.
        objective: `huber-log` (default), `ls-log` (default with a shape), `ls`.
        delta: Huber's turning point, in log residual.
        draws, level, seed: as in `isoloss.fit.fit`.
        reading: options of `read_federated_runs`.

    Raises:
        RunsError: the runs cannot tell rho.
        InputError: an option is wrong.
    """
    chosen = check_terms(terms)
    if shape and chosen:
        raise InputError(f"with a shape held no terms are fitted, got {', '.join(chosen)}")
    runs = read_federated_runs(source, **reading)
    check_design(runs, chosen, shaped=bool(shape))
    best, edge = tuned(runs)
    law = shape_law(*_shape(shape)) if shape else formula_law(chosen)
    options: dict[str, Any] = {"delta": delta, "draws": draws, "level": level, "seed": seed}
    if shape:
        # the level misfit of a held shape is shared by the runs of one size, so sizes are drawn
        best = replace(best, groups={**best.groups, "cluster": _sizes(best)})
    fit = law.fit(best, objective=objective or ("ls-log" if shape else "huber-log"), **options)
    direct, why = None, ""
    try:
        direct = direct_slope(runs, level=level, seed=seed)
    except RunsError as error:
        why = str(error)
    made = FederatedFit(fit, chosen, shape or "", direct, why, None, ())
    if direct is not None and direct.gamma is not None:
        smooth = noise_free(best, _law_values(fit))
        made = replace(made, bias=None if smooth is None else smooth - made.gamma.value)
    return replace(made, notices=tuple(remarks(made, runs, best, edge)))


def _law_values(fit: Fit) -> np.ndarray:
    """The law (n,) at the runs."""
    return fit.at(**{name: fit.runs.columns[name] for name in fit.law.variable_names})[0]


def _shape(name: str) -> tuple[str, float, float, float, float]:
    """Name and the two power terms of a central law that adds a floor to them."""
    held = subject(find_published(name))
    pair = power_pair(held.law, held.theta[:1])
    if pair is not None:
        (log_a, alpha), (log_b, beta) = ((float(x[0]), float(y[0])) for x, y in pair)
        at = np.log(np.array([1e7, 1e9, 1e11])), np.log(np.array([1e9, 1e10, 1e12]))
        rest = along(held.law, held.theta[:1], *at)[0]
        rest = rest - np.exp(log_a - alpha * at[0]) - np.exp(log_b - beta * at[1])
        if np.ptp(rest) <= 1e-9 * np.abs(rest).max():
            return name, log_a, alpha, log_b, beta
    raise InputError(
        f"the shape of '{name}' cannot be held: it is {held.law.formula}, and a floor plus a power "
        "of N plus a power of D is needed, such as hoffmann2022_a3 or besiroglu2024"
    )


def _sizes(runs: Runs) -> np.ndarray:
    return np.array([f"{n:.6g}" for n in runs.columns["N"]])


def is_federated_fit(path: str | Path) -> bool:
    """Whether a file holds a saved federated fit."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("schema") == f"isoloss/{KIND}"
