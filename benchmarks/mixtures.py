"""Hidden largest scales: do 90 % intervals cover, how wide are they, how far off is the centre?

    python benchmarks/mixtures.py [--kind main|more|tiny] [--cases] [--json mixtures.json]
    python benchmarks/mixtures.py --synthetic 40
    python benchmarks/mixtures.py --cost

The ladders of `ladders.py` have their largest runs hidden (`T20` the largest fifth by compute,
`TDEC` the largest decade); the others foretell them. The mixture stands beside one additive law
(Chinchilla's form) with the intervals of its bootstrap, with residuals added, and with conformal
widening by backtests. A case is a ladder with one target. Everything is on the logarithm of the
target; `by family` counts every study once, `by case` every case.

`--synthetic` draws data sets from known laws instead, inside the built-in forms and outside of
them, and asks at 10 and 100 times the largest compute. `--cost` times a comparison of 12 forms.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from _common import cpu, load_data, machine, table
from ladders import cases, ladders

DRAWS = 200
GOALS = "goals: 86 to 96 % inside, width <= 0.085, score <= 0.100, <= 10 % of cases below 70 %"
# data sets of the synthetic part: truth of ln L at N, D; noise
Truth = Callable[[np.ndarray, np.ndarray], np.ndarray]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Hidden largest scales, mixtures and plain laws.")
    parser.add_argument("--kind", default="main", choices=["main", "more", "tiny"])
    parser.add_argument("--cases", action="store_true", help="print every case")
    parser.add_argument("--synthetic", type=int, default=0, metavar="SETS")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--json", default="")
    options = parser.parse_args()
    if options.cost:
        print(cost())
        return
    if options.synthetic:
        print(synthetic(options.synthetic))
        return
    scored = real(options.kind)
    print(summary(scored, options.kind))
    if options.cases:
        print(listing(scored))
    if options.json:
        Path(options.json).write_text(json.dumps(scored, indent=1) + "\n", encoding="utf-8")


def real(kind: str) -> list[dict[str, Any]]:
    """Scores of every case of a kind, a record each."""
    chosen = [i for i, case in enumerate(_cases()) if case.ladder.kind == kind]
    with _pool() as pool:
        return list(pool.map(_scored, chosen))


def _pool() -> ProcessPoolExecutor:
    """Fresh processes: forking one that has threads is not safe."""
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))


def _cases() -> list[Any]:
    return cases(ladders())


def _scored(index: int) -> dict[str, Any]:
    from isoloss.trust.mixture.score import hidden_scores

    case = _cases()[index]
    scores = hidden_scores(case.ladder.runs, case.hidden, draws=DRAWS)
    return {
        "ladder": case.ladder.name,
        "family": case.ladder.family,
        "target": case.target,
        "seen": scores[0].seen,
        "asked": scores[0].asked,
        "beyond": scores[0].beyond,
        "scores": {s.name: [s.error, s.coverage, s.width, s.interval_score] for s in scores},
    }


def summary(scored: list[dict[str, Any]], kind: str) -> str:
    """Means over cases and over families, and the goals."""
    if not scored:
        return "no ladder was found: the tables do not stand in ../shared/data"
    names = list(scored[0]["scores"])
    families = sorted({r["family"] for r in scored})
    head = ["", "inside", "T20", "TDEC", "width", "score", "< 70 %", "pooled"]
    head += ["inside/fam", "width/fam", "score/fam", "error/fam", "of additive"]
    additive = _family(scored, names[1], 0)
    rows = []
    for name in names:
        values = np.array([r["scores"][name] for r in scored])
        asked = np.array([r["asked"] for r in scored])
        fifth = np.array([r["target"] == "T20" for r in scored])
        inside = values[:, 1]
        blank = bool(np.isnan(inside).all())
        cells = [
            f"{inside.mean():.3f}",
            f"{inside[fifth].mean():.3f}" if fifth.any() else "",
            f"{inside[~fifth].mean():.3f}" if (~fifth).any() else "",
            f"{values[:, 2].mean():.4f}",
            f"{values[:, 3].mean():.4f}",
            f"{100 * (inside < 0.7).mean():.0f} %",
            f"{(inside * asked).sum() / asked.sum():.3f}",
            f"{_family(scored, name, 1):.3f}",
            f"{_family(scored, name, 2):.4f}",
            f"{_family(scored, name, 3):.4f}",
        ]
        error = _family(scored, name, 0)
        rows.append(
            [name, *([""] * 10 if blank else cells), f"{error:.4f}", f"{error / additive:.2f}"]
        )
    first = f"{len(scored)} cases of {len(families)} families ({kind}); {machine()}"
    return "\n".join([first, GOALS, table(head, rows)])


def _family(scored: list[dict[str, Any]], name: str, column: int) -> float:
    """Mean over families of the mean over their cases."""
    found: dict[str, list[float]] = {}
    for record in scored:
        found.setdefault(record["family"], []).append(record["scores"][name][column])
    return float(np.mean([np.mean(values) for values in found.values()]))


def listing(scored: list[dict[str, Any]]) -> str:
    """Every case: the mixture, the bootstrap of the additive law, conformal widening."""
    head = ["case", "", "seen", "asked", "beyond", "inside", "width", "score", "error"]
    head += ["additive error", "bootstrap inside", "conformal inside", "conformal width"]
    rows = []
    for record in scored:
        mixture, bootstrap, _, conformal = list(record["scores"].values())[:4]
        rows.append(
            [
                record["ladder"],
                record["target"],
                str(record["seen"]),
                str(record["asked"]),
                f"{record['beyond']:.1f}",
                f"{mixture[1]:.2f}",
                *(f"{value:.3f}" for value in mixture[2:4]),
                *(f"{values[0]:.4f}" for values in (mixture, bootstrap)),
                *(f"{values[1]:.2f}" for values in (bootstrap, conformal)),
                f"{conformal[2]:.3f}",
            ]
        )
    return table(head, rows)


def _additive(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    return np.log(1.82 + 482 * n**-0.348 + 2085 * d**-0.366)


def _broken(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The additive law up to the largest run, half its slope beyond: no run shows it."""
    beyond = np.maximum(np.log(n * d / 8e19), 0.0)
    return _additive(n, d) + 0.02 * beyond


