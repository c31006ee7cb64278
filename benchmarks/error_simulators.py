"""Do flags find what was put in, and do intervals of trends hold the truth?

    python benchmarks/error_simulators.py [--seeds 200] [--coverage 1000]

First table: six simulators of one known cause each (1,200 questions, five sizes from 1e9 to 1e11
parameters), and how often every flag is raised. Its own should be raised in 95 % of seeds at least,
any other in 5 % at most.

Second table: answers of five models (4, 8, 26, 40, 76 billion) whose true accuracies stand on a
logit line over log10 of parameters exactly, and that agree on items as real ones do (a Gaussian
copula: items share half of the variance). How often the 95 % interval of the slope holds the truth,
and, with no slope, how often a verdict says that there is one.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np

from _common import table
from isoloss.errors.items import Coded, Grid, Model, grid
from isoloss.errors.simulate import CAUSES, simulate
from isoloss.errors.trends import CODES, accuracy_trends, flags, hallucination_trends, mode_trends

BILLIONS = (4, 8, 26, 40, 76)
ALIKE = 0.5


def flag_rates(seeds: int, *, items: int = 1200, first: int = 0) -> dict[str, dict[str, float]]:
    """Share of seeds in which each flag is raised, by cause."""
    found: dict[str, dict[str, float]] = {}
    for cause in CAUSES:
        count = dict.fromkeys(CODES, 0)
        for seed in range(first, first + seeds):
            answers = grid(simulate(cause, items=items, seed=seed))
            for finding in flags(answers, replicates=300, seed=seed):
                count[finding.code] += 1
        found[cause] = {code: n / seeds for code, n in count.items()}
    return found


def monte_carlo(rate: float, seeds: int) -> float:
    """Standard error of a rate; of 0 or 1, what half an event would make it."""
    rate = min(max(rate, 0.5 / seeds), 1.0 - 0.5 / seeds)
    return math.sqrt(rate * (1.0 - rate) / seeds)


def known_accuracy(items: int, slope: float, seed: int, *, cluster: int = 1) -> Grid:
    """Answers whose true log odds are -.3 + slope (s - mean s); `cluster` items share an image."""
    rng = np.random.default_rng(seed)
    size = _sizes()
    p = 1.0 / (1.0 + np.exp(-(-0.3 + slope * (size - size.mean()))))
    correct = (_copula(rng, len(size), items, cluster) < p[:, None]).astype(np.int8)
    return _grid(correct, None, (), np.arange(items) // cluster)


def known_modes(items: int, slope: float, seed: int) -> Grid:
    """Four in ten right at every size; among errors log odds of one mode are a line of `slope`."""
    rng = np.random.default_rng(seed)
    size = _sizes()
    correct = (_copula(rng, len(size), items, 1) < 0.4).astype(np.int8)
    share = 1.0 / (1.0 + np.exp(-(-0.5 + slope * (size - size.mean()))))
    first = _copula(rng, len(size), items, 1) < share[:, None]
    mode = np.where(correct == 1, 0, np.where(first, 1, 2)).astype(np.int32)
    return _grid(correct, mode, ("correct", "first", "second"), np.arange(items))


def known_sensitivity(items: int, slope: float, seed: int) -> Grid:
    """Yes/no questions with d' = 1 + slope (s - mean s), criterion 0."""
    rng = np.random.default_rng(seed)
    size = _sizes()
    gold = np.arange(items) % 2
    noise = math.sqrt(ALIKE) * rng.normal(size=items)
    noise = noise + math.sqrt(1 - ALIKE) * rng.normal(size=(len(size), items))
    yes = (gold - 0.5) * (1.0 + slope * (size - size.mean()))[:, None] + noise > 0
    one = _grid((yes == gold).astype(np.int8), None, (), np.arange(items))
    answers = ("no", "yes")
    return Grid(
        **{
            **{name: getattr(one, name) for name in one.__dataclass_fields__},
            "gold": Coded(gold.astype(np.int32), answers),
            "prediction": yes.astype(np.int32),
            "predictions": answers,
        }
    )


Interval = tuple[float, float, str]


def accuracy_slope(answers: Grid, replicates: int) -> Interval:
    """Interval and verdict of the trend of accuracy."""
    slope = accuracy_trends(answers, by="none", replicates=replicates).overall.slope
    return slope.low, slope.high, slope.verdict


