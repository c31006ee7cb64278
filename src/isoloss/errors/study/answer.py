"""The answer in one paragraph, read off the verdicts and never stronger than they are."""

from __future__ import annotations

from isoloss.errors.contrasts import Contrast
from isoloss.errors.study.study import ErrorStudy
from isoloss.errors.study.words import counted, listed, mode_name, percent, points, size, span

IMPROVES, WORSENS, FLAT, UNKNOWN = "improves", "worsens", "flat", "cannot tell"
# right answers of the smaller model below which nothing is said of how many are lost
FEWEST_RIGHT = 10
# a failure mode below this share of the errors at either end is left to the tables
WORTH = 0.02
_DOES = {IMPROVES: "rises with size", WORSENS: "falls with size", FLAT: "is flat over size"}


def answer(study: ErrorStudy) -> str:
    """What size does to the errors of this family, in a few sentences."""
    sentences = [
        _scope(study),
        *(_trend(study) if study.is_trend else _pair(study)),
        _constant(study),
        _format(study.contrast),
        *_modes(study),
        *_bias(study),
        _flips(study.contrast),
        _confounded(study),
        _untold(study),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _scope(study: ErrorStudy) -> str:
    models, questions = study.grid.shape
    tasks = len(study.accuracy.tasks)
    of = f" of {tasks} tasks" if tasks > 1 else ""
    params = [model.params for model in study.grid.models]
    asked = "" if study.condition in ("default", "") else f" ({study.condition.replace('_', ' ')})"
    return (
        f"{models} sizes of {study.family}, {size(params[0])} to {size(params[-1])}, answered the "
        f"same {questions:,} questions{of}{asked}."
    )


def _trend(study: ErrorStudy) -> list[str]:
    trend = study.accuracy.overall
    first, last = trend.accuracy[0], trend.accuracy[-1]
    slope = trend.slope
    ends = f"{percent(first.value)} at the smallest, {percent(last.value)} at the largest"
    number = f"{slope.value:+.2f} logits a decade [{slope.low:.2f}, {slope.high:.2f}]"
    if slope.verdict == UNKNOWN:
        why = f": {slope.reason}" if slope.reason else ""
        found = [f"Whether accuracy moves with size cannot be told ({ends}; {number}{why})."]
    else:
        found = [f"Accuracy {_DOES[slope.verdict]}: {ends}, {number}."]
    if len(study.accuracy.tasks) > 1:
        up, down, flat = (study.accuracy.with_verdict(v) for v in (IMPROVES, WORSENS, FLAT))
        total = len(study.accuracy.tasks)
        rest = total - len(up) - len(down) - len(flat)
        named = f" ({listed(up)})" if up else ""
        worse = (
            f"{counted(len(down), 'gets', 'get')} worse ({listed(down)})"
            if down
            else "none is shown to get worse"
        )
        found.append(
            f"Of {total} tasks {counted(len(up), 'improves', 'improve')}{named}, {worse}, "
            f"{counted(len(flat), 'is flat', 'are flat')}"
            + (f", and for {rest} it cannot be told." if rest else ".")
        )
    bent = [s for s in study.shapes if s.verdict in ("U-shaped", "inverted U", "inverse")]
    if bent:
        found.append(
            "Against the trend: " + listed([f"{s.name} ({s.verdict})" for s in bent]) + "."
        )
    return found


def _pair(study: ErrorStudy) -> list[str]:
    change = study.contrast.accuracy
    numbers = f"{percent(change.small)} against {percent(change.large)}, {points(change.change)}"
    said = {
        "better": f"The larger is more accurate: {numbers}.",
        "worse": f"The larger is less accurate: {numbers}.",
        "same within margin": f"Their accuracy is the same within "
        f"{100 * study.contrast.margin:g} points: {numbers}.",
    }.get(change.verdict, f"Whether one is more accurate cannot be told: {numbers}.")
    better = [task.name for task in study.contrast.tasks if task.verdict == "better"]
    worse = [task.name for task in study.contrast.tasks if task.verdict == "worse"]
    found = [said, "Two sizes allow a comparison and no trend."]
    if len(study.contrast.tasks) > 1:
        total = len(study.contrast.tasks)
        named = f" ({listed(better)})" if better else ""
        gained = f"{counted(len(better), 'is', 'are')} shown better{named}"
        lost = counted(len(worse), "is shown worse", "are shown worse")
        lost += f" ({listed(worse)})" if worse else ""
        found.append(f"Of {total} tasks {gained}, {lost}.")
    return found


def _constant(study: ErrorStudy) -> str:
    """Tasks in which one answer is always right show a leaning and nothing else."""
    single = [rate.task for rate in study.base_rates if rate.single]
    if not single:
        return ""
    total = len(study.accuracy.tasks) or 1
    where = f"In {len(single)} of {total} tasks ({listed(single)})" if total > 1 else "Here"
    return (
        f"{where} one answer is always right, so accuracy there only tells how readily a model "
        "gives it."
    )


def _format(contrast: Contrast) -> str:
    split = contrast.split
    if split.format_verdict not in ("better", "worse"):
        return ""
    return (
        f"Of the change from {contrast.small.name} to {contrast.large.name}, "
        f"{points(split.format)} is format (answers that can be read at all) and "
        f"{points(split.capability)} is accuracy among readable answers."
    )


def _modes(study: ErrorStudy) -> list[str]:
    if study.is_trend and study.modes is not None:
        overall = study.modes.overall
        worth = [m for m in overall.modes if max(m.share[0].value, m.share[-1].value) >= WORTH]
        grows = [m for m in worth if m.share_slope.verdict == "grows"]
        shrinks = [m for m in worth if m.share_slope.verdict == "shrinks"]
        if overall.verdict == "changes" or grows or shrinks:
            told = [
                f"{mode_name(m.name)} {'grows' if m in grows else 'shrinks'} from "
                f"{percent(m.share[0].value, 0)} to {percent(m.share[-1].value, 0)}"
                for m in (*grows, *shrinks)
            ]
            what = f": {listed(told)} of the errors" if told else ""
            return [f"The mix of mistakes changes with size{what}."]
        if overall.verdict == FLAT:
            return ["The mix of mistakes is the same at every size, within the margin."]
        why = f" ({overall.reason})" if overall.reason else ""
        return [f"Whether the mix of mistakes changes with size cannot be told{why}."]
    mix = study.contrast.modes
    if mix is None:
        return []
    changed = [
        m
        for m in mix.modes
        if m.verdict == "changed" and max(m.share_small.value, m.share_large.value) >= WORTH
    ]
    if mix.verdict == "changed":
        told = [
            f"{mode_name(m.name)} from {percent(m.share_small.value, 0)} to "
            f"{percent(m.share_large.value, 0)}"
            for m in changed
        ]
        what = f": {listed(told)} of the errors" if told else ""
        return [f"The mix of mistakes differs{what}."]
    if mix.verdict == "same within margin":
        return ["The mix of mistakes is the same within the margin."]
    return ["Whether the mix of mistakes differs cannot be told."]


def _bias(study: ErrorStudy) -> list[str]:
    """Yes/no questions: what is seen and what is said are two things."""
    for finding in study.flags:
        if finding.code == "bias-shift":
            return [
                "On questions with two answers the leaning towards one of them changes with size "
                "while what is seen does not, so their accuracy hides the change."
            ]
    found = []
    for kind in study.hallucination:
        false = kind.measures.get("false_yes")
        if false is None or kind.positive != "yes" or not study.is_trend:
            continue
        first, last = false.values[0], false.values[-1]
        words = {
            IMPROVES: "falls with size",
            WORSENS: "rises with size",
            FLAT: "is flat over size",
        }.get(false.slope.verdict, "changes in a way that cannot be told from chance")
        found.append(
            f"Saying yes to what is not there {words}: {percent(first.value)} to "
            f"{percent(last.value)}."
        )
    return found


def _flips(contrast: Contrast) -> str:
    flips = contrast.flips
    if flips.regression.n * contrast.accuracy.small < FEWEST_RIGHT:
        return ""
    bound = (
        ", an upper bound: without a second run of one model, chance is in it"
        if flips.source == "upper bound"
        else ""
    )
    return (
        f"{contrast.large.name} fails {span(flips.regression, 0)} of what {contrast.small.name} "
        f"got right{bound}."
    )


def _confounded(study: ErrorStudy) -> str:
    changes = study.confounding.confounded
    if changes:
        does = "changes" if len(changes) == 1 else "change"
        return (
            f"This is size as packaged: {listed(changes)} {does} with it, so none of this is an "
            "effect of size alone."
        )
    return (
        "This is size as packaged: the models file does not say what else changes with it."
        if (study.confounding.unknown)
        else ""
    )


def _untold(study: ErrorStudy) -> str:
    """How fine these questions can see."""
    whole = study.power.overall
    small = [reach.paired for reach in study.power.tasks]
    text = (
        f"What cannot be seen here: a difference between two sizes below "
        f"{100 * whole.paired:.1f} points on all questions"
    )
    if len(small) > 1:
        low, high = f"{100 * min(small):.0f}", f"{100 * max(small):.0f}"
        reach = low if low == high else f"{low} to {high}"
        text += f", and below {reach} points in one task"
    return text + "."
