"""A source as a BibTeX entry."""

from __future__ import annotations

import re

from isoloss.law.law import Source


def bibtex(source: Source) -> str:
    """`@misc{...}` for a source that is cited as `Authors YEAR, Title`; empty where it is not."""
    match = re.fullmatch(r"(?:(.*?) )?(\d{4})[a-z]?, (.+)", source.cite)
    if match is None:
        return ""
    authors, year, title = match.groups()
    first = re.match(r"\w+", authors or title)
    key = (first.group().lower() if first else "source") + year
    fields = {"title": "{" + _escaped(title) + "}"}
    if authors:
        fields["author"] = _authors(authors)
    fields["year"] = year
    arxiv = re.search(r"arxiv\.org/abs/([\w.\-/]+)", source.url)
    if arxiv:
        fields |= {"eprint": arxiv.group(1), "archivePrefix": "arXiv"}
    elif source.url:
        fields["url"] = source.url
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}\n}}"


def _authors(text: str) -> str:
    """`Maia Polo, Guo and Li` or `Guo et al.` with `and` between; a surname of two words stays."""
    names = re.split(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*", text.removesuffix(" et al."))
    found = [_escaped(name if " " not in name else f"{{{name}}}") for name in names]
    return " and ".join([*found, "others"] if text.endswith(" et al.") else found)


def _escaped(text: str) -> str:
    """The characters that mean something to LaTeX, as characters."""
    text = re.sub(r"([&%#$_])", r"\\\1", text)
    return text.replace("^", r"\textasciicircum{}").replace("~", r"\textasciitilde{}")
