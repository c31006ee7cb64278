"""Failure modes of scaling laws, a file each: what is seen, why it matters, what to do."""

from isoloss.trust.checks.case import Case, Facts
from isoloss.trust.checks.checklist import Item, checklist
from isoloss.trust.checks.registry import CHECKS, Check, find_check, run_checks

__all__ = ["CHECKS", "Case", "Check", "Facts", "Item", "checklist", "find_check", "run_checks"]
