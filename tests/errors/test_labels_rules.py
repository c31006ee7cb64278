"""Every built-in rule finds what it says, and leaves alone what it should."""

from __future__ import annotations

import json

import numpy as np
import pytest

from isoloss.errors.labels import (
    CORRECT,
    FORMAT_MODES,
    MODES,
    RULES_VERSION,
    Taxonomy,
    label,
    one_letter_runs,
    rank_distance,
    rescored,
    rule_counts,
    rules_table,
)
from isoloss.errors.labels.rules import RULES
from tests.errors.labels_cases import answers, modes

NUMBERS = ["1", "2", "4", "8"]
CARS = ["red car", "blue car", "green bus", "no car"]

# what is asked and answered, and the rule that should decide
DECIDED = {
    "blank text": ({"gold": "a", "n": 4, "raw": "  "}, "empty"),
    "blank record": ({"gold": "a", "n": 4, "prediction": ""}, "empty"),
    "no column of texts": ({"gold": "a", "n": 4}, "unparsed"),
    "failed request": (
        {"gold": "a", "n": 4, "raw": "Failed to obtain answer via API."},
        "failed-request",
    ),
    "cut off": ({"gold": "a", "n": 4, "raw": "Let us see. The", "finish": "length"}, "truncated"),
    "cut off, a number read from the middle": (
        {"gold": "7", "prediction": "3", "raw": "First, 3 of", "finish": "length"},
        "truncated",
    ),
    "cut off behind the answer": (
        {"gold": "a", "n": 4, "prediction": "B", "raw": "B. Because the", "finish": "length"},
        "another-option",
    ),
    "stopped by itself": (
        {"gold": "7", "prediction": "3", "raw": "First, 3 of", "finish": "stop"},
        "far",
    ),
    "no image": (
        {"gold": "a", "n": 4, "raw": "I cannot see the image you mention."},
        "missing-modality",
    ),
    "asks for the image": (
        {"gold": "a", "n": 4, "raw": "Sure! Please provide the images you want me to analyze."},
        "missing-modality",
    ),
    "image not attached": (
        {"gold": "dog", "prediction": "There is no image attached to this message"},
        "missing-modality",
    ),
    "sees nothing of it in the image": (
        {"gold": "dog", "prediction": "I do not see a cat in the image"},
        "another-answer",
    ),
    "declines": ({"gold": "a", "n": 4, "raw": "I'm sorry, I can't help with that."}, "refusal"),
    "cannot be determined": (
        {"gold": "a", "n": 4, "raw": "It is not possible to confidently determine which one."},
        "refusal",
    ),
    "hedges, then answers": (
        {"gold": "a", "n": 4, "prediction": "b", "raw": "It is hard to tell, but (B)."},
        "another-option",
    ),
    "declining is an option": (
        {
            "gold": "a",
            "options": ["red", "blue", "It cannot be determined"],
            "raw": "It cannot be determined",
        },
        "option-text",
    ),
    "special token": ({"gold": "a", "n": 5, "prediction": "<image2>"}, "echo"),
    "boxed token": ({"gold": "a", "n": 5, "raw": r"\boxed{<image1>}"}, "echo"),
    "the prompt": (
        {
            "gold": "dog",
            "question": "What animal is sitting on the old wooden chair?",
            "prediction": "what animal is sitting on the old wooden",
        },
        "echo",
    ),
    "this or that": (
        {"gold": "the dog", "question": "Is it the dog or the cat?", "prediction": "the cat"},
        "another-answer",
    ),
    "letter beyond": ({"gold": "a", "n": 4, "prediction": "F"}, "out-of-range"),
    "letter beyond in the text": ({"gold": "a", "n": 4, "raw": "(E)"}, "out-of-range"),
    "last letter": ({"gold": "a", "n": 5, "prediction": "E"}, "another-option"),
    "index beyond": ({"gold": "1", "n": 3, "prediction": "3"}, "out-of-range"),
    "index from one": ({"gold": "3", "n": 3, "prediction": "1"}, "another-option"),
    "index beyond from one": ({"gold": "3", "n": 3, "prediction": "4"}, "out-of-range"),
    "index before one": ({"gold": "3", "n": 3, "prediction": "0"}, "unparsed"),
    "option's text that is a letter": (
        {"gold": "b", "options": ["U", "V", "W"], "prediction": "U"},
        "option-text",
    ),
    "option's text": ({"gold": "a", "options": CARS, "prediction": "Blue car."}, "option-text"),
    "option's text in a sentence": (
        {"gold": "a", "options": CARS, "raw": "That must be the blue car over there"},
        "option-text",
    ),
    "two options' texts": (
        {"gold": "a", "options": CARS, "raw": "Either the blue car or the green bus"},
        "unparsed",
    ),
    "option's number": ({"gold": "a", "options": NUMBERS, "prediction": "4.0"}, "option-text"),
    "letter with text": ({"gold": "a", "n": 4, "prediction": "c) point c"}, "option-text"),
    "letter in a sentence": (
        {"gold": "a", "n": 4, "raw": r"The answer is \textbf{C}."},
        "option-text",
    ),
    "letter with another option's text": (
        {"gold": "a", "options": CARS, "raw": "(C) blue car"},
        "unparsed",
    ),
    "right in brackets": ({"gold": "B", "n": 4, "prediction": "(B)"}, "other-form"),
    "right as a decimal": ({"gold": "1/2", "prediction": "0.5"}, "other-form"),
    "right and scored wrong": ({"gold": "B", "n": 4, "prediction": "B"}, "score-conflict"),
    "two letters": ({"gold": "a", "n": 4, "raw": "B and C"}, "multiple-answers"),
    "all letters": ({"gold": "a", "n": 4, "raw": "(A) (B) (C) (D)"}, "multiple-answers"),
    "yes and no": ({"gold": "yes", "raw": "yes and no"}, "multiple-answers"),
    "two numbers": ({"gold": "7", "prediction": "3 or 4"}, "multiple-answers"),
    "thousands": ({"gold": "2,000", "prediction": "1,000"}, "far"),
    "another word": ({"gold": "yes", "raw": "Landscape"}, "unparsed"),
    "false yes": ({"gold": "no", "n": 2, "prediction": "Yes"}, "false-yes"),
    "false no": ({"gold": "True", "prediction": "False"}, "false-no"),
    "false no by letter": (
        {"gold": "A", "options": ["Yes", "No"], "prediction": "B"},
        "false-no",
    ),
    "no number": ({"gold": "12", "prediction": "giraffe"}, "non-numeric"),
    "one more": ({"gold": "9", "prediction": "10"}, "off-by-one"),
    "one less in words": ({"gold": "4", "prediction": "three"}, "off-by-one"),
    "other sign": ({"gold": "-12", "prediction": "12"}, "sign"),
    "a hundred times": ({"gold": "16", "prediction": "1600"}, "power-of-10"),
    "another unit": ({"gold": "3 m", "prediction": "300 cm"}, "unit"),
    "without its unit": ({"gold": "45 degrees", "prediction": "45"}, "unit"),
    "a share": ({"gold": "0.2", "prediction": "20%"}, "unit"),
    "a fifth more": ({"gold": "100", "prediction": "120"}, "within-25-percent"),
    "LaTeX": ({"gold": r"$\frac{25}{2}$", "prediction": r"4 \pi"}, "within-25-percent"),
    "far": ({"gold": "100", "prediction": "30"}, "far"),
    "adjacent": ({"gold": "B", "options": NUMBERS, "prediction": "C"}, "adjacent-option"),
    "adjacent, unsorted": (
        {"gold": "a", "options": ["90°", "0°", "45°"], "prediction": "c"},
        "adjacent-option",
    ),
    "two apart": ({"gold": "A", "options": NUMBERS, "prediction": "C"}, "another-option"),
    "a scale": (
        {"gold": "a", "options": ["small", "large", "medium"], "prediction": "c"},
        "adjacent-option",
    ),
    "no order": ({"gold": "A", "options": CARS, "prediction": "B"}, "another-option"),
    "mixed units": (
        {"gold": "A", "options": ["1 m", "2 kg", "3 s"], "prediction": "B"},
        "another-option",
    ),
    "options by text": (
        {"gold": "red car", "options": CARS, "prediction": "green bus"},
        "another-option",
    ),
    "several golds": (
        {"gold": json.dumps(["cat", "kitten"]), "prediction": "Kitten"},
        "one-of-several-golds",
    ),
    "none of several golds": (
        {"gold": json.dumps(["cat", "kitten"]), "prediction": "dog"},
        "another-answer",
    ),
    "some of the set": ({"gold": "a,b,d", "prediction": "b, d"}, "subset"),
    "more than the set": ({"gold": "a,b", "prediction": "a,b,c"}, "superset"),
    "another set": ({"gold": "a,b", "prediction": "a,c"}, "another-option"),
    "a set written together": ({"gold": "ABD", "n": 4, "prediction": "AB"}, "subset"),
    "no list of letters": ({"gold": "a,b", "prediction": "none of them"}, "unparsed"),
    "free text": ({"gold": "Paris", "prediction": "London"}, "another-answer"),
    "markup stays text": (
        {"gold": "Paris", "prediction": "<script>alert(1)</script> London"},
        "another-answer",
    ),
}


