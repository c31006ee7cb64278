"""`20 Mb/s`, `16 GB` and `2 TFLOP/s` as numbers."""

from __future__ import annotations

import re

from isoloss.exceptions import PlanError

_SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18}
_BINARY = {"ki": 2.0**10, "mi": 2.0**20, "gi": 2.0**30, "ti": 2.0**40}
_NUMBER = r"\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*"


def read_rate(text: str, option: str) -> float:
    """Bits a second: `20e6`, `20 Mb/s`, `1 Gbit/s`, `100Mbps`; `12 MB/s` is bytes.

    Raises:
        PlanError: naming the option.
    """
    match = re.fullmatch(_NUMBER + r"(?:([kKmMgGtT]?)(b|bit|bits|B)(?:/s|ps))?", str(text).strip())
    if match is None:
        raise PlanError(
            f"{option} takes a rate such as 20Mb/s or 1Gb/s (B for bytes), got '{text}'"
        )
    number, scale, unit = match.groups()
    bits = 8 if unit == "B" else 1
    return _positive(float(number), option) * _SCALE[(scale or "").lower()] * bits


def read_bytes(text: str, option: str) -> float:
    """Bytes: `16e9`, `16 GB`, `24 GiB`.

    Raises:
        PlanError: naming the option.
    """
    match = re.fullmatch(_NUMBER + r"(?:([kKmMgGtT]i?)?(?:B|bytes))?", str(text).strip())
    if match is None:
        raise PlanError(f"{option} takes an amount such as 16GB or 24GiB, got '{text}'")
    number, scale = match.group(1), (match.group(2) or "").lower()
    return _positive(float(number), option) * {**_SCALE, **_BINARY}[scale]


def read_flops(text: str, option: str) -> float:
    """FLOP a second: `2e12`, `2 TFLOP/s`, `300TFLOPS`.

    Raises:
        PlanError: naming the option.
    """
    match = re.fullmatch(_NUMBER + r"(?:([kKmMgGtTpPeE]?)FLOP(?:/s|S|s))?", str(text).strip())
    if match is None:
        raise PlanError(f"{option} takes a speed such as 2e12 or 2TFLOP/s, got '{text}'")
    return _positive(float(match.group(1)), option) * _SCALE[(match.group(2) or "").lower()]


def read_seconds(text: str, option: str) -> float:
    """Seconds: `0.05`, `50 ms`, `9 h`, `3 d`.

    Raises:
        PlanError: naming the option.
    """
    units = {"": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
    match = re.fullmatch(_NUMBER + r"(us|ms|s|min|h|d|days?|hours?)?", str(text).strip())
    if match is None:
        raise PlanError(f"{option} takes a time such as 50ms, 9h or 3d, got '{text}'")
    unit = match.group(2) or ""
    unit = {"day": "d", "days": "d", "hour": "h", "hours": "h"}.get(unit, unit)
    return float(match.group(1)) * units[unit]


def _positive(number: float, option: str) -> float:
    if not 0 < number < float("inf"):
        raise PlanError(f"{option} must be positive, got {number:g}")
    return number
