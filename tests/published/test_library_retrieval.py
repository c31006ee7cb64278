"""Laws of retrieval: their sources' numbers."""

from __future__ import annotations

import pytest

from isoloss import find_law
from isoloss.law.published import published_laws


def test_dense_retrieval_over_size():
    entry = published_laws()["fang2024_N"]
    # laws_multimodal.yaml, fang2024_dense_retrieval, checks
    found = entry.evaluate({"N": 82e6})
    assert found.value == pytest.approx(0.055661821510514076, rel=1e-9)
    assert found.inside
    assert entry.evaluate({"N": 1e9}).inside is False
    # updates.yaml, fang2024_ND, note: T2Ranking A = 9.89e6, alpha = 0.53, delta = 0.14
    other = entry.evaluate({"N": 82e6}, "t2ranking").value
    assert other == pytest.approx((9.89e6 / 82e6) ** 0.53 + 0.14, rel=1e-12)


def test_the_fitted_form_is_the_printed_one_in_other_names():
    form = find_law("fang2024_N")
    assert form.id == "power_floor"
    same = {"E": 0.04, "A": 3.22e4**0.53, "alpha": 0.53}
    assert float(form({"N": 5e6, **same})) == pytest.approx(
        published_laws()["fang2024_N"].evaluate({"N": 5e6}).value, rel=1e-12
    )


def test_the_joint_law_has_constants_of_its_own():
    joint = published_laws()["fang2024_ND"]
    # updates.yaml, fang2024_ND
    at = {"N": 2e7, "D": 3e5}
    by_hand = ((3.6e4 / 2e7) ** (0.56 / 1.31) + 7.1e3 / 3e5) ** 1.31 + 0.03
    assert joint.evaluate(at).value == pytest.approx(by_hand, rel=1e-12)
    # with unlimited pairs the law over size is left, with other numbers than fang2024_N prints
    alone = joint.evaluate({"N": 2e7, "D": 1e30}).value
    assert alone == pytest.approx((3.6e4 / 2e7) ** 0.56 + 0.03, rel=1e-6)
    assert abs(alone / published_laws()["fang2024_N"].evaluate({"N": 2e7}).value - 1) > 0.1


def test_kaplans_law_is_the_one_without_a_floor():
    at = {"N": 1e8, "D": 1e10}
    plain = {"N_c": 6.4e13, "alpha_N": 0.076, "D_c": 1.8e13, "alpha_D": 0.103}
    raised = {"A": 6.4e13, "alpha": 0.076, "B": 1.8e13, "beta": 0.103, "delta": 0.0}
    assert float(find_law("kaplan_floor")({**at, **raised})) == pytest.approx(
        float(find_law("kaplan")({**at, **plain})), rel=1e-12
    )


def test_the_law_over_pairs_waits_for_its_floor():
    entry = published_laws()["fang2024_D"]
    assert not entry.complete
    assert entry.coefficients().unseen == ("delta",)
    assert entry.values("t2ranking") == {"B": 6.04e4, "beta": 0.5}
