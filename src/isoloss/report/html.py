"""A document as one HTML page that opens offline.

Style, script, Plotly's own script (once, from its wheel) and the figures are in the page, and its
content security policy forbids it to load anything. Every text is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from isoloss.report.formula import formula_html
from isoloss.report.model import (
    Answer,
    Block,
    Code,
    Document,
    Facts,
    Figure,
    Fold,
    Formula,
    Questions,
    Reasons,
    Section,
    Swatch,
    Table,
    Text,
)
from isoloss.report.questions_html import questions_data, questions_html
from isoloss.report.verdicts import SIGNS
from isoloss.store import version

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
_SEVERITIES = {"stop": "✕ stop", "care": "! care", "note": "· note"}
_LONG_CELL, _MANY_COLUMNS = 40, 5


def page(document: Document, figures: Mapping[str, PlotlyFigure]) -> str:
    """The whole page."""
    lead = "".join(_block(block) for block in document.lead)
    links = "".join(f'<a href="#{_id(s.id)}">{escape(s.title)}</a> ' for s in document.sections)
    nav = f"<nav aria-label=Contents>{links}</nav>" if len(document.sections) > 1 else ""
    body = "\n".join(_section(section) for section in document.sections)
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{_POLICY}">\n'
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>"
        f"{_part('page.css')}</style>\n</head>\n<body>\n<main>\n"
        f"<header><p class=kicker>{_kicker(document)}</p>"
        f"<h1>{escape(document.title)}</h1>\n{lead}\n"
        f"{nav}</header>\n{body}\n"
        f"<footer>Made by isoloss {escape(version())}. This page holds everything it shows and "
        "loads nothing."
        f"</footer>\n</main>\n{_scripts(document, figures)}</body>\n</html>\n"
    )


def _kicker(document: Document) -> str:
    if not document.home:
        return escape(document.kicker)
    return f'{escape(document.kicker)} · <a href="{_id(document.home)}.html">all studies</a>'


def _scripts(document: Document, figures: Mapping[str, PlotlyFigure]) -> str:
    return _plots(document, figures) + _questions(document)


def _questions(document: Document) -> str:
    found = [b for s in document.sections for b in s.blocks if isinstance(b, Questions)]
    if not found:
        return ""
    return (
        "<script type=application/json id=question-data>"
        f"{_safe(questions_data(found[0]))}</script>\n<script>{_part('questions.js')}</script>\n"
    )


def _plots(document: Document, figures: Mapping[str, PlotlyFigure]) -> str:
    if not document.figures:
        return ""
    from plotly.offline import get_plotlyjs

    data = ",\n".join(f"{_json(name)}: {_figure_json(figure)}" for name, figure in figures.items())
    return (
        f"<script type=application/json id=figures>{{{data}}}</script>\n"
        f"<script>{get_plotlyjs()}</script>\n<script>{_part('page.js')}</script>\n"
    )


def _part(name: str) -> str:
    return resources.files("isoloss.report").joinpath(name).read_text(encoding="utf-8")


def _figure_json(figure: PlotlyFigure) -> str:
    return _safe(figure.to_json(engine="json") or "{}")


def _json(text: str) -> str:
    import json

    return _safe(json.dumps(text))


def _safe(text: str) -> str:
    """JSON that cannot end the script element that it stands in."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _id(text: str) -> str:
    return escape(text, quote=True)


def _section(section: Section) -> str:
    body = "\n".join(_block(block) for block in section.blocks)
    return f'<section id="{_id(section.id)}">\n<h2>{escape(section.title)}</h2>\n{body}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Text(text=text, role=role):
            return f'<p class="{_id(role)}">{escape(text)}</p>'
        case Answer():
            return _answer(block)
        case Facts(facts=facts):
            cells = "".join(
                f"<div><dt>{escape(f.label)}</dt><dd>{escape(f.value)}</dd><dd>"
                f"{escape(f.detail)}</dd></div>"
                for f in facts
            )
            return f"<dl class=facts>{cells}</dl>"
        case Table():
            return _table(block)
        case Formula(law=law):
            return (
                f"<div class=lawbox tabindex=0>{formula_html(law)}</div>"
                f"<details><summary>As LaTeX</summary><pre>{escape(law.latex)}</pre></details>"
            )
        case Figure():
            return _figure(block)
        case Reasons(reasons=reasons):
            items = "".join(
                f'<li><span class="sign is-{_id(r.severity)}">{_SEVERITIES[r.severity]}</span><div>'
                f"<p class=seen>{escape(r.seen)}</p><p class=more><b>Why it matters.</b> "
                f"{escape(r.why)}.</p>"
                f"<p class=more><b>What to do.</b> {escape(r.remedy)}.</p></div></li>"
                for r in reasons
            )
            return f"<ul class=reasons>{items}</ul>"
        case Code(text=text):
            return f"<pre tabindex=0><code>{escape(text)}</code></pre>"
        case Fold(title=title, blocks=blocks):
            inside = "".join(_block(one) for one in blocks)
            return f"<details><summary>{escape(title)}</summary>{inside}</details>"
        case Questions():
            return questions_html(block)


