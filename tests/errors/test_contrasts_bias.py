"""Sensitivity and bias on questions with two answers; letters against right letters."""

import numpy as np
import pytest
from scipy.stats import norm

from isoloss.errors.contrasts import SHIFT, contrast, jensen_shannon, letter_bias, signals
from tests.errors.contrasts_cases import make


def yes_no(hits, alarms, positives=100, negatives=100):
    """Answers of models that say yes to so many of the positives and of the negatives."""
    gold = ["yes"] * positives + ["no"] * negatives
    answers = [
        ["yes"] * h + ["no"] * (positives - h) + ["yes"] * f + ["no"] * (negatives - f)
        for h, f in zip(hits, alarms, strict=True)
    ]
    correct = [[a == b for a, b in zip(line, gold, strict=True)] for line in answers]
    return make(correct, answers=answers, gold=gold, options=2)


def test_sensitivity_and_criterion_by_hand():
    found = contrast(yes_no([80, 90], [30, 20]), "m0", "m1").bias[0]
    hit, alarm = norm.ppf(80.5 / 101), norm.ppf(30.5 / 101)
    assert found.small.sensitivity.value == pytest.approx(hit - alarm)
    assert found.small.criterion.value == pytest.approx(-(hit + alarm) / 2)
    assert (found.small.tpr.value, found.small.fpr.value) == (0.8, 0.3)
    assert found.small.said.value == pytest.approx(0.55)
    assert (found.small.tpr.n, found.small.fpr.n, found.n) == (100, 100, 200)
    assert found.sensitivity_verdict == "better"
    assert found.flag is None


def test_rates_of_one_have_a_sensitivity():
    found = contrast(yes_no([100, 100], [0, 0]), "m0", "m1").bias[0]
    assert found.small.sensitivity.value == pytest.approx(2 * norm.ppf(100.5 / 101))


def test_saying_yes_more_is_not_seeing_better():
    # equal d' of 1, criteria of .5 and -.5, at 2,000 questions
    rates = norm.cdf([0.0, 1.0]), norm.cdf([-1.0, 0.0])
    hits, alarms = (np.round(1000 * r).astype(int) for r in rates)
    found = contrast(yes_no(hits, alarms, 1000, 1000), "m0", "m1").bias[0]
    assert found.criterion.value == pytest.approx(-1.0, abs=0.01)
    assert found.flag == SHIFT
    assert found.sensitivity_verdict == "same within margin"
    # the accuracy does not show it
    assert contrast(yes_no(hits, alarms, 1000, 1000), "m0", "m1").accuracy.change.value == 0


def test_seeing_better_is_no_bias_shift():
    rates = norm.cdf([0.5, 1.0]), norm.cdf([-0.5, -1.0])
    hits, alarms = (np.round(1000 * r).astype(int) for r in rates)
    found = contrast(yes_no(hits, alarms, 1000, 1000), "m0", "m1").bias[0]
    assert (found.sensitivity_verdict, found.flag) == ("better", None)


def test_both_at_once_are_not_flagged():
    found = contrast(yes_no([700, 990], [300, 300], 1000, 1000), "m0", "m1").bias[0]
    assert found.criterion.apart
    assert found.sensitivity.apart
    assert found.flag is None


def test_few_questions_cannot_tell():
    found = contrast(yes_no([5, 9], [5, 1], 10, 10), "m0", "m1").bias[0]
    assert (found.sensitivity_verdict, found.flag) == ("cannot tell", None)


def test_one_right_answer_throughout_has_no_sensitivity():
    found = contrast(yes_no([50, 90], [0, 0], 100, 0), "m0", "m1")
    assert found.bias == ()
    assert any("one right answer throughout" in note for note in found.notes)


def test_answers_that_are_neither_are_left_out_of_both_models():
    gold = ["True", "False"] * 40
    answers = [["true."] * 80, ["False"] * 80]
    answers[0][0] = None
    answers[1][5] = "maybe"
    correct = [[a == b for a, b in zip(["True"] * 80, gold, strict=True)], [False, True] * 40]
    found = contrast(make(correct, answers=answers, gold=gold, options=0), "m0", "m1").bias[0]
    assert (found.positive, found.n, found.left_out) == ("true", 78, 2)
    assert (found.small.said.value, found.large.said.value) == (1.0, 0.0)


def test_every_model_at_once():
    grid = yes_no([80, 90, 50], [30, 20, 50])
    (found,) = signals(grid).values()
    assert [signal.model for signal in found] == ["m0", "m1", "m2"]
    assert found[2].sensitivity.value == 0
    assert list(signals(grid)) == ["yes/no"]


def test_letters_with_two_options_are_a_pair_too():
    gold = ["a", "b"] * 50
    answers = [["a"] * 100, ["b"] * 100]
    grid = make([[1, 0] * 50, [0, 1] * 50], answers=answers, gold=gold, options=2)
    assert contrast(grid, "m0", "m1").bias[0].flag == SHIFT
    wide = make([[1, 0] * 50, [0, 1] * 50], answers=answers, gold=gold, options=4)
    assert contrast(wide, "m0", "m1").bias == ()


def test_letter_bias():
    gold = list("abcd") * 25 + ["yes", "12"]
    answers = [["a"] * 102, gold, ["a,b", *gold[1:]]]
    correct = [[a == b for a, b in zip(line, gold, strict=True)] for line in answers]
    found = letter_bias(make(correct, answers=answers, gold=gold))
    assert found[0].letters == ("a", "b", "c", "d")
    assert found[0].answered == (1.0, 0.0, 0.0, 0.0)
    assert found[0].distance.value == pytest.approx(jensen_shannon([1, 0, 0, 0], [1, 1, 1, 1]))
    assert found[1].distance.value == 0
    assert [one.distance.n for one in found] == [100, 100, 99]
    assert letter_bias(make([[1, 1]], gold=["yes", "12"])) == ()
