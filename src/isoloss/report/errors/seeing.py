"""Section: questions with two answers, where seeing better is told from saying yes more often."""

from __future__ import annotations

from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import Hallucination
from isoloss.report.errors.lines_figure import Measure, lines_figure, measures_table
from isoloss.report.errors.part import Drawn, Part, packaged, part
from isoloss.report.errors.roc_figure import roc_figure
from isoloss.report.errors.words import measured
from isoloss.report.model import Block, Text

_ORDER = ("accuracy", "false_yes", "false_no", "yes_ratio", "f1", "sensitivity", "criterion")


def seeing_part(study: ErrorStudy) -> Part | str:
    """For every pair of answers: the path, d' and c by size, and all measures."""
    if not study.hallucination:
        return study.missing.get("hallucination", "no questions are answered with yes or no")
    pieces: list[Block | Drawn | None] = []
    for kind in study.hallucination:
        pieces += _kind(study, kind)
    pieces += packaged(study) if study.is_trend else ()
    return part("seeing", "Seeing and saying", *pieces)


def _kind(study: ErrorStudy, kind: Hallucination) -> list[Block | Drawn | None]:
    both = f"“{kind.positive}” and “{kind.negative}”"
    left = (
        f" {kind.left_out:,} more of this kind were not answered with one of the two by some model."
        if kind.left_out
        else ""
    )
    pieces: list[Block | Drawn | None] = [
        Text(f"{kind.n:,} questions are answered with {both} by every model.{left}")
    ]
    flag = any(one.code == "bias-shift" for one in study.flags)
    pieces += [Text(f"{notice.message.capitalize()}.") for notice in _own(kind)]
    pieces += [roc_figure(study, kind), _signal(study, kind, flag)]
    found = [
        Measure(_title(name, kind), kind.measures[name], name not in ("sensitivity", "criterion"))
        for name in _ORDER
        if name in kind.measures
    ]
    return [*pieces, measures_table(study, found)]


def _own(kind: Hallucination) -> list:
    return [one for one in kind.notices if one.code == "single-gold-class"]


def _title(name: str, kind: Hallucination) -> str:
    return {
        "accuracy": "accuracy",
        "false_yes": f"wrongly “{kind.positive}”",
        "false_no": f"wrongly “{kind.negative}”",
        "yes_ratio": f"“{kind.positive}” in all",
        "f1": f"F1 of “{kind.positive}”",
        "sensitivity": "sensitivity d'",
        "criterion": "criterion c",
    }[name]


def _signal(study: ErrorStudy, kind: Hallucination, flag: bool) -> Drawn | None:
    """d' and c side by side."""
    if "sensitivity" not in kind.measures:
        return None
    seen, leaning = kind.measures["sensitivity"], kind.measures["criterion"]
    said = "Bias shift without sensitivity change: " if flag else ""
    ends = (seen.values[0], seen.values[-1], leaning.values[0], leaning.values[-1])
    return lines_figure(
        study,
        f"signal-{kind.positive}",
        "Sensitivity and criterion",
        [
            Measure("sensitivity d'", seen, zero=True),
            Measure("criterion c", leaning, zero=True),
        ],
        shows="Sensitivity d' is how far apart a model holds the two kinds of questions; the "
        f"criterion c is its leaning: below zero towards “{kind.positive}”, above zero towards "
        f"“{kind.negative}” (Green and Swets 1966).",
        conclusion=f"{said}d' from {measured(ends[0])} to {measured(ends[1])}, c from "
        f"{measured(ends[2])} to {measured(ends[3])}.",
    )
