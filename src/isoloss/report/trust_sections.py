"""The sections on trust: the verdict with every finding, and what the study states of itself."""

from __future__ import annotations

from collections.abc import Sequence

from isoloss.report.model import Block, Reason, Reasons, Section, Table, Text
from isoloss.report.numbers import plain, scientific, shown
from isoloss.report.study import Study
from isoloss.trust import Verdict
from isoloss.trust.checks import checklist
from isoloss.trust.expectation import PARTS


def verdict_section(study: Study) -> Section:
    """Every finding, with what to do."""
    blocks: list[Block] = [Text(f"In general: {study.general.answer}.")]
    places = [(f"For {scientific(e.budget)} FLOP", e.verdict) for e in study.budgets if e.plan]
    if study.point is not None:
        places.append(("At the point asked about", study.point))
    known = {(f.code, f.seen) for f in study.general.findings}
    found = [(f, "") for f in study.general.findings]
    for where, verdict in places:
        assert verdict.place is not None
        at = ", ".join(f"{name} = {shown(name, value)}" for name, value in verdict.place.at.items())
        near = (
            "inside the runs"
            if verdict.place.status == "inside"
            else verdict.place.status.replace("edge", "at the edge of the runs").replace(
                "outside", "outside the runs"
            )
        )
        blocks.append(Text(f"{where}, at {at}, {near}: {verdict.answer}."))
        found += [(f, f"{where}: ") for f in verdict.findings if (f.code, f.seen) not in known]
    blocks += _expectations([(where, verdict) for where, verdict in places])
    order = {"stop": 0, "care": 1, "note": 2}
    found.sort(key=lambda pair: order[pair[0].severity])
    if found:
        blocks.append(
            Reasons(
                tuple(Reason(f.severity, where + f.seen, f.why, f.remedy) for f, where in found)
            )
        )
    else:
        blocks.append(Text("Nothing was found that speaks against it."))
    return Section("verdict", "Verdict", tuple(blocks))


def _expectations(places: Sequence[tuple[str, Verdict]]) -> list[Block]:
    """What the law and a backtested mixture of forms foretell, place by place."""
    rows: list[tuple[str, ...]] = []
    level = target = ""
    for where, verdict in places:
        e = verdict.expectation
        if e is None:
            continue
        level, target = f"{100 * e.level:g} %", e.target
        heavy = " and ".join(list(e.weights)[:2])
        rows.append((where, "this law", plain(e.law, 4), _span(e.law_low, e.law_high), ""))
        parts = ", ".join(
            f"{PARTS[name]} {100 * share:.0f} %"
            for name, share in e.shares.items()
            if share > 0.005
        )
        rows.append(
            ("", f"all forms, mostly {heavy}", plain(e.value, 4), _span(e.low, e.high), parts)
        )
        for name, error in e.errors.items():
            told = "all forms" if name == "mixture" else name
            value = "" if name == "mixture" else plain(e.naive[name], 4)
            rows.append(("", f"{told}, in {e.tested[0]} backtests", value, "", _off(error)))
    if not rows:
        return []
    return [
        Text(
            "The law's own interval holds if its form is right. The one of all forms weighs them "
            "by what each foretold of the larger runs from the smaller, and counts where they part."
        ),
        Table(
            (
                "asked",
                "foretold by",
                target,
                f"{level} interval of one more run",
                "of which, or off by",
            ),
            tuple(rows),
            (2, 3),
            "What to expect",
        ),
    ]


def _span(low: float, high: float) -> str:
    return f"{plain(low, 4)} to {plain(high, 4)}" if low == low else "no draws"


def _off(error: float) -> str:
    return f"off by {100 * error:.2g} %"


def checklist_section(study: Study) -> Section:
    """What a reader needs to know of the study, and whether it is stated."""
    items = checklist(study.fit.runs, study.fit)
    omitted = sum(item.status == "omitted" for item in items)
    rows = tuple((item.group, item.item, item.status, item.where) for item in items)
    return Section(
        "checklist",
        "What the study states",
        (
            Text(
                f"{omitted} of {len(items)} items that a reader needs are not stated; the runs and "
                "the fit fill in the rest. State them when this is published, or in "
                "Facts(stated=...)."
            ),
            Table(("group", "item", "status", "where"), rows, (), "Checklist"),
            Text(
                "After the checklist of (Mis)Fitting, Li, Kudugunta and Zettlemoyer 2025, "
                "arXiv:2502.18969.",
                "note",
            ),
        ),
    )
