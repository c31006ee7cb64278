"""Published laws of data mixtures, whole: every set of numbers, for a page that weighs domains.

They are not among a page's other laws, because their inputs are shares that add up to one: a page
that holds every input by itself would ask them about mixtures that cannot be.
"""

from __future__ import annotations

from typing import Any

from isoloss.exceptions import IsolossError
from isoloss.explore.entry import published_entry
from isoloss.law import Law, published_laws
from isoloss.law.published.evaluate import check_usable

FEWEST = 3


def mixtures() -> tuple[list[dict[str, Any]], list[tuple[str, Law]]]:
    """Documents, and the law of each by key.

    A document has `entry`, the first set as `static/types.d.ts` describes it, with `theta` of one
    row: only rounding is known of these numbers, and that is not what they may be wrong by. `sets`
    has the numbers of every set in the order of the entry's parameters.
    """
    documents, laws = [], []
    for law in published_laws().values():
        if law.family != "mixtures":
            continue
        try:
            entry, form = published_entry(law, draws=0)
        except IsolossError:
            continue
        if sum(v["share"] for v in entry["variables"]) < FEWEST:
            continue
        sets = []
        for name, chosen in law.sets.items():
            check_usable(law, chosen, any_evidence=False)
            document, _ = published_entry(law, name, draws=0)
            sets.append(
                {
                    "name": name,
                    "title": chosen.title,
                    "note": chosen.note,
                    "values": [p["value"] for p in document["parameters"]],
                }
            )
        documents.append({"entry": entry, "sets": sets})
        laws.append((entry["key"], form))
    return documents, laws
