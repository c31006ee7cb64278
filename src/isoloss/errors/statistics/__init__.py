"""Statistics that several parts of this room need."""

from isoloss.errors.statistics.resample import interval, weights
from isoloss.trust.multiple import benjamini_hochberg

__all__ = ["benjamini_hochberg", "interval", "weights"]
