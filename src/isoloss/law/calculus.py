"""Exact derivatives of a formula, as NumPy code over a batch of parameter rows.

A law is differentiated in *internal coordinates*: a positive parameter is carried as its logarithm,
a positive variable as its logarithm too. There power laws are sums of exponentials of linear forms,
well scaled, and independent of the units in which N or D were counted. SymPy does the calculus and
shares common subexpressions; it is imported here only, and only when a formula is new. The built-in
forms ship with their code (`law/forms/*.json`, made by `python -m isoloss.law.precompile`).

Shapes: parameters enter as columns `t0 ... t{p-1}` of shape (M, 1), variables as rows `x0 ...` of
shape (n,); every returned entry broadcasts to (M, n). The generated code uses indices only, never a
name that somebody wrote.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from isoloss.exceptions import FormulaError
from isoloss.law.expression import evaluate
from isoloss.law.tree import Apply, Expression, Name, Node, Number, names_of

VERSION = 1


@dataclass(frozen=True)
class Code:
    """NumPy source for one formula in internal coordinates.

    Attributes:
        value: body that computes `[m]`.
        jacobian: body that computes `[m, dm/dt_0, ..., dm/dt_{p-1}]`.
        hessian: body that computes `[m, dm/dt..., d2m/dt_i dt_j for the pairs below]`.
        slopes: body that computes `[m, dm/dx_0, ...]` (with respect to the internal variable).
        basis: body that computes `[m with every linear parameter at 0, dm/dc for each of them]`.
        pairs: (i, j), i <= j, of the second derivatives that are not identically zero.
        linear: indices of a largest set of parameters in which the formula is jointly linear
            (in natural, not logarithmic, coordinates).
    """

    value: str
    jacobian: str
    hessian: str
    slopes: str
    basis: str
    pairs: tuple[tuple[int, int], ...]
    linear: tuple[int, ...]


@dataclass(frozen=True)
class Coordinates:
    """Which names are variables and parameters, and which of them are carried as logarithms."""

    variables: tuple[str, ...]
    log_variables: tuple[bool, ...]
    parameters: tuple[str, ...]
    log_parameters: tuple[bool, ...]


def key(expression: Expression, coordinates: Coordinates) -> str:
    """Identifies one compilation, whatever its variables and parameters are called."""
    names = (*coordinates.variables, *coordinates.parameters)
    tree = _shape(expression.root, {name: str(i) for i, name in enumerate(names)})
    text = repr((VERSION, tree, coordinates.log_variables, coordinates.log_parameters))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def compile_code(expression: Expression, coordinates: Coordinates) -> Code:
    """Differentiate a formula, or take the code from the shipped table where it is there."""
    wanted = key(expression, coordinates)
    shipped = _shipped().get(wanted)
    return from_json(shipped) if shipped else differentiate(expression, coordinates)


def _shape(node: Node, names: dict[str, str]) -> Any:
    if isinstance(node, Name):
        return names[node.id]
    if isinstance(node, Apply):
        return (node.op, *(_shape(arg, names) for arg in node.args))
    return node.value


def to_json(code: Code) -> dict[str, Any]:
    """A code as plain JSON data."""
    return {
        **{name: getattr(code, name) for name in _BODIES},
        "pairs": [list(pair) for pair in code.pairs],
        "linear": list(code.linear),
    }


def from_json(data: dict[str, Any]) -> Code:
    """Inverse of `to_json`."""
    return Code(
        **{name: data[name] for name in _BODIES},
        pairs=tuple((int(i), int(j)) for i, j in data["pairs"]),
        linear=tuple(data["linear"]),
    )


_BODIES = ("value", "jacobian", "hessian", "slopes", "basis")
FORMS = Path(__file__).parent / "forms"


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for path in sorted(FORMS.glob("*.json")):
        table.update(json.loads(path.read_text(encoding="utf-8")))
    return table


@lru_cache(maxsize=128)
def differentiate(expression: Expression, coordinates: Coordinates) -> Code:
    """Derive the code of a formula with SymPy."""
    import sympy as sp

    xs = [sp.Symbol(f"x{i}", real=True) for i in range(len(coordinates.variables))]
    ts = [sp.Symbol(f"t{i}", real=True) for i in range(len(coordinates.parameters))]
    symbols: dict[str, Any] = {}
    for symbol, name, log in zip(xs, coordinates.variables, coordinates.log_variables, strict=True):
        symbols[name] = sp.exp(symbol) if log else symbol
    natural = dict(symbols)
    cs = [sp.Symbol(f"c{i}", real=True) for i in range(len(ts))]
    for symbol, plain, name, log in zip(
        ts, cs, coordinates.parameters, coordinates.log_parameters, strict=True
    ):
        symbols[name] = sp.exp(symbol) if log else symbol
        natural[name] = plain
    # one exponential of a sum neither overflows nor loses digits where its factors would
    m = sp.powsimp(_build(expression.root, symbols, sp), combine="exp", deep=True)
    if m.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I):
        raise FormulaError(f"the formula {expression.text!r} has no finite real value anywhere")
    jacobian = [_slope(m, t, sp) for t in ts]
    pairs, second = [], []
    for i, row in enumerate(jacobian):
        for j in range(i, len(ts)):
            entry = _slope(row, ts[j], sp)
            if entry != 0:
                pairs.append((i, j))
                second.append(entry)
    linear, basis = _linear_part(_build(expression.root, natural, sp), cs, sp)
    # the shape parameters of the basis are read in internal coordinates like everywhere else
    inner = {
        c: (sp.exp(t) if log else t)
        for c, t, log in zip(cs, ts, coordinates.log_parameters, strict=True)
    }
    return Code(
        value=_body([m], sp),
        jacobian=_body([m, *jacobian], sp),
        hessian=_body([m, *jacobian, *second], sp),
        slopes=_body([m, *(_slope(m, x, sp) for x in xs)], sp),
        basis=_body([sp.powsimp(e.subs(inner), combine="exp", deep=True) for e in basis], sp),
        pairs=tuple(pairs),
        linear=linear,
    )


def _build(node: Node, symbols: dict[str, Any], sp: Any) -> Any:
    if isinstance(node, Number):
        return _constant(node.value, sp)
    if isinstance(node, Name):
        return symbols[node.id]
    if not isinstance(node, Apply):
        raise TypeError(f"a formula holds no text, got {node!r}")
    if not names_of(node):
        # a constant is worked out in floating point: SymPy would keep 9**9**9 exact
        return _constant(float(evaluate(Expression("", node, ()), {})), sp)
    args = [_build(arg, symbols, sp) for arg in node.args]
    match node.op:
        case "+":
            return args[0] + args[1]
        case "-":
            return args[0] - args[1]
        case "*":
            return args[0] * args[1]
        case "/":
            return args[0] / args[1]
        case "**":
            return args[0] ** args[1]
        case "neg":
            return -args[0]
        case "log2" | "log10":
            return sp.log(args[0]) / sp.log(sp.Integer(node.op[3:]))
        case "log1p":
            return sp.log(1 + args[0])
        case "expm1":
            return sp.exp(args[0]) - 1
        case "abs" | "min" | "max":
            return {"abs": sp.Abs, "min": sp.Min, "max": sp.Max}[node.op](*args)
        case "m4root":
            return _m4root()(*args)
        case op:
            return getattr(sp, op)(*args)


@cache
def _m4root() -> Any:
    import sympy as sp

    class M4Root(sp.Function):
        """z with z = w*(1 - z)**a; its slopes follow from the logarithm of that equation."""

        nargs = 2

        def _eval_is_real(self) -> bool:
            return True

        def fdiff(self, argindex: int = 1) -> Any:
            w, a = self.args
            slope = self * (1 - self) / (1 - self + a * self)
            return slope / w if argindex == 1 else slope * sp.log(1 - self)

    return M4Root


def _constant(value: float, sp: Any) -> Any:
    if not math.isfinite(value):
        raise FormulaError("a constant in the formula has no finite real value")
    exact = value == int(value) and abs(value) < 2**53
    return sp.Integer(int(value)) if exact else sp.Float(value, 17)


def _slope(m: Any, symbol: Any, sp: Any) -> Any:
    """Derivative almost everywhere: the spike at a kink of abs, min or max is left out."""
    return sp.diff(m, symbol).replace(sp.DiracDelta, lambda *_: sp.Integer(0))


def _linear_part(m: Any, cs: Sequence[Any], sp: Any) -> tuple[tuple[int, ...], list[Any]]:
    """A largest set of parameters in which `m` is jointly linear, found greedily."""
    first = [_slope(m, c, sp) for c in cs]
    chosen: list[int] = []
    for i, slope in enumerate(first):
        # a slope that vanishes would make a column of zeros
        if slope != 0 and all(sp.diff(slope, cs[j]) == 0 for j in [*chosen, i]):
            chosen.append(i)
    rest = m.subs({cs[i]: 0 for i in chosen})
    return tuple(chosen), [rest, *(first[i] for i in chosen)]


def _body(entries: Sequence[Any], sp: Any) -> str:
    """Python source that assigns the shared parts and returns the entries as a list."""
    printer = _printer()
    shared, reduced = sp.cse(list(entries), symbols=sp.numbered_symbols("s"), optimizations=None)
    lines = [f"{symbol} = {_print(value, printer)}" for symbol, value in shared]
    lines.append("return [" + ", ".join(_print(value, printer) for value in reduced) + "]")
    return "\n".join(lines)


@cache
def _printer() -> Any:
    from sympy.printing.numpy import NumPyPrinter

    class Printer(NumPyPrinter):
        """Writes kinks in plain NumPy: SymPy's own way changes from version to version."""

        def _fold(self, name: str, args: Sequence[Any]) -> str:
            text = self._print(args[0])
            for arg in args[1:]:
                text = f"{name}({text}, {self._print(arg)})"
            return text

        def _print_M4Root(self, expr: Any) -> str:
            return f"m4root({', '.join(self._print(arg) for arg in expr.args)})"

        def _print_Min(self, expr: Any) -> str:
            return self._fold("minimum", expr.args)

        def _print_Max(self, expr: Any) -> str:
            return self._fold("maximum", expr.args)

        def _print_Heaviside(self, expr: Any) -> str:
            return f"heaviside({self._print(expr.args[0])}, 0.5)"

    return Printer({"fully_qualified_modules": False, "allow_unknown_functions": False})


def _print(value: Any, printer: Any) -> str:
    return printer.doprint(value).replace("numpy.", "")
