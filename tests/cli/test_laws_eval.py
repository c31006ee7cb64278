"""`isoloss laws eval`: a published law at a point, in any unit and way of counting."""

from __future__ import annotations

import json
import math

import pytest

from isoloss.law import published_laws
from tests.cli.test_bad_input import check_refused
from tests.cli.test_laws import A3, document, flat


def test_a_value_with_units(isoloss):
    plain = document(isoloss("laws", "eval", A3, "N=70e9", "D=1.4e12", "--json"))
    assert plain["schema"] == "isoloss/law-value@1"
    assert plain["inputs"]["at"] == {"N": 70e9, "D": 1.4e12}
    value = 1.69 + 406.4 / 70e9**0.34 + 410.7 / 1.4e12**0.28
    assert plain["result"]["value"] == pytest.approx(value, rel=1e-14)
    assert plain["result"]["low"] < value < plain["result"]["high"]
    for arguments in (
        ("N=70B", "D=1.4T"),
        ("N=70B,D=1.4T",),
        ("N=70 billion parameters", "D=1.4e12 tokens"),
    ):
        again = document(isoloss("laws", "eval", A3, *arguments, "--json"))
        assert again["result"] == plain["result"]
    codes = [w["code"] for w in plain["warnings"]]
    assert codes == ["outside-range", "outside-range", "rounding-only"]


def test_a_value_in_words(isoloss):
    result = isoloss("laws", "eval", A3, "N=80B", "D=1.4T")
    assert result.code == 0
    text = flat(result.out)
    for word in ("1.93294 nats/token", "90 %", "from rounding", "OUTSIDE the fitted range"):
        assert word in text, text
    assert "N = 8e+10 is 5 times above the fitted range" in flat(result.err)
    inside = flat(isoloss("laws", "eval", A3, "N=1B", "D=20B").out)
    assert "inside the fitted range" in inside
    assert "the source states none" in flat(isoloss("laws", "eval", "henighan2020", "N=1B").out)


def test_compute_in_units(isoloss):
    one = document(isoloss("laws", "eval", "deepseek2024_lr", "C=8.64e18", "--json"))["result"]
    two = document(isoloss("laws", "eval", "deepseek2024_lr", "C=0.1 PF-days", "--json"))["result"]
    assert one == two
    assert one["value"] == pytest.approx(0.3118 * 8.64e18**-0.125)


def test_a_set_by_option_and_by_name(isoloss):
    by_option = document(
        isoloss("laws", "eval", "henighan2020_N", "N=1B", "--set", "image_8x8", "--json")
    )
    by_name = document(isoloss("laws", "eval", "henighan2020_N:image_8x8", "N=1B", "--json"))
    plain = document(isoloss("laws", "eval", "henighan2020_N", "N=1B", "--json"))
    assert by_option["result"] == by_name["result"] != plain["result"]
    assert by_option["inputs"]["set"] == "image_8x8"


def test_a_level(isoloss):
    wide = document(isoloss("laws", "eval", A3, "N=1B", "D=20B", "--level", "0.99", "--json"))
    slim = document(isoloss("laws", "eval", A3, "N=1B", "D=20B", "--level", "0.5", "--json"))
    assert wide["result"]["value"] == slim["result"]["value"]
    assert wide["result"]["level"] == 0.99
    gaps = [found["result"]["high"] - found["result"]["low"] for found in (wide, slim)]
    assert gaps[0] > 1.8 * gaps[1]


SHAPE = "layers=12,width=768,heads=12,vocabulary=50257,context=1024"


def test_another_way_of_counting(isoloss):
    body = 12 * 12 * 768**2
    whole = body + 50_257 * 768
    arguments = ("N=1B", "D=20B", "--counts", "N=non-embedding", "--shape", SHAPE, "--json")
    found = document(isoloss("laws", "eval", A3, *arguments))
    assert found["inputs"]["at"]["N"] == pytest.approx(1e9 * whole / body)
    same = document(isoloss("laws", "eval", A3, f"N={1e9 * whole / body!r}", "D=20B", "--json"))
    assert found["result"]["value"] == pytest.approx(same["result"]["value"], rel=1e-14)
    untied = SHAPE + ",tied_embeddings=false,norm=rms,ff_ratio=4.0,kv_heads=4"
    other = document(isoloss("laws", "eval", A3, *arguments[:5], untied, "--json"))
    assert other["inputs"]["at"]["N"] > found["inputs"]["at"]["N"]


def test_data_in_another_unit_is_converted_or_refused(isoloss):
    law = "hernandez2021_transfer"
    refused = isoloss("laws", "eval", law, "D_F=1e9 bytes", "N=1B")
    check_refused(refused, "counts D_F as characters", "given as bytes", "bytes per token")
    ratios = ("--bytes-per-token", "4.4", "--characters-per-token", "4.0")
    found = document(isoloss("laws", "eval", law, "D_F=1.1e9 bytes", "N=1B", *ratios, "--json"))
    assert found["inputs"]["at"]["D_F"] == pytest.approx(1e9)
    plain = document(isoloss("laws", "eval", law, "D_F=1e9 characters", "N=1B", "--json"))
    assert plain["inputs"]["at"]["D_F"] == 1e9
    # what is said outright goes before what the unit says
    said = ("D_F=1.1e9", "N=1B", "--counts", "D_F=bytes", *ratios, "--json")
    assert document(isoloss("laws", "eval", law, *said))["result"] == found["result"]


