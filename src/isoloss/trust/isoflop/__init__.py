"""Iso-FLOP sweeps: three ways to the best size at a budget, and how far off parabolas are."""

from isoloss.trust.isoflop.agreement import Agreement, Approach, agreement
from isoloss.trust.isoflop.allocation import Allocation
from isoloss.trust.isoflop.bias import Bias, parabola_bias
from isoloss.trust.isoflop.envelope import Envelope, envelope
from isoloss.trust.isoflop.parabola import Parabolas, parabola, slices_of

__all__ = [
    "Agreement",
    "Allocation",
    "Approach",
    "Bias",
    "Envelope",
    "Parabolas",
    "agreement",
    "envelope",
    "parabola",
    "parabola_bias",
    "slices_of",
]
