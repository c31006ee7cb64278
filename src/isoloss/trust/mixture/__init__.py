"""Several forms at once: mixtures with backtested weights and intervals, and their comparison."""

from isoloss.trust.mixture.compare import Compared, Comparison, compare_forms
from isoloss.trust.mixture.mixture import (
    Backtest,
    MixturePrediction,
    Share,
    predict_mixture,
)

__all__ = [
    "Backtest",
    "Compared",
    "Comparison",
    "MixturePrediction",
    "Share",
    "compare_forms",
    "predict_mixture",
]
