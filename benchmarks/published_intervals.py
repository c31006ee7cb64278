"""How well do intervals cover that are made from what a paper prints of its fit?

    python benchmarks/published_intervals.py [--sets 1000] [--draws 400] [--designs 48,128]

Data come from the law, the grids and the independent 0.5 % noise of `coverage.py`. Each set is
fitted, the fit is printed as papers do, and the printed numbers alone are read back as a published
law, which is asked for the loss at three points and for the compute-optimal N. Rows:

- `fit`: the draws of the fit itself, which no print can better;
- `rounded`: exponents with two decimals and scales with four digits, as in Hoffmann et al. 2022
  (arXiv:2203.15556), and nothing else;
- `se`: six digits and the standard deviation of the draws of each number;
- `se + correlation`: the correlation of the draws too, with `--digits` decimals;
- `95 % + correlation`: percentiles of the draws in place of the standard errors.

The points lie on the truth's compute-optimal path: `inside` at a tenth of the largest compute of
the grid, then at 10 and 100 times that largest compute. `N there` is the compute-optimal N at the
last. Widths are means of ln(high/low), so 1 % is a hundredth of the value.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from _common import machine, table
from coverage import LEVEL, NOISE, TRUTH, grid, optimum

PRINTS = ("fit", "rounded", "se", "se + correlation", "95 % + correlation")
POINTS = {"inside": 0.1, "10x": 10.0, "100x": 100.0}
ASKED = (*POINTS, "N there")
# a coverage further from the nominal level than this is marked
NEAR = 0.05
DIGITS = {"E": ".3g", "A": ".4g", "alpha": ".2f", "B": ".4g", "beta": ".2f"}
WHY = {
    "rounded": "two decimals of an exponent leave the loss open by some percent, which is all that "
    "this interval knows of; the error of the fit is not in it, and grows with distance",
    "se": "A goes with alpha and B with beta to 0.999; drawn apart, their errors do not cancel",
    "se + correlation": "a standard error of A tells the width of ln A roughly, and inside the "
    "runs it has to cancel that of alpha to parts in a thousand",
    "95 % + correlation": "ends of A and alpha belong together; a small remainder is left inside "
    "the runs, where the fit itself is known best",
}


def entry(numbers: dict[str, Any], correlation: dict[str, Any] | None = None) -> Any:
    """A published law in memory, as if read from a file."""
    from isoloss.law.published.read import read_entry

    table_of_law: dict[str, Any] = {
        "name": "simulated",
        "form": "chinchilla",
        "unit": "nats/token",
        "evidence": "primary",
        "where": "table 1",
        "sources": [{"cite": "A simulated paper", "where": "table 1"}],
        "modality": ["language"],
        "variables": {"N": {}, "D": {}},
        "numbers": numbers,
    }
    if correlation:
        table_of_law["correlation"] = correlation
    return read_entry("simulated", table_of_law, "simulated.toml", "simulated")


def printed(fit: Any, digits: int) -> dict[str, Any]:
    """The fit as published laws, by how much of it is printed."""
    names = fit.law.parameter_names
    values = {name: f"{fit.values[name]:.6g}" for name in names}
    matrix = np.round(np.corrcoef(fit.draws.good.T), digits).tolist()
    correlation = {"names": list(names), "matrix": matrix, "where": "table 2"}
    errors, intervals = {}, {}
    for name, drawn in zip(names, fit.samples.T, strict=True):
        low, high = np.quantile(drawn, [0.025, 0.975])
        errors[name] = {"value": values[name], "se": f"{np.std(drawn, ddof=1):.4g}"}
        ends = [f"{low:.6g}", f"{high:.6g}"]
        intervals[name] = {"value": values[name], "interval": ends, "level": 0.95}
    rounded = {name: format(fit.values[name], how) for name, how in DIGITS.items()}
    return {
        PRINTS[1]: entry(rounded),
        PRINTS[2]: entry(errors),
        PRINTS[3]: entry(errors, correlation),
        PRINTS[4]: entry(intervals, correlation),
    }


def points(runs: int) -> dict[str, dict[str, float]]:
    """The points that are asked about, in parameters and tokens."""
    N, D = grid(runs)
    found = {}
    for name, times in POINTS.items():
        compute = times * 6 * float((N * D).max())
        size = math.exp(optimum(**TRUTH, compute=compute)[0])
        found[name] = {"N": size, "D": compute / (6 * size)}
    return found


def one_set(job: tuple[int, int, int, int]) -> np.ndarray:
    """For every print and question whether the interval holds the truth, and its width: (5, 4, 2).

    An interval that is not finite holds everything, and its width is not a number.
    """
    from isoloss import find_law, read_runs

    runs, draws, digits, index = job
    N, D = grid(runs)
    rng = np.random.default_rng([runs, 1, index])
    loss = law(N, D) * np.exp(NOISE * rng.standard_normal(runs))
    read = read_runs({"N": N, "D": D, "loss": loss}, map="N=N,D=D,loss=loss")
    fit = find_law("chinchilla").fit(read, draws=draws, level=LEVEL, seed=index)
    prints = printed(fit, digits)
    found = np.empty((len(PRINTS), len(ASKED), 2))
    where = points(runs)
    for column, (name, at) in enumerate(where.items()):
        said = fit.predict(at)
        ends = [(float(said.low[0]), float(said.high[0]))]
        for published in prints.values():
            value = published.evaluate(at, level=LEVEL)
            ends.append((value.low, value.high))
        found[:, column] = [judged(low, high, float(law(**where[name]))) for low, high in ends]
    compute = 6 * where["100x"]["N"] * where["100x"]["D"]
    best = [of.plan(compute=compute).optimum["N"] for of in (fit, *prints.values())]
    found[:, -1] = [judged(e.low, e.high, where["100x"]["N"]) for e in best]
    return found


def law(N: Any, D: Any) -> Any:
    """The truth."""
    return TRUTH["E"] + TRUTH["A"] / N ** TRUTH["alpha"] + TRUTH["B"] / D ** TRUTH["beta"]


def judged(low: float, high: float, truth: float) -> tuple[float, float]:
    """Whether an interval holds the truth, and the width of its logarithm."""
    if not (math.isfinite(low) and math.isfinite(high) and low > 0):
        return 1.0, math.nan
    return float(low <= truth <= high), math.log(high / low)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sets", type=int, default=1000, help="data sets a design (1000)")
    parser.add_argument("--draws", type=int, default=400, help="draws a fit (400)")
    parser.add_argument("--designs", default="48,128", help="how many runs")
    parser.add_argument("--digits", type=int, default=4, help="decimals of correlations (4)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    options = parser.parse_args()
    error = 100 * math.sqrt(LEVEL * (1 - LEVEL) / options.sets)
    print(
        f"{LEVEL:.0%} intervals, {options.sets} data sets a design, {options.draws} draws each; "
        f"Monte Carlo standard error {error:.1f} points at {LEVEL:.0%}\nmachine: {machine()}\n"
    )
    begin, rows, records = time.perf_counter(), [], []
    with ProcessPoolExecutor(options.processes) as pool:
        for runs in (int(text) for text in options.designs.split(",")):
            jobs = [(runs, options.draws, options.digits, i) for i in range(options.sets)]
            found = np.array(list(pool.map(one_set, jobs, chunksize=10)))
            for k, name in enumerate(PRINTS):
                records.append(record(runs, name, found[:, k]))
                rows.append(line(records[-1]))
    head = ("printed", "runs", *(f"{q} %" for q in ASKED), *(f"w {q}" for q in ASKED))
    print(table(head, rows))
    print("\ncoverage in %, then the mean width of the interval in % (w)\n")
    for text in remarks(records):
        print(text)
    short = too_narrow(records)
    print(
        f"\nasked: prints with a correlation cover at least {LEVEL - NEAR:.0%}; "
        f"below: {', '.join(short) or 'none'}"
    )
    print(f"{time.perf_counter() - begin:.0f} s wall, {options.processes} processes, {machine()}")
    if options.json:
        options.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    return 1 if short else 0


def record(runs: int, name: str, found: np.ndarray) -> dict[str, Any]:
    """Coverage and mean width of one print, from (sets, questions, 2)."""
    held, width = found[..., 0].mean(axis=0), np.nanmean(found[..., 1], axis=0)
    return {
        "runs": runs,
        "print": name,
        "coverage": dict(zip(ASKED, held.tolist(), strict=True)),
        "width": dict(zip(ASKED, width.tolist(), strict=True)),
        "endless": int(np.isnan(found[..., 1]).sum()),
    }


def line(found: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table; a `!` marks a coverage that is not near the nominal level."""
    held = [found["coverage"][q] for q in ASKED]
    return (
        found["print"],
        str(found["runs"]),
        *(f"{100 * c:.1f}{'' if abs(c - LEVEL) <= NEAR else '!'}" for c in held),
        *(f"{100 * found['width'][q]:.3g}" for q in ASKED),
    )


