"""A sentence about size and errors, checked against the answers of one family.

`larger models hallucinate less` names a direction and a measure; the trend of that measure (three
sizes or more) or the contrast of the two sizes says whether it is supported here, contradicted, or
cannot be told. A sentence that names no measure that answers can show is `not checkable`, which is
no verdict on it. Nothing here says that size is the cause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from isoloss.errors.labels import MODES
from isoloss.errors.study.measured import MEASURES, Measured, measured
from isoloss.errors.study.study import ErrorStudy
from isoloss.errors.study.words import joined, listed, points, size
from isoloss.exceptions import ItemsError

SUPPORTED, CONTRADICTED = "supported", "contradicted"
UNKNOWN, UNCHECKABLE = "cannot tell", "not checkable"
MORE, LESS, SAME = "more", "less", "the same"

_SMALLER = re.compile(
    r"\b(smaller|small|tiny|fewer parameters)\b[^,;]*\b(models?|ones|vlms?|llms?)\b"
)
_SUBJECT = re.compile(
    r"\b(larger|bigger|large|scaling|scale|scaled|size|sizes|growing|more parameters|"
    r"smaller|small|parameters?)\b"
)
_MORE = re.compile(
    r"\b(more|higher|better|greater|increases?|increased|rises?|grows?|improves?|improved|"
    r"often|stronger|gains?|larger (share|part|fraction))\b"
)
_LESS = re.compile(
    r"\b(less|fewer|lower|worse|decreases?|decreased|falls?|shrinks?|reduces?|reduced|declines?|"
    r"drops?|degrades?|smaller (share|part|fraction)|rarer|seldom|weaker)\b"
)
_SAME = re.compile(
    r"\b(no (effect|difference|change|trend|impact)|same|does not (change|depend|matter|affect|"
    r"help|improve|reduce)|do not (change|differ|improve)|unchanged|independent of|scale free|"
    r"regardless|flat|no better|no worse|not affect)\b"
)


_ALIKE = re.compile(r"\b(same|different|similar|correlated|diverse) (errors|mistakes|failures)\b")
# verbs that stand for a failure mode
_VERBS = {r"\brefus(e|es|al|als|ing)\b": "refusal", r"\btruncat\w*\b": "truncated"}
# a word before "errors" that is no count, quantity or pronoun names a kind of error
_KIND_OF_ERROR = re.compile(
    r"\b(?!(?:more|fewer|less|many|most|same|such|these|those|their|its|the|of|make|makes|making|"
    r"all|total|overall|in|and|or|by|with|own|other|different|common|model|models)\b)"
    r"([a-z]+) (?:errors?|mistakes?|failures?)\b"
)


@dataclass(frozen=True)
class Claim:
    """What a sentence says, as far as answers can show it.

    Attributes:
        text: the sentence.
        measure: key of `MEASURES`, or `mode:NAME` for the rate and `share:NAME` for the share of a
            failure mode.
        direction: of the measure with size: `more`, `less` or `the same`.
        task: the task that it is limited to, or empty.
    """

    text: str
    measure: str
    direction: str
    task: str = ""


@dataclass(frozen=True)
class ClaimVerdict:
    """A sentence and what the answers say of it.

    Attributes:
        claim: as it was read; None where it could not be.
        verdict: `supported`, `contradicted`, `cannot tell` or `not checkable`.
        because: the number that decides, or what is missing.
        scope: what the verdict is about.
        cautions: what a reader must know beside it.
    """

    text: str
    claim: Claim | None
    verdict: str
    because: str
    scope: str
    cautions: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "text": self.text,
            "claim": vars(self.claim) if self.claim else None,
            "verdict": self.verdict,
            "because": self.because,
            "scope": self.scope,
            "cautions": list(self.cautions),
        }

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.text}", f"  because  {self.because}"]
        lines += [f"  scope    {self.scope}"] if self.scope else []
        return "\n".join([*lines, *(f"  caution  {caution}" for caution in self.cautions)])


def check_claim(study: ErrorStudy, text: str) -> ClaimVerdict:
    """Check a sentence on one family.

    Args:
        study: of the family, whose models, questions and condition are the scope.
        text: such as `larger models hallucinate less` or `bigger models make more perception
            errors`.
    """
    read = read_claim(text, study.grid.modes, study.grid.task.values)
    if isinstance(read, str):
        return ClaimVerdict(text, None, UNCHECKABLE, read, "", ())
    try:
        found = measured(study, read.measure, read.task)
    except ItemsError as error:
        return ClaimVerdict(text, read, UNCHECKABLE, str(error), _scope(study, read), ())
    cautions = _cautions(study, read, found)
    return ClaimVerdict(text, read, _judge(read, found), found.says, _scope(study, read), cautions)


def read_claim(text: str, modes: tuple[str, ...] = (), tasks: tuple[str, ...] = ()) -> Claim | str:
    """What a sentence says, or why it cannot be read.

    Args:
        text: one sentence about size.
        modes: failure modes that it may name.
        tasks: tasks that it may be limited to.
    """
    plain = " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    if not _SUBJECT.search(plain):
        return "it says nothing of larger or smaller models"
    task = _named(plain, tasks)
    # what is said of small models is turned round
    turned = bool(_SMALLER.search(plain))
    rest = (
        _SMALLER.sub(" ", plain)
        if turned
        else re.sub(r"\b(larger|bigger) (?=models?|ones|vlms?|llms?)", " ", plain)
    )
    if _ALIKE.search(plain):
        return "whether errors are the same ones is measured pair by pair, without a trend"
    key = _measure(rest, modes)
    if key is None:
        return (
            "it names nothing that these answers can show; known are "
            + listed([words for _, words, *_ in MEASURES.values()], most=99)
            + (", and the failure modes " + listed(modes, most=99) if modes else "")
        )
    direction = _direction(rest, key)
    if direction is None:
        return "it does not say whether that is more, less or the same with size"
    if turned and direction != SAME:
        direction = LESS if direction == MORE else MORE
    return Claim(text, key, direction, task)


def _measure(plain: str, modes: tuple[str, ...]) -> str | None:
    """The first of `MEASURES` that is named; accuracy only where no failure mode is."""
    for key, (pattern, *_) in MEASURES.items():
        if key != "accuracy" and re.search(pattern, plain):
            return key
    mode = _named(plain, tuple(dict.fromkeys(m for m in (*modes, *MODES) if m != "correct")))
    for pattern, name in _VERBS.items():
        if not mode and re.search(pattern, plain):
            mode = name
    if not mode and (unknown := _KIND_OF_ERROR.search(plain)):
        mode = unknown.group(1)
    if mode:
        share = re.search(r"\b(share|part|fraction|proportion|mix)\b", plain)
        return f"share:{mode}" if share else f"mode:{mode}"
    return "accuracy" if re.search(MEASURES["accuracy"][0], plain) else None


def _direction(plain: str, key: str) -> str | None:
    if _SAME.search(plain):
        return SAME
    up, down = _MORE.search(plain), _LESS.search(plain)
    if key == "accuracy":
        # fewer errors is more accuracy
        of_errors = re.search(r"\b(errors?|mistakes?|fail(s|ures?)?)\b", plain)
        good = re.search(r"\b(better|improves?|improved|more accurate|higher accuracy)\b", plain)
        bad = re.search(r"\b(worse|degrades?|less accurate|lower accuracy)\b", plain)
        if good or bad:
            return MORE if good else LESS
        if of_errors and (up or down):
            return LESS if up else MORE
    if key == "calibration_error" and re.search(r"\b(better|well) calibrated\b", plain):
        return LESS
    if key == "calibration_error" and re.search(r"\b(worse|poorly|badly|less) calibrated\b", plain):
        return MORE
    if up is None and down is None:
        return None
    if up and down:
        return MORE if up.start() < down.start() else LESS
    return MORE if up else LESS


def _named(plain: str, names: tuple[str, ...]) -> str:
    """The longest of the names that stands in the sentence."""
    found = ""
    for name in names:
        words = " ".join(re.split(r"[\W_]+", name.lower())).strip()
        if words and re.search(rf"\b{re.escape(words)}\b", plain) and len(name) > len(found):
            found = name
    return found


def _judge(claim: Claim, found: Measured) -> str:
    if found.direction == UNKNOWN:
        return UNKNOWN
    return SUPPORTED if found.direction == claim.direction else CONTRADICTED


def _scope(study: ErrorStudy, claim: Claim) -> str:
    models = [f"{m.name} ({size(m.params)})" for m in study.grid.models]
    where = f", task {claim.task}" if claim.task else ""
    asked = "" if study.condition == "default" else f", asked {study.condition}"
    return f"{study.name}{where}{asked}: {joined(models)}; other models may differ"


def _cautions(study: ErrorStudy, claim: Claim, found: Measured) -> tuple[str, ...]:
    cautions: list[str] = list(found.cautions)
    split = study.contrast.split
    if claim.measure == "accuracy" and split.format_verdict in ("better", "worse"):
        cautions.append(
            f"{points(split.format)} of the change between the smallest and the largest is format "
            "(answers that can be read at all)"
        )
    if not study.is_trend:
        cautions.append("two sizes: a difference between two models, no trend")
    changes = study.confounding.confounded
    if changes:
        does = "changes" if len(changes) == 1 else "change"
        cautions.append(f"{listed(changes)} {does} with size: no effect of size alone")
    elif study.confounding.unknown:
        cautions.append("what else changes with size is not in the models file")
    return tuple(cautions)
