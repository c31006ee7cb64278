"""The first page of the library: families, evidence, commands, disagreements, papers without."""

from __future__ import annotations

from collections.abc import Sequence

from isoloss.law.published import EVIDENCE, USED
from isoloss.law.published.reasons import Reason, all_reasons
from isoloss.law.published.without import without_law
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.words import (
    bullets,
    code,
    linked,
    prose,
    sentence,
    source,
    stop,
    table,
)

# what a person may conclude from each level
MEANING = {
    "primary": "read in the paper itself",
    "author-code": "read in code, stored results or sources of the paper that its authors released",
    "refit": "printed nowhere: fitted again to the runs that the authors released",
    "secondary": "read in a note, survey or program that quotes the paper",
    "abstract": "read in the abstract alone",
    "memory": "read nowhere: it circulates, and no source was seen",
    "contradicted": "read in a source that other evidence contradicts",
}
COMMANDS = (
    ("which laws there are, and how many of each kind", "isoloss laws list --summary"),
    (
        "those of one family, modality, target or level of evidence",
        "isoloss laws list --family moe",
    ),
    ("one law in full", "isoloss laws show hoffmann2022_a3"),
    ("its value at a point, with an interval", "isoloss laws eval hoffmann2022_a3 N=70B D=1.4T"),
    (
        "what differs between laws, and why",
        "isoloss laws compare hoffmann2022_a3 besiroglu2024 --compute 1e21",
    ),
    ("the same form fitted to your runs", "isoloss fit runs.csv --law hoffmann2022_a3"),
)
_PYTHON = """from isoloss.law import published_laws

law = published_laws()["hoffmann2022_a3"]
found = law.evaluate({"N": 70e9, "D": 1.4e12})
print(f"{found.value:.3f} {found.unit}")"""


def index_page(library: Catalogue) -> str:
    """The page as Markdown."""
    numbers = [level for levels in _levels(library).values() for level in levels]
    parts = [
        "# Law library",
        "<!-- made by `python -m isoloss.report.library`; change the laws, not this page -->",
        f"isoloss ships {len(library.forms)} **forms**, formulas that can be fitted, and "
        f"{len(library.entries)} **published laws** with {len(numbers)} printed numbers. Every "
        "number says where it was read, and is as precise as its source prints it. Nothing is "
        "filled in: where a number was not read, the page says so. [The library](../library.md) "
        "shows how to use them.",
        "## Families",
        _families(library),
        "## Evidence",
        _evidence(library),
        "## Commands",
        _commands(library),
        "## Why published laws disagree",
        _reasons(library),
        "## Papers without a law",
        _without(library),
    ]
    return "\n\n".join(parts) + "\n"


def _levels(library: Catalogue) -> dict[str, list[str]]:
    """The evidence of every number, by published law."""
    return {
        entry.id: [n.evidence for c in entry.sets.values() for n in c.numbers.values()]
        for entry in library.entries.values()
    }


def _families(library: Catalogue) -> str:
    rows = []
    for family in library.families.values():
        entries = library.entries_of(family.id)
        rows.append(
            (
                f"[{prose(family.title)}]({family.id}.md)",
                prose(family.question),
                str(len(library.forms_of(family.id))),
                str(len(entries)),
                str(sum(entry.complete for entry in entries)),
            )
        )
    columns = ("family", "what it answers", "forms", "published", "with all numbers")
    return table(columns, rows, right=(2, 3, 4))


def _evidence(library: Catalogue) -> str:
    entries = list(library.entries.values())
    numbers = [level for levels in _levels(library).values() for level in levels]
    rows = [
        (
            f"**{level}**",
            MEANING[level],
            str(sum(e.level == level for e in entries)),
            str(sum(e.level == level and e.complete for e in entries)),
            str(numbers.count(level)),
            "yes" if level in USED else "only when asked for",
        )
        for level in EVIDENCE
    ]
    columns = ("level", "meaning", "laws", "with all numbers", "numbers", "used")
    return (
        table(columns, rows, right=(2, 3, 4))
        + "\n\nA law has the level of the weakest of its default numbers; without numbers, that at "
        "which its formula was read. Levels that are used only when asked for need "
        "`--any-evidence`."
    )


def _commands(library: Catalogue) -> str:
    rows = [(sentence(words)[:-1], code(command)) for words, command in COMMANDS]
    return (
        f"{table(('to see', 'say'), rows)}\n\n"
        "`ID:SET` names one of several sets of numbers, `ID with k=0.3` and `ID as FORMULA` a law "
        "as a text states it, so that it can be compared with its source. In Python:\n\n"
        f"```python\n{_PYTHON}\n```\n\n"
        f'```text title="output"\n{_output(library)}\n```'
    )


def _output(library: Catalogue) -> str:
    """What the lines of Python print."""
    found = library.entries["hoffmann2022_a3"].evaluate({"N": 70e9, "D": 1.4e12})
    return f"{found.value:.3f} {found.unit}"


def _reasons(library: Catalogue) -> str:
    """Every explanation, those of one disagreement together."""
    found: dict[str, list[Reason]] = {}
    for reason in all_reasons():
        found.setdefault(reason.about, []).append(reason)
    return "\n\n".join(
        f"**{sentence(prose(about))}**\n\n{bullets(_reason(r, library) for r in reasons)}"
        for about, reasons in found.items()
    )


def _reason(reason: Reason, library: Catalogue) -> str:
    sides = [_side(reason.laws, library)]
    if reason.against != reason.laws:
        sides.append(_side(reason.against, library))
    told = stop(linked(reason.reason, library, "index"))
    read = "; ".join(source(s) for s in reason.sources)
    return f"{' against '.join(sides)}. {told} Read in {stop(read)}"


def _side(names: Sequence[str], library: Catalogue) -> str:
    return ", ".join(_laws(name, library) for name in names)


def _laws(name: str, library: Catalogue) -> str:
    """A link to a law, or to the page that has most of those whose ids begin so."""
    if name in library.entries:
        return library.link(name, "index")
    pages = [library.pages[id_] for id_ in library.entries if id_.startswith(name)]
    if not pages:
        return code(name)
    return f"[{name}...]({max(dict.fromkeys(pages), key=pages.count)}.md)"


def _without(library: Catalogue) -> str:
    rows = []
    for paper in without_law().values():
        cite = prose(paper.cite)
        cite = f"[{cite}]({paper.url})" if paper.url else cite
        rows.append((cite, prose(paper.read), linked(paper.reason, library, "index")))
    return table(("paper", "read", "why it has no entry"), rows)
