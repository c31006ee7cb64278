"""Options: their order, the model's habits, and what others answer."""

from __future__ import annotations

import numpy as np

from isoloss.errors.labels.answers import OPTION, SEVERAL, YES_NO
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.groups import as_without_image, consensus
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import plain


def _near_miss(facts: Facts) -> np.ndarray:
    gold, answer = facts.rank
    return (gold >= 0) & (answer >= 0) & (np.abs(gold - answer) == 1)


def _ocr(facts: Facts) -> np.ndarray:
    """Recorded answers in words that stand in the image."""
    items, found = facts.items, np.zeros(len(facts.items), dtype=bool)
    if not facts.ocr:
        return found
    seen = {str(key): {plain(str(one)) for one in texts} for key, texts in facts.ocr.items()}
    words = [plain(text) for text in items.prediction.values]
    rows = np.flatnonzero(facts.wrong & facts.read.recorded & (facts.read.kind != YES_NO))
    for row in rows.tolist():
        known = seen.get(items.item[row] or "")
        said = _option_text(facts, row) or words[items.prediction.codes[row]]
        found[row] = bool(known) and bool(said) and said in known
    return found


def _option_text(facts: Facts, row: int) -> str:
    return facts.class_texts[1][facts.classes[1][row]] if facts.read.kind[row] == OPTION else ""


def _set(facts: Facts, more: bool) -> np.ndarray:
    gold, answer = facts.read.gold, facts.read.answer
    both = (facts.read.kind == SEVERAL) & facts.read.valid & (gold > 0) & (gold != answer)
    inner, outer = (gold, answer) if more else (answer, gold)
    return both & ((inner & outer) == inner)


def _option(facts: Facts) -> np.ndarray:
    return np.isin(facts.read.kind, (OPTION, SEVERAL)) & facts.read.valid


POSITION = Rule(
    "constant-answer",
    "position_prior",
    "one letter for a whole task: at most 0.1 bits of entropy in 20 or more valid answers of a "
    "model, where the right letters have at least 0.5 bits",
    "a model that never changes its answer does not use the question; its right answers are "
    "chance too, though they stay `correct`",
    0.95,
    lambda facts: facts.constant[1],
)
ORDER = Rule(
    "adjacent-option",
    "near_miss",
    "the option next in rank to the right one, where options are numbers with one unit or words "
    "of a known scale",
    "seen roughly; with few options chance gives many, so compare with the share that random "
    "answers would have",
    0.8,
    _near_miss,
)
SOURCES = (
    Rule(
        "ocr-copy",
        "ocr_copy",
        "an answer that stands among the texts in the image",
        "read off the image instead of understood",
        0.7,
        _ocr,
        "ocr= texts in every item's image",
        lambda facts: bool(facts.ocr),
    ),
    Rule(
        "language-prior",
        "language_prior",
        "the wrong answer that the same model gives without the image",
        "the image changed nothing; with few options chance gives many",
        0.7,
        lambda facts: as_without_image(facts.items, facts.key, facts.text_only or ""),
        "text_only= the condition without images",
        lambda facts: facts.text_only is not None,
    ),
    Rule(
        "consensus-distractor",
        "consensus_distractor",
        "the same wrong answer from at least 80 % of at least 5 models",
        "the question or its gold may be wrong, or the distractor is good",
        0.6,
        lambda facts: consensus(facts.items, facts.read, facts.key),
    ),
    Rule(
        "subset",
        "set_subset",
        "some of the right options and nothing else",
        "stopped early, or saw less",
        1.0,
        lambda facts: _set(facts, more=False),
    ),
    Rule(
        "superset",
        "set_superset",
        "all right options, and others",
        "takes what is not there",
        1.0,
        lambda facts: _set(facts, more=True),
    ),
)
REST = (
    Rule("another-option", "wrong_option", "any other option", "the rest", 1.0, _option),
    Rule(
        "another-answer",
        "wrong_other",
        "any other answer",
        "the rest",
        1.0,
        lambda facts: np.ones(len(facts.items), dtype=bool),
    ),
)
