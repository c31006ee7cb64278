"""Logs of evaluation harnesses, and plain tables, as answers: one file a format."""

from isoloss.errors.readers.formats import FORMATS
from isoloss.errors.readers.read import read_items

__all__ = ["FORMATS", "read_items"]
