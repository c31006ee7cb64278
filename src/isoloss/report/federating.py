"""The picture of federated training: `python -m isoloss.report.federating OUT.svg`.

Real runs of a ladder that ships with isoloss, with data drawn alike: loss against size for every
number of clients with the lowest points joined, and those points against the number of clients
beside the slope that the reconstruction says.
"""

from __future__ import annotations

import csv
import math
import sys

import numpy as np

from isoloss.federated import ladders
from isoloss.federated.sweep import PRESETS, Run, SweepRecord, analyse
from isoloss.report import svg
from isoloss.report.federated.contrast import contrast
from isoloss.report.federated.seen import Seen
from isoloss.report.federated.seen_sweep import seen_sweep
from isoloss.report.federated.slope_figure import tied
from isoloss.report.numbers import amount
from isoloss.report.svg_panel import BOTTOM, HEIGHT, TOP, WIDTH, diamond, frame, levels, marks_of
from isoloss.report.theme import LAW, ramp

_LEFT, _RIGHT = (56, 450), (548, 860)
_BATCH = 32
VIOLET = "#7f66c4"


def ladder_record(alpha: float | None = None) -> SweepRecord:
    """The shipped digits ladder as the record of a sweep.

    Args:
        alpha: concentration of its split by class; None for data drawn alike.
    """
    wanted = "" if alpha is None else f"{alpha:g}"
    with ladders.path("federated_digits").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dirichlet_alpha"] == wanted]
    return SweepRecord(tuple(_run(row, alpha) for row in rows), "federated_digits")


def _run(row: dict[str, str], alpha: float | None) -> Run:
    loss = float(row["loss"])
    params, samples, steps = (int(row[name]) for name in ("params", "samples", "steps"))
    lost = not math.isfinite(loss)
    return Run(
        task="digits",
        compute=PRESETS["full"]["compute"],
        mode="total",
        dirichlet_alpha=alpha,
        local_steps=int(row["local_steps"]),
        batch=_BATCH,
        engine="numpy",
        clients=int(row["clients"]),
        width=int(row["width"]),
        seed=int(row["seed"]),
        rate=float(row["lr"]),
        params=params,
        samples=samples,
        flops_6nd=6 * params * samples,
        steps=steps,
        rounds=math.ceil(steps / int(row["local_steps"])),
        loss=None if lost else loss,
        status="diverged" if lost else "ok",
    )


def federated_svg(seen: Seen) -> str:
    """The picture, as SVG text."""
    words = (
        "Left: held-out loss against parameters for several numbers of clients at the same total "
        "compute, with the lowest points joined. Right: those best sizes against the number of "
        "clients with 90 % intervals, the fitted slope, and the slope of the reconstruction."
    )
    return svg.document(WIDTH, HEIGHT, words, [*_losses(seen), *_sizes(seen)])


def _colours(seen: Seen) -> dict[int, str]:
    last = max(len(seen.clients) - 1, 1)
    return {k: ramp(i / last) for i, k in enumerate(seen.clients)}


def _losses(seen: Seen) -> list[str]:
    colours = _colours(seen)
    sizes = np.concatenate([one.sizes for one in seen.slices])
    values = np.concatenate([np.append(one.loss, one.bottom) for one in seen.slices])
    x = svg.log_scale(sizes.min() / 1.15, sizes.max() * 1.75, *_LEFT)
    y = svg.log_scale(values.min() / 1.08, values.max() * 1.06, BOTTOM, TOP)
    marks = marks_of("N", (float(sizes.min()), float(sizes.max())))
    parts = frame("Loss at the same total compute", "parameters N", marks, x, _LEFT)
    parts += levels("", (float(values.min()), float(values.max())), y, _LEFT)
    for one in seen.slices:
        colour = colours[one.clients]
        parts.append(svg.line(one.sizes, one.loss, x, y, colour, 'stroke-opacity=".35"'))
        parts += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}" fill-opacity=".8"/>'
            for a, b in zip(x(one.sizes), y(one.loss), strict=True)
        ]
        if one.arc[0].size:
            parts.append(svg.line(*one.arc, x, y, colour))
        end = float(x(one.sizes[-1])) + 8, float(y(one.loss[-1])) + 4
        parts.append(svg.text(*end, f"K = {one.clients}", "start", f'style="fill:{colour}"'))
    best = np.array([one.best.value for one in seen.slices])
    bottom = np.array([one.bottom for one in seen.slices])
    parts.append(svg.line(best, bottom, x, y, "#808892", 'stroke-dasharray="5 4"'))
    parts += [
        diamond(float(a), float(b), colours[one.clients])
        for one, a, b in zip(seen.slices, x(best), y(bottom), strict=True)
    ]
    return parts


