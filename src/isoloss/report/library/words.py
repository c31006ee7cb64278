"""Text and tables in Markdown that every reader shows alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from isoloss.law import Source
from isoloss.report.library.catalogue import Catalogue

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;"}
# an underscore within a word marks nothing, and ids are full of them
_SPECIAL = re.compile(r"[\\`*\[\]{}]|(?<!\w)_|_(?!\w)|[&<>|~]")
_START = re.compile(r"^([#+=-]|\d+(?=[.)](\s|$)))")


def prose(given: str) -> str:
    """Text on one line that Markdown reads as it stands."""
    flat = " ".join(given.split())
    return _SPECIAL.sub(lambda m: _HTML.get(m.group(), f"\\{m.group()}"), flat)


def linked(given: str, library: Catalogue, page: str, own: str = "") -> str:
    """The same, with the ids of other published laws as links."""

    def link(match: re.Match[str]) -> str:
        name = match.group()
        known = name in library.entries and name != own
        return library.link(name, page) if known else name

    return re.sub(r"(?<![\w/.])[a-z][\w]*\d\w*", link, prose(given))


def code(given: str) -> str:
    """A formula or name in the letters of code, also inside a table."""
    return f"`{given}`".replace("|", "&#124;") if "`" not in given else prose(given)


def fenced(text: str) -> str:
    """Lines that are shown and not run."""
    return f"```text\n{text}\n```"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already; `right` names columns of numbers."""
    right = set(right)
    marks = ["---:" if i in right else "---" for i in range(len(columns))]
    lines = (columns, marks, *rows)
    return "\n".join("| " + " | ".join(cell or " " for cell in row) + " |" for row in lines)


def without_empty(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int] = ()
) -> str:
    """A table without the columns in which nothing is said."""
    kept = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    places = {old: new for new, old in enumerate(kept)}
    return table(
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in rows],
        [places[i] for i in right if i in places],
    )


def bullets(items: Iterable[str]) -> str:
    """A list; what would begin another list within an item stays text."""
    return "\n".join(f"- {_START.sub(_number_of, item)}" for item in items)


def _number_of(match: re.Match[str]) -> str:
    return f"&#{ord(match.group()[0])};{match.group()[1:]}"


def source(given: Source) -> str:
    """A source with its link and the place in it."""
    cite = prose(given.cite)
    text = f"[{cite}]({given.url})" if given.url else cite
    return f"{text}, {prose(given.where)}" if given.where else text


def sentence(text: str, names: Collection[str] = ()) -> str:
    """A text that begins and ends as a sentence; `names` keep their small letter."""
    first = re.split(r"[\W]", text, maxsplit=1)[0]
    plain = first.isalpha() and first.islower() and len(first) > 1 and first not in names
    plain = plain or first == "a"
    return stop(text[:1].upper() + text[1:] if plain else text)


def stop(text: str) -> str:
    """A text that ends as a sentence does."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
