"""Measures over size: hallucination, calibration, gains, modality attribution."""

import json

import numpy as np
import pytest

from isoloss.errors.items import Coded, Grid, Items, Model, grid
from isoloss.errors.simulate import simulate
from isoloss.errors.trends import (
    calibration_trends,
    gain_trend,
    hallucination_trends,
    modality_attribution,
)
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, centred, drawn, line, sigma

FAST = {"replicates": 200}


def yes_no(sensitivity, criterion, items=1200, seed=0, gold=None, sizes=SIZES):
    rng = np.random.default_rng(seed)
    gold = np.arange(items) % 2 if gold is None else gold
    noise = rng.normal(size=(len(sizes), items))
    evidence = (gold - 0.5) * np.asarray(sensitivity)[:, None] + noise
    yes = evidence > np.asarray(criterion)[:, None]
    words = np.array(["no", "yes"])
    return make(
        (yes == gold).astype(np.int8),
        answers=words[yes.astype(int)].tolist(),
        gold=words[gold].tolist(),
        options=2,
        sizes=sizes,
    )


def test_hallucination_that_grows_with_readiness_to_say_yes():
    (found,) = hallucination_trends(yes_no([2.0] * 5, -1.0 * centred()), **FAST)
    assert (found.positive, found.n, found.left_out) == ("yes", 1200, 0)
    told = {name: one.slope.verdict for name, one in found.measures.items()}
    assert told["false_yes"] == "worsens"
    assert told["false_no"] == "improves"
    assert told["yes_ratio"] == "grows"
    assert told["criterion"] == "shrinks"
    assert told["sensitivity"] in ("flat", "cannot tell")
    criterion = found.measures["criterion"].slope
    assert criterion.value == pytest.approx(-1.0, abs=0.1)
    assert criterion.low < -1.0 < criterion.high


def test_seeing_better_is_told_from_saying_yes():
    (found,) = hallucination_trends(yes_no(1.5 + centred(), [0.0] * 5), **FAST)
    told = {name: one.slope.verdict for name, one in found.measures.items()}
    assert told["sensitivity"] == told["accuracy"] == told["f1"] == "improves"
    assert told["criterion"] in ("flat", "cannot tell")
    assert found.measures["sensitivity"].slope.value == pytest.approx(1.0, abs=0.12)
    assert found.measures["sensitivity"].p_same < 1e-10


def test_the_measures_are_those_of_the_counts():
    gold = np.array([1] * 40 + [0] * 60)
    said = np.array([1] * 30 + [0] * 10 + [1] * 15 + [0] * 45)
    words = np.array(["no", "yes"])
    answers = make(
        np.tile((said == gold).astype(np.int8), (3, 1)),
        answers=[words[said].tolist()] * 3,
        gold=words[gold].tolist(),
        options=2,
        sizes=SIZES[:3],
    )
    (found,) = hallucination_trends(answers, **FAST)
    values = {name: one.values[0].value for name, one in found.measures.items()}
    assert values["false_yes"] == pytest.approx(15 / 60)
    assert values["false_no"] == pytest.approx(10 / 40)
    assert values["yes_ratio"] == pytest.approx(0.45)
    assert values["f1"] == pytest.approx(2 * 30 / (2 * 30 + 15 + 10))
    assert values["accuracy"] == pytest.approx(0.75)


def test_one_right_answer_throughout_has_no_sensitivity():
    (found,) = hallucination_trends(
        yes_no([1.0] * 5, centred(), gold=np.zeros(300, int), items=300), **FAST
    )
    assert set(found.measures) == {"accuracy", "yes_ratio"}
    assert found.notices[-1].code == "single-gold-class"
    assert hallucination_trends(line(0.3, 50), **FAST) == ()