def _answer(answer: Answer) -> str:
    kind, sign = SIGNS[answer.verdict]
    about = f" <small>{escape(answer.about)}</small>" if answer.about else ""
    return (
        f'<div class=answer><p class="verdict is-{kind}">'
        f"<span aria-hidden=true>{sign}</span><span>{escape(answer.verdict)}{about}</span></p>"
        f"<p>{escape(answer.text)}</p>{_more(answer)}</div>"
    )


def _more(answer: Answer) -> str:
    if not answer.page:
        return ""
    return (
        f'<p class=more><a href="{_id(answer.page)}.html">Figures, tables and questions'
        f"<span class=unseen> of {escape(answer.about)}</span></a></p>"
    )


def _table(table: Table) -> str:
    numeric = set(table.numeric)
    head = "".join(
        f"<th scope=col{' class=num' if i in numeric else ''}>{escape(title)}</th>"
        for i, title in enumerate(table.columns)
    )
    rows = "".join(f"<tr>{_row(table, k, numeric)}</tr>\n" for k in range(len(table.rows)))
    title = f' aria-label="{_id(table.title)}"' if table.title else ""
    dense = " class=dense" if len(table.columns) > _MANY_COLUMNS else ""
    return (
        f"<div class=scroll role=region tabindex=0{title}><table{dense}>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(table: Table, place: int, numeric: set[int]) -> str:
    cells = []
    for i, text in enumerate(table.rows[place]):
        if i == 0 and table.pages:
            href = f"{_id(table.pages[place])}.html"
            cells.append(f'<td class=wide><a href="{href}">{escape(text)}</a></td>')
        elif i in table.verdicts and text in SIGNS:
            kind, sign = SIGNS[text]
            cells.append(
                f'<td class="word is-{kind}"><span aria-hidden=true>{sign}</span> '
                f"{escape(text)}</td>"
            )
        else:
            cells.append(_cell(text, i in numeric))
    return "".join(cells)


def _cell(text: str, numeric: bool) -> str:
    kind = ""
    if numeric:
        kind = " class=num"
    elif len(text) == 64 and " " not in text:
        kind = " class=hash"
    elif len(text) > _LONG_CELL:
        kind = " class=wide"
    return f"<td{kind}>{escape(text)}</td>"


def _figure(figure: Figure) -> str:
    many = " many" if len(figure.panels) > 1 else ""
    plots = "".join(
        f'<div class=plot role=img aria-label="{_id(figure.alt)}" data-figure="{_id(panel.id)}" '
        f'style="height:{panel.height}px"></div>'
        for panel in figure.panels
    )
    numbers = ""
    if figure.numbers is not None:
        numbers = (
            "<details><summary>The numbers</summary>"
            f"<p class=note>{escape(figure.numbers.title)}</p>{_table(figure.numbers)}</details>"
        )
    return (
        f'<figure id="figure-{_id(figure.id)}">{_legend(figure)}'
        f'<div class="panels{many}">{plots}</div>'
        "<noscript><p class=note>The picture needs JavaScript; the numbers below do "
        "not.</p></noscript>"
        f"<figcaption><strong>{escape(figure.conclusion)}</strong>"
        f"{escape(figure.shows)}</figcaption>{numbers}</figure>"
    )


def _swatch(one: Swatch) -> str:
    if one.mark:
        return f'<i class=mark style="color:{_id(one.colour)}">{escape(one.mark)}</i>'
    return f'<i style="background:{_id(one.colour)}"></i>'


def _legend(figure: Figure) -> str:
    if not figure.legend:
        return ""
    entries = "".join(f"<li>{_swatch(one)}{escape(one.name)}</li>" for one in figure.legend)
    return f'<ul class=legend aria-label="Colours">{entries}</ul>'
