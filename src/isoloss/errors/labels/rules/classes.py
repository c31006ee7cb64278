"""Classes: superclasses, texture against shape, and questions with several right answers."""

from __future__ import annotations

import json

import numpy as np

from isoloss.errors.labels.answers import pairs
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import plain


def _above(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """(n,) superclasses of gold and answer as numbers; -1 where they are not known."""
    known = {} if facts.taxonomy is None else facts.taxonomy.superclass
    names = {name: i for i, name in enumerate(dict.fromkeys(known.values()))}
    found = []
    for texts, codes in zip(facts.class_texts, facts.classes, strict=True):
        table = [names[known[text]] if text in known else -1 for text in texts]
        found.append(np.array([*table, -1])[codes])
    return found[0], found[1]


def _same(facts: Facts) -> np.ndarray:
    gold, answer = _above(facts)
    return (gold >= 0) & (gold == answer)


def _cross(facts: Facts) -> np.ndarray:
    gold, answer = _above(facts)
    return (gold >= 0) & (answer >= 0) & (gold != answer)


def _texture(facts: Facts) -> np.ndarray:
    items = facts.items
    texture = {} if facts.taxonomy is None else facts.taxonomy.texture
    names = {text: i for i, text in enumerate(facts.class_texts[1])}
    table = [names.get(texture.get(item, ""), -1) for item in items.item.values]
    of_item = np.array([*table, -1])[items.item.codes]
    return (of_item >= 0) & (of_item == facts.classes[1])


def _ambiguous(facts: Facts) -> np.ndarray:
    """Answers that are one of several golds: a JSON list of texts."""
    items = facts.items
    golds = [_list(text) for text in items.gold.values]
    several = np.array([*(len(one) > 1 for one in golds), False])[items.gold.codes]
    rows = np.flatnonzero(several & facts.wrong & facts.read.recorded)
    found = np.zeros(len(items), dtype=bool)
    cases, inverse = pairs((items.prediction.codes, items.gold.codes), rows)
    same = [plain(items.prediction.values[said]) in golds[gold] for said, gold in cases]
    found[rows] = np.array(same, dtype=bool)[inverse]
    return found


def _list(text: str) -> frozenset[str]:
    if not text.lstrip().startswith("["):
        return frozenset()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(plain(str(one)) for one in found) if isinstance(found, list) else frozenset()


def _given(facts: Facts) -> bool:
    return facts.taxonomy is not None and bool(facts.taxonomy.superclass)


RULES = (
    Rule(
        "texture-choice",
        "texture_choice",
        "the class of the item's texture where the gold is the class of its shape",
        "images whose shape and texture disagree tell which of the two a model follows",
        0.95,
        _texture,
        "taxonomy= with the texture of items",
        lambda facts: facts.taxonomy is not None and bool(facts.taxonomy.texture),
    ),
    Rule(
        "same-superclass",
        "same_superclass",
        "another class of the same superclass",
        "a fine distinction was missed",
        0.95,
        _same,
        "taxonomy= class -> superclass",
        _given,
    ),
    Rule(
        "cross-superclass",
        "cross_superclass",
        "a class of another superclass",
        "a severe error",
        0.95,
        _cross,
        "taxonomy= class -> superclass",
        _given,
    ),
    Rule(
        "one-of-several-golds",
        "ambiguous_gold",
        "an answer among the golds of a question that lists several (a JSON list)",
        "the score looked at one of them only; the question is ambiguous or has several labels",
        0.8,
        _ambiguous,
    ),
)
