"""Numbers in answers: plain, in words, with a unit, and the LaTeX that mathematics tests use."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

# a repeated digit may fill a text
LONGEST = 2000
_HUGE = 1e300

_WORDS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
]
_SOME = re.compile(r"\d|pi|π")
_PLAIN = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) ?([a-z%°]{0,14})\.?")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TOKEN = re.compile(r"\d+\.?\d*(?:e[+-]?\d{1,3}(?![a-z]))?|\.\d+|frac|sqrt|pi|[-+*/^(){}]")
_RANGE = re.compile(r"\d+(?:\s?-\s?\d+)+")
_MIXED = re.compile(r"([+-]?\d+)\s+(\d+)/(\d+)")
_ONE = re.compile(r"[+-]?\d+(?:\.\d+)?")
_UNIT = re.compile(r"\s*([a-z°%]{1,14}(?:\s?(?:\^?\{?[23]\}?))?)\.?\Z")
_TIMES = re.compile(r"(?<=\d)\s?x\s?(?=\d)")
_CIRCLE = re.compile(r"\^\{?\\circ\}?|\\circ|\\degree")
_BRACED = re.compile(r"\{\s*([a-z]{1,14})\s*\}")
_INNER = re.compile(r"[\s{}^]")
_FORMULA = re.compile(r"[\\^:{}_=<>/*+|]|[a-z]\d|\d[a-z!]")
_DROP = re.compile(
    r"\\(?:left|right|boxed|text|textbf|mathrm|mathbf|displaystyle|[!,;: ])|[$~]|\\$|^=\s*"
)

# (dimension, factor) by unit; what is not listed is a unit of its own with factor 1
_UNITS: dict[str, tuple[str, float]] = {}
for _dimension, _line in {
    "length": "mm .001 millimeter .001 cm .01 centimeter .01 m 1 meter 1 metre 1 km 1000 kilometer "
    "1000 in .0254 inch .0254 inche .0254 ft .3048 feet .3048 foot .3048 yd .9144 yard .9144 "
    "mile 1609.344",
    "time": "s 1 sec 1 second 1 min 60 minute 60 h 3600 hr 3600 hour 3600 day 86400 week 604800",
    "mass": "mg 1e-6 g .001 gram .001 kg 1 kilogram 1 ton 1000 tonne 1000",
    "share": "% .01 percent .01",
    "angle": "° 1 deg 1 degree 1 circ 1 rad 57.29577951308232 radian 57.29577951308232",
}.items():
    _parts = _line.split()
    for _name, _factor in zip(_parts[::2], _parts[1::2], strict=True):
        _UNITS[_name] = (_dimension, float(_factor))


@lru_cache(maxsize=200_000)
def number(text: str, prose: bool = True) -> tuple[float, str]:
    """A number and its unit.

    Args:
        prose: whether a sentence with one number in it counts.
        text: such as `12`, `1,000`, `\\frac{1}{2}`, `45 degrees`, `9 \\mathrm{~cm}`, `three`, or a
            sentence of at most eight words with one number in it.

    Returns:
        The value, NaN where the text is no single number; the unit, empty without one.
    """
    try:
        value = float(text) if len(text) <= LONGEST else math.nan
        return (math.nan if math.isnan(value) else min(max(value, -_HUGE), _HUGE)), ""
    except ValueError:
        if len(text) > 80:
            return math.nan, ""
    words = text.strip().rstrip(".").lower()
    simple = _PLAIN.fullmatch(words)
    if simple and simple.group(2) != "pi" and not _variable(simple.group(2)):
        return float(simple.group(1).replace(",", "")), simple.group(2)
    if words in _WORDS:
        return float(_WORDS.index(words)), ""
    if not _SOME.search(words):
        return math.nan, ""
    if not prose and "\\" not in words and len(words.split()) > 4:
        return math.nan, ""
    words = _clean(words)
    found = _with_unit(words)
    if found is not None:
        return found
    alone = _ONE.findall(words) if prose else []
    if len(alone) == 1 and len(words.split()) <= 8 and _prose(words):
        return float(alone[0]), ""
    return math.nan, ""


def factor(unit: str) -> tuple[str, float]:
    """The dimension of a unit and its size in that dimension's base; no unit is a share of 1."""
    if not unit:
        return "share", 1.0
    return _UNITS.get(unit, _UNITS.get(unit.rstrip("s"), (unit, 1.0)))


