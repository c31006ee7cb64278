"""The numbers on the pages are those of the study."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isoloss.errors.contrasts import Estimate
from isoloss.errors.simulate import simulate
from isoloss.report.errors import errors_report
from isoloss.report.errors.agreement_figure import agreement_figure
from isoloss.report.errors.flow_figure import flow_figure, steps_of
from isoloss.report.errors.guess import guessing, guessing_by_task
from isoloss.report.errors.lead import about, facts, verdict_of
from isoloss.report.errors.looks import sizes_axis
from isoloss.report.errors.losses_figure import losses_figure
from isoloss.report.errors.modes_figure import colours_of, layers_of, modes_figure
from isoloss.report.errors.questions import questions
from isoloss.report.errors.roc_figure import roc_figure
from isoloss.report.errors.task_figure import task_figure
from isoloss.report.errors.tasks import lines_of
from isoloss.report.errors.waterfall_figure import share_figure, waterfall_figure
from isoloss.report.errors.words import chance, interval, number, percents, points
from isoloss.report.model import Reasons
from isoloss.report.theme import new_figure
from tests.errors.report_cases import answers, studied


@pytest.fixture(scope="module")
def trend():
    return studied(answers())


@pytest.fixture(scope="module")
def pair():
    return studied(answers(sizes=(7e9, 13e9), seed=1), "pair")


def test_numbers_as_people_write_them():
    found = Estimate(-0.0204, -0.05, 0.0096, 100)
    assert number(-0.001, 2) == "0.00"
    assert number(0.26, 2, True) == "+0.26"
    assert points(found) == "−2.0 points [−5.0, 1.0]"
    assert percents(Estimate(0.354, 0.327, 0.381, 9)) == "35.4 % [32.7, 38.1]"
    assert interval(Estimate(0.1, math.nan, math.nan, 9)) == "[no interval]"
    assert percents(Estimate(math.nan, math.nan, math.nan, 9)) == "not known"
    assert [chance(p) for p in (0.0004, 0.0123, 0.5, math.nan)] == [
        "< 0.001",
        "0.012",
        "0.50",
        "not known",
    ]


def test_the_facts_are_those_of_the_study(trend, pair):
    found = {fact.label: (fact.value, fact.detail) for fact in facts(trend).facts}
    share = trend.grid.correct.mean(axis=1)
    assert found["accuracy, 2B"][0] == f"{100 * share[0]:.1f} %"
    assert found["accuracy, 30B"][0] == f"{100 * share[-1]:.1f} %"
    assert "upper bound" in found["right answers lost"][1]
    slope = trend.accuracy.overall.slope
    assert found["slope"][0] == f"{slope.value:+.2f}"
    assert verdict_of(trend) == slope.verdict
    assert "slope" not in {fact.label for fact in facts(pair).facts}
    assert verdict_of(pair) == pair.contrast.accuracy.verdict
    assert about(pair) == "accuracy of 13B against 7B"


def test_tasks_are_sorted_and_carry_their_verdicts(trend, pair):
    for study, source in ((trend, trend.accuracy.tasks), (pair, pair.contrast.tasks)):
        lines = lines_of(study)
        values = [line.change.value for line in lines]
        assert values == sorted(values, reverse=True)
        expected = {one.name: getattr(one, "slope", one).verdict for one in source}
        assert {line.name: line.verdict for line in lines} == expected
        model, figures = task_figure(study)
        assert {row[-1] for row in model.numbers.rows} == set(expected.values())
        drawn = sum(len(trace.y) for trace in figures["tasks-change"].data)
        assert drawn == len(lines)


def test_guessing_is_one_over_the_options(trend):
    assert guessing_by_task(trend.grid) == {"letters": 0.25, "yes_no": 0.5}
    every = np.ones(trend.grid.shape[1], dtype=bool)
    assert guessing(trend.grid, every) == pytest.approx(0.375)


def test_the_stacks_add_up_to_the_errors(trend):
    layers = layers_of(trend.modes.overall, colours_of([trend]))
    assert sum(layer.rate for layer in layers) == pytest.approx(1 - trend.grid.correct.mean(axis=1))
    shares = [layer.share for layer in layers if np.isfinite(layer.share).all()]
    assert sum(shares) == pytest.approx(np.ones(3))
    assert len({layer.colour for layer in layers}) == len(layers)
    _, figures = modes_figure(trend, colours_of([trend]))
    heights = sum(np.array(trace.y, dtype=float) for trace in figures["modes-rate"].data)
    assert heights == pytest.approx(100 * (1 - trend.grid.correct.mean(axis=1)))


def test_a_mode_has_one_colour_on_every_page(trend, pair):
    colours = colours_of([trend, pair])
    seen = [
        {layer.name: layer.colour for layer in layers_of(study.modes.overall, colours)}
        for study in (trend, pair)
    ]
    both = set(seen[0]) & set(seen[1])
    assert len(both) > 2
    assert all(seen[0][name] == seen[1][name] for name in both)


def test_the_waterfall_ends_where_the_larger_model_stands(trend):
    split, found = trend.contrast.split, trend.contrast.accuracy
    _, figures = waterfall_figure(trend)
    bars = [trace for trace in figures["waterfall"].data if trace.type == "bar"]
    ends = [trace.base[0] + trace.y[0] for trace in bars]
    assert bars[0].base[0] == pytest.approx(100 * found.small)
    assert bars[1].base[0] == pytest.approx(ends[0])
    assert ends[1] == pytest.approx(100 * found.large)
    assert split.format.value + split.capability.value == pytest.approx(found.change.value)


def test_the_bars_of_tasks_add_up_to_the_change(trend):
    model, figures = share_figure(trend)
    (bars,) = [trace for trace in figures["by-task"].data if trace.type == "bar"]
    assert sum(bars.x) == pytest.approx(100 * trend.contrast.accuracy.change.value)
    assert len(model.numbers.rows) == 2


def test_the_streams_count_every_question_once(trend):
    correct = trend.grid.correct
    for step, small, large in zip(steps_of(correct), correct, correct[1:], strict=False):
        assert step.kept + step.lost + step.gained + step.wrong == correct.shape[1]
        assert step.lost == ((small == 1) & (large == 0)).sum()
        assert step.gained == ((small == 0) & (large == 1)).sum()
    model, _ = flow_figure(trend)
    assert len(model.numbers.rows) == 2


def test_many_sizes_are_thinned_in_the_streams_and_on_the_axis():
    study = studied(answers(40, tuple(1e9 * 1.4**k for k in range(11))))
    model, _ = flow_figure(study)
    assert len(model.numbers.rows) == 5
    assert "6 of 11 sizes are drawn" in model.shows
    figure = new_figure(300)
    sizes = [m.params for m in study.grid.models]
    sizes_axis(figure, sizes, [f"{size / 1e9:.0f}B" for size in sizes])
    marks = figure.layout.xaxis.tickvals
    assert 3 < len(marks) < 11
    assert {marks[0], marks[-1]} == {sizes[0], sizes[-1]}


def test_the_squares_are_the_pairs(trend):
    _, figures = agreement_figure(trend)
    squares = figures["kappa"].data[0].z
    names = trend.grid.names
    for one in trend.agreement.pairs:
        found = squares[names.index(one.large)][names.index(one.small)]
        assert found == pytest.approx(one.kappa.value, abs=1e-4)


def test_two_sizes_have_no_squares_and_no_trend(pair):
    assert agreement_figure(pair) is None
    text = errors_report([pair]).markdown("pair-family")
    assert "logits a decade" not in text
    assert "Two sizes allow a comparison and no trend" in text


def test_the_path_of_seeing_is_that_of_the_rates(trend):
    (kind,) = trend.hallucination
    _, figures = roc_figure(trend, kind)
    marks = [trace for trace in figures["roc-yes"].data if trace.mode == "markers"]
    assert [trace.x[0] for trace in marks] == pytest.approx(
        [100 * one.value for one in kind.measures["false_yes"].values]
    )
    assert [trace.y[0] for trace in marks] == pytest.approx(
        [100 - 100 * one.value for one in kind.measures["false_no"].values]
    )


def test_without_reruns_flips_are_called_an_upper_bound(trend):
    model, _ = losses_figure(trend)
    assert "upper bound" in model.conclusion
    assert "upper bound" in model.shows


def test_a_rate_of_few_answers_is_not_printed():
    study = studied(simulate("metric-artefact", items=120))
    right = int(study.grid.correct[0].sum())
    assert right < 10
    model, _ = losses_figure(study)
    assert "too few" in model.conclusion
    assert model.numbers.rows[0][1:3] == ("not known", f"{right}")
    assert facts(study).facts[-1].value == "not known"


def test_lists_of_questions_hold_what_they_say(trend, pair):
    for study in (trend, pair):
        block = questions(study)
        lost, gained, never, same = block.lists
        right = study.grid.correct
        assert never.total == (right.sum(axis=0) == 0).sum()
        followed = study.agreement.trajectories
        keys = followed[0].lost_items if followed else study.contrast.flips.lost
        assert lost.total == len(keys)
        for row in lost.rows:
            replies = block.questions[row].replies
            assert replies[0].right
            assert not replies[-1].right
        for row in never.rows:
            assert not any(reply.right for reply in block.questions[row].replies)
        for row in same.rows:
            said = {reply.said for reply in block.questions[row].replies}
            assert len(said) == 1
            assert block.questions[row].task == "letters"
        assert gained.total > lost.total


def test_a_question_shows_what_every_model_said(trend):
    block = questions(trend)
    items = trend.items
    asked = next(q for q in block.questions if q.task == "letters")
    for model, reply in enumerate(asked.replies):
        (row,) = [
            i
            for i in np.flatnonzero(items.model == model)
            if items.item[i] == asked.key and items.task[i] == "letters"
        ]
        assert reply.said == (items.prediction[row] or "")
        assert reply.right == bool(items.correct[row])
        assert reply.wrote == items.raw[row]
        assert asked.gold == items.gold[row]
    assert asked.options == "A w · B x · C y · D z"
    assert asked.asked == f"What is number {asked.key[1:]}?"


def test_answers_of_another_condition_are_not_shown():
    from dataclasses import replace

    from isoloss.errors.items import Coded

    first, second = answers(40), answers(40, seed=5)
    both = first.select(np.arange(len(first)).repeat(2))
    take = np.arange(len(both)) % 2
    columns = {
        name: Coded.joined([getattr(first, name), getattr(second, name)]).take(
            np.arange(len(first)).repeat(2) + take * len(first)
        )
        for name in ("gold", "prediction")
    }
    correct = np.stack([first.correct, second.correct], 1).ravel()
    condition = Coded(take.astype(np.int32), ("plain", "other"))
    raw = np.stack([first.raw, np.full(len(first), "other", dtype=object)], 1).ravel()
    items = replace(both, **columns, correct=correct, condition=condition, raw=raw)
    study = studied(items, condition="plain")
    block = questions(study)
    assert block.questions
    assert not any(r.wrote == "other" for q in block.questions for r in q.replies)
    text = errors_report([study]).markdown("made-family")
    assert "other brings" in text


def test_what_stops_a_trend_stands_at_the_top():
    study = studied(simulate("base-rate", items=200), "base")
    document = errors_report([study]).pages["base-simulated"].document
    stops = [block for block in document.lead if isinstance(block, Reasons)]
    assert [reason.severity for reason in stops[0].reasons] == ["stop"]
    assert "one right answer" in errors_report([study]).markdown("base-simulated")


def test_a_jump_of_the_score_is_drawn_beside_the_loss():
    study = studied(simulate("metric-artefact", items=400), "jump")
    text = errors_report([study]).markdown("jump-simulated")
    assert "Metric artefact" in text


def test_a_page_of_many_questions_stays_light():
    from plotly.offline import get_plotlyjs

    study = studied(answers(4000, tuple(1e9 * 2.0**k for k in range(8)), seed=3), "many")
    made = errors_report([study]).pages["many-family"]
    block = questions(study)
    assert max(len(one.rows) for one in block.lists) == 200
    assert max(one.total for one in block.lists) > 200
    assert len(made.html()) - len(get_plotlyjs()) < 2_500_000
    assert "more are not listed here" in made.markdown()
