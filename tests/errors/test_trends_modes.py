"""Failure modes over size: rates, shares, the whole mix; from answers and from counts."""

import json

import numpy as np
import pytest

from isoloss.errors.trends import mode_trends, mode_trends_from_counts
from isoloss.errors.trends.mode_tests import change_of_mix
from isoloss.errors.trends.multinomial import fit_mixture
from isoloss.exceptions import ItemsError
from tests.errors.contrasts_cases import make
from tests.errors.trends_cases import SIZES, centred, drawn, line, sigma

FAST = {"replicates": 150}
SIZE = np.log10(SIZES)


def labelled(right, first, **options):
    """Errors are `first` where that is 1, else `second`."""
    names = np.where(right == 1, "correct", np.where(first == 1, "first", "second"))
    return make(right, modes=names.tolist(), sizes=options.pop("sizes", SIZES), **options)


def known(slope=0.8, items=1500, seed=0, accuracy=0.4, **options):
    p = np.broadcast_to(accuracy, 5)
    share = sigma(-0.5 + slope * centred())
    return labelled(drawn(p, items, seed), drawn(share, items, seed + 1), **options)


def test_a_share_that_grows():
    mix = mode_trends(known(), **FAST).overall
    first, second = mix.mode("first"), mix.mode("second")
    assert first.share_slope.value == pytest.approx(0.8, abs=0.15)
    assert first.share_slope.verdict == "grows"
    assert second.share_slope.verdict == "shrinks"
    assert second.share_slope.value == pytest.approx(-first.share_slope.value)
    # of two modes the multinomial line is the binomial one, shared between them
    assert first.mix_slope == pytest.approx(first.share_slope.value / 2, rel=0.01)
    assert mix.verdict == "changes"
    assert mix.p < 1e-6
    assert sum(mix.errors) == sum(first.counts) + sum(second.counts)
    with pytest.raises(KeyError):
        mix.mode("third")


def test_intervals_are_those_of_the_standard_errors():
    first = mode_trends(known(), replicates=2500).overall.mode("first")
    assert max(first.dispersion) < 1
    for one in (first.share_slope, first.rate_slope):
        assert one.high - one.low == pytest.approx(3.92 * one.se, rel=0.06)


def test_rates_and_shares_may_disagree():
    # errors of one kind vanish faster: the other is rarer and yet more of what is left
    right = drawn(sigma(1.2 * centred()), 3000, 0)
    first = drawn(sigma(0.4 * centred()), 3000, 1)
    one = mode_trends(labelled(right, first), **FAST).overall.mode("first")
    assert one.rate_slope.verdict == "improves"
    assert one.rate_slope.value < 0
    assert one.share_slope.verdict == "grows"
    assert [e.n for e in one.rate] == [3000] * 5
    assert one.share[-1].value > one.share[0].value


def test_a_rate_that_rises_worsens():
    right = drawn(sigma(-0.8 * centred()), 1500, 0)
    mix = mode_trends(labelled(right, drawn([0.5] * 5, 1500, 1)), **FAST).overall
    assert {one.rate_slope.verdict for one in mix.modes} == {"worsens"}


def test_an_even_mix_is_flat_or_not_known():
    flat = mode_trends(known(0.0, 12000, accuracy=0.3), **FAST).overall
    assert {one.share_slope.verdict for one in flat.modes} == {"flat"}
    assert flat.verdict == "flat"
    few = mode_trends(known(0.0, 120), **FAST).overall
    assert few.verdict == "cannot tell"


def test_fewer_than_thirty_errors_say_nothing_of_shares():
    right = drawn([0.5, 0.6, 0.7, 0.8, 0.98], 300, 0)
    mix = mode_trends(labelled(right, drawn([0.1, 0.2, 0.4, 0.6, 0.9], 300, 1)), **FAST).overall
    assert min(mix.errors) < 30
    for one in mix.modes:
        assert one.share_slope.verdict == "cannot tell"
        assert "shares need 30" in one.share_slope.reason
    assert mix.verdict == "cannot tell"
    # rates ask for no number of errors
    assert mix.mode("second").rate_slope.reason == ""


