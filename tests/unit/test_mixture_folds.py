"""Backtests, naive forecasts, weights and intervals of mixtures."""

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.trust.mixture import forms, interval
from isoloss.trust.mixture.blend import blend
from isoloss.trust.mixture.folds import axis_of, naive, rolling
from isoloss.trust.mixture.members import Member, built_in
from isoloss.trust.mixture.rows import asked_rows, training_rows
from isoloss.trust.mixture.weights import by_backtest, eligible

from .mixture_cases import chinchilla_like, one_input


def test_a_fold_asks_only_what_lies_beyond_its_cut():
    rows = training_rows(chinchilla_like(64), (), None)
    span = np.log(10.0)
    folds = rolling(rows, span)
    assert len(folds) == 4
    for fold, share in zip(folds, (1.0, 0.7, 0.45, 0.25), strict=True):
        assert fold.cut == pytest.approx(rows.size.max() - share * span)
        assert not (fold.seen & fold.asked).any()
        assert rows.size[fold.seen].max() <= fold.cut + 1e-9 < rows.size[fold.asked].min() + 1e-6
        assert rows.size[fold.asked].max() <= fold.cut + 1.3 * span + 1e-6
        assert fold.seen.sum() >= 9
        assert fold.distance == pytest.approx(rows.size[fold.asked] - rows.size[fold.seen].max())


def test_folds_leave_enough_rows_and_never_repeat():
    rows = training_rows(one_input("floor", runs=12), (), None)
    folds = rolling(rows, 0.5)
    seen = [int(fold.seen.sum()) for fold in folds]
    assert min(seen) >= 9
    assert len(set(seen)) == len(seen)
    assert rolling(rows, 0.5, fewest=13) == ()


def test_a_question_inside_the_runs_has_backtests_too():
    rows = training_rows(one_input("floor", runs=24), (), None)
    folds = rolling(rows, -1.0)
    assert folds
    assert all((fold.seen | fold.asked).all() for fold in folds)


@pytest.mark.parametrize("rule", ["N", "D"])
def test_a_rule_names_the_axis(rule):
    rows = training_rows(chinchilla_like(64), (), None)
    values = rows.columns[rule]
    for fold in rolling(rows, np.log(5.0), rule=rule):
        assert values[fold.seen].max() < values[fold.asked].min()


def test_time_is_the_order_of_the_table_and_nonsense_is_refused():
    rows = training_rows(chinchilla_like(16), (), None)
    assert sorted(axis_of(rows, "time")) == list(range(16))
    assert axis_of(rows, "time") == pytest.approx(rows.order)
    with pytest.raises(InputError, match=r"along C, time or an input .*got 'depth'"):
        axis_of(rows, "depth")


def test_naive_forecasts():
    rows = training_rows(one_input("power", noise=0.0), (), None)
    found = naive(rows, asked_rows(rows, {"C": [1.1e17, 1e22]}, ()))
    last = 3 - 0.05 * np.log(1e21)
    assert found["last value"] == pytest.approx([last, last])
    assert found["log-linear"] == pytest.approx(3 - 0.05 * np.log([1.1e17, 1e22]))
    assert found["nearest run"] == pytest.approx([3 - 0.05 * np.log(1e17), last])


def test_weights_follow_the_backtests():
    good, bad = np.full((1, 4), 1e-4), np.full((1, 4), 4e-4)
    errors = [np.concatenate([good, bad])] * 4
    expected = ((1e-4 + 1e-6) / (4e-4 + 1e-6)) ** 2
    weights = by_backtest(errors, 2, small=False)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[1] / weights[0] == pytest.approx(expected)
    flat = by_backtest(errors, 2, small=True)
    assert flat[1] / flat[0] == pytest.approx(expected**0.25)
    assert by_backtest([], 3, small=False) == pytest.approx(np.full(3, 1 / 3))
    errors[0] = np.array([[1e-4] * 4, [np.inf] * 4])
    assert by_backtest(errors, 2, small=False) == pytest.approx([1.0, 0.0])


