"""Every dense form fitted and ranked, beside the same number of starts in SciPy: time and minima.

    python benchmarks/dense_forms.py

The plain alternative is what one writes without a tool: SciPy's least squares on the logarithm of
the loss, Huber's loss, the same number of random starts within the same ranges, gradients by finite
differences. Both get the same 240 runs. Printed are the CPU seconds of each, their ratio, and how
far SciPy's best objective lies above ours.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from _common import DELTA, cpu, load_data, machine
from isoloss import read_runs
from isoloss.law import Law
from isoloss.trust import choose, rank


def main() -> None:
    """Run and print."""
    what, data = load_data()
    table = {**data, "C": [6 * n * d for n, d in zip(data["N"], data["D"], strict=True)]}
    runs = read_runs(table, map="N=N,D=D,C=C,loss=loss")
    laws = choose("dense", runs)
    print(f"{what}; {machine()}")
    begin = cpu()
    ranking = rank(laws, runs)
    whole = cpu() - begin
    print(
        f"{len(laws)} dense forms fitted to all runs and to the smaller ones, ranked: "
        f"{whole:.1f} CPU-s"
    )
    print(f"{'law':18}{'ours':>8}{'SciPy':>8}{'ratio':>7}{'SciPy above':>13}{'hidden':>9}")
    hidden = {row.law.id: row.hidden_error for row in ranking.rows}
    for law in laws:
        begin = cpu()
        fit = law.fit(runs, draws=0)
        ours = cpu() - begin
        begin = cpu()
        other = plain(law, runs.columns, fit.certificate.starts)
        theirs = cpu() - begin
        above = other / fit.objective_value - 1
        print(
            f"{law.id:18}{ours:8.2f}{theirs:8.2f}{theirs / ours:7.1f}{above:13.1e}"
            f"{100 * hidden[law.id]:8.2f}%"
        )


def plain(law: Law, columns: dict[str, np.ndarray], starts: int) -> float:
    """The lowest objective that SciPy finds from as many starts."""
    rng = np.random.default_rng(0)
    inputs = {name: np.asarray(columns[name]) for name in law.variable_names}
    goal = np.log(columns["loss"])

    def residual(x: np.ndarray) -> np.ndarray:
        values = dict(zip(law.parameter_names, law.natural(x), strict=True))
        with np.errstate(all="ignore"):
            found = np.log(law({**inputs, **values})) - goal
        return np.where(np.isfinite(found), found, 1e3)

    best = np.inf
    for _ in range(starts):
        start = []
        for p in law.parameters:
            typical = float(p.typical or 1.0)
            low, high = p.start or (0.5 * typical, 2.0 * typical)
            value = rng.uniform(min(low, high), max(low, high))
            start.append(np.log(value) + rng.normal(0, 1) if p.log else value)
        try:
            done = least_squares(residual, start, loss="huber", f_scale=DELTA)
        except ValueError:
            continue
        best = min(best, float(huber(done.fun)))
    return best


def huber(r: np.ndarray) -> float:
    """Sum of Huber's function."""
    inner = np.minimum(np.abs(r), DELTA)
    return float(np.sum(inner * (np.abs(r) - 0.5 * inner)))


if __name__ == "__main__":
    main()