def test_the_answer_in_another_unit(isoloss):
    plain = document(isoloss("laws", "eval", A3, "N=1B", "D=20B", "--json"))["result"]
    bits = document(isoloss("laws", "eval", A3, "N=1B", "D=20B", "--unit", "bits/token", "--json"))
    assert bits["result"]["unit"] == "bits/token"
    for end in ("value", "low", "high"):
        assert bits["result"][end] == pytest.approx(plain[end] / math.log(2), rel=1e-14)
    arguments = ("--unit", "bits/byte", "--bytes-per-token", "4.5", "--json")
    found = document(isoloss("laws", "eval", A3, "N=1B", "D=20B", *arguments))["result"]
    assert found["value"] == pytest.approx(plain["value"] / math.log(2) / 4.5, rel=1e-14)
    stated = f"{A3} with loss in bits/token"
    nats = isoloss("laws", "eval", stated, "N=1B", "D=20B", "--unit", "nats/token", "--json")
    assert document(nats)["result"]["value"] == pytest.approx(plain["value"] * math.log(2))


def test_strict_exits_with_three_outside_of_the_range(isoloss):
    inside = isoloss("laws", "eval", A3, "N=1B", "D=20B", "--strict")
    outside = isoloss("laws", "eval", A3, "N=70B", "D=1.4T", "--strict")
    unknown = isoloss("laws", "eval", "henighan2020", "N=1B", "--strict")
    assert (inside.code, outside.code, unknown.code) == (0, 3, 3)
    # the answer is printed all the same
    assert "1.93665" in outside.out
    found = isoloss("laws", "eval", A3, "N=70B", "D=1.4T", "--strict", "--json")
    assert found.code == 3
    assert json.loads(found.out)["result"]["inside"] is False


def weak_law() -> str:
    return next(e.id for e in published_laws().values() if e.complete and not e.usable)


def test_weak_evidence_has_to_be_asked_for(isoloss):
    entry = published_laws()[weak_law()]
    at = [
        f"{name}={1e9 if known.quantity else 2}"
        for name, known in entry.coefficients().inputs.items()
    ]
    refused = isoloss("laws", "eval", entry.id, *at)
    check_refused(refused, entry.level, "--any-evidence")
    assert isoloss("laws", "eval", entry.id, *at, "--any-evidence").code == 0


@pytest.mark.parametrize(
    ("arguments", "needles"),
    [
        (("hoffman2022_a3", "N=1B"), ("no published law is called", A3)),
        (("chinchilla", "N=1B"), ("no published law is called 'chinchilla'",)),
        ((A3, "N=1B"), ("needs N, D", "D", "missing")),
        ((A3, "N=1B", "D=1B", "C=1e20"), ("no input 'C'", "it takes N, D")),
        ((A3, "N=1B", "d=20B"), ("no input 'd'", "it takes N, D")),
        ((A3, "N=1B", "N=2B", "D=1B"), ("N is given twice",)),
        ((A3, "N", "D=1B"), ("NAME=VALUE", "'N'")),
        ((A3, "N=large", "D=1B"), ("N takes a number", "'large'")),
        ((A3, "N=-1e9", "D=1B"), ("N has to be positive",)),
        ((A3, "N=0", "D=1B"), ("N has to be positive",)),
        ((A3, "N=1 furlong", "D=1B"), ("N: unknown unit 'furlong'",)),
        ((A3, "N=1e9 tokens", "D=1B"), ("N: N cannot be given in 'tokens'",)),
        (("clark2022_sbase", "N=1B", "experts=8B"), ("experts: 'experts' has no known units",)),
        ((A3, "N=1B", "D=1B", "--set", "early"), ("no set of numbers 'early'",)),
        ((A3, "N=1B", "D=1B", "--level", "90"), ("--level", "90")),
        ((A3, "N=1B", "D=1B", "--counts", "N=all"), ("no counting convention 'all'",)),
        ((A3, "N=1B", "D=1B", "--counts", "N"), ("--counts takes NAME=VALUE",)),
        ((A3, "N=1B", "D=1B", "--counts", "C=6ND"), ("no input 'C'",)),
        (
            (A3, "N=1B", "D=1B", "--counts", "N=non-embedding"),
            ("counts N as total", "give the shape"),
        ),
        (
            (A3, "N=1B", "D=1B", "--counts", "N=non-embedding", "--shape", "layers=2"),
            ("--shape needs width, heads, vocabulary, context too",),
        ),
        ((A3, "N=1B", "D=1B", "--shape", "depth=2"), ("--shape has no 'depth'", "layers")),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},layers=2.5"), ("layers is a whole number",)),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},layers=1e999"), ("layers is a whole number",)),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},layers=two"), ("--shape layers", "'two'")),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},biases=1"), ("biases is true or false",)),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},norm=batch"), ("norm", "'batch'")),
        ((A3, "N=1B", "D=1B", "--shape", f"{SHAPE},heads=7"), ("no multiple of heads 7",)),
        ((A3, "N=1B", "D=1B", "--unit", "bits/byte"), ("bits/byte", "bytes_per_token")),
        ((A3, "N=1B", "D=1B", "--unit", "furlongs"), ("unknown unit 'furlongs'",)),
        ((A3, "N=1B", "D=1B", "--unit", "tokens"), ("'tokens'", "measures data")),
        (
            ("deepseek2024_lr", "C=1e18", "--unit", "bits"),
            ("--unit bits", "learning_rate", "converts to nothing"),
        ),
        (("hoffmann2022_a2_N", "C=1e20"), ("k could not be read", "isoloss fit RUNS")),
    ],
)
def test_a_bad_question_is_one_message(isoloss, arguments, needles):
    check_refused(isoloss("laws", "eval", *arguments), *needles)
