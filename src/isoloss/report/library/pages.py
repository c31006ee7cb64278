"""Every page and figure of the library, by file name."""

from __future__ import annotations

from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.family_page import family_page
from isoloss.report.library.figure import family_svg
from isoloss.report.library.index_page import index_page


def pages(library: Catalogue) -> dict[str, str]:
    """The text of every file: `index.md`, and for a family its page and its figure."""
    found = {"index.md": index_page(library)}
    for family in library.families.values():
        found[f"{family.id}.md"] = family_page(family, library)
        figure = family_svg(family, library)
        if figure:
            found[f"{family.id}.svg"] = figure
    return found