def test_scatter_between_models_is_counted():
    # the share swings from model to model and has no direction: items alone would tell one
    swing = labelled(drawn([0.5] * 5, 3000, 0), drawn([0.8, 0.4, 0.7, 0.3, 0.45], 3000, 1))
    one = mode_trends(swing, **FAST).overall.mode("first")
    assert one.dispersion[1] > 10
    assert one.share_slope.verdict == "cannot tell"
    assert one.share_slope.value < -0.3
    assert one.share_slope.high > 0
    even = mode_trends(known(), **FAST).overall.mode("first")
    assert even.dispersion[1] < 4


def test_a_mode_that_only_the_smallest_model_has_is_penalised():
    right = drawn([0.5] * 5, 400, 0)
    first = np.zeros_like(right)
    first[0, np.flatnonzero(right[0] == 0)[:30]] = 1
    one = mode_trends(labelled(right, first), **FAST).overall.mode("first")
    assert one.counts == (30, 0, 0, 0, 0)
    assert one.method == "penalised"
    assert np.isfinite([one.share_slope.value, one.share_slope.se, one.mix_slope]).all()
    assert one.share_slope.value < -2


def test_tasks_each_have_a_mix():
    answers = known(task=["a", "b", "c"] * 500)
    found = mode_trends(answers, by="task", **FAST)
    assert [mix.name for mix in found.tasks] == ["a", "b", "c"]
    for j, name in enumerate(("first", "second")):
        total = np.sum([mix.mode(name).counts for mix in found.tasks], axis=0)
        assert tuple(total) == found.overall.mode(name).counts, j
    alone = mode_trends(answers.of_task("b"), **FAST).overall
    assert alone.p == pytest.approx(found.tasks[1].p)
    assert alone.modes[0].share_slope.se == pytest.approx(found.tasks[1].modes[0].share_slope.se)


def test_modes_that_cannot_be_judged_do_not_count_as_tests():
    answers = known(0.3, 800)
    rare = np.array(answers.modes)[answers.mode].astype(object)
    rare[0, np.flatnonzero(rare[0] == "first")[:3]] = "rare"
    plain = mode_trends(answers, **FAST).overall.mode("second").share_slope
    more = mode_trends(make(answers.correct, modes=rare.tolist(), sizes=SIZES), **FAST).overall
    assert "fewer than 5" in more.mode("rare").share_slope.reason
    assert np.isnan(more.mode("rare").share_slope.q)
    assert more.mode("second").share_slope.q <= 2 * plain.p * 1.01


def test_errors_without_a_mode_are_counted_apart():
    right = drawn([0.5] * 5, 400, 0)
    names = np.where(right == 1, "correct", "first").astype(object)
    names[:, :50] = None
    mix = mode_trends(make(right, modes=names.tolist(), sizes=SIZES), **FAST).overall
    assert mix.silent == tuple((right[:, :50] == 0).sum(1))
    assert tuple(a + b for a, b in zip(mix.errors, mix.silent, strict=True)) == tuple(
        (right == 0).sum(1)
    )
    assert "single failure mode" in mix.reason


def test_no_errors_at_all():
    right = np.ones((5, 50), np.int8)
    right[0, 0] = 0
    mix = mode_trends(labelled(right, right), **FAST).overall
    assert mix.errors == (1, 0, 0, 0, 0)
    assert mix.verdict == "cannot tell"
    json.dumps(mix.to_document())


def test_labels_are_needed():
    with pytest.raises(ItemsError, match="no failure modes; label them"):
        mode_trends(line(0.3, 50), **FAST)
    with pytest.raises(ItemsError, match="by='x'"):
        mode_trends(known(items=100), by="x", **FAST)


def test_two_sizes_make_no_trend():
    found = mode_trends(known(items=400).lines([0, 4]), **FAST)
    assert "two sizes" in found.overall.reason
    assert all("two sizes" in one.rate_slope.reason for one in found.overall.modes)


def test_the_document_is_plain_data():
    found = mode_trends(known(items=300), by="task", **FAST)
    document = json.dumps(found.to_document())
    first = json.loads(document)["overall"]["modes"][0]
    assert first["share_slope"]["unit"] == "logits per decade"
    assert document == json.dumps(mode_trends(known(items=300), by="task", **FAST).to_document())


LABELS = [[48, 9, 4, 4, 4], [48, 4, 6, 3, 0], [46, 6, 2, 4, 0], [47, 4, 0, 0, 0]]
NAMES = ["perception", "reasoning", "redundant", "question", "vague"]
LABELLED = [4e9, 8e9, 2.6e10, 7.6e10]


