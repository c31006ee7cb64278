"""The verb `errors_report` and the value `ErrorsReport`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isoloss import store
from isoloss.errors.study import ErrorStudy
from isoloss.exceptions import DocumentError, ItemsError
from isoloss.report.written import Page, framed

INDEX = "index"
_LONGEST = 80


@dataclass(frozen=True, eq=False)
class ErrorsReport:
    """Studies of errors against size, ready to be written.

    Attributes:
        studies: what it is about.
        pages: `index`, over all studies, then one page a study, by name.
    """

    studies: tuple[ErrorStudy, ...]
    pages: Mapping[str, Page]

    def html(self, name: str = INDEX) -> str:
        """One page as HTML."""
        return self._page(name).html()

    def markdown(self, name: str = INDEX) -> str:
        """One page as Markdown."""
        return self._page(name).markdown()

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write every page as HTML and Markdown, and `report.json`, into a folder.

        The page over all studies is written last, so that it never leads to a page that could not
        be written; each file is written whole or not at all.

        Raises:
            DocumentError: a file that cannot be written.
        """
        target = Path(folder)
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DocumentError(
                f"cannot make the folder {str(folder)!r}: {error.strerror or error}; choose "
                "another place"
            ) from None
        for name in [*(name for name in self.pages if name != INDEX), INDEX]:
            store.write_text(target / f"{name}.html", self.html(name))
            store.write_text(target / f"{name}.md", self.markdown(name))
        store.save(target / "report.json", self.to_document())

    def to_document(self) -> dict[str, Any]:
        """The versioned document: every number of every study."""
        names = [name for name in self.pages if name != INDEX]
        inputs = {
            "studies": [
                {
                    "name": study.name,
                    "family": study.family,
                    "condition": study.condition,
                    "page": page,
                }
                for study, page in zip(self.studies, names, strict=True)
            ]
        }
        notices = {notice: None for study in self.studies for notice in study.items.notices}
        result = {"studies": [study.to_document() for study in self.studies]}
        return store.envelope("errors-report@1", inputs, result, notices)

    def _page(self, name: str) -> Page:
        if name not in self.pages:
            raise ItemsError(f"no page '{name}'; there is {', '.join(self.pages)}")
        return self.pages[name]

    def _repr_html_(self) -> str:
        """A notebook shows the first study, or all of them, in a frame of its own."""
        names = list(self.pages)
        return framed(self.html(names[1] if len(names) == 2 else INDEX))


def errors_report(studies: Sequence[ErrorStudy], *, title: str | None = None) -> ErrorsReport:
    """Put studies of errors against size on pages: one each, and one over all of them.

    Args:
        studies: at least one.
        title: of the page over all of them.

    Raises:
        ItemsError: no study.

    Example:
        >>> errors_report([study(items, "InternVL2")]).save("report")  # doctest: +SKIP
    """
    from isoloss.report.errors.compose import compose
    from isoloss.report.errors.index import index
    from isoloss.report.errors.modes_figure import colours_of

    found = tuple(studies)
    if not found:
        raise ItemsError("there is no study to report; make one with study(items, family)")
    names = page_names(found)
    first = index(found, names, title or _title(found))
    pages = {INDEX: Page(*first)}
    colours = colours_of(found)
    for name, one in zip(names, found, strict=True):
        pages[name] = Page(*compose(one, INDEX, colours))
    return ErrorsReport(found, pages)


def page_names(studies: Sequence[ErrorStudy]) -> list[str]:
    """`TABLE-FAMILY` for every study, fit for a file on any system, each different."""
    plain = [f"{_plain(one.name)}-{_plain(one.family)}" for one in studies]
    asked = [f"{name}-{_plain(one.condition)}" for name, one in zip(plain, studies, strict=True)]
    lower = [name.lower() for name in plain]
    found: list[str] = []
    for i, name in enumerate(plain):
        # one table and family may be studied under several conditions
        name = (asked[i] if lower.count(lower[i]) > 1 else name)[:_LONGEST]
        taken = {INDEX, "report", *(one.lower() for one in found)}
        number, free = 2, name
        while free.lower() in taken:
            free, number = f"{name}-{number}", number + 1
        found.append(free)
    return found


def _plain(text: str) -> str:
    """Letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text)[:60].strip("-._") or "study"


def _title(studies: tuple[ErrorStudy, ...]) -> str:
    from isoloss.report.errors.lead import title_of

    if len(studies) == 1:
        return f"Errors against size: {title_of(studies[0])}"
    return f"Errors against size in {len(studies)} studies"
