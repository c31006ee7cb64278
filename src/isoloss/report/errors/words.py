"""Numbers and names of a study as its pages print them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from isoloss.errors.contrasts import Estimate
from isoloss.errors.items import Model
from isoloss.errors.study.words import mode_name, size
from isoloss.errors.trends import Slope

# a number with an interval
Between = Estimate | Slope

UNKNOWN = "not known"
# of fewer answers than these no rate is printed: its bootstrap interval would claim too much
FEW = 10
# control characters, halves of characters, and marks that turn the text behind them round
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAK = re.compile("\r\n?")


def number(value: float, digits: int = 2, signed: bool = False) -> str:
    """`0.26`, `−0.20`, `+0.26`."""
    if not math.isfinite(value):
        return UNKNOWN
    # no minus before a zero
    text = f"{round(value, digits) + 0.0:{'+' if signed else ''}.{digits}f}"
    return text.replace("-", "−")


def interval(found: Between, digits: int = 2, scale: float = 1.0) -> str:
    """`[0.16, 0.35]`, or nothing where there is none."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return "[no interval]"
    return f"[{number(scale * found.low, digits)}, {number(scale * found.high, digits)}]"


def measured(found: Between | None, digits: int = 2, signed: bool = False) -> str:
    """`0.26 [0.16, 0.35]`."""
    if found is None or not math.isfinite(found.value):
        return UNKNOWN
    return f"{number(found.value, digits, signed)} {interval(found, digits)}"


def percent(value: float, digits: int = 1) -> str:
    """`35.4 %`."""
    return f"{number(100 * value, digits)} %" if math.isfinite(value) else UNKNOWN


def percents(found: Between | None, digits: int = 1) -> str:
    """`35.4 % [32.7, 38.1]`."""
    if found is None or not math.isfinite(found.value):
        return UNKNOWN
    return f"{percent(found.value, digits)} {interval(found, digits, 100)}"


def points(found: Between | None, digits: int = 1) -> str:
    """A difference of shares: `+6.0 points [3.8, 8.2]`."""
    if found is None or not math.isfinite(found.value):
        return UNKNOWN
    return f"{number(100 * found.value, digits, True)} points {interval(found, digits, 100)}"


def shift(found: Between | None, digits: int = 1) -> str:
    """The same where the heading says that it is in points: `+6.0 [3.8, 8.2]`."""
    if found is None or not math.isfinite(found.value):
        return UNKNOWN
    return f"{number(100 * found.value, digits, True)} {interval(found, digits, 100)}"


def chance(p: float) -> str:
    """A probability: `0.04`, `< 0.001`."""
    if not math.isfinite(p):
        return UNKNOWN
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def related(p: float) -> str:
    """The same behind a letter: `p = 0.04`, `p < 0.001`."""
    text = chance(p)
    return text if text.startswith("<") else f"= {text}"


def ends(values: Sequence[Between], digits: int = 1) -> str:
    """The smallest and the largest model's share: `35.4 → 44.0 %`."""
    if not values:
        return UNKNOWN
    return f"{number(100 * values[0].value, digits)} → {percent(values[-1].value, digits)}"


def clipped(text: str | None, most: int) -> str:
    """Text from a log without control characters, cut with `…`."""
    clean = _CONTROL.sub("\ufffd", _BREAK.sub("\n", text or "")).strip()
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def named(text: str, most: int = 60) -> str:
    """A task or a failure mode, in words and on one line."""
    return " ".join(clipped(mode_name(text), most).split())


def model_labels(models: Sequence[Model]) -> tuple[str, ...]:
    """Short names of the models of a family: their sizes, where those differ."""
    sizes = tuple(size(model.params) for model in models)
    if len(set(sizes)) == len(sizes):
        return sizes
    return tuple(named(model.name, 24) for model in models)


def joined(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def many(count: int, one: str, more: str = "") -> str:
    """`1 task`, `17 tasks`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
