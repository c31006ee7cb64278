"""Errors against size in one family: accuracy, failure modes, measures, and what lies behind."""

from isoloss.errors.trends.accuracy import accuracy_trends
from isoloss.errors.trends.accuracy_values import AccuracyTrend, AccuracyTrends, Fitness
from isoloss.errors.trends.agree import SlopeAgreement, slope_agreement
from isoloss.errors.trends.attribution import Attribution, modality_attribution
from isoloss.errors.trends.base_rate import BaseRate, base_rates
from isoloss.errors.trends.calibration import Calibration, calibration_trends
from isoloss.errors.trends.composition import ClrTrend, clr_trends, severity_exponent
from isoloss.errors.trends.confounding import Confounding, Covariate, confounding
from isoloss.errors.trends.counts import mode_trends_from_counts
from isoloss.errors.trends.emergence import Emergence, emergence
from isoloss.errors.trends.flags import CODES, flags
from isoloss.errors.trends.gain import Gain, gain_trend
from isoloss.errors.trends.hallucination import Hallucination, hallucination_trends
from isoloss.errors.trends.laws import LossLaw, loss_laws
from isoloss.errors.trends.measure import MeasureTrend
from isoloss.errors.trends.mix import Mix, ModeTrend, ModeTrends
from isoloss.errors.trends.modes import mode_trends
from isoloss.errors.trends.rank import RankTrend, rank_trends
from isoloss.errors.trends.shape import Shape, accuracy_shapes
from isoloss.errors.trends.slope import FLAT, IMPROVES, UNKNOWN, WORSENS, Slope
from isoloss.errors.trends.spread import Spread, spread

__all__ = [
    "CODES",
    "FLAT",
    "IMPROVES",
    "UNKNOWN",
    "WORSENS",
    "AccuracyTrend",
    "AccuracyTrends",
    "Attribution",
    "BaseRate",
    "Calibration",
    "ClrTrend",
    "Confounding",
    "Covariate",
    "Emergence",
    "Fitness",
    "Gain",
    "Hallucination",
    "LossLaw",
    "MeasureTrend",
    "Mix",
    "ModeTrend",
    "ModeTrends",
    "RankTrend",
    "Shape",
    "Slope",
    "SlopeAgreement",
    "Spread",
    "accuracy_shapes",
    "accuracy_trends",
    "base_rates",
    "calibration_trends",
    "clr_trends",
    "confounding",
    "emergence",
    "flags",
    "gain_trend",
    "hallucination_trends",
    "loss_laws",
    "modality_attribution",
    "mode_trends",
    "mode_trends_from_counts",
    "rank_trends",
    "severity_exponent",
    "slope_agreement",
    "spread",
]
