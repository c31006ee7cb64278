"""Points on which the built-in forms are tried: made from the ranges and typical values they state.

A form that is added to the TOML files is tested with no line of code.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import qmc

from isoloss.law import Law

MANY = 240


def typical(law: Law) -> dict[str, float]:
    """The typical value of every parameter.

    Raises:
        AssertionError: the form leaves one out.
    """
    for p in law.parameters:
        assert p.typical is not None, f"{law.id}: parameter {p.name} needs a 'typical' value"
    return {p.name: float(p.typical or 0.0) for p in law.parameters}


def grid(law: Law, count: int | None = None, seed: int = 1) -> dict[str, np.ndarray]:
    """Inputs spread over their ranges: 25 values of one, 7 by 7 of two, 240 points of more."""
    for v in law.variables:
        assert v.range is not None, f"{law.id}: variable {v.name} needs a 'range'"
    if count is None and len(law.variables) <= 2:
        steps = np.linspace(0, 1, 25 if len(law.variables) == 1 else 7)
        axes = np.meshgrid(*[steps] * len(law.variables), indexing="ij")
        unit = np.stack([axis.ravel() for axis in axes])
    else:
        sampler = qmc.Sobol(len(law.variables), seed=seed)
        unit = sampler.random(1 << (count or MANY).bit_length())[: count or MANY].T
    found = {}
    for v, u in zip(law.variables, unit, strict=True):
        low, high = v.range or (0.0, 1.0)
        found[v.name] = (
            np.exp(np.log(low) + u * np.log(high / low)) if v.log else low + u * (high - low)
        )
    _share(law, found)
    return found


def _share(law: Law, found: dict[str, np.ndarray]) -> None:
    """Shares of one whole sum to one."""
    for index in law.indices:
        names = [v.name for v in law.variables if v.over == index.name and v.share]
        if names:
            total = np.sum([found[name] for name in names], axis=0)
            for name in names:
                found[name] = found[name] / total


def scattered(law: Law, count: int, seed: int) -> dict[str, np.ndarray]:
    """Inputs and parameters at random: parameters near their typical value and within bounds."""
    rng = np.random.default_rng(seed)
    found = grid(law, count, seed)
    for p in law.parameters:
        value = float(p.typical or 0.0)
        near = value * np.exp(0.05 * rng.standard_normal(count))
        found[p.name] = np.clip(near, *p.bounds)
    return found


def node(cases: Sequence[tuple[str, dict[str, np.ndarray]]]) -> list[np.ndarray]:
    """Values of JavaScript expressions on columns of inputs, in one process."""
    program = """
        let text = "";
        process.stdin.on("data", part => text += part);
        process.stdin.on("end", () => {
          const values = JSON.parse(text).map(([code, names, columns]) => {
            const law = new Function(...names, "return " + code);
            return columns[0].map((_, i) => String(law(...columns.map(c => c[i]))));
          });
          console.log(JSON.stringify(values));
        });
    """
    plain: list[Any] = [
        (code, list(at), [np.asarray(column).tolist() for column in at.values()])
        for code, at in cases
    ]
    done = subprocess.run(
        ["node", "-e", program],
        input=json.dumps(plain),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [
        np.array([float(v.replace("Infinity", "inf")) for v in values])
        for values in json.loads(done.stdout)
    ]
