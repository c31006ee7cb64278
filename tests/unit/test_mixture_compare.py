"""The verb `compare_forms`, and scores on hidden runs."""

import json

import numpy as np
import pytest

from isoloss.exceptions import InputError
from isoloss.store import dumps
from isoloss.trust.mixture import compare_forms
from isoloss.trust.mixture.blend import blend
from isoloss.trust.mixture.compare import _folds, _play
from isoloss.trust.mixture.members import built_in
from isoloss.trust.mixture.paired import judge, paired
from isoloss.trust.mixture.rows import training_rows
from isoloss.trust.mixture.score import DECADE, FIFTH, hidden_scores, hide, scores_text

from .mixture_cases import chinchilla_like, one_input


@pytest.fixture(scope="module")
def found():
    return compare_forms(chinchilla_like(64, noise=0.002), at={"N": 2e10, "D": 4e11}, draws=30)


def test_every_form_the_mixture_and_naive_forecasts_have_a_row(found):
    kinds = {row.name: row.kind for row in found.rows}
    assert {name for name, kind in kinds.items() if kind == "form"} == {
        "additive", "tied", "no_floor", "coupled", "quadratic",
    }  # fmt: skip
    assert kinds["mixture"] == "mixture"
    assert kinds["last value"] == kinds["log-linear"] == kinds["nearest run"] == "naive"
    errors = [row.error for row in found.rows]
    assert errors == sorted(errors)
    assert len(found.folds) == 6
    assert all(len(row.errors) == 6 for row in found.rows)


def test_the_true_form_is_among_the_best_and_a_law_without_floor_is_not(found):
    assert {"additive", "coupled"} & set(found.ties)
    verdicts = {row.name: row.verdict for row in found.rows}
    assert verdicts["no_floor"] == verdicts["last value"] == "worse"
    assert sum(row.verdict == "best" for row in found.forms) == 1
    best = next(row for row in found.forms if row.verdict == "best")
    assert np.isnan(best.p)
    assert found.winner is None or found.ties == (found.winner.name,)


def test_criteria_price_parameters_and_are_relative(found):
    by_name = {row.name: row for row in found.forms}
    assert min(row.aicc for row in found.forms) == 0.0
    assert min(row.bic for row in found.forms) == 0.0
    assert by_name["no_floor"].aicc > 50
    # the coupled form fits no worse than the additive one and pays for one parameter more
    gap = by_name["coupled"].bic - by_name["additive"].bic
    assert gap < np.log(64) + 0.1


def test_every_row_foretells_the_point(found):
    for row in found.rows:
        assert row.value is not None
        if row.kind != "naive":
            assert row.low < row.value < row.high


def test_the_comparison_is_plain_data_and_text(found):
    document = json.loads(dumps(found.to_document()))
    assert len(document["rows"]) == len(found.rows)
    assert document["folds"][0]["rule"] == "C"
    text = str(found)
    for word in ("mixture", "dAICc", "verdict", "6 backtests"):
        assert word in text


def test_nothing_beyond_the_smaller_runs_reaches_a_forecast():
    rows = training_rows(chinchilla_like(36), (), None)
    fold = _folds(rows, "C")[0]
    y = rows.y.copy()
    y[~fold.seen] += 0.5
    moved = type(rows)(**{**vars(rows), "y": y})
    members = built_in(2)[::3]
    one = _play(members, members, rows, fold, 0, 0, 0.9)
    seen, asked = rows.select(fold.seen), rows.select(fold.asked)
    same = blend(members, moved.select(fold.seen), asked, draws=0, seed=0, most_folds=3)
    expected = blend(members, seen, asked, draws=0, seed=0, most_folds=3)
    assert same.weights == pytest.approx(expected.weights)
    assert same.spread(fold.distance).centre == pytest.approx(expected.spread(fold.distance).centre)
    miss = expected.spread(fold.distance).centre - asked.y
    assert one.errors["mixture"] == pytest.approx(float(np.sqrt(np.mean(miss**2))))


