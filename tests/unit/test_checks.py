"""Every check fires on its fault and is silent without it; and the checks taken together."""

from __future__ import annotations

import pkgutil
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.exceptions import InputError
from isoloss.quantities import Transformer
from isoloss.trust import checks as package
from isoloss.trust.checks import CHECKS, Case, Facts, find_check, run_checks, synthetic
from isoloss.trust.checks.leftover import added, noise
from isoloss.trust.checks.outliers import far_runs
from isoloss.trust.checks.seeds import repeats
from isoloss.trust.checks.trend import bending

SEEDS = range(5)
CODES = [check.CODE for check in CHECKS]
# a wrong form that bends smoothly is what the search for breaks has to tell from a break
EXPECTED = {"break": {"residual-trend"}}


@cache
def trigger(code: str, seed: int) -> Case:
    return find_check(code).trigger(seed)


@cache
def found_on_control(code: str, seed: int) -> tuple:
    return run_checks(find_check(code).control(seed))


def findings(code: str, case: Case) -> list:
    return find_check(code).check(case)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("code", CODES)
def test_it_fires_on_its_fault(code, seed):
    found = findings(code, trigger(code, seed))
    assert found
    for finding in found:
        assert finding.code == code
        assert finding.severity in ("stop", "care", "note")
        assert any(letter.isdigit() for letter in finding.seen), "what was seen has numbers"
        assert finding.why
        assert finding.remedy
        assert "nan" not in finding.seen.split()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("code", CODES)
def test_it_is_silent_without_the_fault(code, seed):
    assert code not in {finding.code for finding in found_on_control(code, seed)}


def test_hardly_any_other_check_fires_on_a_control():
    others = [
        (code, seed, finding.code, finding.severity)
        for code in CODES
        for seed in SEEDS
        for finding in found_on_control(code, seed)
        if finding.code not in EXPECTED.get(code, set())
    ]
    assert [row for row in others if row[3] != "note"] == []
    # of 115 tables
    assert len(others) <= 3, others


def test_every_file_with_a_check_is_in_the_list():
    modules = [m.name for m in pkgutil.iter_modules(package.__path__)]
    loaded = [__import__(f"{package.__name__}.{name}", fromlist=["x"]) for name in modules]
    having = {m.__name__ for m in loaded if hasattr(m, "CODE")}
    assert having == {m.__name__ for m in CHECKS}  # pyright: ignore
    assert len(set(CODES)) == len(CODES) == 23


def test_the_heaviest_come_first():
    case = trigger("frontier-only", 0)
    severities = [f.severity for f in run_checks(replace(case, at={"N": 1e12, "D": 1e14}))]
    assert severities == sorted(severities, key=["stop", "care", "note"].index)
    assert severities[0] == "stop"


def test_findings_do_not_depend_on_the_order_of_the_rows():
    runs = trigger("residual-trend", 0).runs
    order = np.random.default_rng(0).permutation(len(runs))
    one, two = (synthetic.case(r, draws=0) for r in (runs, runs.select(order)))
    assert [f.code for f in run_checks(one)] == [f.code for f in run_checks(two)]
    assert bending(one.fit).statistic == pytest.approx(bending(two.fit).statistic, rel=1e-6)


def test_all_checks_take_less_than_two_seconds_on_240_runs():
    rng = np.random.default_rng(0)
    n, d = synthetic.grid(16, 15)
    names = np.array([f"run{k}" for k in range(240)])
    runs = synthetic.table(
        {"N": n, "D": d, "U": d / 5, "C": 6 * n * d * (1e10 / n) ** 0.05}
        | {"N_bare": 0.5 * n**1.03, "loss": synthetic.shaken(synthetic.loss(n, d), rng)},
        {"run": names, "seed": (np.arange(240) % 7).astype(str)},
    )
    fit = find_law("chinchilla").fit(runs, draws=200)
    run_checks(Case.of(fit))
    held = runs.select(np.arange(5))
    case = Case.of(fit, {"N": 1e11, "D": 1e13}, held_out=held, tuned_sizes=(1e8,))
    taken = {}
    for check in CHECKS:
        start = time.process_time()
        check.check(case)
        taken[check.CODE] = time.process_time() - start
    assert max(taken.values()) < 0.3, taken
    assert sum(taken.values()) < 2.0, taken


