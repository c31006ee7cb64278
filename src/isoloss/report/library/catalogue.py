"""What the pages are made of: families, forms and published laws, and where each one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from isoloss.law import Law, forms
from isoloss.law.families import Family, families
from isoloss.law.published import Published, published_laws


@dataclass(frozen=True)
class Catalogue:
    """The whole library.

    Attributes:
        families: by id, in the order of the pages.
        forms: by id.
        entries: published laws by id.
    """

    families: Mapping[str, Family]
    forms: Mapping[str, Law]
    entries: Mapping[str, Published]

    def forms_of(self, family: str) -> list[Law]:
        """The forms of a family."""
        return [law for law in self.forms.values() if law.family == family]

    def entries_of(self, family: str) -> list[Published]:
        """The published laws of a family."""
        return [entry for entry in self.entries.values() if entry.family == family]

    def entries_with(self, form: str) -> list[Published]:
        """The published laws that `fit` takes this form for."""
        return [e for e in self.entries.values() if e.form and base_id(e.form) == form]

    @cached_property
    def pages(self) -> dict[str, str]:
        """The family on whose page an id stands."""
        found = {law.id: law.family for law in self.forms.values()}
        return found | {entry.id: entry.family for entry in self.entries.values()}

    def link(self, id_: str, page: str) -> str:
        """A Markdown link from the page of a family (or `index`) to a form or published law."""
        home = self.pages[id_]
        place = "" if home == page else f"{home}.md"
        return f"[{id_}]({place}#{anchor(id_)})"


def catalogue() -> Catalogue:
    """What ships with isoloss."""
    return Catalogue(families(), forms(), published_laws())


def base_id(law: Law) -> str:
    """The id of a form without what it was called with: `power(C)` is `power`."""
    return law.id.partition("(")[0]


def anchor(id_: str) -> str:
    """The mark that a heading with this id gets."""
    return id_.lower()
