"""Labels by rules on real tables of answers, beside the labels that the tables came with.

The given labels were made by simpler rules: they have no near misses, sets, consensus or one-letter
runs (all `wrong_option`), call every multiple-choice answer without a bare letter `unparsed`, and
read only decimals as numbers (fractions, roots and units are `non_numeric`).
"""

from __future__ import annotations

import csv
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from isoloss.errors.items import MISSING, Coded, Items
from isoloss.errors.labels import (
    HumanLabel,
    LabelAgreement,
    label,
    label_agreement,
    label_counts,
    one_letter_runs,
    rank_distance,
    rescored,
)

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

# what the given labels do not tell apart
COARSE = {
    "near_miss": "wrong_option",
    "set_subset": "wrong_option",
    "set_superset": "wrong_option",
    "consensus_distractor": "wrong_option",
    "position_prior": "wrong_option",
    "format_recoverable": "unparsed",
    "echo": "unparsed",
    "multiple_answers": "unparsed",
}


@pytest.fixture(scope="module")
def tables(shared: Path) -> Iterator[ModuleType]:
    if not (shared / "items").is_dir():
        pytest.skip("the folder 'shared' holds no tables of answers")
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("item_tables")
    finally:
        sys.path.remove(str(BENCHMARKS))


@lru_cache(maxsize=8)
def _load(tables: ModuleType, shared: Path, name: str) -> Items:
    return label(tables.load(name, shared))


def _by_model(items: Items, mode: str, source: str = "rules") -> Counter[str]:
    column = items.labels[source].mode
    rows = np.flatnonzero(column.codes == column.code(mode)) if mode in column.values else []
    return Counter(items.models[i].name for i in items.model[rows])


def _agree(items: Items, merge: dict[str, str] | None = None) -> LabelAgreement:
    return label_agreement(items, "rules", "given", merge=merge, replicates=200)


@pytest.mark.parametrize(
    ("name", "n"),
    [("visonlyqa", 19449), ("blink_val", 22045), ("pope_llava15", 1930), ("mme_llava15", 936)],
)
def test_rules_agree_with_given_labels_as_far_as_those_go(tables, shared, name, n):
    found = _agree(_load(tables, shared, name), COARSE)
    assert found.n == n
    assert found.kappa == 1.0
    assert found.verdict == "better"


def test_finer_rules_split_what_was_one_mode(tables, shared):
    """Without merging, kappa falls by exactly the given labels' coarseness."""
    assert _agree(_load(tables, shared, "visonlyqa")).kappa == pytest.approx(0.506, abs=0.005)
    assert _agree(_load(tables, shared, "blink_val")).kappa == pytest.approx(0.383, abs=0.005)


def test_numbers_of_mathvision(tables, shared):
    """Every difference from the given labels is one of those that are listed here."""
    items = _load(tables, shared, "mathvision")
    assert _agree(items, COARSE).kappa == pytest.approx(0.937, abs=0.005)
    pairs = Counter(
        zip(items.labels["given"].mode.texts(), items.labels["rules"].mode.texts(), strict=True)
    )
    for mode, n in (("num_off_by_one", 561), ("num_within_25pct", 656), ("num_far", 7781)):
        assert pairs[mode, mode] == n == sum(_by_model(items, mode, "given").values())
    # the other sign was a power of ten to the given labels: |answer / gold| = 10^0
    assert pairs["num_power_of_10", "num_power_of_10"] == 62
    assert pairs["num_power_of_10", "num_sign"] == 3
    # fractions, roots, pi and units were no numbers to the given labels
    latex = {mode: n for (given, mode), n in pairs.items() if given == "non_numeric"}
    assert sum(latex.values()) == 951
    assert sum(n for mode, n in latex.items() if mode.startswith("num_")) == 727
    assert latex["non_numeric"] == 176
    # a token, or an answer in another form, was unparsed
    other = {mode: n for (given, mode), n in pairs.items() if given == "unparsed"}
    assert sum(other.values()) == 3114
    assert other["echo"] == 598
    assert other["format_recoverable"] == 507
    assert other["unparsed"] == 1932


