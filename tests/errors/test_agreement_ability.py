"""One scale of models and questions; tasks that leave it."""

import numpy as np
import pytest
from scipy.optimize import minimize

from isoloss.errors.agreement import agreement, rasch, two_parameter
from isoloss.errors.agreement.marginal import marginal
from isoloss.errors.agreement.task_shift import standardised, task_shifts
from tests.errors.contrasts_cases import make, rasch_answers


def test_rasch_is_the_posterior_mode_of_all_answers():
    correct = rasch_answers(4, 25, 0)
    score = correct.sum(axis=0)

    def loss(x):
        theta, beta = x[:4], x[4:]
        eta = theta[:, None] - beta
        return (np.logaddexp(0, eta) - correct * eta).sum() + 0.5 * x @ x

    best = minimize(loss, np.zeros(29), method="BFGS", options={"gtol": 1e-8}).x
    theta, beta = rasch(
        correct.sum(axis=1)[None].astype(float), np.bincount(score, minlength=5)[None].astype(float)
    )
    assert theta[0] == pytest.approx(best[:4], abs=1e-5)
    assert beta[0][score] == pytest.approx(best[4:], abs=1e-5)


def test_rasch_of_many_data_sets_is_that_of_each():
    sets = [rasch_answers(3, 40, seed) for seed in range(5)]
    totals = np.array([one.sum(axis=1) for one in sets], float)
    scores = np.array([np.bincount(one.sum(axis=0), minlength=4) for one in sets], float)
    together = rasch(totals, scores)
    for k in range(5):
        alone = rasch(totals[k : k + 1], scores[k : k + 1])
        assert together[0][k] == pytest.approx(alone[0][0], abs=1e-8)
        assert together[1][k] == pytest.approx(alone[1][0], abs=1e-8)


def test_marginal_abilities_recover_the_truth_with_few_models():
    rng = np.random.default_rng(0)
    ability = np.array([-1.0, 0.0, 1.5])
    chance = 1 / (1 + np.exp(rng.normal(0.0, 1.6, 60_000) - ability[:, None]))
    correct = rng.random((3, 60_000)) < chance
    scores = np.bincount(correct.sum(axis=0), minlength=4).astype(float)
    theta, spread = marginal(correct.sum(axis=1).astype(float), scores)
    assert theta == pytest.approx(ability, abs=0.05)
    assert spread == pytest.approx(1.6, abs=0.06)
    # where all are right an ability stays finite
    theta, _ = marginal(np.array([50.0, 20.0]), np.array([0.0, 30.0, 20.0]))
    assert np.isfinite(theta).all()


def families_by_size(seed, per_decade, items=1500, scatter=0.05):
    """Two families of five sizes with intercepts -.5 and .5."""
    rng = np.random.default_rng(seed)
    size = np.tile(np.linspace(9, 11, 5), 2)
    ability = per_decade * (size - 10) + np.repeat([-0.5, 0.5], 5) + rng.normal(0, scatter, 10)
    chance = 1 / (1 + np.exp(rng.normal(size=items) - ability[:, None]))
    correct = rng.random((10, items)) < chance
    return make(correct, sizes=10**size, families=["A"] * 5 + ["B"] * 5)


def test_ability_against_size():
    found = agreement(families_by_size(0, 0.6), replicates=200).abilities
    slope = found.slope
    assert slope.unshrunk.value == pytest.approx(0.6, abs=0.1)
    assert slope.unshrunk.low < 0.6 < slope.unshrunk.high
    # the ridge draws the scale together
    assert 0.8 < slope.value / slope.unshrunk.value < 0.95
    assert slope.models.low < slope.value < slope.models.high
    assert slope.items.low < slope.value < slope.items.high
    assert (slope.count, slope.freedom, slope.verdict) == (10, 7, "improves")
    assert slope.families["B"] - slope.families["A"] == pytest.approx(0.86, abs=0.15)
    assert len(found.difficulty) == 1500
    # a question that more models answer is easier
    assert (np.diff(found.by_score) < 0).all()


def test_abilities_lie_in_their_intervals_where_no_options_are_known():
    found = agreement(make(rasch_answers(4, 300, 0), options=0), replicates=200).abilities
    for one in found.ability:
        assert one.low < one.value < one.high
        assert one.high - one.low < 0.6


def test_flat_falling_and_unknown_slopes():
    def word(per_decade, scatter=0.05, **options):
        grid = families_by_size(1, per_decade, scatter=scatter, **options)
        return agreement(grid, replicates=30).abilities.slope.verdict

    assert word(-0.6) == "worsens"
    assert word(0.0, scatter=0.0, items=5000) == "flat"
    assert word(0.1, scatter=0.6) == "cannot tell"


