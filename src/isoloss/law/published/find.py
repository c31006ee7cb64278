"""A law as somebody states it: a published one, or one with other numbers, units or formula.

    deepseek2024_lr
    henighan2020_N:image_8x8
    deepseek2024_lr with k=0.3188
    hernandez2021_transfer with D_F in tokens
    kaplan2020_ND as N_c/N**alpha_N + D_c/D**alpha_D

So a number or formula that one meets in a text can be held against the source.
"""

from __future__ import annotations

import re
from dataclasses import replace

from isoloss import quantities
from isoloss.exceptions import LawError, QuantityError
from isoloss.law.expression import parse
from isoloss.law.published.entry import Coefficients, Input, Published
from isoloss.law.published.number import Number
from isoloss.law.published.read import published_laws
from isoloss.law.published.without import without_law
from isoloss.law.render import plain

AS_STATED = "as stated"


def find_published(text: str) -> Published:
    """The published law that a text names, with the changes that it states.

    Raises:
        LawError: no such law, parameter, unit or formula.
    """
    head, restated, formula = (part.strip() for part in f"{text} ".partition(" as "))
    name, changed, changes = (part.strip() for part in f"{head} ".partition(" with "))
    for word, after in ((restated, formula), (changed, changes)):
        if word and not after:
            raise LawError(
                f"'{text}': nothing stands after '{word}'; write ID with NAME=VALUE, or "
                "ID as FORMULA"
            )
    entry = _entry(name)
    if not changes and not formula:
        return entry
    chosen = entry.coefficients()
    for change in filter(None, (part.strip() for part in changes.split(","))):
        chosen = _changed(entry, chosen, change)
    if formula:
        formula = _written_out(entry, formula)
        chosen = _reformed(entry, chosen, formula)
    return replace(
        entry,
        id=text.strip(),
        name=f"{entry.name}, {AS_STATED}",
        formula=formula or entry.formula,
        form=None if formula else entry.form,
        sets={**entry.sets, chosen.name: chosen},
    )


def _entry(text: str) -> Published:
    name, _, chosen = text.partition(":")
    if name not in published_laws():
        from isoloss.law.find import close_names

        paper = without_law().get(name)
        if paper is not None:
            raise LawError(f"'{name}' has no law: {paper.reason}")
        raise LawError(
            f"no published law is called '{name}'{close_names(name, published_laws())}. "
            "`isoloss laws list` shows them"
        )
    entry = published_laws()[name]
    if not chosen:
        return entry
    return replace(entry, id=text, default=entry.coefficients(chosen).name)


def _changed(entry: Published, chosen: Coefficients, change: str) -> Coefficients:
    number = re.fullmatch(r"(\w+)\s*=\s*(\S+)", change)
    if number:
        name, value = number.groups()
        if name not in (*chosen.numbers, *chosen.unseen):
            known = ", ".join([*chosen.numbers, *chosen.unseen])
            raise LawError(f"'{entry.id}' has no number '{name}'; it has {known}")
        old = chosen.numbers.get(name)
        evidence = old.evidence if old else entry.evidence
        numbers = {**chosen.numbers, name: Number(name, value, evidence, AS_STATED)}
        unseen = tuple(other for other in chosen.unseen if other != name)
        return replace(chosen, numbers=numbers, unseen=unseen)
    measured = re.fullmatch(r"(\w+)\s+in\s+(.+)", change)
    if measured is None:
        raise LawError(
            f"'{change}' is no change of a law; write NAME=VALUE or NAME in UNIT, with commas "
            "between"
        )
    name, unit = measured.groups()
    if name in chosen.inputs:
        return replace(chosen, inputs={**chosen.inputs, name: _in_unit(chosen.inputs[name], unit)})
    if name == chosen.target:
        known = _is_unit(unit)
        return replace(chosen, unit=unit if known else "", measured_in="" if known else unit)
    raise LawError(
        f"'{entry.id}' has neither input nor target '{name}'; it has "
        f"{', '.join([*chosen.inputs, chosen.target])}"
    )


def _in_unit(known: Input, unit: str) -> Input:
    if not _is_unit(unit):
        return replace(known, unit="", measured_in=unit)
    return replace(known, unit=unit, measured_in="")


def _is_unit(text: str) -> bool:
    try:
        quantities.unit(text)
    except QuantityError:
        return False
    return True


def _written_out(entry: Published, formula: str) -> str:
    """The formula without sums over the index of the form, which a statement has not."""
    indices = entry.form.indices if entry.form else ()
    if not indices:
        return formula
    return plain(parse(formula, labels={i.letter: i.labels for i in indices}))


def _reformed(entry: Published, chosen: Coefficients, formula: str) -> Coefficients:
    names = parse(formula).names
    inputs = {name: known for name, known in chosen.inputs.items() if name in names}
    if not inputs:
        raise LawError(
            f"the formula '{formula}' uses none of the inputs of '{entry.id}': "
            f"{', '.join(chosen.inputs)}"
        )
    numbers = {name: number for name, number in chosen.numbers.items() if name in names}
    unseen = tuple(name for name in names if name not in inputs and name not in numbers)
    return replace(chosen, inputs=inputs, numbers=numbers, unseen=unseen)
