"""Names, questions and answers are written by strangers: on every page they stay text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from isoloss.report.errors import errors_report
from isoloss.report.errors.looks import plotted
from isoloss.report.errors.words import clipped, named
from isoloss.report.model import Questions
from tests.errors.report_cases import EVIL, hostile

# what figures mark up themselves
_OWN = re.compile(r"</?b>|<br>|<extra></extra>$")


@pytest.fixture(scope="module")
def report():
    study = hostile()
    return errors_report([study, study])


@pytest.fixture(scope="module")
def pages(report):
    """Every page as HTML without Plotly's script."""
    from plotly.offline import get_plotlyjs

    return {name: report.html(name).replace(get_plotlyjs(), "") for name in report.pages}


def names(report):
    return [name for name in report.pages if name != "index"]


class Tags(HTMLParser):
    """Every tag with its attributes, and the text of scripts."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.scripts, self.titles = [], [], [], []
        self.inside = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        if self.inside == "h1":
            self.titles.append(data)


def parsed(html):
    found = Tags()
    found.feed(html)
    return found


def test_no_tag_and_no_handler_comes_from_the_data(pages):
    for name, html in pages.items():
        found = parsed(html)
        assert found.tags.count("script") == (5 if name != "index" else 3)
        assert not {"img", "iframe", "link", "object"} & set(found.tags)
        assert not [key for _, key, _ in found.attributes if key.startswith("on")]
        assert not [
            value for _, key, value in found.attributes if key == "href" and ":" in (value or "")
        ]


def test_what_is_in_scripts_is_data(report, pages):
    for name in names(report):
        found = parsed(pages[name])
        data = [json.loads(text) for text in found.scripts if text.startswith("{")]
        assert len(data) == 2
        assert "</script>" in json.dumps(data)
        assert not any("<" in text for text in found.scripts if text.startswith("{"))


def test_a_title_is_read_as_it_was_written(report, pages):
    title = "".join(parsed(pages[names(report)[0]]).titles)
    assert EVIL[0] in title


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def test_figures_hold_no_markup_but_their_own(report):
    seen = 0
    for page in report.pages.values():
        for figure in page.figures.values():
            for text in strings(json.loads(figure.to_json())):
                assert "<" not in _OWN.sub("", text), text
                seen += "&lt;" in text
    assert seen > 10


def test_templates_of_figures_hold_nothing_of_the_data(report):
    for page in report.pages.values():
        for figure in page.figures.values():
            for trace in figure.data:
                template = getattr(trace, "hovertemplate", None)
                assert template in (
                    None,
                    "%{text}<extra></extra>",
                    "%{customdata}<extra></extra>",
                )


def test_markdown_holds_no_markup_of_the_data(report):
    for name in report.pages:
        text = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", report.markdown(name), flags=re.M | re.S)
        assert not re.search(r"(?<!\\)<", text)
        assert not re.search(r"(?<!\\)\]\((?![\w.-]+\.md\))", text)
        headings = re.findall(r"^#+ .*$", text, re.M)
        page = report.pages[name].document
        assert len(headings) == 1 + len(page.sections)


def test_tables_in_markdown_keep_their_columns(report):
    for name in report.pages:
        width = 0
        for line in report.markdown(name).splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("| ") else 0
            if cells and width:
                assert cells == width, line
            width = cells


def test_every_page_is_text_without_halves_of_characters(report, pages):
    for name, html in pages.items():
        for text in (html, report.markdown(name)):
            text.encode("utf-8")
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202e]", text)


def test_the_questions_are_those_of_the_table(report):
    document = report.pages[names(report)[0]].document
    (block,) = [b for s in document.sections for b in s.blocks if isinstance(b, Questions)]
    asked = {question.asked for question in block.questions}
    assert any(EVIL[1] in text for text in asked)
    assert all(text.startswith("What is number") for text in asked)


def test_text_is_cut_and_cleaned():
    assert clipped("  a\r\nb\x00 \ud800 ", 20) == "a\nb� �"
    assert clipped("abcdef", 4) == "abc…"
    assert clipped(None, 4) == ""
    assert named("a__b_c\n d") == "a b c d"
    assert plotted('<b>"a" & b</b>') == '&lt;b&gt;"a" &amp; b&lt;/b&gt;'
    assert plotted("<" * 50, 10) == "&lt;" * 9 + "…"
