"""The page's optimum against `isoloss.plan`, on published laws and on a fit, draws included."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.explore.bundle import make_bundle
from isoloss.law import published_laws
from tests.explore.node import run

PROGRAM = """
import { optimum, flat } from "isoloss/solver.js";
answer(given.map(([key, C, held]) => {
  const law = laws.get(key);
  const found = optimum(law, C, held);
  const [low, high] = flat(law, C, held);
  return { N: found.N, D: found.D, loss: found.loss, ratio: found.ratio, low, high };
}));
"""


@pytest.fixture(scope="module")
def fit():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    return find_law("(A/N**a + B/D**b)**g").fit(runs, draws=200, seed=0)


@pytest.mark.parametrize(
    "law", ["chinchilla", "kaplan", "(A/N**a + B/D**b)**g", "E + A/N**a + B/D**b + c*exp(-N/1e6)"]
)
def test_the_optimum_of_a_fit_and_its_intervals_are_those_of_the_plan(law):
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    made = find_law(law).fit(runs, draws=100, seed=0)
    bundle = make_bundle([("fit", made)], draws=100)
    budgets = [3e11, 2e12, 5e13]
    found = run(PROGRAM, [["fit", c, {}] for c in budgets], bundle)
    for compute, page in zip(budgets, found, strict=True):
        plan = made.plan(compute=compute)
        for name, key in (
            ("N", "N"),
            ("D", "D"),
            ("loss", "loss"),
            ("tokens_per_parameter", "ratio"),
        ):
            ours = plan.optimum[name]
            assert page[key]["value"] == pytest.approx(ours.value, rel=1e-6)
            assert page[key]["low"] == pytest.approx(ours.low, rel=1e-5)
            assert page[key]["high"] == pytest.approx(ours.high, rel=1e-5)
        assert (page["low"], page["high"]) == pytest.approx(plan.flat, rel=1e-5)


def test_the_optimum_of_every_published_law_in_size_and_data():
    bundle = make_bundle(laws=[name for name, at in CASES])
    found = run(PROGRAM, [[name, 1e21, at] for name, at in CASES], bundle)
    for (name, at), page in zip(CASES, found, strict=True):
        plan = published_laws()[name].plan(compute=1e21, at=at or None)
        assert page["N"]["value"] == pytest.approx(plan.optimum["N"].value, rel=1e-6), name
        assert page["loss"]["value"] == pytest.approx(plan.optimum["loss"].value, rel=1e-9), name


CASES = [
    ("hoffmann2022_a3", {}),
    ("besiroglu2024", {}),
    ("kaplan2020_ND", {}),
    ("gadre2024_loss", {}),
    ("krajewski2024_dense", {}),
    ("shukor2025_sparse_ND", {}),
    ("ludziejewski2025_joint", {"experts": 8.0}),
    ("frantar2023_sparsity", {"sparsity": 0.5}),
    ("muennighoff2023", {"U": 1e10}),
]


def test_intervals_are_numpys_quantiles():
    rng = np.random.default_rng(1)
    sets = [rng.normal(size=n).tolist() for n in (1, 2, 7, 400)]
    found = run(
        'import { interval } from "isoloss/numbers.js";\n'
        "answer(given.map((x) => interval(x, 0.9)));",
        sets,
    )
    for draws, ends in zip(sets, found, strict=True):
        assert ends == pytest.approx(np.quantile(draws, [0.05, 0.95]).tolist(), rel=1e-14)


def test_infinite_draws_are_the_largest_and_missing_ones_are_left_out():
    found = run(
        """import { interval } from "isoloss/numbers.js";
        const x = [1, 2, 3, NaN, Infinity];
        answer(interval(x, 0.5).map(String));""",
    )
    wanted = np.quantile([1.0, 2.0, 3.0, np.inf], [0.25, 0.75], method="inverted_cdf")
    assert [float(x) for x in found] == wanted.tolist()
