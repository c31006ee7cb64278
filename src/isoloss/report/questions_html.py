"""Lists of questions to look through, as HTML: the first few stand there without any script.

The rest is data that `questions.js` searches and sorts. It makes the same elements with the same
classes as `_card` here, and puts every text into the page as text.
"""

from __future__ import annotations

import json
from html import escape

from isoloss.report.model import Question, QuestionList, Questions

_SHOWN = 5


def questions_html(block: Questions) -> str:
    """The lists' names, the controls, and the first questions of the first list."""
    if not block.lists:
        return ""
    first = next((one for one in block.lists if one.rows), block.lists[0])
    tabs = "".join(
        f'<button type=button data-list={place} aria-pressed="{str(one is first).lower()}"'
        f"{'' if one.rows else ' disabled'}>{escape(one.title)} "
        f"<span>{one.total:,}</span></button>"
        for place, one in enumerate(block.lists)
    )
    cards = "".join(_card(block, block.questions[i]) for i in first.rows[:_SHOWN])
    return (
        f"<div class=finder data-questions><div class=tabs role=group "
        f'aria-label="Which questions">{tabs}</div>'
        f"<p class=note data-says>{escape(first.says)}</p>"
        "<div class=controls hidden>"
        "<label>Search<input type=search data-search autocomplete=off spellcheck=false "
        'placeholder="question, key or answer"></label>'
        "<label>Task<select data-task></select></label>"
        "<label>Order<select data-order>"
        "<option value=telling>most telling first</option><option value=task>by task</option>"
        "<option value=fewest>fewest right first</option>"
        "<option value=most>most right first</option></select></label></div>"
        f"<p class=note role=status data-count>{_count(first)}</p>"
        f"<ol class=questions>{cards}</ol>"
        "<button type=button class=more data-more hidden>Show more</button>"
        "<noscript><p class=note>Search and the other lists need JavaScript; the first of each "
        "list stand in the Markdown beside this page.</p></noscript></div>"
    )


def questions_data(block: Questions) -> str:
    """The data for the script, as JSON."""
    modes = list(dict.fromkeys(r.mode for q in block.questions for r in q.replies))
    place = {mode: i for i, mode in enumerate(modes)}
    return json.dumps(
        {
            "models": list(block.models),
            "modes": modes,
            "lists": [
                {"says": one.says, "total": one.total, "rows": list(one.rows)}
                for one in block.lists
            ],
            "questions": [
                [
                    q.task,
                    q.key,
                    q.asked,
                    q.options,
                    q.gold,
                    [[r.said, int(r.right), place[r.mode], r.wrote] for r in q.replies],
                ]
                for q in block.questions
            ],
        },
        separators=(",", ":"),
    )


def _count(one: QuestionList) -> str:
    shown = min(_SHOWN, len(one.rows))
    return f"{shown} of {one.total:,} shown"


def _card(block: Questions, question: Question) -> str:
    asked = f"<p class=asked dir=auto>{escape(question.asked)}</p>" if question.asked else ""
    options = (
        f"<p class=options dir=auto>{escape(question.options)}</p>" if question.options else ""
    )
    pairs = list(zip(block.models, question.replies, strict=True))
    replies = "".join(
        f"<li class={'right' if reply.right else 'wrong'}><span class=who>{escape(model)}</span> "
        f"<bdi>{escape(reply.said) or 'none read'}</bdi> "
        f'<span class=sign role=img aria-label="{"right" if reply.right else "wrong"}">'
        f"{'✓' if reply.right else '✕'}</span></li>"
        for model, reply in pairs
    )
    return (
        f"<li><p class=where>{escape(question.task)} <bdi>{escape(question.key)}</bdi></p>"
        f"{asked}{options}<p class=gold>Right answer <bdi>{escape(question.gold)}</bdi></p>"
        f"<ul class=replies>{replies}</ul>{_texts(pairs)}</li>"
    )


def _texts(pairs: list) -> str:
    """What the models wrote, where that says more than the answers do."""
    rows = "".join(
        f"<tr><td>{escape(model)}</td><td>{escape(reply.mode)}</td>"
        f"<td class=wide dir=auto>{escape(reply.wrote)}</td></tr>"
        for model, reply in pairs
        if reply.mode or reply.wrote
    )
    if not rows:
        return ""
    return (
        "<details><summary>What they wrote</summary><div class=scroll role=region tabindex=0>"
        "<table><thead><tr><th scope=col>model</th><th scope=col>mistake</th>"
        f"<th scope=col>text</th></tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
