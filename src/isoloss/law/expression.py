"""Text to a checked expression tree, and its value on arrays.

A formula or a condition is text that a stranger may have written, so it is data, never code. It
is read with Python's own parser and then every node is checked against a short whitelist; nothing
is evaluated by Python, and no name means more than a symbol (`E`, `I`, `N`, `S` and `beta` are
plain names here).

`sum(C[i]*h[i]**g[i])` adds over an index, such as the domains of a mixture; `prod` multiplies. The
labels of the index are put in when the text is read, so that the tree has plain names alone:
`C_web*h_web**g_web + C_books*h_books**g_books`.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from isoloss.exceptions import FormulaError
from isoloss.law.tree import (
    FUNCTIONS,
    REDUCTIONS,
    Apply,
    Expression,
    Name,
    Node,
    Number,
    Text,
    collect,
    item_name,
)

MAX_LENGTH = 4000
MAX_DEPTH = 200
# a chained comparison is read as several, so a short text can hold many nodes
MAX_NODES = 10_000


_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_NUMPY = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "neg": np.negative,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
}
_ALLOWED = "numbers, names, + - * / **, and " + ", ".join([*sorted(FUNCTIONS), *REDUCTIONS])


def parse(
    text: str, *, conditions: bool = False, labels: Mapping[str, Sequence[str]] | None = None
) -> Expression:
    """Read a formula such as `E + A/N**alpha + B/D**beta`, or a condition such as `N > 1e6`.

    `^` is read as a power. A name that is no identifier stands in backticks: `` `params (M)` ``.

    Args:
        text: at most 4,000 characters, nested at most 200 deep.
        conditions: also allow comparisons, `and`, `or`, `not`, `in` and quoted strings.
        labels: the labels of every index letter, such as `{"i": ("web", "books")}`. A letter
            without labels keeps its sum or product unwritten, for the formula as a person reads it.

    Raises:
        FormulaError: naming what was found and what is allowed.
    """
    if not isinstance(text, str) or not text.strip():
        raise FormulaError(f"a formula is needed, got {text!r}; write for example 'E + A/N**alpha'")
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"the formula has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        )
    source, quoted = _plain_python(text.strip())
    try:
        # what Python finds doubtful, such as a backslash in a quoted path, is as it was written
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        kind = "condition" if conditions else "formula"
        hint = "; compare with ==" if conditions and re.search(r"[^=<>!]=[^=]", text) else ""
        raise FormulaError(
            f"cannot read the {kind} {_short(text)}{where}: {error.msg}{hint}"
        ) from None
    except ValueError as error:
        raise FormulaError(f"cannot read the formula {_short(text)}: {error}") from None
    except (RecursionError, MemoryError):
        raise FormulaError(f"the formula {_short(text)} is nested too deeply") from None
    root = _Reader(text, quoted, conditions, labels or {}).read(tree, 0)
    names: dict[str, None] = {}
    collect(root, names)
    return Expression(text.strip(), root, tuple(names))


def evaluate(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value of an expression on arrays.

    Args:
        expression: from `parse`.
        values: name -> array or number; shapes broadcast.

    Raises:
        FormulaError: naming the unknown name and the closest known ones.
    """
    with np.errstate(all="ignore"):
        return _evaluate(expression.root, expression, values)


def rename(text: str, names: Mapping[str, str]) -> str:
    """The formula with whole names replaced; the `e` of a number such as 1e-05 is no name."""
    return re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda m: names.get(m.group(), m.group()), text)


def unknown_name(name: str, known: Any, text: str) -> FormulaError:
    """The error for a name that means nothing here, with the closest ones that do."""
    known = sorted(known)
    close = get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return FormulaError(f"unknown name '{name}' in {_short(text)}; {hint}Known: {listed}")


