"""Section: what the change from the smallest to the largest model is made of."""

from __future__ import annotations

from isoloss.errors.study import ErrorStudy
from isoloss.report.errors.letters_figure import letters_figure
from isoloss.report.errors.lines_figure import Measure, lines_figure
from isoloss.report.errors.part import Drawn, Part, packaged, part
from isoloss.report.errors.waterfall_figure import share_figure, waterfall_figure
from isoloss.report.errors.words import joined, named, points
from isoloss.report.model import Text

# panels of other ways of asking
_MOST = 6


def change_part(study: ErrorStudy) -> Part:
    """Format and capability, tasks, letters, and other ways of asking."""
    gains = _gains(study)
    return part(
        "change",
        "What the change is made of",
        waterfall_figure(study),
        share_figure(study),
        letters_figure(study),
        gains,
        *(packaged(study) if gains and study.is_trend else ()),
        *(Text(f"{note}.", "note") for note in study.contrast.notes if "mode" not in note),
    )


def _gains(study: ErrorStudy) -> Drawn | None:
    """What every other way of asking brings."""
    found = study.gains[:_MOST]
    if not found:
        return None
    names = [_asked(study, place) for place in range(len(found))]
    shown = [
        Measure(f"{name}, gain in points", one.gain, share=True, zero=True)
        for name, one in zip(names, found, strict=True)
    ]
    ends = [
        f"{name} brings {points(one.gain.values[0])} at the smallest and "
        f"{points(one.gain.values[-1])} at the largest ({one.gain.slope.verdict}; {one.n:,} "
        "questions)"
        for name, one in zip(names, found, strict=True)
    ]
    return lines_figure(
        study,
        "gains",
        "Other ways of asking",
        shown,
        shows="Accuracy asked another way less accuracy asked this way, on the questions that "
        "were asked both ways, against parameters; intervals over questions."
        + (f" {len(study.gains) - _MOST} more are in report.json." if study.gains[_MOST:] else ""),
        conclusion=f"Asked another way: {joined(ends)}.",
    )


def _asked(study: ErrorStudy, place: int) -> str:
    """The condition of a gain; gains stand in the order of conditions."""
    missing = {name.removeprefix("gain of ") for name in study.missing}
    others = [
        name for name in study.items.conditions if name != study.condition and name not in missing
    ]
    return named(others[place], 30) if place < len(others) else f"way {place + 1}"
