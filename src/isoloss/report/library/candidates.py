"""What the figure of a family could show: each published law with numbers, each form without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from isoloss import quantities
from isoloss.law import Law
from isoloss.law.families import Family
from isoloss.law.published import EVIDENCE, Coefficients, Published
from isoloss.law.published.entry import Input
from isoloss.report.library.axes import RELATIVE, Axis, axes, axis_words, target_of, words_of
from isoloss.report.library.catalogue import Catalogue, base_id
from isoloss.report.library.spans import Span, form_spans, spans

Value = Callable[[Mapping[str, np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Candidate:
    """A law that can be drawn.

    Attributes:
        id: of the published law or form.
        study: the part of the id that its laws share.
        typical: whether it is a form at typical values, without anybody's numbers.
        axis: what it is drawn against, and what it gives.
        words: its input for a person.
        second: the input that is varied where the law is alone; empty for none.
        spans: of every input, in base units.
        shares: inputs that are shares of one whole.
        value: the law: inputs in base units to the target in its base unit.
        sets: the same for other sets of its numbers, the default first, by name.
        weight: the smaller, the sooner it is drawn.
    """

    id: str
    study: str
    typical: bool
    axis: Axis
    words: str
    second: str
    spans: Mapping[str, Span]
    shares: tuple[str, ...]
    value: Value
    sets: Mapping[str, Value]
    weight: tuple[int, int]


def candidates(family: Family, library: Catalogue) -> list[Candidate]:
    """Everything of a family that can be drawn, the published laws first."""
    entries = [entry for entry in library.entries_of(family.id) if entry.usable]
    drawn = [(entry, _of_entry(entry, family, library)) for entry in entries]
    # a form with numbers is seen in a published law, on this page or another
    told = {base_id(e.form) for e in library.entries.values() if e.form and e.complete}
    told = set() if family.shapes else told
    forms = [law for law in library.forms_of(family.id) if law.id not in told]
    found = [found for _, found in drawn] + [_of_form(law, family) for law in forms]
    return [candidate for candidate in found if candidate is not None]


def _of_entry(entry: Published, family: Family, library: Catalogue) -> Candidate | None:
    chosen = entry.coefficients()
    known = _known(spans(entry, chosen, library))
    axis, second = axes(entry.law, family, known) if known else ("", "")
    if not axis or known is None or not chosen.numbers:
        return None
    target, target_kind, scale = target_of(chosen)
    missing = _factor(entry, chosen, known)
    if not chosen.complete:
        if missing is None:
            return None
        target, target_kind = f"{words_of(chosen.target)}, {RELATIVE}", ""
    words, kind, measure = axis_words(chosen.inputs[axis], entry.law, axis)
    others = {
        name: _value(entry, other, scale, missing)
        for name, other in entry.sets.items()
        if (other.unit, other.measured_in, other.target, other.unseen)
        == (chosen.unit, chosen.measured_in, chosen.target, chosen.unseen)
        and other.numbers
    }
    return Candidate(
        id=entry.id,
        study=entry.id.partition("_")[0],
        typical=False,
        axis=Axis(target, target_kind, axis, kind, measure),
        words=words,
        second=second,
        spans=known,
        shares=tuple(v.name for v in entry.law.variables if v.share),
        value=_value(entry, chosen, scale, missing),
        sets={entry.default: others[entry.default], **others},
        weight=(int(not known[axis].fitted), EVIDENCE.index(entry.level)),
    )


def _value(entry: Published, chosen: Coefficients, scale: float, missing: str | None) -> Value:
    factors = {name: i.factor for name, i in chosen.inputs.items()}
    numbers = {**chosen.values, **({missing: 1.0} if missing else {})}

    def value(at: Mapping[str, np.ndarray]) -> np.ndarray:
        inputs = {name: values / factors[name] for name, values in at.items()}
        return scale * entry.law({**inputs, **numbers})

    return value


def _factor(entry: Published, chosen: Coefficients, known: Mapping[str, Span]) -> str | None:
    """The one number that nobody read, where the law is in proportion to it."""
    if len(chosen.unseen) != 1:
        return None
    name = chosen.unseen[0]
    places = np.linspace(0.1, 0.9, 5)
    inputs = {
        key: np.array([span.at(share) for share in places]) / chosen.inputs[key].factor
        for key, span in known.items()
    }
    with np.errstate(all="ignore"):
        one, two = (entry.law({**inputs, **chosen.values, name: x}) for x in (1.0, 2.0))
        ratio = two / one
    return name if np.allclose(ratio, 2.0, rtol=1e-9) else None


def _known(found: Mapping[str, Span | None]) -> dict[str, Span] | None:
    """The spans, if there is one for every input."""
    known = {name: span for name, span in found.items() if span is not None}
    return known if len(known) == len(found) else None


def _of_form(law: Law, family: Family) -> Candidate | None:
    known = _known(form_spans(law))
    axis, second = axes(law, family, known) if known else ("", "")
    typical = {p.name: p.typical for p in law.parameters}
    if not axis or known is None or None in typical.values():
        return None
    variable = next(v for v in law.variables if v.name == axis)
    quantity = axis if axis in quantities.QUANTITIES else ""
    given = Input(axis, meaning=variable.meaning, quantity=quantity)
    words, kind, measure = axis_words(given, law, axis)
    if kind == "D" and "token" not in variable.meaning:
        words = words.replace("tokens", "data")

    # shapes are compared where their sizes are left out
    target = words_of(law.target) + (f", {RELATIVE}" if family.shapes else "")

    def value(at: Mapping[str, np.ndarray]) -> np.ndarray:
        return law({**at, **typical})

    return Candidate(
        id=law.id,
        study=law.id,
        typical=True,
        axis=Axis(target, "", axis, kind, measure),
        words=words,
        second=second,
        spans=known,
        shares=tuple(v.name for v in law.variables if v.share),
        value=value,
        sets={},
        weight=(2, 0),
    )
