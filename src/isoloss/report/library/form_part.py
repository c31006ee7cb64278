"""The part of a page about a form: what is fitted, its inputs and its parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from isoloss.law import Law, Parameter, Variable
from isoloss.report.library.catalogue import Catalogue
from isoloss.report.library.formula_lines import formula_lines
from isoloss.report.library.values import short, written
from isoloss.report.library.words import (
    bullets,
    code,
    fenced,
    linked,
    prose,
    source,
    stop,
    without_empty,
)

_Part = TypeVar("_Part", Variable, Parameter)


def form_part(law: Law, library: Catalogue) -> str:
    """The section of a form."""
    page = law.family
    lead = f"**{prose(law.name)}.** {linked(law.summary, library, page)}".strip()
    parts = [f"### {law.id}", lead, fenced(formula_lines(law))]
    parts += [_inputs(law), _parameters(law)]
    parts += [bullets(_facts(law, library))]
    return "\n\n".join(part for part in parts if part)


def _facts(law: Law, library: Catalogue) -> list[str]:
    page = law.family
    indices = "; ".join(f"{prose(i.name)} ({prose(i.meaning)})" for i in law.indices)
    called = ", ".join(code(f"{law.id}({i.name}=...)") for i in law.indices)
    entries = library.entries_with(law.id)
    facts = {
        "As text": code(f"{law.target} = {law.formula}"),
        "Index": f"{indices}; others as {called}" if called else "",
        "Best allocation": linked(law.optimum, library, page),
        "Cannot be told apart": linked(law.identifiability, library, page),
        "Used for": ", ".join(prose(word) for word in law.modality),
        "Published with numbers": ", ".join(
            library.link(e.id, page) for e in entries if e.complete
        ),
        "Published, numbers not read": ", ".join(
            library.link(e.id, page) for e in entries if not e.complete
        ),
        "Source": "; ".join(source(s) for s in law.sources),
    }
    return [f"{label}: {stop(text)}" for label, text in facts.items() if text]


def _inputs(law: Law) -> str:
    rows = []
    for group in _groups(law.variables, law):
        first = group[0]
        span = ""
        if first.range:
            low, high = (written(first.name, edge) for edge in first.range)
            span = f"{low} to {high}"
        rows.append((code(_vector(group, law)), prose(_meaning(group)), span))
    return without_empty(("input", "meaning", "usual range"), rows, right=(2,))


def _parameters(law: Law) -> str:
    rows = [
        (
            code(_vector(group, law)),
            prose(_meaning(group)),
            bounds(group[0]),
            ", ".join("" if p.typical is None else short(p.typical) for p in group),
        )
        for group in _groups(law.parameters, law)
    ]
    return without_empty(("parameter", "meaning", "bounds", "typical"), rows, right=(2, 3))


def _groups(parts: Sequence[_Part], law: Law) -> list[list[_Part]]:
    """Entries of one vector together, in the order of the law."""
    found: dict[tuple[str, str | None], list[_Part]] = {}
    for part in parts:
        found.setdefault((_base(part, law), part.over), []).append(part)
    return list(found.values())


def _base(part: Variable | Parameter, law: Law) -> str:
    for index in law.indices:
        for label in index.labels:
            if part.over == index.name and part.name.endswith(f"_{label}"):
                return part.name.removesuffix(f"_{label}")
    return part.name


def _vector(group: Sequence[Variable | Parameter], law: Law) -> str:
    first = group[0]
    letter = next((i.letter for i in law.indices if i.name == first.over), "")
    return f"{_base(first, law)}[{letter}]" if letter else first.name


def _meaning(group: Sequence[Variable | Parameter]) -> str:
    """The meaning, without the label of the entry where it is one of a vector."""
    first = group[0]
    return first.meaning.rpartition(" (")[0] if first.over else first.meaning


def bounds(parameter: Parameter) -> str:
    """Bounds in words."""
    low, high = parameter.bounds
    if math.isinf(low) and math.isinf(high):
        return "any"
    if math.isinf(high):
        return f"above {short(low)}" if parameter.log else f"{short(low)} or more"
    if math.isinf(low):
        return f"{short(high)} or less"
    return f"{short(low)} to {short(high)}"
