"""Real models to start from: sizes and data as their sources give them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _read() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "presets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["model"]


def presets() -> list[dict[str, Any]]:
    """Every model: `name`, `N`, `D` in `D_unit`, `kind`, `score`, `source`, `note`."""
    return [{"N": None, "D": None, "score": "", "note": "", **model} for model in _read()]
