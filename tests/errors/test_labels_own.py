"""A person's own rules: what they may say, what is refused, and that no pattern runs for ever."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from isoloss.errors.labels import label, own_rule, read_rules, rule_counts, rules_table
from isoloss.errors.labels.patterns import WORK, checked
from isoloss.errors.labels.text import LIMIT
from isoloss.exceptions import ItemsError
from tests.errors.labels_cases import answers, modes

GOOD = """
[[rule]]
id = "unsure"
mode = "abstains"
confidence = 0.8
before = "refusal"
when = { raw = { matches = "not possible to (determine|tell)" }, task = "Jigsaw" }

[[rule]]
id = "old-key"
mode = "bad_gold"
when = { gold = ["A", "b"], prediction = { missing = true } }

[[rule]]
id = "lucky"
mode = "lucky_guess"
when = { correct = 1, raw = { matches = "guess" } }
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_rules_decide_where_they_stand(tmp_path: Path) -> None:
    rows = [
        {"gold": "c", "n": 4, "task": "Jigsaw", "raw": "It is NOT possible to tell."},
        {"gold": "c", "n": 4, "task": "Art", "raw": "It is not possible to tell."},
        {"gold": "a", "n": 4, "raw": "I'm sorry."},
        {"gold": "a", "n": 4, "prediction": "b", "raw": "b"},
        {"gold": "a", "n": 4, "prediction": "a", "raw": "A guess: a", "correct": 1},
        {"gold": "a", "n": 4, "prediction": "a", "raw": "Surely a", "correct": 1},
    ]
    found = label(answers(*rows), rules=_file(tmp_path, GOOD))
    assert modes(found) == [
        "abstains",
        "refusal",
        "bad_gold",
        "wrong_option",
        "lucky_guess",
        "correct",
    ]
    assert found.labels["rules"].rule.texts()[:3] == ["unsure", "refusal", "old-key"]
    assert found.labels["rules"].confidence.tolist()[0] == 0.8


def test_own_rules_stand_in_their_order_before_all(tmp_path: Path) -> None:
    rules = read_rules(_file(tmp_path, GOOD))
    ids = [one.id for one in rule_counts(answers({"gold": "a", "raw": "x"}), rules=rules)]
    assert ids == [row["id"] for row in rules_table(rules)]
    assert ids[0] == "old-key"
    assert ids[ids.index("refusal") - 1] == "unsure"
    assert "lucky" not in ids


def test_of_own_rules_the_first_decides() -> None:
    one, two = (own_rule({"id": i, "mode": i, "when": {"gold": "a"}}) for i in ("one", "two"))
    assert modes(label(answers({"gold": "a", "prediction": "b"}), rules=[one, two])) == ["one"]


def test_own_rule_may_stand_before_another_own_rule() -> None:
    first = own_rule({"id": "one", "mode": "m1", "when": {"gold": "a"}})
    second = own_rule({"id": "two", "mode": "m2", "when": {"gold": "a"}, "before": "one"})
    assert modes(label(answers({"gold": "a", "prediction": "b"}), rules=[first, second])) == ["m2"]


def test_model_condition_and_finish() -> None:
    rows = [
        {"gold": "7", "prediction": "3", "model": "A", "condition": "x", "finish": "stop"},
        {"gold": "7", "prediction": "3", "model": "B", "condition": "x", "finish": "stop"},
        {"gold": "7", "prediction": "3", "model": "A", "condition": "y", "finish": "stop"},
        {"gold": "7", "prediction": "3", "model": "A", "condition": "x", "finish": None},
    ]
    when = {"model": "a", "condition": "x", "finish": {"matches": "^st"}}
    rule = own_rule({"id": "r", "mode": "hit", "when": when})
    assert modes(label(answers(*rows), rules=[rule])) == ["hit", *["num_far"] * 3]
    assert rule.to_document()["when"] == {**when, "correct": 0}


