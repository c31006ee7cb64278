"""No answer at all: no text, a text cut off, a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from isoloss.errors.items import MISSING
from isoloss.errors.labels.answers import gathered
from isoloss.errors.labels.cases import Case
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import plain

_FAILED = re.compile(
    r"failed to obtain answer|request (?:failed|timed out)|(?:api|connection) error|rate limit",
    re.IGNORECASE,
)
_THING = r"(?:images?|pictures?|photos?|photographs?|figures?|diagrams?|videos?|audio|attachments?)"
_MODALITY = re.compile(
    r"\b(?:can(?:not|'t|’t| not)|unable to|(?:am|'m) not able to|(?:do not|don't|don’t) have the "
    r"ability to|(?:do not|don't|don’t|did not|didn't)) (?:\w+ ){0,3}?"
    r"(?:see|view|access|open|display|hear|receive|perceive|process) (?:(?:the|any|an|a|this|that"
    r"|these|your|actual|attached|provided|given|uploaded|or|and|view|access|visual) ){0,4}?"
    + _THING
    + r"|\bno "
    + _THING
    + r"[^.\n]{0,30}?\b(?:provided|attached|given|shown|uploaded|included|"
    r"available|visible)"
    r"|\b(?:provide|upload|attach|share|send)(?: me)?(?: with)? (?:the|an|a|your|any|some) "
    r"(?:\w+ ){0,3}?"
    + _THING
    + r"|\b"
    + _THING
    + r" (?:is|are|was|were|has been|have been) (?:missing|not (?:provided|"
    r"attached|given|shown|uploaded|included|available|visible))",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\bi(?:'m|’m| am) (?:sorry|unable|not able)|\bi apologi[sz]e|\bas an ai\b"
    r"|\bi (?:can(?:not|'t|’t| not)|won't|will not|do not feel comfortable) (?:\w+ ){0,2}?(?:assist"
    r"|help|answer|provide|determine|identify|tell|make|say|comply|speculat|analy[sz]e)"
    r"|\b(?:not possible|impossible|difficult|hard) to (?:\w+ ){0,2}?(?:determine|tell|say|know"
    r"|answer|identify)"
    r"|\bcannot be (?:\w+ )?(?:determined|answered|known|identified|worked out)"
    r"|\b(?:unable to|we cannot) (?:\w+ )?(?:determine|answer|identify|tell)"
    r"|\b(?:not enough|insufficient) (?:\w+ )?information",
    re.IGNORECASE,
)
_CUT = frozenset({"length", "max_tokens", "max_length", "model_length", "truncated"})


def _empty(facts: Facts) -> np.ndarray:
    if facts.items.raw is None:
        blank = facts.items.prediction.codes != MISSING
    else:
        blank = facts.computed(lambda case: not case.raw.strip(), False, bool)
    return ~facts.read.recorded & blank


def _failed(facts: Facts) -> np.ndarray:
    return facts.judged(lambda case: any(_FAILED.match(text) for text in case.heard))


def _truncated(facts: Facts) -> np.ndarray:
    finish = facts.items.finish
    if finish is None:
        return np.zeros(len(facts.items), dtype=bool)
    cut = gathered(finish, lambda text: text.strip().lower() in _CUT, False, bool)
    return cut & ~_begins_with_answer(facts, cut)


def _begins_with_answer(facts: Facts, cut: np.ndarray) -> np.ndarray:
    """A valid answer at the head of a text that ran on was given before the text was cut."""
    items, found = facts.items, facts.read.valid & facts.read.recorded & cut & facts.wrong
    rows = np.flatnonzero(found)
    if items.raw is None:
        return np.zeros(len(items), dtype=bool)
    for row in rows.tolist():
        head, said = plain(str(items.raw[row] or "")), plain(items.prediction[row] or "")
        found[row] = head == said or bool(re.match(re.escape(said) + r"\b", head))
    return found


def _says(pattern: re.Pattern[str]) -> Callable[[Facts], np.ndarray]:
    def find(facts: Facts) -> np.ndarray:
        def says(case: Case) -> bool:
            return case.declines and any(pattern.search(text) for text in case.heard)

        return facts.judged(says) & (facts.recovered < 0)

    return find


RULES = (
    Rule(
        "empty",
        "empty",
        "no answer and no text",
        "there is nothing to judge; without a column of texts only an answer recorded as blank "
        "counts, and a missing one is unparsed",
        1.0,
        _empty,
    ),
    Rule(
        "failed-request",
        "empty",
        "a text that begins as a failed request does",
        "harnesses write the failure of a request in place of an answer",
        0.95,
        _failed,
    ),
    Rule(
        "truncated",
        "truncated",
        "the model stopped for length, and the text does not begin with the answer",
        "an answer read out of an unfinished text is not the model's last word",
        0.9,
        _truncated,
        "the column finish",
        lambda facts: facts.items.finish is not None,
    ),
    Rule(
        "missing-modality",
        "missing_modality",
        "words that say no image, video or sound was received, and no valid answer",
        "often a fault of the harness: the image did not reach the model. A recorded option "
        "outranks words: who hedges and then answers has answered",
        0.9,
        _says(_MODALITY),
    ),
    Rule(
        "refusal",
        "refusal",
        "words that decline or say that it cannot be determined, and no valid answer",
        "a list of English words, so other languages are missed; a recorded option outranks words",
        0.85,
        _says(_REFUSAL),
    ),
)