def test_a_memory_that_holds_too_few_runs_is_left_out():
    rows = training_rows(one_input("floor", runs=24), (), None)
    assert eligible(Member(forms.ADDITIVE), rows)
    assert eligible(Member(forms.ADDITIVE, 0.5), rows)
    assert not eligible(Member(forms.ADDITIVE, 0.1), rows)
    mixed = blend(built_in(1), rows, asked_rows(rows, {"C": 1e22}, ()), draws=0, seed=0)
    assert {m.memory for m in mixed.members} == {None, 0.5}


def made(**given):
    """A spread of two members at two points."""
    options = {
        "weights": np.array([0.75, 0.25]),
        "forecasts": np.array([[1.0, 1.0], [1.04, 1.2]]),
        "scatters": np.array([[0.01, 0.02], [0.03, 0.04]]),
        "spreads": np.array([0.005, 0.01]),
        "runs": 40,
        "distance": np.array([0.0, 3.0]),
        "delta": 0.01,
    }
    return interval.spread(**{**options, **given})


def test_the_variances_are_what_they_are_called_and_add_up():
    found = made(delta=0.0)
    assert found.centre == pytest.approx([1.01, 1.05])
    assert found.form == pytest.approx(
        [0.75 * 0.01**2 + 0.25 * 0.03**2, 0.75 * 0.05**2 + 0.25 * 0.15**2]
    )
    assert found.parameter == pytest.approx([0.75e-4 + 0.25 * 9e-4, 0.75 * 4e-4 + 0.25 * 16e-4])
    assert found.residual == pytest.approx([0.75 * 25e-6 + 0.25e-4] * 2)
    assert found.variance == pytest.approx(found.form + found.parameter + found.residual)
    # t with 36 degrees of freedom
    assert found.half_width(0.9) == pytest.approx(1.6883 * np.sqrt(found.variance), rel=1e-4)


def test_backtests_widen_and_never_narrow():
    calm, wild = made(delta=0.0), made(delta=0.1)
    assert calm.drift == pytest.approx([0.0, 0.0])
    assert wild.variance[0] == pytest.approx(calm.variance[0])
    assert wild.variance[1] == pytest.approx(0.3**2 + calm.residual[1])
    for delta in np.geomspace(1e-5, 10, 30):
        assert (made(delta=delta).variance >= calm.variance - 1e-15).all()


def test_drift_grows_with_errors_and_falls_back_to_what_ladders_show():
    distance = [np.full(3, 2.0)]
    none = interval.drift([], [], [], runs=40)
    assert none == interval.DRIFT
    assert interval.drift([], [], [], runs=8) == interval.DRIFT_SMALL
    small = interval.drift([np.full(3, 0.003)], [1e-6], distance, runs=40)
    large = interval.drift([np.full(3, 0.2)], [1e-6], distance, runs=40)
    assert small < none < large < 0.1
    many = interval.drift([np.full(3, 0.2)] * 20, [1e-6] * 20, distance * 20, runs=40)
    assert large < many < 0.1
    # an error below the residual is no drift
    calm = interval.drift([np.full(3, 0.001)], [1.0], distance, runs=40)
    assert calm < small


def test_small_ladders_have_residual_and_drift_alone():
    found = made(runs=interval.SMALL - 1)
    assert found.form == pytest.approx([0.0, 0.0])
    assert found.parameter == pytest.approx([0.0, 0.0])
    assert found.variance == pytest.approx(found.residual + np.array([0.0, 0.03**2]))
    assert found.freedom == 5.0
    assert made(runs=interval.SMALL).freedom == interval.SMALL - 4.0


def test_a_fold_is_judged_with_weights_of_the_other_folds():
    rows = training_rows(chinchilla_like(64), (), None)
    asked = asked_rows(rows, {"N": 1e10, "D": 2e11}, ())
    mixed = blend(built_in(2)[::3], rows, asked, draws=0, seed=0)
    one = mixed.tested[0]
    lucky = one.forecast.values.copy()
    lucky[0] = one.truth
    object.__setattr__(one.forecast, "values", lucky)
    again = mixed.fold_spread(0)
    # had the fold's own errors counted, the member that is right there would have all the weight
    assert not np.allclose(again.centre, one.truth, atol=1e-4)
