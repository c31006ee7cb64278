"""Sections of a page of plans that are text and tables."""

from __future__ import annotations

import numpy as np

from isoloss.federated.plan import FederatedPlan
from isoloss.federated.plan.show import (
    LABELS,
    number,
    place_line,
    question_line,
    rho_line,
    scenario_rows,
)
from isoloss.federated.plan.show import rows as plan_rows
from isoloss.federated.provenance import MEANING, legend, letters
from isoloss.notices import Notice
from isoloss.report.errors.part import Part, part
from isoloss.report.federated.asked import Asked
from isoloss.report.federated.words import (
    ABSTRACT_ONLY,
    clients,
    count,
    lasting,
    listed,
    loss,
    sentence,
    times,
)
from isoloss.report.model import Answer, Block, Fact, Facts, Fold, Table, Text
from isoloss.report.numbers import scientific
from isoloss.store import version
from isoloss.trust.domain import OUTSIDE
from isoloss.trust.finding import CARE, STOP, USE


def lead(asked: Asked) -> tuple[Block, ...]:
    """What a hurried reader reads."""
    plan = asked.plans[-1]
    facts = (
        Fact("parameters N", count(plan.n_params), _band(plan, "n_params")),
        Fact("loss", loss(plan.loss), _band(plan, "loss")),
        Fact(
            "over one machine's N",
            number(float(f"{plan.ratio_to_central:.3g}")),
            _band(plan, "ratio_to_central"),
        ),
        Fact(
            "compute to catch up",
            number(float(f"{plan.compute_multiplier:.3g}"))
            + ("" if np.isinf(plan.compute_multiplier) else " ×"),
            _band(plan, "compute_multiplier"),
        ),
    )
    return Answer(_answer(asked), verdict(asked), f"{clients(plan.clients)}"), Facts(facts)


def verdict(asked: Asked) -> str:
    """Whether the plans lie within runs, with a rho that was chosen or fitted for so many."""
    if all(plan.trusted for plan in asked.plans):
        return USE
    outside = any(plan.place.status == OUTSIDE for plan in asked.plans)
    return STOP if outside else CARE


def _answer(asked: Asked) -> str:
    plan = asked.plans[-1]
    held = "each" if asked.per_client else "in total"
    compute = scientific(asked.question["flops_per_client" if asked.per_client else "flops"])
    among = "On one machine" if plan.clients == 1 else f"Among {plan.clients:,} clients"
    text = (
        f"{among} with {compute} FLOP {held}, {asked.law.name} at ρ = {plan.rho.value:.3g} puts "
        f"the size at {count(plan.n_params)} parameters and the loss at {loss(plan.loss)}."
    )
    if plan.clients > 1:
        text += (
            f" That is {number(float(f'{plan.ratio_to_central:.3g}'))} of one machine's size; "
            + (
                "no amount of compute reaches its loss at this size."
                if np.isinf(plan.compute_multiplier)
                else f"{times(plan.compute_multiplier)} the compute would reach its loss."
            )
        )
    if plan.timing is not None:
        text += f" On the network that was given it takes {lasting(plan.timing.wall_clock_s)}."
    return text


def _band(plan: FederatedPlan, name: str) -> str:
    """In the facts: over rho where that is a range, else the law's interval."""
    for over, words in (("rho", "over ρ"), ("law", f"{100 * plan.level:g} % interval")):
        found = between(plan, over, name)
        if found:
            return f"{found} {words}"
    if name == "n_params" and plan.binds == "memory":
        return "what memory holds"
    return "held" if name == "n_params" and "size" in plan.question else "no range is known"


def plan_part(asked: Asked) -> Part:
    """The numbers of the plans, what rests on what, and what to know."""
    last = asked.plans[-1]
    blocks: list[Block] = [Text(f"Asked: {question_line(last)}. ρ = {rho_line(last)}.")]
    if len(asked.plans) > 1:
        blocks.append(summary(asked.plans))
        blocks += [Fold(f"Every number of K = {p.clients:,}", (details(p),)) for p in asked.plans]
    else:
        blocks.append(details(last))
    for title, found in (("by ρ", last.scenarios), ("participation", last.readings)):
        if found:
            head = (title, "N", "loss", "catch up, times", "from")
            rows = tuple(
                (one.name, count(one.n_params, 5), *cells[2:])
                for one, cells in zip(found, scenario_rows(found), strict=True)
            )
            blocks.append(Table(head, rows, (1, 2, 3), f"K = {last.clients:,}, {title}"))
            blocks += [Text(f"{one.name}: {one.meaning}.", "note") for one in found]
    blocks.append(Text(sentence(f"Place of K = {last.clients:,}: {place_line(last)}"), "note"))
    return part("plan", "The plan", *blocks, *_notices(asked))


