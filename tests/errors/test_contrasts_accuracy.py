"""The difference in accuracy: McNemar, intervals, tasks, verdicts."""

import numpy as np
import pytest
from scipy.stats import binomtest

from isoloss.errors.contrasts import adjusted_wald, contrast, mcnemar
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make


def blocks(*counts):
    """Answers of two models: so many items both right, lost, gained, both wrong."""
    kinds = ((1, 1), (1, 0), (0, 1), (0, 0))
    return np.concatenate(
        [np.tile([[a], [b]], n) for (a, b), n in zip(kinds, counts, strict=True)], 1
    )


def test_mcnemar_is_a_binomial_test():
    for lost, gained in ((0, 0), (1, 0), (3, 9), (12, 12), (198, 312)):
        exact, mid = mcnemar(np.array(lost), np.array(gained))
        n = lost + gained
        expected = binomtest(lost, n).pvalue if n else 1.0
        assert exact == pytest.approx(expected, abs=1e-12)
        assert mid <= exact
    # 2 P(X < 3) + P(X = 3) of 12 tosses
    assert mcnemar(np.array(3), np.array(9))[1] == pytest.approx((2 * 79 + 220) / 4096)
    assert mcnemar(np.array(7), np.array(7))[1] == 1.0


def test_adjusted_wald_does_not_vanish_without_disagreement():
    low, high = adjusted_wald(np.array(0), np.array(0), np.array(50), 0.95)
    assert high == pytest.approx(-low)
    assert high == pytest.approx(1.959964 * np.sqrt(2 / 52 / 52), rel=1e-5)


def test_the_numbers_of_a_contrast():
    found = contrast(make(blocks(40, 5, 25, 30)), "m0", "m1").accuracy
    assert (found.small, found.large, found.lost, found.gained) == (0.45, 0.65, 5, 25)
    assert found.change.value == pytest.approx(0.20)
    # the normal interval has half width .1003
    assert found.change.low == pytest.approx(0.10, abs=0.015)
    assert found.change.high == pytest.approx(0.30, abs=0.015)
    assert found.change.n == 100
    assert found.verdict == "better"


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((40, 5, 25, 30), "better"),
        ((40, 25, 5, 30), "worse"),
        ((40, 12, 14, 34), "cannot tell"),
        ((4000, 40, 42, 4000), "same within margin"),
        ((5, 0, 0, 5), "cannot tell"),
        ((0, 0, 20, 0), "better"),
    ],
)
def test_four_verdicts(counts, verdict):
    assert contrast(make(blocks(*counts)), "m0", "m1").accuracy.verdict == verdict


def test_a_real_difference_may_be_below_the_margin():
    def found(margin):
        grid = make(blocks(5000, 20, 130, 5000))
        return contrast(grid, "m0", "m1", margin=margin, replicates=200).accuracy

    assert found(0.02).verdict == found(0.005).verdict == "better"
    assert found(0.02).within_margin
    assert not found(0.005).within_margin


def test_few_disagreements_take_the_cautious_interval():
    found = contrast(make(blocks(50, 0, 3, 47)), "m0", "m1").accuracy
    low, high = adjusted_wald(np.array(0), np.array(3), np.array(100), 0.95)
    assert (found.change.low, found.change.high) == pytest.approx((float(low), float(high)))
    # the bootstrap never draws a question that is not there
    assert found.by_item.low == 0 > found.change.low
    assert not contrast(make(blocks(50, 1, 0, 49)), "m0", "m1", margin=0.035).accuracy.within_margin


def test_tasks_are_judged_together():
    # twenty tasks, two of which would pass alone
    parts, names = [], []
    for task in range(20):
        parts.append(blocks(20, 2, 10, 18) if task < 2 else blocks(20, 6, 6, 18))
        names += [f"t{task}"] * 50
    found = contrast(make(np.concatenate(parts, 1), task=names), "m0", "m1")
    assert found.tasks[0].mid < 0.05 < found.tasks[0].q
    assert found.tasks[0].verdict == "cannot tell"
    assert len(found.tasks) == 20
    assert found.tasks[0].change.value == pytest.approx(0.16)
    alone = contrast(make(parts[0]), "m0", "m1")
    assert alone.tasks[0].verdict == "better"


