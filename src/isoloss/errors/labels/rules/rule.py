"""A rule: what it finds, how sure it is, and why it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.labels.facts import Facts


def _always(facts: Facts) -> bool:  # noqa: ARG001 - the signature of `ready`
    return True


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: its name, which labels hold.
        mode: the failure mode that it gives.
        finds: what it looks for.
        why: why that tells the mode, and where it errs.
        confidence: a judgement between 0 and 1 of how often it is right where it finds; it was
            set by hand and measured nowhere.
        find: (n,) bool over all answers; what is right already does not count.
        needs: what a person must give for it, empty where it always works.
        ready: whether that was given.
    """

    id: str
    mode: str
    finds: str
    why: str
    confidence: float
    find: Callable[[Facts], np.ndarray]
    needs: str = ""
    ready: Callable[[Facts], bool] = _always

    def to_document(self) -> dict[str, Any]:
        """Plain data, without the function."""
        names = ("id", "mode", "finds", "why", "confidence", "needs")
        return {name: getattr(self, name) for name in names}
