"""The verb `plan`: what to train under a budget or for a target loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import PlanError
from isoloss.fit import Estimate, Fit
from isoloss.law.published import Published
from isoloss.notices import Notice
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN, check_positive
from isoloss.plan.inverse import least_compute, needed_at_ratio, needed_data
from isoloss.plan.optimum import CLOSED, Optimum, along, optimum
from isoloss.plan.subject import Subject, subject
from isoloss.trust import Place


@dataclass(frozen=True)
class Plan:
    """An answer to a planning question.

    Attributes:
        question: what was asked, by option.
        optimum: estimates of `N`, `D`, `C`, `loss` and `tokens_per_parameter` at the best split.
        exponents: estimates of d ln N / d ln C and d ln D / d ln C there, by `N` and `D`.
        method: `closed form` or `numeric`.
        flat: lowest and highest N whose loss costs at most 10 % more compute to make up for.
        chosen: the same estimates at the point that was asked for, with `excess_loss` over the
            optimum of the same compute and `compute_factor`, how much more compute it spends than
            an optimum of the same loss; None when only the optimum was asked for.
        reason: why the optimum is one.
        place: where the answer lies in relation to the runs.
        level: nominal coverage of the intervals.
        notices: what a person should know.
    """

    question: Mapping[str, float]
    optimum: Mapping[str, Estimate]
    exponents: Mapping[str, Estimate]
    method: str
    flat: tuple[float, float]
    chosen: Mapping[str, Estimate] | None
    reason: str
    place: Place
    level: float
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""

        def plain(estimates: Mapping[str, Estimate] | None) -> dict[str, Any] | None:
            return {k: e.to_document() for k, e in estimates.items()} if estimates else None

        return {
            "question": dict(self.question),
            "level": self.level,
            "optimum": plain(self.optimum),
            "exponents": plain(self.exponents),
            "method": self.method,
            "flat": {"N_low": self.flat[0], "N_high": self.flat[1]},
            "chosen": plain(self.chosen),
            "reason": self.reason,
            "place": self.place.to_document(),
        }

    def __str__(self) -> str:
        from isoloss.plan.show import text

        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from isoloss.plan.show import html

        return html(self)


def plan(
    of: Fit | Published,
    *,
    compute: float | None = None,
    loss: float | None = None,
    N: float | None = None,
    D: float | None = None,
    ratio: float | None = None,
    flop: float = FLOP_PER_PARAMETER_TOKEN,
    **published: Any,
) -> Plan:
    """What to train.

    Give `compute` for the best split of a budget, or `loss` for the cheapest way to a target. With
    `N`, `D` or `ratio` (tokens per parameter) beside it, that choice is held and compared with the
    optimum.

    Args:
        of: a fit of one's own runs, or a published law.
        compute: budget in FLOP.
        loss: target, in the unit of the fit.
        N: parameters, held; at most one of N, D and ratio is.
        D: tokens, held.
        ratio: tokens per parameter, held.
        flop: k in C = k N D.
        published: for a published law `at` (values of its other inputs), `coefficients` (which set
            of its numbers) and `any_evidence`.

    Raises:
        PlanError: when the law is not in N and D, or the question is incomplete or contradictory.
    """
    asked = {"compute": compute, "loss": loss, "N": N, "D": D, "ratio": ratio}
    question = {k: check_positive(k, v) for k, v in asked.items() if v is not None}
    flop = check_positive("flop", flop)
    if ("compute" in question) == ("loss" in question):
        raise PlanError("give either a compute budget or a target loss")
    held = [name for name in ("N", "D", "ratio") if name in question]
    if len(held) > 1:
        raise PlanError(f"hold one of N, D and ratio, got {' and '.join(held)}")
    # draws that never reach a target are infinite, and their ratios undefined
    with np.errstate(all="ignore"):
        made_for = subject(of, **published)
        return _Planner(made_for, question, held[0] if held else None, flop).answer()


class _Planner:
    """One question, for the point fit (row 0) and all draws below it at once."""

    def __init__(
        self, subject: Subject, question: dict[str, float], held: str | None, flop: float
    ) -> None:
        self.subject, self.law, self.theta = subject, subject.law, subject.theta
        self.question, self.held, self.flop = question, held, flop
        self.notices: list[Notice] = list(subject.notices)

    def answer(self) -> Plan:
        chosen = self.chosen() if self.held else None
        compute = self.compute(chosen)
        best = optimum(self.law, self.theta, compute, flop=self.flop)
        self.check(best.n, compute)
        exponent = self.exponent(compute)
        point = chosen if chosen is not None else {"N": best.n, "D": best.d}
        return Plan(
            question={**self.question, "flop": self.flop},
            optimum=self.estimates(
                {
                    "N": best.n,
                    "D": best.d,
                    "C": compute,
                    "loss": best.loss,
                    "tokens_per_parameter": best.d / best.n,
                }
            ),
            exponents=self.estimates({"N": exponent, "D": 1.0 - exponent}),
            method=best.method,
            flat=self.flat(float(compute[0]), float(best.n[0])),
            chosen=self.estimates(self.compared(chosen, compute, best.loss)) if chosen else None,
            reason=self.reason(best, exponent),
            place=self.subject.place({"N": float(point["N"][0]), "D": float(point["D"][0])}),
            level=self.subject.level,
            notices=tuple(self.notices),
        )

    def chosen(self) -> dict[str, np.ndarray]:
        """The point that was asked for, in every row."""
        q, rows = self.question, len(self.theta)
        if "compute" in q:
            product = q["compute"] / self.flop
            n = {
                "N": lambda: q["N"],
                "D": lambda: product / q["D"],
                "ratio": lambda: math.sqrt(product / q["ratio"]),
            }[self.held or ""]()
            return {"N": np.full(rows, n), "D": np.full(rows, product / n)}
        if self.held == "N":
            d = needed_data(self.law, self.theta, q["loss"], q["N"])
            found = {"N": np.full(rows, q["N"]), "D": d}
        elif self.held == "ratio":
            n = needed_at_ratio(self.law, self.theta, q["loss"], q["ratio"])
            found = {"N": n, "D": n * q["ratio"]}
        else:
            raise PlanError("for a target loss hold N or ratio; with D held, give compute")
        if not np.isfinite(found["D"][0]):
            raise PlanError(
                f"a loss of {q['loss']:g} is never reached with {self.held} = {q[self.held]:g}: "
                f"{self.limit()}"
            )
        return found

    def limit(self) -> str:
        far = along(self.law, self.theta[:1], np.log([1e30]), np.log([1e30]))[0, 0]
        return f"the law ends at {far:.4g} even with unlimited size and data"

    def compute(self, chosen: dict[str, np.ndarray] | None) -> np.ndarray:
        """Compute of the optimum that the answer is about, in every row."""
        if "compute" in self.question:
            return np.full(len(self.theta), self.question["compute"])
        if chosen is not None:
            return self.flop * chosen["N"] * chosen["D"]
        needed = least_compute(self.law, self.theta, self.question["loss"], flop=self.flop)
        if not np.isfinite(needed[0]):
            raise PlanError(f"a loss of {self.question['loss']:g} is never reached: {self.limit()}")
        share = float(np.mean(~np.isfinite(needed[1:]))) if len(needed) > 1 else 0.0
        if share > 0:
            self.notices.append(
                Notice(
                    "target-not-reached",
                    f"in {100 * share:.1f} % of the draws this loss is never reached at any size",
                    "the upper ends of the intervals hold only if it can be reached",
                )
            )
        return needed

    def check(self, n: np.ndarray, compute: np.ndarray) -> None:
        if not np.isfinite(n[0]):
            raise PlanError(
                f"the law has no best split at C = {compute[0]:.3g}: its loss keeps falling "
                "towards all size or all data. The exponents of this fit do not allow a plan"
            )
        lost = int(np.sum(np.isnan(n[1:]) & np.isfinite(compute[1:])))
        if lost:
            self.notices.append(
                Notice(
                    "draws-without-optimum",
                    f"{lost} of {len(n) - 1} draws have no best split and are left out",
                    "runs with other ratios of tokens to parameters would settle it",
                )
            )

    def exponent(self, compute: np.ndarray) -> np.ndarray:
        """d ln N / d ln C in every row, over one percent of compute."""
        step = 0.01
        up = optimum(self.law, self.theta, compute * math.exp(step), flop=self.flop)
        down = optimum(self.law, self.theta, compute * math.exp(-step), flop=self.flop)
        with np.errstate(all="ignore"):
            return (np.log(up.n) - np.log(down.n)) / (2 * step)

    def compared(
        self, chosen: dict[str, np.ndarray], compute: np.ndarray, best_loss: np.ndarray
    ) -> dict[str, np.ndarray]:
        with np.errstate(all="ignore"):
            log_n, log_d = np.log(chosen["N"])[:, None], np.log(chosen["D"])[:, None]
            loss = along(self.law, self.theta, log_n, log_d)[:, 0]
            enough = least_compute(self.law, self.theta, loss, flop=self.flop)
            return {
                "N": chosen["N"],
                "D": chosen["D"],
                "C": compute,
                "loss": loss,
                "tokens_per_parameter": chosen["D"] / chosen["N"],
                "excess_loss": loss - best_loss,
                "compute_factor": compute / enough,
            }

    def flat(self, compute: float, best: float) -> tuple[float, float]:
        """N below and above the optimum from which 10 % less compute would do as well."""
        theta = self.theta[:1]
        log_product = math.log(compute / self.flop)
        worth = optimum(self.law, theta, compute / 1.1, flop=self.flop).loss[0]

        def edge(far: float) -> float:
            near = math.log(best)
            for _ in range(60):
                middle = 0.5 * (near + far)
                at = np.array([middle])
                value = along(self.law, theta, at, log_product - at)[0, 0]
                near, far = (middle, far) if value <= worth else (near, middle)
            return math.exp(near)

        return edge(0.0), edge(log_product)

    def reason(self, best: Optimum, exponent: np.ndarray) -> str:
        log_n, log_d = np.log(best.n[:1]), np.log(best.d[:1])
        here = along(self.law, self.theta[:1], log_n, log_d)[0, 0]
        more = along(self.law, self.theta[:1], log_n + math.log(1.01), log_d)[0, 0]
        how = "solved exactly" if best.method == CLOSED else "solved numerically"
        return (
            "one percent more parameters and one percent more tokens each lower the loss by "
            f"{here - more:.3g} there, so moving compute from one to the other gains nothing "
            f"({how}); N grows as C**{exponent[0]:.3f} and D as C**{1 - exponent[0]:.3f}"
        )

    def estimates(self, rows: Mapping[str, np.ndarray]) -> dict[str, Estimate]:
        """Row 0 is the value, the rest are draws; those without an answer are left out."""
        return {
            name: self.subject.estimate(values[0], values[1:][~np.isnan(values[1:])])
            for name, values in rows.items()
        }
