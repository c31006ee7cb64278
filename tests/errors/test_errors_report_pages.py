"""The errors report as pages: what is on them, that they load nothing, and can be made again."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from isoloss import store
from isoloss.errors.items.store import write_items
from isoloss.errors.simulate import simulate
from isoloss.errors.study import answer
from isoloss.exceptions import DocumentError, ItemsError
from isoloss.report.errors import errors_report
from isoloss.report.errors.repeat import command_line, python
from isoloss.report.errors.report import page_names
from isoloss.report.markdown import escaped
from isoloss.report.model import Answer, Code, Fold, Questions, Table, Text
from isoloss.report.verdicts import SIGNS
from tests.errors.report_cases import answers, studied

ORDER = [
    "reach",
    "accuracy",
    "modes",
    "change",
    "seeing",
    "flips",
    "agreement",
    "questions",
    "background",
    "repeat",
]


@pytest.fixture(scope="module")
def trend():
    return studied(answers(encoder=("small", "small", "large"), data=("web", "web", "web")))


@pytest.fixture(scope="module")
def pair():
    return studied(answers(sizes=(7e9, 13e9), seed=1), "pair")


@pytest.fixture(scope="module")
def report(trend, pair):
    return errors_report([trend, pair])


@pytest.fixture(scope="module")
def pages(report):
    """Every page as HTML, whole."""
    return {name: report.html(name) for name in report.pages}


def blocks(document, kind):
    parts = [document.lead, *(section.blocks for section in document.sections)]
    flat = [block for part in parts for block in part]
    flat += [inner for block in flat if isinstance(block, Fold) for inner in block.blocks]
    return [block for block in flat if isinstance(block, kind)]


def own_part(html: str) -> str:
    """The page without Plotly's script."""
    from plotly.offline import get_plotlyjs

    return html.replace(get_plotlyjs(), "")


def test_the_sections_come_in_their_order(report):
    for name in ("made-family", "pair-family"):
        assert [s.id for s in report.pages[name].document.sections] == ORDER


def test_every_panel_has_its_figure_with_caption_alt_text_and_numbers(report):
    for page in report.pages.values():
        figures = page.document.figures
        assert {panel.id for figure in figures for panel in figure.panels} == set(page.figures)
        for figure in figures:
            assert min(map(len, (figure.shows, figure.conclusion, figure.alt))) > 20
            assert figure.numbers is not None
            assert figure.numbers.rows
    assert len(report.pages["made-family"].document.figures) >= 11
    assert len(report.pages["pair-family"].document.figures) >= 9


def test_every_row_of_every_table_fits_its_columns(report):
    for page in report.pages.values():
        numbers = [figure.numbers for figure in page.document.figures if figure.numbers]
        for table in [*blocks(page.document, Table), *numbers]:
            assert all(len(row) == len(table.columns) for row in table.rows), table.columns
            assert not {row[i] for row in table.rows for i in table.verdicts} - {*SIGNS, ""}


def test_no_number_is_printed_as_nan_or_infinity(report):
    for name in report.pages:
        assert not re.search(r"\b(nan|inf)\b", report.markdown(name))


def test_the_first_page_answers_for_every_study_and_leads_to_it(report, pages, trend, pair):
    document = report.pages["index"].document
    found = blocks(document, Answer)
    assert [one.text for one in found] == [answer(trend), answer(pair)]
    assert [one.page for one in found] == ["made-family", "pair-family"]
    assert found[0].verdict == trend.accuracy.overall.slope.verdict
    assert found[1].verdict == pair.contrast.accuracy.verdict
    html = pages["index"]
    for name in ("made-family", "pair-family"):
        # once under the answer and once in the table
        assert html.count(f'href="{name}.html"') == 2
        assert report.markdown().count(f"]({name}.md)") == 2
        assert 'href="index.html"' in pages[name]
        assert "](index.md)" in report.markdown(name)


def test_one_study_has_a_first_page_without_a_picture(trend):
    report = errors_report([trend])
    assert list(report.pages) == ["index", "made-family"]
    assert not report.pages["index"].figures
    assert "<script" not in report.html()


def test_the_page_holds_plotly_once_and_refers_to_nothing_else(pages):
    from plotly.offline import get_plotlyjs

    for html in pages.values():
        assert html.count(get_plotlyjs()) == 1
        rest = own_part(html)
        assert not re.search(r"<(link|img|iframe|object|embed)\b", rest)
        links = set(re.findall(r'href="([^"]*)"', rest))
        known = {f"{page}.html" for page in pages}
        assert {link for link in links if not link.startswith("#")} <= known
        assert "default-src 'none'" in rest
        ids = re.findall(r'\bid="?([\w-]+)', rest.split("<script")[0])
        assert len(ids) == len(set(ids))


def test_markdown_and_html_say_the_same(report, pages):
    for name, page in report.pages.items():
        html, text = own_part(pages[name]), report.markdown(name)
        for section in page.document.sections:
            assert f"<h2>{section.title}</h2>" in html
            assert f"## {escaped(section.title)}" in text
        for figure in page.document.figures:
            assert escaped(figure.conclusion) in text
        for code in blocks(page.document, Code):
            assert code.text in text


def test_the_same_studies_give_the_same_pages(trend, report, pages):
    again = errors_report([trend])
    assert again.markdown("made-family") == report.markdown("made-family")
    assert again.html("made-family") == pages["made-family"]


