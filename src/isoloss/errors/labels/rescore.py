"""Scores for answers that a strict reader or an exact comparison missed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isoloss.errors.items import Coded, Items
from isoloss.errors.labels.answers import OPTION, YES_NO
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.findings import without_findings
from isoloss.errors.labels.label import SOURCE
from isoloss.errors.labels.options import texts
from isoloss.errors.labels.rules import RULES
from isoloss.errors.labels.text import letter
from isoloss.notices import Notice

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def rescored(items: Items) -> Items:
    """Score answers given in another form than asked for, such as an option's text for its letter.

    Only answers that were scored wrong and that the rules `option-text` and `other-form` would
    label are changed: their prediction becomes what was told from the text, written as the gold
    is, and their score whether it is the gold. Labels by rules, which no longer hold, are taken
    off; call `label` again.

    Returns:
        The answers with a notice that says how many were changed and how many are now right.
    """
    facts = Facts(items)
    told = _decided(facts, "option-text")
    same = _decided(facts, "other-form")
    right = same | (told & (facts.recovered == facts.read.gold))
    rows = np.flatnonzero(told | same)
    written = [items.gold[row] if right[row] else _written(facts, row) for row in rows.tolist()]
    column = Coded.joined([items.prediction, Coded.of(written)])
    codes = column.codes[: len(items)].copy()
    codes[rows] = column.codes[len(items) :]
    labelled = SOURCE in items.labels
    notice = Notice(
        "rescored-answers",
        f"{len(rows)} of {int(facts.wrong.sum())} wrong answers were not in the form asked for and "
        f"were scored anew: {int(right.sum())} are right"
        + ("; the labels by rules were taken off" if labelled else ""),
        "call label again" if labelled else "",
    )
    bare = without_findings(items)
    return replace(
        bare,
        prediction=Coded(codes, column.values),
        correct=np.where(right, 1, items.correct).astype(np.int8),
        labels={name: one for name, one in items.labels.items() if name != SOURCE},
        notices=(*bare.notices, notice),
    )


def _decided(facts: Facts, name: str) -> np.ndarray:
    """Wrong answers that a rule decides: found by it and by none before it."""
    left = facts.wrong.copy()
    for rule in RULES:
        if rule.id == name:
            return left & rule.find(facts)
        if rule.ready(facts):
            left &= ~rule.find(facts)
    return left


def _written(facts: Facts, row: int) -> str:
    """A wrong answer that was told from text, written as the question's gold is."""
    items, kind, told = facts.items, int(facts.read.kind[row]), int(facts.recovered[row])
    gold = items.gold[row] or ""
    if kind == YES_NO:
        word = {"true": "false", "false": "true"}.get(gold.lower(), "yes" if told else "no")
        return _like(gold, word)
    if kind == OPTION and gold.strip().isdigit():
        return str(int(gold) + told - int(facts.read.gold[row]))
    if kind == OPTION and letter(gold) < 0 and items.options is not None:
        return texts(items.options[row] or "")[told]
    if kind == OPTION:
        return _like(gold, _LETTERS[told])
    chosen = [one for place, one in enumerate(_LETTERS) if told >> place & 1]
    return _like(gold, ",".join(chosen))


def _like(gold: str, word: str) -> str:
    if gold.isupper():
        return word.upper()
    return word.capitalize() if gold.istitle() and len(gold) > 1 else word
