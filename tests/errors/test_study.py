"""One family as one value, its answer in words, and sentences about it."""

import json
import math

import numpy as np
import pytest

from isoloss.errors.items import Model
from isoloss.errors.simulate import simulate
from isoloss.errors.study import (
    answer,
    check_claim,
    families_to_study,
    read_claim,
    study,
)
from isoloss.exceptions import ItemsError
from isoloss.store import dumps

FEW = 200


@pytest.fixture(scope="module")
def capable():
    items = simulate("capability", seed=1)
    return study(items, items.families[0], replicates=FEW)


@pytest.fixture(scope="module")
def leaning():
    items = simulate("bias-shift", seed=1)
    return study(items, items.families[0], replicates=FEW)


def two_sizes(cause: str = "capability", seed: int = 0):
    items = simulate(cause, seed=seed)
    names = [model.name for model in items.models]
    return items.where(models=(names[0], names[-1]))


def test_the_answer_says_what_was_simulated(capable):
    text = answer(capable)
    assert "5 sizes" in text
    assert "Accuracy rises with size" in text
    assert "size as packaged" in text
    assert "What cannot be seen here" in text
    assert "upper bound" in text
    assert "get worse" not in text


def test_a_bias_shift_is_no_rise(leaning):
    text = answer(leaning)
    assert "rises with size" not in text
    assert "the leaning towards one of them changes with size" in text


def test_two_sizes_are_a_comparison_and_no_trend():
    found = study(two_sizes(), simulate("capability").families[0], replicates=FEW)
    text = answer(found)
    assert not found.is_trend
    assert "Two sizes allow a comparison and no trend" in text
    assert "The larger is more accurate" in text
    assert "with size:" not in text.replace("mix of mistakes changes with size:", "")
    verdict = check_claim(found, "larger models are more accurate")
    assert verdict.verdict == "supported"
    assert "two sizes: a difference between two models, no trend" in verdict.cautions


def test_the_same_seed_gives_the_same_document(capable):
    items = simulate("capability", seed=1)
    again = study(items, items.families[0], replicates=FEW)
    first = dumps(capable.to_document())
    assert first == dumps(again.to_document())
    found = json.loads(first)
    assert found["questions"] == 1200
    assert "calibration" in found
    assert {task["name"] for task in found["accuracy"]["tasks"]}


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("larger models are more accurate", "supported"),
        ("bigger models make fewer mistakes", "supported"),
        ("smaller models make more errors", "supported"),
        ("smaller models are more accurate", "contradicted"),
        ("scaling makes accuracy worse", "contradicted"),
        ("accuracy does not change with size", "contradicted"),
        ("larger models hallucinate less", "not checkable"),
        ("larger models make fewer perception errors", "not checkable"),
        ("larger models make the same mistakes", "not checkable"),
        ("larger models are prettier", "not checkable"),
        ("the sky is blue", "not checkable"),
    ],
)
def test_sentences_on_a_capability(capable, sentence, verdict):
    found = check_claim(capable, sentence)
    assert found.verdict == verdict, found
    assert found.because


def test_what_chance_could_do_is_not_told():
    """Thirty questions and half a decade: a real effect that these cannot show."""
    items = simulate("capability", items=30, sizes=(1e9, 2e9, 3e9, 4e9), seed=0)
    found = study(items, items.families[0], replicates=FEW)
    assert check_claim(found, "larger models are more accurate").verdict == "cannot tell"


def test_leaning_is_read_from_what_is_said(leaning):
    kind = leaning.hallucination[0]
    assert kind.positive == "yes"
    slope = kind.measures["yes_ratio"].slope
    way = "more" if slope.value > 0 else "less"
    other = "less" if way == "more" else "more"
    assert check_claim(leaning, f"larger models say yes {way} often").verdict == "supported"
    assert check_claim(leaning, f"larger models say yes {other} often").verdict == "contradicted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bigger models' errors are a larger share of false no", ("share:false_no", "more", "")),
        ("Larger VLMs make more near-miss errors", ("mode:near_miss", "more", "")),
        ("small models refuse more often", ("mode:refusal", "less", "")),
        ("hallucination is nearly scale-free", ("false_yes", "the same", "")),
        ("scaling reduces hallucination", ("false_yes", "less", "")),
        ("larger models are better calibrated", ("calibration_error", "less", "")),
        ("bigger models are worse at Jigsaw", ("accuracy", "less", "Jigsaw")),
        ("errors fall with size", ("accuracy", "more", "")),
        ("size has no effect on accuracy", ("accuracy", "the same", "")),
    ],
)
def test_sentences_are_read(text, expected):
    found = read_claim(text, ("false_no", "correct"), ("geometry__area", "Jigsaw"))
    assert not isinstance(found, str), found
    assert (found.measure, found.direction, found.task) == expected


def test_what_cannot_be_read_says_why():
    assert "nothing of larger or smaller models" in str(read_claim("accuracy is high"))
    assert "does not say whether" in str(read_claim("accuracy of larger models"))


def test_bad_input_is_one_message():
    items = simulate("capability", seed=0)
    family = items.families[0]
    with pytest.raises(ItemsError, match="no model has family 'G'"):
        study(items, "G")
    one = items.where(models=(items.models[0].name,))
    with pytest.raises(ItemsError, match="has one size here"):
        study(one, family)
    unknown = tuple(Model(m.name, m.family, math.nan, math.nan) for m in items.models)
    from dataclasses import replace

    with pytest.raises(ItemsError, match="has params in the models file"):
        study(replace(items, models=unknown), family)
    assert families_to_study(items) == (family,)
    assert families_to_study(one) == ()


def test_unknown_sizes_are_left_out():
    items = simulate("capability", seed=0)
    from dataclasses import replace

    models = list(items.models)
    models[2] = Model(models[2].name, models[2].family, math.nan, math.nan)
    found = study(replace(items, models=tuple(models)), items.families[0], replicates=FEW)
    assert len(found.grid.models) == 4
    assert np.isfinite(found.grid.size).all()


def test_one_answer_that_is_always_right_is_named():
    items = simulate("base-rate", seed=1)
    found = study(items, items.families[0], replicates=FEW)
    assert any(rate.single for rate in found.base_rates)
    assert "one answer is always right" in answer(found)
