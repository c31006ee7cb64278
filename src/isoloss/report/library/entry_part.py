"""The part of a page about a published law: its numbers, its domain and its traps."""

from __future__ import annotations

from isoloss.law.published import Coefficients, Published
from isoloss.law.published.entry import Input
from isoloss.report.library.catalogue import Catalogue, base_id
from isoloss.report.library.example import Example, example
from isoloss.report.library.formula_lines import formula_lines
from isoloss.report.library.numbers_part import numbers_part
from isoloss.report.library.values import short, written
from isoloss.report.library.words import (
    bullets,
    code,
    fenced,
    linked,
    prose,
    sentence,
    source,
    stop,
    without_empty,
)
from isoloss.report.numbers import plain


def entry_part(entry: Published, library: Catalogue) -> str:
    """The section of a published law."""
    parts = [
        f"### {entry.id}",
        _lead(entry),
        _formula(entry, library),
        numbers_part(entry),
        _inputs(entry),
        _facts(entry, library),
        _example(entry, library),
    ]
    return "\n\n".join(part for part in parts if part)


def badge(entry: Published) -> str:
    """Its evidence in words."""
    return entry.level if entry.complete else f"{entry.level}, {missing(entry)}"


def missing(entry: Published) -> str:
    """What an entry without all of its numbers lacks."""
    chosen = entry.coefficients()
    if any(c.complete for c in entry.sets.values()):
        return "some sets without numbers"
    return "not all numbers" if chosen.numbers else "no numbers"


def gives(chosen: Coefficients) -> str:
    """The target with its unit."""
    target, measure = chosen.target.replace("_", " "), chosen.measure
    target = chosen.target if chosen.target[1:2] == "_" else target
    if not measure or measure == target:
        return target
    if target in measure:
        return measure
    if measure == "fraction":
        return f"{target} as a fraction"
    return f"{target} in {measure}" if chosen.unit else f"{target} ({measure})"


def _lead(entry: Published) -> str:
    kinds = ", ".join(prose(word) for word in entry.modality)
    return (
        f"**{stop(prose(entry.name))}** Evidence: **{badge(entry)}**. Gives "
        f"{stop(prose(gives(entry.coefficients())))} {kinds[:1].upper()}{kinds[1:]}."
    )


def _formula(entry: Published, library: Catalogue) -> str:
    chosen = entry.coefficients()
    text = code(f"{chosen.target} = {entry.formula}")
    if entry.form is None:
        note = "It is a statement that isoloss does not fit."
        return f"{fenced(formula_lines(entry.law, chosen.target))}\n\n{note} As text: {text}."
    form = library.link(base_id(entry.form), entry.family)
    called = f" as {code(entry.form.id)}" if "(" in entry.form.id else ""
    if entry.formula == entry.form.formula:
        return f"Form {form}{called}: {text}."
    note = f"The source writes the form {form}{called} so: {text}."
    return f"{fenced(formula_lines(entry.law, chosen.target))}\n\n{note}"


def _inputs(entry: Published) -> str:
    chosen = entry.coefficients()
    groups: dict[tuple[object, ...], list[Input]] = {}
    for known in chosen.inputs.values():
        key = (known.meaning, known.measure, known.counts, known.range)
        groups.setdefault(key, []).append(known)
    rows = [
        (
            ", ".join(code(known.name) for known in group),
            prose(group[0].meaning),
            prose(group[0].measure),
            prose(group[0].counts),
            _range(group[0]),
        )
        for group in groups.values()
    ]
    text = without_empty(("input", "meaning", "unit", "counts", "fitted range"), rows, right=(4,))
    unstated = [known.name for known in chosen.inputs.values() if known.range is None]
    if len(unstated) == len(chosen.inputs):
        text += "\n\nThe range of the fitted runs is not known."
    own: dict[str, list[str]] = {}
    for other in entry.sets.values():
        own.setdefault(_own_ranges(other, chosen), []).append(code(other.name))
    lines = [f"{', '.join(names)}: {told}" for told, names in own.items() if told]
    return f"{text}\n\n{bullets(lines)}" if lines else text


def _own_ranges(chosen: Coefficients, default: Coefficients) -> str:
    """What a set measures otherwise than the default one."""
    parts = []
    for name, known in chosen.inputs.items():
        usual = default.inputs.get(name)
        if usual is None or known == usual:
            continue
        if known.range and known.range != usual.range:
            parts.append(f"{code(name)} from {_range(known)}")
        if known.measure != usual.measure:
            parts.append(f"{code(name)} in {prose(known.measure)}")
        if known.counts != usual.counts:
            parts.append(f"{code(name)} counts {prose(known.counts)}")
    return f"{', '.join(parts)}." if parts else ""


def _range(known: Input) -> str:
    if known.range is None:
        return ""
    base = known.factor == 1.0 and known.quantity in ("N", "D", "U", "C")
    if base and not known.measured_in:
        low, high = (written(known.quantity, edge) for edge in known.range)
    else:
        low, high = (plain(edge, 4) for edge in known.range)
    return low if low == high else f"{low} to {high}"


def _facts(entry: Published, library: Catalogue) -> str:
    page = entry.family

    names = {*entry.law.parameter_names, *entry.law.variable_names}

    def text(given: str) -> str:
        return sentence(linked(given, library, page, own=entry.id), names)

    lines = [f"{sentence(prose(topic))[:-1]}: {text(told)}" for topic, told in entry.setup.items()]
    if entry.optimum:
        lines.append(f"Best allocation: {text(entry.optimum)}")
    correlation = entry.coefficients().correlation
    if correlation:
        names = ", ".join(code(name) for name in correlation.names)
        lines.append(f"Correlation of the errors of {names}: {text(correlation.where)}")
    parts = [bullets(lines)]
    if entry.pitfalls:
        parts.append("Careful:\n\n" + bullets(text(pitfall) for pitfall in entry.pitfalls))
    if entry.misstated:
        wrong = (
            f"Stated: {prose(m.stated)} ({prose(m.where)}). Right: {text(m.correct)}"
            for m in entry.misstated
        )
        parts.append("Misstated in circulation:\n\n" + bullets(wrong))
    read = [stop(source(s)) for s in entry.sources]
    parts.append(f"Read in: {read[0]}" if len(read) == 1 else f"Read in:\n\n{bullets(read)}")
    return "\n\n".join(part for part in parts if part)


def _example(entry: Published, library: Catalogue) -> str:
    found = example(entry, library)
    if found is not None:
        return f"{_answer(found)}\n\n{fenced(found.command)}"
    if entry.form is None:
        return ""
    return f"Fit it to runs of your own:\n\n{fenced(f'isoloss fit runs.csv --law {entry.id}')}"


def _answer(found: Example) -> str:
    unit = f" {prose(found.unit)}" if found.unit not in ("", "fraction") else ""
    unit = unit if found.converts else unit and f" ({unit.strip()})"
    text = f"This gives {short(float(f'{found.value:.3g}'))}{unit}"
    if found.unknown:
        names = ", ".join(code(name) for name in found.unknown)
        text += f" (no range is known for {names}, so its value only fills the place)"
    return f"{text}:"
