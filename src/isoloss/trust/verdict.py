"""The verb `trust`: may this fit be believed, there, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.fit import Fit
from isoloss.trust.checks import Case, Facts, run_checks
from isoloss.trust.domain import Place, locate
from isoloss.trust.expectation import Expectation, expect
from isoloss.trust.finding import STOP, Finding, answer_of, by_weight
from isoloss.trust.identifiability import Identifiability, identifiability


@dataclass(frozen=True)
class Verdict:
    """Whether a fit may be trusted at a point.

    Attributes:
        answer: `use it`, `use it with care` or `do not use it there`.
        place: where the point lies, or None when no point was asked about.
        identified: ties and loose parameters.
        findings: reasons, the heaviest first.
        expectation: what the law and a backtested mixture of forms foretell at the point, or None
            when no point was asked about or the runs are too few.
    """

    answer: str
    place: Place | None
    identified: Identifiability
    findings: tuple[Finding, ...]
    expectation: Expectation | None = None

    @property
    def trusted(self) -> bool:
        """Whether the answer is not `do not use it there`."""
        return self.answer != STOP

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "answer": self.answer,
            "place": self.place.to_document() if self.place else None,
            "identifiability": self.identified.to_document(),
            "findings": [vars(finding) for finding in self.findings],
            "expectation": self.expectation.to_document() if self.expectation else None,
        }

    def __str__(self) -> str:
        lines = [f"verdict: {self.answer}"]
        if self.place is not None:
            lines.append(f"at {self.place.point}: {self.place.describe()}")
        if self.expectation is not None:
            lines += [f"{label}: {text}" for label, text in self.expectation.lines()]
        for finding in self.findings:
            lines.append(f"[{finding.severity}] {finding.seen}")
            lines.append(f"    why: {finding.why}")
            lines.append(f"    do:  {finding.remedy}")
        return "\n".join(lines)

    __repr__ = __str__


def trust(
    fit: Fit, *, at: Mapping[str, float] | None = None, facts: Facts | None = None
) -> Verdict:
    """Judge a fit, in general and at a point such as `{"N": 7e9, "D": 1.4e12}`.

    What is looked at: the certificate, how many runs there are, runs that carry the result,
    identifiability, every failure mode of `isoloss.trust.checks`, and, at a point, what a mixture
    of forms foretells there that was backtested inside the runs (`isoloss.trust.mixture`).

    Args:
        fit: a law fitted to runs.
        at: the point that is asked about, by variable.
        facts: what no table of runs says: at which sizes the rates were tuned, the schedule, seeds.
    """
    place = locate(fit, at) if at is not None else None
    identified = identifiability(fit)
    expectation = expect(fit, at) if at is not None else None
    findings = [
        *_certificate(fit),
        *_enough(fit),
        *_carriers(fit),
        *run_checks(Case(fit, fit.runs, at, facts or Facts())),
        *_identified(identified),
    ]
    if expectation is not None:
        known = {finding.code for finding in findings}
        findings += [f for f in expectation.findings if f.code not in known]
    return Verdict(answer_of(findings), place, identified, by_weight(findings), expectation)


def _certificate(fit: Fit) -> list[Finding]:
    if fit.certificate.certified:
        return []
    return [
        Finding(
            "not-certified",
            "stop",
            "the fit is not certified: " + "; ".join(fit.certificate.reasons),
            "another set of parameters may fit as well or better and predict something else",
            "vary the inputs more widely, or fit a law with fewer parameters",
        )
    ]


def _enough(fit: Fit) -> list[Finding]:
    n, p = len(fit.runs), len(fit.point)
    if n >= 3 * p:
        return []
    return [
        Finding(
            "few-runs",
            "care",
            f"{n} runs for {p} parameters",
            "with so few runs the residuals say little about the noise, and less about the form",
            f"{3 * p} runs or more let the law be checked, not only fitted",
        )
    ]


def _carriers(fit: Fit) -> list[Finding]:
    carried = []
    for i, name in enumerate(fit.law.parameter_names):
        spread = float(np.std(fit.draws.good[:, i])) if len(fit.draws.good) > 1 else 0.0
        if spread <= 0:
            continue
        shift = (fit.influence.theta[:, i] - fit.point[i]) / spread
        # runs that pull alike to rounding: the first of them, on every machine
        run = int(np.argmax(np.round(np.abs(shift), 9)))
        if abs(shift[run]) > 1.0:
            carried.append((abs(shift[run]), name, int(fit.runs.rows[run]), float(shift[run])))
    if not carried:
        return []
    carried.sort(reverse=True)
    listed = "; ".join(
        f"without {fit.runs.word} {row}, {name} moves by {shift:+.1f} standard errors"
        for _, name, row, shift in carried[:3]
    )
    return [
        Finding(
            "carried-by-one-run",
            "care",
            listed,
            "a result that one run decides is as good as that run",
            "train it again with another seed, or add runs beside it",
        )
    ]


def _identified(found: Identifiability) -> list[Finding]:
    findings = []
    if found.loose:
        listed = ", ".join(
            f"{name} (it may be zero)" if factor == float("inf") else f"{name} ({factor:.2g} times)"
            for name, factor in found.loose.items()
        )
        findings.append(
            Finding(
                "loose-parameters",
                "note",
                f"the interval reaches far, from low to high, for {listed}",
                "such a coefficient cannot be compared with a published one",
                "vary the input that it belongs to over more decades",
            )
        )
    return findings
