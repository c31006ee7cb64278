"""The claims of one abstract, held against a law and against a person's runs."""

from isoloss.federated.check.check import Check, check_claims
from isoloss.federated.check.claims import CLAIMS, Claim, Contrary
from isoloss.federated.check.verdict import CANNOT_TELL, CONTRADICTED, SUPPORTED, Evidence

__all__ = [
    "CANNOT_TELL",
    "CLAIMS",
    "CONTRADICTED",
    "SUPPORTED",
    "Check",
    "Claim",
    "Contrary",
    "Evidence",
    "check_claims",
]