def remarks(records: list[dict[str, Any]]) -> list[str]:
    """What is wrong with each print, beside the width of the fit's own interval, and why."""
    own = {found["runs"]: found["width"] for found in records if found["print"] == "fit"}
    said = []
    for name, why in WHY.items():
        parts = []
        for found in (found for found in records if found["print"] == name):
            for q in ASKED:
                c, times = found["coverage"][q], found["width"][q] / own[found["runs"]][q]
                if abs(c - LEVEL) > NEAR:
                    word = "short" if c < LEVEL else "wide"
                    parts.append(f"{word} at {q} of {found['runs']} ({c:.0%}, {times:.2g} x)")
            if found["endless"]:
                parts.append(f"{found['endless']} intervals of {found['runs']} without ends")
        said.append(f"{name}: {'; '.join(parts) or 'near the level everywhere'}\n    {why}")
    return [*said, "    (share that holds the truth, and the width over that of the fit itself)"]


def too_narrow(records: list[dict[str, Any]]) -> list[str]:
    """Prints with a correlation that hold the truth too seldom somewhere."""
    return [
        f"{found['print']} at {q}, {found['runs']} runs"
        for found in records
        for q in ASKED
        if "correlation" in found["print"] and found["coverage"][q] < LEVEL - NEAR
    ]


if __name__ == "__main__":
    sys.exit(main())
