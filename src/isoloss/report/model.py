"""What a report says, as plain data: sections of text, tables and figures, without any markup.

HTML and Markdown are two ways to write the same `Document`, so they cannot say different things.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from isoloss.law import Law


@dataclass(frozen=True)
class Text:
    """A paragraph; `role` is `body` or `note`."""

    text: str
    role: str = "body"


@dataclass(frozen=True)
class Answer:
    """The paragraph that a hurried reader reads, with the verdict it may not exceed.

    Attributes:
        text: the paragraph.
        verdict: one of the words of `isoloss.report.verdicts`.
        about: what the verdict is about.
        page: name of the page, beside this one, that it stands on at length; may be empty.
    """

    text: str
    verdict: str
    about: str = ""
    page: str = ""


@dataclass(frozen=True)
class Fact:
    """One number to remember: what it is, the number, its interval or context."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Facts:
    """A few numbers side by side."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Table:
    """Rows of text cells.

    Attributes:
        columns: titles.
        rows: as many cells each as there are columns.
        numeric: indices of the columns that hold numbers.
        title: what the table is, for those who cannot see where it stands.
        verdicts: indices of the columns that hold verdicts.
        pages: for every row the name of a page, beside this one, that its first cell leads to;
            empty where there are none.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    title: str = ""
    verdicts: tuple[int, ...] = ()
    pages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Formula:
    """The law itself, typeset by whoever renders it."""

    law: Law


@dataclass(frozen=True)
class Panel:
    """One picture of a figure: the key of its Plotly figure and its height in pixels."""

    id: str
    height: int


@dataclass(frozen=True)
class Swatch:
    """One entry of a figure's legend: a colour of the figures and what it stands for.

    Attributes:
        colour: as the figure has it.
        name: what it stands for.
        mark: a sign of the same shape as the figure's, in place of a patch.
    """

    colour: str
    name: str
    mark: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure of one or more panels.

    Attributes:
        id: stable name, such as `iso-flop`.
        title: what it is.
        panels: its pictures, left to right.
        shows: what is drawn.
        conclusion: what to conclude from it.
        alt: the same for those who cannot see it.
        numbers: what is drawn, as a table; None where the table stands beside the figure anyway.
        legend: what colours mean, where they do not explain themselves.
    """

    id: str
    title: str
    panels: tuple[Panel, ...]
    shows: str
    conclusion: str
    alt: str
    numbers: Table | None
    legend: tuple[Swatch, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One finding of the verdict: `severity` is `stop`, `care` or `note`."""

    severity: str
    seen: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Reasons:
    """Findings, the heaviest first."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Code:
    """Commands or Python to run again."""

    language: str
    text: str


@dataclass(frozen=True)
class Fold:
    """Something that is there for who wants it: folded on a page, open in Markdown."""

    title: str
    blocks: tuple[Text | Table, ...]


@dataclass(frozen=True)
class Reply:
    """One model's answer to a question.

    Attributes:
        said: the answer as it was read; empty where none could be.
        right: whether it is right.
        mode: how it fails; empty where it does not, or where nobody says.
        wrote: the model's own text, shortened; empty where it is no more than `said`.
    """

    said: str
    right: bool
    mode: str = ""
    wrote: str = ""


@dataclass(frozen=True)
class Question:
    """A question with every model's answer, in the order of `Questions.models`."""

    task: str
    key: str
    asked: str
    options: str
    gold: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class QuestionList:
    """Some questions that have something in common.

    Attributes:
        title: what that is, in two or three words.
        says: the same in a sentence.
        total: how many there are.
        rows: places of those that are here in `Questions.questions`, the most telling first.
    """

    title: str
    says: str
    total: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Questions:
    """Lists of questions to look through."""

    models: tuple[str, ...]
    lists: tuple[QuestionList, ...]
    questions: tuple[Question, ...]


Block = Text | Answer | Facts | Table | Formula | Figure | Reasons | Code | Fold | Questions


@dataclass(frozen=True)
class Section:
    """A headed part; `id` is its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """The whole report.

    Attributes:
        title: the heading.
        lead: what stands before the first section.
        sections: in order.
        kicker: what kind of page it is.
        home: name of a page, beside this one, that this one belongs to; may be empty.
    """

    title: str
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
    kicker: str = "isoloss report"
    home: str = ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order."""
        blocks = [block for section in self.sections for block in section.blocks]
        return tuple(block for block in blocks if isinstance(block, Figure))

    def to_document(self) -> dict[str, Any]:
        """Plain data; every block says its kind."""
        return _plain(self)


def _plain(value: Any) -> Any:
    if isinstance(value, Formula):
        law = value.law
        return {"kind": "formula", "law": law.id, "target": law.target, "formula": law.formula}
    if is_dataclass(value):
        kind = {"kind": type(value).__name__.lower()}
        return kind | {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
