"""How a federated plan prints: every number with its provenance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from isoloss.federated.network.timing import WORDS
from isoloss.federated.provenance import ARITHMETIC, RUNS, legend, letters

if TYPE_CHECKING:
    from isoloss.federated.plan.result import FederatedPlan, FederatedPlans, Scenario

LABELS = {
    "n_params": "parameters N",
    "tokens_total": "tokens, all clients",
    "tokens_per_client": "tokens, one client",
    "loss": "loss",
    "ratio_to_central": "N over one machine's",
    "loss_gap": "loss above one machine's",
    "compute_multiplier": "compute to catch up",
}


def number(value: float) -> str:
    """Five digits, or `never`."""
    return "never" if math.isinf(value) else f"{value:.5g}"


def band(plan: FederatedPlan, over: str, name: str) -> str:
    """A band in words; empty where there is none."""
    found = plan.bands.get(over, {}).get(name)
    if found is None or abs(found[1] - found[0]) <= 1e-9 * abs(found[1] or 1.0):
        return ""
    low, high = ("never" if math.isinf(end) else f"{end:.4g}" for end in found)
    return f"{low} to {high}"


def rows(plan: FederatedPlan) -> list[tuple[str, str, str, str, str]]:
    """Label, value, band over rho, interval of the law, provenance."""
    table = [
        (
            label,
            number(getattr(plan, name)),
            band(plan, "rho", name),
            band(plan, "law", name),
            letters(plan.provenance[name]),
        )
        for name, label in LABELS.items()
    ]
    if plan.rounds is not None:
        tags = letters(plan.provenance["rounds"])
        table.append(("rounds", number(plan.rounds), "", "", tags))
    if plan.timing is not None:
        tags = letters(plan.provenance["wall_clock_s"])
        table.append(("wall clock", duration(plan.timing.wall_clock_s), "", "", tags))
        table.append(("a round", duration(plan.timing.round_s), "", "", tags))
        table.append(("traffic", amount(plan.timing.traffic_bytes), "", "", tags))
    return table


def scenario_rows(found: tuple[Scenario, ...]) -> list[tuple[str, str, str, str, str]]:
    """Name, N, loss, compute to catch up, provenance."""
    return [
        (
            s.name,
            number(s.n_params),
            number(s.loss),
            number(s.compute_multiplier),
            letters(s.provenance),
        )
        for s in found
    ]


def question_line(plan: FederatedPlan) -> str:
    """What was asked."""
    budget = "flops" if "flops" in plan.question else "flops_per_client"
    each = "in total" if budget == "flops" else "a client"
    return (
        f"{plan.clients} client{'s' if plan.clients > 1 else ''}, "
        f"{plan.question[budget]:.4g} FLOP {each}, law {plan.law['law']}"
    )


def rho_line(plan: FederatedPlan) -> str:
    """The federation exponent in words."""
    r = plan.rho
    span = "" if r.low == r.high else f" ({r.low:.3g} to {r.high:.3g})"
    return f"{r.value:.4g}{span}: {r.meaning}   [{', '.join(r.provenance)}]"


def knows_clients(plan: FederatedPlan) -> bool:
    """Whether the runs that a plan is held against may say something of as many clients."""
    return plan.clients == 1 or RUNS in plan.rho.provenance


def place_line(plan: FederatedPlan) -> str:
    """Where the plan lies among the runs of its law, which may know nothing of clients."""
    described = plan.place.describe()
    if knows_clients(plan) or plan.place.status == "unknown":
        return described
    return (
        f"{described}; those runs are of one machine: N and all clients' D are held against them, "
        "and K is not among their inputs"
    )


def from_line(plan: FederatedPlan) -> str:
    """What the letters of a plan's tables mean."""
    others = (s.provenance for s in (*plan.scenarios, *plan.readings))
    return legend(*(plan.provenance[name] for name in LABELS), *others, (ARITHMETIC,))


def binds_line(plan: FederatedPlan) -> str:
    """What holds the plan down."""
    if plan.timing is None:
        return "the clients' memory" if plan.binds == "memory" else f"compute   [{ARITHMETIC}]"
    parts = sorted(plan.timing.parts.items(), key=lambda item: -item[1])
    total = plan.timing.wall_clock_s
    shares = ", ".join(f"{WORDS[k]} {100 * v / total:.0f} %" for k, v in parts if v > 0.005 * total)
    first = "the clients' memory holds N down; of the time: " if plan.binds == "memory" else ""
    return f"{first}{shares}   [{ARITHMETIC}]"


def duration(seconds: float) -> str:
    """Seconds, hours or days."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds:.4g} s"


def amount(number_of_bytes: float) -> str:
    """Bytes with a decimal prefix."""
    for unit, size in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number_of_bytes >= size:
            return f"{number_of_bytes / size:.4g} {unit}"
    return f"{number_of_bytes:.4g} B"


def text(plan: FederatedPlan) -> str:
    """The plan in a few lines."""
    head = ("", "value", "rho's range", f"{100 * plan.level:g} % interval", "from")
    lines = [f"federated plan: {question_line(plan)}", f"rho: {rho_line(plan)}"]
    lines += _aligned([head, *rows(plan)])
    for title, found in (("rho", plan.scenarios), ("participation", plan.readings)):
        if found:
            table = [(title, "N", "loss", "catch up", "from"), *scenario_rows(found)]
            lines += _aligned(table)
    lines += [f"from: {from_line(plan)}", f"binds: {binds_line(plan)}"]
    lines.append(f"place: {place_line(plan)}")
    lines += [f"note: {notice.message}" for notice in plan.notices]
    return "\n".join(lines)


def summary_rows(plans: FederatedPlans) -> list[tuple[str, ...]]:
    """One row a number of clients."""
    table = []
    for p in plans.plans:
        clock = duration(p.timing.wall_clock_s) if p.timing else ""
        table.append(
            (
                str(p.clients),
                number(p.n_params),
                band(p, "rho", "n_params"),
                number(p.loss),
                band(p, "rho", "loss"),
                number(p.compute_multiplier),
                clock,
                letters(p.provenance["n_params"]),
            )
        )
    return table


SUMMARY_HEAD = ("K", "N", "rho's range", "loss", "rho's range", "catch up", "time", "from")


def table_text(plans: FederatedPlans) -> str:
    """The plans as a table."""
    first = plans.plans[0]
    lines = [
        f"federated plans, law {first.law['law']}",
        f"rho: {rho_line(first)}",
        *_aligned([SUMMARY_HEAD, *summary_rows(plans)]),
        f"from: {from_line(plans.plans[-1])}",
    ]
    lines += [f"note: {notice.message}" for notice in plans.notices]
    return "\n".join(lines)


def _aligned(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if i in (0, len(row) - 1) else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
