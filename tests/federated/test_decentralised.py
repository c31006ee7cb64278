"""DiLoCo's laws asked together."""

import pytest

from isoloss.exceptions import PlanError
from isoloss.federated.decentralised import HELD, MISSING, diloco_recipe
from isoloss.law import published_laws


def test_joint_and_single_laws_side_by_side():
    found = diloco_recipe(1e9, 4)
    # Tables 7 to 10, by hand
    assert found.joint["loss"] == pytest.approx(19.226 * 1e9**-0.0985 * 4**0.0116, rel=1e-12)
    assert found.alone["loss"] == pytest.approx(19.762 * 1e9**-0.0992, rel=1e-12)
    assert found.joint["inner_rate"] == pytest.approx(22256 * 1e9**-0.8827 * 4**0.2929)
    assert found.alone["batch"] == pytest.approx(0.00535 * 1e9**0.510)
    assert found.central_loss == pytest.approx(18.129 * 1e9**-0.0953)
    assert found.inside
    assert found.outer_rate == (0.6, 0.8)


def test_a_contradicted_rate_is_left_out():
    found = diloco_recipe(1e9, 8)
    assert "inner_rate" not in found.alone
    assert any("contradicts" in text for text in found.remarks)


def test_replicas_between_those_that_were_run():
    found = diloco_recipe(1e9, 3)
    assert found.alone == {}
    assert found.outer_rate is None
    assert "[published table]" in str(found)
    assert found.to_document()["provenance"] == ["published table"]


def test_what_the_library_holds():
    assert set(HELD) <= set(published_laws())
    assert "local SGD" in MISSING


@pytest.mark.parametrize(("size", "replicas"), [(0, 2), (1e9, 0), (1e9, 2.5), (1e9, 10**6)])
def test_questions_that_cannot_be(size, replicas):
    with pytest.raises(PlanError, match=r"size|replicas"):
        diloco_recipe(size, replicas)