def summary(plans: tuple[FederatedPlan, ...]) -> Table:
    """A row for every K."""
    timed = any(plan.timing for plan in plans)
    head = ("K", "N", "over ρ", "loss", "over ρ", "catch up, times")
    rows = []
    for plan in plans:
        time = (lasting(plan.timing.wall_clock_s) if plan.timing else "",) if timed else ()
        rows.append(
            (
                f"{plan.clients:,}",
                quantity("n_params", plan.n_params),
                between(plan, "rho", "n_params"),
                number(plan.loss),
                between(plan, "rho", "loss"),
                number(plan.compute_multiplier),
                *time,
                letters(plan.provenance["n_params"]),
            )
        )
    columns = (*head, *(("time",) if timed else ()), "from")
    return Table(columns, tuple(rows), tuple(range(len(columns) - 1)), "Plans by K")


def details(plan: FederatedPlan) -> Table:
    """Every number of a plan."""
    rows = [
        (
            label,
            quantity(name, getattr(plan, name)),
            between(plan, "rho", name),
            between(plan, "law", name),
            letters(plan.provenance[name]),
        )
        for name, label in LABELS.items()
    ]
    # rounds and, with a network, what they take
    rows += plan_rows(plan)[len(LABELS) :]
    head = ("", "value", "over ρ", f"{100 * plan.level:g} % interval", "from")
    return Table(head, tuple(rows), (1, 2, 3), f"Plan for K = {plan.clients:,}")


def quantity(name: str, value: float, digits: int = 5) -> str:
    """A number of a plan: `1.8242B` for counts, five digits for the rest."""
    if name in ("n_params", "tokens_total", "tokens_per_client"):
        return count(value, digits)
    return number(float(f"{value:.{digits}g}"))


def between(plan: FederatedPlan, over: str, name: str) -> str:
    """A band in words; empty where there is none."""
    found = plan.bands.get(over, {}).get(name)
    if found is None or abs(found[1] - found[0]) <= 1e-9 * abs(found[1] or 1.0):
        return ""
    return f"{quantity(name, found[0], 4)} to {quantity(name, found[1], 4)}"


def _notices(asked: Asked) -> list[Block]:
    """Each kind once, as it stands for the largest K that it holds for."""
    latest: dict[str, tuple[Notice, list[int]]] = {}
    differ = set()
    for plan in asked.plans:
        for notice in plan.notices:
            before, of = latest.get(notice.code, (notice, []))
            latest[notice.code] = notice, [*of, plan.clients]
            if before != notice:
                differ.add(notice.code)
    for notice in asked.choice.notices if asked.choice else ():
        latest.setdefault(notice.code, (notice, []))
    blocks: list[Block] = []
    for notice, of in latest.values():
        text = sentence(f"{notice.message} ({notice.remedy})" if notice.remedy else notice.message)
        if 0 < len(of) < len(asked.plans):
            text = f"At K = {listed([f'{k:,}' for k in of])}: {text}"
        if notice.code in differ:
            text += " The numbers are those of the largest K."
        blocks.append(Text(text, "note"))
    return blocks


def choice_part(asked: Asked) -> Part | None:
    """The best of every number of clients, where the plan was chosen among them."""
    if asked.choice is None:
        return None
    table = Table(
        ("K", "local steps", "N", "tokens", "loss", "time"),
        tuple(
            (
                f"{c.clients:,}",
                f"{c.local_steps:,}",
                count(c.size),
                count(c.tokens),
                number(c.loss),
                lasting(c.wall_clock_s),
            )
            for c in asked.choice.candidates
        ),
        tuple(range(6)),
        "The best of every number of clients",
    )
    words = ", ".join(f"{name} {value:.4g}" for name, value in asked.choice.question.items())
    return part("choice", "What was chosen among", Text(sentence(f"Asked for {words}")), table)


def source_part(provenance: set[str], question: dict[str, object]) -> Part:
    """What the tags mean, what was asked, and by which version."""
    tags = Table(
        ("tag", "letter", "what it says"),
        tuple((tag, legend((tag,))[0], meaning) for tag, meaning in MEANING.items()
              if tag in provenance),
        (),
        "Provenance",
    )  # fmt: skip
    asked = Table(
        ("option", "value"),
        (*((name, _plain(value)) for name, value in question.items()), ("isoloss", version())),
        (),
        "What was asked",
    )
    return part("source", "Where the numbers come from", Text(ABSTRACT_ONLY), tags, asked)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(inner)}" for name, inner in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)