def _sizes(seen: Seen) -> list[str]:
    colours = _colours(seen)
    k = np.array(seen.clients)
    beside = contrast(seen, None, k)
    group = seen.groups[0]
    at, low, high = seen.line(group, k)
    ends = np.array([(o.best.low, o.best.high) for o in seen.slices])
    parts_of = [ends.ravel(), at, low, high]
    if beside is not None:
        parts_of.append(tied(seen, beside) * beside.full)
    known = np.concatenate(parts_of)
    known = known[np.isfinite(known)]
    x = svg.log_scale(k[0] / 1.12, k[-1] * 1.12, *_RIGHT)
    y = svg.log_scale(known.min() / 1.12, known.max() * 1.06, BOTTOM, TOP)
    marks = [(float(value), amount(int(value))) for value in k]
    parts = frame("Best size against clients", "clients K", marks, x, _RIGHT)
    parts += levels("N", (float(known.min()), float(known.max())), y, _RIGHT)
    if np.isfinite(at).all():
        edge = [*zip(x(k), y(high), strict=True), *reversed([*zip(x(k), y(low), strict=True)])]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in edge)
        parts.append(f'<polygon points="{points}" fill="{LAW}" fill-opacity=".18"/>')
        parts.append(svg.line(k, at, x, y, LAW))
    if beside is not None:
        line = tied(seen, beside) * beside.full
        parts.append(svg.line(k, line, x, y, VIOLET, 'stroke-dasharray="6 4"'))
    for one, (a, b) in zip(seen.slices, ends, strict=True):
        place = float(x(np.array(one.clients)))
        first, last = float(y(np.array(a))), float(y(np.array(b)))
        colour = colours[one.clients]
        if np.isfinite(first + last):
            parts.append(
                f'<path d="M{place:.1f} {first:.1f}V{last:.1f}" stroke="{colour}" stroke-width="3" '
                'stroke-opacity=".55" stroke-linecap="round"/>'
            )
        parts.append(diamond(place, float(y(np.array(one.best.value))), colour))
    return parts + _legend(seen, beside.slope if beside is not None else None)


def _legend(seen: Seen, slope: float | None) -> list[str]:
    lines = []
    if seen.gamma is not None:
        g = seen.gamma
        words = f"runs: slope {-g.value:.2f}, 90 % {-g.high:.2f} to {-g.low:.2f}"
        lines.append((LAW, "", words))
    if slope is not None:
        lines.append((VIOLET, ' stroke-dasharray="6 4"', f"reconstruction, ρ = 1: {slope:.2f}"))
    parts = []
    for i, (colour, dashes, words) in enumerate(lines):
        y = TOP + 12 + 18 * i
        end = _RIGHT[1] - 4
        text = words.replace("-", "\u2212")
        parts.append(svg.text(end - 30, y + 4, text, "end", f'style="fill:{colour}"'))
        parts.append(
            f'<path d="M{end - 24} {y}H{end}" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
    return parts


def main(arguments: list[str]) -> int:
    """Write the picture of the ladder that ships with isoloss."""
    from isoloss import store

    if len(arguments) != 1:
        print("usage: python -m isoloss.report.federating OUT.svg", file=sys.stderr)
        return 2
    record = ladder_record()
    store.write_text(arguments[0], federated_svg(seen_sweep(analyse(record), record)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
