"""Flags: what lies behind a trend."""

import numpy as np
import pytest

from isoloss.errors.contrasts.bias import binaries
from isoloss.errors.items import Model, grid
from isoloss.errors.simulate import simulate
from isoloss.errors.trends import CODES, flags
from isoloss.errors.trends.flags.bias import detection
from isoloss.errors.trends.flags.shift import format_part
from isoloss.errors.trends.flags.state import prepare
from isoloss.errors.trends.ladder import ladder
from isoloss.exceptions import ItemsError
from isoloss.trust.finding import Finding
from tests.errors.contrasts_cases import make
from tests.errors.test_trends_measures import yes_no
from tests.errors.trends_cases import SIZES, centred, drawn, family, line, sigma

FAST = {"replicates": 200}


def codes(answers):
    return tuple(one.code for one in flags(answers, **FAST))


def test_nothing_to_say_of_answers_without_a_trend():
    assert codes(line(0.0, 600, seed=3)) == ()


def test_findings_say_what_why_and_what_to_do():
    (found,) = flags(line(0.6, 900), **FAST)
    assert isinstance(found, Finding)
    assert found.code == "capability"
    assert found.severity == "note"
    assert "logits per decade" in found.seen
    assert "900 items" in found.seen
    assert found.why
    assert found.remedy


def test_the_order_is_that_of_the_codes():
    assert CODES == (
        "base-rate",
        "bias-shift",
        "format-shift",
        "metric-artefact",
        "odd-model",
        "capability",
        "confounded",
    )


def test_bias_on_yes_no_and_capability_on_the_rest():
    binary = yes_no([1.0] * 5, 0.8 * centred(), items=600)
    words = np.array([["no", "yes"][i] for i in (np.arange(600) % 2)])
    said = np.array(binary.predictions)[binary.prediction]
    right = drawn(sigma(0.8 * centred()), 600, 1)
    letters = np.where(right == 1, "a", "b")
    both = make(
        np.hstack([binary.correct, right]),
        answers=np.hstack([said, letters]).tolist(),
        gold=[*words, *["a"] * 300, *["c"] * 300],
        options=[2] * 600 + [4] * 600,
        sizes=SIZES,
        task=["t"] * 1200,
    )
    found = flags(both, **FAST)
    assert tuple(one.code for one in found) == ("bias-shift", "capability")
    assert "by size on 600 items" in found[1].seen


def test_a_shift_of_both_bias_and_sensitivity_is_no_bias_shift_alone():
    found = flags(yes_no(1.0 + 0.8 * centred(), 0.8 * centred()), **FAST)
    assert tuple(one.code for one in found) == ("capability",)
    assert "d' on 1200 yes/no questions" in found[0].seen


def test_a_task_with_one_right_answer_is_set_aside():
    right = np.hstack([drawn([0.05, 0.3, 0.6, 0.9, 1.0], 300, 0), drawn([0.5] * 5, 300, 1)])
    answers = make(
        right,
        gold=["yes"] * 300 + ["a", "b"] * 150,
        task=["one"] * 300 + ["two"] * 300,
        options=2,
        sizes=SIZES,
    )
    found = flags(answers, **FAST)
    assert [one.code for one in found] == ["base-rate"]
    assert found[0].severity == "stop"
    assert "one: 'yes' is right in 100% of 300 (single gold class)" in found[0].seen


def test_a_lopsided_task_is_care():
    right = drawn([0.9] * 5, 300, 0)
    found = flags(make(right, gold=["yes"] * 280 + ["no"] * 20, options=2, sizes=SIZES), **FAST)
    assert [(one.code, one.severity) for one in found] == [("base-rate", "care")]


def test_an_odd_model_is_named_and_left_out_of_the_trend():
    p = sigma(0.9 * centred())
    p[3] = 0.3
    found = {one.code: one.seen for one in flags(family(drawn(p, 900, 0)), **FAST)}
    assert set(found) == {"odd-model", "capability"}
    assert found["odd-model"].startswith("m3 has 0.2")
    values = found["capability"].split(" is ")[1].split(" by size")[0].split("/")
    assert len(values) == 4


def test_an_odd_model_in_sensitivity():
    found = flags(yes_no([1.5, 1.5, 0.3, 1.5, 1.5], [0.0] * 5, items=1500), **FAST)
    assert [one.code for one in found] == ["odd-model"]
    assert found[0].seen.startswith("m2 has")
    assert "d'" in found[0].seen


def test_a_small_misfit_is_no_odd_model_however_many_items():
    p = sigma(0.4 * centred())
    p[2] += 0.015
    assert "odd-model" not in codes(family(drawn(p, 40000, 0)))


def test_what_changes_with_size_is_flagged():
    answers = line(0.0, 300)
    fields = {name: getattr(answers, name) for name in answers.__dataclass_fields__}
    models = tuple(
        Model(one.name, "F", one.params, one.params, {"encoder": "small" if m < 2 else "big"})
        for m, one in enumerate(answers.models)
    )
    found = flags(type(answers)(**{**fields, "models": models}), **FAST)
    assert [one.code for one in found] == ["confounded"]
    assert found[0].seen == "encoder: small, big"
    assert "size as packaged" in found[0].why


def test_two_sizes_have_format_and_bias_flags_alone():
    assert codes(grid(simulate("capability")).lines([0, 4])) == ()
    assert codes(grid(simulate("format-shift")).lines([0, 4])) == ("format-shift",)
    assert codes(grid(simulate("bias-shift")).lines([0, 4])) == ("bias-shift",)
    with pytest.raises(ItemsError, match="several sizes"):
        flags(line(0.3, 50).lines([0]))


def test_the_covariance_of_sensitivity_is_that_of_the_bootstrap():
    answers = yes_no([1.2, 1.0, 0.8, 1.1, 1.3], [0.2, 0.0, -0.2, 0.5, 0.1], items=800)
    chosen = ladder(answers)
    (binary,) = binaries(chosen.grid)
    found = detection(chosen, binary)
    rng = np.random.default_rng(0)
    from isoloss.errors.contrasts.bias import measures

    draws = measures(rng.multinomial(800, np.full(800, 1 / 800), 3000) @ binary.columns())
    for key, cover in (
        ("sensitivity", found.cover_sensitivity),
        ("criterion", found.cover_criterion),
    ):
        boot = np.cov(draws[key].T)
        assert np.sqrt(np.diag(cover)) == pytest.approx(np.sqrt(np.diag(boot)), rel=0.08)


def test_the_format_part_is_the_exact_split():
    right = np.zeros((3, 400), np.int8)
    right[0, :100], right[2, :180] = 1, 1
    said = np.full((3, 400), "b", dtype=object)
    said[right == 1] = "a"
    said[0, 200:] = None
    said[2, 360:] = None
    state = prepare(make(right, answers=said.tolist(), sizes=SIZES[:3]), 100, 0)
    value, capability, se, units = format_part(state)
    # v: .5 and .9, a: .5 and .5
    assert value == pytest.approx(0.4 * 0.5)
    assert capability == pytest.approx(0.0)
    assert value + capability == pytest.approx(0.45 - 0.25)
    assert units == 400
    assert 0.005 < se < 0.03
