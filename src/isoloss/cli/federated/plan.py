"""`isoloss federated plan`: the best size among K clients, and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.federated import network as net
from isoloss.cli.federated.options import Report
from isoloss.cli.options import NOT_TRUSTED, Json, Strict, read_amount, read_point
from isoloss.cli.output import print_json, print_line, print_notices, print_table
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.federated.law import FederatedLaw
    from isoloss.federated.plan import Choice, FederatedPlan, FederatedPlans

_LAW = "The law"


def plan(
    clients: Annotated[str, typer.Option(metavar="K", help="8, several as 1,8,64, or 1:64.")],
    law: Annotated[
        str,
        typer.Option(
            metavar="LAW|FIT.json", help="A published law such as hoffmann2022_a3, or a saved fit."
        ),
    ],
    flops: Annotated[str | None, typer.Option(help="Compute of all clients together.")] = None,
    flops_per_client: Annotated[str | None, typer.Option(help="Compute of one client.")] = None,
    time: Annotated[
        str | None, typer.Option(help="Time budget, such as 10d: size, K and steps are chosen.")
    ] = None,
    loss: Annotated[
        str | None, typer.Option(help="Target loss: size, K and steps are chosen for time.")
    ] = None,
    rho: Annotated[
        str | None,
        typer.Option(
            metavar="0.4|0.2:0.6|reconstruction|diloco|ideal",
            help="Federation exponent; the whole range if not given.",
            rich_help_panel=_LAW,
        ),
    ] = None,
    nu: Annotated[
        float | None, typer.Option(help="Complexity exponent.", rich_help_panel=_LAW)
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Other inputs of a published law.", rich_help_panel=_LAW),
    ] = None,
    set_: Annotated[
        str | None,
        typer.Option("--set", help="Which set of its numbers.", rich_help_panel=_LAW),
    ] = None,
    any_evidence: Annotated[
        bool,
        typer.Option("--any-evidence", help="Also numbers below secondary.", rich_help_panel=_LAW),
    ] = False,
    flop: Annotated[
        float, typer.Option(help="FLOP for each parameter and token.", rich_help_panel=_LAW)
    ] = 6.0,
    participation: Annotated[float, typer.Option(help="Share of clients in a round.")] = 1.0,
    local_steps: Annotated[
        str | None, typer.Option(metavar="H", help="Steps between synchronisations.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="Tokens of one client in one local step.")
    ] = None,
    dirichlet_alpha: Annotated[
        float | None, typer.Option(help="How unlike the clients' data are, for a law fitted so.")
    ] = None,
    memory: Annotated[str | None, typer.Option(help="Of a client: 16GB.")] = None,
    bytes_per_param: Annotated[float, typer.Option(help="That training keeps.")] = 16.0,
    size: Annotated[str | None, typer.Option(help="Hold the parameters: 1B.")] = None,
    stragglers: net.Stragglers = None,
    device: net.Device = None,
    link: net.Link = None,
    utilisation: net.Utilisation = None,
    client_flops: net.ClientFlops = None,
    up: net.Up = None,
    down: net.Down = None,
    server: net.Server = None,
    latency: net.Latency = None,
    up_bytes: net.UpBytes = None,
    down_bytes: net.DownBytes = None,
    accelerators: net.Accelerators = None,
    accelerator_flops: net.AcceleratorFlops = None,
    archetype: net.Archetype = None,
    inner: net.Inner = None,
    outer: net.Outer = None,
    inner_latency: net.InnerLatency = None,
    outer_latency: net.OuterLatency = None,
    algorithm: net.Algorithm = None,
    fragments: net.Fragments = None,
    overlap_steps: net.OverlapSteps = None,
    outer_bytes: net.OuterBytes = None,
    report: Report = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Find the best size among K clients: its loss, what it costs, and what binds it."""
    given = locals()
    from isoloss import store
    from isoloss.federated import federated_law
    from isoloss.federated.network import build_network, read_bytes
    from isoloss.federated.setting import read_clients

    network, own_memory = build_network({name: given[name] for name in net.NAMES})
    made = federated_law(
        law,
        rho=rho,
        nu=nu,
        at=read_point(at) if at else None,
        coefficients=set_,
        any_evidence=any_evidence,
    )
    options: dict[str, Any] = {
        "participation": participation,
        "batch": read_amount(batch, "D", "--batch") if batch else None,
        "dirichlet_alpha": dirichlet_alpha,
        "network": network,
        "client_memory": read_bytes(memory, "--memory") if memory else own_memory,
        "bytes_per_param": bytes_per_param,
        "flop": flop,
    }
    total = read_amount(flops, "C", "--flops") if flops else None
    asked = read_clients(clients)
    inputs = {"law": law, "clients": clients, "rho": rho, "flops": flops}
    inputs |= {"flops_per_client": flops_per_client, "time": time, "loss": loss}
    if time or loss:
        if flops_per_client or size:
            raise InputError("--time and --loss go with --flops at most, not with the others")
        answer: Any = _chosen(made, asked, total, local_steps, time, loss, options)
        kind, plans = "federated-choice@1", [answer.plan]
    else:
        from isoloss.federated.plan import plan_federated

        each = flops_per_client
        answer = plan_federated(
            made,
            clients=asked,
            flops=total,
            flops_per_client=read_amount(each, "C", "--flops-per-client") if each else None,
            local_steps=local_steps,
            size=read_amount(size, "N", "--size") if size else None,
            **options,
        )
        one = isinstance(asked, int)
        kind = "federated-plan@1" if one else "federated-plans@1"
        plans = [answer] if one else list(answer.plans)
    if report:
        from isoloss.report.federated import federated_report

        federated_report(answer, law=made).save(report)
    if json:
        print_json(store.envelope(kind, inputs, answer.to_document(), answer.notices))
    else:
        show(answer)
        print_notices(answer.notices)
        if report:
            print_line("written", report)
    if strict and not all(found.trusted for found in plans):
        raise typer.Exit(NOT_TRUSTED)


