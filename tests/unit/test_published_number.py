"""Published numbers: the precision is in the digits, the error in what stands beside them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from isoloss.exceptions import LawError
from isoloss.law.published import EVIDENCE, USED, Number
from isoloss.law.published.evaluate import scatter


def number(printed: Any, **facts: Any) -> Number:
    return Number("A", printed, "primary", **facts)


@pytest.mark.parametrize(
    ("printed", "value", "half_unit"),
    [
        ("0.30", 0.30, 0.005),
        ("0.3", 0.3, 0.05),
        ("406.4", 406.4, 0.05),
        ("400", 400.0, 0.5),
        ("8.8e13", 8.8e13, 0.05e13),
        ("8.80e13", 8.8e13, 0.005e13),
        ("3e-4", 3e-4, 0.5e-4),
        ("-0.095", -0.095, 0.0005),
        ("1E+2", 100.0, 50.0),
        ("0", 0.0, 0.5),
        ("0.000", 0.0, 0.0005),
    ],
)
def test_precision_is_read_from_the_digits(printed, value, half_unit):
    found = number(printed)
    assert found.value == value
    assert found.rounding == pytest.approx(half_unit, rel=1e-12)
    assert number(printed, exact=True).rounding == 0.0


@pytest.mark.parametrize(
    "printed", ["", "about 3", "0,30", "1e", "nan", "inf", "-Infinity", 0.3, 3, None]
)
def test_what_is_no_printed_number_is_refused(printed):
    with pytest.raises(LawError, match=r"'A' has the value .*write the digits as printed"):
        number(printed)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"se": -0.1}, "a standard error is not negative, got -0.1"),
        ({"se": math.nan}, "a standard error is not negative, got nan"),
        ({"interval": (0.4, 0.2)}, r"the interval \[0.4, 0.2\] is turned round"),
        ({"interval": (math.nan, 0.2)}, "turned round"),
        ({"level": 95}, "'level' lies between 0 and 1, got 95"),
        ({"level": 0.0}, "'level' lies between 0 and 1, got 0"),
    ],
)
def test_errors_that_cannot_be_are_refused(facts, message):
    with pytest.raises(LawError, match=message):
        number("0.3", **facts)


def test_evidence_is_one_of_a_list():
    with pytest.raises(LawError, match=r"'A' has the evidence 'sure'; use one of primary"):
        Number("A", "0.3", "sure")
    assert EVIDENCE[:4] == USED
    assert EVIDENCE.index("secondary") < EVIDENCE.index("abstract") < EVIDENCE.index("contradicted")


def test_scatter_is_a_standard_deviation():
    assert scatter(number("0.3")) == 0.0
    assert scatter(number("0.3", se=0.02)) == 0.02
    # 1.959964 and 1.644854 standard deviations each way hold 95 % and 90 %
    wide = number("0.3", interval=(0.1, 0.5))
    assert scatter(wide) == pytest.approx(0.2 / 1.959964, rel=1e-6)
    wide = number("0.3", interval=(0.1, 0.5), level=0.9)
    assert scatter(wide) == pytest.approx(0.2 / 1.644854, rel=1e-6)
    # an interval says more than a standard error beside it
    assert scatter(number("0.3", interval=(0.1, 0.5), se=7.0)) == pytest.approx(0.2 / 1.959964)


@pytest.mark.parametrize(
    ("printed", "interval", "outside", "rounded"),
    [
        ("0.50", None, False, False),
        ("0.50", (0.488, 0.502), False, False),
        ("0.50", (0.50, 0.51), False, False),
        # Hoffmann et al. 2022, table 2: 0.504 would print as 0.50
        ("0.50", (0.501, 0.512), True, True),
        ("0.50", (0.505, 0.512), True, True),
        ("0.50", (0.506, 0.512), True, False),
        ("0.51", (0.488, 0.502), True, False),
    ],
)
def test_a_value_outside_its_own_interval(printed, interval, outside, rounded):
    found = number(printed, interval=interval)
    assert (found.outside_own_interval, found.rounded_out) == (outside, rounded)


def test_an_exact_number_is_never_rounded_out():
    assert not number("0.50", interval=(0.501, 0.512), exact=True).rounded_out


def test_the_document_has_the_digits_as_printed():
    document = number("0.30", interval=(0.2, 0.4), level=0.9, where="table 3").to_document()
    assert document["printed"] == "0.30"
    assert document["value"] == 0.3
    assert (document["interval"], document["level"]) == ([0.2, 0.4], 0.9)
    # a level without an interval says nothing
    assert number("0.30").to_document()["level"] is None