@pytest.mark.parametrize("name", DECIDED)
def test_rule_decides(name: str) -> None:
    row, rule = DECIDED[name]
    found = label(answers(row)).labels["rules"]
    assert found.rule[0] == rule
    assert found.mode[0] == next(one.mode for one in RULES if one.id == rule)
    assert 0 < found.confidence[0] <= 1


def test_every_rule_without_needs_is_tried() -> None:
    tried = {rule for _, rule in DECIDED.values()}
    asked = {"constant-answer", "consensus-distractor"}
    given = {rule.id for rule in RULES if rule.needs} - {"truncated"}
    assert tried | asked | given == {rule.id for rule in RULES}


def test_right_and_unscored_answers() -> None:
    found = label(
        answers(
            {"gold": "a", "n": 4, "prediction": "a", "correct": 1},
            {"gold": "a", "n": 4, "prediction": "b", "correct": -1},
            {"gold": "a", "n": 4, "prediction": "b"},
        )
    )
    assert modes(found) == [CORRECT, None, "wrong_option"]
    sure = found.labels["rules"].confidence
    assert sure[0] == 1
    assert np.isnan(sure[1])
    assert found.labels["rules"].rule[0] is None


def test_no_answers_and_no_wrong_answers() -> None:
    assert modes(label(answers({"gold": "a", "prediction": "a", "correct": 1}))) == [CORRECT]
    empty = answers({"gold": "a", "prediction": "b"}).select(np.zeros(0, dtype=int))
    assert modes(label(empty)) == []
    assert len(rescored(empty)) == 0


