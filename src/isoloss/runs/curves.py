"""`read_curves`: learning curves as runs, with what their schedules had done by every loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from isoloss.exceptions import IsolossError, RunsError
from isoloss.law import Law, find_law
from isoloss.notices import Notice
from isoloss.runs.cells import list_rows
from isoloss.runs.checks import problems
from isoloss.runs.mapping import assignments
from isoloss.runs.read import Pairs, read_runs
from isoloss.runs.runs import GUESSES, Runs
from isoloss.runs.schedule import DROPS, MOMENTUM, MOST_DROPS, areas, check_options, made

OPTIONS = ("step", "rate", "curve", "loss", "warmup", "drops", "momentum")
SCHEDULE = "schedule"


def read_curves(
    source: Any,
    *,
    step: str = "step",
    rate: str = "lr",
    curve: str | None = None,
    loss: str | None = None,
    warmup: float = 0.0,
    drops: int = DROPS,
    momentum: float = MOMENTUM,
    map: Pairs | None = None,
    groups: Pairs | None = None,
    **options: Any,
) -> Runs:
    """Read logged losses with their learning rates, and add the areas of the schedule.

    The rows that `where` leaves out are not seen: between two rows of a curve the rate is taken as
    straight, and before its first one as constant since the warm-up. So choose whole curves.

    Args:
        source: as `read_runs` takes it, one row a logged loss.
        step: column or expression of the step.
        rate: column or expression of the learning rate at that step.
        curve: column that tells curves apart; None for one curve.
        loss: column of the loss; by default guessed by its name.
        warmup: steps of a linear warm-up from zero. Rows within it are left out.
        drops: into how many parts the fall of a rate is cut: the law is then
            `multi_power(drops=16)`.
        momentum: of the annealing area, between 0 and 1.
        map: other quantities, such as `N=params`, for laws that also take those.
        groups: other roles, such as `seed=seed`.
        options: of `read_runs`: `where`, `units`, `weights`, ...

    Returns:
        Runs of the file's rows, with the columns `step`, `rate` and those of
        `isoloss.runs.schedule`: `S`, `S_1`, `S_2`, `drop_k`, `rate_k`, `since_k`. The curve is the
        group `run`, and `mapping["schedule"]` says how the columns were made.

    Raises:
        RunsError: a rate that rises after the warm-up, two rows of one curve at the same step, or
            an option out of its range.

    Example:
        >>> table = {"step": [100, 200, 300], "lr": [1e-3, 1e-3, 5e-4], "loss": [4.0, 3.7, 3.5]}
        >>> runs = read_curves(table, drops=1)
        >>> runs.columns["S"].tolist()
        [0.1, 0.2, 0.275]
    """
    check_options(warmup, drops, momentum)
    if options.get("keep", "all") == "last":
        raise RunsError(
            "keep 'last' leaves one row a curve, and the areas of its schedule need them all; "
            "leave keep out"
        )
    given = {"step": step, "rate": rate} | ({"loss": loss} if loss else {})
    asked = _joined(assignments(map, "map"), given, "map", made(drops))
    roles = _joined(assignments(groups, "groups"), {"run": curve} if curve else {}, "groups")
    read = _after_warmup(read_runs(source, map=asked, groups=roles, **options), warmup)
    columns = {name: values.copy() for name, values in read.columns.items()}
    columns |= {name: np.empty(len(read)) for name in made(drops)}
    late: list[str] = []
    for label, rows in _curves(read):
        order = rows[np.argsort(read.columns["step"][rows], kind="stable")]
        found = areas(
            read.columns["step"][order],
            read.columns["rate"][order],
            warmup=warmup,
            drops=drops,
            momentum=momentum,
            at=_Rows(read, order, label),
        )
        for name, values in found.items():
            columns[name][order] = values
        late += _starts_late(read, order, label, warmup)
    numbers = {"warmup": warmup, "drops": drops, "momentum": momentum}
    texts = {"step": step, "rate": rate} | ({"curve": curve} if curve else {})
    mapping = {**read.mapping, SCHEDULE: _written(texts, numbers)}
    runs = replace(read, columns=columns, mapping=mapping)
    return replace(runs, notices=(*read.notices, *_late(late), *_problems(runs, made(drops))))


def schedule_options(text: str) -> dict[str, Any]:
    """`step=step,rate=lr,curve=schedule,warmup=2160` as options of `read_curves`.

    Raises:
        RunsError: an unknown option, or text where a number is expected.
    """
    found: dict[str, Any] = {}
    for name, value in assignments(text, SCHEDULE).items():
        if name not in OPTIONS:
            close = get_close_matches(name, OPTIONS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(OPTIONS)}"
            raise RunsError(f"schedule: no option '{name}' (in {name}={value}); {hint}")
        found[name] = value
    for name, kind, example in (
        ("warmup", float, "a number of steps, as in warmup=2000"),
        ("drops", int, "a whole number, as in drops=16"),
        ("momentum", float, "a number between 0 and 1, as in momentum=0.999"),
    ):
        if name in found:
            try:
                found[name] = kind(found[name])
            except ValueError:
                raise RunsError(f"schedule: {name} takes {example}, got '{found[name]}'") from None
    return found


def with_drops(law: str | Law, drops: int | None = None) -> tuple[str | Law, int]:
    """A law with as many falls as the columns are to have, and how many that is.

    Args:
        law: as `find_law` takes it. `multi_power` gets the falls that are asked for, and
            `multi_power(drops=8)` says them itself; other laws are handed back as they came.
        drops: how many are asked for; None for whatever the law says, or else 16.

    Raises:
        RunsError: the law says another number than is asked for, or takes nothing of a schedule.
    """
    try:
        found = find_law(law)
    except IsolossError:
        # a formula waits for its columns, and what is wrong with a name is told when it is used
        return law, drops or DROPS
    sizes = {index.name: len(index.labels) for index in found.indices}
    _check_of_schedule(found)
    if "drops" not in sizes:
        return law, drops or DROPS
    if "(" not in found.id:
        count = DROPS if drops is None else drops
        check_options(0.0, count, MOMENTUM)
        return found.resized(drops=count), count
    if drops not in (None, sizes["drops"]):
        raise RunsError(
            f"schedule: drops={drops} is given, and the law {law} has {sizes['drops']} falls; "
            "keep one"
        )
    return found, sizes["drops"]


def _check_of_schedule(law: Law) -> None:
    """Refuse a law by name that takes sizes and data alone; a formula waits for its columns."""
    own = {"step", "rate", *made(MOST_DROPS)}
    if law.id != "custom" and not own & set(law.variable_names):
        raise RunsError(
            f"schedule: the law {law.id} takes {' and '.join(law.variable_names)}, and nothing of "
            "a schedule; say law annealing or multi_power, or a formula in S_1, S_2 or step"
        )


class _Rows:
    """How messages name a row of a curve: file, line and curve."""

    def __init__(self, runs: Runs, order: np.ndarray, label: str) -> None:
        self.runs, self.order, self.label = runs, order, label

    def __call__(self, row: int) -> str:
        runs = self.runs
        named = list_rows(runs.rows[self.order[row : row + 1]], runs.word)
        return f"{runs.source}, {named}" + (f", curve {self.label}" if self.label else "")


def _joined(
    given: Mapping[str, str], own: Mapping[str, str], option: str, taken: Sequence[str] = ()
) -> dict[str, str]:
    """What the schedule maps beside what the option maps, refusing a name that both give."""
    for name, text in given.items():
        if name in own and own[name] != text:
            key = "curve" if name == "run" else name
            raise RunsError(f"{option} says {name}={text} and schedule {key}={own[name]}; keep one")
        if name in taken:
            raise RunsError(
                f"{option}: '{name}' is made from the schedule and cannot be mapped to '{text}'; "
                "leave it out, or read a table that already has it without schedule"
            )
    return {**given, **own}


def _after_warmup(read: Runs, warmup: float) -> Runs:
    """The rows past the warm-up, with the guesses of the reading and a notice of what is left."""
    within = read.columns["step"] < warmup
    kept = tuple(notice for notice in read.notices if notice.code in GUESSES)
    if not within.any():
        return replace(read, notices=kept)
    if within.all():
        raise RunsError(
            f"{read.source}: the last step is {read.columns['step'].max():g}, and the warm-up "
            f"lasts {warmup:g} steps; no row is left"
        )
    notice = Notice(
        "warm-up-rows",
        f"{int(within.sum())} of {len(read)} rows lie within the warm-up of {warmup:g} steps and "
        "are left out",
        "these laws are for the losses after it",
    )
    return replace(read.select(~within), notices=(*kept, notice))


def _curves(read: Runs) -> list[tuple[str, np.ndarray]]:
    """Label and rows of every curve, in the order of appearance."""
    if "run" not in read.groups:
        return [("", np.arange(len(read)))]
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(read.groups["run"].tolist()):
        rows.setdefault(label, []).append(row)
    return [(label, np.array(found)) for label, found in rows.items()]


def _starts_late(read: Runs, order: np.ndarray, label: str, warmup: float) -> list[str]:
    """A curve whose first row is well after the warm-up: what came before is not known."""
    steps = read.columns["step"][order]
    between = float(np.median(np.diff(steps))) if len(steps) > 1 else 0.0
    gap = steps[0] - warmup
    if gap <= max(2 * between, 0.02 * steps[-1]):
        return []
    return [f"{label + ' ' if label else ''}from step {steps[0]:g}"]


def _late(curves: Sequence[str]) -> tuple[Notice, ...]:
    if not curves:
        return ()
    listed = ", ".join(curves[:4]) + (f" and {len(curves) - 4} more" if len(curves) > 4 else "")
    return (
        Notice(
            "schedule-starts-late",
            f"the first rows of {len(curves)} curve{'s' if len(curves) > 1 else ''} stand long "
            f"after the warm-up ({listed}); their rate is taken as constant before",
            "say warmup=STEPS if there was one, and bring the earlier rows if the rate fell",
        ),
    )


def _problems(runs: Runs, names: Sequence[str]) -> tuple[Notice, ...]:
    """The problems report; columns of falls that never come are one problem, not fifty."""
    columns = {k: v for k, v in runs.columns.items() if k not in (*names, "rate") or k == "S"}
    found = problems(replace(runs, columns=columns))
    if np.any(runs.columns["S_2"] > 0):
        return found
    flat = Notice(
        "constant-schedule",
        "the learning rate never falls in these curves, so S_2 and every drop are 0",
        "a law cannot learn what a fall does from them; add a curve whose rate falls",
    )
    return (*found, flat)


def _written(texts: Mapping[str, str], numbers: Mapping[str, float]) -> str:
    """The options as `schedule_options` reads them."""
    parts = {name: _quoted(text) for name, text in texts.items()}
    parts |= {name: f"{value:.15g}" for name, value in numbers.items()}
    return ",".join(f"{name}={value}" for name, value in parts.items())


def _quoted(text: str) -> str:
    try:
        whole = assignments(f"x={text}", SCHEDULE) == {"x": text}
    except RunsError:
        whole = False
    return text if whole else f"`{text}`"
