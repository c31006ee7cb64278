"""`isoloss laws list`: which forms and published laws there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_table
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.law import Law
    from isoloss.law.published import Published


def list_(
    family: Annotated[str | None, typer.Option(help="Only this family, such as moe.")] = None,
    modality: Annotated[str | None, typer.Option(help="Only this modality: vision, rl.")] = None,
    target: Annotated[str | None, typer.Option(help="Only laws of this: loss, N_opt.")] = None,
    evidence: Annotated[
        str | None, typer.Option(help="Only published laws of this evidence: primary, refit.")
    ] = None,
    search: Annotated[str | None, typer.Option(help="Only laws that mention this.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Counts alone.")] = False,
    json: Json = False,
) -> None:
    """List the forms that can be fitted, and the published laws with their evidence."""
    from isoloss import store
    from isoloss.law import forms, published_laws
    from isoloss.law.published.without import without_law

    asked = {
        "family": family,
        "modality": modality,
        "target": target,
        "evidence": evidence,
        "search": search,
    }
    _check(asked)
    found = [law for law in forms().values() if evidence is None and _form_fits(law, asked)]
    entries = [entry for entry in published_laws().values() if _entry_fits(entry, asked)]
    if json:
        inputs = {key: value for key, value in asked.items() if value is not None}
        result = {
            "forms": [_form_document(law) for law in found],
            "published": [entry.to_document() for entry in entries],
            # such a paper has no family, modality, target or evidence to be chosen by
            "without_law": [] if inputs else [vars(p).copy() for p in without_law().values()],
        }
        print_json(store.envelope("laws@1", inputs, result))
        return
    if summary:
        _summary(found, entries)
        return
    _tables(found, entries)


def _form_document(law: Law) -> dict[str, Any]:
    extra = {
        "family": law.family,
        "modality": list(law.modality),
        "latex": law.latex,
        "optimum": law.optimum,
        "identifiability": law.identifiability,
    }
    return {**law.to_document(), **extra}


def _check(asked: dict[str, str | None]) -> None:
    """Refuse a filter that fits nothing because of a misspelt word."""
    from isoloss.law import forms, published_laws
    from isoloss.law.find import close_names
    from isoloss.law.published import EVIDENCE

    laws, entries = forms().values(), published_laws().values()
    known: dict[str, set[str]] = {
        "family": {law.family for law in laws} | {e.family for e in entries},
        "modality": {m for law in (*laws, *entries) for m in law.modality},
        "target": {law.target for law in laws} | _targets(entries),
        "evidence": set(EVIDENCE),
    }
    for option, words in known.items():
        value = asked[option]
        if value is not None and value not in words:
            raise InputError(
                f"--{option} '{value}' is not known{close_names(value, words)}; "
                f"use one of {', '.join(sorted(words))}"
            )


def _targets(entries: Iterable[Published]) -> set[str]:
    return {chosen.target for entry in entries for chosen in entry.sets.values()}


def _form_fits(law: Law, asked: dict[str, str | None]) -> bool:
    text = f"{law.id} {law.name} {law.summary} {' '.join(s.cite for s in law.sources)}".lower()
    return (
        asked["family"] in (None, law.family)
        and (asked["modality"] is None or asked["modality"] in law.modality)
        and asked["target"] in (None, law.target)
        and (asked["search"] is None or asked["search"].lower() in text)
    )


def _entry_fits(entry: Published, asked: dict[str, str | None]) -> bool:
    text = f"{entry.id} {entry.name} {' '.join(s.cite for s in entry.sources)}".lower()
    return (
        asked["family"] in (None, entry.family)
        and (asked["modality"] is None or asked["modality"] in entry.modality)
        and (asked["target"] is None or asked["target"] in _targets([entry]))
        and asked["evidence"] in (None, entry.level)
        and (asked["search"] is None or asked["search"].lower() in text)
    )


def _tables(found: list[Law], entries: list[Published]) -> None:
    from isoloss.law.families import families

    for family in families().values():
        laws = [law for law in found if law.family == family.id]
        known = [entry for entry in entries if entry.family == family.id]
        if not laws and not known:
            continue
        print_table(
            f"{family.title} ({family.id})",
            ["law", "evidence", "formula", "what it is"],
            [
                *((law.id, "form", f"{law.target} = {law.formula}", law.name) for law in laws),
                *((e.id, badge(e), e.form.id if e.form else "theory", e.name) for e in known),
            ],
        )
    print_line("", _count(found, entries))


def badge(entry: Published) -> str:
    """The evidence of an entry in a word, and whether it has numbers."""
    return entry.level if entry.complete else f"{entry.level}, no numbers"


def _summary(found: list[Law], entries: list[Published]) -> None:
    from isoloss.law.families import families
    from isoloss.law.published import EVIDENCE, USED

    numbers = [
        number.evidence
        for entry in entries
        for chosen in entry.sets.values()
        for number in chosen.numbers.values()
    ]
    print_table(
        "Evidence of the published laws",
        ["level", "laws", "of these with numbers", "numbers", "used"],
        [
            (
                level,
                str(sum(e.level == level for e in entries)),
                str(sum(e.level == level and e.complete for e in entries)),
                str(numbers.count(level)),
                "yes" if level in USED else "only when asked for",
            )
            for level in EVIDENCE
        ],
        right=(1, 2, 3),
    )
    print_table(
        "Families",
        ["family", "forms", "published", "what it answers"],
        [
            (
                family.id,
                str(sum(law.family == family.id for law in found)),
                str(sum(entry.family == family.id for entry in entries)),
                family.question,
            )
            for family in families().values()
        ],
        right=(1, 2),
    )
    print_line("", f"{_count(found, entries)}, {len(numbers)} numbers")


def _count(found: list[Law], entries: list[Published]) -> str:
    """`1 form and 3 published laws`."""
    return (
        f"{len(found)} form{'' if len(found) == 1 else 's'} and {len(entries)} published "
        f"law{'' if len(entries) == 1 else 's'}"
    )
