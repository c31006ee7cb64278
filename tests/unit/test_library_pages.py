"""The pages of the law library: they are what the laws say, and they can be read."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from isoloss.cli import main as isoloss_main
from isoloss.law import Law
from isoloss.law.expression import evaluate, parse
from isoloss.law.families import families
from isoloss.law.published import EVIDENCE
from isoloss.report.library.__main__ import main
from isoloss.report.library.candidates import candidates
from isoloss.report.library.catalogue import anchor, catalogue
from isoloss.report.library.curves import FITTED, MOST_PANELS, panels
from isoloss.report.library.example import example
from isoloss.report.library.figure import family_svg
from isoloss.report.library.formula_lines import WIDTH, formula_lines, split
from isoloss.report.library.index_page import COMMANDS, MEANING
from isoloss.report.library.numbers_part import as_printed
from isoloss.report.library.pages import pages
from isoloss.report.library.spans import Span, held
from isoloss.report.library.words import bullets, linked, prose, sentence, without_empty

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "laws"
LIBRARY = catalogue()
FAMILIES = list(LIBRARY.families)
MADE = pages(LIBRARY)
LAWS = [*LIBRARY.forms.values(), *(entry.law for entry in LIBRARY.entries.values())]


def section(page: str, id_: str) -> str:
    found = re.search(rf"^### {id_}\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    assert found, id_
    return found[1]


# the files


@pytest.mark.parametrize("name", sorted(MADE))
def test_committed_pages_are_what_the_laws_say(name: str) -> None:
    path = FOLDER / name
    assert path.is_file(), f"run python -m isoloss.report.library; {name} is missing"
    assert path.read_text(encoding="utf-8") == MADE[name], (
        "the laws have changed: run python -m isoloss.report.library"
    )


def test_no_page_of_a_law_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(MADE)


def test_navigation_lists_every_family_by_its_title() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^ +- (.+): laws/(\w+)\.md$", text, re.M)
    assert listed == [(family.title, family.id) for family in families().values()]
    assert "- laws/index.md\n" in text


def test_writing_the_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert f"{len(MADE)} of them written anew" in capsys.readouterr().out
    assert (tmp_path / "dense.md").read_text(encoding="utf-8") == MADE["dense.md"]
    assert main([str(tmp_path)]) == 0
    assert ", 0 of them written anew" in capsys.readouterr().out


def test_what_the_generator_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 1
    assert main(["a", "b"]) == 2
    text = capsys.readouterr()
    assert "nowhere' does not exist" in text.out + text.err
    assert "usage" in text.err


# the families


def test_every_law_belongs_to_a_family_and_every_family_has_laws() -> None:
    used = {law.family for law in LIBRARY.forms.values()}
    used |= {entry.family for entry in LIBRARY.entries.values()}
    assert used == set(families())


def test_families_say_what_they_answer() -> None:
    for family in families().values():
        assert family.question.endswith("?")
        assert family.title


def test_axes_of_a_family_are_inputs_of_its_laws() -> None:
    for family in families().values():
        laws = LIBRARY.forms_of(family.id) + [e.law for e in LIBRARY.entries_of(family.id)]
        names = {v.name for law in laws for v in law.variables}
        names |= {v.name.partition("_")[0] for law in laws for v in law.variables if v.over}
        assert set(family.axis) <= names, family.id


# the text


@pytest.mark.parametrize("family", FAMILIES)
def test_every_law_has_one_section_on_its_page(family: str) -> None:
    page = MADE[f"{family}.md"]
    ids = [law.id for law in LIBRARY.forms_of(family)]
    ids += [entry.id for entry in LIBRARY.entries_of(family)]
    assert Counter(re.findall(r"^### (.+)$", page, re.M)) == Counter(ids)
    assert len({anchor(id_) for id_ in ids}) == len(ids)
    assert anchor("forms") not in ids


@pytest.mark.parametrize("family", FAMILIES)
def test_every_number_and_trap_is_on_the_page(family: str) -> None:
    for entry in LIBRARY.entries_of(family):
        text = section(MADE[f"{family}.md"], entry.id)
        assert f"**{entry.level}" in text
        for chosen in entry.sets.values():
            assert all(f" {as_printed(n)} " in text for n in chosen.numbers.values()), entry.id
        assert text.count("\n- ") >= len(entry.pitfalls) + 2 * (len(entry.sources) > 1)
        assert all(source.url in text for source in entry.sources)
        if not any(chosen.numbers for chosen in entry.sets.values()) and entry.form:
            assert "**No numbers**" in text


@pytest.mark.parametrize("family", FAMILIES)
def test_tables_are_whole(family: str) -> None:
    rows = [line for line in MADE[f"{family}.md"].splitlines() if line.startswith("|")]
    before = 0
    for line, after in zip(rows, [*rows[1:], ""], strict=True):
        cells = line.count("|")
        if set(after) <= set("|-: "):
            before = cells
        assert cells >= 2
        assert cells == before or set(line) <= set("|-: "), line


@pytest.mark.parametrize("name", [name for name in MADE if name.endswith(".md")])
def test_links_within_the_library_lead_somewhere(name: str) -> None:
    for target, mark in re.findall(r"\]\((\w*\.?(?:md|svg)?)(#[\w-]+)?\)", MADE[name]):
        assert (target or name) in MADE
        if mark and (target or name) != "index.md":
            heads = re.findall(r"^##+ (.+)$", MADE[target or name], re.M)
            assert mark[1:] in [anchor(head) for head in heads]


def test_the_default_set_is_told() -> None:
    for entry in LIBRARY.entries.values():
        if len(entry.sets) > 1 and any(c.numbers for c in entry.sets.values()):
            text = section(MADE[f"{entry.family}.md"], entry.id)
            assert f"`{entry.default}` (default)" in text, entry.id


def test_the_first_page_counts_as_the_command_line_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import json

    with pytest.raises(SystemExit) as ended:
        isoloss_main(["laws", "list", "--json"])
    assert not ended.value.code
    result = json.loads(capsys.readouterr().out)["result"]
    page = MADE["index.md"]
    assert f"ships {len(result['forms'])} **forms**" in page
    assert f"{len(result['published'])} **published laws**" in page
    for level in EVIDENCE:
        laws = [entry for entry in result["published"] if entry["evidence"] == level]
        numbers = [
            number
            for entry in result["published"]
            for chosen in entry["sets"]
            for number in chosen["numbers"].values()
            if number["evidence"] == level
        ]
        complete = sum(entry["complete"] for entry in laws)
        row = f"| **{level}** | {MEANING[level]} | {len(laws)} | {complete} | {len(numbers)} |"
        assert row in page
    for family in families().values():
        forms = sum(law["family"] == family.id for law in result["forms"])
        entries = sum(entry["family"] == family.id for entry in result["published"])
        assert f"({family.id}.md) | {family.question} | {forms} | {entries} |" in page


def test_the_commands_of_the_first_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    for _, command in COMMANDS:
        words = shlex.split(command)
        if words[1] != "laws":
            continue
        with pytest.raises(SystemExit) as ended:
            isoloss_main(words[1:])
        assert not ended.value.code, command
        assert capsys.readouterr().out


# the examples


@pytest.mark.parametrize("id_", LIBRARY.entries)
def test_an_example_gives_what_the_page_says(id_: str) -> None:
    entry = LIBRARY.entries[id_]
    found = example(entry, LIBRARY)
    if found is None:
        assert not any(chosen.complete for chosen in entry.sets.values())
        return
    assert np.isfinite(found.value)
    chosen = entry.coefficients(found.coefficients)
    again = entry.law(
        {name: at / chosen.inputs[name].factor for name, at in found.at.items()} | chosen.values
    )
    assert float(again) == pytest.approx(found.value, rel=1e-12)
    for name, known in chosen.inputs.items():
        if known.range and known.range[0] < known.range[1]:
            low, high = (edge * known.factor for edge in known.range)
            assert low <= found.at[name] <= high
    shares = [v.name for v in entry.law.variables if v.share]
    assert not shares or sum(found.at[name] for name in shares) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "id_",
    ["hoffmann2022_a3", "kaplan2020_Cmin", "moma_mot_efficiency", "ye2024_mixing", "zhai2021_vit"],
)
def test_a_command_says_what_the_example_says(id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = example(LIBRARY.entries[id_], LIBRARY)
    assert found is not None
    with pytest.raises(SystemExit) as ended:
        isoloss_main(shlex.split(found.command)[1:])
    assert not ended.value.code
    assert f"{found.value:.6g}" in capsys.readouterr().out
    assert found.command in MADE[f"{LIBRARY.entries[id_].family}.md"]


# the formulas


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_a_formula_fits_the_page(law: Law) -> None:
    lines = formula_lines(law).splitlines()
    # a line of text may be as long as its longest term
    assert max(map(len, lines)) <= WIDTH + 8


def test_named_parts_leave_a_formula_what_it_is() -> None:
    tried = 0
    for law in LAWS:
        parts = split(law.formula, law.indices, law.target)
        if parts is None or len(parts) == 1 or law.indices:
            continue
        tried += 1
        at = next(filter(lambda at: np.isfinite(_value(law.formula, at)), _points(law)))
        (_, whole), *rest = parts
        named = dict(at)
        for name, part in rest:
            named[name] = _value(part, named)
        assert _value(whole, named) == pytest.approx(float(law(at)), rel=1e-9), law.id
    assert tried > 3


def _points(law: Law) -> Iterator[dict[str, float]]:
    """Values of every name, from which those are to be taken where the law has a value."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        yield {name: float(rng.uniform(0.5, 4.0)) for name in law.expression.names}


