"""Questions with two answers: seeing better, told apart from saying yes more often.

With "yes" the signal, TPR = P(said yes | yes is right) and FPR = P(said yes | no is right):
sensitivity d' = z(TPR) - z(FPR) and criterion c = -(z(TPR) + z(FPR)) / 2, z the normal quantile
(Green and Swets 1966). c above zero leans to "no". Rates of 0 and 1 have no quantile, so half a hit
is added to every count and one to every total, always (the log-linear correction of Hautus 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.estimate import UNKNOWN, Estimate, estimate, inside, word
from isoloss.errors.contrasts.sweep import alone, sums, sweep
from isoloss.errors.items import Grid

SHIFT = "bias shift without sensitivity change"
# pairs of answers, the one that says "it is there" first
PAIRS = (("yes", "no"), ("true", "false"), ("a", "b"))
# a change of d' below this does not matter
SENSITIVITY_MARGIN = 0.2


@dataclass(frozen=True)
class Signal:
    """One model on questions with two answers.

    Attributes:
        model: its name.
        said: share of answers that are `positive`.
        tpr, fpr: said positive where that is right, and where it is wrong; without the correction.
        sensitivity: d', log-linear.
        criterion: c, log-linear.
    """

    model: str
    said: Estimate
    tpr: Estimate
    fpr: Estimate
    sensitivity: Estimate
    criterion: Estimate

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


@dataclass(frozen=True)
class Bias:
    """Two models on the questions with one pair of answers.

    Attributes:
        positive, negative: the two answers; `positive` is the signal.
        small, large: each model.
        said, sensitivity, criterion: large minus small.
        sensitivity_verdict: better, worse, same within margin (of .2 in d'), or cannot tell.
        flag: `bias shift without sensitivity change` where the interval of the criterion's change
            leaves zero out and that of sensitivity does not; None otherwise.
        n: questions where both models gave one of the two answers.
        left_out: questions of this kind where they did not.
    """

    positive: str
    negative: str
    small: Signal
    large: Signal
    said: Estimate
    sensitivity: Estimate
    criterion: Estimate
    sensitivity_verdict: str
    flag: str | None
    n: int
    left_out: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate | Signal) else value
            for key, value in vars(self).items()
        }


@dataclass(frozen=True, eq=False)
class Binary:
    """Questions with one pair of answers.

    Attributes:
        positive, negative: the two.
        kept: (I,) the questions where every model gave one of the two.
        gold: (I,) the right answer is positive.
        said: (M, I) the answer is positive.
        left_out: questions of this kind that are not kept.
        single: every kept question has the same right answer.
    """

    positive: str
    negative: str
    kept: np.ndarray
    gold: np.ndarray
    said: np.ndarray
    left_out: int
    single: bool

    def columns(self) -> np.ndarray:
        """(I, 2 + 2 M): positives, negatives, then hits and false alarms of every model."""
        positive, negative = self.kept & self.gold, self.kept & ~self.gold
        hits = [self.said[m] & positive for m in range(len(self.said))]
        alarms = [self.said[m] & negative for m in range(len(self.said))]
        return np.column_stack([positive, negative, *hits, *alarms]).astype(np.float32)


def binaries(grid: Grid) -> tuple[Binary, ...]:
    """The questions with two answers, by pair of answers.

    Yes/no and true/false are known by their right answers; a and b count where a question is known
    to have two options. Case and a final full stop do not matter.
    """
    known = [text for both in PAIRS for text in both]
    golds = places(grid.gold.values, known)[grid.gold.codes]
    answers = places(grid.predictions, known)[grid.prediction]
    found = []
    for number, (positive, negative) in enumerate(PAIRS):
        yes, no = 2 * number, 2 * number + 1
        kind = (golds == yes) | (golds == no)
        kind &= grid.n_options == 2 if positive == "a" else np.isin(grid.n_options, (0, 2))
        if not kind.any():
            continue
        said = answers == yes
        kept = kind & (said | (answers == no)).all(axis=0)
        gold = golds == yes
        single = len(np.unique(gold[kept])) < 2
        left = int(kind.sum() - kept.sum())
        found.append(Binary(positive, negative, kept, gold, said, left, single))
    return tuple(found)


def places(texts: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """Where each text stands among known ones, -1 where it does not; a last -1 for no text."""
    table = {text: place for place, text in enumerate(known)}
    found = [table.get(text.strip().rstrip(".").lower(), -1) for text in texts]
    return np.array([*found, -1], dtype=np.int16)


def measures(totals: np.ndarray) -> dict[str, np.ndarray]:
    """said, tpr, fpr, sensitivity and criterion, each (R, M), from sums of `Binary.columns`."""
    from scipy.special import ndtri

    models = (totals.shape[1] - 2) // 2
    positive, negative = totals[:, :1], totals[:, 1:2]
    hits, alarms = totals[:, 2 : 2 + models], totals[:, 2 + models :]
    with np.errstate(invalid="ignore", divide="ignore"):
        said = (hits + alarms) / (positive + negative)
        tpr, fpr = hits / positive, alarms / negative
    high = ndtri((hits + 0.5) / (positive + 1.0))
    low = ndtri((alarms + 0.5) / (negative + 1.0))
    return {
        "said": said,
        "tpr": tpr,
        "fpr": fpr,
        "sensitivity": high - low,
        "criterion": -(high + low) / 2.0,
    }


def read_signals(
    grid: Grid, binary: Binary, draws: np.ndarray, level: float
) -> tuple[tuple[Signal, ...], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every model's measures, with the point (1, M) and draws (R, M) that they come from."""
    point = measures(binary.columns().sum(axis=0, dtype=float)[None])
    found = measures(draws)
    n = int(binary.kept.sum())
    positives = int((binary.kept & binary.gold).sum())
    counts = {"tpr": positives, "fpr": n - positives}
    signals = tuple(
        Signal(
            name,
            *(
                estimate(point[key][0, m], found[key][:, m], counts.get(key, n), level)
                for key in ("said", "tpr", "fpr", "sensitivity", "criterion")
            ),
        )
        for m, name in enumerate(grid.names)
    )
    return signals, point, found


def read_bias(grid: Grid, binary: Binary, draws: np.ndarray, level: float) -> Bias:
    """The change between two lines, from sums of `Binary.columns` in replicates."""
    (small, large), point, found = read_signals(grid, binary, draws, level)
    n = int(binary.kept.sum())
    change = {key: found[key][:, 1] - found[key][:, 0] for key in found}
    said, sensitivity, criterion = (
        estimate(point[key][0, 1] - point[key][0, 0], change[key], n, level)
        for key in ("said", "sensitivity", "criterion")
    )
    same = inside(change["sensitivity"], SENSITIVITY_MARGIN, level)
    verdict = word(sensitivity, same) if n >= 30 else UNKNOWN
    flag = SHIFT if n >= 30 and criterion.apart and not sensitivity.apart else None
    return Bias(
        binary.positive,
        binary.negative,
        small,
        large,
        said,
        sensitivity,
        criterion,
        verdict,
        flag,
        n,
        binary.left_out,
    )


def signals(
    grid: Grid, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> dict[str, tuple[Signal, ...]]:
    """Sensitivity and criterion of every model, by pair of answers such as `yes/no`.

    Args:
        grid: any number of models.
        level: of intervals.
        replicates: bootstrap draws of items, or of clusters where items share one.
        seed: of the draws.
    """
    cluster = grid.cluster if len(grid.cluster) else alone(grid.shape[1])
    kinds = [one for one in binaries(grid) if not one.single]
    draws = sweep(cluster, replicates, seed, *(sums(one.columns()) for one in kinds))
    return {
        f"{one.positive}/{one.negative}": read_signals(grid, one, drawn, level)[0]
        for one, drawn in zip(kinds, draws, strict=True)
    }