TRUTHS: dict[str, tuple[str, Truth]] = {
    "additive": ("inside", _additive),
    "coupled, g 0.7": (
        "inside",
        lambda n, d: np.log(1.5 + (3355 * n**-0.5 + 9000 * d**-0.5) ** 0.7),
    ),
    "no floor, g 0.1": (
        "inside",
        lambda n, d: 0.1 * np.log((8.8e13 / n) ** 0.76 + 5.4e13 / d),
    ),
    "interaction": (
        "outside",
        lambda n, d: np.log(
            1.82 + 482 * n**-0.348 + 2085 * d ** -(0.366 + 0.008 * np.log(n / 2e8))
        ),
    ),
    "bent exponent": (
        "outside",
        lambda n, d: np.log(1.6 + 482 * n ** -(0.34 - 0.004 * np.log(n / 1e8)) + 2085 * d**-0.366),
    ),
    "fading noise": ("noise", _additive),
    "break beyond": ("outside", _broken),
}
DESIGNS = {9: (3, 3), 16: (4, 4), 36: (6, 6), 100: (10, 10)}
NOISE = 0.005


def synthetic(sets: int) -> str:
    """Coverage at 10 and 100 times the largest compute, by truth and number of runs."""
    jobs = [(name, runs, sets) for name in TRUTHS for runs in DESIGNS]
    with _pool() as pool:
        found = list(pool.map(_simulated, jobs))
    head = ["truth", "forms", "runs", "10x: inside, width", "100x: inside, width"]
    head += ["bootstrap 10x", "100x", "error, of additive"]
    first = (
        f"{sets} data sets a row, noise {NOISE:g}, Monte Carlo error "
        f"{100 * np.sqrt(0.09 / sets):.0f} points; {machine()}"
    )
    return "\n".join([first, table(head, found)])


