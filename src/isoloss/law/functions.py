"""The NumPy functions of one law, made from its generated code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isoloss.law.calculus import Code
from isoloss.law.m4 import m4root

# what generated code may call: the names that SymPy's NumPy printer writes
_NAMES = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log10": np.log10,
    "log2": np.log2,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "heaviside": np.heaviside,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "pi": np.pi,
    "array": np.array,
    "m4root": m4root,
}


class Functions:
    """Value and exact derivatives over a batch of parameter rows.

    Every method takes `theta`, internal parameters of shape (M, p), and `inputs`, a list of
    internal variables, each of shape (n,) or (M, n). Entries of the returned lists broadcast to
    (M, n).
    """

    def __init__(self, code: Code) -> None:
        self.pairs = code.pairs
        self.linear = code.linear
        self._value = _function(code.value)
        self._jacobian = _function(code.jacobian)
        self._hessian = _function(code.hessian)
        self._slopes = _function(code.slopes)
        self._basis = _function(code.basis)

    def value(self, theta: np.ndarray, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The law, shape (M, n)."""
        shape = np.broadcast_shapes((len(theta), 1), *(np.shape(x) for x in inputs))
        return np.broadcast_to(self._value(_columns(theta), inputs)[0], shape)

    def jacobian(self, theta: np.ndarray, inputs: Sequence[np.ndarray]) -> list[Any]:
        """`[m, dm/dtheta_0, ...]`."""
        return self._jacobian(_columns(theta), inputs)

    def hessian(self, theta: np.ndarray, inputs: Sequence[np.ndarray]) -> list[Any]:
        """`[m, dm/dtheta_i ..., d2m/dtheta_i dtheta_j for the pairs in self.pairs]`."""
        return self._hessian(_columns(theta), inputs)

    def slopes(self, theta: np.ndarray, inputs: Sequence[np.ndarray]) -> list[Any]:
        """`[m, dm/dx_0, ...]` with respect to the internal variables."""
        return self._slopes(_columns(theta), inputs)

    def basis(self, theta: np.ndarray, inputs: Sequence[np.ndarray]) -> list[Any]:
        """`[m at zero linear parameters, dm/dc for each linear parameter c]`, natural in c."""
        return self._basis(_columns(theta), inputs)


def _columns(theta: np.ndarray) -> list[np.ndarray]:
    return [theta[:, i, None] for i in range(theta.shape[1])]


def _function(body: str) -> Any:
    """A function (t, x) -> list from a generated body that uses the names t0.., x0.. alone."""
    used = _used_names(body)
    unpack = [f"{name} = {name[0]}[{name[1:]}]" for name in used]
    source = "def law(t, x):\n" + "\n".join(f"    {line}" for line in [*unpack, *body.split("\n")])
    scope: dict[str, Any] = {"__builtins__": {}, **_NAMES}
    exec(compile(source, "<law>", "exec"), scope)
    return scope["law"]


def _used_names(body: str) -> list[str]:
    import re

    return sorted(set(re.findall(r"\b[tx]\d+\b", body)))