@pytest.mark.parametrize("objective", ["huber-log", "ls-log", "ls", "envelope"])
def test_no_check_stumbles_over_little_knowledge(objective):
    fit = find_law("power_floor").fit(
        synthetic.table({"N": np.geomspace(1e6, 1e9, 5), "loss": np.array([4, 3.5, 3.2, 3, 2.9])}),
        draws=0,
        objective=objective,
    )
    for at in (None, {"N": 1e12}):
        for finding in run_checks(Case.of(fit, at)):
            assert "nan" not in finding.seen.split()


def test_an_exact_fit_has_no_noise_to_judge_by():
    n, d = synthetic.grid()
    fit = find_law("chinchilla").fit(
        synthetic.table({"N": n, "D": d, "loss": synthetic.loss(n, d)}), draws=50
    )
    assert {f.code for f in run_checks(Case.of(fit))} <= {"single-seed"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "heavy tails", "noise that falls with size"])
def test_right_laws_are_seldom_found_wrong(kind):
    chances, codes = [], []
    for seed in range(200):
        rng = np.random.default_rng(1000 + seed)
        n, d, seeds = synthetic.repeated(*synthetic.grid())
        shocks = {
            "normal": rng.standard_normal(len(n)),
            "heavy tails": rng.standard_t(5, len(n)),
            "noise that falls with size": rng.standard_normal(len(n)) * (1e8 / n) ** 0.3,
        }[kind]
        values = synthetic.loss(n, d) * np.exp(synthetic.NOISE * shocks)
        groups = {"seed": seeds, "dataset": rng.integers(0, 3, len(n)).astype(str)}
        case = synthetic.case(synthetic.table({"N": n, "D": d, "loss": values}, groups), draws=0)
        chances.append(bending(case.fit).p)
        codes += [f.code for f in run_checks(case)]
    # 5 % of 200 would be 10; three standard errors above that
    assert np.sum(np.array(chances) < 0.05) <= 19
    for code in ("residual-trend", "break", "not-monotone", "shared-noise", "mixed-groups"):
        assert codes.count(code) <= 3, code


def test_an_effect_that_is_there_is_measured():
    rng = np.random.default_rng(0)
    n, d, _ = synthetic.repeated(*synthetic.grid())
    mark = rng.integers(0, 2, len(n)).astype(float)
    values = synthetic.shaken(synthetic.loss(n, d) * np.exp(0.01 * mark), rng)
    fit = synthetic.case(synthetic.table({"N": n, "D": d, "loss": values}), draws=0).fit
    test = added(fit, mark[:, None])
    assert test.p < 1e-6
    assert np.ptp([test.effect[mark == k].mean() for k in (0, 1)]) == pytest.approx(0.01, abs=0.003)
    assert added(fit, rng.standard_normal((len(n), 1))).p > 1e-3
    assert 0.003 < noise(fit) < 0.009


def test_columns_that_the_law_takes_up_itself_show_nothing():
    fit = synthetic.healthy(0).fit
    slope = fit.problem.functions.jacobian(fit.point[None, :], list(fit.problem.inputs))
    column = np.broadcast_to(slope[1] / slope[0], (1, len(fit.runs)))[0]
    assert added(fit, column[:, None]).p == 1.0


def test_far_runs_are_those_of_the_influence():
    fit = trigger("outliers", 0).fit
    quick = far_runs(fit)
    assert quick is not None
    assert fit.influence.together is not None
    np.testing.assert_array_equal(quick[0], fit.influence.outliers)
    np.testing.assert_allclose(quick[2], fit.influence.together)
    again = far_runs(fit)
    assert again is not None
    np.testing.assert_array_equal(again[0], quick[0])


