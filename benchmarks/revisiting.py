"""Learning curves foretold: forecasts beside published forms on the curves of arXiv:2209.06640.

    python benchmarks/revisiting.py [TABLE] [--quick] [--json out.json]

TABLE is `../shared/data/revisiting_scaling.csv.gz` unless given; what it holds is described in
`isoloss.trust.curves.tasks`. Exits with 1 when a goal is missed.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from _common import machine

TABLE = Path(__file__).resolve().parents[2] / "shared/data/revisiting_scaling.csv.gz"


def goals(result: dict[str, Any]) -> dict[str, bool]:
    """What is asked, and whether it was reached."""
    images = result["domains"].get("IC", result)
    asked = {
        "image curves: log RMSE at most 0.0255": images["mean_log_rmse"] <= 0.0255,
        "all curves: log RMSE at most 0.023": result["mean_log_rmse"] <= 0.023,
        "image curves: log density at least 3.45": images["log_density"] >= 3.45,
        "image curves: coverage of 88 to 96 %": 0.88 <= images["coverage_90"] <= 0.96,
    }
    for horizon, scores in result.get("horizons", {}).items():
        if "BNSL" in scores:
            asked[f"{horizon}: at most half of BNSL's error"] = (
                scores["forecast"] <= 0.5 * scores["BNSL"]
            )
    return asked


def main() -> int:
    from isoloss.trust.curves import bench

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("table", nargs="?", type=Path, default=TABLE)
    parser.add_argument("--quick", action="store_true", help="without the published forms")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    options = parser.parse_args()
    if options.table == TABLE and not TABLE.is_file():
        print(f"{TABLE} is not there; give a table of curves")
        return 0
    result = bench.run(options.table, baselines=not options.quick)
    print(bench.table(result))
    asked = goals(result)
    print(
        "\n"
        + "\n".join(f"{'reached' if met else 'MISSED '}  {goal}" for goal, met in asked.items())
    )
    print(f"machine: {machine()}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0 if all(asked.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
