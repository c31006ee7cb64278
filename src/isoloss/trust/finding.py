"""One reason for or against trusting a fit."""

from __future__ import annotations

from dataclasses import dataclass


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
