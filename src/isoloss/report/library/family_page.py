"""The page of a family: what it answers, a figure, its forms, its published laws."""

from __future__ import annotations

from isoloss.law.families import Family
from isoloss.law.published import Published
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.curves import panels
from isoloss.report.library.entry_part import badge, entry_part, gives
from isoloss.report.library.figure import words
from isoloss.report.library.form_part import form_part
from isoloss.report.library.words import prose, table

_MADE = "<!-- made by `python -m isoloss.report.library`; change the laws, not this page -->"


def family_page(family: Family, library: Catalogue) -> str:
    """The page as Markdown."""
    forms, entries = library.forms_of(family.id), library.entries_of(family.id)
    parts = [f"# {prose(family.title)}", _MADE, prose(family.question)]
    drawn = panels(family, library)
    if drawn:
        parts.append(f"![{prose(words(family, drawn))}]({family.id}.svg)")
    parts.append(_overview(family, library))
    if forms:
        parts += ["## Forms", *(form_part(law, library) for law in forms)]
    if entries:
        parts += ["## Published laws", *(entry_part(entry, library) for entry in entries)]
    return "\n\n".join(parts) + "\n"


def _overview(family: Family, library: Catalogue) -> str:
    """Tables that serve as the page's contents."""
    forms, entries = library.forms_of(family.id), library.entries_of(family.id)
    parts = []
    if forms:
        rows = [(library.link(f.id, family.id), prose(f.name), prose(f.target)) for f in forms]
        parts.append(table(("form", "name", "gives"), rows))
    else:
        parts.append("Its laws use forms of other families, which they name.")
    if entries:
        rows = [_row(entry, family, library) for entry in entries]
        columns = ("published law", "name", "gives", "sets", "evidence")
        parts.append(table(columns, rows, right=(3,)))
    else:
        parts.append("No published law with these forms has been entered.")
    parts.append(
        "What the words for evidence mean stands on the [first page](index.md#evidence). Ranges, "
        "counts and units are those of the source."
    )
    return "\n\n".join(parts)


def _row(entry: Published, family: Family, library: Catalogue) -> tuple[str, ...]:
    return (
        library.link(entry.id, family.id),
        prose(entry.name),
        prose(gives(entry.coefficients())),
        str(len(entry.sets)),
        badge(entry),
    )
