"""Single questions over size, and small models as stand-ins for large ones."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm, spearmanr

from isoloss.errors.agreement import agreement, proxy
from isoloss.errors.agreement.proxy import auc, correlation
from isoloss.errors.agreement.share import mean, share
from isoloss.errors.agreement.trajectories import extremes, trajectories
from isoloss.errors.agreement.two_parameter import patterns_of
from tests.errors.contrasts_cases import make, rasch_answers


def test_patterns():
    correct = rasch_answers(11, 300, 0)
    patterns, member, count = patterns_of(correct)
    assert (correct == patterns[member].T).all()
    assert count.sum() == 300
    assert len(patterns) == len({tuple(line) for line in correct.T})


def test_lost_and_gained_are_rank_correlations():
    correct = rasch_answers(5, 400, 1)
    (found,) = trajectories(make(correct), 0.95, 0)
    rho = np.array(
        [
            spearmanr(np.arange(5), line).statistic if 0 < line.sum() < 5 else 0.0
            for line in correct.T
        ]
    )
    assert found.lost.value == pytest.approx((rho <= -0.5 + 1e-9).mean())
    assert found.gained.value == pytest.approx((rho >= 0.5 - 1e-9).mean())
    assert found.lost_items == tuple(("t", f"q{i}") for i in np.flatnonzero(rho <= -0.5 + 1e-9))
    assert found.orders == 120


def test_the_null_is_the_mean_over_all_orders():
    # a success of one model of three: it is lost, gained or neither as its place is drawn
    found = trajectories(make(np.eye(3)[:, [0] * 50 + [2] * 50]), 0.95, 0)[0]
    assert found.lost.value == found.gained.value == 0.5
    assert found.lost_null == found.gained_null == pytest.approx(1 / 3)
    # four of the six orders put a success of the two that matter first
    assert found.lost_p == pytest.approx(2 / 3)
    # of six orders of three sizes none can be significant
    grown = trajectories(make(np.eye(3)[:, [2] * 100]), 0.95, 0)[0]
    assert grown.gained_p == pytest.approx(1 / 3)
    assert grown.verdict == "cannot tell"


def test_questions_lost_beyond_chance():
    rng = np.random.default_rng(0)
    chance = np.where(np.arange(600) < 200, np.linspace(0.9, 0.1, 6)[:, None], 0.5)
    worse = trajectories(make(rng.random((6, 600)) < chance), 0.95, 0)[0]
    assert worse.verdict == "worsens"
    assert worse.lost_excess.low > 0
    even = trajectories(make(rng.random((6, 4000)) < 0.5), 0.95, 0)[0]
    assert even.verdict == "flat"


def test_many_sizes_draw_orders():
    found = trajectories(make(rasch_answers(9, 300, 0)), 0.95, 0)[0]
    assert found.orders == 2000
    assert found.gained_p < 0.01
    again = trajectories(make(rasch_answers(9, 300, 0)), 0.95, 0)[0]
    assert again == found


def test_families_of_two_sizes_have_no_trajectories():
    correct = rasch_answers(4, 60, 0)
    nan = float("nan")
    assert trajectories(make(correct, sizes=[1e9, 1e9, 2e9, nan]), 0.95, 0) == ()
    assert trajectories(make(correct, families=list("AABB")), 0.95, 0) == ()


def test_questions_that_nobody_or_everybody_solves():
    correct = np.ones((5, 100), int)
    correct[:, :20] = 0
    correct[0, 20:30] = 0
    answers = [["a" if c else "b" for c in line] for line in correct]
    answers[4][0], answers[3][1], answers[4][1] = "c", "c", "d"
    for line in answers:
        line[2] = None
    found = extremes(make(correct, answers=answers), 0.95)
    assert (found.never.value, found.always.value) == (0.2, 0.7)
    assert len(found.never_items) == 20
    assert found.never_items[0] == ("t", "q0")
    # four of five with one wrong answer are enough, three are not, and no answer is none
    assert found.consensus_items == tuple(("t", f"q{i}") for i in range(20) if i not in (1, 2))
    few = extremes(make(correct[:4], answers=answers[:4]), 0.95)
    assert np.isnan(few.consensus.value)
    assert few.consensus_items == ()


def test_shares_have_intervals_at_zero_and_by_cluster():
    none = share(np.zeros(50, bool), np.arange(50), 0.95)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1.959964**2 / (50 + 1.959964**2), rel=1e-5)
    hits = np.random.default_rng(0).random(60) < 0.4
    alone = share(hits, np.arange(60), 0.95)
    repeated = share(np.repeat(hits, 5), np.repeat(np.arange(60), 5), 0.95)
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.05)
    values = np.random.default_rng(1).normal(size=60)
    one = mean(values, np.arange(60), 0.95)
    assert (one.high - one.low) / 2 == pytest.approx(
        1.959964 * values.std(ddof=1) / np.sqrt(60), rel=1e-5
    )
    two = mean(np.repeat(values, 5), np.repeat(np.arange(60), 5), 0.95)
    assert (two.low, two.high) == pytest.approx((one.low, one.high))


def test_area_under_the_curve():
    rng = np.random.default_rng(0)
    right = rng.random(300) < 0.4
    sign = np.round(rng.normal(size=300) + right, 1)
    found = auc(sign, right, np.arange(300), 0.95)
    pairs = mannwhitneyu(sign[right], sign[~right]).statistic
    assert found.value == pytest.approx(pairs / right.sum() / (~right).sum())
    perfect = auc(np.arange(40.0), np.arange(40) >= 20, np.arange(40), 0.95)
    assert perfect.value == 1.0
    assert perfect.low < 0.98
    assert np.isnan(auc(sign, np.ones(300, bool), np.arange(300), 0.95).value)


def test_correlation_interval_is_fishers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=4000)
    found = correlation(np.array([x, y]), np.arange(4000), 0.95)
    r = np.corrcoef(x, y)[0, 1]
    assert found.value == pytest.approx(r)
    reach = 1.96 / np.sqrt(3997)
    assert found.low == pytest.approx(np.tanh(np.arctanh(r) - reach), abs=0.003)
    assert np.isnan(correlation(np.ones((2, 50)), np.arange(50), 0.95).value)


def test_coverage_of_area_and_correlation():
    hits = np.zeros(2)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        right = np.repeat(rng.random(60) < 0.4, 3)
        sign = np.repeat(rng.normal(size=60), 3) + right
        cluster = np.repeat(np.arange(60), 3)
        area = auc(sign, right, cluster, 0.95)
        a, b = np.repeat(rng.random((2, 60)), 3, axis=1) < 0.5
        phi = correlation(np.array([a, b], float), cluster, 0.95)
        truths = (norm.cdf(1 / np.sqrt(2)), 0.0)
        hits += [e.low <= t <= e.high for e, t in zip((area, phi), truths, strict=True)]
    assert ((hits / 400 >= 0.92) & (hits / 400 <= 0.98)).all()


def test_proxy_by_outcomes_and_by_losses():
    rng = np.random.default_rng(0)
    hard = rng.normal(size=600)
    loss = np.exp([hard + rng.normal(0, 0.3, 600), hard + rng.normal(0, 0.3, 600)])
    correct = loss < 1.0
    names = ["easy"] * 300 + ["coin"] * 300
    correct[1, 300:] = rng.random(300) < 0.5
    outcomes = proxy(make(correct, task=names), "m0", "m1")
    assert outcomes.source == "outcomes"
    both = correct[:, :300]
    youden = both[0][both[1]].mean() - both[0][~both[1]].mean()
    assert outcomes.tasks[0].auc.value == pytest.approx((1 + youden) / 2)
    assert outcomes.tasks[0].correlation.value == pytest.approx(np.corrcoef(both)[0, 1])
    assert [task.verdict for task in outcomes.tasks] == ["useful", "not useful"]
    losses = proxy(make(correct, task=names, loss=loss), "m0", "m1")
    assert losses.source == "losses"
    assert losses.tasks[0].auc.value > outcomes.tasks[0].auc.value
    rho = spearmanr(loss[0, :300], loss[1, :300]).statistic
    assert losses.tasks[0].correlation.value == pytest.approx(rho)


def test_few_questions_are_no_proxy():
    correct = np.tile([[1, 0], [1, 0]], 9)
    found = proxy(make(correct), "m0", "m1", threshold=0.4).whole
    # nine questions of each kind are one too few
    assert found.auc.low > 0.4
    assert found.verdict == "cannot tell"
    ten = make(np.tile([[1, 0], [1, 0]], 10))
    assert proxy(ten, "m0", "m1", threshold=0.4).whole.verdict == "useful"


def test_agreement_pairs_the_ends_of_families():
    correct = rasch_answers(5, 200, 0)
    found = agreement(make(correct, families=list("ABABC")), replicates=20)
    assert [(one.small, one.large) for one in found.proxies] == [("m0", "m2"), ("m1", "m3")]
    assert found.trajectories == ()
    assert any("no family has three sizes" in note for note in found.notes)
