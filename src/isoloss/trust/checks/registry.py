"""All checks, in one explicit list, and how they are run."""

from __future__ import annotations

from typing import Protocol

from isoloss.trust.checks import (
    bounds,
    breaks,
    checkpoints,
    clustered,
    counting,
    extrapolation,
    floor,
    frontier,
    jumps,
    leakage,
    limits,
    mixed,
    monotone,
    narrow,
    outliers,
    repetition,
    ridge,
    saturation,
    schedule,
    seeds,
    sweeps,
    trend,
    tuning,
)
from isoloss.trust.checks.case import Case
from isoloss.trust.finding import Finding


class Check(Protocol):
    """A module that looks for one failure mode; its docstring says which, in plain words."""

    @property
    def CODE(self) -> str:
        """Stable identifier of its findings."""
        ...

    @staticmethod
    def check(case: Case) -> list[Finding]:
        """What was found; empty where there is nothing, or where nothing can be said."""
        ...

    @staticmethod
    def trigger(seed: int) -> Case:
        """Synthetic runs that have this fault."""
        ...

    @staticmethod
    def control(seed: int) -> Case:
        """Synthetic runs, as alike as possible, that do not have it."""
        ...


# first what the runs are, then what the fit is, then what is asked of it
CHECKS: tuple[Check, ...] = (
    mixed,
    repetition,
    checkpoints,
    schedule,
    tuning,
    counting,
    limits,
    leakage,
    frontier,
    narrow,
    seeds,
    clustered,
    outliers,
    saturation,
    floor,
    bounds,
    ridge,
    trend,
    breaks,
    monotone,
    jumps,
    sweeps,
    extrapolation,
)
_WEIGHT = ("stop", "care", "note")


def run_checks(case: Case, checks: tuple[Check, ...] = CHECKS) -> tuple[Finding, ...]:
    """Everything that the checks find, the heaviest first; equal ones in the order of the list.

    Example:
        >>> from isoloss.trust.checks import Case, run_checks
        >>> findings = run_checks(Case.of(fit, at={"N": 7e9, "D": 1.4e12}))  # doctest: +SKIP
    """
    found = [finding for one in checks for finding in one.check(case)]
    return tuple(sorted(found, key=lambda finding: _WEIGHT.index(finding.severity)))


def find_check(code: str) -> Check:
    """The check behind the code of a finding.

    Raises:
        KeyError: no check has that code.
    """
    return {one.CODE: one for one in CHECKS}[code]
