"""The Trade-off view: mixtures and spending against Python's laws, contours, and any state."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from isoloss import find_law, read_runs
from isoloss.explore.bundle import make_bundle
from isoloss.law import published_laws
from tests.explore.node import run
from tests.explore.states import RANDOM_STATES, SHOW

MIXTURES = ("ye2024_mixing", "shukor2025_additive_refit")


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(0)
    shares = np.clip(rng.dirichlet([2, 2, 2], 60), 0.05, None)
    shares /= shares.sum(1, keepdims=True)
    noise = 1 + 0.002 * rng.normal(size=60)
    loss = 1.2 + np.exp(shares @ [-1.5, -3.0, 0.2]) * noise
    names = ("r_web", "r_code", "r_books")
    runs = read_runs(
        {**dict(zip(names, shares.T, strict=True)), "loss": loss},
        map=",".join(f"{name}={name}" for name in (*names, "loss")),
    )
    return find_law("exponential_mixture(domains=web:code:books)").fit(runs, draws=30, seed=0)


@pytest.fixture(scope="module")
def bundle(fit):
    return make_bundle([("mix", fit)], laws=["besiroglu2024", "frantar2023_sparsity"])


def shown(states, bundle):
    return run(SHOW, {"view": "tradeoff", "states": states}, bundle)


def shares_of(law):
    return [name for name in law.law.variable_names if name not in ("N", "D")]


def states_of(name, rng):
    """Judges, corners and shares at random, with what Python is asked."""
    law = published_laws()[name]
    for judge in ("mean", *law.sets):
        domains = list(rng.permutation(shares_of(law)))
        corners, others = domains[:3], domains[3:]
        whole = rng.dirichlet(np.ones(len(domains)))
        at = dict(zip(domains, np.round(whole, 6), strict=True))
        at[corners[2]] = 1 - sum(at[d] for d in domains if d != corners[2])
        rest = {} if name == MIXTURES[0] else {"N": 1.1e9, "D": 4e10}
        state = {"mixture": name, "judge": judge, "r1": at[corners[0]], "r2": at[corners[1]]}
        state |= {f"corner{i + 1}": corner for i, corner in enumerate(corners)}
        state |= {f"share_{other}": at[other] for other in others}
        state |= {f"at_{key}": value for key, value in rest.items()}
        yield state, corners, {**at, **rest}


def loss_at(name, judge, at):
    law = published_laws()[name]
    sets = law.sets if judge == "mean" else [judge]
    return float(np.mean([law.evaluate(at, one).value for one in sets]))


@pytest.mark.parametrize("name", MIXTURES)
def test_losses_and_best_mixtures_are_those_of_the_law(name, bundle):
    rng = np.random.default_rng(3)
    cases = list(states_of(name, rng))
    pages = shown([state for state, _, _ in cases], bundle)
    for (state, corners, at), page in zip(cases, pages, strict=True):
        numbers = page["numbers"]
        ours = loss_at(name, state["judge"], at)
        assert numbers["mine"]["loss"] == pytest.approx(ours, rel=1e-9)
        left = sum(at[c] for c in corners)
        assert numbers["left"] == pytest.approx(left, abs=1e-9)
        best = numbers["best"]["shares"]
        assert sum(best.values()) == pytest.approx(left, abs=1e-9)
        assert min(best.values()) >= 0
        found = loss_at(name, state["judge"], {**at, **best})
        assert numbers["best"]["loss"] == pytest.approx(found, rel=1e-9)
        assert numbers["regret"] == pytest.approx(ours - found, abs=1e-9)


def test_no_mixture_in_the_triangle_is_better_than_the_best(bundle):
    rng = np.random.default_rng(5)
    cases = [case for name in MIXTURES for case in list(states_of(name, rng))[:3]]
    pages = shown([state for state, _, _ in cases], bundle)
    for (state, corners, at), page in zip(cases, pages, strict=True):
        loss = unit_law(state["mixture"], state["judge"], at, corners)
        left = page["numbers"]["left"]
        least = min(
            minimize(
                loss,
                left * start,
                method="SLSQP",
                bounds=[(1e-12, left)] * 3,
                constraints={"type": "eq", "fun": lambda x, left=left: np.sum(x) - left},
                options={"ftol": 1e-14, "maxiter": 300},
            ).fun
            for start in rng.dirichlet([1, 1, 1], 3)
        )
        assert page["numbers"]["best"]["loss"] == pytest.approx(least, abs=1e-7)


def unit_law(name, judge, at, corners):
    """As `loss_at`, by the formula alone: quick enough to be minimised."""
    law = published_laws()[name]
    sets = law.sets if judge == "mean" else [judge]
    forms = [law.values(one) for one in sets]

    def loss(shares):
        point = {**at, **dict(zip(corners, shares, strict=True))}
        if "N" in point:
            point = {**point, "N": point["N"] / 1e9, "D": point["D"] / 1e10}
        return float(np.mean([law.law({**point, **form}) for form in forms]))

    return loss


def test_programs_print_what_the_page_says(bundle):
    rng = np.random.default_rng(7)
    states = [next(iter(states_of(name, rng)))[0] for name in MIXTURES]
    states += [{"whole": "money"}, {"whole": "money", "law": "frantar2023_sparsity"}]
    for page in shown(states, bundle):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(page["python"], {})
        printed = [float(line.split()[-1]) for line in out.getvalue().strip().splitlines()]
        numbers = page["numbers"]
        assert printed[0] == pytest.approx(numbers["best"]["loss"], rel=1e-9)
        if "regret" in numbers:
            assert printed[1] == pytest.approx(numbers["mine"]["loss"], rel=1e-9)


def test_the_best_split_of_money_is_the_least_loss_that_serves_enough(bundle):
    law = published_laws()["besiroglu2024"]
    states = [
        {"whole": "money", "money": m, "served": t, "price_data": p, "law": "besiroglu2024"}
        for m, t, p in [(2e4, 1e11, 50), (1e6, 1e13, 500), (5e3, 1e8, 5), (3e7, 1e12, 1e5)]
    ]
    for state, page in zip(states, shown(states, bundle), strict=True):
        money, served = state["money"], state["served"]
        train, serve, data = 4000 / 1e21, 8000 / 1e21, state["price_data"] / 1e9

        def loss(log_d, money=money, served=served, train=train, serve=serve, data=data):
            d = np.exp(log_d)
            n = (money - data * d) / (2 * serve * served + 6 * train * d)
            return float(law.law({"N": n, "D": d, **law.values()}))

        top = np.log(money / data)
        grid = np.linspace(top - 25, top - 1e-6, 3000)
        near = grid[np.argmin([loss(x) for x in grid])]
        span = (near - 0.02, min(near + 0.02, top - 1e-9))
        found: Any = minimize_scalar(loss, bounds=span, method="bounded", options={"xatol": 1e-10})
        best = page["numbers"]["best"]
        assert best["loss"] == pytest.approx(found.fun, rel=1e-10)
        assert best["D"] == pytest.approx(np.exp(found.x), rel=1e-4)
        t, s, d = best["shares"]
        assert t + s + d == pytest.approx(1, abs=1e-12)
        assert t * money == pytest.approx(6 * best["N"] * best["D"] * train, rel=1e-9)
        assert s * money == pytest.approx(2 * best["N"] * served * serve, rel=1e-9)
        assert d * money == pytest.approx(best["D"] * data, rel=1e-9)
        for name, index in (("train", 0), ("serve", 1), ("data", 2)):
            low, high = best["intervals"][name]
            assert low <= best["shares"][index] <= high
        mine = page["numbers"]["mine"]
        value = float(law.law({"N": mine["N"], "D": mine["D"], **law.values()}))
        assert mine["loss"] == pytest.approx(value, rel=1e-9)
        assert mine["best_that_serves_as_many"] <= mine["loss"] + 1e-12


def test_a_fit_of_ones_own_has_intervals_and_a_range(fit, bundle):
    inside, beyond = shown(
        [{"mixture": "mix", "r1": 0.3, "r2": 0.4}, {"mixture": "mix", "r1": 0.98, "r2": 0.01}],
        bundle,
    )
    ours = fit.predict(r_web=0.3, r_code=0.4, r_books=0.3)
    assert inside["numbers"]["mine"]["loss"] == pytest.approx(
        float(np.ravel(ours.value)[0]), rel=1e-9
    )
    assert inside["place"]["status"] == "inside"
    assert beyond["place"]["status"] == "outside"
    assert next(f for f in inside["facts"] if f["key"] == "regret")["interval"].startswith("90 %")
    published = shown([{"mixture": MIXTURES[0]}, {"mixture": MIXTURES[1], "at_N": 1e11}], bundle)
    assert [page["place"]["status"] for page in published] == ["unknown", "outside"]
    assert "does not say which mixtures" in published[0]["place"]["words"]


CONTOURS = """
import { clip, coarser, CORNERS, lattice, loopsOf, lowest, place } from "isoloss/ternary.js";
const area = (loop) => loop.reduce((sum, p, i) => {
  const [x, y] = place(p), [u, v] = place(loop[(i + 1) % loop.length]);
  return sum + (x * v - u * y) / 2;
}, 0) / (Math.sqrt(3) / 4);
const n = 30, nodes = lattice(n);
const region = (f, level) => loopsOf(nodes.map(f), n, level).loops;
const third = 1 / 3;
const far = ([a, b, c]) => Math.hypot(a - third, b - third, c - third);
answer({
  strip: region(([a]) => a, 0.333).map(area),
  middle: region(([a, b]) => Math.abs(a - b), 0.2).reduce((sum, loop) => sum + area(loop), 0),
  all: region(() => 0, 1).map(area),
  none: region(() => 1, 0).length,
  ring: region((p) => -far(p), -0.25).map(area),
  disc: region(far, 0.25).map(area),
  infinite: region(([a]) => (a > 0.5 ? Infinity : 0), 1).map(area),
  clipped: area(clip(CORNERS, [[1, -0.2, -0.2], [0.6, 0.6, -0.4]])),
  least: lowest(([a, b]) => (a - 0.2) ** 2 + (b - 0.5) ** 2, [1, 0, 0]).parts,
  few: coarser(nodes.map(([a, b]) => a - 3 * b), n, 6),
  same: lattice(6).map(([a, b]) => a - 3 * b),
  edge: lowest(([a, b, c]) => c + (a - 0.7) ** 2, [third, third, third]).parts,
});
"""


def test_contours_enclose_the_right_part_of_the_triangle():
    found = run(CONTOURS)
    # all where the top part is at most a third: the whole less a triangle of two thirds
    assert found["strip"] == pytest.approx([1 - 0.667**2], abs=1e-9)
    # two triangles are cut off, each 0.4 of one edge by 0.8 of another
    assert found["middle"] == pytest.approx(1 - 2 * 0.4 * 0.8, abs=1e-9)
    # top at least a sixth, right at most 0.6: the rest of a triangle of five sixths
    assert found["clipped"] == pytest.approx((5 / 6) ** 2 - (1 - 1 / 6 - 0.6) ** 2, abs=1e-9)
    assert found["all"] == pytest.approx([1.0])
    assert found["none"] == 0
    disc = np.pi * 0.25**2 / (np.sqrt(3) / 2)
    assert found["disc"] == pytest.approx([disc], rel=0.01)
    # what lies around a hole: the triangle the one way round, the hole the other
    assert sum(found["ring"]) == pytest.approx(1 - disc, rel=0.01)
    assert sorted(np.sign(found["ring"])) == [-1, 1]
    assert found["infinite"][0] == pytest.approx(1 - 0.5**2, abs=0.05)
    assert found["least"] == pytest.approx([0.2, 0.5, 0.3], abs=1e-6)
    assert found["few"] == pytest.approx(found["same"])
    assert found["edge"] == pytest.approx([0.7, 0.3, 0.0], abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_state_throws_or_shows_a_number_that_is_none(seed, bundle):
    found = run(RANDOM_STATES, {"view": "tradeoff", "count": 100, "seed": seed}, bundle)
    assert found["bad"] == []
    assert found["answered"] > 40


def test_a_share_is_read_as_it_is_shown():
    program = """
import { percent, readShare } from "isoloss/views/tradeoff_mixture.js";
answer([given.typed.map(readShare), given.values.map((x) => readShare(percent(x, 7)))]);
"""
    typed = ["24 %", "24", "0.24", "0,24", " .24", "5 × 10⁻⁵ %", "0.5 %", "1", "none", ""]
    values = [5e-7, 1e-4, 0.03125, 0.24, 1.0]
    read, back = run(program, {"typed": typed, "values": values})
    assert read[:8] == pytest.approx([0.24, 0.24, 0.24, 0.24, 0.24, 5e-7, 0.005, 1])
    assert read[8:] == [None, None]
    assert back == pytest.approx(values)