def _simulated(job: tuple[str, int, int]) -> list[str]:
    from isoloss.trust.mixture.score import hidden_scores

    name, runs, sets = job
    inside, truth = TRUTHS[name]
    hit, width, other, error = [], [], [], []
    for seed in range(sets):
        one = hidden_scores(*_drawn(truth, runs, seed, fading=inside == "noise"), draws=100)
        two = hidden_scores(
            *_drawn(truth, runs, seed, fading=inside == "noise", far=100.0), draws=100
        )
        hit.append([one[0].coverage, two[0].coverage])
        width.append([one[0].width, two[0].width])
        other.append([one[1].coverage, two[1].coverage])
        error.append([two[0].error, two[1].error])
    h, w, o = (np.mean(v, axis=0) for v in (hit, width, other))
    ratio = np.sqrt(np.mean(np.square(error), axis=0))
    return [
        name,
        inside,
        str(runs),
        *(f"{h[i]:.2f} {w[i]:.3f}" for i in (0, 1)),
        *(f"{o[i]:.2f}" for i in (0, 1)),
        f"{ratio[0] / ratio[1]:.2f}",
    ]


def _drawn(
    truth: Truth, runs: int, seed: int, *, fading: bool, far: float = 10.0
) -> tuple[Any, np.ndarray]:
    """Runs with four points on the path of equal growth appended, and the mask of those."""
    from isoloss import read_runs

    rng = np.random.default_rng([seed, runs])
    sizes, lengths = DESIGNS[runs]
    n, d = (
        v.ravel()
        for v in np.meshgrid(np.geomspace(2e7, 2e9, sizes), np.geomspace(4e8, 4e10, lengths))
    )
    ahead = np.full(4, np.sqrt(far))
    big_n, big_d = np.append(n, 2e9 * ahead), np.append(d, 4e10 * ahead)
    spread = np.append(
        np.linspace(3, 1, n.size)[np.argsort(np.argsort(n * d))] if fading else np.ones(n.size),
        np.ones(4),
    )
    y = truth(big_n, big_d) + NOISE * spread * rng.standard_normal(big_n.size)
    data = {"N": big_n, "D": big_d, "C": 6 * big_n * big_d, "loss": np.exp(y)}
    read = read_runs(data, map="N=N,D=D,C=C,loss=loss", groups={})
    return read, np.arange(big_n.size) >= n.size


def cost() -> str:
    """CPU and wall seconds of a comparison of 12 forms on 240 runs, and of one prediction."""
    from isoloss import read_runs
    from isoloss.trust import choose
    from isoloss.trust.mixture import compare_forms, predict_mixture

    what, data = load_data()
    data = {**data, "C": [6 * n * d for n, d in zip(data["N"], data["D"], strict=True)]}
    runs = read_runs(data, map="N=N,D=D,C=C,loss=loss", groups={})
    laws = [*choose("dense", runs), "shifted_power(C)", "levelling(C)", "kaplan_single(C)"]
    point = {"N": 7e10, "D": 1.4e12, "C": 6 * 7e10 * 1.4e12}
    lines = [f"{what}; {machine()}"]
    jobs: list[tuple[str, Callable[[], Any]]] = [
        (
            f"compare {len(laws)} forms, 500 draws",
            lambda: compare_forms(runs, laws, at=point, draws=500),
        ),
        ("predict with the built-in forms, 200 draws", lambda: predict_mixture(runs, point)),
    ]
    for name, job in jobs:
        begin, clock = cpu(), time.perf_counter()
        job()
        wall = time.perf_counter() - clock
        lines.append(f"{name}: {cpu() - begin:.1f} CPU-s, {wall:.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
