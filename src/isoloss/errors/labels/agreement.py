"""Whether two sources of labels agree: rules and people, two people, a judge and people.

Cohen's kappa (1960): kappa = (p_o - p_e) / (1 - p_e), p_o the share of answers with equal labels,
p_e = sum over modes of p_a(mode) p_b(mode), the share that chance gives to two sources with these
habits. Only wrong answers are compared: that both call right answers `correct` says nothing about
failure modes and would raise kappa.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import MISSING, Coded, Items
from isoloss.errors.statistics import interval, weights
from isoloss.exceptions import ItemsError

FEWEST = 30
CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class ModeAgreement:
    """How well the first source's labels of one mode stand up to the second's.

    Attributes:
        mode: which.
        precision: share of the first's labels of this mode that the second gives too.
        precision_interval: of that, from resampled questions.
        recall: share of the second's labels that the first gives too.
        recall_interval: of that.
        a, b, both: answers with this mode by the first, by the second, by both.
    """

    mode: str
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    a: int
    b: int
    both: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "mode": self.mode,
            "precision": self.precision,
            "precision_interval": list(self.precision_interval),
            "recall": self.recall,
            "recall_interval": list(self.recall_interval),
            "a": self.a,
            "b": self.b,
            "both": self.both,
        }


@dataclass(frozen=True, eq=False)
class LabelAgreement:
    """Agreement of two sources of labels on wrong answers.

    Attributes:
        a, b: the sources.
        n: wrong answers with a label from both.
        items: different questions among them.
        kappa: Cohen's; NaN where both give one and the same mode throughout.
        kappa_interval: from resampled questions; questions of one cluster are drawn together.
        observed, expected: shares of equal labels, seen and by chance.
        modes: of both sources, the most frequent first.
        table: (k, k) answers by the first's mode (lines) and the second's (columns).
        by_mode: precision and recall of every mode.
        verdict: `better` or `worse` than chance, or `cannot tell`: fewer than 30 answers, or an
            interval that holds 0.
        says: the same in a sentence.
        level: of intervals.
        replicates: how many samples intervals come from.
    """

    a: str
    b: str
    n: int
    items: int
    kappa: float
    kappa_interval: tuple[float, float]
    observed: float
    expected: float
    modes: tuple[str, ...]
    table: np.ndarray
    by_mode: tuple[ModeAgreement, ...]
    verdict: str
    says: str
    level: float
    replicates: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "a": self.a,
            "b": self.b,
            "n": self.n,
            "items": self.items,
            "kappa": self.kappa,
            "kappa_interval": list(self.kappa_interval),
            "observed": self.observed,
            "expected": self.expected,
            "modes": list(self.modes),
            "table": self.table.tolist(),
            "by_mode": [one.to_document() for one in self.by_mode],
            "verdict": self.verdict,
            "says": self.says,
            "level": self.level,
            "replicates": self.replicates,
        }


def label_agreement(
    items: Items,
    a: str,
    b: str,
    *,
    merge: Mapping[str, str] | None = None,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> LabelAgreement:
    """Compare two sources of labels on the wrong answers that both have labelled.

    Args:
        items: answers with labels from both.
        a, b: names of the sources; precision and recall take the second as the truth.
        merge: mode -> mode, to bring two vocabularies together or to compare coarsely.
        replicates: samples of questions for intervals.
        level: of intervals.
        seed: of the samples.

    Raises:
        ItemsError: a source that there is not, or no wrong answer with labels from both.
    """
    first, second, rows = _joint(items, a, b, merge or {})
    modes, codes = _coded(first, second)
    table = np.zeros((len(modes), len(modes)), dtype=np.int64)
    np.add.at(table, codes, 1)
    question, cluster = _questions(items, rows)
    draws = _draws(codes, len(modes), question, cluster, replicates, seed)
    kappa, observed, expected = (float(one) for one in _kappa(*_margins(table)))
    low, high = _interval(_kappa(*draws)[0], level)
    n = len(rows)
    verdict = _verdict(n, low, high)
    return LabelAgreement(
        a,
        b,
        n,
        len(cluster),
        kappa,
        (low, high),
        observed,
        expected,
        modes,
        table,
        _by_mode(modes, table, draws, level),
        verdict,
        _says(a, b, n, kappa, (low, high), verdict, table),
        level,
        replicates,
    )


# (..., k) answers with each mode by both, by the first, by the second
Margins = tuple[np.ndarray, np.ndarray, np.ndarray]


def _joint(
    items: Items, a: str, b: str, merge: Mapping[str, str]
) -> tuple[Coded, Coded, np.ndarray]:
    for name in (a, b):
        if name not in items.labels:
            raise ItemsError(f"no labels '{name}'; there are {', '.join(items.labels) or 'none'}")
    one, other = items.labels[a].mode, items.labels[b].mode
    both = (one.codes != MISSING) & (other.codes != MISSING) & (items.correct == 0)
    rows = np.flatnonzero(both)
    if not len(rows):
        raise ItemsError(f"no wrong answer has labels from both '{a}' and '{b}'")
    merged = [
        Coded(column.codes[rows], tuple(merge.get(mode, mode) for mode in column.values))
        for column in (one, other)
    ]
    return merged[0], merged[1], rows


def _coded(first: Coded, second: Coded) -> tuple[tuple[str, ...], tuple[np.ndarray, np.ndarray]]:
    """Modes by frequency, and both labels of every answer as places among them."""
    both = Coded.joined([first, second])
    names = tuple(dict.fromkeys(both.values))
    place = np.array([names.index(value) for value in both.values])[both.codes]
    order = np.argsort(-np.bincount(place, minlength=len(names)), kind="stable")
    used = order[np.bincount(place, minlength=len(names))[order] > 0]
    rank = np.empty(len(names), dtype=int)
    rank[used] = np.arange(len(used))
    found = rank[place]
    modes = tuple(names[i] for i in used)
    return modes, (found[: len(first)], found[len(first) :])


def _questions(items: Items, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The question of every row, and the cluster of every question."""
    key = items.task.codes[rows].astype(np.int64) * (len(items.item.values) + 1)
    _, first, question = np.unique(
        key + items.item.codes[rows], return_index=True, return_inverse=True
    )
    if items.cluster is None:
        return question, np.arange(len(first))
    cluster = items.cluster.codes[rows][first].astype(np.int64)
    alone = cluster == MISSING
    cluster[alone] = len(items.cluster.values) + np.arange(int(alone.sum()))
    return question, cluster