def test_a_table_of_counts():
    mix = mode_trends_from_counts(LABELLED, LABELS, NAMES).overall
    one = mix.mode("perception")
    assert one.share_slope.value == pytest.approx(1.01, abs=0.005)
    assert one.share_slope.se == pytest.approx(0.366, abs=0.001)
    assert one.share_slope.p == pytest.approx(0.0058, abs=0.0002)
    assert (one.method, one.rate_slope, one.rate) == ("likelihood", None, ())
    assert mix.chi2 == pytest.approx(22.37, abs=0.01)
    vague = mix.mode("vague")
    assert vague.method == "penalised"
    assert -8 < vague.share_slope.value < -1
    assert vague.share_slope.verdict == "cannot tell"


def test_a_table_of_counts_out_of_order_and_with_items():
    order = [2, 0, 3, 1]
    one = mode_trends_from_counts(LABELLED, LABELS, NAMES, items=[100] * 4, names=list("abcd"))
    two = mode_trends_from_counts(
        [LABELLED[i] for i in order],
        [LABELS[i] for i in order],
        NAMES,
        items=[100] * 4,
        names=[list("abcd")[i] for i in order],
    )
    assert json.dumps(one.to_document()) == json.dumps(two.to_document())
    assert one.overall.mode("perception").rate[0].value == pytest.approx(0.48)
    assert one.overall.mode("perception").rate_slope.verdict in ("flat", "cannot tell")


def test_overdispersed_counts_are_told_apart_from_a_trend():
    counts = [[80, 20], [40, 60], [70, 30], [35, 65], [50, 50]]
    one = mode_trends_from_counts(SIZES, counts, ["a", "b"]).overall.mode("a")
    assert one.dispersion[1] > 5
    assert one.share_slope.verdict == "cannot tell"
    assert one.share_slope.low < 0 < one.share_slope.high


@pytest.mark.parametrize(
    ("size", "counts", "items", "message"),
    [
        ([1e9, 1e10], [[1, 2]], None, "counts have shape"),
        ([1e9, 0.0], [[1, 2], [3, 4]], None, "every size"),
        ([1e9, 1e10], [[1, -2], [3, 4]], None, "every count"),
        ([1e9, 1e9], [[1, 2], [3, 4]], None, "several sizes"),
        ([1e9, 1e10], [[0, 0], [3, 4]], None, "row 1 .* has no error"),
        ([1e9, 1e10], [[1, 2], [3, 4]], [3, 3], "items must be given"),
    ],
)
def test_tables_that_cannot_be_used(size, counts, items, message):
    with pytest.raises(ItemsError, match=message):
        mode_trends_from_counts(size, counts, ["a", "b"], items=items)


def test_the_multinomial_line_is_met():
    s = centred()
    theta = np.array([[0.5, 0.3], [0.1, -0.6]])
    logits = np.column_stack([theta[:, :1] + theta[:, 1:] * s]).reshape(2, 5)
    p = np.exp(np.vstack([logits, np.zeros(5)]))
    p = (p / p.sum(0)).T
    found = fit_mixture(SIZE, p * 1e6, firth=False)
    assert found.slope == pytest.approx([0.3, -0.6], abs=1e-3)
    assert found.p == pytest.approx(p, abs=1e-5)
    assert found.centred_slopes.sum() == pytest.approx(0.0, abs=1e-12)
    # the penalty fades as counts grow
    assert fit_mixture(SIZE, p * 1e6).slope == pytest.approx([0.3, -0.6], abs=1e-3)


def test_the_choice_of_reference_does_not_matter():
    counts = np.array(LABELS, dtype=float)
    one = fit_mixture(np.log10(LABELLED), counts).centred_slopes
    two = fit_mixture(np.log10(LABELLED), counts[:, ::-1]).centred_slopes
    assert one == pytest.approx(two[::-1], abs=1e-4)


def test_p_of_the_mix_grows_with_dispersion():
    table = np.full((5, 3), 40.0)
    plain = change_of_mix(12.0, 2, 400, table, [0.5] * 3, [0.6] * 3)
    wide = change_of_mix(12.0, 2, 400, table, [4.0] * 3, [0.6] * 3)
    worse = change_of_mix(12.0, 2, 400, table, [4.0] * 3, [1e-4] * 3)
    assert plain < 0.01 < wide < worse
    assert np.isnan(change_of_mix(float("nan"), 2, 400, table, [1.0] * 3, [0.5] * 3))
