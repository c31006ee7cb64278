"""One published number: as printed, with its error, its precision and its evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from isoloss.exceptions import LawError

# how a number was read, strongest first; see the list in docs/evidence.md
EVIDENCE = (
    "primary",
    "author-code",
    "refit",
    "secondary",
    "abstract",
    "memory",
    "contradicted",
)
# the levels that are used unless a person asks for the others
USED = EVIDENCE[:4]


@dataclass(frozen=True)
class Number:
    """A coefficient as its source prints it.

    Attributes:
        name: as in the formula.
        printed: the digits, such as `0.30`.
        evidence: one of `EVIDENCE`.
        where: equation, table or file.
        se: standard error, where one is printed.
        interval: lower and upper end of a printed interval.
        level: coverage that the source claims for it.
        exact: a definition, such as a normalisation, without rounding.
        note: in words.
    """

    name: str
    printed: str
    evidence: str
    where: str = ""
    se: float | None = None
    interval: tuple[float, float] | None = None
    level: float = 0.95
    exact: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        try:
            # a float has lost its precision: 0.30 and 0.3 are one
            good = isinstance(self.printed, str) and Decimal(self.printed).is_finite()
        except InvalidOperation:
            good = False
        if not good:
            raise LawError(
                f"'{self.name}' has the value {self.printed!r}; write the digits as printed, "
                'between quotes, such as "0.30" or "8.8e13"'
            )
        if self.evidence not in EVIDENCE:
            raise LawError(
                f"'{self.name}' has the evidence {self.evidence!r}; use one of "
                f"{', '.join(EVIDENCE)}"
            )
        if self.se is not None and not (math.isfinite(self.se) and self.se >= 0):
            raise LawError(f"'{self.name}': a standard error is not negative, got {self.se:g}")
        if self.interval is not None and not self.interval[0] <= self.interval[1]:
            low, high = self.interval
            raise LawError(f"'{self.name}': the interval [{low:g}, {high:g}] is turned round")
        if not 0 < self.level < 1:
            raise LawError(f"'{self.name}': 'level' lies between 0 and 1, got {self.level:g}")

    @cached_property
    def value(self) -> float:
        """The number."""
        return float(self.printed)

    @property
    def rounding(self) -> float:
        """Half a unit of the last printed digit; 0 where the number is exact."""
        if self.exact:
            return 0.0
        exponent = Decimal(self.printed).as_tuple().exponent
        return 0.5 * 10.0 ** int(exponent)

    @property
    def outside_own_interval(self) -> bool:
        """Whether the source prints a value and an interval that does not hold it."""
        return self.interval is not None and not self.interval[0] <= self.value <= self.interval[1]

    @property
    def rounded_out(self) -> bool:
        """Whether rounding of the value to its printed digits may have put it outside."""
        if self.interval is None or not self.outside_own_interval:
            return False
        low, high = self.interval
        near = self.rounding * (1 + 1e-9)
        return low - near <= self.value <= high + near

    def to_document(self) -> dict[str, object]:
        """Plain data."""
        return {
            "value": self.value,
            "printed": self.printed,
            "evidence": self.evidence,
            "where": self.where,
            "se": self.se,
            "interval": list(self.interval) if self.interval else None,
            "level": self.level if self.interval else None,
            "exact": self.exact,
            "note": self.note,
        }
