"""What no log of answers says: the size and the make of every model, from `models.yaml`.

    models:
      InternVL2-4B:
        family: InternVL2
        params: 4.15e9
        language_model: Phi-3-mini
        encoder: InternViT-300M
        aliases: [internvl2_4b]

`family` and `params` are required; `params: null` stands for a size that is not published. Any
further key is a covariate: an encoder, a language model or a training set that changes with size
is what makes a trend over size hard to read, and every trend is printed beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from isoloss.exceptions import ItemsError

_SUFFIX = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_SIZE = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*([kmbt]?)\s*", re.IGNORECASE)
_OWN = ("family", "params", "active", "aliases")


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        name: as the tables print it.
        family: models of one family differ in size above all.
        params: total parameters; NaN where they are not known.
        active: parameters used for a token; equal to `params` of a dense model.
        covariates: everything else that is known of it, as text.
        aliases: other names that logs give it.
    """

    name: str
    family: str
    params: float
    active: float
    covariates: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "family": self.family,
            "params": None if math.isnan(self.params) else self.params,
            "active": None if math.isnan(self.active) else self.active,
            **self.covariates,
        } | ({"aliases": list(self.aliases)} if self.aliases else {})


@dataclass(frozen=True)
class Models:
    """The models of a study, by name and alias."""

    models: tuple[Model, ...]
    source: str = "models"

    def __len__(self) -> int:
        return len(self.models)

    def find(self, name: str) -> int:
        """The place of a model by name or alias, then without case and punctuation.

        Raises:
            ItemsError: no such model; the message names the nearest.
        """
        for place, model in enumerate(self.models):
            if name == model.name or name in model.aliases:
                return place
        plain = _plain(name)
        for place, model in enumerate(self.models):
            if plain in (_plain(model.name), *map(_plain, model.aliases)):
                return place
        known = [model.name for model in self.models]
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        raise ItemsError(
            f"the answers name a model '{name}' that {self.source} does not list; add an entry for "
            f"it with family and params, or name it among the aliases of "
            f"{near[0] if near else 'the model that it is'} (listed: {', '.join(known[:12])})"
        )


def read_models(path: str | Path) -> Models:
    """Read `models.yaml` (or JSON).

    Raises:
        ItemsError: no such file, not YAML, or an entry without family or params.
    """
    import yaml

    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ItemsError(f"cannot read {path}: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}:" if where else ""
        raise ItemsError(f"{path}:{line} is no YAML: {getattr(error, 'problem', error)}") from None
    return models_of(content, path.name)


def models_of(content: Any, source: str = "models") -> Models:
    """Models from plain data: `{"models": {name: {...}}}`, or a list of entries with a `name`."""
    entries = content.get("models", content) if isinstance(content, Mapping) else content
    if isinstance(entries, list):
        missing = [
            i for i, e in enumerate(entries, 1) if not isinstance(e, Mapping) or "name" not in e
        ]
        if missing:
            raise ItemsError(f"{source}: entry {missing[0]} has no name")
        pairs = [(str(e["name"]), {k: v for k, v in e.items() if k != "name"}) for e in entries]
    elif isinstance(entries, Mapping):
        pairs = [(str(name), entry) for name, entry in entries.items()]
    else:
        raise ItemsError(
            f"{source}: expected 'models:' with an entry for each model, such as "
            "'InternVL2-4B: {family: InternVL2, params: 4.15e9}'"
        )
    found = tuple(_model(name, entry, source) for name, entry in pairs)
    _unique(found, source)
    return Models(found, source)


def _model(name: str, entry: Any, source: str) -> Model:
    if not isinstance(entry, Mapping):
        raise ItemsError(f"{source}: '{name}' should be a mapping with family and params")
    for key in ("family", "params"):
        if key not in entry:
            raise ItemsError(
                f"{source}: '{name}' has no '{key}'; write {key}: "
                + ("the name that its sizes share" if key == "family" else "the count, or null")
            )
    params = _size(entry["params"], f"{source}: params of '{name}'")
    active = _size(entry.get("active", entry["params"]), f"{source}: active of '{name}'")
    if active > params:
        raise ItemsError(f"{source}: '{name}' has {active:g} active of {params:g} parameters")
    aliases = entry.get("aliases") or []
    if not isinstance(aliases, list):
        raise ItemsError(f"{source}: aliases of '{name}' should be a list")
    covariates = {
        str(key): str(value)
        for key, value in entry.items()
        if key not in _OWN and value is not None
    }
    return Model(name, str(entry["family"]), params, active, covariates, tuple(map(str, aliases)))


def _size(value: Any, where: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        if not match:
            raise ItemsError(f"{where} is '{value}'; expected a count such as 7e9 or 7B")
        value = float(match.group(1)) * _SUFFIX.get(match.group(2).lower(), 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 1:
        raise ItemsError(f"{where} is {value!r}; expected a count of parameters such as 7e9 or 7B")
    if not math.isfinite(value):
        raise ItemsError(f"{where} is {value!r}; expected a finite count")
    return float(value)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower().split("/")[-1])


def _unique(models: tuple[Model, ...], source: str) -> None:
    seen: dict[str, str] = {}
    for model in models:
        for name in (model.name, *model.aliases):
            if seen.setdefault(name, model.name) != model.name or (
                name == model.name and sum(m.name == name for m in models) > 1
            ):
                raise ItemsError(f"{source}: the name '{name}' stands for two models")
