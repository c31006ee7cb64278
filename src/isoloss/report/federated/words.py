"""Numbers and provenance as the federated page prints them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from isoloss.federated.provenance import PAPER, together
from isoloss.report.numbers import amount, plain

ABSTRACT_ONLY = (
    f"{PAPER} is known here by its abstract alone. No formula and no exponent on this page is that "
    "paper's; what is tagged reconstruction was derived in this package from named assumptions."
)


def sourced(text: str, *groups: Iterable[str]) -> str:
    """A caption with where its numbers come from."""
    return f"{text} Provenance: {', '.join(together(*groups))}."


def span(low: float, high: float, digits: int = 3) -> str:
    """`279M to 1.82B`, or `never` where an end is unbounded."""
    if math.isnan(low) or math.isnan(high):
        return ""
    if low == high:
        return ""
    return f"{count(low, digits)} to {count(high, digits)}"


def count(value: float, digits: int = 3) -> str:
    """Parameters or tokens; `never` where it is unbounded."""
    return "never" if math.isinf(value) else amount(value, digits)


def times(value: float) -> str:
    """A factor: `6.5 times`, `never` where it is unbounded."""
    return "never" if math.isinf(value) else f"{plain(value, 3)} times"


def loss(value: float, digits: int = 4) -> str:
    """A loss, to a fixed number of digits so that neighbours can be compared."""
    if not math.isfinite(value):
        return "not known"
    return f"{value:#.{digits}g}".rstrip(".") if 1e-3 <= abs(value) < 1e4 else plain(value, digits)


def listed(values: Sequence[object]) -> str:
    """`1, 8 and 64`."""
    texts = [str(value) for value in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def clients(count_of: int) -> str:
    """`one machine`, `8 clients`."""
    return "one machine" if count_of == 1 else f"{count_of:,} clients"


def signed(value: float, digits: int = 3) -> str:
    """A number with a proper minus: `−0.452`."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def sentence(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def lasting(seconds: float) -> str:
    """A time to three digits: `9.19 h`."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{plain(float(f'{seconds / size:.3g}'))} {unit}"
    return f"{seconds:.3g} s"
