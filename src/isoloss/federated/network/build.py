"""A network from what a person writes: names of the catalogue, rates and times as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isoloss.exceptions import PlanError
from isoloss.federated.network.datacentres import (
    ACCELERATOR_FLOPS,
    ARCHETYPES,
    DATA_PARALLEL,
    DILOCO,
    Datacentres,
)
from isoloss.federated.network.devices import UTILISATION, device, link
from isoloss.federated.network.rates import read_flops, read_rate, read_seconds
from isoloss.federated.network.star import Star
from isoloss.federated.network.timing import Network

Reader = Callable[[str, str], float]


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PlanError(f"{option} takes a number, got '{text}'") from None


def _word(text: str, option: str) -> Any:
    if text not in (DILOCO, DATA_PARALLEL):
        raise PlanError(f"{option} is {DILOCO} or {DATA_PARALLEL}, got '{text}'")
    return text


# option -> (field, how its text is read)
STAR: dict[str, tuple[str, Reader]] = {
    "client_flops": ("client_flops", read_flops),
    "up": ("up_bps", read_rate),
    "down": ("down_bps", read_rate),
    "server": ("server_bps", read_rate),
    "latency": ("latency_s", read_seconds),
    "up_bytes": ("up_bytes", _number),
    "down_bytes": ("down_bytes", _number),
}
RINGS: dict[str, tuple[str, Reader]] = {
    "accelerators": ("accelerators", _number),
    "accelerator_flops": ("accelerator_flops", read_flops),
    "inner": ("inner_bps", read_rate),
    "outer": ("outer_bps", read_rate),
    "inner_latency": ("inner_latency_s", read_seconds),
    "outer_latency": ("outer_latency_s", read_seconds),
    "algorithm": ("algorithm", _word),
    "fragments": ("fragments", _number),
    "overlap_steps": ("overlap_steps", _number),
    "outer_bytes": ("outer_bytes", _number),
}
OF_STAR = ("device", "link", "utilisation")
OF_RINGS = ("archetype",)


def build_network(options: Mapping[str, str | None]) -> tuple[Network | None, float | None]:
    """The network that the options describe, and the memory of its device.

    Args:
        options: of `STAR` and `RINGS`, with `device`, `link` and `utilisation` for a star,
            `archetype` for rings (`high`, `medium` or `low`, between data centres) and
            `stragglers` for both; None where not given.

    Returns:
        None where no option is given.

    Raises:
        PlanError: options of both kinds, or too few for one.
    """
    given = {key: str(value) for key, value in options.items() if value is not None}
    spread = given.pop("stragglers", None)
    star = [key for key in given if key in STAR or key in OF_STAR]
    rings = [key for key in given if key in RINGS or key in OF_RINGS]
    if star and rings:
        raise PlanError(
            f"{_flag(star[0])} is for clients around a server and {_flag(rings[0])} for data "
            "centres; give options of one kind"
        )
    sigma = {} if spread is None else {"straggler_sigma": _number(spread, "--stragglers")}
    if rings:
        return _rings(given, sigma), None
    if star:
        return _star(given, sigma)
    if sigma:
        raise PlanError("--stragglers needs a network: --device and --link, or --accelerators")
    return None, None


def _star(given: Mapping[str, str], sigma: Mapping[str, float]) -> tuple[Network, float | None]:
    fields: dict[str, Any] = dict(sigma)
    memory = None
    if "link" in given:
        known = link(given["link"])
        fields |= {
            "up_bps": known.up_bps,
            "down_bps": known.down_bps,
            "latency_s": known.latency_s,
        }
    if "device" in given:
        machine = device(given["device"])
        share = _number(given.get("utilisation", str(UTILISATION)), "--utilisation")
        fields["client_flops"] = machine.reached(share)
        memory = machine.memory_bytes
    elif "utilisation" in given:
        raise PlanError("--utilisation is for a --device; state --client-flops as it is reached")
    fields |= _read(given, STAR)
    for field, remedy in (
        ("client_flops", "--device laptop or --client-flops 2TFLOP/s"),
        ("up_bps", "--link home or --up 20Mb/s"),
        ("down_bps", "--link home or --down 100Mb/s"),
    ):
        if field not in fields:
            raise PlanError(f"clients around a server need {field}: give {remedy}")
    return Star(**fields), memory


def _rings(given: Mapping[str, str], sigma: Mapping[str, float]) -> Network:
    fields: dict[str, Any] = {"accelerator_flops": ACCELERATOR_FLOPS, **sigma}
    fields["inner_bps"], fields["inner_latency_s"] = ARCHETYPES["high"]
    if "archetype" in given:
        if given["archetype"] not in ARCHETYPES:
            raise PlanError(f"--archetype is {', '.join(ARCHETYPES)}, got '{given['archetype']}'")
        fields["outer_bps"], fields["outer_latency_s"] = ARCHETYPES[given["archetype"]]
    fields |= _read(given, RINGS)
    for field, remedy in (
        ("accelerators", "--accelerators 1024"),
        ("outer_bps", "--archetype low or --outer 10Gb/s"),
    ):
        if field not in fields:
            raise PlanError(f"data centres need {field}: give {remedy}")
    return Datacentres(**fields)


def _read(given: Mapping[str, str], known: Mapping[str, tuple[str, Reader]]) -> dict[str, Any]:
    return {
        field: read(given[name], _flag(name))
        for name, (field, read) in known.items()
        if name in given
    }


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
