"""Laws side by side: what differs, whether they are one, what explains it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.law import published_laws
from isoloss.law.published.differences import differences, same_formula
from isoloss.law.published.find import find_published
from isoloss.law.published.reasons import Reason, all_reasons, reasons
from isoloss.plan.laws import compare_laws, term_groups
from isoloss.plan.same import points, sameness
from tests.unit.published_cases import MINE, MIXTURE, SETS, power, read
from tests.unit.test_published_evaluate import EXPERTS, HELD, SCALED

EXPONENT = 'alpha = { value = "0.3", exact = true }'
TYPICAL = 'unseen = ["A", "alpha"]'


def topics(first, second) -> dict[str, tuple[str, str, str]]:
    return {d.topic: (d.first, d.second, d.note) for d in differences(first, second)}


def test_a_law_does_not_differ_from_itself():
    for text in (MINE, SETS, MIXTURE):
        assert differences(read(text), read(text)) == ()
        assert sameness(read(text), read(text)).status == "same"


def test_what_is_measured_comes_first():
    other = read(
        MINE,
        ('unit = "nats/token"', 'unit = "bits/token"'),
        ('counts = "total"', 'counts = "non-embedding"'),
        ("range = [1e9, 1e12]", 'range = [1e9, 1e13]\nunit = "1e9 tokens"'),
        ('E = "1.69"', 'E = "1.70"'),
        ('data = "made up"', 'data = "found"\nruns = "3"'),
        ('"author-code"', '"primary"'),
    )
    found = differences(read(MINE), other)
    assert [d.topic for d in found] == [
        *("unit", "counts of N", "unit of D", "range of D", "E", "data", "evidence")
    ]
    assert [d.kind for d in found] == [
        *("meaning", "meaning", "meaning", "setup", "numbers", "setup", "setup")
    ]
    told = topics(read(MINE), other)
    assert told["counts of N"][:2] == ("total", "non-embedding")
    assert told["range of D"][:2] == ("1e+09 to 1e+12", "1e+09 to 1e+13")
    assert told["evidence"][:2] == ("author-code", "primary")


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        # by how much, and what explains it
        ('"400"', '"401"', "0.25 % apart, within rounding"),
        ('"400"', '"404"', "1 % apart, 4 times what rounding allows"),
        ('{ value = "400", se = "3" }', '{ value = "410", se = "4" }', "2 standard errors"),
        ('{ value = "400", se = "10" }', '"410"', "2.5 % apart, 1 standard errors"),
        ('{ value = "400", exact = true }', '{ value = "500", exact = true }', "25 % apart"),
        ('"-400"', '"400"', "opposite signs"),
    ],
)
def test_how_far_apart_two_numbers_are(first, second, note):
    one, other = (read(power(f"A = {text}\n{EXPONENT}")) for text in (first, second))
    assert topics(one, other)["A"][2].endswith(note)


def test_numbers_compare_only_within_one_formula():
    plain = read(power(f'A = "400"\n{EXPONENT}'))
    other = read(power(f'A = "3e8"\n{EXPONENT}', formula="(A/N)**alpha"))
    assert not same_formula(plain, other)
    assert set(topics(plain, other)) == {"formula"}
    unseen = read(power(EXPONENT, more='unseen = ["A"]'))
    assert topics(plain, unseen)["A"][:2] == ("400", "not seen")
    assert topics(unseen, plain)["A"][:2] == ("not seen", "400")


def test_what_one_source_leaves_out_is_no_difference():
    silent = read(MINE, ('counts = "total"\n', ""), ('data = "made up"\n', ""))
    assert differences(read(MINE), silent) == ()


COUPLED = """
[mine]
theory = true
formula = "E + A/N**alpha + B/D**beta + G/(N**gamma*D**0.1)"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
sources = [{ cite = "Nobody 2024, A Law" }]
[mine.variables.N]
[mine.variables.D]
[mine.numbers]
E = { value = "1.69", exact = true }
A = { value = "406", exact = true }
alpha = { value = "0.34", exact = true }
B = { value = "410", exact = true }
beta = { value = "0.28", exact = true }
G = { value = "9000", exact = true }
gamma = { value = "0.2", exact = true }
"""


# one law or two


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("hoffmann2022_a3", "hoffmann2022_a3 as A*N**(-alpha) + (E + B/D**beta)", "same"),
        ("kaplan2020_N", "kaplan2020_N as exp(alpha_N*(log(N_c) - log(N)))", "same"),
        ("hoffmann2022_a3", "hoffmann2022_a3_tex", "within rounding"),
        ("deepseek2024_lr", "deepseek2024_lr with k=0.3188", "different"),
        ("kaplan2020_ND", "kaplan2020_ND as (N_c/N)**alpha_N + (D_c/D)**alpha_D", "different"),
        ("kaplan2020_N", "kaplan2020_D", "different"),
        ("kaplan2020_N", "kaplan2020_ND", "different"),
    ],
)
def test_one_law_or_two(first, second, status):
    found = sameness(find_published(first), find_published(second))
    assert found.status == status, found


def test_the_gap_is_the_largest_relative_difference():
    one = read(power(f'A = "400"\n{EXPONENT}'))
    for digits, gap, status in (
        ("400.4", 0.001, "within rounding"),
        ("401", 0.0025, "within rounding"),
        ("404", 0.01, "different"),
        ("400.00000001", 2.5e-11, "same"),
    ):
        found = sameness(one, read(power(f'A = "{digits}"\n{EXPONENT}')))
        assert found.gap == pytest.approx(gap, rel=1e-3), digits
        assert found.status == status, digits
    # without rounding there is nothing to allow for
    exact = [f'A = {{ value = "{a}", exact = true }}\n{EXPONENT}' for a in ("400", "400.4")]
    assert sameness(*(read(power(text)) for text in exact)).status == "different"


def test_rounding_of_several_numbers_adds_up():
    def law(a: str, b: str):
        numbers = f'A = "{a}"\nB = "{b}"\n{EXPONENT}'
        return read(power(numbers, formula="(A + B)/N**alpha"))

    assert sameness(law("400", "400"), law("401", "401")).status == "within rounding"
    assert sameness(law("400", "400"), law("401", "402")).status == "different"
    # a number that both print alike explains nothing
    assert sameness(law("4e2", "400"), law("4e2", "402")).status == "different"


def test_units_are_no_difference_of_the_law():
    found = sameness(read(MINE), read(SCALED))
    assert found.status == "same"
    assert sameness(read(SCALED), read(MINE)).status == "same"


HALF = power(
    'A = "4"\nalpha = "0.5"\nN_c = "1.0e9"',
    formula="A*(N - N_c)**alpha",
    inputs="range = [1e8, 1e10]",
)


def test_where_the_first_has_no_value_there_is_nothing_to_differ_from():
    assert sameness(read(HALF), read(HALF)).status == "same"
    whole = read(power(f'A = "4"\n{EXPONENT}', inputs="range = [1e8, 1e10]"))
    found = sameness(whole, read(HALF))
    assert found.status == "different"
    assert "the second has no finite value" in found.words
    nowhere = read(HALF, ("[1e8, 1e10]", "[1e6, 1e8]"))
    assert sameness(nowhere, nowhere).status == "cannot tell"


@pytest.mark.parametrize(
    ("formula", "status"),
    [
        ("A/N**alpha", "same"),
        ("(N_c/N)**b", "same"),
        ("exp(a - b*log(N))", "same"),
        ("a - b*log(N)", "different"),
        ("a/(1 + N/c)", "different"),
    ],
)
def test_forms_without_numbers_are_fitted_to_one_another(formula, status):
    first = read(power("", more=TYPICAL, inputs="range = [1e7, 1e10]"))
    names = [n for n in ("A", "alpha", "N_c", "a", "b", "c") if n in _names(formula)]
    listed = ", ".join(f'"{n}"' for n in names)
    second = read(power("", formula=formula, more=f"unseen = [{listed}]"))
    found = sameness(first, second)
    assert found.status == status, found
    if status == "different":
        assert found.gap > 0.01


def _names(formula: str) -> tuple[str, ...]:
    from isoloss.law.expression import parse

    return parse(formula).names


def test_without_any_number_nobody_can_tell():
    # no form of its own, so no typical values either
    first = read(power("", formula="A/N**alpha + c", more='unseen = ["A", "alpha", "c"]'))
    second = read(power("", more=TYPICAL))
    assert sameness(first, second).status == "cannot tell"


def test_points_lie_in_the_fitted_range_in_base_units():
    found = points(read(SCALED))
    for name, low, high in (("N", 1e8, 1e10), ("D", 1e9, 1e12)):
        assert found[name].min() == pytest.approx(low, rel=0.1)
        assert found[name].max() == pytest.approx(high, rel=0.1)
        # evenly over the logarithm
        assert np.median(found[name]) == pytest.approx(math.sqrt(low * high), rel=0.1)
    shares = points(read(MIXTURE))
    np.testing.assert_allclose(shares["h_web"] + shares["h_code"], 1.0)


# at a budget


def test_terms_that_share_a_number_go_together():
    laws = published_laws()
    names = ("E", "A", "alpha", "B", "beta")
    root = laws["hoffmann2022_a3"].law.expression.root
    assert term_groups(root, names) == [["E"], ["A", "alpha"], ["B", "beta"]]
    root = laws["kaplan2020_ND"].law.expression.root
    assert len(term_groups(root, laws["kaplan2020_ND"].law.parameter_names)) == 1
    root = find_published("hoffmann2022_a3 as E + A/N**alpha - B/D**alpha").law.expression.root
    assert term_groups(root, names) == [["E"], ["A", "alpha", "B"]]


def check_shares(first, second, **options) -> int:
    """The shares add up to the whole difference; how many there are."""
    found = compare_laws([first, second], compute=1e21, **options)
    one, other = (answer.plan.optimum for answer in found.answers if answer.plan)
    (pair,) = found.pairs
    factor = math.prod(share.n_factor for share in pair.shares)
    assert factor == pytest.approx(other["N"].value / one["N"].value, rel=1e-9)
    total = sum(share.loss for share in pair.shares)
    assert total == pytest.approx(other["loss"].value - one["loss"].value, abs=1e-12)
    return len(pair.shares)


def test_shares_add_up_to_the_whole_difference():
    laws = published_laws()
    assert check_shares(laws["hoffmann2022_a3"], laws["besiroglu2024"]) == 3
    assert check_shares(laws["besiroglu2024"], laws["hoffmann2022_a3"]) == 3
    # what both have in common has no share
    assert check_shares(read(MINE), read(MINE, ('E = "1.69"', 'E = "1.59"'))) == 1
    assert check_shares(read(EXPERTS), read(EXPERTS, ('B = "3.0"', 'B = "2.0"')), at=HELD) == 1


def test_shares_of_three_terms_that_depend_on_one_another():
    # with three of them the order matters, and every order counts alike
    first = read(COUPLED)
    second = read(
        *(COUPLED, ('"1.69"', '"1.60"'), ('"406"', '"900"'), ('"410"', '"200"')),
        ('"9000"', '"90000"'),
    )
    assert check_shares(first, second) == 4
    assert check_shares(second, first) == 4
    # one term alone moves the optimum by more or less than its share
    alone = compare_laws([first, read(COUPLED, ('"9000"', '"90000"'))], compute=1e21)
    whole = compare_laws([first, second], compute=1e21).pairs[0].shares
    (term,) = alone.pairs[0].shares
    share = next(s for s in whole if "G" in s.parameters)
    assert abs(math.log(term.n_factor / share.n_factor)) > 0.01


def test_the_floor_moves_the_loss_and_not_the_optimum():
    found = compare_laws([read(MINE), read(MINE, ('E = "1.69"', 'E = "1.59"'))], compute=1e21)
    (share,) = found.pairs[0].shares
    assert share.parameters == ("E",)
    assert share.n_factor == pytest.approx(1.0, abs=1e-12)
    assert share.loss == pytest.approx(-0.1, abs=1e-12)


def test_two_terms_that_swap_share_evenly():
    # N and D alike: each of the two terms accounts for the same part of the loss
    text = MINE.replace('{ value = "406.4"', '{ value = "400"').replace('"410.7"', '"400"')
    text = text.replace('{ value = "0.34"', '{ value = "0.30"').replace('"0.28"', '"0.30"')
    text = text.replace('["0.32", "0.36"]', '["0.28", "0.32"]')
    other = read(text, ('{ value = "400"', '{ value = "500"'), ('B = "400"', 'B = "500"'))
    (pair,) = compare_laws([read(text), other], compute=1e21).pairs
    one, two = pair.shares
    assert one.loss == pytest.approx(two.loss, rel=1e-9)
    assert one.n_factor * two.n_factor == pytest.approx(1.0, rel=1e-12)
    assert one.n_factor == pytest.approx(1.25 ** (1 / 0.6), rel=1e-9)


def test_no_shares_between_numbers_of_other_units_or_formulas():
    for other in (read(SCALED), read(MINE, ("nats/token", "bits/token"))):
        found = compare_laws([read(MINE), other], compute=1e21)
        assert all(answer.plan for answer in found.answers)
        assert found.pairs[0].shares == ()
    laws = published_laws()
    found = compare_laws([laws["hoffmann2022_a3"], laws["kaplan2020_ND"]], compute=1e21)
    assert found.pairs[0].shares == ()


def test_a_value_for_another_law_leaves_the_shares():
    laws = published_laws()
    three = [laws["hoffmann2022_a3"], laws["besiroglu2024"], read(EXPERTS)]
    found = compare_laws(three, compute=1e21, at=HELD)
    assert len(found.pairs[0].shares) == 3
    assert found.answers[2].plan is not None


def test_what_each_law_answers():
    laws = published_laws()
    asked = [laws["hoffmann2022_a3"], laws["deepseek2024_lr"], laws["kaplan2020_N"], read(EXPERTS)]
    plan, rate, size, experts = compare_laws(asked, compute=1e21).answers
    assert plan.plan is not None
    assert plan.plan.optimum["C"].value == pytest.approx(1e21)
    assert rate.value is not None
    assert rate.value.value == pytest.approx(0.3118 * 1e21**-0.125)
    assert size.refused == "it is no law of compute; it takes N"
    assert "needs a value for experts" in experts.refused
    assert compare_laws(asked).answers == ()


def test_weak_evidence_is_refused_by_law():
    weak = read(MINE, ('"author-code"', '"abstract"'))
    found = compare_laws([read(MINE), weak], compute=1e21)
    assert "A is abstract" in found.answers[1].refused
    assert found.pairs[0].shares == ()
    found = compare_laws([read(MINE), weak], compute=1e21, any_evidence=True)
    assert found.answers[1].plan is not None


def test_each_law_is_held_against_the_first():
    laws = [read(MINE), read(MINE, ('"1.69"', '"1.70"')), read(SETS)]
    found = compare_laws(laws)
    assert len(found.pairs) == 2
    assert [pair.sameness.status for pair in found.pairs] == ["within rounding", "different"]
    assert not found.pairs[0].told_apart
    assert found.pairs[0].verdict.startswith("not told apart: ")
    assert found.pairs[1].told_apart
    assert found.pairs[1].verdict.startswith("told apart: ")


def test_another_way_of_counting_tells_two_laws_apart():
    other = read(MINE, ('counts = "total"', 'counts = "non-embedding"'))
    (pair,) = compare_laws([read(MINE), other]).pairs
    assert pair.sameness.status == "same"
    assert pair.told_apart
    assert pair.verdict.startswith("told apart by counts of N; ")


def test_a_comparison_needs_two_laws_and_inputs_that_exist():
    with pytest.raises(InputError, match="name at least two laws"):
        compare_laws([read(MINE)])
    with pytest.raises(InputError, match="none of these laws has an input 'expert'"):
        compare_laws([read(MINE), read(EXPERTS)], compute=1e21, at={"expert": 8})


# why


def test_a_reason_stands_between_its_two_sides():
    reason = Reason(("kaplan",), ("hoffmann", "besiroglu"), "N", "embeddings", ())
    for first, second, wanted in (
        ("kaplan2020_ND", "hoffmann2022_a3", True),
        ("hoffmann2022_a3", "kaplan2020_ND", True),
        ("besiroglu2024", "kaplan2020_N", True),
        ("hoffmann2022_a3", "besiroglu2024", False),
        ("kaplan2020_N", "kaplan2020_ND", False),
        ("kaplan2020_N", "clark2022_dense", False),
    ):
        assert reason.concerns(first, second) is wanted, (first, second)


def test_reasons_of_the_library_are_between_two_sides():
    one_sided = next(r for r in all_reasons() if r.laws != r.against and len(r.against) > 1)
    laws = [id_ for id_ in published_laws() if id_.startswith(one_sided.against)]
    left = next(id_ for id_ in published_laws() if id_.startswith(one_sided.laws))
    assert one_sided in reasons(left, laws[0])
    assert one_sided in reasons(laws[0], left)
    assert one_sided not in reasons(laws[0], laws[-1])


def test_two_statements_of_one_law_have_no_published_reason():
    assert reasons("hoffmann2022_a3", "hoffmann2022_a3") == ()
    assert reasons("hoffmann2022_a3", "hoffmann2022_a3 with E=1.7") == ()
    assert reasons("deepseek2024_lr:published with k=1", "deepseek2024_lr") == ()
    # two printings of the same constants do
    about = [r.about for r in reasons("llama3_tokens:text", "llama3_tokens:figure")]
    assert about == ["the constants in the text against those in the figure's legend"]


def test_every_reason_is_shown_for_some_pair():
    ids = [f"{e.id}:{name}" for e in published_laws().values() for name in e.sets]
    for reason in all_reasons():
        left = [id_ for id_ in ids if id_.startswith(reason.laws)]
        right = [id_ for id_ in ids if id_.startswith(reason.against)]
        assert any(reason in reasons(a, b) for a in left for b in right), reason.about


def test_the_document_is_plain():
    laws = published_laws()
    found = compare_laws([laws["kaplan2020_ND"], laws["hoffmann2022_a3"]], compute=1e21)
    document = found.to_document()
    assert [law["id"] for law in document["laws"]] == ["kaplan2020_ND", "hoffmann2022_a3"]
    (pair,) = document["pairs"]
    assert pair["told_apart"] is True
    assert pair["reasons"][0]["sources"][0]["cite"].startswith("Pearce and Song 2024")
    assert {d["kind"] for d in pair["differences"]} >= {"meaning", "form"}
    assert document["answers"][0]["plan"]["optimum"]["N"]["value"] > 0
