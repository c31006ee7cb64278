"""A verdict on one claim from one kind of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SUPPORTED, CONTRADICTED, CANNOT_TELL = "supported", "contradicted", "cannot tell"


@dataclass(frozen=True)
class Evidence:
    """What one kind of evidence says about one claim.

    Attributes:
        kind: `law` or `runs`.
        verdict: `supported`, `contradicted` or `cannot tell`.
        says: with numbers.
        rests_on: the assumption that decides it.
        provenance: tags.
    """

    kind: str
    verdict: str
    says: str
    rests_on: str
    provenance: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "provenance": list(self.provenance)}


def by_sign(low: float, high: float, edge: float = 0.0) -> str:
    """Supported where an interval lies above an edge, contradicted where it lies below."""
    if low > edge:
        return SUPPORTED
    return CONTRADICTED if high < edge else CANNOT_TELL
