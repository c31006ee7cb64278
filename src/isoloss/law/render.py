"""An expression as LaTeX, as JavaScript, and as plain text.

All three walk the checked tree, so they keep the order in which the author wrote the terms.
"""

from __future__ import annotations

from isoloss.law.m4 import JAVASCRIPT as M4ROOT
from isoloss.law.tree import Apply, Expression, Name, Node, Number

_GREEK = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
        *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi"),
        *("psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon"),
        *("Phi", "Psi", "Omega"),
    )
)
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_BINDING = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "neg": _SIGN, "**": _POWER}
_BINDING |= {"sum": _SUM, "prod": _PRODUCT}
_JS_CALLS = {name: f"Math.{name}" for name in ("exp", "log", "log2", "log10", "log1p", "expm1")}
_JS_CALLS |= {name: f"Math.{name}" for name in ("sqrt", "tanh", "abs", "min", "max")}
_JS_CALLS["m4root"] = M4ROOT


def latex(expression: Expression) -> str:
    """LaTeX of the right-hand side, such as `E + \\frac{A}{N^{\\alpha}}`."""
    return _latex(expression.root)


def latex_name(name: str) -> str:
    """LaTeX of a name: `alpha` is a Greek letter, `N_c` and the vector `C[i]` have an index."""
    head, *rest = name.replace("[", "_").rstrip("]").split("_")
    base = f"\\{head}" if head in _GREEK else head
    if len(head) > 1 and head not in _GREEK:
        base = f"\\mathrm{{{head}}}"
    if not rest:
        return base
    index = ",".join(f"\\{part}" if part in _GREEK else part for part in rest if part)
    return f"{base}_{{{index}}}"


def plain(expression: Expression) -> str:
    """The formula as `parse` reads it, every index written out."""
    return _plain(expression.root)


def javascript(expression: Expression) -> str:
    """A JavaScript expression in the same names; powers are `Math.pow`."""
    return _javascript(expression.root)


def number_text(value: float) -> str:
    """A literal number, whole ones without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _binding(node: Node) -> int:
    if isinstance(node, Number):
        # a number with a power of ten is written as a product
        atom = _PRODUCT if "e" in number_text(node.value) else _ATOM
        return atom if node.value >= 0 else _SIGN
    return _BINDING.get(node.op, _ATOM) if isinstance(node, Apply) else _ATOM


def _wrap(text: str, node: Node, least: int, left: str, right: str) -> str:
    return text if _binding(node) >= least else f"{left}{text}{right}"


def _latex(node: Node) -> str:
    if isinstance(node, Number):
        return _latex_number(node.value)
    if isinstance(node, Name):
        return latex_name(node.id)
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")

    def part(index: int, least: int) -> str:
        arg = node.args[index]
        return _wrap(_latex(arg), arg, least, "\\left(", "\\right)")

    match node.op:
        case "+":
            return f"{part(0, _SUM)} + {part(1, _SUM)}"
        case "-":
            return f"{part(0, _SUM)} - {part(1, _PRODUCT)}"
        case "*":
            return f"{part(0, _PRODUCT)} \\, {part(1, _POWER)}"
        case "/":
            return f"\\frac{{{_latex(node.args[0])}}}{{{_latex(node.args[1])}}}"
        case "neg":
            return f"-{part(0, _PRODUCT)}"
        case "**":
            return f"{part(0, _ATOM)}^{{{_latex(node.args[1])}}}"
        case "sqrt":
            return f"\\sqrt{{{_latex(node.args[0])}}}"
        case "abs":
            return f"\\left|{_latex(node.args[0])}\\right|"
        case "log2" | "log10":
            return f"\\log_{{{node.op[3:]}}}\\left({_latex(node.args[0])}\\right)"
        case "log1p":
            return f"\\ln\\left(1 + {_latex(node.args[0])}\\right)"
        case "expm1":
            return f"\\left(e^{{{_latex(node.args[0])}}} - 1\\right)"
        case "sum" | "prod":
            return f"\\{node.op}_{{{_latex(node.args[1])}}} {part(0, _PRODUCT)}"
        case "m4root":
            return f"z\\!\\left({_latex(node.args[0])};\\, {_latex(node.args[1])}\\right)"
        case "log":
            return f"\\ln\\left({_latex(node.args[0])}\\right)"
        case op:
            inside = ", ".join(_latex(arg) for arg in node.args)
            return f"\\{op}\\left({inside}\\right)"


def _latex_number(value: float) -> str:
    text = number_text(value)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}"


def _javascript(node: Node) -> str:
    if isinstance(node, Number):
        return number_text(node.value)
    if isinstance(node, Name):
        return node.id
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")

    def part(index: int, least: int) -> str:
        arg = node.args[index]
        return _wrap(_javascript(arg), arg, least, "(", ")")

    match node.op:
        case "+":
            return f"{part(0, _SUM)} + {part(1, _PRODUCT)}"
        case "-":
            return f"{part(0, _SUM)} - {part(1, _PRODUCT)}"
        case "*" | "/":
            return f"{part(0, _PRODUCT)} {node.op} {part(1, _POWER)}"
        case "neg":
            return f"-{part(0, _POWER)}"
        case "**":
            return f"Math.pow({_javascript(node.args[0])}, {_javascript(node.args[1])})"
        case op:
            return f"{_JS_CALLS[op]}({', '.join(_javascript(arg) for arg in node.args)})"


def _plain(node: Node) -> str:
    if isinstance(node, Number):
        return number_text(node.value)
    if isinstance(node, Name):
        return node.id
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")

    def part(index: int, least: int) -> str:
        arg = node.args[index]
        return _wrap(_plain(arg), arg, least, "(", ")")

    match node.op:
        case "+":
            return f"{part(0, _SUM)} + {part(1, _PRODUCT)}"
        case "-":
            return f"{part(0, _SUM)} - {part(1, _PRODUCT)}"
        case "*" | "/":
            return f"{part(0, _PRODUCT)}{node.op}{part(1, _POWER)}"
        case "neg":
            return f"-{part(0, _POWER)}"
        case "**":
            return f"{part(0, _ATOM)}**{part(1, _ATOM)}"
        case op:
            return f"{op}({', '.join(_plain(arg) for arg in node.args)})"