BAD = {
    "no file": (None, "cannot read"),
    "no TOML": ("[[rule]\n", "is no TOML"),
    "nothing": ("", "expected tables"),
    "another table": (GOOD + "\n[other]\n", "expected tables"),
    "no id": ("[[rule]]\nmode = 'm'\nwhen = {gold = 'a'}", "rule 1 has no 'id'"),
    "no when": ("[[rule]]\nid = 'i'\nmode = 'm'", "rule 1 has no 'when'"),
    "empty when": ("[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {}", "when is {}"),
    "strange key": ("[[rule]]\nid = 'i'\nmode = 'm'\nif = 1", "has 'if'"),
    "strange column": ("[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {text = 'a'}", "names 'text'"),
    "strange test": ("[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {raw = 3}", "when.raw is 3"),
    "strange name": ("[[rule]]\nid = 'a b'\nmode = 'm'\nwhen = {raw = 'a'}", "id is 'a b'"),
    "confidence": (
        "[[rule]]\nid = 'i'\nmode = 'm'\nconfidence = 2\nwhen = {raw = 'a'}",
        "confidence is 2",
    ),
    "correct": ("[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {correct = 2}", "when.correct is 2"),
    "right mode": ("[[rule]]\nid = 'i'\nmode = 'correct'\nwhen = {raw = 'a'}", "for right answers"),
    "twice": (GOOD + GOOD, "the id 'unsure' of an earlier one"),
    "pattern": ("[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {raw = {matches = '['}}", "is no pattern"),
    "hostile": (
        "[[rule]]\nid = 'i'\nmode = 'm'\nwhen = {raw = {matches = '(a+)+$'}}",
        "no repeat inside a repeat",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_clear_message(name: str, tmp_path: Path) -> None:
    text, says = BAD[name]
    path = tmp_path / "none.toml" if text is None else _file(tmp_path, text)
    with pytest.raises(ItemsError) as caught:
        read_rules(path)
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    assert path.name in message


def test_unknown_place_and_column() -> None:
    items = answers({"gold": "a", "prediction": "b"})
    rule = own_rule({"id": "i", "mode": "m", "when": {"gold": "a"}, "before": "nowhere"})
    with pytest.raises(ItemsError, match="before 'nowhere', which no rule is called"):
        label(items, rules=[rule])
    rule = own_rule({"id": "i", "mode": "m", "when": {"raw": "a"}})
    with pytest.raises(ItemsError, match="asks for 'raw', which these answers do not have"):
        label(items, rules=[rule])


HOSTILE = [
    r"(a+)+$",
    r"(a|aa)+$",
    r"(a|a)*b",
    r"(.*a){12}",
    "a?" * 30 + "a" * 30,
    r".*a.*a.*a.*b",
    r"(?=(a+)+b)c",
    r"(?:a{0,40}){0,40}b",
    r"(?:a++)+b",
    r"(a+)\1+b",
    r"(\w+\s?)*$",
    r"((a{1,9}){1,9}){1,9}b",
    r"\w+\w+? +?",
    r"(?=[^b]*\s+\d)",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_patterns_are_refused_at_once(pattern: str) -> None:
    start = time.process_time()
    with pytest.raises(ItemsError):
        checked(pattern, "rule 'x'")
    assert time.process_time() - start < 2


USUAL = [
    r"not possible to (determine|tell)",
    r"\d+\.\d+",
    r"\d+(?:\.\d+)? cm",
    r"not\s+possible\s+to\s+tell",
    r"^\s*the answer is\s+(\w+)\s*$",
    r"sorry.*image",
    r"(cannot|can.t) (see|view) .{0,40}(image|picture)",
    r"\bI (?:don't|do not) know\b",
    r"<image\d*>",
    r"^[A-D]$",
    r"\w+\s\w+",
    r"https?://\S+",
]


@pytest.mark.parametrize("pattern", USUAL)
def test_usual_patterns_are_allowed(pattern: str) -> None:
    assert checked(pattern, "rule 'x'").pattern == pattern


# each just inside what is allowed, with texts that make it try everything
WORST = [
    (r".*a.{0,1}x", "a" * LIMIT),
    (r"\s+$", " " * (LIMIT - 1) + "x"),
    (r"[ab].*[ab]c", "ab" * (LIMIT // 2)),
    (r".{0,60}a.{0,60}x", "a" * LIMIT),
]


@pytest.mark.parametrize(("pattern", "text"), WORST)
def test_what_is_allowed_ends_soon(pattern: str, text: str) -> None:
    found = checked(pattern, "rule 'x'")
    start = time.process_time()
    found.search(text)
    assert time.process_time() - start < 2


def test_letters_that_are_equal_without_case_meet() -> None:
    """ſ is an s without regard to case, so that these three repeats share their characters."""
    assert WORK < LIMIT**2
    with pytest.raises(ItemsError):
        checked("s+ſ+S+x", "rule 'x'")
    assert checked("s+é+S+x", "rule 'x'")


def test_no_random_pattern_runs_long() -> None:
    """Patterns of any shape: what is not refused ends soon on texts that repeat themselves."""
    rng = random.Random(0)
    pieces = ["a", "b", ".", "[ab]", "[^b]", r"\w", r"\s", r"\d", r"\b", "$", " "]
    repeats = ["", "", "*", "+", "?", "*?", "{0,3}", "{2,5}", "{0,40}"]

    def made(depth: int) -> str:
        kind = rng.random()
        if depth == 0 or kind < 0.4:
            return rng.choice(pieces)
        parts = [made(depth - 1) for _ in range(rng.randint(1, 4))]
        if kind < 0.7:
            return "".join(part + rng.choice(repeats) for part in parts)
        return f"(?:{'|'.join(parts)}){rng.choice(repeats)}"

    allowed = 0
    for _ in range(1500):
        try:
            found = checked(made(4), "rule 'x'")
        except ItemsError:
            continue
        allowed += 1
        for text in ("a" * LIMIT, "ab" * (LIMIT // 2), "a " * (LIMIT // 2)):
            start = time.process_time()
            found.search(text)
            assert time.process_time() - start < 2, found.pattern
    assert allowed > 500


def test_only_the_ends_of_long_texts_are_read() -> None:
    rows = [
        {"gold": "a", "n": 4, "raw": "x" * 1500 + "sorry" + "x" * 1500},
        {"gold": "a", "n": 4, "raw": "sorry" + "x" * 1996},
        {"gold": "a", "n": 4, "raw": "x" * 1996 + "sorry"},
    ]
    rule = own_rule({"id": "r", "mode": "hit", "when": {"raw": {"matches": "sorry"}}})
    assert modes(label(answers(*rows), rules=[rule])) == ["unparsed", "hit", "hit"]
