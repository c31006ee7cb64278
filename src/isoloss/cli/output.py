"""What the commands print: tables on stdout, progress and notices on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from isoloss.notices import Notice

if TYPE_CHECKING:
    from isoloss.trust.finding import Finding

STYLES = {"use it": "green", "use it with care": "yellow", "do not use it there": "bold red"}


def print_json(document: dict[str, Any]) -> None:
    """One document on stdout."""
    from isoloss.store import dumps

    sys.stdout.write(dumps(document))


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
) -> None:
    """A table; columns in `right` are aligned to the right, those in `whole` never wrap."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        numeric = i in right
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=numeric or i == 0 or i in whole,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console().print(table)


def print_line(label: str, text: str, style: str = "") -> None:
    """A labelled line that wraps under itself."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold", min_width=12)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label), Text(text, style=style))
    _console().print(Padding(grid, (0, 0, 0, 0)))


def print_findings(findings: Iterable[Finding]) -> None:
    """Reasons for or against trust, the heaviest first: what was seen, why, what to do."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=12)
    grid.add_column(no_wrap=True, min_width=4)
    grid.add_column(overflow="fold")
    colours = {"stop": "bold red", "care": "yellow", "note": "dim"}
    for finding in findings:
        grid.add_row()
        grid.add_row(
            Text(finding.severity, style=colours[finding.severity]),
            Text(""),
            Text(finding.code.replace("-", " "), style="bold"),
        )
        for label, text in (("seen", finding.seen), ("why", finding.why), ("do", finding.remedy)):
            grid.add_row(Text(""), Text(label, style="dim"), Text(text))
    if grid.row_count:
        _console().print(grid)


def print_block(text: str) -> None:
    """Lines as they are, indented and never wrapped."""
    from rich.padding import Padding
    from rich.text import Text

    console = _console()
    console.print()
    console.print(Padding(Text(text, no_wrap=True, overflow="ignore"), (0, 0, 0, 2)), crop=False)
    console.print()


def print_notices(notices: Iterable[Notice]) -> None:
    """Notices on stderr, so that they never mix with a result."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=not sys.stderr.isatty())
    for notice in notices:
        remedy = f" ({notice.remedy})" if notice.remedy else ""
        console.print(Text("note: ", style="yellow") + Text(f"{notice.message}{remedy}"))


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show that something is being done, where a person watches."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def _console() -> Any:
    from rich.console import Console

    # a pipe or a file has no width; a hundred columns fit what is printed here
    return Console() if sys.stdout.isatty() else Console(width=100, no_color=True)
