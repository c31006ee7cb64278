"""The stack, intervals, and the flag for a curve that turns."""

import numpy as np
import pytest

from isoloss import InputError
from isoloss.trust.auto.fitting import Candidate
from isoloss.trust.auto.intervals import half_widths
from isoloss.trust.auto.stack import Scores, blend, score, stack
from isoloss.trust.auto.turning import beyond, monotone_and_turned, regime_change, turning_groups

from .auto_cases import job_of

RNG = np.random.default_rng(5)


def candidates_of(job, errors, there):
    """Candidates whose errors at the trained points are given, `(K, n)`."""
    return [
        Candidate(
            f"c{k}",
            np.repeat((job.y[:, 0] + error)[None, :, None], len(job.seen), axis=0),
            np.full((len(job.there.group), 1), value),
            None,
            "power",
        )
        for k, (error, value) in enumerate(zip(errors, there, strict=True))
    ]


def some_job():
    x = np.geomspace(1, 1000, 60)
    return job_of({"x": x, "loss": 3 + x**-0.3}, {"x": [3e3]})


def test_scores_are_mean_squares_over_the_variance_of_what_is_hidden():
    job = some_job()
    found = score(job, candidates_of(job, [np.full(60, 0.1), np.zeros(60)], [0, 0]))
    for split, rule in enumerate(job.rules):
        expected = 0.01 / job.y[rule.hidden].var()
        assert found.nmse[0, split] == pytest.approx(expected)
    assert np.all(found.nmse[1] == 0)
    assert found.geometric[1] == pytest.approx(np.log(1e-5))


def test_the_stack_beats_every_single_pick_when_errors_differ():
    """Ten forecasts with errors of their own: their average is better than the best of them."""
    job = some_job()
    gains = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        errors, there = 0.02 * rng.standard_normal((10, 60)), 0.02 * rng.standard_normal(10)
        found = score(job, candidates_of(job, errors, there))
        shares = stack(found, seed)
        pick = there[int(np.argmin(found.geometric))]
        gains.append((abs(shares @ there), abs(pick)))
    stacked, picked = np.sqrt(np.mean(np.square(gains), axis=0))
    assert stacked < 0.7 * picked


def test_opposite_errors_are_joined():
    job = some_job()
    wave = 0.05 * RNG.standard_normal(60)
    others = 0.07 * RNG.standard_normal((4, 60))
    found = score(job, candidates_of(job, [wave, -wave, *others], [1, -1, 0, 0, 0, 0]))
    shares = stack(found, 0)
    assert shares[0] > 0.15
    assert shares[1] > 0.15
    assert shares.sum() == pytest.approx(1)


def test_the_five_best_have_a_tenth_each_at_least():
    job = some_job()
    errors = np.arange(1, 9)[:, None] * 0.01 * np.cos(np.arange(60))
    shares = stack(score(job, candidates_of(job, errors, np.zeros(8))), 0)
    assert np.all(shares[:5] >= 0.1 - 1e-12)
    assert shares[5:].sum() < 1e-12


def test_a_bad_candidate_has_no_share():
    job = some_job()
    errors = [*(0.01 * RNG.standard_normal((6, 60))), np.full(60, 2.0)]
    shares = stack(score(job, candidates_of(job, errors, np.zeros(7))), 0)
    assert shares[-1] == 0
    assert np.all(shares >= 0)


def test_the_same_seed_gives_the_same_shares():
    scores = Scores(np.stack([np.cov(RNG.standard_normal((8, 30))) for _ in range(5)]))
    assert np.array_equal(stack(scores, 3), stack(scores, 3))
    assert not np.array_equal(stack(scores, 3), stack(scores, 4))


def test_a_member_that_runs_away_is_trimmed():
    values = np.array([1.0, 1.1, 0.9, 1.0, 1e6])[:, None]
    shares = np.array([0.3, 0.25, 0.2, 0.2, 0.05])
    middle, spread = blend(values, shares)
    assert 0.95 < middle[0] < 1.05
    assert spread[0] > 1e5
    even, _ = blend(np.array([[1.0], [3.0]]), np.array([0.5, 0.5]))
    assert even[0] == pytest.approx(2.0)


def test_intervals_follow_their_rule():
    missed = [RNG.standard_normal((200, 1)), 3 * RNG.standard_normal((200, 1))]
    spread = np.array([[0.0], [10.0]])
    pool = half_widths(missed, spread, 0.9, "pool")[:, 0]
    widest = half_widths(missed, spread, 0.9, "widest")[:, 0]
    both = half_widths(missed, spread, 0.9, "spread")[:, 0]
    assert pool[0] == pool[1]
    assert widest[0] == pytest.approx(3 * 1.645, rel=0.2)
    assert widest[0] > pool[0]
    assert both[0] == pytest.approx(pool[0])
    assert both[1] == pytest.approx(np.hypot(pool[1], 16.45), rel=1e-3)
    assert np.all(half_widths(missed, spread, 0.5, "pool") < pool)


@pytest.mark.parametrize(
    ("level", "rule", "message"),
    [(0.9, "wide", "'wide' is unknown; use one of spread"), (90, "pool", "share between 0 and 1")],
)
def test_a_bad_interval_is_refused(level, rule, message):
    with pytest.raises(InputError, match=message):
        half_widths([np.zeros((3, 1))], np.zeros((1, 1)), level, rule)


def turning_table(noise, seed=0, groups=1, rising=0):
    """Curves that rise and fall, the last `rising` of them only rising."""
    rng, x = np.random.default_rng(seed), np.geomspace(1, 100, 30)
    loss = [-((np.log(x) - 2) ** 2) if g < groups - rising else np.log(x) for g in range(groups)]
    return {
        "x": np.tile(x, groups),
        "g": np.repeat([f"g{g}" for g in range(groups)], 30),
        "loss": np.concatenate(loss) + noise * rng.standard_normal(30 * groups),
    }


def asked(x, groups=1):
    return {"x": [x] * groups, "g": [f"g{g}" for g in range(groups)]}


def test_the_flag_is_up_on_a_turning_curve_with_the_query_beyond():
    job = job_of(turning_table(0.1), asked(300.0), group="g")
    assert regime_change(job) == (True, ["g0"])
    assert beyond(job) == 1.0


def test_the_flag_is_down_where_the_query_is_within():
    job = job_of(turning_table(0.1), asked(50.0), group="g")
    assert turning_groups(job) == ["g0"]
    assert regime_change(job)[0] is False


def test_a_few_turning_groups_among_many_raise_no_flag():
    several = job_of(turning_table(0.1, groups=8, rising=7), asked(300.0, 8), group="g")
    assert turning_groups(several) == ["g0"]
    assert regime_change(several)[0] is False
    third = job_of(turning_table(0.1, groups=3, rising=2), asked(300.0, 3), group="g")
    assert regime_change(third)[0] is True


def test_bent_but_monotone_curves_raise_no_flag():
    up = 0
    for seed in range(40):
        rng, x = np.random.default_rng(seed), np.geomspace(1, 1e4, 30)
        loss = 1 + 5 / (1 + x) + 0.05 * rng.standard_normal(30)
        up += regime_change(job_of({"x": x, "loss": loss}, {"x": [1e6]}))[0]
    assert up <= 1


def test_monotone_and_turned_residuals():
    assert monotone_and_turned(np.arange(10.0)) == (0, 0)
    hill = np.concatenate([np.arange(6.0), np.arange(4.0)[::-1]])
    monotone, turned = monotone_and_turned(hill)
    assert turned == 0
    assert monotone > 5
    assert monotone_and_turned(-hill) == (monotone, turned)
