"""Curves of Alabdulmohsin et al. 2022 (arXiv:2209.06640), foretold as well as the goals ask."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.trust.curves import bench, learn, prior
from isoloss.trust.curves.tasks import read_tasks
from isoloss.trust.curves.transform import TRANSFORMS


def table(shared):
    return shared / "data/revisiting_scaling.csv.gz"


def test_second_halves_are_foretold(shared):
    result = bench.run(table(shared), baselines=False, horizons=False)
    images = result["domains"]["IC"]
    assert images["mean_log_rmse"] <= 0.0255
    assert result["mean_log_rmse"] <= 0.023
    assert images["log_density"] >= 3.45
    assert 0.88 <= images["coverage_90"] <= 0.96
    assert 0.88 <= result["coverage_90"] <= 0.96
    assert images["width_90"] <= 0.12
    assert images["mean_log_rmse"] < 0.4 * result["baselines"]["last value"]["domains"]["IC"]


@pytest.mark.slow
def test_the_published_forms_are_twice_as_far_off_further_out(shared):
    result = bench.run(table(shared))
    for scores in result["horizons"].values():
        assert scores["forecast"] <= 0.5 * scores["BNSL"]
        assert scores["forecast"] <= 0.5 * scores["M4"]
        assert scores["curves"] >= 30
    for name in ("M1", "M2", "M3", "M4", "BNSL"):
        assert result["domains"]["IC"]["mean_log_rmse"] < result["baselines"][name]["domains"]["IC"]
    # on the machine translation and BIG-bench curves nothing beats repeating the last value
    for domain in ("NMT", "BB"):
        last = result["baselines"]["last value"]["domains"][domain]
        assert last <= result["domains"][domain]["mean_log_rmse"]


@pytest.mark.slow
def test_the_shipped_prior_is_learnt_again(shared):
    learnt = learn.learn_all(read_tasks(table(shared)))
    for name, transform in TRANSFORMS.items():
        shipped = prior.prior_of(transform)
        for again, table_ in zip(learnt[name].tables, shipped.tables, strict=True):
            np.testing.assert_allclose(again, table_, atol=2e-4)
