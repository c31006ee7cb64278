"""The surface view: its numbers are those of Python, its lines lie where they say they do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.explore.bundle import make_bundle
from isoloss.fit.result import interval
from isoloss.law import published_laws
from isoloss.law.published.base import base_law, base_theta
from isoloss.plan.inverse import least_compute
from isoloss.plan.optimum import along, optimum
from tests.explore.node import run

SHOW = """
import { complete } from "isoloss/fields.js";
import { view } from "isoloss/views/surface.js";
const context = { bundle, laws };
const full = (state) => {
  const first = complete(view.fields(state, context), state);
  return complete(view.fields(first, context), state);
};
"""
PLAIN = SHOW + "answer(given.map((state) => view.show(full(state), context).numbers));"
PUBLISHED = [
    ("besiroglu2024", {}),
    ("hoffmann2022_a3", {}),
    ("kaplan2020_ND", {}),
    ("muennighoff2023", {"U": 1e10}),
    ("frantar2023_sparsity", {"sparsity": 0.5}),
]
POINTS = [(1e9, 2e10), (7e10, 1.4e12), (3e7, 5e11), (4e11, 1e9)]


@pytest.fixture(scope="module")
def fit():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    return find_law("chinchilla").fit(runs, draws=60, seed=0)


@pytest.fixture(scope="module")
def bundle(fit):
    return make_bundle([("fit", fit)], [name for name, _ in PUBLISHED], draws=60)


def test_a_point_on_the_surface_of_a_fit_is_that_of_predict_and_plan(fit, bundle):
    points = [(5e4, 1e6), (3e4, 5e7), (2e6, 2e5)]
    asked = [{"law": "fit", "N": n, "D": d} for n, d in points]
    shown = run(
        SHOW + "answer(given.map((s) => view.show(full(s), context).numbers));", asked, bundle
    )
    for (n, d), numbers in zip(points, shown, strict=True):
        wanted = fit.predict(N=n, D=d)
        plan = fit.plan(compute=6 * n * d, N=n)
        same(numbers["loss"], wanted.value[0], wanted.low[0], wanted.high[0])
        same(numbers["best"]["N"], *ends(plan.optimum["N"]))
        same(numbers["best"]["D"], *ends(plan.optimum["D"]))
        same(numbers["best"]["loss"], *ends(plan.optimum["loss"]))
        same(numbers["best"]["excess_loss"], *ends(plan.chosen["excess_loss"]))
        same(numbers["best"]["compute_factor"], *ends(plan.chosen["compute_factor"]))
        assert numbers["place"] == plan_status(fit, n, d)


@pytest.mark.parametrize(("name", "held"), PUBLISHED)
def test_a_point_on_a_published_surface_is_that_of_evaluate_and_plan(name, held, bundle):
    at = {f"at_{key}": value for key, value in held.items()}
    # a law with a kink is solved step by step in Python: a few rows are enough
    points, rows = (POINTS[:1], 1) if name == "muennighoff2023" else (POINTS, 61)
    asked = [{"law": name, "N": n, "D": d, **at} for n, d in points]
    shown = run(
        SHOW + "answer(given.map((s) => view.show(full(s), context).numbers));", asked, bundle
    )
    for (n, d), numbers in zip(points, shown, strict=True):
        value = published_laws()[name].evaluate({"N": n, "D": d, **held}).value
        assert numbers["loss"]["value"] == pytest.approx(value, rel=1e-9)
        best, factor, level = planned(name, held, n, d, rows)
        for page, found in (("N", best.n), ("loss", best.loss), ("compute_factor", factor)):
            if found is None:
                continue
            assert numbers["best"][page]["value"] == pytest.approx(found[0], rel=1e-6)
            if rows > 1:
                same(numbers["best"][page], found[0], *interval(found[1:], level))


def test_lines_path_and_table_lie_on_the_law(bundle):
    program = """
    const shown = view.show(full({ law: "besiroglu2024", at: 1 }), context);
    const { data, table } = shown.figures[0];
    const lines = data.filter((t) => t.mode === "lines" && t.line.width === 1.5);
    const [path] = data.filter((t) => t.mode === "lines" && t.line.width === 2.6);
    const { levels } = shown.numbers;
    answer({ levels, table, path: [path.x, path.y], lines: lines.map((t) => [t.x, t.y]) });
    """
    found = run(SHOW + program, None, bundle)
    law = published_laws()["besiroglu2024"]

    def value(n, d):
        e, a, alpha, b, beta = (law.values()[k] for k in ("E", "A", "alpha", "B", "beta"))
        return e + a / np.asarray(n) ** alpha + b / np.asarray(d) ** beta

    assert 5 <= len(found["levels"]) <= 8
    [(xs, ys)] = found["lines"]
    cuts = [-1, *(i for i, x in enumerate(xs) if x is None), len(xs)]
    seen = set()
    for start, stop in pairwise(cuts):
        n, d = xs[start + 1 : stop], ys[start + 1 : stop]
        values = value(n, d)
        level = min(found["levels"], key=lambda one: abs(one - np.median(values)))
        # all but the two ends at a label, which lie on a straight piece
        assert np.sort(np.abs(values - level))[-3] < 1e-9
        assert np.max(np.abs(values - level)) < 5e-3 * level
        seen.add(level)
    assert seen == set(found["levels"])
    for n, d in list(zip(*found["path"], strict=True))[::8]:
        plan = law.plan(compute=6 * n * d)
        assert n == pytest.approx(plan.optimum["N"].value, rel=1e-6)
    sizes = [amount(text) for text in found["table"]["head"][1:]]
    for row in found["table"]["rows"]:
        assert row[1:] == pytest.approx(value(sizes, amount(row[0])), rel=1e-7)


def test_the_area_of_the_runs_is_where_the_law_says_inside(bundle):
    program = """
    import { domain } from "isoloss/views/surface_lines.js";
    const law = laws.get("fit"), box = { u: [2, 20], v: [5, 25] };
    const shape = domain(law, {}, box);
    // left of every edge of a convex polygon that runs against the clock
    const within = (p) => shape.every((a, i) => {
      const b = shape[(i + 1) % shape.length];
      return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) >= -1e-9;
    });
    const inside = (p) => law.place({ N: Math.exp(p[0]), D: Math.exp(p[1]) }).decades <= 0;
    answer({ corners: shape.length, rows: given.map((p) => [within(p), inside(p)]) });
    """
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(6, 16, 400), rng.uniform(9, 19, 400)]).tolist()
    found = run(program, points, bundle)
    assert found["corners"] >= 4
    inside = [a for a, _ in found["rows"]]
    assert inside == [b for _, b in found["rows"]]
    assert 20 < sum(inside) < 380


def test_what_stays_is_not_made_again_while_the_point_moves(bundle):
    program = """
    const a = view.show(full({ law: "besiroglu2024", N: 1e9, D: 2e10 }), context).figures[0];
    const b = view.show(full({ law: "besiroglu2024", N: 2e9, D: 3e10 }), context).figures[0];
    const point = ({ layout }) => layout.shapes.map((s) => s.xanchor).filter((x) => x).at(-1);
    answer([a.data === b.data, a.layout.xaxis === b.layout.xaxis, point(a), point(b)]);
    """
    assert run(SHOW + program, None, bundle) == [True, True, 1e9, 2e9]


def test_laws_without_a_best_split_show_their_values_alone():
    bundle = make_bundle(laws=["steplaw2025_lr", "fang2024_ND"], draws=20)
    program = """
    answer(given.map((law) => {
      const { numbers, facts, warnings } = view.show(full({ law }), context);
      return { best: numbers.best, facts: facts.map((f) => f.key), warnings: warnings.join(" ") };
    }));
    """
    rate, pairs = run(SHOW + program, ["steplaw2025_lr", "fang2024_ND"], bundle)
    assert rate["best"] is None
    assert "no best split" in rate["warnings"]
    assert pairs["facts"] == ["loss", "ratio"]
    assert "not tokens" in pairs["warnings"]


# states that are bad: a text or a table shows no number, or a figure draws none
RANDOM = """
const words = ({ headline, place, warnings, python, facts, figures }) => [
  headline, place?.words ?? "", ...warnings, python,
  ...facts.flatMap((f) => [f.label, f.value, f.interval ?? "", f.unit ?? "", ...f.explain]),
  ...figures.flatMap((f) => [f.title, f.caption, ...f.legend.map((l) => l.words)]),
  ...figures.flatMap(({ table }) => [...table.head, ...table.rows.flat().map(String)]),
];
const numbers = ({ data, layout }) => [
  ...data.flatMap((t) => [...(t.x ?? []), ...(t.y ?? []), ...(t.z ?? []).flat()]),
  ...layout.shapes.flatMap((s) => [s.x0, s.y0, s.x1, s.y1, s.xanchor, s.yanchor]),
  ...layout.xaxis.range, ...layout.yaxis.range,
].filter((v) => typeof v === "number");
const ugly = /NaN|undefined|Infinity|\\bnull\\b|\\[object/;
answer(given.flatMap((state) => {
  const shown = view.show(full(state), context);
  const bad = words(shown).filter((text) => ugly.test(text));
  bad.push(...shown.figures.filter((f) => !numbers(f).every(Number.isFinite)).map((f) => f.id));
  return bad.length ? [{ state, bad: bad.slice(0, 3) }] : [];
}));
"""


def test_no_state_breaks_the_view():
    more = ["sardana2023", "ludziejewski2025_joint", "yin2024_video_dit_batch", "fang2024_ND"]
    more += ["shukor2025_additive_refit", "busbridge2025_distill", "kumar2024_ptq"]
    bundle = make_bundle(laws=[name for name, _ in PUBLISHED] + more, draws=5)
    rng = np.random.default_rng(3)
    keys = [law["key"] for law in bundle.document["laws"]] + ["none", 7]
    states = [
        {
            "law": keys[rng.integers(len(keys))],
            "N": float(10 ** rng.uniform(-3, 20)),
            "D": float(10 ** rng.uniform(-3, 20)),
            "k": float(10 ** rng.uniform(-2, 3)),
            "at_U": float(10 ** rng.uniform(0, 20)),
            "at_sparsity": float(rng.uniform(-1, 2)),
            "at_experts": float(10 ** rng.uniform(0, 3)),
        }
        for _ in range(200)
    ]
    assert run(SHOW + RANDOM, states, bundle) == []


def amount(text):
    """The number in `1.4T`."""
    return float(text.rstrip("KMBT")) * {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1)


def ends(estimate):
    return estimate.value, estimate.low, estimate.high


def same(page, value, low, high):
    assert page["value"] == pytest.approx(value, rel=1e-6, abs=1e-12)
    assert page["low"] == pytest.approx(low, rel=1e-6, abs=1e-9)
    assert page["high"] == pytest.approx(high, rel=1e-6, abs=1e-9)


def planned(name, held, n, d, rows):
    """The best split and the waste at a point, by the rows that the page has."""
    entry = published_laws()[name]
    chosen = entry.coefficients()
    law = base_law(entry, chosen, ("N", "D"), held)
    theta = base_theta(entry, chosen, law)[0][:rows]
    compute = np.full(len(theta), 6 * n * d)
    with np.errstate(all="ignore"):
        loss = along(law, theta, np.log([[n]] * len(theta)), np.log([[d]] * len(theta)))[:, 0]
        factor = compute / least_compute(law, theta, loss) if rows > 1 else None
        return optimum(law, theta, compute), factor, 0.9


def plan_status(fit, n, d):
    """Where Python says that the point lies."""
    return fit.plan(compute=6 * n * d, N=n).place.status
