"""What a page starts from, as one document, and the laws in it as functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.explore.entry import DRAWS, fit_entry, published_entry
from isoloss.explore.errors_example import example
from isoloss.explore.federated_part import federated
from isoloss.explore.mixtures_part import mixtures
from isoloss.explore.presets import presets
from isoloss.explore.registry_part import registry
from isoloss.federated.rho import DILOCO, FULL, IDEAL
from isoloss.fit import Fit
from isoloss.law import Law, published_laws
from isoloss.law.families import families
from isoloss.law.published import Published
from isoloss.quantities import ACCELERATORS, FLOP_PER_PF_DAY

SCHEMA = "isoloss/explore-bundle@1"
# laws that a page shows when nothing is asked for: dense language models, multimodal ones, and one
# for every other view
FIRST = "besiroglu2024"
START = (
    "besiroglu2024",
    "hoffmann2022_a3",
    "shukor2025_sparse_ND",
    "shukor2025_early_C:avg",
    "henighan2020_C:image_32x32",
    "kaplan2020_Cmin",
    "aghajanyan2023_unimodal",
)
_DAY = 86400.0


@dataclass(frozen=True)
class Bundle:
    """A page's content.

    Attributes:
        document: plain data, see `static/types.d.ts`.
        laws: the laws of `document["laws"]` and of `document["mixtures"]`, by key.
    """

    document: dict[str, Any]
    laws: tuple[tuple[str, Law], ...] = field(default=())


def make_bundle(
    fits: Iterable[tuple[str, Fit]] = (),
    laws: Sequence[str] = (),
    *,
    studies: Sequence[dict[str, Any]] = (),
    view: str = "allocate",
    server: bool = False,
    draws: int = DRAWS,
    library: bool = True,
) -> Bundle:
    """The bundle of a page.

    Args:
        fits: a key for each fit.
        laws: published laws, `ID` or `ID:SET`; the ones to start with when neither fits nor laws
            are given.
        studies: documents of error studies (`errors_part.study_part`); without any, the page has
            a worked example and says so.
        view: the view that opens first.
        server: whether the page can ask a server for more.
        draws: at most so many rows of numbers for each law.
        library: whether all published laws are listed, or those of the page alone.

    Raises:
        LawError: a law is unknown or has no numbers to rely on.
    """
    made = [fit_entry(fit, key, draws=draws) for key, fit in fits]
    made += [published_entry(*find(name), draws=draws) for name in laws]
    asked = [document["key"] for document, _ in made]
    for name in START:
        # without one of them a page still opens
        with suppress(IsolossError):
            made += [published_entry(*find(name), draws=draws)] if name not in asked else []
    entries = {document["key"]: (document, law) for document, law in made}
    listed = [row for row in catalogue() if library or row["key"] in entries]
    mixed, mixed_laws = mixtures()
    document = {
        "schema": SCHEMA,
        "isoloss": store.version(),
        "view": view,
        "first": asked[0] if asked else FIRST,
        "asked": asked or [FIRST],
        "server": server,
        "laws": [document for document, _ in entries.values()],
        "catalogue": listed,
        "registry": registry(dict.fromkeys(row["key"].partition(":")[0] for row in listed)),
        "families": {name: one.title for name, one in families().items()},
        "presets": presets(),
        "units": units(),
        "rho": [rho.to_document() for rho in (FULL, DILOCO, IDEAL)],
        "studies": list(studies) or [example()],
        "federated": federated(),
        "mixtures": mixed,
    }
    functions = dict(mixed_laws) | {key: law for key, (_, law) in entries.items()}
    return Bundle(document, tuple(functions.items()))


def find(name: str) -> tuple[Published, str | None]:
    """The published law and set of `ID` or `ID:SET`.

    Raises:
        LawError: there is none.
    """
    from isoloss.law.published.find import find_published

    key, _, chosen = name.partition(":")
    entry = find_published(key)
    return entry, chosen or None


def catalogue() -> list[dict[str, Any]]:
    """Every published law and set of numbers in a line, for browsing."""
    rows = []
    for entry in published_laws().values():
        for name, chosen in entry.sets.items():
            source = entry.sources[0] if entry.sources else None
            default = name == entry.default
            rows.append(
                {
                    "key": entry.id if default else f"{entry.id}:{name}",
                    "name": entry.name if default else f"{entry.name}, {chosen.title or name}",
                    "family": entry.family,
                    "formula": f"{chosen.target} = {entry.formula}",
                    "evidence": chosen.evidence or entry.evidence,
                    "usable": chosen.complete and _used(chosen.evidence),
                    "target": chosen.target,
                    "unit": chosen.measure,
                    "inputs": list(chosen.inputs),
                    "modality": list(entry.modality),
                    "cite": source.cite if source else "",
                    "url": source.url if source else "",
                    "pitfalls": len(entry.pitfalls),
                }
            )
    return rows


def _used(evidence: str) -> bool:
    from isoloss.law.published.number import USED

    return evidence in USED


def units() -> list[dict[str, Any]]:
    """Units that a budget may be typed in, with their size in FLOP, and where that is from."""
    plain = [
        {"name": "FLOP", "factor": 1.0, "of": "compute"},
        {"name": "FLOPs", "factor": 1.0, "of": "compute"},
        {"name": "PF-days", "factor": FLOP_PER_PF_DAY, "of": "compute"},
        {"name": "parameters", "factor": 1.0, "of": "parameters"},
        {"name": "tokens", "factor": 1.0, "of": "data"},
    ]
    share = 0.4
    chips = [
        {
            "name": f"{name.split()[0] if name.startswith('H') else name}-{word}",
            "factor": share * chip.peak_flops * seconds,
            "of": "compute",
            "source": f"{100 * share:.0f} % of {chip.peak_flops:.4g} FLOP/s; {chip.source}",
        }
        for name, chip in ACCELERATORS.items()
        for word, seconds in (("hours", 3600.0), ("days", _DAY))
    ]
    return plain + chips
