"""Whether a fit may be believed, where, and why."""

from isoloss.trust.candidates import choose
from isoloss.trust.curves import Forecast, forecast
from isoloss.trust.domain import Direction, Place, locate, locate_published
from isoloss.trust.expectation import Expectation
from isoloss.trust.finding import Finding
from isoloss.trust.identifiability import Identifiability, Tie, identifiability
from isoloss.trust.mixture import (
    Compared,
    Comparison,
    MixturePrediction,
    compare_forms,
    predict_mixture,
)
from isoloss.trust.verdict import Verdict, trust

__all__ = [
    "Compared",
    "Comparison",
    "Direction",
    "Expectation",
    "Finding",
    "Forecast",
    "Identifiability",
    "MixturePrediction",
    "Place",
    "Tie",
    "Verdict",
    "choose",
    "compare_forms",
    "forecast",
    "identifiability",
    "locate",
    "locate_published",
    "predict_mixture",
    "trust",
]
