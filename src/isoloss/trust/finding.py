"""One reason for or against trusting a fit, and the answer that several come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

USE, CARE, STOP = "use it", "use it with care", "do not use it there"
_WEIGHT = {"stop": 0, "care": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """One reason.

    Attributes:
        code: stable identifier, such as `outliers`.
        severity: `stop`, `care` or `note`.
        seen: what was found, with numbers and rows.
        why: why it matters.
        remedy: what to do.
    """

    code: str
    severity: str
    seen: str
    why: str
    remedy: str


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The heaviest first; of equal weight in the order given."""
    return tuple(sorted(findings, key=lambda finding: _WEIGHT[finding.severity]))


def answer_of(findings: Iterable[Finding]) -> str:
    """`use it`, `use it with care` or `do not use it there`: the heaviest finding decides."""
    severities = {finding.severity for finding in findings}
    return STOP if "stop" in severities else CARE if "care" in severities else USE
