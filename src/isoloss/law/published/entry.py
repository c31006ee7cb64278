"""Published: a law with the numbers that somebody printed, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from isoloss import quantities, verbs
from isoloss.exceptions import LawError
from isoloss.law.expression import parse
from isoloss.law.guess import guess_parameters
from isoloss.law.law import Law, Source, Variable
from isoloss.law.published.number import EVIDENCE, USED, Number

if TYPE_CHECKING:
    from isoloss.law.published.evaluate import Evaluation


@dataclass(frozen=True)
class Input:
    """How a published law measures one of its inputs.

    Attributes:
        name: as in the formula.
        meaning: in words.
        unit: in which the formula takes it, such as `PF-days`; empty for a plain number.
        measured_in: the unit in words where it converts to nothing else.
        quantity: the quantity of the field that it is: `N`, `D`, `C`, `loss`; empty for none.
        counts: its counting convention, such as `non-embedding`; empty where unknown.
        range: span of the runs that were fitted, in `unit`.
    """

    name: str
    meaning: str = ""
    unit: str = ""
    measured_in: str = ""
    quantity: str = ""
    counts: str = ""
    range: tuple[float, float] | None = None

    @property
    def factor(self) -> float:
        """Base units in one unit of the formula."""
        return quantities.unit(self.unit).factor if self.unit else 1.0

    @property
    def measure(self) -> str:
        """The unit for a person."""
        return self.measured_in or self.unit

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "range": list(self.range) if self.range else None}


@dataclass(frozen=True)
class Correlation:
    """How the errors of several numbers go together.

    Attributes:
        names: of the numbers.
        matrix: (k, k), of their internal coordinates (logarithm of a positive scale).
        where: how it was found.
    """

    names: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    where: str


@dataclass(frozen=True)
class Coefficients:
    """One set of numbers for a law: a data set, a modality, a method.

    Attributes:
        name: short, such as `image_8x8`.
        title: in words.
        numbers: by parameter.
        unseen: parameters whose value was not read anywhere.
        inputs: by variable.
        target: what it gives.
        unit: unit of that, as `quantities.unit` reads it; empty where it converts to nothing.
        measured_in: the unit in words in that case.
        note: in words.
        correlation: of the errors of its numbers, where it is known.
    """

    name: str
    title: str
    numbers: Mapping[str, Number]
    unseen: tuple[str, ...]
    inputs: Mapping[str, Input]
    target: str
    unit: str
    measured_in: str
    note: str = ""
    correlation: Correlation | None = None

    @property
    def evidence(self) -> str:
        """The weakest level among its numbers; empty without numbers."""
        levels = [number.evidence for number in self.numbers.values()]
        return max(levels, key=EVIDENCE.index) if levels else ""

    @property
    def complete(self) -> bool:
        """Whether it can be evaluated."""
        return bool(self.numbers) and not self.unseen

    @property
    def values(self) -> dict[str, float]:
        """The numbers alone."""
        return {name: number.value for name, number in self.numbers.items()}

    @property
    def measure(self) -> str:
        """The unit of the target for a person."""
        return self.measured_in or self.unit

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "evidence": self.evidence,
            "numbers": {name: n.to_document() for name, n in self.numbers.items()},
            "unseen": list(self.unseen),
            "variables": {name: i.to_document() for name, i in self.inputs.items()},
            "target": self.target,
            "unit": self.measure,
            "note": self.note,
            "correlation": (
                {"names": list(self.correlation.names), "where": self.correlation.where}
                if self.correlation
                else None
            ),
        }


@dataclass(frozen=True)
class Misstatement:
    """A wrong form of a law that is in circulation, beside the right one."""

    stated: str
    where: str
    correct: str


@dataclass(frozen=True)
class Published:
    """A published law.

    Attributes:
        id: such as `hoffmann2022_a3`.
        name: in words.
        family: the file that it stands in.
        modality: where it was measured.
        form: the built-in law that `fit` uses under this name; None for a statement of theory
            that cannot be fitted.
        formula: as the source writes it; that of `form` where it is the same.
        evidence: the level of its form, and of every number that does not say otherwise.
        sources: the paper first, then where the numbers were read.
        setup: what was trained, by topic.
        sets: the sets of numbers by name; at least one, which may be empty.
        default: the set that is meant when none is named.
        optimum: the best allocation in words, where one is known.
        pitfalls: known failure modes and traps.
        misstated: wrong forms in circulation.
    """

    id: str
    name: str
    family: str
    modality: tuple[str, ...]
    form: Law | None
    formula: str
    evidence: str
    sources: tuple[Source, ...]
    setup: Mapping[str, str]
    sets: Mapping[str, Coefficients]
    default: str
    optimum: str = ""
    pitfalls: tuple[str, ...] = ()
    misstated: tuple[Misstatement, ...] = ()

    @property
    def level(self) -> str:
        """The evidence of its default numbers; of the form where there are none."""
        return self.coefficients().evidence or self.evidence

    @property
    def complete(self) -> bool:
        """Whether the default numbers can be evaluated."""
        return self.coefficients().complete

    @property
    def usable(self) -> bool:
        """Whether it is used without being asked for by its evidence."""
        return self.level in USED

    def coefficients(self, name: str | None = None) -> Coefficients:
        """A set of numbers by name; the default one when nothing is said.

        Raises:
            LawError: no such set, with those there are.
        """
        wanted = name or self.default
        if wanted not in self.sets:
            raise LawError(
                f"'{self.id}' has no set of numbers '{wanted}'; it has {', '.join(self.sets)}"
            )
        return self.sets[wanted]

    def values(self, name: str | None = None) -> dict[str, float]:
        """The numbers of a set by parameter."""
        return self.coefficients(name).values

    @cached_property
    def law(self) -> Law:
        """The law as its source writes it, so that the numbers fit into it."""
        if self.form is not None and self.formula == self.form.formula:
            return replace(self.form, id=self.id, name=self.name)
        chosen = self.coefficients()
        known = {v.name: v for v in self.form.variables} if self.form else {}
        indices = self.form.indices if self.form else ()
        expression = parse(self.formula, labels={i.letter: i.labels for i in indices})
        names = [name for name in expression.names if name in chosen.inputs]
        parameters, _ = guess_parameters(expression, names)
        return Law(
            id=self.id,
            name=self.name,
            formula=self.formula,
            target=chosen.target,
            variables=tuple(
                known.get(name, Variable(name, chosen.inputs[name].meaning)) for name in names
            ),
            parameters=parameters,
            sources=self.sources,
            indices=indices,
            family=self.family,
        )

    def evaluate(
        self, at: Mapping[str, Any], coefficients: str | None = None, **options: Any
    ) -> Evaluation:
        """Its value with an interval: see `isoloss.law.published.evaluate`."""
        from isoloss.law.published.evaluate import evaluate

        return evaluate(self, at, coefficients, **options)

    def plan(self, **options: Any) -> Any:
        """What to train under a budget if this law holds: see `isoloss.plan.plan`."""
        return verbs.speak("plan", self, **options)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "family": self.family,
            "modality": list(self.modality),
            "form": self.form.id if self.form else None,
            "formula": self.formula,
            "latex": self.law.latex,
            "evidence": self.level,
            "complete": self.complete,
            "sources": [vars(s).copy() for s in self.sources],
            "setup": dict(self.setup),
            "default": self.default,
            "sets": [s.to_document() for s in self.sets.values()],
            "optimum": self.optimum,
            "pitfalls": list(self.pitfalls),
            "misstated": [vars(m).copy() for m in self.misstated],
        }
