"""A formula as plain lists, from which a page builds its nodes: no markup is ever read there.

`[tag, class, child, ...]` is an element, a text stands for itself. The look is that of
`report.formula`, which is written by isoloss alone and whose names are escaped.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from isoloss.law import Law
from isoloss.report.formula import formula_html


def formula_nodes(law: Law) -> list[Any]:
    """The formula of a law with what it gives, such as `L = E + A/N^alpha`."""
    reader = _Reader()
    reader.feed(formula_html(law))
    reader.close()
    return reader.open[0][2]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[list[Any]] = [["", ""]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append([tag, dict(attrs).get("class") or ""])

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        node = self.open.pop()
        self.open[-1].append(node)

    def handle_data(self, data: str) -> None:
        self.open[-1].append(data)