def _value(formula: str, at: dict[str, float]) -> float:
    with np.errstate(all="ignore"):
        return float(evaluate(parse(formula), at))


# the figures


@pytest.mark.parametrize("family", FAMILIES)
def test_a_figure_is_svg_whose_words_do_not_meet(family: str) -> None:
    text = MADE[f"{family}.svg"]
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    marks = re.sub(r"<title>.*?</title>|<text.*?</text>|<style>.*?</style>", "", text, flags=re.S)
    assert "nan" not in marks
    assert "inf" not in marks
    wide, high = (float(v) for v in root.attrib["viewBox"].split()[2:])
    boxes = [_box(e) for e in root.iter() if e.tag.endswith("}text")]
    for k, (left, right, y, words) in enumerate(boxes):
        assert left >= -6, words
        assert right <= wide + 6, words
        assert 8 <= y <= high
        for a, b, other, also in boxes[k + 1 :]:
            apart = abs(y - other) >= 10 or right <= a + 1 or b <= left + 1
            assert apart, (words, also)


def _box(element: ElementTree.Element) -> tuple[float, float, float, str]:
    """Left, right and baseline of a text, by the mean width of a letter."""
    words = element.text or ""
    letter = {"title": 7.6, "end": 6.0, "note": 5.8}.get(element.attrib.get("class", ""), 6.2)
    x, width = float(element.attrib["x"]), letter * len(words)
    start = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.attrib["text-anchor"]]
    return x - start * width, x + (1 - start) * width, float(element.attrib["y"]), words