def test_missing_gold_and_strange_options_are_no_error() -> None:
    rows = [
        {"gold": None, "prediction": "b"},
        {"gold": "a", "prediction": "b", "options": "[not json"},
        {"gold": "a", "prediction": "b", "options": '{"a": 1, "b": [2]}'},
        {"gold": "a", "prediction": "\x00" * 50, "options": "[" * 3000},
        {"gold": "9" * 5000, "prediction": "9" * 400},
        {"gold": "2^{9999999}", "prediction": "7^7^7^7"},
        {"gold": "1/0", "prediction": "(" * 79},
    ]
    assert len(modes(label(answers(*rows)))) == len(rows)


def _run(model: str, said: str, golds: str) -> list[dict[str, object]]:
    return [
        {"model": model, "item": f"q{i}", "gold": gold, "n": 2, "prediction": said,
         "correct": int(gold == said)}
        for i, gold in enumerate(golds)
    ]  # fmt: skip


def test_constant_answers_count_only_where_golds_vary() -> None:
    varied = label(answers(*_run("m", "a", "ab" * 15)))
    assert set(modes(varied)) == {CORRECT, "position_prior"}
    run = one_letter_runs(varied)[0]
    assert (run.model, run.letter, run.bits, run.gold_bits, run.n) == ("m", "a", 0.0, 1.0, 30)
    same = label(answers(*_run("m", "a", "b" * 30)))
    assert set(modes(same)) == {"wrong_option"}
    few = label(answers(*_run("m", "a", "ab" * 9)))
    assert "position_prior" not in modes(few)


def test_constant_answers_allow_few_exceptions() -> None:
    rows = _run("m", "a", "ab" * 50)
    for row in rows[:10]:
        row["prediction"] = "b" if row["gold"] == "a" else "a"
        row["correct"] = int(row["prediction"] == row["gold"])
    assert "position_prior" not in modes(label(answers(*rows)))


def test_consensus_needs_five_models_and_four_of_five() -> None:
    def rows(said: str) -> list[dict[str, object]]:
        return [
            {"model": f"m{i}", "item": "q", "gold": "a", "n": 4, "prediction": one}
            for i, one in enumerate(said)
        ]

    assert modes(label(answers(*rows("bbbbc")))) == ["consensus_distractor"] * 4 + ["wrong_option"]
    assert "consensus_distractor" not in modes(label(answers(*rows("bbbcc"))))
    assert "consensus_distractor" not in modes(label(answers(*rows("bbbb"))))


