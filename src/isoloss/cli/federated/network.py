"""Options that describe a network, and how they become one."""

from __future__ import annotations

from typing import Annotated

import typer

STAR, RINGS = "Clients around a server", "Data centres"


def _star(help_: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(help=help_, metavar=metavar, rich_help_panel=STAR)


def _rings(help_: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(help=help_, metavar=metavar, rich_help_panel=RINGS)


Device = Annotated[str | None, _star("a100, h100, rtx4090, laptop or phone: speed and memory.")]
Link = Annotated[str | None, _star("home, mobile, campus or leased: rates and latency.")]
Utilisation = Annotated[str | None, _star("Share of the device's peak that is reached.")]
ClientFlops = Annotated[str | None, _star("FLOP/s that a client reaches.", "2TFLOP/s")]
Up = Annotated[str | None, _star("From a client.", "20Mb/s")]
Down = Annotated[str | None, _star("To a client.", "100Mb/s")]
Server = Annotated[str | None, _star("Of the server, each way; no limit if not given.", "1Gb/s")]
Latency = Annotated[str | None, _star("One way.", "50ms")]
UpBytes = Annotated[str | None, _star("Bytes a parameter that clients send; 4 is fp32.")]
DownBytes = Annotated[str | None, _star("Bytes a parameter that clients receive.")]
Stragglers = Annotated[
    str | None, typer.Option(help="Spread of ln(compute time) between clients, such as 0.3.")
]
Accelerators = Annotated[str | None, _rings("In all centres together.")]
AcceleratorFlops = Annotated[
    str | None, _rings("FLOP/s that one reaches; 300 TFLOP/s if not given.", "300TFLOP/s")
]
Archetype = Annotated[
    str | None, _rings("Between centres: high (400 Gb/s), medium (100) or low (10).")
]
Inner = Annotated[str | None, _rings("Within a centre; 400Gb/s if not given.", "400Gb/s")]
Outer = Annotated[str | None, _rings("Between centres.", "10Gb/s")]
InnerLatency = Annotated[str | None, _rings("Within a centre.", "0.1ms")]
OuterLatency = Annotated[str | None, _rings("Between centres.", "10ms")]
Algorithm = Annotated[str | None, _rings("diloco or data-parallel.")]
Fragments = Annotated[str | None, _rings("Fragments of a streamed synchronisation.")]
OverlapSteps = Annotated[str | None, _rings("Steps during which a fragment may travel.")]
OuterBytes = Annotated[str | None, _rings("Bytes a value between centres; 0.5 is 4-bit.")]

NAMES = (
    *("device", "link", "utilisation", "client_flops", "up", "down", "server", "latency"),
    *("up_bytes", "down_bytes", "stragglers", "accelerators", "accelerator_flops", "archetype"),
    *("inner", "outer", "inner_latency", "outer_latency", "algorithm", "fragments"),
    *("overlap_steps", "outer_bytes"),
)
