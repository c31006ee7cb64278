"""Yes or no."""

from __future__ import annotations

import numpy as np

from isoloss.errors.labels import options as option_texts
from isoloss.errors.labels.answers import OPTION, YES_NO
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import yes_no


def _said(facts: Facts, said: int) -> np.ndarray:
    """Valid answers yes (1) or no (0) where the other one is right."""
    read = facts.read
    word = (read.kind == YES_NO) & (read.answer == said) & (read.gold == 1 - said)
    options = facts.items.options
    if options is not None:
        means = np.full((len(options.values) + 1, 2), -1)
        for line, text in enumerate(options.values):
            known = option_texts.texts(text)
            if len(known) == 2:
                means[line] = [yes_no(one) for one in known]
        polar = (read.kind == OPTION) & read.valid & (read.answer < 2) & (read.gold < 2)
        right, given = np.where(polar, read.gold, 0), np.where(polar, read.answer, 0)
        line = options.codes
        word |= polar & (means[line, given] == said) & (means[line, right] == 1 - said)
    return word & read.valid


RULES = (
    Rule(
        "false-yes",
        "false_yes",
        "yes or true where no or false is right",
        "hallucination when the question is whether something is there; also a model's habit of "
        "saying yes, which sensitivity and bias tell apart over many answers",
        1.0,
        lambda facts: _said(facts, 1),
    ),
    Rule(
        "false-no",
        "false_no",
        "no or false where yes or true is right",
        "a miss when the question is whether something is there; also a habit of saying no",
        1.0,
        lambda facts: _said(facts, 0),
    ),
)
