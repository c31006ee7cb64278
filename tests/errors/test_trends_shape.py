"""Inverse and U-shaped scaling, jumps of the metric, and laws of accuracy from loss."""

import json

import numpy as np
import pytest

from isoloss.errors.trends import accuracy_shapes, emergence, loss_laws
from isoloss.errors.trends.emergence import sharpness
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, centred, drawn, line, sigma

FAST = {"replicates": 200}
MANY = tuple(np.logspace(8.5, 11.5, 7))


def shape_of(p, items=1500, seed=0, sizes=SIZES):
    answers = make(drawn(p, items, seed), sizes=sizes[: len(p)])
    return accuracy_shapes(answers, by="none")[0]


@pytest.mark.parametrize(
    ("p", "word"),
    [
        ([0.60, 0.45, 0.38, 0.47, 0.62], "U-shaped"),
        ([0.35, 0.50, 0.60, 0.49, 0.34], "inverted U"),
        ([0.70, 0.62, 0.55, 0.47, 0.40], "inverse"),
        ([0.40, 0.47, 0.55, 0.62, 0.70], "improves"),
        ([0.30, 0.31, 0.36, 0.50, 0.75], "improves"),
    ],
)
def test_shapes(p, word):
    found = shape_of(p)
    assert found.verdict == word, found
    if "U" in word:
        assert found.gain >= 4
        assert SIZES[0] < found.turn < SIZES[-1]
        assert found.left.value * found.right.value < 0


def test_a_bend_is_no_turn():
    found = shape_of([0.20, 0.45, 0.62, 0.70, 0.715])
    assert found.gain >= 4
    assert found.verdict == "improves"
    assert found.reason.startswith("bends")


def test_a_turn_asks_for_a_better_quadratic():
    # models agree on nearly all items: both arms are beyond doubt, and the bend is slight
    right = np.stack([np.arange(400) < k for k in (212, 204, 200, 204, 212)])
    found = accuracy_shapes(make(right, sizes=SIZES), by="none")[0]
    assert found.left.high < 0 < found.right.low
    assert found.gain < 4
    assert found.verdict not in ("U-shaped", "inverted U")


def test_three_sizes_cannot_turn():
    found = shape_of([0.6, 0.4, 0.6], sizes=SIZES)
    assert "needs 4 sizes" in found.reason
    assert np.isnan(found.gain)
    assert shape_of([0.3, 0.6]).reason.startswith("two sizes")


def test_a_turn_is_seldom_found_where_there_is_none():
    turns = [
        shape_of([0.5] * 5, items=300, seed=seed).verdict in ("U-shaped", "inverted U")
        for seed in range(100)
    ]
    assert np.mean(turns) <= 0.04


def test_every_task_has_a_shape():
    right = np.hstack(
        [drawn([0.6, 0.45, 0.38, 0.47, 0.62], 800, 0), drawn([0.4, 0.45, 0.5, 0.55, 0.6], 800, 1)]
    )
    found = accuracy_shapes(make(right, sizes=SIZES, task=["u"] * 800 + ["up"] * 800))
    assert [(one.name, one.verdict) for one in found[1:]] == [("u", "U-shaped"), ("up", "improves")]
    json.dumps([one.to_document() for one in found])
    with pytest.raises(ItemsError, match="by='x'"):
        accuracy_shapes(line(0.3, 50), by="x")


def test_sharpness_of_lines_and_jumps():
    size = np.arange(5.0)
    assert sharpness(size, np.array([0.0, 1, 2, 3, 4])) == pytest.approx(0.0)
    assert sharpness(size, np.array([0.0, 0, 0, 1, 1])) == pytest.approx(0.75)
    assert sharpness(size, np.array([[4.0, 4, 2, 0, 0]])) == pytest.approx([0.5])
    # the spacing of sizes is allowed for
    uneven = np.array([0.0, 1.0, 1.5, 4.0])
    assert sharpness(uneven, 2 * uneven + 1) == pytest.approx(0.0)


