"""The federated law as a formula that the house's fitter takes, with optional terms.

    E + A/N**alpha + B*N**nu/(D/(K**(rho + rho_H*log(local_steps))*participation**tau))**beta
      + G*(1 - 1/K)*skew,        skew = 1/(1 + dirichlet_alpha)

| term | what it says | needs in the runs |
|---|---|---|
| `nu` | size costs more the larger it is, as in a bound | |
| `local_steps` | rho changes with ln H; one client has no rho, and no H to mind | two H |
| `participation` | tau = 0 where all K count, tau = rho where only active ones do | two shares |
| `dirichlet_alpha` | unlike data lift the loss, not at one client, and not the best N | two |

The terms are this package's choices, made so that each vanishes where it must; none is from a
paper. Fit one only where the runs vary what it is about.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from isoloss.exceptions import InputError, LawError
from isoloss.law import Law, Parameter, Source, Variable, find_law

TERMS = ("nu", "local_steps", "participation", "dirichlet_alpha")
# what a term adds to the table of runs; dirichlet_alpha enters as skew
COLUMNS = {
    "local_steps": "local_steps",
    "participation": "participation",
    "dirichlet_alpha": "skew",
}
RHO_BOUNDS = (-1.0, 3.0)

_RHO = Parameter(
    "rho", RHO_BOUNDS, "identity", (-0.2, 1.4), None, "federation exponent", typical=0.4
)
_EXTRA = {
    "nu": Parameter("nu", (0.0, 2.0), "identity", (0.0, 0.8), None, "complexity exponent"),
    "local_steps": Parameter(
        "rho_H", (-1.0, 1.0), "identity", (-0.1, 0.2), None, "change of rho with ln H"
    ),
    "participation": Parameter(
        "tau", (-1.0, 2.0), "identity", (-0.2, 1.2), None, "exponent of the participation"
    ),
    "dirichlet_alpha": Parameter(
        "G", (0.0, float("inf")), "identity", None, None, "loss that unlike data add"
    ),
}
_VARIABLES = {
    "local_steps": Variable("local_steps", "steps between synchronisations"),
    "participation": Variable("participation", "share of clients in a round"),
    "dirichlet_alpha": Variable("skew", "1/(1 + dirichlet_alpha), 0 for data alike", False),
}
_SOURCE = Source("isoloss, a reconstruction", "isoloss.federated.bound and .power")


def check_terms(terms: Sequence[str]) -> tuple[str, ...]:
    """The terms in one order, each once.

    Raises:
        InputError: an unknown one.
    """
    for term in terms:
        if term not in TERMS:
            raise InputError(f"no term '{term}' in the federated law; there are {', '.join(TERMS)}")
    return tuple(term for term in TERMS if term in terms)


def formula_law(terms: Sequence[str] = ()) -> Law:
    """The law to fit: Chinchilla's with D / K**rho, and the optional terms."""
    chosen = check_terms(terms)
    rho = "(rho + rho_H*log(local_steps))" if "local_steps" in chosen else "rho"
    spread = f"K**{rho}"
    if "participation" in chosen:
        spread = f"({spread}*participation**tau)"
    price = "B*N**nu" if "nu" in chosen else "B"
    formula = f"E + A/N**alpha + {price}/(D/{spread})**beta"
    if "dirichlet_alpha" in chosen:
        formula += " + G*(1 - 1/K)*skew"
    central = find_law("chinchilla")
    parameters = (*central.parameters, _RHO, *(_EXTRA[term] for term in chosen))
    return Law(
        id="_".join(("federated", *chosen)),
        name="Federated law",
        formula=formula,
        target="loss",
        variables=(
            *central.variables,
            Variable("K", "clients"),
            *(_VARIABLES[term] for term in chosen if term in _VARIABLES),
        ),
        parameters=parameters,
        sources=(_SOURCE,),
        summary="Chinchilla's law with the data divided by the number of clients to a power.",
        family="decentralised",
    )


def shape_law(name: str, log_a: float, alpha: float, log_b: float, beta: float) -> Law:
    """E + s*(A/N**alpha + B/(D/K**rho)**beta) with the shape of a central law held.

    For runs at one ratio of tokens to parameters, which cannot tell A and B apart.

    Args:
        name: of the central law.
        log_a, alpha, log_b, beta: its two power terms.
    """
    # twelve digits: what a logarithm and back costs, and more than anybody prints
    a, alpha, b, beta = (
        float(f"{x:.12g}") for x in (math.exp(log_a), alpha, math.exp(log_b), beta)
    )
    try:
        law = Law(
            id="federated_shape",
            name=f"Federated law with the shape of {name}",
            formula=f"E + s*({a!r}/N**{alpha!r} + {b!r}/(D/K**rho)**{beta!r})",
            target="loss",
            variables=(Variable("N"), Variable("D"), Variable("K", "clients")),
            parameters=(
                Parameter("E", (0.0, float("inf")), meaning="floor"),
                Parameter("s", (0.0, float("inf")), "log", meaning="scale of the two power terms"),
                replace(_RHO),
            ),
            sources=(_SOURCE,),
        )
    except LawError as error:
        raise InputError(f"the shape of '{name}' cannot be held: {error}") from None
    return law