def _margins(table: np.ndarray) -> Margins:
    return np.diagonal(table), table.sum(axis=1), table.sum(axis=0)


def _draws(
    codes: tuple[np.ndarray, np.ndarray],
    k: int,
    question: np.ndarray,
    cluster: np.ndarray,
    replicates: int,
    seed: int,
) -> Margins:
    """(replicates, k) margins of resampled questions."""
    first, second = codes
    counts = np.zeros((len(cluster), 3 * k), dtype=np.float32)
    same = first == second
    np.add.at(counts, (question[same], first[same]), 1)
    np.add.at(counts, (question, k + first), 1)
    np.add.at(counts, (question, 2 * k + second), 1)
    found = np.concatenate([drawn @ counts for drawn in weights(cluster, replicates, seed)])
    return found[:, :k], found[:, k : 2 * k], found[:, 2 * k :]


def _kappa(both: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """Kappa, observed and expected agreement, over the last axis."""
    both, a, b = (np.asarray(one, dtype=float) for one in (both, a, b))
    total = a.sum(axis=-1)
    observed = both.sum(axis=-1) / total
    expected = (a * b).sum(axis=-1) / total**2
    left = 1.0 - expected
    kappa = np.divide(observed - expected, left, out=np.full_like(left, np.nan), where=left > 1e-12)
    return kappa, observed, expected


def _ratio(top: np.ndarray, low: np.ndarray) -> np.ndarray:
    top, low = np.asarray(top, dtype=float), np.asarray(low, dtype=float)
    return np.divide(top, low, out=np.full_like(low, np.nan), where=low > 0)


def _by_mode(
    modes: tuple[str, ...], table: np.ndarray, draws: Margins, level: float
) -> tuple[ModeAgreement, ...]:
    both, a, b = _margins(table)
    found = []
    for i, mode in enumerate(modes):
        precision, recall = (
            _ratio(draws[0][:, i], draws[1][:, i]),
            _ratio(draws[0][:, i], draws[2][:, i]),
        )
        found.append(
            ModeAgreement(
                mode,
                float(_ratio(both[i : i + 1], a[i : i + 1])[0]),
                _interval(precision, level),
                float(_ratio(both[i : i + 1], b[i : i + 1])[0]),
                _interval(recall, level),
                int(a[i]),
                int(b[i]),
                int(both[i]),
            )
        )
    return tuple(found)


def _interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    if not np.isfinite(draws).any():
        return float("nan"), float("nan")
    low, high = interval(draws, level)
    return float(low), float(high)


def _verdict(n: int, low: float, high: float) -> str:
    if n < FEWEST or not (low > 0 or high < 0):
        return CANNOT_TELL
    return "better" if low > 0 else "worse"


def _says(
    a: str,
    b: str,
    n: int,
    kappa: float,
    bounds: tuple[float, float],
    verdict: str,
    table: np.ndarray,
) -> str:
    shown = f"kappa {kappa:.2f} [{bounds[0]:.2f}, {bounds[1]:.2f}] on {n} wrong answers"
    common = ((table.sum(axis=0) > 0) & (table.sum(axis=1) > 0)).any()
    if not common:
        return (
            f"'{a}' and '{b}' have no mode in common, so kappa says nothing; bring their modes "
            "together with merge="
        )
    if n < FEWEST:
        return f"cannot tell: {n} answers have both labels, and at least {FEWEST} are needed"
    if verdict == CANNOT_TELL:
        return f"cannot tell whether '{a}' and '{b}' agree more than by chance: {shown}"
    return f"'{a}' and '{b}' agree {verdict} than by chance: {shown}"
