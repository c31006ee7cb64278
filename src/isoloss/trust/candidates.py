"""Which forms are in question, and by what runs are called large."""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import InputError
from isoloss.law import Law, find_law, forms
from isoloss.runs import Runs


def choose(text: str, runs: Runs) -> list[Law]:
    """Laws by a family, `all`, or names with commas between; those that the runs have inputs for.

    A form of one variable is taken over compute where the runs have it, or else over its own.

    Raises:
        InputError: none of them fits the runs.
    """
    known = forms()
    families = {law.family for law in known.values()}
    if text in families or text == "all":
        asked = [law for law in known.values() if text in ("all", law.family)]
        found = [_over(law, runs) for law in asked if law.target == runs.target]
        found = [law for law in found if set(law.variable_names) <= set(runs.columns)]
    else:
        found = [find_law(name, variables=runs.inputs, target=runs.target) for name in _split(text)]
    if not found:
        raise InputError(
            f"no law of '{text}' has the target {runs.target} and inputs among "
            f"{', '.join(runs.inputs)}"
        )
    return found


def _split(text: str) -> list[str]:
    """Names between commas that stand outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _over(law: Law, runs: Runs) -> Law:
    """A one-variable form over compute where there is some."""
    if len(law.variables) == 1 and "C" in runs.columns and law.variable_names == ("N",):
        return law.over("C")
    return law


def scale_of(runs: Runs) -> np.ndarray:
    """By what runs are called large: compute, else size times data, else the first input."""
    columns = runs.columns
    if "C" in columns:
        return np.asarray(columns["C"], dtype=float)
    if "N" in columns and "D" in columns:
        return np.asarray(columns["N"] * columns["D"], dtype=float)
    return np.asarray(columns[runs.inputs[0]], dtype=float)