def test_letters_beyond_the_options_of_blink(tables, shared):
    items = _load(tables, shared, "blink_val")
    found = _by_model(items, "out_of_range")
    assert found == _by_model(items, "out_of_range", "given")
    assert found["llava_v1.5_7b"] == 140
    assert found["llava_v1.5_13b"] == 38
    assert found["llava-internlm2-7b"] == 299
    said = next(one for one in items.notices if one.code == "refusals-behind-letters").message
    # the table keeps the graders' z, so that what was declined is out of range, and is counted
    assert said.startswith("900 of 1326")


def test_z_imported_as_no_answer_shows_refusals(tables, shared):
    table = _load(tables, shared, "blink_val")
    z = table.prediction.codes == table.prediction.code("z")
    codes = np.where(z, MISSING, table.prediction.codes)
    items = label(replace(table, prediction=Coded(codes, table.prediction.values)))
    declined = _by_model(items, "refusal") + _by_model(items, "missing_modality")
    assert declined["llava_v1.5_7b"] >= 120
    assert sum(declined.values()) >= 850
    assert sum(_by_model(items, "out_of_range").values()) < 60


def test_one_letter_runs_on_jigsaw(tables, shared):
    runs = {
        (run.model, run.task): run for run in one_letter_runs(_load(tables, shared, "blink_val"))
    }
    for model in ("instructblip_7b", "instructblip_13b", "Yi_VL_34B"):
        run = runs[model, "Jigsaw"]
        assert run.bits == 0.0
        assert run.gold_bits == pytest.approx(1.0, abs=0.005)
        assert run.n == 150


def test_rank_distance_is_the_tables(tables, shared):
    import pandas as pd

    items = _load(tables, shared, "visonlyqa")
    given = pd.read_parquet(shared / "items" / "visonlyqa.parquet")["rank_distance"]
    assert np.array_equal(rank_distance(items), given.to_numpy(float), equal_nan=True)


@pytest.mark.parametrize(
    ("family", "shares"),
    [
        ("InternVL2", [0.478, 0.472, 0.447, 0.544, 0.540]),
        ("Qwen2-VL", [0.438, 0.504, 0.547]),
    ],
)
def test_adjacent_share_by_size(tables, shared, family, shares):
    """Of wrong answers to questions with ordered options, asked without reasoning."""
    items = _load(tables, shared, "visonlyqa").where(family=family, condition="no_reasoning")
    distance = rank_distance(items)
    used = sorted(set(items.model.tolist()), key=lambda i: items.models[i].params)
    wrong = (distance > 0) & (items.correct == 0)
    found = [float((distance[wrong & (items.model == model)] == 1).mean()) for model in used]
    assert found == pytest.approx(shares, abs=0.002)


def test_rescoring_finds_right_answers_that_were_missed(tables, shared):
    found = rescored(_load(tables, shared, "mathvision"))
    assert "507 of 19047 wrong answers" in found.notices[-1].message
    assert "116 are right" in found.notices[-1].message
    found = rescored(_load(tables, shared, "blink_val"))
    assert "36 of 22045" in found.notices[-1].message
    assert "16 are right" in found.notices[-1].message


def test_human_shares_of_perception(shared):
    """Counts by people on 50 wrong answers of each InternVL2; answers may have several labels."""
    path = shared / "items" / "visonlyqa_human_cot_error_counts.csv"
    if not path.is_file():
        pytest.skip("the folder 'shared' holds no counts of human labels")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["task"] == "all" and row["model"].startswith("InternVL2")
        ]
    labels = [
        HumanLabel(row["model"], f"q{i}", row["error_type"])
        for row in rows
        if row["answer"] == "incorrect"
        for i in range(int(row["count"]))
    ]
    size = {row["model"]: float(row["size_params"]) for row in rows}
    total, seen = Counter(), Counter()
    for one in label_counts(labels):
        total[one.model] += one.labels
        seen[one.model] += one.labels * (one.mode == "Perception Error")
    shares = [seen[model] / total[model] for model in sorted(size, key=lambda name: size[name])]
    assert shares == pytest.approx([0.696, 0.787, 0.793, 0.922], abs=0.002)
