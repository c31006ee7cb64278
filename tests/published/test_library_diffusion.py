"""Published laws of image and video generators against what their sources report."""

from __future__ import annotations

import pytest

from isoloss.law import published_laws


def value(law: str, at: dict, coefficients: str | None = None) -> float:
    return published_laws()[law].evaluate(at, coefficients).value


# ---- Liang et al. 2024, arXiv 2410.08184


@pytest.mark.parametrize("compute", [1e18, 1e21])
def test_best_size_and_best_tokens_give_the_compute_back(compute):
    size = value("liang2024_dit_N_opt", {"C": compute})
    tokens = value("liang2024_dit_D_opt", {"C": compute})
    assert 6 * size * tokens == pytest.approx(compute, rel=0.02)


def test_fid_at_the_extrapolation_point():
    assert value("liang2024_dit_FID", {"C": 1.5e21}) == pytest.approx(25.0, rel=0.05)


# ---- Yin et al. 2024, arXiv 2411.17470


def test_video_loss_at_the_size_of_the_check():
    assert value("yin2024_video_dit", {"D": 10e9, "N": 1.07e9}) == pytest.approx(0.893, rel=0.01)


def test_best_video_size_in_parameters_and_flop():
    # a movie generator's 18.05B parameters belong to about 1.8e24 FLOP
    assert value("yin2024_video_dit_N_opt", {"C": 1.8e24}) == pytest.approx(18.05e9, rel=0.06)


def test_the_regressed_exponent_is_not_the_one_of_the_loss():
    at = published_laws()["yin2024_video_dit"].values()
    split = at["alpha_D"] / (at["alpha_D"] + at["alpha_N"])
    assert split == pytest.approx(0.478, abs=5e-4)
    assert published_laws()["yin2024_video_dit_N_opt"].values()["a"] < 0.9 * split


# ---- Tian et al. 2024, arXiv 2404.02905


def test_token_error_of_next_scale_models_at_two_billion():
    found = value("tian2024_var_N", {"N": 2.0}, "token_error")
    assert found == pytest.approx(0.8956542330080972, rel=1e-9)
