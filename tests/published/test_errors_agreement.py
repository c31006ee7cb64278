"""Agreement between many models on VisOnlyQA (needs the shared tables).

The expected numbers stand in `benchmarks/error_contrasts.py`.
"""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench(shared):
    if not (shared / "items" / "visonlyqa.parquet").is_file():
        pytest.skip("the tables of answers are not there")
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("error_contrasts")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize(("part", "count"), [("kappas", 17), ("nesting", 13)])
def test_reference_numbers(bench, shared, part, count):
    found = list(getattr(bench, part)(shared))
    assert len(found) == count
    assert [row for row in found if not bench.held(row)] == []


def test_what_the_numbers_say(bench, shared):
    found = bench.agreement(bench.grid(bench.visonlyqa(shared)), replicates=200)
    family = {one.family: one for one in found.trajectories}
    # no sign of single questions that get lost with size
    assert family["InternVL2"].verdict == "flat"
    assert family["InternVL2"].lost_p > 0.3
    # six orders of three sizes can show nothing
    assert family["Qwen2-VL"].verdict == "cannot tell"
    slope = found.abilities.slope
    assert (slope.count, slope.freedom, slope.verdict) == (14, 8, "improves")
    assert slope.unshrunk.value > slope.value
    # models of unknown size take part in the scale and not in the slope
    assert len(found.models) == 19
    means = {one.measure: one for one in found.means}
    assert means["kappa"].difference.low > 0