def choices(confidence, right, gold):
    """Probabilities of four options: `confidence` on the one that is taken."""
    models, items = right.shape
    taken = np.where(right == 1, gold, (gold + 1) % 4)
    found = np.broadcast_to(((1 - confidence) / 3)[..., None], (models, items, 4)).copy()
    np.put_along_axis(found, taken[..., None], confidence[..., None], 2)
    return found


def test_calibration_of_a_model_that_knows_what_it_knows():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 0.95, (5, 4000))
    gold = rng.integers(0, 4, 4000)
    right = (rng.random((5, 4000)) < confidence).astype(np.int8)
    letters = np.array(list("abcd"))
    answers = make(
        right, gold=letters[gold].tolist(), choices=choices(confidence, right, gold), sizes=SIZES
    )
    found = calibration_trends(answers, **FAST)
    assert max(one.value for one in found.measures["calibration_error"].values) < 0.035
    # expected over confidence p: -p log p - (1 - p) log((1 - p) / 3)
    p = confidence
    expected = (-p * np.log(p) - (1 - p) * np.log((1 - p) / 3)).mean()
    assert found.measures["log_loss"].values[0].value == pytest.approx(expected, abs=0.03)
    brier = (p * (1 - p) + (1 - p) * (1 - (1 - p) / 3)).mean()
    assert found.measures["brier"].values[0].value == pytest.approx(brier, abs=0.02)


def test_calibration_that_improves_with_size():
    rng = np.random.default_rng(1)
    gold = rng.integers(0, 4, 3000)
    right = drawn([0.6] * 5, 3000, 0)
    confidence = np.repeat((0.6 + np.array([0.3, 0.22, 0.15, 0.08, 0.0]))[:, None], 3000, 1)
    letters = np.array(list("abcd"))
    answers = make(
        right, gold=letters[gold].tolist(), choices=choices(confidence, right, gold), sizes=SIZES
    )
    one = calibration_trends(answers, **FAST).measures["calibration_error"]
    assert one.values[0].value == pytest.approx(0.3, abs=0.03)
    assert one.values[-1].value == pytest.approx(0.0, abs=0.03)
    assert one.slope.verdict == "improves"
    assert one.slope.value == pytest.approx(-0.15, abs=0.03)


def test_calibration_without_probabilities():
    right = drawn([0.4, 0.5, 0.6, 0.7, 0.8], 400, 0)
    loss = np.broadcast_to(np.array([1.5, 1.3, 1.1, 0.9, 0.7])[:, None], right.shape).copy()
    loss[0, :10] = np.nan
    found = calibration_trends(make(right, loss=loss, sizes=SIZES), **FAST)
    assert set(found.measures) == {"log_loss"}
    assert found.n == 390
    assert found.notices[0].code == "no-probability"
    assert found.measures["log_loss"].slope.value == pytest.approx(-0.4, abs=0.01)
    with pytest.raises(ItemsError, match="have neither"):
        calibration_trends(line(0.3, 50), **FAST)


def test_a_gain_that_shrinks():
    plain = drawn([0.4] * 5, 2000, 0)
    more = np.maximum(plain, drawn(0.25 - 0.1 * centred(), 2000, 1))
    found = gain_trend(make(more, sizes=SIZES), make(plain, sizes=SIZES), **FAST)
    assert found.gain.slope.verdict == "shrinks"
    assert found.gain.values[0].value == pytest.approx(
        float(more[0].mean() - plain[0].mean()), abs=1e-6
    )
    none = gain_trend(make(plain, sizes=SIZES), make(plain, sizes=SIZES), **FAST)
    assert none.gain.slope.verdict == "cannot tell"
    json.dumps(found.to_document())


def test_a_gain_pairs_questions_by_key():
    plain = make(drawn([0.4] * 5, 300, 0), sizes=SIZES)
    changed = make(drawn([0.5] * 5, 300, 1), sizes=SIZES)
    order = np.random.default_rng(0).permutation(300)[:200]
    one = gain_trend(changed.columns(order), plain, **FAST)
    two = gain_trend(changed.columns(np.sort(order)), plain.columns(np.sort(order)), **FAST)
    assert (one.n, one.left_out, two.left_out) == (200, 100, 0)
    assert [v.value for v in one.gain.values] == pytest.approx([v.value for v in two.gain.values])
    with pytest.raises(ItemsError, match="put to other models"):
        gain_trend(changed.lines([0, 1, 2]), plain, **FAST)


