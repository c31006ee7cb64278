"""What changes with size besides size: the reading of every trend stands under this table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.items import Model

# what is worth knowing of every model of a trend
EXPECTED = ("language_model", "encoder", "data")


@dataclass(frozen=True)
class Covariate:
    """One property of the models of a family.

    Attributes:
        name: as `models.yaml` has it.
        values: of every model, from the smallest; empty where it is not given.
        changes: pairs of neighbouring models between which it changes.
        separable: some change of it happens between two models of one size, or sizes change where
            it does not: False where every change of size changes it too.
    """

    name: str
    values: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    separable: bool

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "values": list(self.values),
            "changes": [list(pair) for pair in self.changes],
            "separable": self.separable,
        }


@dataclass(frozen=True)
class Confounding:
    """What changes with size inside a family.

    Attributes:
        family: its name.
        models: from the smallest.
        params: of each.
        covariates: everything that is known of the models.
        confounded: names of those that change.
        unknown: what was not given for some model: may change unseen.
        wording: the sentence that goes with every trend.
    """

    family: str
    models: tuple[str, ...]
    params: tuple[float, ...]
    covariates: tuple[Covariate, ...]
    confounded: tuple[str, ...]
    unknown: tuple[str, ...]
    wording: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": list(self.models),
            "params": list(self.params),
            "covariates": [one.to_document() for one in self.covariates],
            "confounded": list(self.confounded),
            "unknown": list(self.unknown),
        }


def confounding(models: Sequence[Model]) -> Confounding:
    """The table of what changes with size.

    Args:
        models: of one family, such as `grid.models`.
    """
    order = sorted((m for m in models if np.isfinite(m.params)), key=lambda m: (m.params, m.name))
    names = list(dict.fromkeys(key for model in order for key in model.covariates))
    covariates = tuple(_covariate(name, order) for name in names)
    if any(model.active != model.params for model in order):
        share = [f"{model.active / model.params:.3g}" for model in order]
        covariates += (_row("active share", share, order),)
    changing = tuple(one.name for one in covariates if one.changes)
    unknown = tuple(name for name in dict.fromkeys((*EXPECTED, *names)) if _missing(name, order))
    return Confounding(
        order[0].family if order else "",
        tuple(model.name for model in order),
        tuple(model.params for model in order),
        covariates,
        changing,
        unknown,
        _wording(covariates, changing, unknown),
    )


def _missing(name: str, order: Sequence[Model]) -> bool:
    return any(not model.covariates.get(name) for model in order)


def _covariate(name: str, order: Sequence[Model]) -> Covariate:
    return _row(name, [model.covariates.get(name, "") for model in order], order)


def _row(name: str, values: Sequence[str], order: Sequence[Model]) -> Covariate:
    pairs = list(zip(order, order[1:], values, values[1:], strict=False))
    changes = tuple((a.name, b.name) for a, b, u, v in pairs if u and v and u != v)
    kept = any(u and u == v and a.params != b.params for a, b, u, v in pairs)
    return Covariate(name, tuple(values), changes, kept)


def _wording(
    covariates: Sequence[Covariate], changing: Sequence[str], unknown: Sequence[str]
) -> str:
    tied = [one.name for one in covariates if one.changes and not one.separable]
    said = "Size here is size as packaged"
    if changing:
        said += f": {_listed(changing)} change{'s' if len(changing) == 1 else ''} with it"
        said += (
            f", and {_listed(tied)} at every step, so that no answer of this family alone tells "
            "the two apart"
            if tied
            else ", at some steps"
        )
    if unknown:
        said += (
            f"; {_listed(unknown)} of the models {'is' if len(unknown) == 1 else 'are'} not given"
        )
    return said + ". No trend below is a claim of cause."


def _listed(names: Sequence[str]) -> str:
    words = [name.replace("_", " ") for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
