"""Agreement of two sources of labels: kappa, its interval, and when nothing can be told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from isoloss.errors.items import Coded, Items, Labels
from isoloss.errors.labels import label_agreement
from isoloss.exceptions import ItemsError
from tests.errors.labels_cases import answers


def _labelled(first: list[str | None], second: list[str | None], **columns: list) -> Items:
    rows = [{name: column[i] for name, column in columns.items()} for i in range(len(first))]
    items = answers(*({"gold": "a", "prediction": "b", **row} for row in rows))
    nothing = np.full(len(first), np.nan)
    rule = Coded.of([None] * len(first))
    for name, given in (("one", first), ("two", second)):
        items = items.with_labels(name, Labels(Coded.of(given), rule, nothing))
    return items


def _table(counts: dict[tuple[str, str], int]) -> Items:
    first = [a for (a, _), count in counts.items() for _ in range(count)]
    second = [b for (_, b), count in counts.items() for _ in range(count)]
    return _labelled(first, second)


def test_kappa_of_a_textbook_table() -> None:
    """45, 15, 25, 15 of 100: observed .60, expected .54, kappa .1304 (Cohen 1960, definition)."""
    found = label_agreement(
        _table({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}), "one", "two"
    )
    assert found.observed == pytest.approx(0.60)
    assert found.expected == pytest.approx(0.54)
    assert found.kappa == pytest.approx(0.06 / 0.46)
    assert found.n == 100
    assert found.modes == ("y", "n")
    assert found.table.tolist() == [[45, 15], [25, 15]]
    first = found.by_mode[0]
    assert (first.precision, first.recall) == (45 / 60, 45 / 70)
    assert first.precision_interval[0] < 0.75 < first.precision_interval[1]
    assert found.kappa_interval[0] < found.kappa < found.kappa_interval[1]
    assert found.verdict == "cannot tell"


def test_interval_has_the_width_of_theory() -> None:
    """Of independent answers the standard error is near that of Fleiss, Cohen and Everitt 1969."""
    found = label_agreement(
        _table({("y", "y"): 400, ("y", "n"): 100, ("n", "y"): 100, ("n", "n"): 400}), "one", "two"
    )
    width = found.kappa_interval[1] - found.kappa_interval[0]
    # kappa = 2 p_o - 1 with equal margins, so its error is twice that of a share of 0.8
    assert width == pytest.approx(2 * 1.96 * 2 * np.sqrt(0.8 * 0.2 / 1000), rel=0.15)
    assert found.verdict == "better"
    assert "better than by chance" in found.says


def test_questions_of_one_cluster_are_drawn_together() -> None:
    first = [("x", "y")[i % 2] for i in range(200)]
    second = [("x", "y")[(i + (i // 20 % 3 == 0)) % 2] for i in range(200)]
    alone = label_agreement(_labelled(first, second), "one", "two")
    groups = [f"c{i // 20}" for i in range(200)]
    together = label_agreement(_labelled(first, second, cluster=groups), "one", "two")
    assert together.kappa == alone.kappa
    wide = np.ptp(together.kappa_interval)
    assert wide > 2 * np.ptp(alone.kappa_interval)
    same = [f"q{i // 20}" for i in range(200)]
    models = [f"m{i % 20}" for i in range(200)]
    asked = label_agreement(_labelled(first, second, item=same, model=models), "one", "two")
    assert asked.items == 10
    assert np.ptp(asked.kappa_interval) == pytest.approx(wide, rel=0.3)


def test_few_labels_cannot_tell() -> None:
    found = label_agreement(_labelled(["x", "y"] * 14, ["x", "y"] * 14), "one", "two")
    assert found.kappa == 1.0
    assert found.verdict == "cannot tell"
    assert found.says == "cannot tell: 28 answers have both labels, and at least 30 are needed"
    enough = label_agreement(_labelled(["x", "y"] * 15, ["x", "y"] * 15), "one", "two")
    assert enough.verdict == "better"


def test_right_answers_and_missing_labels_do_not_count() -> None:
    items = _labelled(
        ["x", "y", "correct", None, "x"],
        ["x", "x", "correct", "x", None],
        correct=[0, 0, 1, 0, 0],
    )
    found = label_agreement(items, "one", "two")
    assert found.n == 2
    assert found.observed == 0.5


def test_one_mode_throughout_has_no_kappa() -> None:
    found = label_agreement(_labelled(["x"] * 40, ["x"] * 40), "one", "two")
    assert np.isnan(found.kappa)
    assert found.verdict == "cannot tell"
    assert json.loads(json.dumps(found.to_document()))["observed"] == 1.0


def test_vocabularies_are_brought_together() -> None:
    items = _labelled(["near", "far"] * 20, ["perception", "other"] * 20)
    apart = label_agreement(items, "one", "two")
    assert "no mode in common" in apart.says
    assert apart.verdict == "cannot tell"
    merge = {"near": "perception", "far": "other"}
    assert label_agreement(items, "one", "two", merge=merge).kappa == 1.0


def test_chance_is_no_agreement_and_disagreement_is_worse() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.choice(["x", "y", "z"], 600), rng.choice(["x", "y", "z"], 600)
    chance = label_agreement(_labelled(list(first), list(second)), "one", "two")
    assert chance.verdict == "cannot tell"
    assert "cannot tell whether" in chance.says
    turned = label_agreement(_labelled(["x", "y"] * 50, ["y", "x"] * 50), "one", "two")
    assert turned.verdict == "worse"
    assert turned.kappa == -1.0


def test_equal_seeds_give_equal_intervals() -> None:
    items = _table({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15})
    one, two = (label_agreement(items, "one", "two", seed=3).to_document() for _ in range(2))
    assert one == two
    assert label_agreement(items, "one", "two", seed=4).to_document() != one


def test_unknown_sources() -> None:
    items = _labelled(["x"], [None])
    with pytest.raises(ItemsError, match="no labels 'three'; there are one, two"):
        label_agreement(items, "one", "three")
    with pytest.raises(ItemsError, match="no wrong answer has labels from both"):
        label_agreement(items, "one", "two")
