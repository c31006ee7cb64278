"""Where a federated number comes from: a tag that every printed number carries.

The paper that asks the question of this room (Chen, Yang, Wang and Yuan, arXiv:2511.12188) is known
here by its title, authors and abstract alone. So its claims are tagged `abstract`, and whatever
fills them with formulas is tagged `reconstruction`: it is derived in this package and is not the
paper's. No exponent here is the paper's.
"""

from __future__ import annotations

from collections.abc import Iterable

ABSTRACT = "abstract"
RECONSTRUCTION = "reconstruction"
TABLE = "published table"
RUNS = "your runs"
ARITHMETIC = "arithmetic"

MEANING = {
    ABSTRACT: "a claim in an abstract, in our words: of arXiv:2511.12188 unless another is named",
    RECONSTRUCTION: "derived in this package from named assumptions; not a formula of any paper",
    TABLE: "rests on numbers that a paper prints",
    RUNS: "rests on runs that you gave",
    ARITHMETIC: "follows from what you asked for, with no law in between",
}

# for the columns of a table; the legend beneath it has the words
LETTERS = {ABSTRACT: "S", RECONSTRUCTION: "R", TABLE: "T", RUNS: "Y", ARITHMETIC: "A"}

PAPER = "Chen, Yang, Wang, Yuan, arXiv:2511.12188 (abstract only)"


def together(*groups: Iterable[str]) -> tuple[str, ...]:
    """The tags of a number that rests on several others, each once, in the order of `MEANING`."""
    found = {tag for group in groups for tag in group}
    return tuple(tag for tag in MEANING if tag in found)


def letters(tags: Iterable[str]) -> str:
    """`R+T` for a table's column."""
    return "+".join(LETTERS[tag] for tag in together(tags))


def legend(*groups: Iterable[str]) -> str:
    """What the letters of some numbers mean."""
    return ", ".join(f"{LETTERS[tag]} {tag}" for tag in together(*groups))
