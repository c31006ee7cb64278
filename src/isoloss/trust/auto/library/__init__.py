"""The laws that are tried on every table, by the kind of question."""

from isoloss.trust.auto.library.choose import candidates

__all__ = ["candidates"]
