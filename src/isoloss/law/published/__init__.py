"""Published laws: numbers with their evidence, a TOML file a family."""

from isoloss.law.published.entry import Coefficients, Input, Published
from isoloss.law.published.number import EVIDENCE, USED, Number
from isoloss.law.published.read import published_laws, read_published

__all__ = [
    "EVIDENCE",
    "USED",
    "Coefficients",
    "Input",
    "Number",
    "Published",
    "published_laws",
    "read_published",
]
