"""Accuracy over size: verdicts, tasks, families, options."""

import json

import numpy as np
import pytest

from isoloss.errors.items import Model
from isoloss.errors.trends import accuracy_trends, slope_agreement, spread
from isoloss.errors.trends.slope import stretch
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, centred, drawn, exact, line, sigma

FAST = {"replicates": 200}


def test_the_slope_that_was_put_in():
    found = accuracy_trends(line(0.5, 4000, level=-0.3), **FAST).overall
    assert found.slope.value == pytest.approx(0.5, abs=0.06)
    assert found.slope.low < found.slope.value < found.slope.high
    assert found.slope.high - found.slope.low == pytest.approx(3.92 * found.slope.se, rel=0.15)
    assert found.slope.verdict == "improves"
    assert found.slope.n == found.n == 4000
    assert [one.value for one in found.accuracy] == pytest.approx(
        list(sigma(-0.3 + 0.5 * centred())), abs=0.03
    )


@pytest.mark.parametrize(
    ("slope", "items", "word"),
    [(0.5, 800, "improves"), (-0.5, 800, "worsens"), (0.0, 6000, "flat"), (0.0, 60, "cannot tell")],
)
def test_four_verdicts(slope, items, word):
    assert accuracy_trends(line(slope, items, seed=5), **FAST).overall.slope.verdict == word


def test_flat_hangs_on_the_margin():
    answers = line(0.0, 2000, seed=1)
    assert accuracy_trends(answers, margin=0.2, **FAST).overall.slope.verdict == "flat"
    assert accuracy_trends(answers, margin=0.02, **FAST).overall.slope.verdict == "cannot tell"


def test_a_slope_within_the_margin_is_said_to_be():
    found = accuracy_trends(line(0.12, 20000, seed=1), margin=0.3, **FAST).overall.slope
    assert (found.verdict, found.reason) == ("improves", "within the margin")


def test_verdicts_do_not_hang_on_the_seed():
    answers = line(0.1, 500, seed=2)
    one, two = (accuracy_trends(answers, seed=seed, **FAST).overall.slope for seed in (0, 1))
    assert (one.p, one.se, one.verdict) == (two.p, two.se, two.verdict)
    assert one.low != two.low
    again = accuracy_trends(answers, seed=0, **FAST).to_document()
    assert again == accuracy_trends(answers, seed=0, **FAST).to_document()


def test_tasks_are_judged_together():
    rng = np.random.default_rng(0)
    parts = [drawn(sigma(b * centred()), 200, int(rng.integers(1e6))) for b in [1.0] + [0.0] * 9]
    names = [f"t{t}" for t in range(10) for _ in range(200)]
    found = accuracy_trends(make(np.hstack(parts), sizes=SIZES, task=names), **FAST)
    assert found.with_verdict("improves") == ("t0",)
    assert found.task("t0").slope.q >= found.task("t0").slope.p
    assert found.spread.tasks == 10
    assert found.spread.p < 0.001
    assert found.spread.tau > 0.1
    assert sum(task.n for task in found.tasks) == found.overall.n
    with pytest.raises(ItemsError, match="no task 'x'"):
        found.task("x")


def test_tasks_are_seen_as_if_alone():
    right = drawn(sigma(0.3 * centred()), 300, 0)
    names = ["b", "a", "c"] * 100
    whole = accuracy_trends(make(right, sizes=SIZES, task=names), **FAST)
    alone = accuracy_trends(make(right[:, 1::3], sizes=SIZES), by="none", **FAST).overall
    found = whole.task("a")
    assert found.slope.value == pytest.approx(alone.slope.value)
    assert found.slope.se == pytest.approx(alone.slope.se)
    assert found.slope.p == pytest.approx(alone.slope.p)
    assert found.fitness.p == pytest.approx(alone.fitness.p)


def test_the_order_of_items_and_models_does_not_matter():
    answers = line(0.3, 300, seed=3)
    order = np.random.default_rng(0).permutation(300)
    turned = answers.columns(order).lines([3, 1, 4, 0, 2])
    one, two = accuracy_trends(answers, **FAST), accuracy_trends(turned, **FAST)
    assert one.overall.slope.value == pytest.approx(two.overall.slope.value)
    assert one.overall.slope.p == pytest.approx(two.overall.slope.p)
    assert one.overall.fitness.p == pytest.approx(two.overall.fitness.p)


