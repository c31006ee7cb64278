"""A published law in base units, with whatever a plan does not vary held at a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from isoloss.exceptions import LawError
from isoloss.law.expression import rename
from isoloss.law.law import Law
from isoloss.law.published.entry import Coefficients, Published
from isoloss.law.published.evaluate import draws, take_input
from isoloss.law.render import plain


def base_law(
    entry: Published, chosen: Coefficients, free: tuple[str, ...], held: Mapping[str, float]
) -> Law:
    """The law in the inputs `free` alone, in base units: parameters, tokens and FLOP.

    Args:
        entry: a published law.
        chosen: the set of its numbers.
        free: inputs that stay.
        held: a value, in base units, for every other input.

    Raises:
        LawError: an input is neither free nor held, or there is none of that name.
    """
    for name in (*free, *held):
        if name not in chosen.inputs:
            raise LawError(
                f"'{entry.id}' has no input '{name}'; it takes {', '.join(chosen.inputs)}"
            )
    for name in free:
        if name in held:
            raise LawError(
                f"{name} of '{entry.id}' is what is asked for, so it cannot be held at "
                f"{held[name]:g}; leave it out"
            )
    logs = {v.name: v.log for v in entry.law.variables}
    names: dict[str, str] = {}
    for name, known in chosen.inputs.items():
        if name in free:
            if known.factor != 1.0:
                names[name] = f"({name}/{known.factor!r})"
        elif name in held:
            value = take_input(entry, known, held[name], positive=logs.get(name, True))
            names[name] = f"({value!r})"
        else:
            words = f" ({known.meaning})" if known.meaning else ""
            raise LawError(f"'{entry.id}' needs a value for {name}{words} too: at {name}=...")
    law = entry.law
    parameters = []
    for p in law.parameters:
        # bounds are for fitting; a printed number is what it is
        log = p.log and chosen.numbers[p.name].value > 0
        transform, low = ("log", 0.0) if log else ("identity", -np.inf)
        parameters.append(
            replace(
                p, bounds=(low, np.inf), transform=transform, start=None, unit_of=None, typical=None
            )
        )
    return replace(
        law,
        formula=rename(plain(law.expression), names),
        indices=(),
        variables=tuple(replace(v, range=None) for v in law.variables if v.name in free),
        parameters=tuple(parameters),
    )


def base_theta(entry: Published, chosen: Coefficients, law: Law) -> tuple[np.ndarray, str]:
    """Internal parameters (1 + draws, p) of `base_law`, and what the draws rest on.

    The first row holds the printed numbers. Where nothing at all is uncertain it stands alone.
    """
    spread, basis = draws(entry, chosen)
    names = law.parameter_names
    point = np.array([chosen.numbers[name].value for name in names])
    rows = [point[None, :]]
    if basis != "none":
        rows.append(np.stack([spread[name] for name in names], axis=-1))
    theta = law.internal(np.vstack(rows))
    return theta[np.isfinite(theta).all(axis=1)], basis
