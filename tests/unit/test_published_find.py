"""A law as somebody states it: another set, number, unit or formula."""

from __future__ import annotations

import pytest

from isoloss.exceptions import FormulaError, InputError, LawError
from isoloss.law import published_laws
from isoloss.law.published.find import AS_STATED, find_published
from isoloss.law.published.without import without_law

RATE = "deepseek2024_lr"


def value(text: str, **at: float) -> float:
    return find_published(text).evaluate(at).value


def test_an_id_is_the_law_itself():
    assert find_published(RATE) is published_laws()[RATE]
    assert find_published(f"  {RATE} ") is published_laws()[RATE]


def test_another_set():
    entry = find_published("henighan2020_N:image_8x8")
    whole = published_laws()["henighan2020_N"]
    assert entry.id == "henighan2020_N:image_8x8"
    assert entry.default == "image_8x8" != whole.default
    assert entry.values() == whole.values("image_8x8") != whole.values()
    assert entry.sets == whole.sets
    # the law itself is left as it was
    assert published_laws()["henighan2020_N"].default == whole.default


def test_another_number():
    entry = find_published(f"{RATE} with k=0.3188")
    assert entry.id == f"{RATE} with k=0.3188"
    number = entry.coefficients().numbers["k"]
    assert (number.printed, number.where, number.evidence) == ("0.3188", AS_STATED, "primary")
    assert entry.values()["a"] == published_laws()[RATE].values()["a"]
    assert entry.name.endswith(", as stated")
    assert entry.form is published_laws()[RATE].form
    ratio = value(f"{RATE} with k=0.3188", C=1e18) / value(RATE, C=1e18)
    assert ratio == pytest.approx(0.3188 / 0.3118, rel=1e-12)


def test_several_numbers_of_another_set():
    entry = find_published("henighan2020_N:image_8x8 with L_inf = 3.0, N_0=50")
    assert entry.values() == {**published_laws()["henighan2020_N"].values("image_8x8")} | {
        "L_inf": 3.0,
        "N_0": 50.0,
    }


def test_a_number_that_was_never_seen_can_be_stated():
    law = published_laws()["hoffmann2022_a2_N"]
    assert law.coefficients().unseen == ("k",)
    entry = find_published("hoffmann2022_a2_N with k=0.1")
    assert entry.complete
    assert entry.evaluate({"C": 1e20}).value == pytest.approx(0.1 * 1e20**0.49)


def test_another_unit():
    entry = find_published("hernandez2021_transfer with D_F in tokens")
    known = entry.coefficients().inputs["D_F"]
    assert (known.unit, known.measured_in) == ("tokens", "")
    assert (
        known.meaning
        == published_laws()["hernandez2021_transfer"].coefficients().inputs["D_F"].meaning
    )
    known = find_published("hernandez2021_transfer with D_F in files of code").coefficients()
    assert (known.inputs["D_F"].unit, known.inputs["D_F"].measured_in) == ("", "files of code")
    thousands = value("hernandez2021_transfer with D_F in 1e3 characters", D_F=1e9, N=1e8)
    assert thousands == pytest.approx(value("hernandez2021_transfer", D_F=1e6, N=1e8))


def test_another_unit_of_the_target():
    entry = find_published("kaplan2020_ND with loss in bits/token")
    assert (entry.coefficients().unit, entry.coefficients().measured_in) == ("bits/token", "")
    entry = find_published("kaplan2020_ND with loss in nats for a page")
    assert (entry.coefficients().unit, entry.coefficients().measure) == ("", "nats for a page")


def test_another_formula():
    text = "kaplan2020_ND as N_c/N**alpha_N + D_c/D**alpha_D"
    entry = find_published(text)
    assert entry.id == text
    assert entry.formula == "N_c/N**alpha_N + D_c/D**alpha_D"
    assert entry.form is None
    assert entry.values() == published_laws()["kaplan2020_ND"].values()
    found = value(text, N=1e9, D=1e10)
    assert found == pytest.approx(6.4e13 / 1e9**0.076 + 1.8e13 / 1e10**0.103)


def test_a_formula_with_numbers_of_its_own():
    entry = find_published("kaplan2020_ND as (N_c/N)**alpha_N + floor")
    # what the formula does not use is gone, what nobody printed is unseen
    assert set(entry.values()) == {"N_c", "alpha_N"}
    assert set(entry.coefficients().inputs) == {"N"}
    assert entry.coefficients().unseen == ("floor",)
    found = value("kaplan2020_ND with N_c=8.8e13 as (N_c/N)**alpha_N", N=1e9)
    assert found == pytest.approx((8.8e13 / 1e9) ** 0.076)


def test_a_formula_over_the_index_of_its_form():
    text = "shukor2025_additive_refit as E + sum(C[i]*h[i]**g[i])"
    entry, whole = find_published(text), published_laws()["shukor2025_additive_refit"]
    numbers = entry.values()
    at = {name: 0.1 + 0.02 * k for k, name in enumerate(entry.coefficients().inputs)}
    assert set(at) == {n for n in whole.coefficients().inputs if n.startswith("h_")}
    labels = [name.removeprefix("h_") for name in at]
    wanted = numbers["E"] + sum(
        numbers[f"C_{k}"] * at[f"h_{k}"] ** numbers[f"g_{k}"] for k in labels
    )
    assert float(entry.law({**numbers, **at})) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("deepsek2024_lr", "no published law is called 'deepsek2024_lr'; did you mean deepseek"),
        ("chinchilla", "no published law is called 'chinchilla'.*laws list"),
        ("", "no published law is called ''"),
        (f"{RATE}:early", "has no set of numbers 'early'; it has published"),
        (f"{RATE} with q=3", f"'{RATE}' has no number 'q'; it has k, a"),
        (f"{RATE} with k=about 3", "'k=about 3' is no change of a law; write NAME=VALUE"),
        (f"{RATE} with k=3,1", "'1' is no change of a law"),
        (f"{RATE} with k=0,3188x", "'3188x' is no change of a law"),
        (f"{RATE} with k=high", "'k' has the value 'high'"),
        (f"{RATE} with N in tokens", "has neither input nor target 'N'; it has C, learning_rate"),
        (f"{RATE} with", "nothing stands after 'with'"),
        (f"{RATE} as ", "nothing stands after 'as'"),
        (f"{RATE} with  as k*C", "nothing stands after 'with'"),
        (f"{RATE} as k*N**a", "the formula 'k\\*N\\*\\*a' uses none of the inputs .* C"),
    ],
)
def test_a_statement_that_means_nothing_is_refused(text, message):
    with pytest.raises(LawError, match=message):
        find_published(text)


def test_a_formula_that_cannot_be_read():
    with pytest.raises(FormulaError, match="cannot read the formula"):
        find_published(f"{RATE} as k*C**")
    with pytest.raises(FormulaError, match="no known function"):
        find_published(f"{RATE} as open(C)")


def test_a_paper_without_a_law_says_why():
    name, paper = next(iter(without_law().items()))
    with pytest.raises(InputError) as caught:
        find_published(name)
    assert str(caught.value) == f"'{name}' has no law: {paper.reason}"
