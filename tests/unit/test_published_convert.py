"""Counting: from the way a person counts to the way a law counts, or why not."""

from __future__ import annotations

import pytest

from isoloss.exceptions import ConventionError, InputError, LawError
from isoloss.law.published.convert import recount
from isoloss.quantities import Transformer, convert_flops
from tests.unit.published_cases import MINE, power, read

SHAPE = Transformer(layers=12, width=768, heads=12, vocabulary=50_257, context=1024)
NUMBERS = 'A = "400"\nalpha = "0.3"'
AT = {"N": 1e9, "D": 1e11}


def counted(text: str, at: dict[str, float], **given: str) -> dict[str, float]:
    entry = read(text)
    return recount(entry, entry.coefficients(), at, given, shape=SHAPE)


def test_nothing_said_changes_nothing():
    assert counted(MINE, AT) == AT
    assert counted(MINE, AT, N="total", D="tokens") == AT


def test_the_given_point_is_left_as_it_was():
    at = dict(AT)
    assert counted(MINE, at, N="non-embedding") != at
    assert at == AT


def test_parameters_by_the_shape_of_the_model():
    # 12 blocks of 12 width**2 weights, and an embedding of one row for each token
    body = 12 * 12 * 768**2
    whole = body + 50_257 * 768
    found = counted(MINE, AT, N="non-embedding")
    assert found["N"] == pytest.approx(1e9 * whole / body, rel=1e-12)
    assert found["D"] == 1e11
    back = counted(MINE.replace('"total"', '"non-embedding"'), found, N="total")
    assert back["N"] == pytest.approx(1e9, rel=1e-12)


COMPUTE = power(NUMBERS, inputs='counts = "6ND"').replace("N", "C").replace("6CD", "6ND")
COMPUTE = COMPUTE.replace("Cobody", "Nobody").replace('form = "power"', 'form = "power(C)"')


def test_compute_by_the_shape_of_the_model():
    body = 12 * 12 * 768**2
    whole = body + 50_257 * 768
    found = counted(COMPUTE, {"C": 6e20}, C="6ND-non-embedding")
    assert found["C"] == pytest.approx(6e20 * whole / body, rel=1e-12)
    other = counted(COMPUTE, {"C": 6e20}, C="palm2022")
    assert other["C"] == pytest.approx(float(convert_flops(6e20, SHAPE, "palm2022", "6ND")))


@pytest.mark.parametrize(
    ("theirs", "mine", "ratios", "wanted"),
    [
        ("tokens", "bytes", {"bytes_per_token": 4.0}, 1e11 / 4),
        ("bytes", "tokens", {"bytes_per_token": 4.0}, 1e11 * 4),
        ("tokens", "characters", {"characters_per_token": 3.5}, 1e11 / 3.5),
        ("characters", "tokens", {"characters_per_token": 3.5}, 1e11 * 3.5),
        (
            "characters",
            "bytes",
            {"bytes_per_token": 4.2, "characters_per_token": 4.0},
            1e11 / 4.2 * 4.0,
        ),
    ],
)
def test_data_by_what_a_token_holds(theirs, mine, ratios, wanted):
    entry = read(MINE.replace('counts = "tokens"', f'counts = "{theirs}"'))
    found = recount(entry, entry.coefficients(), AT, {"D": mine}, **ratios)
    assert found["D"] == pytest.approx(wanted, rel=1e-12)
    assert found["N"] == 1e9


@pytest.mark.parametrize(
    ("old", "new", "given", "message"),
    [
        (
            "",
            "",
            {"N": "non-embedding"},
            "'mine' counts N as total, and N was given as non-embedding; give the shape",
        ),
        ("", "", {"D": "bytes"}, "counts D as tokens, .* given as bytes; give the bytes per token"),
        (
            '"tokens"',
            '"characters"',
            {"D": "tokens"},
            "counts D as characters, .* as tokens; give the characters per token",
        ),
        ("", "", {"D": "samples"}, "given as samples; nothing converts the one to the other"),
        ("", "", {"D": "unique-tokens"}, "nothing converts the one to the other"),
        (
            'counts = "total"\n',
            "",
            {"N": "total"},
            "'mine' does not say how it counts N, so total cannot be converted .* leave the count",
        ),
        ("", "", {"N": "all"}, "N has no counting convention 'all'; known: total"),
        ("", "", {"D": "total"}, "D has no counting convention 'total'"),
    ],
)
def test_what_cannot_be_converted_is_told_with_the_reason(old, new, given, message):
    entry = read(MINE.replace(old, new, 1))
    with pytest.raises(ConventionError, match=message):
        recount(entry, entry.coefficients(), AT, given)


def test_an_input_that_is_counted_in_one_way_only():
    text = power(NUMBERS, inputs='quantity = "loss"')
    with pytest.raises(ConventionError, match="N of 'mine' is counted in one way only"):
        counted(text, {"N": 2.0}, N="total")


@pytest.mark.parametrize("name", ["C", "experts"])
def test_an_input_that_was_not_given(name):
    with pytest.raises(LawError, match=f"'mine' was given no input '{name}' that could be counted"):
        counted(MINE, AT, **{name: "total"})
    with pytest.raises(InputError, match="'mine' was given no input 'D'"):
        counted(MINE, {"N": 1e9}, D="bytes")


def test_a_ratio_of_zero_is_none():
    entry = read(MINE)
    with pytest.raises(ConventionError, match="give the bytes per token"):
        recount(entry, entry.coefficients(), AT, {"D": "bytes"}, bytes_per_token=0.0)
