"""Numbers as sentences need them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from isoloss.errors.contrasts import Estimate


def percent(value: float, digits: int = 1) -> str:
    """`35.4 %`."""
    return f"{100 * value:.{digits}f} %"


def span(found: Estimate, digits: int = 1) -> str:
    """`42.0 % [38.1, 46.0]`."""
    low, high = 100 * found.low, 100 * found.high
    return f"{percent(found.value, digits)} [{low:.{digits}f}, {high:.{digits}f}]"


def points(found: Estimate) -> str:
    """A difference in accuracy: `+6.0 points [3.6, 8.4]`."""
    return f"{100 * found.value:+.1f} points [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def size(params: float) -> str:
    """`7B`, `300M`."""
    for unit, suffix in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if params >= unit:
            return f"{params / unit:.3g}{suffix}"
    return f"{params:.3g}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """`a, b and c`, with a count where there are more than `most`."""
    return joined([mode_name(name) for name in names], most)


def joined(names: Sequence[str], most: int = 9) -> str:
    """The same, of names that stay as they are, such as those of models."""
    shown = [*names[:most]]
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def mode_name(name: str) -> str:
    """A failure mode or a task in words."""
    return re.sub(r"_+", " ", name)


def counted(number: int, one: str, many: str) -> str:
    """`none is flat`, `1 is flat`, `3 are flat`."""
    return f"none {one}" if number == 0 else f"1 {one}" if number == 1 else f"{number} {many}"