@pytest.mark.parametrize("family", FAMILIES)
def test_a_figure_has_few_panels_and_few_lines(family: str) -> None:
    drawn = panels(LIBRARY.families[family], LIBRARY)
    assert 1 <= len(drawn) <= MOST_PANELS
    assert all(1 <= len(panel.curves) <= 6 for panel in drawn)
    assert sum(len(panel.curves) for panel in drawn) <= 12
    for panel in drawn:
        assert len({curve.label for curve in panel.curves}) == len(panel.curves)


def test_a_line_is_solid_exactly_in_the_fitted_range() -> None:
    panel = panels(LIBRARY.families["dense"], LIBRARY)[0]
    curve = next(c for c in panel.curves if c.label == "hoffmann2022_a3")
    known = LIBRARY.entries["hoffmann2022_a3"].coefficients().inputs["N"].range
    assert curve.kind == FITTED
    assert known is not None
    assert (curve.x[curve.inside].min(), curve.x[curve.inside].max()) == pytest.approx(known)
    assert curve.x.max() == pytest.approx(10 * known[1])
    assert "stroke-dasharray" in MADE["dense.svg"]


def test_a_curve_is_the_law() -> None:
    entry = LIBRARY.entries["hoffmann2022_a3"]
    panel = panels(LIBRARY.families["dense"], LIBRARY)[0]
    curve = next(c for c in panel.curves if c.label == entry.id)
    held_at = float(re.search(r"D = (\d+)B", panel.note)[1]) * 1e9  # pyright: ignore
    wanted = [entry.evaluate({"N": x, "D": held_at}).value for x in curve.x[::12]]
    assert curve.y[::12] == pytest.approx(wanted)


