"""One family's errors against size as one value, its answer in words, and sentences about it."""

from isoloss.errors.study.answer import answer
from isoloss.errors.study.claims import Claim, ClaimVerdict, check_claim, read_claim
from isoloss.errors.study.study import ErrorStudy, families_to_study, study

__all__ = [
    "Claim",
    "ClaimVerdict",
    "ErrorStudy",
    "answer",
    "check_claim",
    "families_to_study",
    "read_claim",
    "study",
]
