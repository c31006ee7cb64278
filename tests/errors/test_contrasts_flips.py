"""Regressions, fixes, nesting, and the floor that rerunning alone gives."""

import json

import numpy as np
import pytest

from isoloss.errors.contrasts import beta_floor, contrast
from tests.errors.contrasts_cases import make


def test_rates_and_nesting_by_hand():
    # 40 both right, 10 lost, 20 gained, 30 both wrong
    correct = [[1] * 50 + [0] * 50, [1] * 40 + [0] * 10 + [1] * 20 + [0] * 30]
    found = contrast(make(correct), "m0", "m1").flips
    assert found.regression.value == pytest.approx(0.2)
    assert found.fix.value == pytest.approx(0.4)
    assert found.nesting.value == pytest.approx(1 - 0.1 / (0.5 * 0.4))
    assert (found.regression.n, found.fix.n, found.nesting.n) == (50, 50, 100)
    assert found.lost[0] == ("t", "q40")
    assert (len(found.lost), len(found.gained)) == (10, 20)
    assert (found.source, found.verdict) == ("upper bound", "cannot tell")
    assert found.regression_floor is None


def test_nested_and_independent_errors():
    items = np.arange(1000)
    nested = contrast(make([items < 400, items < 700]), "m0", "m1").flips
    assert nested.nesting.value == 1.0
    independent = contrast(make([items % 2 == 0, items % 5 == 0]), "m0", "m1").flips
    assert independent.nesting.value == pytest.approx(0.0, abs=1e-9)


def test_the_floor_of_a_beta():
    assert beta_floor(0.5, 0.75) == pytest.approx((1 / 3, 0.5 / 2.25))
    # two runs of one model
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 0.75, 200_000)
    first, second = rng.random((2, 200_000)) < p
    assert beta_floor(0.5, 0.75)[0] == pytest.approx(
        (first & ~second).sum() / first.sum(), abs=0.005
    )
    assert beta_floor(0.5, 0.75)[1] == pytest.approx(
        (second & ~first).sum() / (~first).sum(), abs=0.005
    )


def reruns(seed, items=4000, gain=0.0):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 0.75, items)
    lines = rng.random((2, items)) < p
    large = rng.random(items) < (p if gain == 0 else np.clip(p + gain * (1 - 2 * p), 0, 1))
    return make(np.vstack([lines, large]))


def test_flips_of_a_third_run_are_noise():
    found = contrast(reruns(1), "m0", "m2", reruns=("m0", "m1")).flips
    assert found.source == "reruns"
    assert found.regression.value == pytest.approx(1 / 3, abs=0.04)
    assert found.regression_floor.value == pytest.approx(1 / 3, abs=0.03)
    assert found.fix_floor.value == pytest.approx(0.5 / 2.25, abs=0.02)
    assert not found.regression_excess.apart
    assert found.verdict in ("cannot tell", "same within margin")


def test_real_losses_stand_above_the_noise():
    found = contrast(reruns(1, gain=0.5), "m0", "m2", reruns=("m0", "m1")).flips
    assert found.regression_excess.low > 0
    assert found.verdict == "worse"


def test_a_given_beta():
    found = contrast(reruns(2), "m0", "m2", noise=(0.5, 0.75)).flips
    assert found.source == "beta"
    assert found.regression_floor.value == found.regression_floor.high == pytest.approx(1 / 3)
    assert found.fix_excess.value == pytest.approx(found.fix.value - 0.5 / 2.25)


def test_documents_are_json_and_keep_lists_short():
    rng = np.random.default_rng(0)
    found = contrast(make(rng.integers(0, 2, (2, 3000))), "m0", "m1", replicates=50)
    document = found.to_document()
    text = json.dumps(document)
    assert json.loads(text)["flips"]["lost"]["count"] == len(found.flips.lost) > 200
    assert len(document["flips"]["lost"]["items"]) == 200
    assert document["small"]["name"] == "m0"


@pytest.mark.parametrize("seed", range(25))
def test_odd_grids_give_no_warning(seed):
    """One item, no error, nothing read, no right answer: a result each time."""
    rng = np.random.default_rng(seed)
    items = int(rng.choice([1, 2, 7, 40]))
    correct = rng.integers(0, 2, (2, items)) if seed % 3 else np.full((2, items), seed % 2)
    answers = None if seed % 4 else [[None] * items] * 2
    names = [["correct" if c else "wrong_option" for c in line] for line in correct]
    grid = make(
        correct,
        answers=answers,
        modes=None if seed % 5 == 0 else names,
        gold=None if seed % 2 else ["yes"] * items,
        cluster=None if seed % 2 else np.arange(items) // 3,
        options=int(rng.choice([0, 2, 4])),
    )
    found = contrast(grid, "m0", "m1", replicates=30, permutations=30, seed=seed)
    json.dumps(found.to_document())
    assert found.n == items
