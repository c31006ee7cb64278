"""What the page on federated training starts from: devices, links, and words for its sources."""

from __future__ import annotations

from typing import Any

from isoloss.federated.check.claims import CLAIMS
from isoloss.federated.network import DEVICES, LINKS
from isoloss.federated.network.devices import ROUND, UTILISATION
from isoloss.federated.network.timing import WORDS
from isoloss.federated.plan.notices import FEW_SAMPLES
from isoloss.federated.plan.outcome import BYTES_PER_PARAMETER
from isoloss.federated.plan.plan import USUAL_STEPS
from isoloss.federated.provenance import LETTERS, MEANING, PAPER
from isoloss.federated.rho import RANGE


def federated() -> dict[str, Any]:
    """Devices and links of the catalogue, the open range of rho, and words for tags and parts."""
    return {
        "devices": [device.to_document() for device in DEVICES.values()],
        "links": [link.to_document() for link in LINKS.values()],
        "round": ROUND,
        "utilisation": UTILISATION,
        "steps": USUAL_STEPS,
        "bytes": BYTES_PER_PARAMETER,
        "few_samples": FEW_SAMPLES,
        "range": RANGE.to_document(),
        "parts": dict(WORDS),
        "tags": {tag: {"letter": LETTERS[tag], "meaning": words} for tag, words in MEANING.items()},
        "paper": PAPER,
        "claims": [
            {"text": claim.text, "contrary": [other.to_document() for other in claim.contrary]}
            for claim in CLAIMS
        ],
    }
