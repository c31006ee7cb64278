"""What a formula is made of: nodes, functions, and which words may be names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.law.m4 import m4root


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, allowed in conditions only."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, parameter or column."""

    id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or function on its arguments."""

    op: str
    args: tuple[Node, ...]


Node = Number | Text | Name | Apply


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Attributes:
        text: what was written.
        root: the tree.
        names: every name in it, in order of first appearance.
    """

    text: str
    root: Node
    names: tuple[str, ...]


# numpy function, number of arguments (None: two or more)
FUNCTIONS: dict[str, tuple[Any, int | None]] = {
    "m4root": (m4root, 2),
    "exp": (np.exp, 1),
    "log": (np.log, 1),
    "log2": (np.log2, 1),
    "log10": (np.log10, 1),
    "log1p": (np.log1p, 1),
    "expm1": (np.expm1, 1),
    "sqrt": (np.sqrt, 1),
    "tanh": (np.tanh, 1),
    "abs": (np.abs, 1),
    "min": (np.minimum, None),
    "max": (np.maximum, None),
}
# over an index: the operator that joins the terms
REDUCTIONS = {"sum": "+", "prod": "*"}

# words that JavaScript keeps for itself; a law's names stand in its pages as they are
_RESERVED = frozenset(
    (
        *("Infinity", "Math", "NaN", "arguments", "await", "break", "case"),
        *("catch", "class", "const", "continue", "debugger", "default", "delete"),
        *("do", "else", "enum", "eval", "export", "extends", "false"),
        *("finally", "for", "function", "if", "implements", "import", "in"),
        *("instanceof", "interface", "let", "new", "null", "package", "private"),
        *("protected", "public", "return", "static", "super", "switch", "this"),
        *("throw", "true", "try", "typeof", "undefined", "var", "void"),
        *("while", "with", "yield"),
    )
)


def is_plain_name(name: str) -> bool:
    """Whether a name may stand in generated code: a word that means nothing else."""
    return name.isidentifier() and name not in _RESERVED | FUNCTIONS.keys() | REDUCTIONS.keys()


def item_name(name: str, label: str) -> str:
    """The plain name of one entry of a vector: `C` and `web` make `C_web`."""
    return f"{name}_{label}"


def names_of(node: Node) -> set[str]:
    """Every name in a tree."""
    names: dict[str, None] = {}
    collect(node, names)
    return set(names)


def collect(node: Node, names: dict[str, None]) -> None:
    """Add every name of a tree, in the order of appearance."""
    if isinstance(node, Name):
        names.setdefault(node.id)
    elif isinstance(node, Apply):
        for arg in node.args:
            collect(arg, names)
