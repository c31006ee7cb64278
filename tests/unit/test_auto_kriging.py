"""Kriging: what a law leaves over is carried to the rows nearby, and noise is not."""

import numpy as np
import pytest

from isoloss.trust.auto.fitting import Candidate
from isoloss.trust.auto.job import Job
from isoloss.trust.auto.kriging import _noise, kriged

from .auto_cases import job_of, off

X = np.geomspace(1, 100, 40)
ASKED = np.array([3.3, 17.0, 61.0])


def wave(x):
    return 0.2 * np.sin(0.9 * np.log(x))


def flat(job: Job) -> Candidate:
    """A law that says nothing: the kriging has all to do."""
    mean = job.y.mean()
    here = np.full((len(job.seen), *job.y.shape), mean)
    return Candidate("flat", here, np.full((len(job.there.group), 1), mean), None, "power")


def test_residuals_are_carried_to_the_rows_nearby():
    job = job_of({"x": X, "loss": 3 + wave(X)}, {"x": ASKED})
    base = flat(job)
    for found in kriged(job, [base]):
        assert off(found, job, 3 + wave(ASKED)) < 0.35 * off(base, job, 3 + wave(ASKED))
        assert found.name.startswith("flat ~kr")
        assert found.family == "kriged"


def test_far_from_all_rows_nothing_is_added():
    job = job_of({"x": X, "loss": 3 + wave(X)}, {"x": [1e30]})
    base = flat(job)
    for found in kriged(job, [base]):
        assert np.allclose(found.there, base.there, atol=1e-6)


def two_groups(amplitude):
    """A wave of some amplitude in group a, always the same one in group b."""
    columns = {
        "x": np.tile(X, 2),
        "g": ["a"] * 40 + ["b"] * 40,
        "loss": np.concatenate([3 + amplitude * wave(X), 3 + wave(X)[::-1]]),
    }
    return job_of(columns, {"x": np.tile(ASKED, 2), "g": ["a"] * 3 + ["b"] * 3}, group="g")


def test_residuals_stay_within_their_group():
    jobs = [two_groups(amplitude) for amplitude in (1.0, 1.5)]
    level = np.full((len(jobs[0].seen), 80, 1), 3.05 * jobs[0].sign[0])
    base = Candidate("flat", level, level[0, :6], None, "power")
    one, two = (next(kriged(job, [base])).there for job in jobs)
    assert np.allclose(one[3:], two[3:], atol=1e-12)
    assert np.abs(one[:3] - two[:3]).max() > 0.02


def repeats(noise, signal, seed=0):
    x = np.repeat(X, 4)
    rng = np.random.default_rng(seed)
    loss = 3 + signal * wave(x) / wave(X).std() + noise * rng.standard_normal(len(x))
    return job_of({"x": x, "loss": loss}, {"x": ASKED})


@pytest.mark.parametrize("signal", [0.05, 0.2])
def test_the_noise_ratio_follows_from_repeats(signal):
    job = repeats(0.1, signal)
    left = (job.y - job.y.mean())[:, 0]
    share = _noise(job, left, job.seen[-1], 0, 0.1)
    # quarter decades, and a sampling error of the signal
    assert share == pytest.approx((0.1 / signal) ** 2, rel=0.8)
    assert share != 0.1


def test_a_residual_of_noise_alone_adds_nothing():
    job = repeats(0.1, 0.0, seed=1)
    left = (job.y - job.y.mean())[:, 0]
    assert _noise(job, 0.5 * left, job.seen[-1], 0, 0.1) == np.inf
    quiet = Candidate(
        "law",
        0.9 * job.y[None].repeat(len(job.seen), 0) + 0.1 * job.y.mean(),
        np.full((3, 1), job.y.mean()),
        None,
        "power",
    )
    assert list(kriged(job, [quiet])) == []


def test_a_known_noise_shields_from_it():
    """With true repeats the kriged values lie nearer to the truth than the noisy points do."""
    job = repeats(0.3, 0.2, seed=2)
    truth = 3 + 0.2 * wave(X) / wave(X).std()
    noisy = np.abs(job.y[:, 0] * job.sign[0] - truth).mean()
    found = next(kriged(job, [flat(job)]))
    assert np.abs(found.here[-1, :, 0] * job.sign[0] - truth).mean() < 0.75 * noisy


def test_one_wild_residual_is_held_back():
    loss = 3 + wave(X)
    loss[20] += 50
    job = job_of({"x": X, "loss": loss}, {"x": ASKED})
    for found in kriged(job, [flat(job)]):
        assert np.abs(found.there * job.sign - flat(job).there * job.sign).max() < 3
