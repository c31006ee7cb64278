"""What a page of a report can do: become HTML or Markdown; one that is the whole can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isoloss import store
from isoloss.exceptions import InputError
from isoloss.report.model import Document

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure


@dataclass(frozen=True, eq=False)
class Page:
    """A page, as text.

    Attributes:
        document: what it says, without markup.
        figures: Plotly figures by the id of their panel, such as `data` and `iso-flop`; they may be
            shown and changed on their own.
    """

    document: Document
    figures: Mapping[str, PlotlyFigure]

    def html(self) -> str:
        """One page that opens from a disk without any network: style, script and data are in it."""
        from isoloss.report.html import page

        return page(self.document, self.figures)

    def markdown(self) -> str:
        """The same text and tables as Markdown; in place of every picture stand its numbers."""
        from isoloss.report.markdown import text

        return text(self.document)


class Written(Page):
    """A report that is one page, ready to be written."""

    def save(self, path: Any) -> None:
        """Write HTML or Markdown, by the ending of the name; a failure leaves an old file whole.

        Raises:
            InputError: another ending.
            DocumentError: a file that cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending in (".html", ".htm"):
            store.write_text(path, self.html())
        elif ending in (".md", ".markdown"):
            store.write_text(path, self.markdown())
        else:
            raise InputError(f"a report is written as .html or .md, got '{path}'")

    def plain(self) -> dict[str, Any]:
        """Sections as plain data, and every figure as Plotly JSON."""
        figures = {name: figure.to_plotly_json() for name, figure in self.figures.items()}
        return {**self.document.to_document(), "figures": figures}

    def _repr_html_(self) -> str:
        return framed(self.html())


def framed(html: str) -> str:
    """A page for a notebook: in a frame of its own, so that its style stays in it."""
    from html import escape

    return (
        f'<iframe srcdoc="{escape(html, quote=True)}" '
        'style="width:100%;height:48rem;border:0"></iframe>'
    )
