"""The picture of the tour: `python -m isoloss.report.tour OUT.svg`.

Loss at fixed compute and the path of the optimum, of a fit to runs that ship with isoloss, as one
small SVG without any script. It is written by hand, so that a README needs no browser to make it;
its colours follow the reader's scheme.
"""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np

from isoloss.fit import Fit
from isoloss.plan import Curve, iso_flop, optimum_path
from isoloss.plan.budget import FLOP_PER_PARAMETER_TOKEN
from isoloss.report import svg
from isoloss.report.draw import supported
from isoloss.report.numbers import scientific
from isoloss.report.svg import Scale
from isoloss.report.svg_panel import BOTTOM, HEIGHT, TOP, WIDTH, diamond, frame, levels, marks_of
from isoloss.report.theme import LAW, ramp

_LEFT, _RIGHT = (56, 470), (560, 864)
_NEAR = 0.1


def tour_svg(fit: Fit) -> str:
    """The picture of a fit in N and D, as SVG text."""
    parts = [*_budgets(fit), *_path(fit)]
    words = (
        "Left: loss against parameters at fixed compute. Right: best parameters against compute."
    )
    return svg.document(WIDTH, HEIGHT, words, parts)


def _budgets(fit: Fit) -> list[str]:
    columns = fit.runs.columns
    compute = FLOP_PER_PARAMETER_TOKEN * columns["N"] * columns["D"]
    powers = np.arange(np.ceil(np.log10(compute.min())), np.floor(np.log10(compute.max())) + 1)
    found = []
    for budget in 10.0**powers:
        near = np.abs(np.log10(compute / budget)) < _NEAR
        best = fit.plan(compute=float(budget)).optimum
        sizes = np.geomspace(*_ends(columns["N"], near, best["N"].value), 49)
        found.append((budget, near, best, iso_flop(fit, float(budget), sizes)))
    curves = [curve for *_, curve in found]
    losses = np.concatenate(
        [c.value for c in curves] + [columns["loss"][near] for _, near, *_ in found]
    )
    x = svg.log_scale(min(c.x[0] for c in curves), max(c.x[-1] for c in curves) * 1.9, *_LEFT)
    y = svg.log_scale(losses.min() / 1.03, losses.max() * 1.03, BOTTOM, TOP)
    marks = marks_of("N", (curves[0].x[0], curves[-1].x[-1]))
    parts = frame("Loss at fixed compute", "parameters N", marks, x, _LEFT)
    parts += levels("loss", (losses.min(), losses.max()), y, _LEFT)
    for k, (budget, near, best, curve) in enumerate(found):
        colour = ramp(k / max(len(found) - 1, 1))
        parts.append(_band(curve, x, y, colour))
        parts += _solid_and_dotted(fit, curve, float(budget), x, y, colour)
        parts += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{colour}" fill-opacity=".75"/>'
            for a, b in zip(x(columns["N"][near]), y(columns["loss"][near]), strict=True)
        ]
        at = float(x(np.array(best["N"].value))), float(y(np.array(best["loss"].value)))
        parts.append(diamond(*at, colour))
        end = float(x(curve.x[-1])) + 6, float(y(curve.value[-1])) + 4
        parts.append(svg.text(*end, scientific(float(budget)), "start", f'style="fill:{colour}"'))
    return parts


def _ends(sizes: np.ndarray, near: np.ndarray, best: float) -> tuple[float, float]:
    """From where to where the curve of a budget is drawn: around its optimum and its runs."""
    seen = sizes[near] if near.any() else np.array([best])
    return min(best / 3, float(seen.min()) / 1.3), max(best * 3, float(seen.max()) * 1.3)


def _path(fit: Fit) -> list[str]:
    columns = fit.runs.columns
    seen = FLOP_PER_PARAMETER_TOKEN * columns["N"] * columns["D"]
    compute = np.geomspace(seen.min(), seen.max() * 100, 41)
    curve = optimum_path(fit, compute)["N"]
    inside = compute <= seen.max()
    known = np.concatenate([curve.low, curve.high, curve.value])
    known = known[np.isfinite(known)]
    x = svg.log_scale(compute[0], compute[-1], *_RIGHT)
    y = svg.log_scale(known.min(), known.max(), BOTTOM, TOP)
    width = float(x(seen.max())) - _RIGHT[0]
    shape = f"M{_RIGHT[0]} {TOP}h{width:.1f}V{BOTTOM}H{_RIGHT[0]}z"
    parts = [f'<path class="runs" d="{shape}"/>']
    marks = marks_of("C", (compute[0], compute[-1]))
    parts += frame("Best size for a budget", "compute C, FLOP", marks, x, _RIGHT)
    parts += levels("N", (known.min(), known.max()), y, _RIGHT)
    parts.append(_band(curve, x, y, LAW))
    parts.append(svg.line(compute[inside], curve.value[inside], x, y, LAW))
    start = int(inside.sum()) - 1
    parts.append(
        svg.line(compute[start:], curve.value[start:], x, y, LAW, 'stroke-dasharray="2 4"')
    )
    parts.append(svg.text(_RIGHT[0] + 6, TOP + 16, "runs"))
    parts.append(svg.text(_RIGHT[1] - 4, BOTTOM - 8, "dotted: extrapolation", "end"))
    return parts


def _solid_and_dotted(
    fit: Fit, curve: Curve, budget: float, x: Scale, y: Scale, colour: str
) -> list[str]:
    """The curve, dotted where no runs are near."""
    inside = supported(fit, curve.x, budget / FLOP_PER_PARAMETER_TOKEN / curve.x)
    changes = np.flatnonzero(np.diff(inside.astype(int))) + 1
    ends = [0, *changes.tolist(), len(inside)]
    parts = []
    for start, stop in pairwise(ends):
        piece = slice(start, min(stop + 1, len(inside)))
        dots = "" if inside[start] else 'stroke-dasharray="2 4"'
        parts.append(svg.line(curve.x[piece], curve.value[piece], x, y, colour, dots))
    return parts


def _band(curve: Curve, x: Scale, y: Scale, colour: str) -> str:
    known = np.isfinite(curve.low) & np.isfinite(curve.high)
    if not known.any():
        return ""
    upper = list(zip(x(curve.x[known]), y(curve.high[known]), strict=True))
    lower = list(zip(x(curve.x[known]), y(curve.low[known]), strict=True))
    points = " ".join(f"{a:.1f},{max(b, TOP):.1f}" for a, b in [*upper, *lower[::-1]])
    return f'<polygon points="{points}" fill="{colour}" fill-opacity=".22"/>'


def main(arguments: list[str]) -> int:
    """Write the picture of the ladder that ships with isoloss."""
    from isoloss import find_law, ladders, read_runs, store

    if len(arguments) != 1:
        print("usage: python -m isoloss.report.tour OUT.svg", file=sys.stderr)
        return 2
    runs = read_runs(
        ladders.path("char_lm"), map="N=params,D=tokens,loss=loss", conventions="N=total", groups={}
    )
    store.write_text(arguments[0], tour_svg(find_law("(A/N**a + B/D**b)**g").fit(runs)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
