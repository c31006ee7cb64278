"""Published laws at a point and in a plan: units, intervals, notices and refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from isoloss.exceptions import LawError, PlanError
from isoloss.law import find_law, published_laws
from isoloss.law.published.base import base_law, base_theta
from isoloss.plan import plan
from isoloss.trust import locate_published
from tests.unit.published_cases import MINE, MIXTURE, SETS, power, read

# of the normal distribution: 90 and 95 % lie within so many standard deviations
Z90, Z95 = 1.6448536, 1.9599640
EXACT = 'A = { value = "400", exact = true }\nalpha = { value = "0.3", exact = true }'
# more digits than any error beside them
FINE_A = "400.00000"
FINE_ALPHA = "0.3000000"
AT = {"N": 1e9}


def codes(found) -> list[str]:
    return [notice.code for notice in found.notices]


def test_the_value_is_that_of_the_formula():
    found = read(MINE).evaluate({"N": 1e9, "D": 1e11})
    assert found.value == pytest.approx(1.69 + 406.4 / 1e9**0.34 + 410.7 / 1e11**0.28, rel=1e-14)
    assert (found.unit, found.inside, found.level) == ("nats/token", True, 0.9)
    assert found.low < found.value < found.high


def test_a_point_is_told_in_base_units():
    plain = read(power(EXACT)).evaluate(AT).value
    assert plain == pytest.approx(400 / 1e9**0.3, rel=1e-14)
    millions = read(power(EXACT, inputs='unit = "1e6 parameters"')).evaluate(AT).value
    assert millions == pytest.approx(400 / 1e3**0.3, rel=1e-14)
    # a unit that converts to nothing takes the number as it is
    words = read(power(EXACT, inputs='measured_in = "billions of neurons"'))
    assert words.evaluate({"N": 4.0}).value == pytest.approx(400 / 4**0.3, rel=1e-14)
    assert words.coefficients().inputs["N"].measure == "billions of neurons"


def test_compute_in_pf_days():
    entry = read(SETS)
    # a PF-day is 8.64e19 FLOP
    found = entry.evaluate({"C": 0.1 * 8.64e19})
    assert found.value == pytest.approx((3.1e8 / 0.1) ** 0.05, rel=1e-14)
    assert found.unit == "nats/image"
    assert found.inside is True


def test_a_share_of_nothing_is_a_share():
    # sparsity lives on no logarithmic scale, so a dense model is in its range
    entry = published_laws()["frantar2023_sparsity"]
    inputs = entry.coefficients().inputs
    low = {n: (i.range[0] if i.range else 1e9) * i.factor for n, i in inputs.items()}
    assert low["sparsity"] == 0.0
    assert math.isfinite(entry.evaluate(low, any_evidence=True).value)


def test_exact_numbers_leave_nothing_open():
    found = read(power(EXACT)).evaluate(AT)
    assert found.basis == "none"
    assert found.low == found.value == found.high
    assert codes(found) == []


def test_rounding_alone():
    entry = read(power('A = "400"\nalpha = { value = "0.3", exact = true }'))
    found = entry.evaluate(AT)
    assert found.basis == "rounding"
    assert codes(found) == ["rounding-only"]
    # 90 % of what rounds to 400 lies within 0.45 of it
    assert found.low == pytest.approx(399.55 / 1e9**0.3, rel=5e-5)
    assert found.high == pytest.approx(400.45 / 1e9**0.3, rel=5e-5)
    # two more digits are a hundred times as fine
    fine = read(power('A = "400.00"\nalpha = { value = "0.3", exact = true }')).evaluate(AT)
    ratio = (found.high - found.low) / (fine.high - fine.low)
    assert ratio == pytest.approx(100, rel=1e-3)


def width(found) -> float:
    """Of the interval of a logarithm, in standard deviations of 90 %."""
    return math.log(found.high / found.low) / (2 * Z90)


def test_a_standard_error():
    numbers = f'A = {{ value = "{FINE_A}", se = "40" }}\n'
    found = read(power(f'{numbers}alpha = {{ value = "0.3", exact = true }}')).evaluate(AT)
    assert found.basis == "printed errors"
    assert codes(found) == []
    # a positive scale is drawn in its logarithm, with a tenth
    assert width(found) == pytest.approx(0.1, rel=0.04)
    middle = 400 / 1e9**0.3
    assert math.sqrt(found.low * found.high) == pytest.approx(middle, rel=0.01)


def test_an_exponent_is_drawn_as_it_is():
    numbers = 'A = { value = "400", exact = true }\n'
    numbers += f'alpha = {{ value = "{FINE_ALPHA}", se = "0.01" }}'
    found = read(power(numbers)).evaluate(AT)
    assert width(found) == pytest.approx(0.01 * math.log(1e9), rel=0.04)


def test_a_printed_interval_comes_back_at_its_own_level():
    numbers = f'A = {{ value = "{FINE_A}", interval = ["200", "800"], level = 0.95 }}\n'
    entry = read(power(f'{numbers}alpha = {{ value = "0.3", exact = true }}'))
    found = entry.evaluate(AT, level=0.95)
    assert found.low * 1e9**0.3 == pytest.approx(200, rel=0.04)
    assert found.high * 1e9**0.3 == pytest.approx(800, rel=0.04)
    # and a smaller part of it at a lower one
    half = entry.evaluate(AT, level=0.5)
    assert math.log(half.high / half.low) == pytest.approx(2 * 0.67449 * math.log(2) / Z95, rel=0.1)


@pytest.mark.parametrize("rho", [-0.95, 0.0, 0.95])
def test_errors_that_go_together(rho):
    numbers = f'A = {{ value = "{FINE_A}", se = "80" }}\n'
    numbers += f'alpha = {{ value = "{FINE_ALPHA}", se = "0.01" }}'
    matrix = f"[[1.0, {rho}], [{rho}, 1.0]]"
    text = power(numbers) + f'[mine.correlation]\nnames = ["A", "alpha"]\nmatrix = {matrix}\n'
    found = read(text).evaluate(AT)
    assert found.basis == "printed errors and correlations"
    assert "independent-errors" not in codes(found)
    # ln L = ln A - alpha ln N, of two normal numbers
    a, b = 80 / 400, 0.01 * math.log(1e9)
    assert width(found) == pytest.approx(math.sqrt(a * a + b * b - 2 * rho * a * b), rel=0.05)
    alone = read(power(numbers)).evaluate(AT)
    assert alone.basis == "printed errors"
    assert codes(alone) == ["independent-errors"]
    assert width(alone) == pytest.approx(math.sqrt(a * a + b * b), rel=0.05)


def test_correlated_errors_of_a_law_with_a_floor():
    entry = published_laws()["besiroglu2024"]
    chosen = next(s for s in entry.sets.values() if s.correlation)
    assert chosen.correlation is not None
    names = chosen.correlation.names
    found = entry.evaluate({"N": 70e9, "D": 1.4e12}, chosen.name)
    # the same answer with a random generator and a root of one's own
    root = np.linalg.cholesky(np.array(chosen.correlation.matrix) + 1e-6 * np.eye(len(names)))
    z = np.random.default_rng(7).standard_normal((20_000, len(names))) @ root.T
    numbers, drawn = chosen.numbers, {}
    for name, noise in zip(names, z.T, strict=True):
        low, high = numbers[name].interval or (math.nan, math.nan)
        if name in ("A", "B"):
            drawn[name] = numbers[name].value * np.exp(math.log(high / low) / (2 * Z95) * noise)
        else:
            drawn[name] = numbers[name].value + (high - low) / (2 * Z95) * noise
    values = drawn["E"] + drawn["A"] / 70e9 ** drawn["alpha"] + drawn["B"] / 1.4e12 ** drawn["beta"]
    low, high = np.quantile(values, [0.05, 0.95])
    assert found.low == pytest.approx(low, abs=0.05 * (high - low))
    assert found.high == pytest.approx(high, abs=0.05 * (high - low))
    # exponents and scales go together so closely that without it the interval is far too wide
    alone = replace(chosen, correlation=None)
    wide = replace(entry, sets={alone.name: alone}, default=alone.name)
    answer = wide.evaluate({"N": 70e9, "D": 1.4e12})
    assert answer.high - answer.low > 2 * (found.high - found.low)


def test_the_same_question_has_the_same_answer():
    assert read(MINE).evaluate({"N": 1e9, "D": 1e11}) == read(MINE).evaluate({"N": 1e9, "D": 1e11})


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (1e11, "N = 1e+11 is 10 times above the fitted range, 1e+08 to 1e+10 parameters"),
        (2e7, "N = 2e+07 is 5 times below the fitted range, 1e+08 to 1e+10 parameters"),
    ],
)
def test_outside_of_the_fitted_range(size, message):
    found = read(MINE).evaluate({"N": size, "D": 1e11})
    assert found.inside is False
    assert [n.message for n in found.notices if n.code == "outside-range"] == [message]


def test_the_edges_are_inside_and_no_range_is_unknown():
    for size, data in ((1e8, 1e9), (1e10, 1e12), (1e10 * (1 + 1e-12), 1e12)):
        assert read(MINE).evaluate({"N": size, "D": data}).inside is True
    assert read(power(EXACT)).evaluate(AT).inside is None


def test_a_range_is_in_the_unit_of_the_formula():
    entry = read(power(EXACT, inputs='unit = "1e6 parameters"\nrange = [10, 1000]'))
    assert entry.evaluate({"N": 1e9}).inside is True
    (notice,) = entry.evaluate({"N": 2e9}).notices
    assert "N = 2000 is 2 times above the fitted range, 10 to 1000 1e6 parameters" in notice.message
    place = locate_published(entry, {"N": 2e9})
    assert place.status != "inside"


@pytest.mark.parametrize(
    ("interval", "remedy"), [('["0.301", "0.4"]', "rounding"), ('["0.36", "0.4"]', "misprint")]
)
def test_a_value_outside_its_interval_is_told(interval, remedy):
    numbers = f'A = "400"\nalpha = {{ value = "0.3", interval = {interval} }}'
    found = read(power(numbers)).evaluate(AT)
    (notice,) = (n for n in found.notices if n.code == "value-outside-interval")
    assert notice.message.startswith("alpha = 0.3 lies outside of its own printed interval, 0.3")
    assert remedy in notice.remedy


def test_numbers_that_nobody_saw():
    entry = read(SETS)
    with pytest.raises(LawError, match=r"'mine' cannot be evaluated: C_c .*choose the set large$"):
        entry.evaluate({"C": 1e20}, "small")
    entry = read(power('alpha = "0.3"', more='unseen = ["A"]'))
    with pytest.raises(LawError, match=r"A could not be read .*isoloss fit RUNS --law mine"):
        entry.evaluate(AT)
    entry = read(power("", more='unseen = ["A", "alpha"]'))
    with pytest.raises(LawError, match="its numbers could not be read"):
        entry.evaluate(AT)


@pytest.mark.parametrize("level", ["abstract", "memory", "contradicted"])
def test_weak_evidence_has_to_be_asked_for(level):
    numbers = f'A = {{ value = "400", evidence = "{level}" }}\nalpha = "0.3"'
    entry = read(power(numbers, more='pitfalls = ["Nobody found it again."]'))
    with pytest.raises(LawError) as caught:
        entry.evaluate(AT)
    assert f"'mine': A is {level}: Nobody found it again." in str(caught.value)
    assert "--any-evidence (any_evidence=True)" in str(caught.value)
    assert entry.evaluate(AT, any_evidence=True).value == pytest.approx(400 / 1e9**0.3)


@pytest.mark.parametrize("level", ["primary", "author-code", "refit", "secondary"])
def test_good_evidence_needs_no_asking(level):
    numbers = f'A = {{ value = "400", evidence = "{level}" }}\nalpha = "0.3"'
    assert read(power(numbers)).evaluate(AT).value == pytest.approx(400 / 1e9**0.3)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"N": 1e9}, "'mine' needs N, D; D is missing"),
        ({"D": 1e9}, r"'mine' needs N, D; N \(parameters\) is missing"),
        ({"N": 1e9, "D": 1e9, "C": 1.0}, "'mine' has no input 'C'; it takes N, D"),
        ({"N": 0.0, "D": 1e9}, "N has to be positive and finite, got 0.0"),
        ({"N": -1e9, "D": 1e9}, "N has to be positive and finite"),
        ({"N": math.nan, "D": 1e9}, "N has to be positive and finite, got nan"),
        ({"N": math.inf, "D": 1e9}, "N has to be positive and finite, got inf"),
        ({"N": "large", "D": 1e9}, "N has to be one number, got 'large'"),
        ({"N": None, "D": 1e9}, "N has to be one number, got None"),
        ({"N": [1e9, 2e9], "D": 1e9}, "N has to be one number, got"),
    ],
)
def test_a_point_that_cannot_be_is_refused(at, message):
    with pytest.raises(LawError, match=message):
        read(MINE).evaluate(at)


@pytest.mark.parametrize("level", [0.0, 1.0, 90, -0.5, math.nan])
def test_a_level_is_a_share(level):
    with pytest.raises(LawError, match="'level' lies between 0 and 1"):
        read(MINE).evaluate({"N": 1e9, "D": 1e11}, level=level)


BREAKS = power(
    'A = "4"\nalpha = { value = "0.5", exact = true }\nN_c = { value = "1.0e9", se = "1e8" }',
    formula="A*(N - N_c)**alpha",
)


def test_where_the_form_breaks_down():
    with pytest.raises(LawError, match=r"'mine' has no finite value at N = 5e\+08: its form"):
        read(BREAKS).evaluate({"N": 5e8})


def test_an_interval_that_too_few_draws_make():
    found = read(BREAKS).evaluate({"N": 1.02e9})
    assert found.value == pytest.approx(4 * 2e7**0.5)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert codes(found) == ["no-interval"]
    assert math.isfinite(read(BREAKS).evaluate({"N": 1e10}).low)


def test_a_set_that_is_not_there():
    with pytest.raises(LawError, match="'mine' has no set of numbers 'huge'; it has small, large"):
        read(SETS).evaluate({"C": 1e20}, "huge")


def test_a_mixture():
    at = {"h_web": 0.75, "h_code": 0.25, "N": 1e9, "D": 1e10}
    inverse = 1 / (1.0 * 0.75**0.5 + 2.0 * 0.25**0.25)
    found = read(MIXTURE).evaluate(at)
    assert found.value == pytest.approx(1.5 + inverse + 400 / 1e9**0.3 + 1000 / 1e10**0.4)


SCALED = f"""
[mine]
form = "chinchilla"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
sources = [{{ cite = "Nobody 2024, A Law" }}]
[mine.variables.N]
unit = "1e9 parameters"
range = [0.1, 10]
[mine.variables.D]
unit = "1e9 tokens"
range = [1, 1000]
[mine.numbers]
E = "1.69"
A = "{406.4 / 1e9**0.34:.12g}"
alpha = "0.34"
B = "{410.7 / 1e9**0.28:.12g}"
beta = "0.28"
"""


def closed_form(compute: float) -> float:
    """Hoffmann et al. 2022, equation 4."""
    a, b = 0.34, 0.28
    return (a * 406.4 / (b * 410.7)) ** (1 / (a + b)) * (compute / 6) ** (b / (a + b))


@pytest.mark.parametrize("text", [MINE, SCALED])
def test_a_plan_is_the_closed_form_whatever_the_units(text):
    answer = read(text).plan(compute=1e21)
    best = closed_form(1e21)
    assert answer.optimum["N"].value == pytest.approx(best, rel=1e-9)
    assert answer.optimum["D"].value == pytest.approx(1e21 / 6 / best, rel=1e-9)
    assert answer.optimum["loss"].value == pytest.approx(
        1.69 + 406.4 / best**0.34 + 410.7 / (1e21 / 6 / best) ** 0.28, rel=1e-9
    )
    assert answer.method == "closed form"
    assert answer.optimum["N"].low < best < answer.optimum["N"].high
    assert answer.place.status == "inside"
    assert read(text).plan(compute=1e28).place.status == "outside"


def test_a_plan_says_what_its_interval_rests_on():
    assert [n.code for n in read(SCALED).plan(compute=1e21).notices] == ["rounding-only"]
    assert "independent-errors" in [n.code for n in read(MINE).plan(compute=1e21).notices]
    text = power(EXACT, formula="A/N**alpha").replace('form = "power"', "theory = true")
    text = text.replace("A/N**alpha", "A/N**alpha + A/D**alpha") + "[mine.variables.D]\n"
    answer = read(text).plan(compute=1e21)
    assert answer.notices == ()
    best = answer.optimum["N"]
    assert best.low == best.value == best.high
    assert best.value == pytest.approx(math.sqrt(1e21 / 6), rel=1e-9)


EXPERTS = """
[mine]
theory = true
formula = "E + A/(N*experts**c)**alpha + B/(1e-05*D*share)**beta"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
sources = [{ cite = "Nobody 2024, A Law" }]
[mine.variables.N]
unit = "1e6 parameters"
[mine.variables.D]
[mine.variables.experts]
meaning = "in each block"
[mine.variables.share]
unit = "percent"
[mine.numbers]
E = "1.69"
A = "4.0"
c = "0.5"
alpha = "0.34"
B = "3.0"
beta = "0.28"
"""
HELD = {"experts": 8, "share": 0.25}


def test_held_inputs_are_numbers_of_the_law():
    entry = read(EXPERTS)
    # a quarter is 25 percent, and the formula takes percent
    same = EXPERTS.replace("experts**c", "8**c").replace("D*share", "D*25.0")
    for gone in ('[mine.variables.experts]\nmeaning = "in each block"\n', "share]\nunit"):
        assert gone in same
    same = same.replace('[mine.variables.experts]\nmeaning = "in each block"\n', "")
    same = same.replace('[mine.variables.share]\nunit = "percent"\n', "")
    one = entry.plan(compute=1e21, at=HELD)
    two = read(same).plan(compute=1e21)
    for name, estimate in two.optimum.items():
        assert one.optimum[name] == estimate, name
    best = one.optimum["N"].value, one.optimum["D"].value
    assert one.optimum["loss"].value == pytest.approx(
        1.69 + 4 / (best[0] / 1e6 * 8**0.5) ** 0.34 + 3 / (1e-5 * best[1] * 25) ** 0.28, rel=1e-12
    )
    # numbers of NumPy are numbers too
    again = entry.plan(compute=1e21, at={k: np.float64(v) for k, v in HELD.items()})
    assert again.optimum == one.optimum
    assert entry.plan(compute=1e21, at=HELD | {"experts": 64}).optimum != one.optimum


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (None, r"'mine' needs a value for experts \(in each block\) too: at experts="),
        ({"experts": 8}, "'mine' needs a value for share too: at share="),
        (HELD | {"layers": 3}, "'mine' has no input 'layers'; it takes N, D, experts, share"),
        (HELD | {"N": 1e9}, "N of 'mine' is what is asked for"),
        (HELD | {"experts": 0}, "experts has to be positive and finite, got 0"),
        (HELD | {"experts": math.nan}, "experts has to be positive and finite, got nan"),
        (HELD | {"experts": "many"}, "experts has to be one number, got 'many'"),
    ],
)
def test_held_inputs_are_checked(at, message):
    with pytest.raises(LawError, match=message):
        read(EXPERTS).plan(compute=1e21, at=at)


def test_a_plan_needs_size_and_data():
    with pytest.raises(PlanError, match="a plan needs a law in N and D; 'mine' has N"):
        read(power(EXACT)).plan(compute=1e21)


def test_a_plan_refuses_what_an_evaluation_refuses():
    weak = MINE.replace('"author-code"', '"abstract"')
    with pytest.raises(LawError, match="'mine': A is abstract"):
        plan(read(weak), compute=1e21)
    assert plan(read(weak), compute=1e21, any_evidence=True).optimum["N"].value > 0
    with pytest.raises(LawError, match="no set of numbers 'huge'"):
        plan(read(MINE), compute=1e21, coefficients="huge")


def test_the_law_in_base_units():
    entry = read(EXPERTS)
    chosen = entry.coefficients()
    law = base_law(entry, chosen, ("N", "D"), HELD)
    assert law.variable_names == ("N", "D")
    assert law.parameter_names == entry.law.parameter_names
    at = {"N": 3e9, "D": 2e11}
    wanted = entry.evaluate(at | HELD).value
    assert float(law(at | chosen.values)) == pytest.approx(wanted, rel=1e-14)
    theta, basis = base_theta(entry, chosen, law)
    assert basis == "rounding"
    np.testing.assert_allclose(law.natural(theta[0]), list(chosen.values.values()), rtol=1e-14)
    assert len(theta) > 3000


def test_find_law_gives_the_form_and_what_the_entry_measures():
    assert find_law("hoffmann2022_a3") == find_law("chinchilla")
    # several words are one name, which a column can be mapped to
    words = [e for e in published_laws().values() if " " in e.coefficients().target and e.form]
    for entry in words:
        assert find_law(entry.id).target == entry.coefficients().target.replace(" ", "_")
    theory = next(e for e in published_laws().values() if e.form is None)
    with pytest.raises(LawError, match=f"'{theory.id}' is a statement of theory"):
        find_law(theory.id)
