"""What laws are drawn against, what they give, and the words for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from isoloss import quantities
from isoloss.law import Law
from isoloss.law.families import Family
from isoloss.law.published import Coefficients, Input
from isoloss.report.library.spans import Span

_KINDS = {"parameters": "N", "data": "D", "compute": "C"}
_WORDS = {"parameters": "parameters", "data": "tokens", "compute": "compute"}
_TARGETS = {"N_opt": "best size N_opt", "D_opt": "best data D_opt", "M_opt": "best size M_opt"}
# what a share or score has no decades of
_EVEN = ("accuracy", "coverage", "reward")
_MEASURE = 34
_MEANING = 56
RELATIVE = "relative"


@dataclass(frozen=True)
class Axis:
    """What laws must share to be drawn in one panel.

    Attributes:
        target: what they give, with its unit.
        target_kind: how its values are written: `N`, `D`, `C`, or empty for plain numbers.
        name: the input that they are drawn against.
        kind: how its values are written.
        measure: its unit where that converts to nothing.
    """

    target: str
    target_kind: str
    name: str
    kind: str
    measure: str

    @property
    def even(self) -> bool:
        """Whether the target is drawn on an even scale whatever its values."""
        return self.target.startswith(_EVEN)

    @property
    def relative(self) -> bool:
        """Whether curves are drawn relative to their value at one place."""
        return self.target.endswith(RELATIVE)


def axes(law: Law, family: Family, known: Mapping[str, Span]) -> tuple[str, str]:
    """The input to draw against and the one to vary: those that the family is about come first."""
    wanted = [
        v.name
        for name in family.axis
        for v in law.variables
        if v.name == name or (v.over and v.name.startswith(f"{name}_"))
    ]
    wanted += [v.name for v in law.variables if v.log and v.name not in wanted]
    wanted += [v.name for v in law.variables if v.name not in wanted]
    wanted = [name for name in wanted if name in known]
    # the entries of a vector go together, so that none is varied beside the first
    vectors = {v.name for v in law.variables if v.over}
    rest = [name for name in wanted[1:] if name not in vectors]
    return (wanted[0] if wanted else "", rest[0] if rest else "")


def axis_words(known: Input, law: Law, axis: str) -> tuple[str, str, str]:
    """An input for a person, how its values are written, and a unit that converts to nothing."""
    variable = next((v for v in law.variables if v.name == axis), None)
    if variable is not None and variable.share:
        label = axis.partition("_")[2]
        return f"share of {'domain ' if label.isdigit() else ''}{label}", "", ""
    dimension = quantities.quantity(known.quantity).dimension if known.quantity else ""
    if known.unit and not dimension:
        dimension = quantities.unit(known.unit).dimension
    if dimension in _KINDS and known.measured_in:
        words = f"{_WORDS[dimension]} {axis}, {known.measured_in}"
        return _clipped(words, _MEANING), "", known.measured_in
    if dimension not in _KINDS:
        same = known.measured_in in known.meaning
        words = known.meaning if same else f"{known.meaning}, {known.measured_in}"
        return _clipped(words or axis, _MEANING), "", known.measured_in
    counted = quantities.unit(known.unit).counts if known.unit else None
    noun = _WORDS[dimension]
    if dimension == "data":
        noun = (known.counts or counted or noun).replace("-", " ")
    ending = ", FLOP" if dimension == "compute" else ""
    return f"{noun} {axis}{ending}", _KINDS[dimension], ""


def target_of(chosen: Coefficients) -> tuple[str, str, float]:
    """The target with its base unit, how its values are written, and base units in one of it."""
    words = words_of(chosen.target)
    if not chosen.unit:
        measure = chosen.measured_in
        if words in measure and len(measure) <= _MEASURE:
            return measure, "", 1.0
        if not measure or measure in words or len(measure) > _MEASURE:
            return words, "", 1.0
        return f"{words}, {measure}", "", 1.0
    unit = quantities.unit(chosen.unit)
    kind = _KINDS.get(unit.dimension, "")
    if kind:
        noun = unit.counts or {"N": "parameters", "C": "FLOP"}.get(kind, "tokens")
        return (words if noun in words else f"{words}, {noun}"), kind, unit.factor
    if unit.dimension == "fraction":
        return words, "", unit.factor
    # bits and nats of one denominator are the same axis
    return f"{words}, nats/{unit.per or 'token'}", "", unit.factor


def words_of(name: str) -> str:
    """The name of a target for a person."""
    if name in _TARGETS:
        return _TARGETS[name]
    return name if name[1:2] == "_" else name.replace("_", " ")


def _clipped(text: str, most: int) -> str:
    """A text cut at a stop within it or else between words."""
    text = text.partition(":")[0].partition(" (")[0].partition(";")[0]
    if len(text) <= most:
        return text
    head = text.partition(",")[0]
    if len(head) <= most:
        return head
    return head[:most].rpartition(" ")[0] + " ..."
