"""Values of inputs as people write them."""

from __future__ import annotations

from isoloss.report.numbers import amount, shown
from isoloss.runs.names import quantity_of

# from here on counts on an axis are written with a letter
MANY = 1e5


def named(name: str, value: float) -> str:
    """`N = 70M`, `bits = 4`."""
    return f"{name} = {written(name, value)}"


def written(name: str, value: float) -> str:
    """`70M` for sizes, data and large counts, a power of ten for compute, else the number."""
    if quantity_of(name) is None and value >= MANY / 10:
        return amount(value)
    return shown(name, value, 3).replace("-", "\u2212")


def short(value: float) -> str:
    """A number with a true minus sign."""
    return f"{value:g}".replace("-", "\u2212")
