"""What a bare formula says about its own parameters.

A person may write `E + A/N**alpha` and nothing else. Bounds and scales are then read from the
formula's shape: what stands in an exponent is a number near one, what multiplies a power of a
variable is a positive scale, what is added to such powers is a floor that is not negative, and
the rest is free. Every guess is reported.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from isoloss.law.law import Parameter
from isoloss.law.tree import Apply, Expression, Name, Node


def guess_parameters(
    expression: Expression, variables: Sequence[str]
) -> tuple[tuple[Parameter, ...], tuple[str, ...]]:
    """Parameters of a formula, with bounds, and the guesses in words."""
    roles: dict[str, str] = {}
    _walk(expression.root, set(variables), "free", roles)
    floors = _floors(expression.root, set(variables), roles)
    parameters, guesses = [], []
    for name in expression.names:
        if name in variables:
            continue
        role = roles.get(name, "free")
        if role == "exponent":
            parameters.append(Parameter(name, (-5.0, 5.0), "identity", (0.02, 1.5)))
            guesses.append(f"{name} stands in an exponent: searched between -5 and 5")
        elif role == "scale":
            parameters.append(Parameter(name, (0.0, math.inf), "log"))
            guesses.append(f"{name} scales a power: taken as positive")
        elif name in floors:
            parameters.append(Parameter(name, (0.0, math.inf)))
            guesses.append(f"{name} is added to powers: taken as a floor, not negative")
        else:
            parameters.append(Parameter(name, (-math.inf, math.inf)))
            guesses.append(f"{name} is free: any sign")
    return tuple(parameters), tuple(guesses)


def _floors(node: Node, variables: set[str], roles: dict[str, str]) -> set[str]:
    """Names that stand alone in a sum whose other terms are all powers of a variable."""
    terms = _terms(node)
    alone = {term.id for term in terms if isinstance(term, Name) and term.id not in variables}
    powers = [term for term in terms if not (isinstance(term, Name) and term.id in alone)]
    if not powers or not all(_has_power(term, variables) for term in powers):
        return set()
    return {name for name in alone if roles.get(name, "free") == "free"}


def _terms(node: Node) -> list[Node]:
    if isinstance(node, Apply) and node.op == "+":
        return [term for arg in node.args for term in _terms(arg)]
    return [node]


def _walk(node: Node, variables: set[str], role: str, roles: dict[str, str]) -> None:
    """Record the strongest role of each name: exponent over scale over free."""
    if isinstance(node, Name):
        rank = ("free", "scale", "exponent")
        if rank.index(role) >= rank.index(roles.get(node.id, "free")):
            roles[node.id] = role
        return
    if not isinstance(node, Apply):
        return
    if node.op == "**":
        _walk(node.args[0], variables, "scale", roles)
        _walk(node.args[1], variables, "exponent", roles)
    elif node.op in ("*", "/"):
        inner = "scale" if role == "free" and _has_power(node, variables) else role
        for arg in node.args:
            _walk(arg, variables, inner, roles)
    else:
        for arg in node.args:
            _walk(arg, variables, role, roles)


def _has_power(node: Node, variables: set[str]) -> bool:
    """Whether a power with a variable in its base occurs below."""
    if not isinstance(node, Apply):
        return False
    if node.op == "**" and _mentions(node.args[0], variables):
        return True
    return any(_has_power(arg, variables) for arg in node.args)


def _mentions(node: Node, names: set[str]) -> bool:
    if isinstance(node, Name):
        return node.id in names
    return isinstance(node, Apply) and any(_mentions(arg, names) for arg in node.args)
