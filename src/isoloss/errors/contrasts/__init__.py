"""Contrasts: two models on the same questions."""

from isoloss.errors.contrasts.accuracy import Difference, adjusted_wald, mcnemar
from isoloss.errors.contrasts.bias import SHIFT, Bias, Signal, signals
from isoloss.errors.contrasts.contrast import Contrast, contrast
from isoloss.errors.contrasts.distance import aitchison, jensen_shannon
from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.contrasts.flips import Flips, beta_floor
from isoloss.errors.contrasts.letters import LetterBias, letter_bias
from isoloss.errors.contrasts.modes import Distance, Mode, ModeMix
from isoloss.errors.contrasts.permutation import exchanged, p_value
from isoloss.errors.contrasts.split import Split
from isoloss.errors.contrasts.valid import INVALID, valid_answers

__all__ = [
    "INVALID",
    "SHIFT",
    "Bias",
    "Contrast",
    "Difference",
    "Distance",
    "Estimate",
    "Flips",
    "LetterBias",
    "Mode",
    "ModeMix",
    "Signal",
    "Split",
    "adjusted_wald",
    "aitchison",
    "beta_floor",
    "contrast",
    "exchanged",
    "jensen_shannon",
    "letter_bias",
    "mcnemar",
    "p_value",
    "signals",
    "valid_answers",
]