def test_laws_whose_numbers_are_not_used_are_not_drawn() -> None:
    drawn = {
        law for family in families().values() for p in panels(family, LIBRARY) for law in p.laws
    }
    assert not any(not LIBRARY.entries[law].usable for law in drawn if law in LIBRARY.entries)
    assert len(drawn) > 60


def test_a_law_in_proportion_to_an_unknown_number_is_drawn_relative() -> None:
    found = {c.id: c for c in candidates(LIBRARY.families["other_domains"], LIBRARY)}
    law = found["sartor2024_data"]
    assert law.axis.relative
    panel = next(
        p
        for p in panels(LIBRARY.families["other_domains"], LIBRARY)
        if p.laws == ("sartor2024_data",)
    )
    assert all(curve.y[0] == pytest.approx(1.0) for curve in panel.curves)
    times = panel.curves[0].x[-1] / panel.curves[0].x[0]
    exponent = LIBRARY.entries["sartor2024_data"].values()["a"]
    assert panel.curves[0].y[-1] == pytest.approx(times**exponent)


def test_a_family_without_anything_to_draw_has_no_figure() -> None:
    from dataclasses import replace

    empty = replace(LIBRARY, forms={}, entries={})
    assert family_svg(LIBRARY.families["dense"], empty) == ""


# small pieces


def test_prose_stays_text() -> None:
    assert prose("a*b_c <i> | [x](y)") == r"a\*b_c &lt;i&gt; &#124; \[x\](y)"
    assert prose("_so_ it is") == r"\_so\_ it is"
    assert bullets(["- 1", "2. b", "c"]) == "- &#45; 1\n- &#50;. b\n- c"


def test_ids_in_prose_are_links() -> None:
    text = linked("see kaplan2020_N, not chinchilla nor 1e9.", LIBRARY, "moe")
    assert text == "see [kaplan2020_N](dense.md#kaplan2020_n), not chinchilla nor 1e9."
    assert linked("kaplan2020_N", LIBRARY, "dense", own="kaplan2020_N") == "kaplan2020_N"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("no floor", "No floor."), ("alpha is small", "alpha is small."), ("a fit", "A fit."),
     ("6ND counts.", "6ND counts.")],
)  # fmt: skip
def test_sentences(given: str, wanted: str) -> None:
    assert sentence(given, {"alpha"}) == wanted


def test_empty_columns_are_left_out() -> None:
    text = without_empty(("a", "b", "c"), [("1", "", "3")], right=(2,))
    assert text == "| a | c |\n| --- | ---: |\n| 1 | 3 |"


def test_what_several_laws_are_held_at() -> None:
    one = {"D": Span(1e9, 1e11, True, True)}
    two = {"D": Span(1e10, 1e12, True, True)}
    usual = {"D": Span(1.0, 10.0, False, True)}
    assert held(["D"], [one, two, usual])["D"] == pytest.approx(3e10)
    far = {"D": Span(1e14, 1e16, True, True)}
    assert 1e11 < held(["D"], [one, far])["D"] < 1e14


def test_a_short_number_stays_near_its_place() -> None:
    assert Span(1.9, 3.2, True, True).round_at(0.5, 1) == 2.5
    assert Span(3.0, 12.0, True, True).round_at(0.5) == 6.0
    assert Span(-1500.0, 0.0, True, False).at(0.5) == -750.0