def _chosen(
    law: FederatedLaw,
    clients: int | list[int],
    flops: float | None,
    local_steps: str | None,
    time: str | None,
    loss: str | None,
    options: dict[str, Any],
) -> Choice:
    from isoloss.federated.network.rates import read_seconds
    from isoloss.federated.plan import choose_federated

    if options["network"] is None or options["batch"] is None:
        raise InputError("--time and --loss need a network and --batch")
    steps = {} if local_steps is None else {"local_steps": local_steps}
    return choose_federated(
        law,
        clients=clients,
        flops=flops,
        time_budget_s=read_seconds(time, "--time") if time else None,
        target_loss=read_amount(loss, "loss", "--loss") if loss else None,
        **steps,  # pyright: ignore[reportArgumentType]
        **options,
    )


def show(answer: FederatedPlan | FederatedPlans | Choice) -> None:
    """Print one plan, several, or a choice."""
    from isoloss.federated.plan import Choice, FederatedPlans

    if isinstance(answer, FederatedPlans):
        _show_several(answer)
        return
    if isinstance(answer, Choice):
        _show_one(answer.plan)
        rows = [
            (str(c.clients), str(c.local_steps), f"{c.size:.4g}", f"{c.loss:.5g}", _hours(c))
            for c in answer.candidates
        ]
        print_table(
            "best by number of clients (reconstruction, arithmetic)",
            ["K", "H", "N", "loss", "time"],
            rows,
            right=(1, 2, 3, 4),
        )
        return
    _show_one(answer)


def _hours(candidate: Any) -> str:
    from isoloss.federated.plan.show import duration

    return duration(candidate.wall_clock_s)


def _show_one(answer: FederatedPlan) -> None:
    from isoloss.federated.plan import show as words

    print_line("plan for", words.question_line(answer))
    print_line("rho", words.rho_line(answer))
    level = f"{100 * answer.level:g} % interval"
    head = ["", "value", "over rho", level, "from"]
    print_table("", head, words.rows(answer), right=(1, 2, 3))
    for title, found in (("by rho", answer.scenarios), ("participation", answer.readings)):
        if found:
            head = [title, "N", "loss", "catch up", "from"]
            print_table("", head, words.scenario_rows(found), right=(1, 2, 3))
    print_line("from", words.from_line(answer))
    print_line("binds", words.binds_line(answer))
    style = {"inside": "green" if words.knows_clients(answer) else "yellow", "edge": "yellow"}
    print_line("place", words.place_line(answer), style.get(answer.place.status, "bold red"))


def _show_several(answer: FederatedPlans) -> None:
    from isoloss.federated.plan import show as words

    print_line("plans for", f"law {answer.plans[0].law['law']}")
    print_line("rho", words.rho_line(answer.plans[0]))
    rows = words.summary_rows(answer)
    print_table("", list(words.SUMMARY_HEAD), rows, right=(1, 2, 3, 4, 5, 6))
    print_line("from", words.from_line(answer.plans[-1]))