# what single checks say beyond firing


def test_runs_on_a_line_foretell_the_line():
    case = trigger("frontier-only", 0)
    assert findings("frontier-only", case)[0].severity == "stop"
    on = replace(case, at={"N": 1e9, "D": 2e10})
    assert findings("frontier-only", on)[0].severity == "care"
    off = replace(case, at={"N": 1e9, "D": 2e12})
    assert findings("frontier-only", off)[0].severity == "stop"


def test_few_values_of_an_input_are_too_few():
    rng = np.random.default_rng(0)
    n, d = np.meshgrid([1e7, 1e9, 1e10], np.geomspace(1e9, 1e12, 9))
    n, d = n.ravel(), d.ravel()
    case = synthetic.case(
        synthetic.table({"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)})
    )
    assert "N takes 3 values only" in findings("narrow-range", case)[0].seen


def test_a_law_without_a_floor_is_asked_for_one_beyond_its_runs():
    rng = np.random.default_rng(0)
    n = synthetic.line(40)
    runs = synthetic.table({"N": n, "loss": synthetic.shaken(1.8 + 60 / n**0.25, rng)})
    case = synthetic.case(runs, "power")
    assert not findings("floor", case)
    finding = findings("floor", replace(case, at={"N": 1e12}))[0]
    assert "fits better" in finding.seen
    assert findings("floor", replace(case, at={"N": 1e9})) == []


def test_a_break_stops_what_lies_beyond():
    case = trigger("break", 0)
    assert findings("break", replace(case, at={"N": 1e9}))[0].severity == "care"
    assert findings("break", replace(case, at={"N": 1e11}))[0].severity == "stop"
    place = float(case.fit.runs.columns["N"].max())
    seen = findings("break", case)[0].seen
    found = float(seen.split("N = ")[1].split("M:")[0]) * 1e6
    assert 1.5e8 < found < 6e8 < place


def test_a_better_score_may_rise():
    rng = np.random.default_rng(0)
    n = synthetic.line(50)
    y = 0.3 + 0.1 * np.log10(n / 1e7)
    up = synthetic.table({"N": n, "accuracy": y + 0.003 * rng.standard_normal(50)})
    case = synthetic.case(up, "sigmoid(N)", objective="ls", draws=0)
    assert not findings("not-monotone", case)
    turn = np.where(n > 1e9, y - 0.4 * np.log10(n / 1e9), y)
    down = synthetic.table({"N": n, "accuracy": turn + 0.003 * rng.standard_normal(50)})
    case = synthetic.case(down, "sigmoid(N)", objective="ls", draws=0)
    assert findings("not-monotone", case)[0].severity == "stop"


def test_the_rise_beside_the_best_size_is_no_turn():
    case = find_check("parabola-bias").control(0)
    assert not findings("not-monotone", case)


def test_shapes_give_other_counts():
    widths = np.array([128, 256, 512, 1024, 2048, 4096])
    shapes = [
        Transformer(layers=int(w // 64), width=int(w), heads=8, vocabulary=50_000, context=1024)
        for w in widths
    ]
    bare = np.repeat([float(s.parameters("non-embedding")) for s in shapes], 8)
    d = np.tile(np.geomspace(1e9, 1e12, 8), 6)
    rng = np.random.default_rng(0)
    total = np.repeat([float(s.parameters("total")) for s in shapes], 8)
    runs = synthetic.table(
        {"N": total, "D": d, "loss": synthetic.shaken(synthetic.loss(bare, d), rng)}
    )
    case = synthetic.case(runs, shapes=tuple(s for s in shapes for _ in range(8)))
    finding = findings("counting-convention", case)[0]
    assert "counted as non-embedding instead of total" in finding.seen
    assert finding.severity == "care"


def test_a_second_column_of_sizes_is_compared():
    case = trigger("counting-convention", 0)
    bare = (case.facts.other_sizes or {})["non-embedding"]
    runs = synthetic.table({**case.runs.columns, "N_bare": bare})
    seen = findings("counting-convention", synthetic.case(runs))[0].seen
    assert "counted as N_bare instead of total" in seen


def test_what_is_not_stated_about_small_models_is_asked_for():
    columns = synthetic.healthy_runs(0).columns
    silent = synthetic.case(synthetic.table(columns, conventions={}))
    finding = findings("counting-convention", silent)[0]
    assert finding.severity == "note"
    assert "cannot be told" in finding.seen


def test_checkpoints_without_names_are_suspected():
    runs = trigger("checkpoints-as-runs", 0).runs
    bare = synthetic.case(replace(runs, groups={}))
    assert "like checkpoints of one run" in findings("checkpoints-as-runs", bare)[0].seen
    # as many evenly spaced tokens with noise of their own
    rng = np.random.default_rng(0)
    values = synthetic.shaken(synthetic.loss(runs.columns["N"], runs.columns["D"]), rng)
    own = synthetic.table({**runs.columns, "loss": values})
    assert not findings("checkpoints-as-runs", synthetic.case(own))


def test_checkpoints_of_a_constant_rate_that_are_drawn_whole_are_a_note():
    case = trigger("checkpoints-as-runs", 0)
    assert findings("checkpoints-as-runs", case)[0].severity == "care"
    constant = replace(case, facts=Facts(schedule="constant"))
    assert findings("checkpoints-as-runs", constant)[0].severity == "note"


def test_a_constant_rate_fits_every_length():
    case = trigger("schedule-mismatch", 0)
    constant = replace(case, facts=replace(case.facts, schedule="constant"))
    assert not findings("schedule-mismatch", constant)


def test_a_column_of_planned_tokens_is_read():
    case = trigger("schedule-mismatch", 0)
    planned = np.full(len(case.runs), case.runs.columns["D"].max())
    runs = synthetic.table({**case.runs.columns, "D_schedule": planned})
    assert findings("schedule-mismatch", synthetic.case(runs))


def test_one_learning_rate_for_all_sizes_is_seen():
    columns = synthetic.healthy_runs(0).columns
    runs = synthetic.table({**columns, "lr": np.full(len(columns["N"]), 3e-4)})
    assert (
        "lr is the same in all runs" in findings("tuned-at-one-scale", synthetic.case(runs))[0].seen
    )


def test_a_point_far_from_every_tuned_size_is_seen():
    case = Case.of(synthetic.healthy(0).fit, {"N": 1e12, "D": 1e12}, tuned_sizes=(1e7, 1e8, 1e9))
    assert (
        "the point asked about is 1,000 times away" in findings("tuned-at-one-scale", case)[0].seen
    )


def test_groups_that_are_drawn_together_need_no_warning():
    runs = trigger("shared-noise", 0).runs
    drawn = Case.of(find_law("chinchilla").fit(runs, draws=50, cluster="seed"))
    assert not findings("shared-noise", drawn)


def test_the_offsets_of_groups_are_measured():
    seen = findings("mixed-groups", trigger("mixed-groups", 1))[0].seen
    code, web = (float(seen.split(f"{name} ")[1].split(" %")[0]) for name in ("code", "web"))
    assert web - code == pytest.approx(100 * np.log(1.04), abs=0.8)


def test_a_point_beyond_the_different_tokens_is_seen():
    case = Case.of(synthetic.healthy(0).fit, {"N": 1e9, "D": 1e12}, unique_tokens=2e12)
    assert not findings("repeated-data", case)
    case = Case.of(synthetic.healthy(0).fit, {"N": 1e9, "D": 1e14}, unique_tokens=2e12)
    finding = findings("repeated-data", case)[0]
    assert finding.severity == "stop"
    assert "50 times the 2T different tokens" in finding.seen


def test_guessing_is_recognised_without_being_told():
    case = trigger("metric-limits", 0)
    silent = replace(case, facts=Facts())
    assert "looks like guessing among 4" in findings("metric-limits", silent)[0].seen


def test_a_ceiling_is_seen():
    rng = np.random.default_rng(0)
    n = synthetic.line(40)
    y = np.minimum(0.99 - 0.5 * (1e7 / n) ** 0.8, 0.995) - 0.002 * rng.random(40)
    case = synthetic.case(
        synthetic.table({"N": n, "error": 1 - y}, target="error"),
        replace(find_law("power_floor"), target="error"),
        objective="ls",
    )
    assert "97% or more right" in findings("metric-limits", case)[0].seen


def test_without_a_continuous_measure_a_jump_cannot_be_judged():
    case = trigger("accuracy-jump", 0)
    columns = {name: case.runs.columns[name] for name in ("N", "accuracy")}
    alone = synthetic.case(
        synthetic.table(columns, target="accuracy"), "sigmoid(N)", objective="ls"
    )
    finding = findings("accuracy-jump", alone)[0]
    assert finding.severity == "note"
    assert "cannot be told" in finding.seen


def test_hidden_runs_are_foretold_before_a_point_is_believed():
    right = Case.of(synthetic.healthy(0).fit, {"N": 4e10, "D": 4e12})
    assert "within their noise" in findings("outside-domain", right)[0].seen
    assert findings("outside-domain", right)[0].severity == "care"
    wrong = replace(trigger("residual-trend", 0), at={"N": 4e10, "D": 4e12})
    assert "more than their noise allows" in findings("outside-domain", wrong)[0].seen


def test_repeats_are_counted_by_setting():
    assert repeats(synthetic.healthy(0).fit) == 8
    assert repeats(trigger("single-seed", 0).fit) == 0
    told = Case.of(trigger("single-seed", 0).fit, seeds=3)
    assert not findings("single-seed", told)


def test_checkpoints_on_both_sides_of_a_test_are_seen():
    runs = trigger("checkpoints-as-runs", 0).runs
    last = runs.columns["D"] >= 0.99 * 100 * runs.columns["N"]
    fit = find_law("chinchilla").fit(runs.select(~last), draws=50)
    finding = findings("leakage", Case.of(fit, held_out=runs.select(last)))[0]
    assert finding.severity == "stop"
    assert "checkpoints of 8 runs are on both sides" in finding.seen


def test_tuning_at_the_scale_of_the_test_is_seen():
    control = find_check("leakage").control(0)
    case = replace(control, facts=replace(control.facts, tuned_sizes=(1e7, 1e9, 3e10)))
    assert "tuned at 30B" in findings("leakage", case)[0].seen


def test_a_test_among_the_runs_is_a_note():
    fit = synthetic.healthy(0).fit
    held = synthetic.table({"N": [3e8], "D": [3e10], "loss": [2.6]})
    assert findings("leakage", Case.of(fit, held_out=held))[0].severity == "note"


def test_facts_have_one_number_a_run():
    fit = synthetic.healthy(0).fit
    with pytest.raises(InputError, match="schedule_tokens: one number, or one for each of the 64"):
        Case.of(fit, schedule_tokens=np.ones(3))
    with pytest.raises(InputError, match="one transformer a run"):
        Case.of(fit, shapes=())


def test_the_shipped_ladder_is_judged():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss", groups={})
    fit = find_law("chinchilla").fit(runs, draws=200)
    codes = {f.code for f in run_checks(Case.of(fit))}
    # the additive law bends otherwise than our runs do, and does not settle its floor on them
    assert {"residual-trend", "floor"} <= codes
    assert codes.isdisjoint({"break", "not-monotone", "outliers", "saturated", "frontier-only"})