def test_items_of_one_image_widen_everything():
    right = np.repeat(drawn(sigma(0.3 * centred()), 200, 0), 4, axis=1)
    alone = accuracy_trends(make(right, sizes=SIZES), **FAST).overall
    grouped = accuracy_trends(
        make(right, sizes=SIZES, cluster=np.repeat(np.arange(200), 4)), **FAST
    ).overall
    assert (alone.clusters, grouped.clusters, grouped.n) == (800, 200, 800)
    assert grouped.slope.se == pytest.approx(2 * alone.slope.se, rel=0.02)
    width = [one.slope.high - one.slope.low for one in (alone, grouped)]
    assert width[1] / width[0] == pytest.approx(2, rel=0.25)


def test_families_are_never_pooled():
    answers = line(0.3, 100, families=["A", "A", "B", "B", "B"])
    with pytest.raises(ItemsError, match=r"2 families \(A, B\).*never pooled"):
        accuracy_trends(answers, **FAST)


def test_two_sizes_make_no_trend():
    found = accuracy_trends(exact([0.2, 0.6], sizes=[1e9, 1e10]), **FAST)
    slope = found.overall.slope
    assert slope.value == pytest.approx(np.log(0.6 / 0.4) - np.log(0.2 / 0.8), abs=0.01)
    assert slope.verdict == "cannot tell"
    assert "two sizes" in slope.reason
    assert all("two sizes" in task.slope.reason for task in found.tasks)
    assert [notice.code for notice in found.notices] == ["two-sizes"]


def test_one_size_is_an_error_that_says_what_to_do():
    with pytest.raises(ItemsError, match=r"1 known size .*add smaller or larger"):
        accuracy_trends(exact([0.2], sizes=[1e9]), **FAST)


def test_models_of_unknown_size_are_left_out_and_named():
    answers = line(0.3, 200, sizes=SIZES)
    models = (*answers.models[:4], Model("secret", "F", float("nan"), float("nan")))
    fields = {name: getattr(answers, name) for name in answers.__dataclass_fields__}
    found = accuracy_trends(type(answers)(**{**fields, "models": models}), **FAST)
    assert "secret" not in found.models
    assert found.notices[0].code == "unknown-size"
    assert "secret" in found.notices[0].message


def test_right_throughout_is_no_trend():
    found = accuracy_trends(exact([1.0] * 5, items=100), **FAST).overall.slope
    assert (found.verdict, found.reason) == ("cannot tell", "right or wrong throughout")
    few = accuracy_trends(exact([0.3, 0.4, 0.5, 0.6, 0.7], items=8), **FAST).overall.slope
    assert few.verdict == "cannot tell"
    assert "fewer than 10" in few.reason


def test_a_floor_is_taken_off_where_it_can_be():
    p = 0.25 + 0.75 * sigma(0.8 * centred())
    right = drawn(p, 4000, 0)
    plain = accuracy_trends(make(right, sizes=SIZES), **FAST).overall
    above = accuracy_trends(make(right, sizes=SIZES), floor="auto", **FAST).overall
    assert (plain.floor, above.floor) == (0.0, 0.25)
    assert above.slope.value == pytest.approx(0.8, abs=0.1)
    assert plain.slope.value < 0.7
    unknown = accuracy_trends(make(right, sizes=SIZES, options=0), floor="auto", **FAST).overall
    assert unknown.floor == 0.0
    guessing = drawn([0.25] * 5, 1000, 0)
    assert accuracy_trends(make(guessing, sizes=SIZES), floor="auto", **FAST).overall.floor == 0.0


def test_the_odd_model_is_named():
    p = sigma(0.4 * centred())
    p[2] -= 0.2
    fitness = accuracy_trends(make(drawn(p, 600, 1), sizes=SIZES), **FAST).overall.fitness
    assert fitness.odd == "m2"
    assert fitness.degrees == 3
    assert fitness.p < 1e-4
    assert accuracy_trends(line(0.4, 600, seed=1), **FAST).overall.fitness.odd == ""
    # models agree so well that the misfit is beyond doubt over items and not over trials
    alike = np.stack([np.arange(600) < k for k in (240, 270, 285, 330, 360)])
    fitness = accuracy_trends(make(alike, sizes=SIZES), **FAST).overall.fitness
    assert fitness.p < 0.01 < fitness.p_binomial
    assert fitness.odd == "m2"
    three = accuracy_trends(make(drawn([0.2, 0.8, 0.3], 600, 1), sizes=SIZES[:3]), **FAST)
    assert three.overall.fitness.odd == "?"