def _clean(words: str) -> str:
    words = words.replace("\x0crac", "frac").replace("\\dfrac", "frac").replace("\\tfrac", "frac")
    words = words.replace("\\frac", "frac").replace("\\sqrt", "sqrt").replace("√", "sqrt ")
    words = words.replace("\\pi", "pi").replace("π", "pi").replace("−", "-").replace("\\%", "%")
    words = _TIMES.sub("*", words)
    words = words.replace("\\cdot", "*").replace("\\times", "*").replace("×", "*")
    words = _CIRCLE.sub("°", words)
    words = _DROP.sub(" ", words)
    if words.startswith("rac{"):  # a form feed was read for \f
        words = "f" + words
    return _GROUPED.sub("", words).strip()


def _with_unit(words: str) -> tuple[float, str] | None:
    """A number with or without a unit after it; None where the whole is not that."""
    unit = ""
    value = _value(words)
    if math.isnan(value):
        bare = _BRACED.sub(r" \1", words)
        ends = _UNIT.search(bare)
        if not ends or ends.group(1) in ("pi", "frac", "sqrt"):
            return None
        value, unit = _value(bare[: ends.start()]), _INNER.sub("", ends.group(1))
        if math.isnan(value) or _variable(unit):
            return None
    return value, unit


def _variable(unit: str) -> bool:
    """One letter that is no unit, as in 5x."""
    return len(unit) == 1 and unit not in _UNITS


def _prose(words: str) -> bool:
    """Words and one number, without signs that would make it a formula, a ratio or a label."""
    return not _FORMULA.search(words)


def _value(words: str) -> float:
    words = words.strip()
    mixed = _MIXED.fullmatch(words)
    if mixed and int(mixed.group(3)):
        whole, top, low = (int(part) for part in mixed.groups())
        return whole + math.copysign(top / low, whole)
    if not words or _RANGE.fullmatch(words) or _TOKEN.sub("", words).strip():
        return math.nan
    tokens = _TOKEN.findall(words)
    if any(_number(a) and _number(b) for a, b in pairwise(tokens)):
        return math.nan
    reader = _Reader(iter(tokens))
    try:
        value = reader.sum()
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return math.nan
    done = reader.token is None and not isinstance(value, complex) and math.isfinite(value)
    return float(value) if done else math.nan


def _number(token: str) -> bool:
    return token[0].isdigit() or token[0] == "."


class _Reader:
    """Sums, products, powers, fractions and roots; a factor after a factor multiplies."""

    def __init__(self, tokens: Iterator[str]) -> None:
        self.tokens = tokens
        self.token: str | None = next(tokens, None)

    def take(self, expected: str | None = None) -> str:
        token = self.token
        if token is None or (expected is not None and token != expected):
            raise ValueError(f"expected {expected}")
        self.token = next(self.tokens, None)
        return token

    def sum(self) -> float:
        value = self.product()
        while self.token in ("+", "-"):
            sign = 1.0 if self.take() == "+" else -1.0
            value += sign * self.product()
        return value

    def product(self) -> float:
        value = self.power()
        while self.token is not None and self.token not in ("+", "-", ")", "}"):
            if self.token == "/":
                self.take()
                value /= self.power()
            else:
                if self.token == "*":
                    self.take()
                value *= self.power()
        return value

    def power(self) -> float:
        if self.token in ("+", "-"):
            sign = 1.0 if self.take() == "+" else -1.0
            return sign * self.power()
        value = self.base()
        if self.token == "^":
            self.take()
            value = value ** self.power()
        return value

    def base(self) -> float:
        token = self.take()
        if token in ("(", "{"):
            value = self.sum()
            self.take(")" if token == "(" else "}")
            return value
        if token == "frac":
            top = self.base()
            return top / self.base()
        if token == "sqrt":
            return math.sqrt(self.base())
        return math.pi if token == "pi" else float(token)
