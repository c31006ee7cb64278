"""What differs between two published laws: what they give, what they count, their numbers.

Two laws may disagree because they measure different things. Those differences come first; numbers
are compared only where both formulas give them the same meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from isoloss.law.published.entry import Coefficients, Input, Published
from isoloss.law.published.evaluate import scatter
from isoloss.law.published.number import Number

# topics by weight: what makes two laws incomparable stands first
MEANING, FORM, NUMBERS, SETUP = "meaning", "form", "numbers", "setup"


@dataclass(frozen=True)
class Difference:
    """One thing in which two laws differ.

    Attributes:
        kind: `meaning` (what is measured or counted), `form`, `numbers` or `setup`.
        topic: such as `counts of N` or `alpha`.
        first: of the first law, in words.
        second: of the second law.
        note: what follows from it.
    """

    kind: str
    topic: str
    first: str
    second: str
    note: str = ""

    def to_document(self) -> dict[str, str]:
        """Plain data."""
        return vars(self).copy()


def differences(first: Published, second: Published) -> tuple[Difference, ...]:
    """Everything that is known to differ, the weightiest first."""
    a, b = first.coefficients(), second.coefficients()
    return (
        *_target(a, b),
        *_inputs(a, b),
        *_form(first, second),
        *_numbers(first, second),
        *_setup(first, second),
    )


def _target(a: Coefficients, b: Coefficients) -> list[Difference]:
    found = []
    if a.target != b.target:
        found.append(Difference(MEANING, "gives", a.target, b.target, "not the same quantity"))
    if a.measure != b.measure:
        note = "values compare only after conversion" if a.measure and b.measure else ""
        found.append(
            Difference(MEANING, "unit", a.measure or "not stated", b.measure or "not stated", note)
        )
    return found


def _inputs(a: Coefficients, b: Coefficients) -> list[Difference]:
    found = []
    if set(a.inputs) != set(b.inputs):
        found.append(Difference(MEANING, "inputs", ", ".join(a.inputs), ", ".join(b.inputs)))
    facts: tuple[tuple[str, Callable[[Input], str], str], ...] = (
        ("counts", lambda i: i.counts, "the same model or data has two different values here"),
        ("unit", lambda i: i.measure, "the number that goes in is another one"),
        ("range", _range, ""),
    )
    for name, one in a.inputs.items():
        other = b.inputs.get(name)
        if other is None:
            continue
        for word, of, note in facts:
            left, right = of(one), of(other)
            if left == right or (word != "unit" and not (left and right)):
                continue
            kind = SETUP if word == "range" else MEANING
            found.append(
                Difference(
                    kind, f"{word} of {name}", left or "not stated", right or "not stated", note
                )
            )
    return found


def _range(known: Input) -> str:
    return f"{known.range[0]:.3g} to {known.range[1]:.3g}" if known.range else ""


def _form(first: Published, second: Published) -> list[Difference]:
    if same_formula(first, second):
        return []
    return [Difference(FORM, "formula", first.formula, second.formula)]


def same_formula(first: Published, second: Published) -> bool:
    """Whether both are written in the same formula, so that numbers of one name compare."""
    return first.law.expression.root == second.law.expression.root


def _numbers(first: Published, second: Published) -> list[Difference]:
    if not same_formula(first, second):
        return []
    found = []
    a, b = first.coefficients().numbers, second.coefficients().numbers
    for name in [*a, *(name for name in b if name not in a)]:
        one, other = a.get(name), b.get(name)
        if one is None or other is None:
            left = one.printed if one else "not seen"
            found.append(Difference(NUMBERS, name, left, other.printed if other else "not seen"))
        elif one.value != other.value:
            found.append(Difference(NUMBERS, name, one.printed, other.printed, _apart(one, other)))
    return found


def _apart(one: Number, other: Number) -> str:
    """How far apart two numbers are, and whether errors or rounding explain it."""
    gap = abs(one.value - other.value)
    share = f"{100 * gap / abs(one.value):.2g} % apart" if one.value else f"{gap:.3g} apart"
    if one.value * other.value < 0:
        return "opposite signs"
    sd = (scatter(one) ** 2 + scatter(other) ** 2) ** 0.5
    if sd:
        return f"{share}, {gap / sd:.2g} standard errors"
    rounding = one.rounding + other.rounding
    # two printed numbers within half a digit of each other may be one number
    if gap <= rounding * (1 + 1e-9):
        return f"{share}, within rounding"
    return f"{share}, {gap / rounding:.2g} times what rounding allows" if rounding else share


def _setup(first: Published, second: Published) -> list[Difference]:
    found = []
    for topic, left in first.setup.items():
        # what one source leaves out is no known difference
        right = second.setup.get(topic, left)
        if left != right:
            found.append(Difference(SETUP, topic, left, right))
    if first.level != second.level:
        found.append(Difference(SETUP, "evidence", first.level, second.level))
    return found