def test_consensus_counts_right_answers_and_keeps_conditions_apart() -> None:
    rows = [
        {"model": f"m{i}", "item": "q", "gold": "a", "n": 4, "prediction": one,
         "correct": int(one == "a"), "condition": condition}
        for condition, said in (("x", "bbbaa"), ("y", "bbbbb"))
        for i, one in enumerate(said)
    ]  # fmt: skip
    found = modes(label(answers(*rows)))
    assert found[:3] == ["wrong_option"] * 3
    assert found[5:] == ["consensus_distractor"] * 5


def test_language_prior() -> None:
    rows = [
        {"item": "q", "gold": "a", "n": 4, "prediction": "b", "condition": "image"},
        {"item": "r", "gold": "a", "n": 4, "prediction": "b", "condition": "image"},
        {"item": "s", "gold": "a", "n": 4, "prediction": "b", "condition": "image"},
        {"item": "q", "gold": "a", "n": 4, "prediction": "B.", "condition": "text"},
        {"item": "r", "gold": "a", "n": 4, "prediction": "c", "condition": "text"},
        {"item": "q", "gold": "a", "n": 4, "prediction": "b", "condition": "image", "model": "o"},
    ]
    found = modes(label(answers(*rows), text_only="text"))
    assert found == ["language_prior", *["wrong_option"] * 5]
    with pytest.raises(Exception, match="text_only names the condition 'blind'"):
        label(answers(*rows), text_only="blind")


def test_taxonomy() -> None:
    rows = [
        {"gold": "beagle", "prediction": "Poodle"},
        {"gold": "beagle", "prediction": "tabby"},
        {"gold": "beagle", "prediction": "zebra"},
        {"gold": "a", "options": ["beagle", "poodle", "tabby"], "prediction": "b"},
        {"gold": "cat", "prediction": "elephant", "item": "cat-elephant"},
    ]
    above = {"Beagle": "dog", "poodle": "dog", "tabby": "cat"}
    found = label(answers(*rows), taxonomy=Taxonomy(above, {"cat-elephant": "Elephant"}))
    assert modes(found) == [
        "same_superclass",
        "cross_superclass",
        "wrong_other",
        "same_superclass",
        "texture_choice",
    ]
    assert modes(label(answers(*rows), taxonomy=above))[4] == "wrong_other"


def test_ocr_copy() -> None:
    rows = [
        {"item": "i1", "gold": "Paris", "prediction": "EXIT"},
        {"item": "i1", "gold": "a", "options": ["Paris", "exit", "Rome"], "prediction": "b"},
        {"item": "i2", "gold": "Paris", "prediction": "EXIT"},
    ]
    assert modes(label(answers(*rows), ocr={"i1": ["exit", "way"]})) == [
        "ocr_copy",
        "ocr_copy",
        "wrong_other",
    ]


def test_what_was_not_tried_is_said() -> None:
    found = label(answers({"gold": "a", "n": 4, "prediction": "b"}))
    said = next(one for one in found.notices if one.code == "rules-not-tried").message
    for name in ("truncated", "same-superclass", "ocr-copy", "language-prior", "texture-choice"):
        assert name in said
    first = found.notices[0].message
    assert f"version {RULES_VERSION}" in first
    assert "perception from reasoning" in first


def test_refusals_behind_a_graders_letter_are_counted() -> None:
    rows = [
        {"gold": "a", "n": 2, "prediction": "z", "raw": "It is not possible to determine that."},
        {"gold": "a", "n": 2, "prediction": "z", "raw": "Z"},
    ]
    found = label(answers(*rows))
    assert modes(found) == ["out_of_range"] * 2
    said = next(one for one in found.notices if one.code == "refusals-behind-letters")
    assert said.message.startswith("1 of 2 answers")


def test_counts_alone_and_in_order() -> None:
    rows = [
        {"gold": "a", "n": 4, "raw": "(F)"},
        {"gold": "a", "n": 4, "prediction": "b"},
        {"gold": "a", "n": 4, "prediction": "a", "correct": 1},
    ]
    counts = {one.id: one for one in rule_counts(answers(*rows))}
    assert (counts["unparsed"].found, counts["unparsed"].decided) == (1, 0)
    assert (counts["out-of-range"].found, counts["out-of-range"].decided) == (1, 1)
    assert counts["another-answer"].found == 2
    assert counts["another-answer"].n == 2
    assert counts["truncated"].skipped == "the column finish"
    assert sum(one.decided for one in counts.values()) == 2


