"""A document as Markdown; every text from the data is escaped, so that it stays text."""

from __future__ import annotations

import re

from isoloss.report.model import (
    Answer,
    Block,
    Code,
    Document,
    Facts,
    Figure,
    Fold,
    Formula,
    Question,
    Questions,
    Reasons,
    Table,
    Text,
)

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]")
# what starts a heading, a list or a rule at the start of a line
_START = re.compile(r"^([#+=-]|\d+(?=[.)](\s|$)))")
_MOST_ROWS, _MOST_QUESTIONS = 40, 20


def text(document: Document) -> str:
    """The whole report."""
    parts = [f"# {escaped(document.title)}"]
    if document.home:
        parts.append(f"{escaped(document.kicker)} · [all studies]({document.home}.md)")
    parts += [_block(block) for block in document.lead]
    for section in document.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(given: str) -> str:
    """Text on one line that Markdown and the HTML inside it read as it stands."""
    flat = " ".join(given.split()).replace("&", "&amp;")
    return _START.sub(_guarded, _SPECIAL.sub(r"\\\g<0>", flat))


def _guarded(match: re.Match[str]) -> str:
    found = match.group()
    # a backslash before a digit would be shown, so the list mark behind it is taken apart instead
    return f"{found}\u200b" if found.isdigit() else f"\\{found}"


def _block(block: Block) -> str:
    match block:
        case Text(text=given):
            return escaped(given)
        case Answer(text=given, verdict=verdict, about=about, page=page):
            where = f" ({escaped(about)})" if about else ""
            more = f" [Figures, tables and questions]({page}.md)" if page else ""
            return f"**Verdict: {escaped(verdict)}**{where}\n\n{escaped(given)}{more}"
        case Facts(facts=facts):
            return "\n".join(
                f"- {escaped(f.label)}: **{escaped(f.value)}** {escaped(f.detail)}".rstrip()
                for f in facts
            )
        case Table():
            return _table(block)
        case Formula(law=law):
            return (
                _fenced("", f"{law.target} = {law.formula}") + "\n\n" + _fenced("latex", law.latex)
            )
        case Figure():
            return _figure(block)
        case Reasons(reasons=reasons):
            return "\n".join(
                f"- **{r.severity}**: {escaped(r.seen)}.\n  *Why it matters:* {escaped(r.why)}.\n"
                f"  *What to do:* {escaped(r.remedy)}."
                for r in reasons
            )
        case Code(language=language, text=given):
            return _fenced(language, given)
        case Fold(title=title, blocks=blocks):
            return "\n\n".join([f"*{escaped(title)}*", *(_block(one) for one in blocks)])
        case Questions():
            return _questions(block)


def _figure(figure: Figure) -> str:
    parts = [f"**{escaped(figure.conclusion)}** {escaped(figure.shows)}"]
    if figure.numbers is not None:
        parts += [f"*{escaped(figure.numbers.title)}*", _table(figure.numbers)]
    return "\n\n".join(parts)


def _questions(block: Questions) -> str:
    parts = []
    for one in block.lists:
        parts.append(f"**{escaped(one.title)}: {one.total:,}.** {escaped(one.says)}")
        rows = tuple(_asked(block.questions[i], block.models) for i in one.rows[:_MOST_QUESTIONS])
        if rows:
            parts.append(_table(Table(("task", "question", "right answer", "answers"), rows)))
        left = one.total - len(rows)
        if left > 0:
            parts.append(f"{left:,} more are not listed here.")
    return "\n\n".join(parts)


def _asked(question: Question, models: tuple[str, ...]) -> tuple[str, ...]:
    said = "; ".join(
        f"{model}: {reply.said or 'none read'} {'✓' if reply.right else '✕'}"
        for model, reply in zip(models, question.replies, strict=True)
    )
    asked = f"{question.key}: {question.asked}" if question.asked else question.key
    return question.task, asked[:200], question.gold, said


def _table(table: Table) -> str:
    marks = ["---:" if i in table.numeric else "---" for i in range(len(table.columns))]
    rows = [tuple(escaped(cell) for cell in row) for row in table.rows[:_MOST_ROWS]]
    if table.pages:
        rows = [
            (f"[{row[0]}]({page}.md)", *row[1:])
            for row, page in zip(rows, table.pages, strict=False)
        ]
    head = tuple(escaped(title) for title in table.columns)
    lines = ["| " + " | ".join(row) + " |" for row in (head, marks, *rows)]
    left = len(table.rows) - _MOST_ROWS
    more = f"\n\n{left} more rows are in the HTML report." if left > 0 else ""
    return "\n".join(lines) + more


def _fenced(language: str, given: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", given)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{given}\n{fence}"
