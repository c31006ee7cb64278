"""Sources as BibTeX entries."""

from __future__ import annotations

import re

import pytest

from isoloss.law import Source, forms, published_laws
from isoloss.law.bibtex import bibtex


def fields(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) = \{(.*)\},?$", text, re.MULTILINE))


def test_an_entry_in_full():
    source = Source(
        "Hoffmann et al. 2022, Training Compute-Optimal Large Language Models",
        "appendix D.2",
        "https://arxiv.org/abs/2203.15556",
    )
    assert bibtex(source) == (
        "@misc{hoffmann2022,\n"
        "  title = {{Training Compute-Optimal Large Language Models}},\n"
        "  author = {Hoffmann and others},\n"
        "  year = {2022},\n"
        "  eprint = {2203.15556},\n"
        "  archivePrefix = {arXiv}\n"
        "}"
    )


@pytest.mark.parametrize(
    ("cited", "author", "key"),
    [
        ("Guo 2024, T", "Guo", "guo2024"),
        ("Pearce and Song 2024, T", "Pearce and Song", "pearce2024"),
        ("Cuervo & Marxer 2024, T", "Cuervo and Marxer", "cuervo2024"),
        ("Aa, Bb and Cc 2024, T", "Aa and Bb and Cc", "aa2024"),
        ("Aa, Bb, and Cc 2024, T", "Aa and Bb and Cc", "aa2024"),
        ("Aa, Bb et al. 2024, T", "Aa and Bb and others", "aa2024"),
        # two words are one surname, and not a first name before it
        ("Maia Polo et al. 2024, T", "{Maia Polo} and others", "maia2024"),
        ("de Vries 2023, T", "{de Vries}", "de2023"),
        ("DeepSeek-AI 2024a, T", "DeepSeek-AI", "deepseek2024"),
        ("Österling 2024, T", "Österling", "österling2024"),
    ],
)
def test_authors(cited, author, key):
    text = bibtex(Source(cited))
    assert fields(text)["author"] == author
    assert text.startswith(f"@misc{{{key},")


def test_a_title_is_text_and_not_latex():
    text = bibtex(Source("Aa 2024, 50% of P^2 & a_b #1 costs $3"))
    assert fields(text)["title"] == r"{50\% of P\textasciicircum{}2 \& a\_b \#1 costs \$3}"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://arxiv.org/abs/2001.08361", {"eprint": "2001.08361", "archivePrefix": "arXiv"}),
        ("https://arxiv.org/abs/cs/0101001", {"eprint": "cs/0101001", "archivePrefix": "arXiv"}),
        ("https://example.org/a_b", {"url": "https://example.org/a_b"}),
        ("", {}),
    ],
)
def test_where_it_stands(url, found):
    text = fields(bibtex(Source("Aa 2024, T", "table 1", url)))
    assert {k: v for k, v in text.items() if k not in ("title", "author", "year")} == found


def test_a_title_without_authors():
    text = bibtex(Source("2024, The Llama 3 Herd of Models"))
    assert "author" not in fields(text)
    assert text.startswith("@misc{the2024,")


@pytest.mark.parametrize(
    "cited", ["GitHub someone/code @123abc", "Third-party note on Liang et al. 2024", "", "Aa, T"]
)
def test_what_is_no_paper_has_no_entry(cited):
    assert bibtex(Source(cited)) == ""


def test_every_entry_of_the_library_is_whole():
    sources = {s for law in (*forms().values(), *published_laws().values()) for s in law.sources}
    entries = [bibtex(source) for source in sources]
    assert sum(map(bool, entries)) > 100
    for text in filter(None, entries):
        assert re.fullmatch(r"@misc\{\w+,\n(  \w+ = \{.+\},?\n)+\}", text), text
        assert text.count("{") == text.count("}")
        assert re.search(r"(?<!\\)[&%#]", text) is None, text
        assert re.fullmatch(r"\d{4}", fields(text)["year"])
