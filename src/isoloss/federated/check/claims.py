"""What the abstract of arXiv:2511.12188 claims, in our words, and what else is published.

Only the abstract was read. Numbers, exponents and assumptions of the paper are not known here, and
none is attributed to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isoloss.federated.provenance import ABSTRACT, RECONSTRUCTION, TABLE


@dataclass(frozen=True)
class Contrary:
    """Something published, or derived here, that points the other way.

    Attributes:
        source: who and where.
        says: in our words.
        provenance: tag.
    """

    source: str
    says: str
    provenance: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self).copy()


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        letter: a to e.
        text: in our words.
        contrary: what points the other way.
    """

    letter: str
    text: str
    contrary: tuple[Contrary, ...] = ()


SEFIDGARAN = Contrary(
    "Sefidgaran, Chor, Zaidi, Wan, ICML 2024 (PMLR 235), Lessons from Generalization Error "
    "Analysis of Federated Learning",
    "the generalisation error of a federation falls faster than a centralised one's, by a factor "
    "of order sqrt(log K / K): so whether federation is worse depends on what is bounded",
    ABSTRACT,
)
PHOTON = Contrary(
    "Photon, arXiv:2411.02908 (abstract)",
    "federated pre-training of models up to 7B is reported with better perplexity than "
    "centralised training",
    ABSTRACT,
)
DILOCO_TABLE = Contrary(
    "Charles et al. 2025, arXiv:2503.09799, Tables 4 and 5",
    "DiLoCo with 2 replicas has a lower loss than data parallel training at equal size and tokens "
    "at 4B (2.220 against 2.224) and 10B (2.086 against 2.090), and a higher one below",
    TABLE,
)
DILOCO_RHO = Contrary(
    "Charles et al. 2025, arXiv:2503.09799, Table 4, refitted here",
    "rho near 0.22 for 1 to 8 replicas: total compute is then the better guide to the size",
    TABLE,
)
POOLED = Contrary(
    "isoloss.federated.bound.pooled",
    "the averaged model bounded on all the data has no power law in K: its slope is -0.022",
    RECONSTRUCTION,
)

CLAIMS = tuple(
    Claim(letter, text, contrary)
    for letter, text, contrary in (
        (
            "a",
            "the generalisation error of models trained by stochastic algorithms in federated "
            "settings has an upper bound of PAC-Bayes type",
            (SEFIDGARAN,),
        ),
        ("b", "the model size that minimises this bound has an analytic form", ()),
        (
            "c",
            "at unchanged total compute the best size falls as a negative power of the number of "
            "clients",
            (POOLED,),
        ),
        (
            "d",
            "moving to federated training at the same total compute inevitably lowers the best "
            "generalisation that can be reached",
            (SEFIDGARAN, PHOTON, DILOCO_TABLE),
        ),
        (
            "e",
            "the size should be estimated from the average compute of the clients",
            (DILOCO_RHO,),
        ),
    )
)
PROVENANCE = ABSTRACT
