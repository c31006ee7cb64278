"""Contrasts of two models on published answers (needs the shared tables).

VisOnlyQA, BLINK, MATH-Vision, POPE and MME; the expected numbers stand in
`benchmarks/error_contrasts.py`.
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


@pytest.mark.parametrize(
    ("part", "count"),
    [("yes_no", 21), ("letters", 8), ("blink", 35), ("mathvision", 18), ("pope", 20)],
)
def test_reference_numbers(bench, shared, part, count):
    found = list(getattr(bench, part)(shared))
    assert len(found) == count
    assert [row for row in found if not bench.held(row)] == []


def test_what_the_numbers_say(bench, shared):
    blink = bench.both(bench.grid(bench.load("blink_val", shared).where(family="LLaVA-1.5")))
    assert (blink.split.format_verdict, blink.split.capability_verdict) == ("better", "better")
    assert blink.accuracy.verdict == "better"
    assert blink.flips.source == "upper bound"
    math = bench.load("mathvision", shared).where(family="LLaVA-1.5")
    split = bench.both(bench.grid(math, condition="mc")).split
    assert (split.format_verdict, split.capability_verdict) == ("better", "cannot tell")
    pope = bench.both(bench.grid(bench.load("pope_llava15", shared)))
    assert pope.accuracy.verdict == "same within margin"
    assert pope.modes.verdict == "cannot tell"
