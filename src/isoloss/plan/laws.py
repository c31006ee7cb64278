"""The verb `compare` for published laws: what differs, what each would have you do, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.exceptions import InputError, IsolossError
from isoloss.fit import Estimate
from isoloss.law.published import Published
from isoloss.law.published.differences import Difference, differences, same_formula
from isoloss.law.published.evaluate import Evaluation, contradictions
from isoloss.law.published.reasons import Reason, reasons
from isoloss.law.tree import Apply, Node, names_of
from isoloss.plan.plan import Plan, plan
from isoloss.plan.same import Sameness, sameness

MOST_GROUPS = 6


@dataclass(frozen=True)
class AtBudget:
    """What one law says at a budget.

    Attributes:
        id: of the law.
        plan: its optimum, for a law in N and D.
        value: its value, for a law in C alone.
        refused: why it says nothing, otherwise.
    """

    id: str
    plan: Plan | None = None
    value: Evaluation | None = None
    refused: str = ""

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "plan": self.plan.to_document() if self.plan else None,
            "value": self.value.to_document() if self.value else None,
            "refused": self.refused or None,
        }


@dataclass(frozen=True)
class Share:
    """How much of a disagreement comes from one term of the formula.

    Attributes:
        parameters: of the term.
        n_factor: factor by which it moves the best N, from the first law to the second.
        loss: what it adds to the loss at the optimum.
    """

    parameters: tuple[str, ...]
    n_factor: float
    loss: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "parameters": list(self.parameters)}


@dataclass(frozen=True)
class Pair:
    """The first law beside another one.

    Attributes:
        first, second: ids.
        sameness: whether they are one law.
        differences: what differs, the weightiest first.
        shares: which term explains how much of it at the budget; empty where formulas or units
            differ.
        reasons: published explanations of this disagreement.
    """

    first: str
    second: str
    sameness: Sameness
    differences: tuple[Difference, ...]
    shares: tuple[Share, ...]
    reasons: tuple[Reason, ...]

    @property
    def told_apart(self) -> bool:
        """Whether anything but the set-up of the runs tells them apart."""
        return not self.sameness.same or any(
            d.kind != "setup" and "within rounding" not in d.note for d in self.differences
        )

    @property
    def verdict(self) -> str:
        """In words."""
        if not self.told_apart:
            return f"not told apart: {self.sameness.words}"
        if not self.sameness.same:
            return f"told apart: {self.sameness.words}"
        topics = [d.topic for d in self.differences if d.kind != "setup"]
        return f"told apart by {', '.join(topics)}; {self.sameness.words}"

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "first": self.first,
            "second": self.second,
            "told_apart": self.told_apart,
            "verdict": self.verdict,
            "sameness": vars(self.sameness).copy(),
            "differences": [d.to_document() for d in self.differences],
            "shares": [s.to_document() for s in self.shares],
            "reasons": [r.to_document() for r in self.reasons],
        }


@dataclass(frozen=True)
class LawComparison:
    """Published laws side by side.

    Attributes:
        laws: in the order asked for.
        pairs: the first law with each of the others.
        doubts: where a source contradicts itself, by law.
        budget: FLOP, where one was given.
        answers: what each says at that budget.
    """

    laws: tuple[Published, ...]
    pairs: tuple[Pair, ...]
    doubts: tuple[tuple[str, str], ...]
    budget: float | None
    answers: tuple[AtBudget, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "laws": [law.to_document() for law in self.laws],
            "pairs": [pair.to_document() for pair in self.pairs],
            "doubts": [{"law": law, "doubt": doubt} for law, doubt in self.doubts],
            "compute": self.budget,
            "answers": [answer.to_document() for answer in self.answers],
        }


def compare_laws(
    laws: Sequence[Published],
    *,
    compute: float | None = None,
    at: Mapping[str, float] | None = None,
    any_evidence: bool = False,
) -> LawComparison:
    """Published laws side by side.

    Args:
        laws: two or more; each of the others is compared with the first.
        compute: budget in FLOP at which each is asked for its optimum or value.
        at: values of inputs beside N, D and C, in base units.
        any_evidence: use numbers below `secondary` too.

    Raises:
        InputError: fewer than two laws, or a value for an input that none of them has.
    """
    if len(laws) < 2:
        raise InputError("name at least two laws to compare")
    for name in at or {}:
        if not any(name in law.coefficients().inputs for law in laws):
            raise InputError(f"none of these laws has an input '{name}'; leave it out")
    answers = (
        tuple(_answer(law, compute, at or {}, any_evidence) for law in laws) if compute else ()
    )
    first = laws[0]
    pairs = []
    for k, second in enumerate(laws[1:], start=1):
        both = answers[0].plan and answers[k].plan if answers else None
        pairs.append(
            Pair(
                first.id,
                second.id,
                sameness(first, second),
                differences(first, second),
                _shares(first, second, compute, _own(first, at or {})) if both and compute else (),
                reasons(first.id, second.id),
            )
        )
    doubts = tuple(
        (law.id, notice.message) for law in laws for notice in contradictions(law.coefficients())
    )
    return LawComparison(tuple(laws), tuple(pairs), doubts, compute, answers)


def _answer(
    law: Published, compute: float, at: Mapping[str, float], any_evidence: bool
) -> AtBudget:
    inputs, extra = law.coefficients().inputs, _own(law, at)
    try:
        if {"N", "D"} <= set(inputs):
            return AtBudget(law.id, plan(law, compute=compute, at=extra, any_evidence=any_evidence))
        budgets = [name for name, known in inputs.items() if known.quantity == "C"]
        if budgets:
            point = {**extra, budgets[0]: compute}
            return AtBudget(law.id, value=law.evaluate(point, any_evidence=any_evidence))
        return AtBudget(law.id, refused=f"it is no law of compute; it takes {', '.join(inputs)}")
    except IsolossError as error:
        return AtBudget(law.id, refused=str(error))


def _own(law: Published, at: Mapping[str, float]) -> dict[str, float]:
    """Of the values given for all laws, those that this one takes."""
    return {name: value for name, value in at.items() if name in law.coefficients().inputs}


def _shares(
    first: Published, second: Published, compute: float, at: Mapping[str, float]
) -> tuple[Share, ...]:
    """What each term contributes, averaged over the orders in which terms can be exchanged.

    That average (Shapley's value) adds up to the whole difference, and treats no term as the first.
    """
    if not same_formula(first, second) or not _same_units(first, second):
        return ()
    groups = term_groups(first.law.expression.root, first.law.parameter_names)
    if len(groups) > MOST_GROUPS:
        return ()
    outcome: dict[frozenset[int], tuple[float, float]] = {}
    for size in range(len(groups) + 1):
        for chosen in combinations(range(len(groups)), size):
            swapped = [name for k in chosen for name in groups[k]]
            found = _optimum(_swapped(first, second, swapped), compute, at)
            if found is None:
                return ()
            outcome[frozenset(chosen)] = found
    shares = []
    for k, names in enumerate(groups):
        gain = np.zeros(2)
        others = [j for j in range(len(groups)) if j != k]
        for size in range(len(others) + 1):
            weight = 1 / (len(groups) * math.comb(len(others), size))
            for before in combinations(others, size):
                with_k, without = outcome[frozenset({*before, k})], outcome[frozenset(before)]
                gain += weight * (np.array(with_k) - np.array(without))
        shares.append(Share(tuple(names), math.exp(gain[0]), float(gain[1])))
    return tuple(s for s in shares if abs(math.log(s.n_factor)) > 1e-12 or abs(s.loss) > 1e-12)


def _same_units(first: Published, second: Published) -> bool:
    """Whether a number of one means the same in the other."""
    a, b = first.coefficients(), second.coefficients()
    if (a.target, a.measure) != (b.target, b.measure):
        return False
    return all(known.factor == b.inputs[name].factor for name, known in a.inputs.items())


def _swapped(first: Published, second: Published, names: Sequence[str]) -> Published:
    mine, theirs = first.coefficients(), second.coefficients()
    numbers = {
        # the point alone is asked for, so nothing is to be drawn
        name: replace(
            (theirs if name in names else mine).numbers[name], exact=True, se=None, interval=None
        )
        for name in mine.numbers
    }
    chosen = replace(mine, numbers=numbers, correlation=None)
    return replace(first, sets={chosen.name: chosen}, default=chosen.name)


def _optimum(law: Published, compute: float, at: Mapping[str, float]) -> tuple[float, float] | None:
    try:
        best: Mapping[str, Estimate] = plan(law, compute=compute, at=at, any_evidence=True).optimum
    except IsolossError:
        return None
    return math.log(best["N"].value), best["loss"].value


def term_groups(root: Node, parameters: Sequence[str]) -> list[list[str]]:
    """Parameters by the term of the sum in which they stand; terms that share one go together."""
    groups: list[set[str]] = []
    for term in _addends(root):
        here = names_of(term) & set(parameters)
        touching = [g for g in groups if g & here]
        groups = [g for g in groups if not g & here]
        groups.append(here.union(*touching))
    return [[name for name in parameters if name in group] for group in groups if group]


def _addends(node: Node) -> list[Node]:
    if isinstance(node, Apply) and node.op in ("+", "-"):
        return [part for arg in node.args for part in _addends(arg)]
    return [node]