def with_loss(p, loss, items=1500, seed=0, sizes=SIZES, **options):
    right = drawn(p, items, seed)
    rng = np.random.default_rng(seed)
    noise = rng.gamma(4.0, 0.25, right.shape)
    return make(right, loss=np.asarray(loss)[:, None] * noise, sizes=sizes, **options)


def test_a_jump_of_the_metric_alone():
    found = emergence(with_loss([0.0, 0.01, 0.03, 0.25, 0.6], [8, 4, 2, 1, 0.5]), **FAST)
    assert found[0].verdict == "metric artefact"
    assert found[0].difference.low > 0.1
    assert found[0].loss_sharpness.value < 0.15
    assert found[0].stretch == pytest.approx((1e10, 1e11))


def test_a_jump_of_both():
    found = emergence(with_loss([0.1, 0.1, 0.1, 0.8, 0.82], [4, 4, 3.9, 0.4, 0.38]), **FAST)[0]
    assert found.verdict == "both jump"


def test_no_jump():
    found = emergence(with_loss([0.3, 0.4, 0.5, 0.6, 0.7], [1.6, 1.2, 0.9, 0.7, 0.5]), **FAST)[0]
    assert found.verdict == "no jump"


def test_levelling_off_near_the_ceiling_is_no_jump():
    found = emergence(with_loss([0.3, 0.75, 0.9, 0.95, 0.97], [4, 2, 1, 0.5, 0.25]), **FAST)[0]
    assert found.accuracy_sharpness.value > 0.3
    assert found.difference.low > 0.1
    assert found.verdict == "no jump"


def test_metrics_that_disagree():
    # accuracy rises and so does loss
    found = emergence(with_loss([0.54, 0.55, 0.6, 0.64, 0.66], [0.7, 0.7, 0.72, 0.8, 0.9]), **FAST)
    assert found[0].verdict == "metrics disagree"


def test_what_does_not_change_does_not_jump():
    found = emergence(with_loss([0.5] * 5, [1.6, 1.2, 0.9, 0.7, 0.5], seed=2), **FAST)[0]
    assert found.verdict == "cannot tell"
    assert "accuracy does not change" in found.reason


def test_jumps_by_task_need_losses():
    found = emergence(
        with_loss([0.0, 0.01, 0.03, 0.25, 0.6], [8, 4, 2, 1, 0.5], task=["a", "b"] * 750), **FAST
    )
    assert [one.name for one in found] == ["all", "a", "b"]
    json.dumps(found[0].to_document())
    with pytest.raises(ItemsError, match="no loss"):
        emergence(line(0.3, 50), **FAST)


def test_the_law_of_accuracy_from_loss_is_met():
    loss = np.linspace(2.6, 0.6, 7)
    p = 0.25 + 0.65 / (1 + np.exp(3.0 * (loss - 1.6)))
    found = loss_laws(with_loss(p, loss, items=4000, sizes=MANY), by="none", draws=50)[0]
    assert found.fit is not None
    assert found.fit.law.id == "accuracy_from_loss"
    assert found.fit.values["L_0"] == pytest.approx(1.6, abs=0.15)
    assert found.fit.values["b"] == pytest.approx(0.25, abs=0.06)
    assert found.line.verdict == "improves"
    assert found.line.value < 0
    assert found.line.unit == "logits per nat"
    document = json.loads(json.dumps(found.to_document()))
    assert document["fit"]["parameters"]["k"]["value"] > 0


def test_five_sizes_have_a_line_and_no_law():
    loss = np.array([2.0, 1.7, 1.4, 1.1, 0.8])
    answers = with_loss(sigma(1.4 - loss), loss, items=3000, task=["a", "b"] * 1500)
    found = loss_laws(answers)
    assert [one.name for one in found] == ["all", "a", "b"]
    assert found[0].fit is None
    assert "needs 6 sizes; there are 5" in found[0].reason
    assert found[0].line.value == pytest.approx(-1.0, abs=0.2)
    with pytest.raises(ItemsError, match="four parameters"):
        loss_laws(answers, least=4)
    with pytest.raises(ItemsError, match="needs the loss"):
        loss_laws(line(0.3, 50))


def test_centred_sizes_are_centred():
    assert centred().mean() == pytest.approx(0.0)
