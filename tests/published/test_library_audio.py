"""Published laws of speech models against what their sources report.

Cuervo & Marxer 2024, arXiv 2404.00685.
"""

from __future__ import annotations

import pytest

from isoloss.law import published_laws


def test_best_size_for_a_day_on_one_a5000():
    # 66M parameters, quoted in the Slamming study; its plots end near 4e18 FLOP
    at = published_laws()["cuervo2024_slm"].values("speech")
    both = at["alpha"] + at["beta"]
    scale = (at["alpha"] * at["A"] / (at["beta"] * at["B"])) ** (1 / both)
    assert scale * (3.7e18 / 6) ** (at["beta"] / both) == pytest.approx(66e6, rel=0.05)


def test_exponent_of_the_frontier():
    # 0.12 in a paper that derives it
    at = published_laws()["cuervo2024_slm"].values("speech")
    frontier = at["alpha"] * at["beta"] / (at["alpha"] + at["beta"])
    assert frontier == pytest.approx(0.12, rel=0.03)


@pytest.mark.parametrize(
    ("task", "ratio", "rtol"),
    # ratios as the paper reports them
    [("blimp", 3.14, 0.002), ("tcloze", 1.56, 0.002), ("scloze", 2.7, 0.01)],
)
def test_how_much_more_compute_speech_takes(task, ratio, rtol):
    entry = published_laws()["cuervo2024_downstream"]
    text, speech = (entry.values(f"{kind}_{task}")["g"] for kind in ("text", "speech"))
    assert text / speech == pytest.approx(ratio, rel=rtol)


def test_one_epoch_of_the_law_for_repeated_data_is_the_plain_law():
    at = {"N": 1e8, "D": 4e9}
    plain = published_laws()["cuervo2024_slm"].evaluate(at).value
    once = published_laws()["cuervo2024_slm_repeated"].evaluate({**at, "U": 4e9}).value
    twenty = published_laws()["cuervo2024_slm_repeated"].evaluate({**at, "U": 2e8}).value
    assert once == pytest.approx(plain, rel=1e-3)
    assert twenty > once + 0.01
