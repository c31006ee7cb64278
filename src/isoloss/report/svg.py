"""Pieces of a figure written by hand as SVG: no script, and colours that follow the reader.

A README and a page of the documentation need no browser to make such a figure, and its text is the
same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np

from isoloss.report.theme import SANS

STYLE = f"""
text {{ font: 12px {SANS}; fill: #5a626b; }}
.title {{ font-size: 14px; font-weight: 600; fill: #22262b; }}
.grid {{ stroke: #5a626b; stroke-opacity: .16; }} .runs {{ fill: #808892; fill-opacity: .13; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #a4abb3; }} .title {{ fill: #e8e5de; }} .grid {{ stroke: #a4abb3; }}
}}
"""

Scale = Callable[[np.ndarray], np.ndarray]


def document(width: int, height: int, words: str, parts: list[str], style: str = STYLE) -> str:
    """A whole figure; `words` say what it shows to who does not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>{escape(words)}</title>\n<style>{style}</style>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    """Words at a place, in pixels."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def line(a: np.ndarray, b: np.ndarray, x: Scale, y: Scale, colour: str, more: str = "") -> str:
    """A line through points (n,) and (n,) of the axes."""
    points = " ".join(f"{p:.1f},{q:.1f}" for p, q in zip(x(a), y(b), strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" {more}/>'


def log_scale(low: float, high: float, start: float, stop: float) -> Scale:
    """From values to pixels, even in the logarithm."""
    return lambda value: (
        start + np.log(np.asarray(value) / low) / np.log(high / low) * (stop - start)
    )


def linear_scale(low: float, high: float, start: float, stop: float) -> Scale:
    """From values to pixels."""
    return lambda value: start + (np.asarray(value) - low) / (high - low) * (stop - start)
