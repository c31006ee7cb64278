"""Whether one form foretells better than another, told from the same backtests.

Two forms are told apart by a paired t test over folds on the logarithm of the ratio of their
errors, with the correction of Nadeau and Bengio 2003 for folds that share training rows. Of the
forms that are called worse, at most a tenth are expected not to be (Benjamini and Hochberg 1995).
The rest are a tie where the 90 % interval of the ratio stays within a quarter of one; where it does
not, the backtests cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isoloss.trust.multiple import benjamini_hochberg

BEST, TIE, WORSE, BETTER, UNTOLD = "best", "tie", "worse", "better", "cannot tell"
# expected share of false ones among the forms that are called worse
SIGNIFICANT = 0.10
# errors within this factor of one another are equal for a person who chooses a form
EQUAL = 1.25


def judge(
    errors: Mapping[str, np.ndarray], best: str, names: Sequence[str], shares: Sequence[float]
) -> dict[str, tuple[float, str]]:
    """p and verdict of every row against the best form.

    Args:
        errors: (K,) errors of every fold, by name.
        best: the form with the smallest error.
        names: the rows that are judged, the best among them.
        shares: (K,) runs asked over runs seen; see `paired`.

    Returns:
        by name, the adjusted p (NaN for the best) and `best`, `tie`, `worse`, `better` or
        `cannot tell`.
    """
    others = [name for name in names if name != best]
    told = [paired(errors[name], errors[best], shares) for name in others]
    adjusted = benjamini_hochberg([one.p for one in told])
    found = {best: (float("nan"), BEST)}
    for name, one, p in zip(others, told, adjusted, strict=True):
        verdict = UNTOLD
        if p < SIGNIFICANT:
            verdict = WORSE if one.ratio > 1 else BETTER
        elif one.low >= 1 / EQUAL and one.high <= EQUAL:
            verdict = TIE
        found[name] = (float(p), verdict)
    return found


@dataclass(frozen=True)
class Paired:
    """Two rows of errors against each other.

    Attributes:
        p: two-sided, that they are equal.
        ratio: geometric mean of one over the other.
        low, high: its 90 % interval.
    """

    p: float
    ratio: float
    low: float
    high: float


def paired(errors: np.ndarray, other: np.ndarray, shares: Sequence[float]) -> Paired:
    """Compare the errors of two rows, fold by fold.

    Args:
        errors, other: (K,) errors of every fold.
        shares: (K,) runs asked over runs seen, for the variance of folds that share rows.

    Returns:
        p of 1 and an interval without end with fewer than three folds, which tell nothing.
    """
    from scipy.special import stdtr, stdtrit

    difference = np.log(np.maximum(errors, 1e-9) / np.maximum(other, 1e-9))
    count = len(difference)
    mean = float(np.mean(difference))
    ratio = float(np.exp(mean))
    if count < 3:
        return Paired(1.0, ratio, 0.0, float("inf"))
    deviation = float(np.std(difference, ddof=1))
    error = deviation * float(np.sqrt(1.0 / count + float(np.mean(shares))))
    if error <= 1e-12:
        return Paired(0.0 if abs(mean) > 1e-9 else 1.0, ratio, ratio, ratio)
    reach = float(stdtrit(count - 1, 0.95)) * error
    p = float(2.0 * stdtr(count - 1, -abs(mean) / error))
    return Paired(p, ratio, float(np.exp(mean - reach)), float(np.exp(mean + reach)))