_SPECIAL = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]+`|`|\^"""


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _plain_python(text: str) -> tuple[str, dict[str, str]]:
    """`^` as `**` and names in backticks as identifiers, but not within quoted strings."""
    quoted: dict[str, str] = {}

    def keep(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] in "'\"":
            return found
        if found == "^":
            return "**"
        if len(found) < 3:
            raise FormulaError(f"a backtick is left open in {_short(text)}")
        key = f"_quoted_{len(quoted)}_"
        quoted[key] = found[1:-1]
        # the spaces keep it apart from what stands beside it
        return f" {key} "

    # a quoted string is taken whole, so that nothing inside it is replaced
    return re.sub(_SPECIAL, keep, text).strip(), quoted


class _Reader:
    """Turns Python's tree into ours, refusing whatever is not on the whitelist."""

    def __init__(
        self,
        text: str,
        quoted: dict[str, str],
        conditions: bool,
        labels: Mapping[str, Sequence[str]],
    ) -> None:
        self.text, self.quoted, self.conditions, self.labels = text, quoted, conditions, labels
        self.at: dict[str, str] = {}
        self.nodes = 0

    def read(self, node: ast.AST, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FormulaError(
                f"the formula {_short(self.text)} has more than {MAX_NODES:,} parts; "
                "do not nest comparisons"
            )
        if depth > MAX_DEPTH:
            raise FormulaError(f"the formula {_short(self.text)} is nested too deeply")
        down = depth + 1
        match node:
            case ast.Constant(value=bool() | None):
                raise self.refuse(node)
            case ast.Constant(value=int() | float() as value):
                return self.number(value)
            case ast.Constant(value=str() as value) if self.conditions:
                return Text(value)
            case ast.Name(id=name):
                return Name(self.quoted.get(name, name))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=letter)):
                return self.item(name, letter)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return Apply(_BINARY[type(op)], (self.read(left, down), self.read(right, down)))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, down)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.read(operand, down)
                return Number(-inner.value) if isinstance(inner, Number) else Apply("neg", (inner,))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args, down)
            case ast.BoolOp(op=op, values=parts) if self.conditions:
                word = "and" if isinstance(op, ast.And) else "or"
                return Apply(word, tuple(self.read(part, down) for part in parts))
            case ast.UnaryOp(op=ast.Not(), operand=operand) if self.conditions:
                return Apply("not", (self.read(operand, down),))
            case ast.Compare() if self.conditions:
                return self.compare(node, down)
        raise self.refuse(node)

    def number(self, value: float) -> Number:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise FormulaError(f"a number in {_short(self.text)} is too large")
        return Number(number)

    def item(self, name: str, letter: str) -> Name:
        """`C[i]` under sum or prod: the name with the label of the term."""
        if letter not in self.at:
            known = ", ".join(self.labels) or "none"
            raise FormulaError(
                f"'{name}[{letter}]' in {_short(self.text)} stands outside of sum(...) and "
                f"prod(...), or {letter} is no index of this law; its indices: {known}"
            )
        label = self.at[letter]
        return Name(item_name(name, label) if label else f"{name}[{letter}]")

    def reduce(self, name: str, args: list[ast.expr], depth: int) -> Node:
        letters = sorted(index_letters(args[0]) - set(self.at)) if len(args) == 1 else []
        if len(letters) != 1 or letters[0] not in self.labels:
            raise FormulaError(
                f"{name} in {_short(self.text)} takes one term with one index, such as "
                f"{name}(C[i]*h[i]); the indices of this law: {', '.join(self.labels) or 'none'}"
            )
        letter, terms = letters[0], []
        for label in self.labels[letter] or ("",):
            self.at[letter] = label
            terms.append(self.read(args[0], depth))
        del self.at[letter]
        if not self.labels[letter]:
            return Apply(name, (terms[0], Name(letter)))
        joined = terms[0]
        for term in terms[1:]:
            joined = Apply(REDUCTIONS[name], (joined, term))
        return joined

    def call(self, name: str, args: list[ast.expr], depth: int) -> Node:
        if name in REDUCTIONS:
            return self.reduce(name, args, depth)
        if name not in FUNCTIONS:
            raise FormulaError(
                f"'{name}(...)' in {_short(self.text)} is no known function; allowed: {_ALLOWED}"
            )
        wanted = FUNCTIONS[name][1]
        if (wanted is None and len(args) < 2) or (wanted is not None and len(args) != wanted):
            raise FormulaError(
                f"{name} in {_short(self.text)} takes {wanted or 'two or more'} "
                f"argument{'' if wanted == 1 else 's'}, got {len(args)}"
            )
        return Apply(name, tuple(self.read(arg, depth) for arg in args))

    def compare(self, node: ast.Compare, depth: int) -> Node:
        parts, left = [], node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise self.refuse(node)
            if isinstance(op, ast.In | ast.NotIn):
                if not isinstance(right, ast.Tuple | ast.List | ast.Set):
                    raise FormulaError(f"'in' takes a list such as ('a', 'b') in {self.text!r}")
                items = tuple(self.read(item, depth) for item in right.elts)
                parts.append(Apply(_COMPARE[type(op)], (self.read(left, depth), *items)))
            else:
                pair = (self.read(left, depth), self.read(right, depth))
                parts.append(Apply(_COMPARE[type(op)], pair))
            left = right
        return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))

    def refuse(self, node: ast.AST) -> FormulaError:
        try:
            segment = ast.unparse(node)
        except RecursionError:
            segment = type(node).__name__
        more = ", comparisons, and/or/not, in, quoted strings" if self.conditions else ""
        return FormulaError(
            f"{_short(segment)} is not allowed in {_short(self.text)}; allowed: {_ALLOWED}{more}"
        )


def index_letters(tree: ast.AST) -> set[str]:
    """The letters in brackets below a node of Python's tree."""
    return {
        node.slice.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name)
    }


def _evaluate(node: Node, expression: Expression, values: Mapping[str, Any]) -> Any:
    if isinstance(node, Number | Text):
        return node.value
    if isinstance(node, Name):
        if node.id not in values:
            raise unknown_name(node.id, values, expression.text)
        # whole numbers of NumPy wrap around where a product is too large
        found = values[node.id]
        return np.asarray(found, float) if np.asarray(found).dtype.kind in "iu" else found
    args = [_evaluate(arg, expression, values) for arg in node.args]
    try:
        return _apply(node.op, args)
    except (TypeError, ValueError):
        kinds = " and ".join("text" if _is_text(arg) else "numbers" for arg in args)
        raise FormulaError(
            f"'{node.op}' does not work on {kinds} in {_short(expression.text)}"
        ) from None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or np.asarray(value).dtype.kind in "OSU"


def _apply(op: str, args: list[Any]) -> Any:
    if op in ("==", "!=", "in", "not in"):
        first = args[0]
        hit = np.zeros(np.shape(first), dtype=bool)
        for other in args[1:]:
            hit = hit | _equal(first, other)
        return ~hit if op in ("!=", "not in") else hit
    function = _NUMPY.get(op)
    if function is None:
        function = FUNCTIONS[op][0]
    if len(args) <= 2 or op in ("and", "or", "min", "max"):
        result = function(*args[:2])
        for extra in args[2:]:
            result = function(result, extra)
        return result
    raise ValueError(op)


def _equal(left: Any, right: Any) -> Any:
    if _is_text(left) != _is_text(right):
        raise TypeError("text beside numbers")
    return np.asarray(left) == np.asarray(right)
