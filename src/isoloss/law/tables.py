"""Reading TOML tables that people write: every refusal names the file and the key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isoloss.exceptions import LawError


def load(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        LawError: no TOML, with the place.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LawError(f"{path.name}: {error}; correct the TOML") from None


def only(entry: Any, known: set[str], where: str) -> None:
    """Refuse what is no table, and keys that mean nothing."""
    if not isinstance(entry, dict):
        raise LawError(f"{where}: a table is expected, got {entry!r}")
    unknown = sorted(set(entry) - known)
    if unknown:
        raise LawError(
            f"{where}: unknown key '{unknown[0]}'; the keys are {', '.join(sorted(known))}"
        )


def table(entry: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """A table inside a table, empty where it is left out."""
    found = entry.get(key, {})
    if not isinstance(found, dict):
        raise LawError(f"{where}.{key}: a table is expected, got {found!r}")
    return found


def text(entry: Mapping[str, Any], key: str, where: str, otherwise: str = "") -> str:
    """A string."""
    value = entry.get(key, otherwise)
    if not isinstance(value, str):
        raise LawError(f"{where}: '{key}' has to be text, got {value!r}")
    return value


def texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of strings."""
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise LawError(f"{where}: '{key}' has to be a list of texts, got {value!r}")
    return tuple(value)


def boolean(entry: Mapping[str, Any], key: str, where: str, otherwise: bool) -> bool:
    """True or false."""
    value = entry.get(key, otherwise)
    if not isinstance(value, bool):
        raise LawError(f"{where}: '{key}' is true or false, got {value!r}")
    return value


def number(value: Any, where: str) -> float:
    """A finite number or infinity."""
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        raise LawError(f"{where}: a number is expected, got {value!r}")
    return float(value)


def pair(value: Any, where: str) -> tuple[float, float]:
    """Two numbers."""
    if not isinstance(value, list) or len(value) != 2:
        raise LawError(f"{where}: two numbers are expected, got {value!r}")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
        raise LawError(f"{where}: two numbers are expected, got {value!r}")
    return float(value[0]), float(value[1])


def pair_at(entry: Mapping[str, Any], key: str, where: str) -> tuple[float, float] | None:
    """Two numbers, or None where the key is left out."""
    return pair(entry[key], f"{where} {key}") if key in entry else None


def tables(entry: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """A list of tables."""
    entries = entry.get(key, [])
    if not isinstance(entries, list):
        raise LawError(f"{where} {key}: a list of tables is expected, got {entries!r}")
    return entries
