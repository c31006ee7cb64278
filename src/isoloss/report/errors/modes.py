"""Section: which mistakes, as rates and as shares, against size."""

from __future__ import annotations

from collections.abc import Mapping

from isoloss.errors.contrasts import ModeMix
from isoloss.errors.labels.modes import MODES
from isoloss.errors.study import ErrorStudy
from isoloss.errors.trends import Mix
from isoloss.report.errors.modes_figure import modes_figure
from isoloss.report.errors.part import Part, capped, packaged, part
from isoloss.report.errors.words import (
    chance,
    ends,
    joined,
    many,
    measured,
    model_labels,
    named,
    number,
    related,
    shift,
)
from isoloss.report.model import Fold, Table, Text

RULES = "rules"


def modes_part(study: ErrorStudy, colours: Mapping[str, str]) -> Part | str:
    """The stacks, the slopes, the tasks; or why there is nothing.

    Args:
        study: whose mistakes these are.
        colours: of modes, shared by the pages of one report.
    """
    figure = modes_figure(study, colours)
    if study.modes is None or figure is None:
        return study.missing.get("modes", "no error has a failure mode")
    mix = study.modes.overall
    return part(
        "modes",
        "Which mistakes",
        figure,
        Text(_verdict(study, mix)),
        _slopes(mix) if study.is_trend else _changes(study.contrast.modes),
        _tasks(study),
        *(packaged(study) if study.is_trend else ()),
        _meanings(mix),
        Text(_source(study), "note"),
    )


def _verdict(study: ErrorStudy, mix: Mix) -> str:
    pair, said = study.contrast.modes, ""
    if study.is_trend:
        p = f": p {related(mix.p)} that no share changes along log size" if not mix.reason else ""
        said = f"{_mix(mix)}{p}. "
    if pair is None:
        return said.strip()
    labels = model_labels(study.grid.models)
    distance = pair.jensen_shannon
    word = {
        "changed": "their mixes differ",
        "same within margin": "their mixes are the same within the margin",
    }.get(pair.verdict, "whether their mixes differ cannot be told")
    return (
        f"{said}Between {labels[0]} and {labels[-1]} {word}: a Jensen-Shannon divergence of "
        f"{number(distance.value, 4)} bits, where exchanging their answers question by question "
        f"gives up to {number(distance.null_high, 4)} in {100 * study.level:g} % of "
        f"{pair.permutations:,} draws (p {related(distance.p)}; {pair.errors_small:,} and "
        f"{pair.errors_large:,} errors with a mode)."
    )


def mix_word(mix: Mix) -> str:
    """The verdict on the mix; where the share of one mode is shown to change, so is the mix."""
    moved = any(mode.share_slope.verdict in ("grows", "shrinks") for mode in mix.modes)
    return "changes" if moved else mix.verdict


def _mix(mix: Mix) -> str:
    moved = [
        f"{named(mode.name)} {mode.share_slope.verdict}"
        for mode in mix.modes
        if mode.share_slope.verdict in ("grows", "shrinks")
    ]
    why = f" ({mix.reason})" if mix.reason else ""
    if mix.verdict == "flat":
        return "The mix of mistakes is the same at every size, within the margin"
    if mix.verdict == "changes":
        return f"The mix of mistakes changes with size{': ' if moved else ''}{joined(moved)}"
    if moved:
        return (
            f"As a share of the errors, {joined(moved)}; whether the mix as a whole changes with "
            f"size cannot be told{why}"
        )
    return f"Whether the mix of mistakes changes with size cannot be told{why}"


def _slopes(mix: Mix) -> Table:
    rows = tuple(
        (
            named(mode.name),
            ends(mode.rate),
            measured(mode.rate_slope, 2, True),
            mode.rate_slope.verdict if mode.rate_slope else "",
            ends(mode.share, 0),
            measured(mode.share_slope, 2, True),
            mode.share_slope.verdict,
        )
        for mode in mix.modes
    )
    return capped(
        Table(
            (
                "failure mode",
                "of questions",
                "slope of the rate",
                "rate",
                "of errors",
                "slope of the share",
                "share",
            ),
            rows,
            (1, 2, 4, 5),
            f"Trends of failure modes over {mix.n:,} questions, smallest to largest size; slopes "
            "in logits a decade, verdicts adjusted for the number of modes. A rate that falls "
            "improves; a share grows or shrinks.",
            (3, 6),
        ),
        40,
    )


def _changes(pair: ModeMix | None) -> Table | None:
    if pair is None:
        return None
    rows = tuple(
        (
            named(mode.name),
            ends((mode.rate_small, mode.rate_large)),
            shift(mode.rate_change),
            ends((mode.share_small, mode.share_large), 0),
            shift(mode.share_change),
            chance(mode.q),
            mode.verdict,
        )
        for mode in pair.modes
    )
    return capped(
        Table(
            (
                "failure mode",
                "of questions",
                "change, points",
                "of errors",
                "change, points",
                "q",
                "share",
            ),
            rows,
            (1, 2, 3, 4, 5),
            f"Failure modes on {pair.n:,} questions, smallest to largest size; q is of the share, "
            "adjusted for the number of modes.",
            (6,),
        ),
        40,
    )


def _tasks(study: ErrorStudy) -> Fold | None:
    """Every task with enough errors to say something, those that change first."""
    if study.modes is None or len(study.modes.tasks) < 2 or not study.is_trend:
        return None
    found = sorted(study.modes.tasks, key=lambda one: one.verdict == "cannot tell")
    rows = tuple(
        (
            named(one.name),
            f"{min(one.errors):,} to {max(one.errors):,}",
            _moved(one, "grows"),
            _moved(one, "shrinks"),
            chance(one.p),
            one.verdict,
        )
        for one in found
    )
    changed = sum(one.verdict == "changes" for one in found)
    table = capped(
        Table(
            ("task", "errors", "grows", "shrinks", "p", "mix"),
            rows,
            (1, 4),
            "The mix of mistakes by task; errors with a mode, fewest to most of a model. These p "
            "are not adjusted for the number of tasks.",
            (5,),
        )
    )
    title = f"By task: the mix changes in {changed} of {many(len(found), 'task')}"
    return Fold(title, (Text(table.title, "note"), table))


def _moved(mix: Mix, word: str) -> str:
    found = [mode for mode in mix.modes if mode.share_slope.verdict == word]
    return joined([f"{named(mode.name)} {ends(mode.share, 0)}" for mode in found[:3]])


def _meanings(mix: Mix) -> Fold | None:
    rows = tuple(
        (named(mode.name), MODES[mode.name].says) for mode in mix.modes if mode.name in MODES
    )
    if not rows:
        return None
    return Fold("What the modes mean", (Table(("failure mode", "meaning"), rows),))


def _source(study: ErrorStudy) -> str:
    sources = tuple(study.items.labels)
    source = RULES if RULES in sources else sources[0] if sources else RULES
    if source == RULES:
        return (
            "Modes come from rules that look at answers alone: the first that fits decides. They "
            "cannot tell an error of perception from one of reasoning."
        )
    return f"Modes are the labels of the source “{named(source)}”."