def test_the_paired_test_knows_wins_from_what_it_cannot_tell():
    same = np.array([0.01, 0.02, 0.015, 0.012])
    noise = np.array([1.3, 0.7, 1.1, 0.95])
    assert paired(same * noise, same, [0.3] * 4).p > 0.5
    clear = paired(same * 5 * np.array([1.0, 1.1, 0.95, 1.05]), same, [0.3] * 4)
    assert clear.p < 0.001
    assert clear.low < 5 * np.prod([1.0, 1.1, 0.95, 1.05]) ** 0.25 < clear.high
    assert paired(same[:2] * 9, same[:2], [0.3] * 2).p == 1.0
    assert paired(same, same, [0.3] * 4).p == 1.0
    # folds that share much of their rows tell less
    worse = same * np.array([1.5, 2.0, 1.6, 1.9])
    assert paired(worse, same, [1.0] * 4).p > paired(worse, same, [0.1] * 4).p


def test_verdicts_tell_a_tie_from_what_cannot_be_told():
    base = np.array([0.01, 0.02, 0.015, 0.012, 0.017, 0.014])
    wild = np.array([0.2, 6.0, 0.4, 3.0, 1.0, 1.1])
    errors = {
        "first": base,
        "equal": base * np.array([1.02, 0.99, 1.01, 1.0, 0.98, 1.03]),
        "worse": base * np.array([4.0, 5.0, 4.5, 4.2, 5.1, 4.4]),
        "better": base / np.array([4.0, 5.0, 4.5, 4.2, 5.1, 4.4]),
        "wild": base * wild,
    }
    found = judge(errors, "first", list(errors), [0.2] * 6)
    assert {name: verdict for name, (_, verdict) in found.items()} == {
        "first": "best",
        "equal": "tie",
        "worse": "worse",
        "better": "better",
        "wild": "cannot tell",
    }
    alone = judge(errors, "first", ["first", "worse"], [0.2] * 6)
    assert alone["worse"][0] < found["worse"][0] * 5


def test_named_laws_are_compared_along_several_axes():
    runs = chinchilla_like(36, noise=0.002)
    found = compare_forms(runs, ["chinchilla", "gadre"], rules=("C", "N", "D"), draws=0)
    assert {row.name for row in found.forms} == {"chinchilla", "gadre"}
    assert {rule for rule, *_ in found.folds} == {"C", "N", "D"}
    assert all(row.value is None for row in found.rows)


def test_too_few_runs_leave_no_backtest():
    with pytest.raises(InputError, match="5 runs leave no backtest along C"):
        compare_forms(chinchilla_like(9).select(np.arange(5)), inputs=("N", "D"))


def test_hidden_runs_are_the_largest():
    runs = one_input("floor", runs=20)
    assert np.flatnonzero(hide(runs, FIFTH)).tolist() == [16, 17, 18, 19]
    assert np.flatnonzero(hide(runs, DECADE)).tolist() == [15, 16, 17, 18, 19]
    with pytest.raises(InputError, match="the 'largest fifth' or the 'largest decade'"):
        hide(runs, "largest")


def test_scores_on_hidden_runs():
    scores = {s.name: s for s in hidden_scores(chinchilla_like(49), draws=30)}
    mixture, plain = scores["mixture"], scores["additive, bootstrap"]
    assert mixture.coverage >= 0.7
    assert mixture.error < scores["last value"].error
    assert plain.width < mixture.width
    assert plain.coverage <= mixture.coverage
    assert np.isnan(scores["last value"].width)
    assert mixture.seen + mixture.asked == 49
    assert mixture.interval_score >= mixture.width
    assert "additive, conformal" in scores_text(tuple(scores.values()))
    with pytest.raises(InputError, match="leaves 2; at least 5"):
        hidden_scores(chinchilla_like(49), np.arange(49) > 1)