def test_items_in_any_order_give_the_same_tasks():
    correct = np.random.default_rng(0).integers(0, 2, (2, 300))
    names = [f"t{k % 3}" for k in range(300)]
    grid = make(correct, task=names)
    shuffled = grid.columns(np.random.default_rng(1).permutation(300))
    for one, other in zip(
        contrast(grid, "m0", "m1").tasks, contrast(shuffled, "m0", "m1").tasks, strict=True
    ):
        assert (one.name, one.lost, one.gained) == (other.name, other.lost, other.gained)


def test_clusters_widen_the_interval_and_the_p_value():
    # ten questions an image, answered alike
    base = blocks(10, 4, 12, 14)
    grid = make(np.repeat(base, 10, axis=1), cluster=np.repeat(np.arange(40), 10))
    found = contrast(grid, "m0", "m1")
    assert found.clusters == 40
    width = found.accuracy.change.high - found.accuracy.change.low
    naive = found.accuracy.by_item.high - found.accuracy.by_item.low
    assert width == pytest.approx(naive * np.sqrt(10), rel=0.15)
    assert found.accuracy.mid < 1e-6
    # (12 - 4)^2 / 16 = 4 on one degree of freedom
    assert found.accuracy.p == pytest.approx(0.0455, abs=1e-3)


def test_same_seed_same_document():
    grid = make(blocks(40, 5, 25, 30))
    one, two = (contrast(grid, "m0", "m1", seed=3).to_document() for _ in range(2))
    assert repr(one) == repr(two)
    assert repr(one) != repr(contrast(grid, "m0", "m1", seed=4).to_document())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"large": "m7"}, "no model 'm7' among the answers; there is m0, m1"),
        ({"large": "m0"}, "are one model"),
        ({"level": 95}, "level=95; expected a coverage between 0.5 and 1"),
        ({"replicates": 1}, "replicates=1; expected at least 20"),
        ({"margin": 2}, "margin=2; expected a difference in accuracy"),
        ({"permutations": 0}, "permutations=0"),
        ({"noise": (0, 1)}, r"noise=\(0, 1\); expected the two shapes of a Beta"),
        ({"valid": np.ones((3, 3), bool)}, r"valid has shape \(3, 3\); expected \(2, 100\)"),
    ],
)
def test_bad_input(options, says):
    with pytest.raises(ItemsError, match=says):
        contrast(make(blocks(40, 5, 25, 30)), "m0", **({"large": "m1"} | options))


def coverage(runs, items, replicates, per_cluster=1):
    """Share of intervals that hold the true difference, by cluster and by item."""
    hits = np.zeros(2)
    groups = items // per_cluster
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        kind = np.repeat(rng.choice(4, groups, p=[0.4, 0.1, 0.2, 0.3]), per_cluster)
        correct = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])[kind].T
        found = contrast(
            make(correct, cluster=np.arange(items) // per_cluster),
            "m0",
            "m1",
            replicates=replicates,
            permutations=20,
            seed=seed,
        ).accuracy
        hits += [e.low <= 0.1 <= e.high for e in (found.change, found.by_item)]
    return hits / runs


def test_coverage_of_the_difference():
    assert 0.91 <= coverage(80, 300, 100)[0] <= 0.995


def test_coverage_by_cluster_where_items_do_not_cover():
    by_cluster, by_item = coverage(60, 400, 150, per_cluster=5)
    assert by_cluster > 0.88
    assert by_item < 0.75


@pytest.mark.slow
def test_coverage_of_the_difference_in_many_runs():
    assert 0.93 <= coverage(2000, 400, 500)[0] <= 0.97
