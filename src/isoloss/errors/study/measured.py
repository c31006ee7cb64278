"""Measures that a sentence can be about: what each does with size, in this family."""

from __future__ import annotations

from dataclasses import dataclass

from isoloss.errors.contrasts import Estimate
from isoloss.errors.study.study import ErrorStudy
from isoloss.errors.study.words import mode_name, percent
from isoloss.errors.trends import MeasureTrend, Slope
from isoloss.exceptions import ItemsError

MORE, LESS, SAME, UNKNOWN = "more", "less", "the same", "cannot tell"

# key: what names it in a sentence, its name, and whether more of it is better
MEASURES: dict[str, tuple[str, str, bool]] = {
    "false_yes": (
        r"hallucinat\w*|false yes|not there|invent\w*",
        "hallucination (a false yes)",
        False,
    ),
    "yes_ratio": (r"say(s|ing)? yes|yes (bias|ratio)|answers? yes", "how often yes is said", False),
    "sensitivity": (r"sensitiv\w*|discriminat\w*|d'", "sensitivity (d')", True),
    "calibration_error": (r"calibrat\w*|overconfiden\w*", "calibration error", False),
    "regression": (r"regress\w*|lose what|lost items|forget\w*", "right answers lost", False),
    "format": (r"format\w*|readable|pars(e|ed|able)|instruction", "readable answers", True),
    "accuracy": (
        r"accura\w*|error|errors|mistake|mistakes|perform\w*|better|worse|improve\w*|degrade\w*",
        "accuracy",
        True,
    ),
}


@dataclass(frozen=True)
class Measured:
    """What a measure does with size.

    "The same" is a finding: the change was shown to lie within the margin that `says` gives.

    Attributes:
        name: in words.
        direction: `more`, `less`, `the same` (within the stated margin) or `cannot tell`.
        says: the numbers that it rests on.
        cautions: what goes with them.
    """

    name: str
    direction: str
    says: str
    cautions: tuple[str, ...] = ()


def measured(study: ErrorStudy, key: str, task: str = "") -> Measured:
    """Look a measure up.

    Args:
        study: of one family.
        key: of `MEASURES`, or `mode:NAME`, or `share:NAME`.
        task: for accuracy, a task.

    Raises:
        ItemsError: these answers cannot show it.
    """
    if task and key != "accuracy":
        raise ItemsError(
            f"by task only accuracy is known here, not {MEASURES.get(key, (0, key))[1]}"
        )
    if key == "accuracy":
        return _accuracy(study, task)
    if key.startswith(("mode:", "share:")):
        return _mode(study, *key.split(":", 1))
    if key == "format":
        return _format(study)
    if key == "regression":
        return _regression(study)
    if key == "calibration_error":
        if study.calibration is None or key not in study.calibration.measures:
            raise ItemsError("the answers have no probabilities of options, so no calibration")
        return _line(study.calibration.measures[key], MEASURES[key][1])
    return _binary(study, key)


def _accuracy(study: ErrorStudy, task: str) -> Measured:
    name = f"accuracy on {mode_name(task)}" if task else "accuracy"
    if study.is_trend:
        trend = study.accuracy.task(task) if task else study.accuracy.overall
        ends = trend.accuracy[0], trend.accuracy[-1]
        return Measured(name, _way(trend.slope), f"{name} {_ends(*ends)}; {_slope(trend.slope)}")
    found = study.contrast.accuracy
    if task:
        found = next(one for one in study.contrast.tasks if one.name == task)
    way = {"better": MORE, "worse": LESS, "same within margin": SAME}.get(found.verdict, UNKNOWN)
    margin = f", the same within {100 * study.contrast.margin:g} points" if way == SAME else ""
    return Measured(
        name,
        way,
        f"{name} {percent(found.small)} and {percent(found.large)}, a change of "
        f"{_points(found.change)}{margin}",
    )


def _binary(study: ErrorStudy, key: str) -> Measured:
    kinds = [kind for kind in study.hallucination if kind.positive in ("yes", "true")]
    if not kinds:
        raise ItemsError("there are no yes/no questions with both answers right somewhere")
    kind = next((k for k in kinds if k.positive == "yes"), kinds[0])
    words = MEASURES[key][1].replace("yes", kind.positive)
    if study.is_trend:
        return _line(kind.measures[key], words)
    bias = next((one for one in study.contrast.bias if one.positive == kind.positive), None)
    if bias is None:
        raise ItemsError("the two models have no yes/no questions in common")
    if key == "sensitivity":
        way = {"better": MORE, "worse": LESS, "same within margin": SAME}
        return Measured(
            words,
            way.get(bias.sensitivity_verdict, UNKNOWN),
            f"{words} changes by {bias.sensitivity.value:+.2f} "
            f"[{bias.sensitivity.low:.2f}, {bias.sensitivity.high:.2f}]",
        )
    pair = ("fpr", "false_yes") if key == "false_yes" else ("said", "yes_ratio")
    small, large = (getattr(signal, pair[0]) for signal in (bias.small, bias.large))
    change = kind.measures[key].slope
    # two sizes have one line through them: its interval over items is that of their difference
    way = UNKNOWN if not (change.low > 0 or change.high < 0) else MORE if change.value > 0 else LESS
    return Measured(words, way, f"{words}: {_ends(small, large)}; {_slope(change)}")