def test_size_as_packaged_stands_with_every_trend(report, trend):
    sections = {s.id: s for s in report.pages["made-family"].document.sections}
    for name in ("accuracy", "modes", "seeing", "background"):
        found = sections[name].blocks
        assert trend.confounding.wording in [b.text for b in found if isinstance(b, Text)]
        folds = [b for b in found if isinstance(b, Fold) and "else changes" in b.title]
        table = folds[0].blocks[0]
        assert ("encoder", "small", "small", "large", "changes") in table.rows
        assert ("data", "web", "web", "web", "") in table.rows


def test_what_is_not_there_is_named_with_its_reason(report):
    document = errors_report([studied(simulate("capability", items=60))]).pages
    (found,) = [page.document for name, page in document.items() if name != "index"]
    assert "seeing" not in [s.id for s in found.sections]
    rows = [row for table in blocks(found, Table) for row in table.rows]
    assert ("seeing and saying", "no questions are answered with yes or no") in rows
    made = report.pages["made-family"].document
    missing = dict(next(t for t in blocks(made, Table) if t.columns[0] == "not on this page").rows)
    assert missing["accuracy beside loss"] == "the answers have no losses"


def test_unpaired_questions_are_counted():
    items = answers()
    kept = [i for i in range(len(items)) if not (items.model[i] == 1 and items.item[i] == "q3")]
    found = errors_report([studied(items.select(kept))]).pages["made-family"].document
    tables = [t for t in blocks(found, Table) if t.columns[:2] == ("model", "task")]
    assert len(tables) == 1
    assert {row[2:5] for row in tables[0].rows} == {("160", "159", "1")}


def test_a_saved_report_is_files_that_can_be_read(report, pages, tmp_path):
    folder = tmp_path / "a" / "b"
    report.save(folder)
    names = {"index", "made-family", "pair-family"}
    written = {f"{name}.{ending}" for name in names for ending in ("html", "md")}
    assert {path.name for path in folder.iterdir()} == {*written, "report.json"}
    document = store.load(folder / "report.json", "errors-report@1")
    assert [one["page"] for one in document["inputs"]["studies"]] == ["made-family", "pair-family"]
    assert [one["family"] for one in document["result"]["studies"]] == ["family", "family"]
    assert (folder / "index.html").read_text(encoding="utf-8") == pages["index"]
    json.dumps(document, allow_nan=False)


def test_the_first_page_is_not_written_when_another_fails(report, tmp_path):
    (tmp_path / "pair-family.html").mkdir()
    with pytest.raises(DocumentError, match=r"pair-family\.html"):
        report.save(tmp_path)
    assert not (tmp_path / "index.html").exists()


def test_a_folder_that_cannot_be_made_is_said(report, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DocumentError, match="cannot make the folder"):
        report.save(tmp_path / "file" / "report")


def test_no_study_and_no_page_are_said(report):
    with pytest.raises(ItemsError, match="there is no study"):
        errors_report([])
    with pytest.raises(ItemsError, match="no page 'x'; there is index, made-family, pair-family"):
        report.html("x")


def test_page_names_are_files_and_differ(trend):
    from dataclasses import replace

    def named(name, family, condition="default"):
        return replace(trend, name=name, family=family, condition=condition)

    assert page_names([named("a b/c", "é:x"), named("", "..")]) == ["a-b-c-x", "study-study"]
    assert page_names([named("t", "f", "cot"), named("T", "f", "plain")]) == [
        "t-f-cot",
        "T-f-plain",
    ]
    assert page_names([named("t", "f"), named("t", "f")]) == ["t-f-default", "t-f-default-2"]
    long = page_names([named("n" * 300, "f" * 300)] * 2)
    assert len(set(long)) == 2
    assert max(map(len, long)) < 90


def test_the_printed_python_makes_the_same_report(trend, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    write_items(trend.items, tmp_path / "made.parquet")
    monkeypatch.chdir(tmp_path)
    exec(python(trend), {})
    made = json.loads((tmp_path / "errors-report" / "report.json").read_text())
    assert made["result"]["studies"] == json.loads(store.dumps([trend.to_document()]))


def test_the_printed_command_has_the_options_of_the_command(trend):
    import typer

    from isoloss.cli.errors import app

    command = typer.main.get_command(app).commands["report"]
    known = {option for parameter in command.params for option in parameter.opts}
    words = shlex.split(command_line(trend).replace("\\\n", " "))
    assert words[:4] == ["isoloss", "errors", "report", "made.parquet"]
    assert {word for word in words if word.startswith("--")} <= known
    assert words[words.index("--family") + 1] == "family"


def test_the_questions_in_the_page_are_those_of_the_document(report, pages):
    page = report.pages["made-family"]
    (block,) = blocks(page.document, Questions)
    match = re.search(
        r"<script type=application/json id=question-data>(.*?)</script>",
        own_part(pages["made-family"]),
        re.DOTALL,
    )
    data = json.loads(match.group(1))
    assert [one["total"] for one in data["lists"]] == [one.total for one in block.lists]
    assert len(data["questions"]) == len(block.questions)
    assert data["questions"][0][4] == block.questions[0].gold


def test_markdown_lists_the_first_questions_of_every_list(report):
    page = report.pages["made-family"]
    (block,) = blocks(page.document, Questions)
    text = page.markdown()
    for one in block.lists:
        assert f"**{one.title}: {one.total:,}.**" in text
        for row in one.rows[:20]:
            question = block.questions[row]
            replies = zip(block.models, question.replies, strict=True)
            said = "; ".join(
                f"{model}: {reply.said or 'none read'} {'✓' if reply.right else '✕'}"
                for model, reply in replies
            )
            task = escaped(question.task)
            asked = escaped(f"{question.key}: {question.asked}")
            assert f"| {task} | {asked} | {question.gold} | {said} |" in text
