"""Errors against scale: reference results on real answers, and what a million answers cost.

    python benchmarks/errors.py              # reference results beside ours; exits with 1 on a miss
    python benchmarks/errors.py --speed      # 1,000,000 answers, and 50,000 beside statsmodels

The reference results were computed on the tables of ../shared/items by other code than this
package's (research page on errors, section 6); points may differ by 0.002, intervals by 0.02.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SHARED = Path(__file__).resolve().parents[2] / "shared"
MODELS, QUESTIONS, TASKS, REPLICATES = 10, 100_000, 20, 1000
SMALL = 5_000
# replicates that the plain script makes; its time is taken for all of them in proportion
PLAIN = 10


def main() -> int:
    """Print the tables; 1 where a reference result is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    if arguments.speed:
        print(speed())
        return 0
    return reference()


def reference() -> int:
    """Reference results beside ours."""
    import error_contrasts
    import error_trends

    if not (SHARED / "items").is_dir():
        print("the folder 'shared' with tables of answers does not stand beside the repository")
        return 0
    missed = 0
    print(f"{'':5} {'what':78} {'ours':>10} {'reference':>10} {'apart':>8}")
    for part in (error_trends, error_contrasts):
        for key, what, got, expected, tolerance in part.rows(SHARED):
            if isinstance(expected, str):
                miss, numbers = got != expected, f"{got:>10} {expected:>10} {'':8}"
            else:
                miss = not abs(got - expected) <= tolerance
                numbers = f"{got:10.4g} {expected:10.4g} {abs(got - expected):8.1g}"
            missed += miss
            print(f"{key:5} {what:78.78} {numbers}{'  MISSED' if miss else ''}")
    print(f"{missed} missed")
    return 1 if missed else 0


def speed() -> str:
    """Import and report of a million answers, then 50,000 beside a plain script."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        big, models = table(Path(folder), QUESTIONS)
        saved = str(Path(folder) / "items.parquet")
        for name, command in (
            ("import", ["import", big, "--models", models, "--out", saved]),
            ("report", ["report", saved, "--out", str(Path(folder) / "pages")]),
        ):
            wall, cpu = run(command)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
            lines.append(
                f"{name} of {MODELS * QUESTIONS:,} answers: {wall:.1f} s, {cpu:.1f} CPU-s, "
                f"peak {peak:.2f} GiB"
            )
        small, models = table(Path(folder), SMALL)
        items = str(Path(folder) / "small.parquet")
        run(["import", small, "--models", models, "--out", items])
        ours = trends(items)
        plain = statsmodels_script(small, models)
        lines.append(
            f"accuracy trends of {TASKS} tasks, {MODELS * SMALL:,} answers, {REPLICATES} "
            f"replicates: {ours:.2f} CPU-s; pandas and statsmodels {plain:.0f} CPU-s, "
            f"{plain / ours:.0f} times as long"
        )
    return "\n".join(lines)


def table(folder: Path, questions: int) -> tuple[str, str]:
    """A CSV of simulated answers, and its models."""
    import pandas as pd

    rng = np.random.default_rng(0)
    params = np.geomspace(1e9, 1e11, MODELS)
    difficulty, task = rng.normal(0, 1, questions), rng.integers(0, TASKS, questions)
    gold = rng.integers(0, 4, questions)
    parts = []
    for m, ability in enumerate(np.linspace(-0.3, 0.9, MODELS)):
        right = rng.random(questions) < 1 / (1 + np.exp(difficulty - ability))
        said = np.where(right, gold, (gold + rng.integers(1, 4, questions)) % 4)
        answer = pd.Series(np.array(list("abcd"))[said])
        answer[rng.random(questions) < 0.03 * (1 - m / MODELS)] = None
        parts.append(
            pd.DataFrame(
                {
                    "model": f"m{m}",
                    "item": [f"q{i}" for i in range(questions)],
                    "task": [f"t{t}" for t in task],
                    "gold": np.array(list("abcd"))[gold],
                    "prediction": answer,
                    "image": [f"image{i // 4}" for i in range(questions)],
                    "n_options": 4,
                }
            )
        )
    path, models = folder / f"answers{questions}.csv", folder / "models.yaml"
    pd.concat(parts).to_csv(path, index=False)
    listed = [f"  m{m}: {{family: F, params: {n:.6g}}}" for m, n in enumerate(params)]
    models.write_text("models:\n" + "\n".join(listed) + "\n")
    return str(path), str(models)


def run(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command of `isoloss errors`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "isoloss", "errors", *command], check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begin, cpu


def trends(path: str) -> float:
    """CPU seconds of the accuracy trends, tasks and intervals included."""
    from isoloss import errors
    from isoloss.errors.trends import accuracy_trends

    found = errors.grid(errors.load_items(path))
    begin = time.process_time()
    accuracy_trends(found, floor="none", replicates=REPLICATES)
    return time.process_time() - begin


def statsmodels_script(path: str, models: str) -> float:
    """CPU seconds of what one would write: a GLM a task and replicate, on resampled questions."""
    import pandas as pd
    import statsmodels.api as sm
    import yaml

    params = yaml.safe_load(Path(models).read_text())["models"]
    frame = pd.read_csv(path)
    frame["size"] = np.log10(frame["model"].map({m: float(v["params"]) for m, v in params.items()}))
    frame["right"] = (frame["prediction"] == frame["gold"]).astype(int)
    wide = frame.pivot(index=["task", "item"], columns="size", values="right")
    size = sm.add_constant(wide.columns.to_numpy())
    rng = np.random.default_rng(0)
    begin = time.process_time()
    for _ in range(PLAIN):
        for _, rows in wide.groupby(level="task"):
            drawn = rows.sample(len(rows), replace=True, random_state=rng).sum()
            counts = np.column_stack([drawn, len(rows) - drawn])
            sm.GLM(counts, size, family=sm.families.Binomial()).fit()
    return (time.process_time() - begin) / PLAIN * REPLICATES


if __name__ == "__main__":
    sys.exit(main())
