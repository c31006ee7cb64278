"""Law: a formula with named parts. Data, never a class per paper."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from isoloss import verbs
from isoloss.exceptions import LawError
from isoloss.law import calculus, expression, render, resize, tree
from isoloss.law.functions import Functions

TRANSFORMS = ("identity", "log")


@dataclass(frozen=True)
class Variable:
    """An input of a law.

    Attributes:
        name: as in the formula; `N`, `D` and `C` are parameters, tokens and FLOP.
        meaning: in words, with the counting convention of the source.
        log: whether it is positive and lives on a logarithmic scale (sizes, counts).
        range: lowest and highest value that real runs have, for figures and tests.
        over: the index that it is an entry of, such as `domains`.
        share: whether the entries of that index are shares of one whole.
    """

    name: str
    meaning: str = ""
    log: bool = True
    range: tuple[float, float] | None = None
    over: str | None = None
    share: bool = False

    def __post_init__(self) -> None:
        if self.range is not None:
            low, high = self.range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise LawError(
                    f"variable '{self.name}': range [{low}, {high}] must be a low and a higher "
                    "number, both finite"
                )
            if self.log and low <= 0:
                raise LawError(
                    f"variable '{self.name}': it lives on a logarithmic scale, so range "
                    f"[{low}, {high}] must be positive; write log = false otherwise"
                )


@dataclass(frozen=True)
class Parameter:
    """A coefficient to be fitted.

    Attributes:
        name: as in the formula.
        bounds: lowest and highest value that is allowed, in natural units.
        transform: `log` carries it as its logarithm (positive scales), `identity` as it is.
        start: range in which starts are spread when the formula is not linear in it.
        unit_of: the variable in whose unit it is measured, such as N_c in that of N.
        meaning: in words.
        typical: a realistic value, for figures and tests.
        over: the index that it is an entry of, such as `domains`.
    """

    name: str
    bounds: tuple[float, float]
    transform: str = "identity"
    start: tuple[float, float] | None = None
    unit_of: str | None = None
    meaning: str = ""
    typical: float | None = None
    over: str | None = None

    def __post_init__(self) -> None:
        low, high = self.bounds
        if self.transform not in TRANSFORMS:
            raise LawError(
                f"parameter '{self.name}': transform '{self.transform}' is unknown; "
                f"use one of {', '.join(TRANSFORMS)}"
            )
        if math.isnan(low) or math.isnan(high) or not low < high:
            raise LawError(
                f"parameter '{self.name}': bounds [{low}, {high}] must be a low and a higher number"
            )
        if self.start is not None:
            first, last = self.start
            if not (math.isfinite(first) and math.isfinite(last) and first < last):
                raise LawError(
                    f"parameter '{self.name}': start [{first}, {last}] must be a low and a higher "
                    "number, both finite"
                )
            if self.transform == "log" and first <= 0:
                raise LawError(
                    f"parameter '{self.name}': with a log transform, start [{first}, {last}] must "
                    "be positive"
                )
        if self.transform == "log" and low < 0:
            raise LawError(
                f"parameter '{self.name}': a log transform needs bounds that are not negative, "
                f"got [{low}, {high}]"
            )

    @property
    def log(self) -> bool:
        """Whether the internal coordinate is the logarithm."""
        return self.transform == "log"


@dataclass(frozen=True)
class Index:
    """What a sum or product in a formula runs over, such as the domains of a mixture.

    Attributes:
        name: in the plural: `domains`, `breaks`.
        letter: as in the formula: the `i` of `C[i]`.
        labels: one for every entry; `C` and `web` make the parameter `C_web`.
        meaning: in words.
    """

    name: str
    letter: str
    labels: tuple[str, ...]
    meaning: str = ""


@dataclass(frozen=True)
class Source:
    """Where a law or a number was read.

    Attributes:
        cite: authors, year, title.
        where: section, equation or table.
        url: a stable address.
    """

    cite: str
    where: str = ""
    url: str = ""


@dataclass(frozen=True)
class Law:
    """A formula with variables, parameters, a target and a source.

    Attributes:
        id: short name, such as `chinchilla`; `custom` for one's own formula.
        name: what people call it.
        formula: right-hand side, such as `E + A/N**alpha + B/D**beta`; with an index,
            `E + 1/sum(C[i]*h[i]**g[i])`.
        target: the quantity that it gives, such as `loss`.
        variables: inputs, in the order of appearance.
        parameters: coefficients, in the order of the definition.
        sources: where it comes from.
        summary: one or two sentences on when to use it.
        indices: what its sums and products run over.
        family: the built-in family that it belongs to.
        modality: where it is used: language, vision, ...; empty for anywhere.
        optimum: its best allocation in words, where there is a closed form.
        identifiability: which parameters no runs can tell apart, and why.
        guesses: what was assumed about a formula that a person gave without a definition.
    """

    id: str
    name: str
    formula: str
    target: str
    variables: tuple[Variable, ...]
    parameters: tuple[Parameter, ...]
    sources: tuple[Source, ...] = ()
    summary: str = ""
    indices: tuple[Index, ...] = ()
    family: str = field(default="", compare=False)
    modality: tuple[str, ...] = field(default=(), compare=False)
    optimum: str = field(default="", compare=False)
    identifiability: str = field(default="", compare=False)
    guesses: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        defined = [v.name for v in self.variables] + [p.name for p in self.parameters]
        for name in defined:
            if not isinstance(name, str) or not tree.is_plain_name(name):
                raise LawError(
                    f"law '{self.id}': {name!r} cannot be a name in a law; use letters, digits "
                    "and _, and no word that has a meaning of its own"
                )
            if defined.count(name) > 1:
                raise LawError(f"law '{self.id}': '{name}' is defined twice")
        for p in self.parameters:
            if p.unit_of is not None and p.unit_of not in self.variable_names:
                raise LawError(
                    f"law '{self.id}': parameter '{p.name}' has unit_of {p.unit_of!r}, which is "
                    f"none of the variables {', '.join(self.variable_names)}"
                )
        missing = [name for name in self.expression.names if name not in defined]
        unused = [name for name in defined if name not in self.expression.names]
        if missing:
            raise LawError(
                f"law '{self.id}': the formula '{self.formula}' uses {', '.join(missing)}, which "
                "is neither a variable nor a parameter; add a table for it"
            )
        if unused:
            raise LawError(
                f"law '{self.id}': {', '.join(unused)} is defined and does not occur in the "
                f"formula '{self.formula}'; remove it or correct the formula"
            )

    @cached_property
    def expression(self) -> tree.Expression:
        """The checked tree, every index written out."""
        return expression.parse(self.formula, labels={i.letter: i.labels for i in self.indices})

    @property
    def variable_names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(v.name for v in self.variables)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return tuple(p.name for p in self.parameters)

    @cached_property
    def coordinates(self) -> calculus.Coordinates:
        """Which names are carried as logarithms."""
        return calculus.Coordinates(
            self.variable_names,
            tuple(v.log for v in self.variables),
            self.parameter_names,
            tuple(p.log for p in self.parameters),
        )

    @cached_property
    def functions(self) -> Functions:
        """NumPy functions with exact derivatives in internal coordinates."""
        return Functions(calculus.compile_code(self.expression, self.coordinates))

    @property
    def latex(self) -> str:
        """The whole law as LaTeX."""
        left = render.latex_name(self.target if len(self.target) == 1 else "L")
        # a sum stays a sum for the reader
        shown = expression.parse(self.formula, labels={i.letter: () for i in self.indices})
        return f"{left} = {render.latex(shown)}"

    @property
    def javascript(self) -> str:
        """The right-hand side as a JavaScript expression."""
        return render.javascript(self.expression)

    def __call__(self, values: Mapping[str, Any]) -> np.ndarray:
        """Evaluate with variables and parameters given by name, shapes broadcast.

        Raises:
            FormulaError: naming what is missing.
        """
        return np.asarray(expression.evaluate(self.expression, values), dtype=float)

    def internal(self, natural: np.ndarray) -> np.ndarray:
        """Parameters (..., p) in natural units to internal coordinates."""
        natural = np.asarray(natural, dtype=float)
        mask = np.array([p.log for p in self.parameters])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(mask, np.log(np.where(mask, natural, 1.0)), natural)

    def natural(self, internal: np.ndarray) -> np.ndarray:
        """Inverse of `internal`."""
        internal = np.asarray(internal, dtype=float)
        mask = np.array([p.log for p in self.parameters])
        with np.errstate(over="ignore"):
            return np.where(mask, np.exp(np.where(mask, internal, 0.0)), internal)

    def inputs(self, columns: Mapping[str, Any]) -> list[np.ndarray]:
        """The internal variables as a list of arrays, in the order of `variables`.

        Raises:
            LawError: when a variable is missing, or not positive where it must be.
        """
        rows = []
        for variable in self.variables:
            if variable.name not in columns:
                needed = ", ".join(self.variable_names)
                raise LawError(
                    f"law '{self.id}' needs {needed}; {variable.name} is missing among "
                    f"{', '.join(sorted(columns)) or 'nothing'}. Map a column to it, or choose a "
                    "law of what there is, such as power_floor(C) or a formula of your own"
                )
            value = np.asarray(columns[variable.name], dtype=float)
            if variable.log and not np.all(value > 0):
                bad = value[~(value > 0)].flat[0]
                raise LawError(f"{variable.name} must be positive, got {bad:g}")
            rows.append(np.log(value) if variable.log else value)
        return rows

    def over(self, name: str) -> Law:
        """The same one-variable law in another variable, such as `power_floor` over C."""
        if len(self.variables) != 1:
            raise LawError(
                f"law '{self.id}' has the variables {', '.join(self.variable_names)}; "
                "only a law of one variable can be renamed"
            )
        old = self.variables[0].name
        if name == old:
            return self
        return replace(
            self,
            formula=expression.rename(self.formula, {old: name}),
            variables=(replace(self.variables[0], name=name),),
            parameters=tuple(
                replace(
                    p,
                    unit_of=name if p.unit_of == old else p.unit_of,
                    meaning=expression.rename(p.meaning, {old: name}),
                )
                for p in self.parameters
            ),
            id=f"{self.id}({name})",
        )

    def resized(self, **labels: Any) -> Law:
        """The same law over other labels: `law.resized(domains=("web", "books"))`.

        Args:
            labels: for an index of the law either how many entries there are, or their names.

        Raises:
            LawError: no such index, or names that cannot stand in a law.
        """
        return resize.resized(self, labels)

    def with_bounds(self, bounds: Mapping[str, tuple[float, float]]) -> Law:
        """The same law with other parameter bounds."""
        for name in bounds:
            if name not in self.parameter_names:
                raise LawError(
                    f"bounds were given for '{name}', which is no parameter of '{self.id}'; "
                    f"its parameters are {', '.join(self.parameter_names)}"
                )
        changed = tuple(
            replace(p, bounds=(float(bounds[p.name][0]), float(bounds[p.name][1])))
            if p.name in bounds
            else p
            for p in self.parameters
        )
        return replace(self, parameters=changed)

    def fit(self, runs: Any, **options: Any) -> Any:
        """Fit to runs: see `isoloss.fit.fit`."""
        return verbs.speak("fit", self, runs, **options)

    def __repr__(self) -> str:
        return f"Law({self.id!r}: {self.target} = {self.formula})"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"

    def to_document(self) -> dict[str, Any]:
        """Plain data, as it stands in saved fits."""
        return {
            "id": self.id,
            "name": self.name,
            "formula": self.formula,
            "target": self.target,
            "summary": self.summary,
            "variables": [
                {**vars(v), "range": list(v.range) if v.range else None} for v in self.variables
            ],
            "parameters": [
                {
                    **vars(p),
                    "bounds": [None if math.isinf(b) else b for b in p.bounds],
                    "start": list(p.start) if p.start else None,
                }
                for p in self.parameters
            ],
            "sources": [vars(s).copy() for s in self.sources],
            "indices": [{**vars(i), "labels": list(i.labels)} for i in self.indices],
            "guesses": list(self.guesses),
        }

    @classmethod
    def from_document(cls, data: Mapping[str, Any]) -> Law:
        """Inverse of `to_document`."""
        return cls(
            id=data["id"],
            name=data["name"],
            formula=data["formula"],
            target=data["target"],
            summary=data["summary"],
            variables=tuple(_variable(v) for v in data["variables"]),
            parameters=tuple(_parameter(p) for p in data["parameters"]),
            sources=tuple(Source(**s) for s in data["sources"]),
            indices=tuple(
                Index(**{**i, "labels": tuple(i["labels"])}) for i in data.get("indices", ())
            ),
            guesses=tuple(data["guesses"]),
        )


def _variable(data: Mapping[str, Any]) -> Variable:
    found = data.get("range")
    return Variable(**{**data, "range": tuple(found) if found else None})


def _parameter(data: Mapping[str, Any]) -> Parameter:
    low, high = data["bounds"]
    bounds = (-math.inf if low is None else low, math.inf if high is None else high)
    start = tuple(data["start"]) if data["start"] else None
    return Parameter(**{**data, "bounds": bounds, "start": start})