def _mode(study: ErrorStudy, view: str, name: str) -> Measured:
    words = (
        f"{mode_name(name)} as a share of errors"
        if view == "share"
        else f"rate of {mode_name(name)}"
    )
    if study.is_trend:
        trend = (
            None
            if study.modes is None
            else next((m for m in study.modes.overall.modes if m.name == name), None)
        )
        if trend is None:
            raise ItemsError(f"no error of this family is labelled '{name}'")
        values = trend.share if view == "share" else trend.rate
        slope = trend.share_slope if view == "share" else trend.rate_slope
        if slope is None or not values:
            raise ItemsError(f"the rate of '{name}' needs the number of questions")
        # the rate of a failure improves where it falls
        way = {"grows": MORE, "shrinks": LESS, "improves": LESS, "worsens": MORE, "flat": SAME}
        return Measured(
            words,
            way.get(slope.verdict, UNKNOWN),
            f"{words} {_ends(values[0], values[-1])}; {_slope(slope)}",
        )
    mix = study.contrast.modes
    mode = None if mix is None else next((m for m in mix.modes if m.name == name), None)
    if mode is None:
        raise ItemsError(f"no error of the two models is labelled '{name}'")
    change = mode.share_change if view == "share" else mode.rate_change
    ends = (
        (mode.share_small, mode.share_large)
        if view == "share"
        else (mode.rate_small, mode.rate_large)
    )
    way = UNKNOWN if not change.apart else MORE if change.value > 0 else LESS
    if view == "share" and mode.verdict == "same within margin":
        way = SAME
    return Measured(words, way, f"{words}: {_ends(*ends)}; change {_points(change)}")


def _format(study: ErrorStudy) -> Measured:
    split = study.contrast.split
    way = {"better": MORE, "worse": LESS, "same within margin": SAME}
    return Measured(
        "readable answers",
        way.get(split.format_verdict, UNKNOWN),
        f"readable answers {_ends(split.valid_small, split.valid_large)}; they account for "
        f"{_points(split.format)} of the change in accuracy",
    )


def _regression(study: ErrorStudy) -> Measured:
    flips = study.contrast.flips
    way = {"worse": MORE, "better": LESS, "same within margin": SAME}.get(flips.verdict, UNKNOWN)
    bound = " (an upper bound: chance is in it)" if flips.source == "upper bound" else ""
    return Measured(
        "right answers lost",
        way,
        f"{study.contrast.large.name} fails {percent(flips.regression.value)} of what "
        f"{study.contrast.small.name} got right{bound}",
    )


def _line(found: MeasureTrend, words: str) -> Measured:
    better = MEASURES.get(found.name, ("", "", True))[2]
    up, down = (MORE, LESS) if better else (LESS, MORE)
    way = {"improves": up, "worsens": down, "flat": SAME, "grows": MORE, "shrinks": LESS}
    first, last = found.values[0].value, found.values[-1].value
    ends = f"{first:.3f} at the smallest and {last:.3f} at the largest"
    return Measured(
        words, way.get(found.slope.verdict, UNKNOWN), f"{words}: {ends}; {_slope(found.slope)}"
    )


def _way(slope: Slope) -> str:
    return {"improves": MORE, "worsens": LESS, "flat": SAME}.get(slope.verdict, UNKNOWN)


def _ends(first: Estimate, last: Estimate) -> str:
    return f"{percent(first.value)} at the smallest and {percent(last.value)} at the largest"


def _points(found: Estimate) -> str:
    return f"{100 * found.value:+.1f} points [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _slope(slope: Slope) -> str:
    why = f"; {slope.reason}" if slope.reason else ""
    if slope.verdict == "flat":
        why = f", within the margin{why}"
    return (
        f"slope {slope.value:+.3f} {slope.unit} [{slope.low:.3f}, {slope.high:.3f}], "
        f"{slope.verdict}{why}"
    )
