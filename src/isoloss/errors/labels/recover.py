"""Answers that a strict reader missed: an option's text, or its letter inside a sentence."""

from __future__ import annotations

from isoloss.errors.labels import options as option_texts
from isoloss.errors.labels.answers import OPTION, SEVERAL, YES_NO
from isoloss.errors.labels.cases import Case
from isoloss.errors.labels.text import letters, plain, stated_letter, yes_no

# a longer text may name an option without choosing it
SHORT = 200


def recovered(case: Case) -> int:
    """The answer that a text gives in another form than was asked for.

    Args:
        case: of a question with options, or of yes or no.

    Returns:
        The option's place (of a set of options a sum of 2^place; of yes or no 1 or 0); -1 where
        none or several can be told.
    """
    for text, words in zip(case.heard, case.words, strict=True):
        if case.kind == OPTION:
            place = _option(words, case)
        elif case.kind == SEVERAL:
            place = letters(words) or -1
        elif case.kind == YES_NO:
            place = _yes_no(text)
        else:
            place = -1
        if place >= 0:
            return place
    return -1


def _option(words: str, case: Case) -> int:
    top = case.n or option_texts.MOST
    if case.options and len(words) <= SHORT:
        place = option_texts.place(words, case.options)
        if place >= 0:
            return place
    place, rest = stated_letter(words)
    if 0 <= place < top:
        other = option_texts.place(rest, case.options) if rest and case.options else -1
        return place if other in (-1, place) else -1
    if case.options and len(words) <= SHORT:
        return option_texts.place_within(words, case.options)
    return -1


def _yes_no(text: str) -> int:
    """Yes or no as the first word of a short sentence."""
    words = plain(text).replace(",", " ").split(" ")
    both = {"yes", "no"} <= set(words) or {"true", "false"} <= set(words)
    return -1 if both or len(text) > SHORT else yes_no(words[0])
