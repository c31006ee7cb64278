"""The picture of trust: `python -m isoloss.report.trusting OUT.svg`.

Two fits to the smaller runs of a ladder that ships with isoloss, one that foretells the larger runs
and one that does not, each beside the mixture of backtested forms. The larger runs were hidden from
both; zero is what they measured.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape

import numpy as np

from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN
from isoloss.report import svg
from isoloss.report.numbers import scientific
from isoloss.report.svg import Scale
from isoloss.report.theme import ACCENT, LAW
from isoloss.runs import Runs

_WIDTH, _HEIGHT = 880, 360
_TOP, _BOTTOM = 62, 300
_SIDES = ((72, 436), (508, 868))
# compute from which runs are hidden, and the law that is fitted to the others
GOOD = (2e12, "(A/N**a + B/D**b)**g", "A law with an outer exponent")
BAD = (1e12, "chinchilla", "Chinchilla's sum of two terms")
_STEP = 10.0


@dataclass(frozen=True, eq=False)
class Told:
    """Hidden runs by compute, and what was foretold of them, as a share of what they measured.

    Attributes:
        title: of the panel.
        answer: the verdict on the law at the largest hidden run.
        fitted: how many runs were fitted.
        beyond: how many times farther the largest hidden run reaches.
        compute: (n,) FLOP of every hidden run, ascending.
        law, mixture: (n, 3) centre, low and high, minus one.
    """

    title: str
    answer: str
    fitted: int
    beyond: float
    compute: np.ndarray
    law: np.ndarray
    mixture: np.ndarray


def told(runs: Runs, cut: float, law: str, title: str) -> Told:
    """Fit to runs below a compute, foretell those above."""
    from isoloss import find_law
    from isoloss.trust import predict_mixture

    compute = FLOP_PER_PARAMETER_TOKEN * runs.columns["N"] * runs.columns["D"]
    small = runs.select(compute < cut)
    hidden = np.flatnonzero(compute >= cut)
    large = runs.select(hidden[np.argsort(compute[hidden], kind="stable")])
    at = {name: large.columns[name] for name in ("N", "D")}
    fit = find_law(law).fit(small)
    own = fit.predict(at)
    mixed = predict_mixture(small, at, inputs=("N", "D"))
    measured = large.columns["loss"][:, None]
    return Told(
        title,
        fit.trust(at={name: float(values[-1]) for name, values in at.items()}).answer,
        len(small),
        float(compute.max() / compute[compute < cut].max()),
        np.sort(compute[hidden]),
        np.column_stack([own.value, own.run_low, own.run_high]) / measured - 1,
        np.column_stack([mixed.value, mixed.low, mixed.high]) / measured - 1,
    )


def trust_svg(panels: tuple[Told, Told]) -> str:
    """The picture, as SVG text."""
    ends = np.concatenate([np.concatenate([p.law, p.mixture]).ravel() for p in panels]) * 100
    low, high = float(np.floor(ends.min() / 5) * 5), float(np.ceil(ends.max() / 5) * 5)
    y = svg.linear_scale(low, high, _BOTTOM, _TOP)
    parts: list[str] = []
    for panel, sides in zip(panels, _SIDES, strict=True):
        parts += _panel(panel, sides, y, (low, high))
    words = (
        "What a law and a mixture of forms foretold of hidden larger runs, in percent of what they "
        "measured, with 90 % intervals; left a law that may be used, right one that may not."
    )
    return svg.document(_WIDTH, _HEIGHT, words, parts)


def _panel(panel: Told, sides: tuple[int, int], y: Scale, span: tuple[float, float]) -> list[str]:
    x = svg.linear_scale(-0.7, len(panel.compute) - 0.3, *sides)
    parts = [
        f'<text class="title" x="{sides[0]}" y="20">{escape(panel.title)}</text>',
        svg.text(
            sides[0],
            40,
            f"{panel.fitted} runs fitted, asked {panel.beyond:.0f} times beyond: {panel.answer}",
        ),
    ]
    for level in np.arange(np.ceil(span[0] / _STEP) * _STEP, span[1] + 1, _STEP):
        place = float(y(np.array(level)))
        more = ' style="stroke-opacity:.6"' if level == 0 else ""
        parts.append(f'<path class="grid" d="M{sides[0]} {place:.1f}H{sides[1]}"{more}/>')
        words = "measured" if level == 0 else f"{level:+.0f} %"
        parts.append(svg.text(sides[0] - 6, place + 4, words.replace("-", "\u2212"), "end"))
    for shift, values, colour in ((-0.16, panel.law, LAW), (0.16, panel.mixture, ACCENT)):
        for i, (centre, low, high) in enumerate(100 * values):
            place = float(x(np.array(i + shift)))
            a, b = float(y(np.array(low))), float(y(np.array(high)))
            parts.append(
                f'<path d="M{place:.1f} {a:.1f}V{b:.1f}" stroke="{colour}" stroke-width="4" '
                'stroke-opacity=".45" stroke-linecap="round"/>'
            )
            middle = float(y(np.array(centre)))
            parts.append(f'<circle cx="{place:.1f}" cy="{middle:.1f}" r="3.2" fill="{colour}"/>')
    first, last = scientific(float(panel.compute[0])), scientific(float(panel.compute[-1]))
    parts.append(svg.text(sides[0], _BOTTOM + 20, f"{first} FLOP"))
    parts.append(svg.text(sides[1], _BOTTOM + 20, f"{last} FLOP", "end"))
    parts.append(svg.text(sides[0], _BOTTOM + 44, "this law", "start", f'style="fill:{LAW}"'))
    parts.append(
        svg.text(
            sides[1],
            _BOTTOM + 44,
            "all forms, weighted by backtests",
            "end",
            f'style="fill:{ACCENT}"',
        )
    )
    return parts


def main(arguments: list[str]) -> int:
    """Write the picture of the ladder that ships with isoloss."""
    from isoloss import ladders, read_runs, store

    if len(arguments) != 1:
        print("usage: python -m isoloss.report.trusting OUT.svg", file=sys.stderr)
        return 2
    runs = read_runs(
        ladders.path("char_lm"), map="N=params,D=tokens,loss=loss", conventions="N=total", groups={}
    )
    store.write_text(arguments[0], trust_svg((told(runs, *GOOD), told(runs, *BAD))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
