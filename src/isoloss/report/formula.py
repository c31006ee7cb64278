"""A formula as HTML: stacked fractions and raised exponents, without a script and without fonts."""

from __future__ import annotations

from html import escape

from isoloss.law import Law
from isoloss.law.tree import Apply, Name, Node, Number

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_BINDING = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _ATOM, "neg": _SIGN, "**": _POWER}


def formula_html(law: Law) -> str:
    """The whole law, safe to put in a page: every name in it is escaped."""
    words = escape(f"{law.target} = {law.formula}", quote=True)
    body = f"{name_html(law.target)}<span class=op>=</span>{_html(law.expression.root)}"
    return f'<span class=formula role=math aria-label="{words}"><span>{body}</span></span>'


def name_html(name: str) -> str:
    """A name: `alpha` is α, `N_c` has an index, a word stands upright."""
    head, *rest = name.split("_")
    index = ",".join(escape(_GREEK.get(part, part)) for part in rest if part)
    base = escape(_GREEK.get(head, head))
    upright = len(head) > 1 and head not in _GREEK
    text = f"<span class=word>{base}</span>" if upright else f"<i>{base}</i>"
    return f"{text}<sub>{index}</sub>" if index else text


def name_text(name: str) -> str:
    """The same without markup."""
    head, *rest = name.split("_")
    return "_".join([_GREEK.get(head, head), *(_GREEK.get(part, part) for part in rest)])


def _binding(node: Node) -> int:
    if isinstance(node, Number):
        return _ATOM if node.value >= 0 else _SIGN
    return _BINDING.get(node.op, _ATOM) if isinstance(node, Apply) else _ATOM


def _bracketed(inner: str, tall: bool = False) -> str:
    style = " class=tall" if tall else ""
    return f"<span{style}>(</span>{inner}<span{style}>)</span>"


def _html(node: Node) -> str:
    if isinstance(node, Number):
        return _number(node.value)
    if isinstance(node, Name):
        return name_html(node.id)
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")

    def part(index: int, least: int) -> str:
        arg = node.args[index]
        inner = _html(arg)
        return inner if _binding(arg) >= least else _bracketed(inner, "class=frac" in inner)

    match node.op:
        case "+" | "-":
            sign = "+" if node.op == "+" else "\u2212"
            right = part(1, _SUM if node.op == "+" else _PRODUCT)
            return f"{part(0, _SUM)}<span class=op>{sign}</span>{right}"
        case "*":
            return f"{part(0, _PRODUCT)}<span class=thin></span>{part(1, _POWER)}"
        case "/":
            top, bottom = _html(node.args[0]), _html(node.args[1])
            return f"<span class=frac><span>{top}</span><span>{bottom}</span></span>"
        case "neg":
            return f"\u2212{part(0, _PRODUCT)}"
        case "**":
            return f"{_base(node.args[0])}<sup>{_exponent(node.args[1])}</sup>"
        case "abs":
            return f"|{_html(node.args[0])}|"
        case "sqrt":
            return f"√<span class=root>{_html(node.args[0])}</span>"
        case "exp":
            return f"<i>e</i><sup>{_exponent(node.args[0])}</sup>"
        case "expm1":
            return _bracketed(
                f"<i>e</i><sup>{_exponent(node.args[0])}</sup><span class=op>\u2212</span>1"
            )
    inside = ", ".join(_html(arg) for arg in node.args)
    if node.op == "log1p":
        inside = f"1<span class=op>+</span>{inside}"
    head = {"log": "ln", "log1p": "ln", "log2": "log<sub>2</sub>", "log10": "log<sub>10</sub>"}
    return f"<span class=word>{head.get(node.op, node.op)}</span>{_bracketed(inside)}"


def _base(node: Node) -> str:
    inner = _html(node)
    whole = _binding(node) >= _ATOM and not (isinstance(node, Apply) and node.op == "/")
    return inner if whole else _bracketed(inner, "class=frac" in inner)


def _exponent(node: Node) -> str:
    """A fraction up there is written on one line."""
    if isinstance(node, Apply) and node.op == "/":
        return f"{_base(node.args[0])}/{_base(node.args[1])}"
    return _html(node)


def _number(value: float) -> str:
    text = f"{value:.10g}"
    if "e" not in text:
        return text.replace("-", "\u2212")
    mantissa, exponent = text.split("e")
    return f"{mantissa}·10<sup>{int(exponent)}</sup>".replace("-", "\u2212")
