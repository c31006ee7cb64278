"""The curves view: values, slopes and crossings are those of Python, and what may be compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import root_scalar

from isoloss import find_law, ladders, read_runs
from isoloss.explore.bundle import make_bundle
from isoloss.fit.result import interval
from isoloss.law import published_laws
from tests.explore.node import run
from tests.explore.test_surface import RANDOM

SHOW = """
import { complete } from "isoloss/fields.js";
import { compare, view } from "isoloss/views/curves.js";
const context = { bundle, laws };
const full = (state) => {
  const first = complete(view.fields(state, context), state);
  return complete(view.fields(first, context), state);
};
"""
PLAIN = SHOW + "answer(given.map((s) => view.show(full(s), context).numbers));"
NONE = {"law2": "none", "law3": "none", "law4": "none"}
TWO = {"law": "hoffmann2022_a3", "law2": "besiroglu2024"}


@pytest.fixture(scope="module")
def fits():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    return {
        name: find_law(law).fit(runs, draws=60, seed=0)
        for name, law in (("fit", "chinchilla"), ("other", "kaplan"))
    }


@pytest.fixture(scope="module")
def bundle(fits):
    more = ["muennighoff2023", "zhai2021_vit", "henighan2020_C:text_to_image_image"]
    more += ["krajewski2024_moe", "clark2022_sbase", "cherti2022_openclip", "fang2024_ND"]
    return make_bundle(list(fits.items()), more, draws=60)


def plan_loss(name, compute):
    return published_laws()[name].plan(compute=compute).optimum["loss"].value


def test_values_over_compute_are_those_of_evaluate_and_plan(bundle):
    of_c = ["kaplan2020_Cmin", "henighan2020_C", "shukor2025_early_C"]
    of_nd = ["besiroglu2024", "hoffmann2022_a3", "shukor2025_sparse_ND"]
    for compute in (1e19, 5.76e23):
        for names, best in ((of_c, False), (of_nd, True)):
            asked = {f"law{i + 1 if i else ''}": name for i, name in enumerate(names)}
            found = run(PLAIN, [{**asked, "law4": "none", "over": "C", "C": compute}], bundle)[0]
            assert [one["law"] for one in found["laws"]] == names
            for one in found["laws"]:
                assert one["best_split"] is best
                law = published_laws()[one["law"]]
                wanted = (
                    plan_loss(one["law"], compute) if best else law.evaluate({"C": compute}).value
                )
                assert one["value"]["value"] == pytest.approx(wanted, rel=1e-9)
                assert one["slope"]["value"] == pytest.approx(slope(one["law"], compute), rel=1e-6)


def slope(name, compute):
    """d ln loss / d ln C, from the numbers of the law alone."""
    v = published_laws()[name].values()
    if name == "kaplan2020_Cmin":
        return -v["alpha_C"]
    if name == "shukor2025_early_C":
        return -v["alpha"]
    if name == "henighan2020_C":
        term = (v["C_0"] * 8.64e19 / compute) ** v["alpha_C"]
        return -v["alpha_C"] * term / (v["L_inf"] + term)
    # at the best split both terms fall alike, and their sum with the power a b/(a + b)
    power = v["alpha"] * v["beta"] / (v["alpha"] + v["beta"])
    loss = plan_loss(name, compute)
    return -power * (loss - v["E"]) / loss


def test_bands_of_fits_are_those_of_predict_and_plan(fits, bundle):
    state = {"law": "fit", "law2": "other", "law3": "none", "law4": "none"}
    asked = [
        {**state, "over": "C", "C": 3e11},
        {**state, "over": "N", "N": 4e4, "D": 2e6},
        {**state, "over": "D", "N": 4e4, "D": 5e7},
    ]
    found = run(PLAIN, asked, bundle)
    for numbers, question in zip(found, asked, strict=True):
        for one in numbers["laws"]:
            fit = fits[one["law"]]
            if question["over"] == "C":
                wanted = fit.plan(compute=3e11).optimum["loss"]
                wanted = (wanted.value, wanted.low, wanted.high)
            else:
                p = fit.predict(N=question["N"], D=question["D"])
                wanted = (p.value[0], p.low[0], p.high[0])
            page = one["value"]
            assert (page["value"], page["low"], page["high"]) == pytest.approx(wanted, rel=1e-9)


def test_the_whole_band_over_compute_is_that_of_plan(fits, bundle):
    program = """
    const state = full({ law: "other", law2: "none", over: "C", C: 1e12 });
    const found = compare(state, context).members[0].curve;
    answer([found.xs, found.value, found.low, found.high]);
    """
    rows = list(zip(*run(SHOW + program, None, bundle), strict=True))
    for compute, *ends in rows[::6]:
        wanted = fits["other"].plan(compute=compute).optimum["loss"]
        assert ends == pytest.approx([wanted.value, wanted.low, wanted.high], rel=1e-8)


def test_a_crossing_is_where_python_finds_the_root(bundle):
    asked = [
        {**TWO, "law3": "none", "over": "C", "C": 1e22},
        {**TWO, "law3": "none", "over": "N", "N": 1e9, "D": 3e9},
        {**TWO, "law3": "none", "over": "D", "N": 7e10, "D": 1e10},
    ]
    compute, size, data = run(PLAIN, asked, bundle)

    def gap(n, d):
        a, b = (published_laws()[name].evaluate({"N": n, "D": d}).value for name in TWO.values())
        return a - b

    def best(t):
        a, b = (plan_loss(name, math.exp(t)) for name in TWO.values())
        return a - b

    for found, f in (
        (compute, best),
        (size, lambda t: gap(math.exp(t), 3e9)),
        (data, lambda t: gap(7e10, math.exp(t))),
    ):
        places = [one["at"] for one in found["pairs"][0]["crossings"]]
        assert places
        for at in places:
            t = math.log(at)
            assert at == pytest.approx(math.exp(root(f, t - 0.05, t + 0.05)), rel=1e-6)


def root(f, low, high):
    return float(root_scalar(f, bracket=(low, high), method="brentq", xtol=1e-13).root)


def test_the_share_and_the_interval_of_a_crossing_are_those_of_every_draw(fits, bundle):
    state = {"law": "fit", "law2": "other", "law3": "none", "over": "N", "N": 4e4, "D": 2e6}
    program = """
    const found = compare(full(given), context);
    answer({ xs: found.xs, pair: found.pairs[0].cross, below: found.pairs[0].below });
    """
    found = run(SHOW + program, state, bundle)
    a, b = fits["fit"], fits["other"]
    # fits of the same runs share their resamples, row by row
    rows = min(len(a.draws.good), len(b.draws.good))
    xs = np.array(found["xs"])
    lines = [f.at(theta=f.draws.good[:rows], N=xs, D=np.full(len(xs), 2e6)) for f in (a, b)]
    gap = lines[0] - lines[1]
    sign = np.sign(gap)
    assert found["pair"]["share"] == pytest.approx(
        np.mean([(s[1:] * s[:-1] < 0).any() for s in sign]), abs=1e-12
    )
    there = [f.at(theta=f.draws.good[:rows], N=4e4, D=2e6)[:, 0] for f in (a, b)]
    assert found["below"] == pytest.approx(np.mean(there[0] < there[1]), abs=1e-12)
    for one in found["pair"]["list"]:
        i = int(np.searchsorted(xs, one["at"]))
        point = [f.at(N=xs[[i - 1, i]], D=np.full(2, 2e6))[0] for f in (a, b)]
        up = point[0][1] > point[1][1]
        roots = []
        for m in range(rows):

            def f(t, m=m):
                return float(
                    a.at(theta=a.draws.good[[m]], N=math.exp(t), D=2e6)[0, 0]
                    - b.at(theta=b.draws.good[[m]], N=math.exp(t), D=2e6)[0, 0]
                )

            where = [j for j in range(len(xs) - 1) if sign[m, j] * sign[m, j + 1] < 0]
            found_here = [
                root(f, math.log(xs[j]), math.log(xs[j + 1]))
                for j in where
                if (gap[m, j + 1] > 0) == up
            ]
            if found_here:
                t = math.log(one["at"])
                roots.append(math.exp(min(found_here, key=lambda r: abs(r - t))))
        assert one["share"] == pytest.approx(len(roots) / rows, abs=1e-12)
        low, high = interval(np.array(roots), 0.9)
        assert (one["low"], one["high"]) == pytest.approx((low, high), rel=1e-6)
        assert one["sure"] is (len(roots) / rows >= 0.9)


def test_draws_of_two_papers_are_not_tied_by_one_stream_of_random_numbers(bundle):
    program = """
    import { pairsOf } from "isoloss/views/crossing.js";
    const rows = (a, b) => pairsOf(laws.get(a), laws.get(b)).slice(0, 2);
    answer(given.map(([a, b]) => rows(a, b)));
    """
    pairs = [["hoffmann2022_a3", "besiroglu2024"], ["fit", "other"], ["fit", "besiroglu2024"]]
    apart, together, mixed = run(program, pairs, bundle)
    assert together == [[0, 0], [1, 1]]
    assert apart == [[0, 30], [1, 31]]
    assert mixed == [[0, 30], [1, 31]]


def test_laws_of_other_quantities_get_a_panel_of_their_own_and_no_crossing(bundle):
    program = """
    const shown = view.show(full(given), context);
    const { figures, facts, warnings, headline, numbers: { pairs } } = shown;
    answer({
      ids: figures.map((f) => f.id), captions: figures.map((f) => f.caption).join(" "),
      facts: facts.map((f) => f.key), warnings: warnings.join(" "), headline, pairs,
    });
    """
    state = {"law": "besiroglu2024", "law2": "clark2022_sbase", "law3": "muennighoff2023"}
    found = run(SHOW + program, {**state, "law3": "none", "over": "N"}, bundle)
    assert found["ids"].count("slopes") == 1
    modal = {"law": "henighan2020_C", "law2": "kaplan2020_Cmin", "law3": "shukor2025_early_C"}
    found = run(SHOW + program, {**modal, "law4": "none", "over": "C", "C": 1e21}, bundle)
    assert found["ids"] == ["curves-1", "slopes"]
    assert all(pair["why_not"] and not pair["crossings"] for pair in found["pairs"])
    assert "heights cannot be compared" in found["headline"]
    assert "None is anywhere near proportional" in found["headline"]
    assert "not counted alike" in found["warnings"]
    assert not [key for key in found["facts"] if key.startswith("cross")]
    ways = {"law": "kaplan2020_Cmin", "law2": "kaplan2020_alloc_N", **{"law3": "none"}}
    bundle2 = make_bundle(laws=list(ways.values())[:2], draws=10)
    found = run(SHOW + program, {**ways, "over": "C"}, bundle2)
    assert found["ids"] == ["curves-1", "curves-2", "slopes"]
    assert "share no axis" in found["captions"]
    assert found["pairs"][0]["why_not"]


def test_laws_that_count_an_axis_otherwise_are_left_out(bundle):
    state = {"law": "besiroglu2024", "law2": "fang2024_ND", "over": "D", "N": 1e9, "D": 1e10}
    program = "const s = view.show(full(given), context); answer([s.numbers.left_out, s.warnings]);"
    left, warnings = run(SHOW + program, state, bundle)
    assert left == ["fang2024_ND"]
    assert any("counts D in pairs, not in tokens" in text for text in warnings)


def test_the_modality_of_a_set_is_told_from_its_name(bundle):
    program = """
    import { modality } from "isoloss/views/crossing.js";
    answer(Object.fromEntries([...laws].map(([key, law]) => [key, modality(law.entry)])));
    """
    found = run(program, None, bundle)
    assert found["henighan2020_C"] == "vision"
    assert found["henighan2020_C:text_to_image_image"] == "multimodal"
    assert found["kaplan2020_Cmin"] == "language"
    assert found["shukor2025_early_C"] == "multimodal"
    assert found["fit"] == "your runs"


def test_a_curve_is_thick_exactly_within_its_runs(bundle):
    program = """
    const state = full({ law: "besiroglu2024", law2: "none", over: "N", N: 1e9, D: 1e10 });
    const { curve } = compare(state, context).members[0];
    answer(curve.parts.map((p) => [p.inside, p.x[0], p.x.at(-1)]));
    """
    parts = run(SHOW + program, None, bundle)
    assert [inside for inside, *_ in parts] == [False, True, False]
    assert parts[1][1] == pytest.approx(57e6, rel=0.03)
    assert parts[1][2] == pytest.approx(16.2e9, rel=0.03)


def test_no_state_breaks_the_view(fits):
    more = ["muennighoff2023", "zhai2021_vit", "clark2022_sbase", "cherti2022_openclip"]
    more += ["busbridge2025_distill", "kumar2024_ptq", "shukor2025_additive_refit"]
    more += ["kaplan2020_alloc_N", "steplaw2025_lr", "yin2024_video_dit_batch", "tian2024_var_C"]
    bundle = make_bundle(list(fits.items()), more, draws=5)
    rng = np.random.default_rng(5)
    keys = [law["key"] for law in bundle.document["laws"]] + ["none", 7, "lost"]
    axes = ["C", "N", "D", "U", "experts", "sparsity", "h_book", "teacher_loss", "bits", 3]
    states = []
    for _ in range(200):
        picked = [keys[i] for i in rng.integers(len(keys), size=4)]
        states.append(
            dict(zip(("law", "law2", "law3", "law4"), picked, strict=True))
            | {"over": axes[rng.integers(len(axes))], "straight": bool(rng.integers(2))}
            | {name: float(10 ** rng.uniform(-3, 20)) for name in ("N", "D")}
            | {"C": float(10 ** rng.uniform(-3, 40)), "at_U": float(10 ** rng.uniform(0, 20))}
            | {"at_sparsity": float(rng.uniform(-1, 2)), "at_h_book": float(rng.uniform(-1, 2))}
        )
    assert run(SHOW + RANDOM, states, bundle) == []
