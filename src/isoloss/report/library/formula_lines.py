"""A formula in a block of text, narrow enough for a page: parts of a wide one get names."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from isoloss.law import Index, Law, Variable
from isoloss.law.expression import parse
from isoloss.law.render import plain
from isoloss.law.tree import Apply, Expression, Name, Node, names_of
from isoloss.law.typeset import typeset

WIDTH = 92
_PART = 76
_LETTERS = "xyzuvwqs"
_MOST_PARTS = 4
_INDENT = "    "
_CHAIN = {"+": "sum", "-": "sum", "*": "product"}


def formula_lines(law: Law, target: str = "") -> str:
    """The formula, typeset; one that is too wide is split into named parts, or left as text."""
    target = target or law.target
    parts = split(law.formula, law.indices, target)
    if parts is None:
        return _as_text(f"{target} = {law.formula}")
    main, *rest = (_typeset(formula, name, law.indices) for name, formula in parts)
    return "\n\n".join([main, *(textwrap.indent(block, _INDENT) for block in rest)])


def _as_text(formula: str) -> str:
    """A formula in lines that break before a sign of addition."""
    first, *rest = formula.split(" + ")
    lines = [first]
    for term in rest:
        if len(lines[-1]) + len(term) + 3 > WIDTH:
            lines.append(f"{_INDENT}+ {term}")
        else:
            lines[-1] += f" + {term}"
    return "\n".join(lines)


def split(formula: str, indices: tuple[Index, ...], target: str) -> list[tuple[str, str]] | None:
    """The formula and the parts taken out of it, as (name, formula); None if it stays too wide."""
    if _width(formula, target, indices) <= WIDTH:
        return [(target, formula)]
    root = _root(formula, indices)
    taken = names_of(root)
    letters = [letter for letter in _LETTERS if letter not in taken]
    parts: list[tuple[str, str]] = []
    for letter in letters[:_MOST_PARTS]:
        part = _repeated(root) or _widest(root, indices)
        if part is None:
            return None
        parts.append((letter, _text(part)))
        root = _replaced(root, part, Name(letter))
        if _width(_text(root), target, indices) <= WIDTH:
            return [(target, _text(root)), *parts]
    return None


def _repeated(root: Node) -> Node | None:
    """The part whose name saves most, among those that stand there more than once."""
    counts = Counter(node for node in _parts(root) if _size(node) > 6)
    found = [node for node, count in counts.items() if count > 1]
    return max(found, key=lambda node: _size(node) * (counts[node] - 1), default=None)


def _widest(root: Node, indices: tuple[Index, ...]) -> Node | None:
    """The widest part that fits a line of its own."""
    widths = {node: _width(_text(node), "x", indices) for node in _parts(root) if _size(node) > 4}
    fitting = {node: width for node, width in widths.items() if width <= _PART}
    return max(fitting, key=lambda node: (fitting[node], _size(node)), default=None)


def _parts(node: Node) -> Iterator[Node]:
    """Every operation below the outermost, from the outside in."""
    # the inside of a sum hangs on its index
    if not isinstance(node, Apply) or node.op in ("sum", "prod"):
        return
    for place, arg in enumerate(node.args):
        # the beginning of a longer sum or product is no part of its own
        if isinstance(arg, Apply) and (place or _CHAIN.get(arg.op, "") != _CHAIN.get(node.op)):
            yield arg
        yield from _parts(arg)


def _size(node: Node) -> int:
    return 1 + sum(map(_size, node.args)) if isinstance(node, Apply) else 1


def _replaced(node: Node, part: Node, name: Name) -> Node:
    if node == part:
        return name
    if isinstance(node, Apply):
        return Apply(node.op, tuple(_replaced(arg, part, name) for arg in node.args))
    return node


def _root(formula: str, indices: tuple[Index, ...]) -> Node:
    return parse(formula, labels={index.letter: () for index in indices}).root


def _text(node: Node) -> str:
    return plain(Expression("", node, ()))


def _width(formula: str, target: str, indices: tuple[Index, ...]) -> int:
    return max(map(len, _typeset(formula, target, indices).splitlines()))


def _typeset(formula: str, target: str, indices: tuple[Index, ...]) -> str:
    labels = {index.letter: index.labels for index in indices}
    names = parse(formula, labels=labels).names
    known = tuple(Variable(name) for name in names)
    used = tuple(index for index in indices if f"[{index.letter}]" in formula)
    return typeset(Law("shown", "", formula, target, known, (), indices=used))