def test_the_document_is_plain_data():
    document = accuracy_trends(line(0.3, 100, task=["a", "b"] * 50), **FAST).to_document()
    assert json.loads(json.dumps(document))["overall"]["slope"]["verdict"]
    assert {task["name"] for task in document["tasks"]} == {"a", "b"}
    assert document["spread"]["tasks"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "model"}, "by='model'"),
        ({"floor": "high"}, "floor='high'"),
        ({"margin": 0.0}, "margin=0"),
        ({"level": 1.5}, "level=1.5"),
        ({"replicates": 3}, "replicates=3"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ItemsError, match=message):
        accuracy_trends(line(0.3, 50), **{**FAST, **options})


def test_heterogeneity_of_a_known_meta_analysis():
    # 13 trials of BCG vaccine (Colditz et al. 1994), log risk ratios; the R package metafor
    # prints tau^2 .3132, mu -.7145 and Q 152.233 for them
    trials = np.array(
        [
            [4, 119, 11, 128],
            [6, 300, 29, 274],
            [3, 228, 11, 209],
            [62, 13536, 248, 12619],
            [33, 5036, 47, 5761],
            [180, 1361, 372, 1079],
            [8, 2537, 10, 619],
            [505, 87886, 499, 87892],
            [29, 7470, 45, 7232],
            [17, 1699, 65, 1600],
            [186, 50448, 141, 27197],
            [5, 2493, 3, 2338],
            [27, 16886, 29, 17825],
        ],
        dtype=float,
    )
    a, b, c, d = trials.T
    effect = np.log(a / (a + b)) - np.log(c / (c + d))
    se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    found = spread(effect, se)
    assert found.q == pytest.approx(152.233, abs=0.001)
    assert found.tau**2 == pytest.approx(0.3132, abs=0.0001)
    assert found.mu == pytest.approx(-0.7145, abs=0.0001)
    assert found.i2 == pytest.approx(1 - 12 / 152.233, abs=1e-5)
    assert found.low < found.mu < found.high < 0


def test_percentile_intervals_of_few_items_are_widened():
    # sqrt(50 / 48) t_48(.975) / 1.96
    assert stretch(50, 0.95) == pytest.approx(np.sqrt(50 / 48) * 2.010635 / 1.959964, rel=1e-5)
    assert stretch(100_000, 0.95) == pytest.approx(1.0, abs=1e-4)
    assert stretch(1, 0.95) == 1.0


def test_equal_slopes_have_no_spread():
    found = spread(np.full(8, 0.3), np.full(8, 0.1))
    assert (found.tau, found.i2) == (0.0, 0.0)
    assert found.high - found.low == pytest.approx(2 * 2.3646 * 0.1 / np.sqrt(8), rel=1e-3)
    missing = spread(np.array([0.3, np.nan, 0.2]), np.array([0.1, 0.1, np.nan]))
    assert missing.tasks == 1
    assert np.isnan(missing.q)


def test_two_families_that_improve_on_the_same_tasks():
    slopes = np.linspace(-0.5, 1.5, 12)
    names = [f"t{t}" for t in range(12) for _ in range(300)]

    def family(seed, order):
        parts = [drawn(sigma(b * centred()), 300, seed + t) for t, b in enumerate(order)]
        return accuracy_trends(make(np.hstack(parts), sizes=SIZES, task=names), **FAST)

    same = slope_agreement(family(0, slopes), family(100, slopes))
    other = slope_agreement(family(0, slopes), family(200, slopes[::-1]))
    assert same.r > 0.8
    assert same.low > 0.5
    assert other.r < -0.8
    assert same.p < 0.001
    assert len(same.tasks) == 12
    with pytest.raises(ItemsError, match="four are needed"):
        slope_agreement(accuracy_trends(line(0.3, 50), **FAST), family(0, slopes))