def test_table_of_rules() -> None:
    table = rules_table()
    assert [row["order"] for row in table] == list(range(1, len(RULES) + 1))
    assert {row["mode"] for row in table} | {CORRECT} == {*MODES, CORRECT}
    assert all(row["finds"] and row["why"] for row in table)
    assert json.loads(json.dumps(table)) == list(table)
    assert "out_of_range" in FORMAT_MODES
    assert "wrong_option" not in FORMAT_MODES
    assert len({row["id"] for row in table}) == len(table)


def test_rank_distance() -> None:
    items = answers(
        {"gold": "A", "options": NUMBERS, "prediction": "D"},
        {"gold": "A", "options": NUMBERS, "prediction": "A", "correct": 1},
        {"gold": "A", "options": CARS, "prediction": "B"},
        {"gold": "A", "options": NUMBERS, "prediction": "F"},
        {"gold": "a", "options": ["1", "1.0", "2"], "prediction": "c"},
    )
    assert np.array_equal(rank_distance(items), [3, 0, np.nan, np.nan, 1], equal_nan=True)


def test_rescoring() -> None:
    rows = [
        {"gold": "B", "options": CARS, "prediction": "the blue car"},
        {"gold": "A", "options": CARS, "prediction": "the blue car"},
        {"gold": "A", "options": CARS, "prediction": "B"},
        {"gold": "1/2", "prediction": "0.5"},
        {"gold": "B", "n": 4, "prediction": "B"},
        {"gold": "True", "raw": "False, because it"},
        {"gold": "c,d", "raw": "(c), (d)"},
        {"gold": "1", "options": CARS, "prediction": "green bus"},
    ]
    found = rescored(label(answers(*({**row, "task": f"t{i}"} for i, row in enumerate(rows)))))
    assert found.correct.tolist() == [1, 0, 0, 1, 0, 0, 1, 0]
    assert found.prediction.texts()[:7] == ["B", "B", "B", "1/2", "B", "False", "c,d"]
    assert "rules" not in found.labels
    said = found.notices[-1].message
    assert "6 of 8 wrong answers" in said
    assert "3 are right" in said
    again = label(found)
    assert modes(again)[:2] == [CORRECT, "wrong_option"]
    assert not [one for one in again.notices if one.code == "recoverable-answers"]


def test_equal_answers_have_equal_labels_in_any_order() -> None:
    rows = [row for row, _ in DECIDED.values() if "a,b" not in row["gold"]]
    rows = [{**row, "task": f"t{i}"} for i, row in enumerate(rows)]
    forward = modes(label(answers(*rows)))
    backward = modes(label(answers(*rows[::-1])))
    assert forward == backward[::-1]


@pytest.mark.slow
def test_a_million_rows_in_fifteen_seconds() -> None:
    import time

    from isoloss.errors.items import Coded, Items, Model

    rng = np.random.default_rng(0)
    models, count = 10, 100_000
    rows = models * count
    gold = np.tile(rng.integers(0, 5, count), models).astype(np.int32)
    said = rng.integers(-1, 6, rows).astype(np.int32)
    options = tuple(json.dumps([str(n) for n in rng.permutation(50)[:5]]) for _ in range(count))
    items = Items(
        tuple(Model(f"m{i}", "f", 1e9 * 2**i, 1e9 * 2**i) for i in range(models)),
        np.repeat(np.arange(models), count).astype(np.int32),
        Coded(np.tile(np.arange(count), models), tuple(f"q{i}" for i in range(count))),
        Coded(np.arange(rows) % 20, tuple(f"t{i}" for i in range(20))),
        Coded.same("default", rows),
        Coded(gold, tuple("ABCDE")),
        Coded(said, tuple("ABCDEF")),
        (gold == said).astype(np.int8),
        raw=np.array([f"text number {i % 50_000} says nothing" for i in range(rows)], dtype=object),
        options=Coded(np.tile(np.arange(count), models), options),
        n_options=np.full(rows, 5, np.int32),
    )
    start = time.process_time()
    label(items)
    assert time.process_time() - start < 15
