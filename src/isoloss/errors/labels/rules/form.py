"""An answer in another form than was asked for."""

from __future__ import annotations

import re

import numpy as np

from isoloss.errors.labels.answers import NUMBER, OPEN, OPTION, SEVERAL, YES_NO, gathered
from isoloss.errors.labels.cases import Case
from isoloss.errors.labels.facts import Facts
from isoloss.errors.labels.numbers import number
from isoloss.errors.labels.rules.rule import Rule
from isoloss.errors.labels.text import MARKED, letter, plain

# a longer text that names several options weighs them; a short one answers with them
SHORT = 60
# fewer words of the question may be an answer to "this or that?"
WORDS = 6

_TOKENS = re.compile(r"(?:<[|/]{0,2}[A-Za-z][\w-]{0,30}[|/]{0,2}>\s{0,3}){1,8}|image\d{1,2}")
_WRAP = re.compile(r"\\boxed|[\s${}]+")
_SPLIT = re.compile(r"\s*(?:[,;&/]|\band\b|\bor\b)\s*")
_OR = re.compile(r"\s*(?:;|\band\b|\bor\b)\s*")


def _echo(facts: Facts) -> np.ndarray:
    return facts.judged(_special) | _repeats(facts)


def _special(case: Case) -> bool:
    return any(
        _TOKENS.fullmatch(_WRAP.sub(" ", text).strip().lower())
        for text in case.heard
        if len(text) <= 200 and ("<" in text or "mage" in text)
    )


def _repeats(facts: Facts) -> np.ndarray:
    """Texts of at least six words that stand in the question and hold no valid answer."""
    found = np.zeros(len(facts.items), dtype=bool)
    question = facts.items.question
    if question is None:
        return found
    longer = facts.judged(
        lambda case: case.kind != NUMBER
        and any(len(plain(text).split()) >= WORDS for text in case.heard)
    )
    raw = facts.raw
    asked: dict[int, str] = {}
    for row in np.flatnonzero(longer & (facts.recovered < 0)).tolist():
        code = int(question.codes[row])
        if code < 0:
            continue
        if code not in asked:
            asked[code] = " ".join(question.values[code].casefold().split())
        texts = (facts.items.prediction[row], None if raw is None else raw[row])
        words = [plain(text) for text in texts if text]
        found[row] = any(len(one.split()) >= WORDS and one in asked[code] for one in words)
    return found


def _out_of_range(facts: Facts) -> np.ndarray:
    def only_letter(case: Case) -> bool:
        places = [letter(words) for words in case.words]
        return case.kind == OPTION and case.n > 0 and max(places, default=-1) >= case.n

    return facts.beyond | (facts.judged(only_letter) & (facts.recovered < 0))


def _recoverable(facts: Facts) -> np.ndarray:
    return facts.recovered >= 0


def _equal(facts: Facts) -> np.ndarray:
    """Valid answers equal to the gold, in whatever form both are written."""
    read = facts.read
    (gold, unit, _), (value, said, _) = facts.gold_number, facts.number
    same = (unit == said) & np.isclose(gold, value, rtol=1e-9, atol=0.0)
    place = np.isin(read.kind, (OPTION, SEVERAL, YES_NO)) & (read.gold == read.answer)
    return read.valid & (place | ((read.kind == NUMBER) & same))


def _verbatim(facts: Facts) -> np.ndarray:
    """Recorded answers with the same characters as the gold."""
    known: dict[str, int] = {}
    gold, said = (
        gathered(
            column,
            lambda text: known.setdefault(text.strip(), len(known)),
            missing,
            where=facts.wrong,
        )
        for column, missing in ((facts.items.gold, -1), (facts.items.prediction, -2))
    )
    return facts.wrong & (gold == said)


def _multiple(facts: Facts) -> np.ndarray:
    return facts.judged(lambda case: any(_several(words, case.kind) for words in case.words))


def _several(words: str, kind: int) -> bool:
    if len(words) > SHORT:
        return False
    if kind == YES_NO:
        return {"yes", "no"} <= set(re.findall(r"[a-z]+", words))
    if kind == NUMBER:
        parts = _OR.split(words) if " " in words or ";" in words else []
        found = [number(part, False)[0] for part in parts]
        return len(found) > 1 and all(np.isfinite(found)) and len(set(found)) > 1
    if kind != OPTION:
        return False
    places = [letter(part) for part in _SPLIT.split(words) if part]
    listed = min(places, default=-1) >= 0 and len(set(places)) > 1
    return listed or len(set(MARKED.findall(words))) > 1


def _unparsed(facts: Facts) -> np.ndarray:
    free = np.isin(facts.read.kind, (NUMBER, OPEN))
    return np.where(free, ~facts.read.recorded, ~facts.read.valid & ~facts.beyond)


ECHO = Rule(
    "echo",
    "echo",
    "a special token such as <image2>, or at least six words of the question, for an answer",
    "the model continued the prompt instead of answering it",
    0.95,
    _echo,
)
REST = (
    Rule(
        "out-of-range",
        "out_of_range",
        "a letter beyond the question's options",
        "no question offers it, so it says nothing about sight; graders that write Z for 'no "
        "option could be told' land here too unless Z is imported as no answer",
        0.95,
        _out_of_range,
    ),
    Rule(
        "option-text",
        "format_recoverable",
        "an option's text or number, or a letter inside a sentence, where a letter was asked for",
        "the answer is there and only its form is not; `rescored` scores it",
        0.85,
        _recoverable,
    ),
    Rule(
        "other-form",
        "format_recoverable",
        "the right answer, recorded in another form: (B) for B, 0.5 for 1/2",
        "an exact comparison misses it; `rescored` scores it as right",
        0.9,
        lambda facts: _equal(facts) & ~_verbatim(facts),
    ),
    Rule(
        "score-conflict",
        "score_conflict",
        "a recorded answer with the same characters as the right one",
        "the scorer asked for more than equality (every order of the options, other digits), or "
        "erred; it is for a person to look at and is not rescored",
        0.9,
        _verbatim,
    ),
    Rule(
        "multiple-answers",
        "multiple_answers",
        "several letters, yes and no, or several numbers, where one is asked for",
        "at most 60 characters: longer texts weigh options without choosing",
        0.9,
        _multiple,
    ),
    Rule(
        "unparsed",
        "unparsed",
        "no answer was read, and none of the rules above knows what stands there instead",
        "a strict reader gives many of these; it stands after the rules that can say more, which "
        "would find nothing if it stood first",
        0.8,
        _unparsed,
    ),
)
