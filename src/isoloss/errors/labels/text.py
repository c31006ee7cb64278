"""Reading answers as text. What stands in them is compared and counted, never trusted or run."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Longer texts are judged by their ends: refusals stand first, answers stand last
LIMIT = 2000

_MARKS = re.compile(
    r"</?s>|<\|[^|>]{1,40}\|>|\\(?:boxed|text|textbf|textit|mathrm|mathbf|bf|rm|left|right)\b|[{}$*`]",
    re.IGNORECASE,
)
_EDGE = " \t\r\n.,;:!?()[]\"'"
_LETTER = re.compile(r"[\s(\[]{0,4}([A-Za-z])[\s)\].:,]{0,4}")
_SEPARATE = re.compile(r"[\s,;&/]+(?:and\s+)?")
_LEADING = re.compile(r"[(\[]?([a-z])(?:[)\]]|[.:](?=\s|$))")
_STATED = re.compile(
    r"\b(?:answer|(?:correct|right|best) (?:option|choice))(?:\s+(?:is|would be))?\s*[:=]?\s*"
    r"(?:option|choice)?\s*(?:\(([a-z])\)|([a-z])(?=\s*(?:$|[).,:;\n])))"
)
_NAMED = re.compile(r"\b(?:option|choice)\s+\(?([a-z])\b")
MARKED = re.compile(r"\(([a-z])\)")
# what readers of logs write where they found no answer
_NOTHING = frozenset({"", "null", "nan", "n/a", "invalid", "unparsed", "no answer", "no_answer"})
_YES = {"yes": 1, "true": 1, "no": 0, "false": 0}


def bounded(text: str) -> str:
    """At most about `LIMIT` characters: the whole text, or its beginning and its end."""
    half = LIMIT // 2
    return text if len(text) <= LIMIT else f"{text[:half]}\n{text[-half:]}"


def plain(text: str) -> str:
    """Case, spaces and punctuation at the ends taken away; 200 characters at most."""
    text = text[:200]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split()).strip(_EDGE).casefold()


def unmarked(text: str) -> str:
    """Lower case, without LaTeX and special tokens round the words."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _MARKS.sub("", text).strip().casefold()


def is_nothing(text: str) -> bool:
    """Whether a recorded answer says only that none was found; `none` may be an answer."""
    return len(text) < 14 and plain(text) in _NOTHING


def letter(text: str) -> int:
    """The place of an option's letter: 0 for `A`, `(a)` or `a.`; -1 where it is no letter."""
    found = _LETTER.fullmatch(text) if len(text) <= 9 else None
    return -1 if found is None else ord(found.group(1).lower()) - ord("a")


def letters(text: str) -> int:
    """Options as a sum of 2^place: 5 for `a,c`; 0 where it is no list of letters."""
    if len(text) > 60:
        return 0
    parts = [part for part in _SEPARATE.split(text.strip(_EDGE)) if part]
    places = [letter(part) for part in parts]
    return 0 if not places or min(places) < 0 else sum(1 << place for place in set(places))


def joined_letters(text: str) -> int:
    """Options written together, as `ABD`: capitals in rising order; 0 for anything else."""
    text = text.strip()
    if not 2 <= len(text) <= 8 or not text.isascii() or not text.isalpha() or not text.isupper():
        return 0
    rising = all(a < b for a, b in pairwise(text))
    return sum(1 << (ord(char) - ord("A")) for char in text) if rising else 0


def yes_no(text: str) -> int:
    """1 for yes or true, 0 for no or false, -1 for neither; a first word with a comma counts."""
    if len(text) > 200:
        return -1
    words = plain(text.strip("[]'\" "))
    return _YES.get(words, _YES.get(words.split(",")[0].split(".")[0], -1))


def stated_letter(words: str) -> tuple[int, str]:
    """An option's letter that a sentence names, and what follows it.

    Examples: `c) point c` gives (2, "point c"); `the answer is (a).` gives (0, "").

    Args:
        words: as `unmarked` gives them.

    Returns:
        The place, -1 where no letter or several stand; the text after a leading letter.
    """
    alone = letter(words)
    if alone >= 0:
        return alone, ""
    leading = _LEADING.match(words)
    if leading:
        listed = len(set(MARKED.findall(words))) > 1
        place = -1 if listed else ord(leading.group(1)) - ord("a")
        return place, words[leading.end() :].strip(_EDGE)
    found = {a or b for a, b in _STATED.findall(words)} or set(_NAMED.findall(words))
    return (ord(found.pop()) - ord("a"), "") if len(found) == 1 else (-1, "")
