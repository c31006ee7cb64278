"""Format and capability, and which answers count as valid."""

import numpy as np
import pytest

from isoloss.errors.contrasts import INVALID, contrast, valid_answers
from tests.errors.contrasts_cases import make


def test_the_formula_on_counts_by_hand():
    # 100 items: 80 then 95 valid, 40 then 57 right
    correct = np.zeros((2, 100), np.int8)
    correct[0, :40], correct[1, :57] = 1, 1
    valid = np.zeros((2, 100), bool)
    valid[0, :80], valid[1, :95] = True, True
    found = contrast(make(correct), "m0", "m1", valid=valid).split
    assert (found.valid_small.value, found.valid_large.value) == (0.8, 0.95)
    assert found.right_small.value == pytest.approx(0.5)
    assert found.right_large.value == pytest.approx(0.6)
    assert found.format.value == pytest.approx(0.15 * 0.55)
    assert found.capability.value == pytest.approx(0.1 * 0.875)
    assert found.format.low < found.format.value < found.format.high


def test_the_parts_are_the_whole():
    rng = np.random.default_rng(0)
    for seed in range(10):
        correct = rng.integers(0, 2, (2, 200))
        valid = rng.random((2, 200)) < 0.7
        found = contrast(make(correct), "m0", "m1", valid=valid, replicates=50, seed=seed)
        total = found.split.format.value + found.split.capability.value
        assert total == pytest.approx(found.accuracy.change.value, abs=1e-12)


def test_only_format_and_only_capability_light_their_own_part():
    rng = np.random.default_rng(2)
    items = 3000
    sight = rng.random(items) < 0.5
    valid = np.array([rng.random(items) < 0.7, np.ones(items, bool)])
    found = contrast(make(valid & sight), "m0", "m1", valid=valid).split
    assert (found.format_verdict, found.capability_verdict) == ("better", "same within margin")
    better = np.array([sight, sight | (rng.random(items) < 0.2)])
    everything = np.ones((2, items), bool)
    found = contrast(make(better), "m0", "m1", valid=everything).split
    assert (found.format_verdict, found.capability_verdict) == ("same within margin", "better")
    assert found.format.value == 0


def test_few_items_say_nothing_of_format():
    correct = np.array([[1, 0] * 10, [0, 1] * 10])
    found = contrast(make(correct), "m0", "m1").split
    assert found.format.value == found.format.high == 0
    assert found.format_verdict == "cannot tell"


def test_below_thirty_items_no_verdict():
    valid = np.array([[True] * 5 + [False] * 15, [True] * 20])
    found = contrast(make([[0] * 20, [1] * 20]), "m0", "m1", valid=valid).split
    assert found.format_verdict == found.capability_verdict == "cannot tell"


def test_a_mask_of_valid_answers_follows_its_items():
    rng = np.random.default_rng(0)
    task = [f"t{k}" for k in rng.integers(0, 5, 200)]
    valid = rng.random((3, 200)) < 0.6
    correct = valid & (rng.random((3, 200)) < 0.5)
    found = contrast(make(correct, task=task), "m2", "m0", valid=valid).split
    assert found.valid_small.value == pytest.approx(valid[2].mean())
    assert found.valid_large.value == pytest.approx(valid[0].mean())
    assert found.right_large.value == pytest.approx(correct[0].sum() / valid[0].sum())


def test_labels_decide_what_is_valid():
    modes = [["correct", "wrong_option", "unparsed", "refusal", None, None]]
    answers = [["a", "b", "c", "b", "b", None]]
    grid = make([[1, 0, 0, 0, 0, 0]], modes=modes, answers=answers)
    assert valid_answers(grid).tolist() == [[True, True, False, False, True, False]]
    assert valid_answers(grid, ("refusal",)).tolist() == [[True, True, True, False, True, False]]


def test_without_labels_an_answer_is_valid_that_is_an_option():
    answers = [["a", "d", "e", None, "", "C", "c) point c"]]
    grid = make([[1, 0, 0, 0, 0, 0, 0]], answers=answers, options=4)
    assert valid_answers(grid).tolist() == [[True, True, False, False, False, True, False]]
    # free answers have no range
    free = make([[1, 0, 0]], answers=[["12", "13", None]], gold=["12"] * 3, options=0)
    assert valid_answers(free).tolist() == [[True, True, False]]


def test_a_right_answer_is_valid_whatever_its_label():
    grid = make([[1, 1]], modes=[["unparsed", "correct"]], answers=[[None, "a"]])
    assert valid_answers(grid).all()
    assert valid_answers(make([[1, 1]], answers=[[None, "a"]])).all()
    found = contrast(make([[1, 0], [1, 1]]), "m0", "m1", valid=np.zeros((2, 2), bool)).split
    assert found.right_large.value == 1.0


def test_modes_of_format_that_the_rules_give_are_known():
    modes = pytest.importorskip("isoloss.errors.labels.modes")
    assert set(modes.FORMAT_MODES) <= set(INVALID)


def coverage(runs, items, replicates):
    """Share of intervals of format and capability that hold the truth.

    Small: valid .85, right of these .4; large: .93 and .5.
    """
    hits = np.zeros(2)
    truth = (0.08 * 0.45, 0.1 * 0.89)
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        valid = rng.random((2, items)) < [[0.85], [0.93]]
        # what a question is worth is shared by the two
        hard = rng.random(items)
        right = np.where(rng.random((2, items)) < 0.5, hard, rng.random((2, items)))
        correct = valid & (right < [[0.4], [0.5]])
        found = contrast(
            make(correct),
            "m0",
            "m1",
            valid=valid,
            replicates=replicates,
            permutations=20,
            seed=seed,
        ).split
        parts = (found.format, found.capability)
        hits += [e.low <= t <= e.high for e, t in zip(parts, truth, strict=True)]
    return hits / runs


def test_coverage_of_the_parts():
    found = coverage(120, 300, 150)
    assert (found >= 0.88).all()
    assert (found <= 1.0).all()


@pytest.mark.slow
def test_coverage_of_the_parts_in_many_runs():
    found = coverage(2000, 400, 500)
    assert (found >= 0.93).all()
    assert (found <= 0.97).all()