def rate_slope(answers: Grid, replicates: int) -> Interval:
    """Of the rate of the first failure mode."""
    slope = mode_trends(answers, replicates=replicates).overall.mode("first").rate_slope
    assert slope is not None
    return slope.low, slope.high, slope.verdict


def share_slope(answers: Grid, replicates: int) -> Interval:
    """Of its share."""
    slope = mode_trends(answers, replicates=replicates).overall.mode("first").share_slope
    return slope.low, slope.high, slope.verdict


def sensitivity_slope(answers: Grid, replicates: int) -> Interval:
    """Of d'."""
    slope = hallucination_trends(answers, replicates=replicates)[0].measures["sensitivity"].slope
    return slope.low, slope.high, slope.verdict


CASES: tuple[tuple[str, Callable[..., Grid], Callable[[Grid, int], Interval]], ...] = (
    ("accuracy", known_accuracy, accuracy_slope),
    ("share of a failure mode", known_modes, share_slope),
    ("d'", known_sensitivity, sensitivity_slope),
)


def coverage(
    make: Callable[..., Grid],
    read: Callable[[Grid, int], Interval],
    *,
    items: int,
    slope: float,
    sets: int,
    replicates: int = 500,
    **options: int,
) -> tuple[float, float]:
    """Share of simulated sets whose interval holds the slope, and share with a direction told."""
    held = told = 0
    for seed in range(sets):
        low, high, verdict = read(make(items, slope, seed, **options), replicates)
        held += low <= slope <= high
        told += verdict not in ("flat", "cannot tell")
    return held / sets, told / sets


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--coverage", type=int, default=1000)
    options = parser.parse_args()
    began = time.perf_counter()
    rates = flag_rates(options.seeds)
    cells = [
        [cause, *(f"{r:.3f} +- {monte_carlo(r, options.seeds):.3f}" for r in row.values())]
        for cause, row in rates.items()
    ]
    print(table(["cause", *CODES], cells))
    print(f"{options.seeds} seeds, {time.perf_counter() - began:.0f} s\n")
    rows = []
    for what, make, read in CASES:
        for items in (400, 1200):
            for slope in (0.3, 0.0):
                held, told = coverage(make, read, items=items, slope=slope, sets=options.coverage)
                error = monte_carlo(held, options.coverage)
                rows.append(
                    [what, str(items), f"{slope:g}", f"{held:.3f} +- {error:.3f}", f"{told:.3f}"]
                )
    print(table(["slope of", "items", "truth", "95 % interval holds it", "direction told"], rows))


def _sizes() -> np.ndarray:
    return np.log10(np.array(BILLIONS) * 1e9)


def _copula(rng: np.random.Generator, models: int, items: int, cluster: int) -> np.ndarray:
    """Uniform numbers (M, I) that an item's models share half of.

    Where items stand in clusters, a model's answers to a cluster share half of the rest.
    """
    from scipy.special import ndtr

    shared = rng.normal(size=items)
    own = rng.normal(size=(models, items))
    if cluster > 1:
        group = np.repeat(rng.normal(size=(models, -(-items // cluster))), cluster, axis=1)
        own = math.sqrt(0.5) * (own + group[:, :items])
    return ndtr(math.sqrt(ALIKE) * shared + math.sqrt(1.0 - ALIKE) * own)


def _grid(
    correct: np.ndarray, mode: np.ndarray | None, modes: tuple[str, ...], cluster: np.ndarray
) -> Grid:
    models, items = correct.shape
    same = np.zeros(items, np.int32)
    return Grid(
        tuple(Model(f"{b}B", "known", b * 1e9, b * 1e9) for b in BILLIONS),
        Coded(np.arange(items, dtype=np.int32), tuple(map(str, range(items)))),
        Coded(same, ("task",)),
        Coded(same, ("right",)),
        cluster.astype(np.int32),
        same,
        correct,
        np.where(correct == 1, 0, 1).astype(np.int32),
        ("right", "wrong"),
        mode,
        modes,
        None,
        None,
        np.arange(models * items).reshape(models, items),
        {},
    )


if __name__ == "__main__":
    main()
