"""Which failures grow and which shrink with size, from a table of counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.trends.ladder import LEAST_SIZES
from isoloss.errors.trends.logit import fit_lines
from isoloss.errors.trends.mix import Mix, ModeTrend, ModeTrends
from isoloss.errors.trends.mode_tests import (
    FEW,
    LEAST_CELL,
    change_of_mix,
    homogeneity,
    mix_verdict,
    needs_penalty,
    why_not,
)
from isoloss.errors.trends.multinomial import fit_mixture
from isoloss.errors.trends.raw import DOWN_IS_GOOD, NEITHER_IS_GOOD, Kind, Raw, judge
from isoloss.errors.trends.slope import MARGIN, quantile
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice


def mode_trends_from_counts(
    size: Sequence[float] | np.ndarray,
    counts: Sequence[Sequence[float]] | np.ndarray,
    modes: Sequence[str],
    *,
    items: Sequence[int] | np.ndarray | None = None,
    names: Sequence[str] | None = None,
    margin: float = MARGIN,
    level: float = 0.95,
) -> ModeTrends:
    """The failures of models of several sizes where only their counts are known.

    Counts are taken as multinomial, with standard errors times the root of Pearson's dispersion
    where that is above 1. Labels that one answer may have several of are no multinomial: intervals
    and p are indicative then. So they are where models were asked the same items.

    Args:
        size: (M,) parameters.
        counts: (M, J) how often each mode occurred.
        modes: (J) names.
        items: (M,) how many items each model was asked, for rates; None gives shares alone.
        names: (M) of the models.
        margin: slopes below this are flat, in logits per decade.
        level: of intervals and tests.

    Raises:
        ItemsError: shapes that do not fit, negative counts, or a single size.
    """
    params, table, asked = _checked(size, counts, modes, items)
    order = np.argsort(params, kind="stable")
    params, table = params[order], table[order]
    asked = None if asked is None else asked[order]
    labels = [
        f"{p:g}" if names is None else str(names[i]) for p, i in zip(params, order, strict=True)
    ]
    trend = len(np.unique(params)) >= LEAST_SIZES
    errors = table.sum(axis=1)
    reason = why_not(trend, errors, labels)
    seen = [j for j in np.argsort(-table.sum(0), kind="stable") if table[:, j].sum()]
    log = np.log10(params)
    shares = [_line(log, table[:, j], errors, reason, level) for j in seen]
    share_slopes = judge([one[0] for one in shares], Kind(NEITHER_IS_GOOD, margin), level)
    rates, rate_slopes = [], []
    if asked is not None:
        rates = [_line(log, table[:, j], asked, why_not(trend, None, ()), level) for j in seen]
        rate_slopes = judge([one[0] for one in rates], Kind(DOWN_IS_GOOD, margin), level)
    mixture, p = _joint(log, table[:, seen], [one[1] for one in shares], [one[2] for one in shares])
    listed = tuple(
        ModeTrend(
            str(modes[j]),
            tuple(int(c) for c in table[:, j]),
            () if asked is None else _wilson(table[:, j], asked, level),
            _wilson(table[:, j], errors, level),
            rate_slopes[place] if rate_slopes else None,
            share_slopes[place],
            float(mixture[place]),
            shares[place][3],
            (rates[place][1] if rates else math.nan, shares[place][1]),
        )
        for place, j in enumerate(seen)
    )
    chi2, degrees, same = homogeneity(table)
    word, why = mix_verdict(p, share_slopes, reason, level)
    n = 0 if asked is None else int(asked.max())
    whole = Mix(
        "all",
        n,
        tuple(int(e) for e in errors),
        tuple([0] * len(params)),
        listed,
        p,
        chi2,
        degrees,
        same,
        word,
        why,
    )
    notice = Notice(
        "counts-alone",
        "counts are taken as independent: models that were asked the same items are not",
        "give the answers themselves for intervals over items",
    )
    return ModeTrends("", tuple(labels), tuple(params), whole, (), margin, level, 0, 0, (notice,))


def _checked(
    size: Sequence[float] | np.ndarray,
    counts: Sequence[Sequence[float]] | np.ndarray,
    modes: Sequence[str],
    items: Sequence[int] | np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    params, table = np.asarray(size, dtype=float), np.asarray(counts, dtype=float)
    if table.shape != (len(params), len(modes)):
        raise ItemsError(
            f"counts have shape {table.shape}; expected {len(params)} sizes by {len(modes)} modes"
        )
    if not (np.isfinite(params) & (params >= 1)).all():
        raise ItemsError("every size must be a count of parameters such as 7e9")
    if not (np.isfinite(table) & (table >= 0)).all():
        raise ItemsError("every count must be 0 or more")
    if len(np.unique(params)) < 2 or len(modes) < 1:
        raise ItemsError("a trend needs several sizes and a mode")
    if not (table.sum(1) > 0).all():
        place = int((table.sum(1) == 0).argmax())
        raise ItemsError(f"row {place + 1} (size {params[place]:g}) has no error; leave it out")
    if items is None:
        return params, table, None
    asked = np.asarray(items, dtype=float)
    if asked.shape != params.shape or (asked[:, None] < table).any():
        raise ItemsError("items must be given for every model, and be no fewer than its counts")
    return params, table, asked


def _line(
    size: np.ndarray, k: np.ndarray, n: np.ndarray, reason: str, level: float
) -> tuple[Raw, float, float, str]:
    """Slope, dispersion, p of misfit and method of one mode."""
    from scipy.special import chdtrc

    firth = needs_penalty(k, n)
    line = fit_lines(size, k, n, firth=firth)
    rank = len(k) - 2
    spread = n * line.p * (1.0 - line.p)
    chi2 = float(((k - n * line.p) ** 2 / np.where(spread > 0, spread, np.inf)).sum())
    over = chi2 / rank if rank > 0 else math.nan
    misfit = float(chdtrc(rank, chi2)) if rank > 0 else math.nan
    se = math.sqrt(float(line.inverse[1, 1]) * (max(over, 1.0) if rank > 0 else 1.0))
    degrees = float(rank) if misfit < 0.05 else math.inf
    value, half = float(line.slope), quantile(0.5 + level / 2, degrees) * se
    few = "" if min(k.sum(), (n - k).sum()) >= LEAST_CELL else FEW
    raw = Raw(value, value - half, value + half, se, degrees, int(n.sum()), reason or few)
    return raw, over, misfit, "penalised" if firth else "likelihood"


def _joint(
    size: np.ndarray, table: np.ndarray, dispersion: list[float], misfit: list[float]
) -> tuple[np.ndarray, float]:
    if table.shape[1] < 2:
        return np.full(table.shape[1], math.nan), math.nan
    mixture = fit_mixture(size, table)
    cover = mixture.inverse[1::2, 1::2]
    stat = float(mixture.slope @ np.linalg.solve(cover, mixture.slope))
    p = change_of_mix(stat, len(mixture.slope), math.inf, table, dispersion, misfit)
    return mixture.centred_slopes, p


def _wilson(k: np.ndarray, n: np.ndarray, level: float) -> tuple[Estimate, ...]:
    """Shares with the score interval (Wilson 1927)."""
    z = quantile(0.5 + level / 2, math.inf)
    share = k / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return tuple(
        Estimate(float(a), float(b - c), float(b + c), int(d), level)
        for a, b, c, d in zip(share, middle, half, n, strict=True)
    )