def asked(ways, items=800, sizes=SIZES):
    """Answers under four conditions; `ways` has right answers (M, I) by condition."""
    models = tuple(Model(f"m{m}", "F", s, s) for m, s in enumerate(sizes))
    parts = []
    for condition, (right, answers) in ways.items():
        rows = right.size
        parts.append(
            (
                np.repeat(np.arange(len(models), dtype=np.int32), items),
                np.tile(np.arange(items, dtype=np.int32), len(models)),
                [condition] * rows,
                right.ravel(),
                answers.ravel(),
            )
        )
    model, item, condition, right, answers = (np.concatenate(x) for x in zip(*parts, strict=True))
    return Items(
        models,
        model,
        Coded(item.astype(np.int32), tuple(map(str, range(items)))),
        Coded.same("t", len(model)),
        Coded.of(condition.tolist()),
        Coded.same("a", len(model)),
        Coded.of(str(a) for a in answers),
        right.astype(np.int8),
    )


def test_shapley_values_add_up_to_what_there_is():
    rng = np.random.default_rng(0)
    p = {"none": 0.25, "text": 0.4, "image": 0.35, "both": 0.7}
    ways = {}
    for way, share in p.items():
        right = (rng.random((5, 800)) < share).astype(np.int8)
        ways[way] = (right, np.where(right == 1, "a", "b"))
    found = modality_attribution(asked(ways), {way: way for way in p}, **FAST)
    values = {name: np.array([v.value for v in one.values]) for name, one in found.measures.items()}
    v = {way: np.array(row) for way, row in found.values.items()}
    assert values["text"] + values["image"] == pytest.approx(v["both"] - v["none"])
    assert values["interaction"] == pytest.approx(v["both"] - v["text"] - v["image"] + v["none"])
    assert values["text"] == pytest.approx(
        (v["text"] - v["none"] + v["both"] - v["image"]) / 2, abs=1e-6
    )
    # wrong answers on both are b; the text-only answer is b where it is wrong
    wrong = ways["both"][0] == 0
    expected = ((ways["text"][0] == 0) & wrong).sum(1) / wrong.sum(1)
    assert values["language_prior"] == pytest.approx(expected)
    assert found.measures["text"].slope.verdict in ("flat", "cannot tell")


def test_the_image_counts_for_more_in_larger_models():
    right = {
        "none": drawn([0.25] * 5, 800, 0),
        "text": drawn([0.4] * 5, 800, 1),
        "image": drawn([0.25] * 5, 800, 2),
        "both": drawn(sigma(0.2 + 0.8 * centred()), 800, 3),
    }
    ways = {way: (one, np.where(one == 1, "a", "b")) for way, one in right.items()}
    found = modality_attribution(asked(ways), {way: way for way in right}, **FAST)
    assert found.measures["image"].slope.verdict == "grows"
    assert found.measures["text_share"].slope.value < 0
    assert found.n == 800
    json.dumps(found.to_document())


def test_attribution_needs_four_ways():
    right = drawn([0.5] * 5, 800, 0)
    ways = {"text": (right, np.full(right.shape, "a"))}
    with pytest.raises(ItemsError, match="conditions lack none, image, both"):
        modality_attribution(asked(ways), {"text": "text"}, **FAST)


def test_the_document_is_plain_data():
    (found,) = hallucination_trends(grid(simulate("bias-shift", items=200)), **FAST)
    assert json.loads(json.dumps(found.to_document()))["measures"]["criterion"]["slope"]
    assert isinstance(grid(simulate("bias-shift", items=200)), Grid)
