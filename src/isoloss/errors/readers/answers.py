"""Reading an answer off a model's text, and comparing answers.

These are the plain rules that benchmarks share. What they cannot read stays missing: the labels
say later whether that was a refusal, a cut, or an answer in another form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

# what the golds of a task look like decides how its answers are read
LETTER = "letter"
YES_NO = "yes_no"
TEXT = "text"
# what harnesses write where they found no answer
NONE = frozenset({"[invalid]", "z", "na", "n/a", "nan", "none", "null", "invalid", "unparsed"})

_ALONE = re.compile(r"[\s(\[{*\"'`$]*([A-Za-z])[\s)\]}*\"'`$.:,;]*")
_SEVERAL = re.compile(
    r"\s*[(\[]?[A-Za-z][)\].]?(?:\s*(?:,|;|/|&|\band\b)\s*(?:and\s+)?[(\[]?[A-Za-z][)\].]?)+\s*"
)
_NAMED = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
_LETTERS = re.compile(r"[A-Z](?:,[A-Z])*")
_FIRST = re.compile(r"\s*[(\[*]*(?:([A-Z])[)\].:*,]|\(([A-Za-z])\))(?=\s|$|\*)")
_SAID = re.compile(
    r"(?i:answer|option|choice)(?i:\s+is)?\s*[:=]?\s*\**\s*"
    r"(?:\(([A-Za-z])\)|([A-Z])(?![A-Za-z'])|([a-z])(?=[).:]|\s*$))"
)
_BRACKETS = re.compile(r"\(([A-Za-z])\)")
_WORDS = re.compile(r"[a-z']+")
_SPECIAL = re.compile(r"</?s>|<\|[a-z_]+\|>")


def kind_of(golds: Iterable[str]) -> str:
    """What the golds of a task are: letters, yes or no, or any text."""
    folded = {fold(gold) for gold in golds}
    if not folded:
        return TEXT
    if folded <= {"yes", "no"}:
        return YES_NO
    return LETTER if all(_LETTERS.fullmatch(gold) for gold in folded) else TEXT


def fold(text: str) -> str:
    """The form in which answers are compared.

    `(b)`, `b.` and `B` are `B`, and `C and (a)` is `A,C`; anything else is in small letters.
    """
    match = _ALONE.fullmatch(text)
    if match:
        return match.group(1).upper()
    if _SEVERAL.fullmatch(text):
        return ",".join(sorted(set(map(str.upper, _NAMED.findall(text)))))
    return " ".join(text.lower().split()).strip(" .")


def same(prediction: str | None, gold: str) -> bool:
    """Whether an answer is the right one; of a gold that is a list, any of its entries."""
    if prediction is None:
        return False
    if gold.startswith("[") and (several := listed(gold)):
        return any(same(prediction, one) for one in several)
    return fold(prediction) == fold(gold) or _equal_numbers(prediction, gold)


def _equal_numbers(one: str, other: str) -> bool:
    try:
        return float(one.replace(",", "")) == float(other.replace(",", ""))
    except ValueError:
        return False


def read_answer(text: str, kind: str, options: Sequence[str] = ()) -> str | None:
    """The answer in a model's text; None where none can be read.

    Args:
        text: what the model wrote.
        kind: `letter`, `yes_no` or `text`.
        options: the options' texts, the first of which is `A`.
    """
    text = _SPECIAL.sub(" ", text).strip()
    if not text or text.lower() in NONE:
        return None
    if kind == LETTER:
        return _letter(text, options)
    if kind == YES_NO:
        return _yes_no(text)
    return text


def _letter(text: str, options: Sequence[str]) -> str | None:
    if match := _ALONE.fullmatch(text):
        return match.group(1).upper()
    folded = fold(text)
    if _LETTERS.fullmatch(folded):
        return folded
    hits = [place for place, option in enumerate(options) if fold(option) == folded]
    if len(hits) == 1:
        return chr(ord("A") + hits[0])
    if said := list(_SAID.finditer(text)):
        return next(group for group in said[-1].groups() if group).upper()
    if match := _FIRST.match(text):
        return next(group for group in match.groups() if group).upper()
    bracketed = {letter.upper() for letter in _BRACKETS.findall(text)}
    return bracketed.pop() if len(bracketed) == 1 else None


def _yes_no(text: str) -> str | None:
    """The first sentence decides; in it, a no outweighs a yes, as in POPE's own scoring."""
    words = set(_WORDS.findall(text.lower().split(".")[0]))
    if words & {"no", "not"}:
        return "no"
    return "yes" if "yes" in words else None


def listed(text: str) -> list[str]:
    """The entries of a list, or of an object, written as JSON or Python does; empty if neither."""
    if text[:1] not in "[{":
        return []
    for attempt in (text, text.replace("'", '"')):
        try:
            found = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            found = list(found.values())
        return [str(one) for one in found] if isinstance(found, list) else []
    return []


def letter(place: int) -> str:
    """The name of an option by its place: A, B, ...; a number beyond Z."""
    return chr(ord("A") + place) if 0 <= place < 26 else str(place)


def is_letters(folded: str) -> bool:
    """Whether a folded answer is a letter, or several."""
    return _LETTERS.fullmatch(folded) is not None
