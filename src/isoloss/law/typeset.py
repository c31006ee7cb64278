"""A formula as people write it, in the characters of a terminal.

Every part becomes a box of lines with a baseline; a fraction stacks two boxes, a power raises one.
The order of the terms is the author's.

              A      B
    L = E + ───── + ───
              α       β
             N       D
"""

from __future__ import annotations

from dataclasses import dataclass

from isoloss.law.expression import parse
from isoloss.law.law import Law
from isoloss.law.render import number_text
from isoloss.law.tree import Apply, Name, Node, Number

_LETTERS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "eps": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "lam": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


@dataclass(frozen=True)
class Box:
    """Lines of equal width.

    Attributes:
        lines: from the top.
        base: index of the line on which its neighbours stand.
        binding: how tightly its outermost operator binds.
    """

    lines: tuple[str, ...]
    base: int = 0
    binding: int = _ATOM

    @property
    def width(self) -> int:
        """Characters of a line."""
        return len(self.lines[0])


def typeset(law: Law) -> str:
    """The whole law in several lines."""
    shown = parse(law.formula, labels={i.letter: () for i in law.indices})
    box = beside(Box((f"{law.target} = ",)), _box(shown.root))
    return "\n".join(line.rstrip() for line in box.lines)


def letter(name: str) -> str:
    """A name with its Greek letter and its index: `alpha_N` is `α_N`, `d_1` is `d₁`."""
    name, _, index = name.partition("[")
    if index:
        return letter(name) + small_index(index.rstrip("]"))
    head, *rest = name.split("_")
    index = "_".join(_LETTERS.get(part, part) for part in rest)
    small = index.translate(_SUBSCRIPTS) if index.isdigit() else f"_{index}" if index else ""
    return _LETTERS.get(head, head) + small


def small_index(text: str) -> str:
    """The letter of an index below the line, where there is such a character."""
    return {"i": "ᵢ", "j": "ⱼ", "k": "ₖ"}.get(text, f"[{text}]")


def beside(*boxes: Box, binding: int = _ATOM) -> Box:
    """Boxes in a row, on one baseline."""
    above = max(box.base for box in boxes)
    below = max(len(box.lines) - box.base for box in boxes)
    lines = []
    for i in range(above + below):
        parts = []
        for box in boxes:
            k = i - above + box.base
            parts.append(box.lines[k] if 0 <= k < len(box.lines) else " " * box.width)
        lines.append("".join(parts))
    return Box(tuple(lines), above, binding)


def _text(text: str, binding: int = _ATOM) -> Box:
    return Box((text,), 0, binding)


def _round(box: Box) -> Box:
    """A box in brackets of its own height."""
    height = len(box.lines)
    if height == 1:
        return beside(_text("("), box, _text(")"))
    left = ("⎛", *("⎜",) * (height - 2), "⎝")
    right = ("⎞", *("⎟",) * (height - 2), "⎠")
    return beside(Box(left, box.base), box, Box(right, box.base))


def _fraction(top: Box, bottom: Box) -> Box:
    width = max(top.width, bottom.width) + 2
    centre = [line.center(width) for line in (*top.lines, *bottom.lines)]
    lines = (*centre[: len(top.lines)], "─" * width, *centre[len(top.lines) :])
    return Box(lines, len(top.lines), _PRODUCT)


def _power(base: Box, exponent: Box) -> Box:
    raised = Box(exponent.lines, len(exponent.lines) + base.base)
    # the exponent ends one line above the top of the base
    lifted = Box((*exponent.lines, *(" " * exponent.width,) * (base.base + 1)), raised.base)
    return Box(beside(base, lifted).lines, beside(base, lifted).base, _POWER)


def _box(node: Node) -> Box:
    if isinstance(node, Number):
        text = number_text(abs(node.value))
        if node.value < 0:
            return _text(f"−{text}", _SUM)
        # a number with a power of ten reads as a product
        return _text(text, _PRODUCT if "e" in text else _ATOM)
    if isinstance(node, Name):
        return _text(letter(node.id))
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")

    def part(index: int, least: int) -> Box:
        box = _box(node.args[index])
        return box if box.binding >= least else _round(box)

    match node.op:
        case "+" | "-":
            right = part(1, _SUM if node.op == "+" else _PRODUCT)
            sign = " + " if node.op == "+" else " − "
            return beside(part(0, _SUM), _text(sign), right, binding=_SUM)
        case "*":
            left = node.args[0]
            # a leading sign needs no brackets: -c·f is (-c)·f
            sign = isinstance(left, Apply) and left.op == "neg"
            return beside(
                part(0, _SUM if sign else _PRODUCT),
                _text("·"),
                part(1, _PRODUCT),
                binding=_SUM if sign else _PRODUCT,
            )
        case "/":
            return _fraction(_box(node.args[0]), _box(node.args[1]))
        case "neg":
            return beside(_text("−"), part(0, _PRODUCT), binding=_SUM)
        case "**":
            return _power(part(0, _ATOM), _exponent(node.args[1]))
        case "sum" | "prod":
            sign = "Σ" if node.op == "sum" else "Π"
            index = node.args[1].id if isinstance(node.args[1], Name) else ""
            inner = part(0, _PRODUCT)
            return beside(_text(f"{sign}{small_index(index)} "), inner, binding=_SUM)
        case "exp" if len(_exponent(node.args[0]).lines) == 1:
            return _power(_text("e"), _exponent(node.args[0]))
        case "log":
            return beside(_text("ln"), _round(_box(node.args[0])))
        case op:
            inside = _box(node.args[0])
            for arg in node.args[1:]:
                inside = beside(inside, _text(", "), _box(arg))
            return beside(_text(op), _round(inside))


def _exponent(node: Node) -> Box:
    """An exponent, with a plain quotient on one line."""
    if isinstance(node, Apply) and node.op == "/":
        top, bottom = (_box(arg) for arg in node.args)
        if len(top.lines) == len(bottom.lines) == 1:
            top = top if top.binding >= _PRODUCT else _round(top)
            bottom = bottom if bottom.binding > _PRODUCT else _round(bottom)
            return beside(top, _text("/"), bottom)
    return _box(node)