def test_sizes_that_are_not_known_are_left_out_of_the_slope():
    nan = float("nan")
    found = agreement(make(rasch_answers(3, 100, 0), sizes=[1e9, nan, nan]), replicates=20)
    assert found.abilities.slope is None
    two = agreement(make(rasch_answers(3, 100, 0), sizes=[1e9, 1e10, nan]), replicates=20)
    slope = two.abilities.slope
    assert (slope.count, slope.freedom, slope.verdict) == (2, 0, "cannot tell")
    assert np.isnan(slope.models.low)
    assert slope.items.low < slope.value < slope.items.high


def test_two_parameters_find_questions_with_a_wrong_key():
    rng = np.random.default_rng(0)
    ability = rng.normal(size=40)
    slope = np.full(300, 1.3)
    slope[:15] = -1.3
    chance = 1 / (1 + np.exp(rng.normal(size=300) - slope * ability[:, None]))
    grid = make(rng.random((40, 300)) < chance)
    found = two_parameter(grid)
    assert found.converged
    flagged = {key for _, key in found.backward}
    true = flagged & {f"q{i}" for i in range(15)}
    assert len(true) >= 11
    assert len(flagged) - len(true) <= 2
    assert np.corrcoef(found.ability, ability)[0, 1] > 0.97
    # questions that say little keep the slope of the prior, one
    easy = two_parameter(make(np.ones((3, 40), int)))
    assert easy.discrimination == pytest.approx(1.0, abs=0.25)
    assert agreement(grid, replicates=20).two_parameter is None
    assert agreement(grid, replicates=20, discrimination=True).two_parameter is not None


def test_standardised_difference_by_hand():
    # two groups of equal score; the task has one of three questions and two of four
    score = np.array([1, 1, 1, 2, 2, 2, 2])
    task = np.array([0, 1, 1, 0, 0, 1, 1])
    value = np.array([1.0, 0, 0, 1, 0, 0, 0])[:, None]
    excess, se, count = standardised(value, task, score, np.arange(7))
    weights = np.array([2 / 3, 1.0])
    assert excess[0, 0] == pytest.approx((weights * [1.0, 0.5]).sum() / weights.sum())
    assert excess[1, 0] == pytest.approx(-excess[0, 0])
    variance = weights @ [np.var([1, 0, 0], ddof=1), np.var([1, 0, 0, 0], ddof=1)]
    assert se[0, 0] == pytest.approx(np.sqrt(variance) / weights.sum())
    assert count.tolist() == [3, 4]


def test_standard_errors_by_shuffling_tasks():
    rng = np.random.default_rng(0)
    correct = rasch_answers(5, 200, 0)
    score = correct.sum(axis=0)
    task = rng.integers(0, 3, 200)
    drawn = []
    for _ in range(1500):
        mixed = task.copy()
        for s in range(6):
            at = np.flatnonzero(score == s)
            mixed[at] = rng.permutation(task[at])
        drawn.append(standardised(correct.T.astype(float), mixed, score, np.arange(200))[0])
    se = standardised(correct.T.astype(float), task, score, np.arange(200))[1]
    assert np.std(drawn, axis=0) == pytest.approx(se, rel=0.1)


def test_a_task_that_grows_faster_than_its_difficulty_says():
    rng = np.random.default_rng(3)
    ability = np.linspace(-1, 1, 5)[:, None]
    names = np.repeat(["a", "b", "c", "d"], 250)
    steep = np.where(names == "d", 3.0, 1.0)
    chance = 1 / (1 + np.exp(rng.normal(size=1000) - steep * ability))
    grid = make(rng.random((5, 1000)) < chance, task=list(names))
    found = {shift.task: shift for shift in task_shifts(grid, 0.95)}
    assert found["d"].verdict == "improves"
    assert found["d"].models["m4"].low > 0 > found["d"].models["m0"].high
    assert "improves" not in {found[name].verdict for name in "abc"}
    assert found["d"].slope.value > 0.05


def test_tasks_without_a_part_are_not_flagged():
    rejected = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        task = [f"t{k}" for k in rng.integers(0, 4, 300)]
        shifts = task_shifts(make(rasch_answers(6, 300, seed), task=task), 0.95)
        rejected += [shift.p <= 0.05 for shift in shifts]
    assert 0.01 <= np.mean(rejected) <= 0.10
    assert task_shifts(make(rasch_answers(3, 50, 0)), 0.95) == ()


def test_task_shifts_by_cluster():
    base = rasch_answers(5, 120, 0)
    task = [f"t{k}" for k in np.arange(120) % 3]
    grid = make(np.repeat(base, 4, axis=1), task=list(np.repeat(task, 4)))
    shared = make(
        np.repeat(base, 4, axis=1),
        task=list(np.repeat(task, 4)),
        cluster=np.arange(480) // 4,
    )
    alone, by_cluster = (task_shifts(one, 0.95)[0].slope for one in (grid, shared))
    ratio = (by_cluster.high - by_cluster.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(2.0, rel=0.3)
