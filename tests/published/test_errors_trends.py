"""Trends of errors over size beside the numbers measured on the shared tables of answers."""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def trends(shared):
    """The module of the benchmarks that has the rows."""
    if not (shared / "items").is_dir():
        pytest.skip("the folder 'shared' has no tables of answers")
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("error_trends")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def families(trends, shared):
    """Trends of five families, by name."""
    return trends.families(shared)


def held(rows):
    """Rows outside their tolerance."""
    return [row for row in rows if not abs(row[2] - row[3]) <= row[4] + 1e-12]


def test_slopes_tasks_and_misfit_on_visonlyqa(trends, shared):
    assert held(trends.visonlyqa(shared)) == []


def test_which_tasks_improve(families):
    intern, qwen = families["InternVL2"], families["Qwen2-VL"]
    assert set(intern.with_verdict("improves")) == {
        "chemistry__shape_multi",
        "geometry__area",
        "3d__size",
    }
    # these four are beyond doubt in Qwen2-VL; geometry__angle and diameter_radius are on the edge
    certain = {"charts__extraction", "chemistry__shape_multi", "geometry__length", "3d__size"}
    edge = {"geometry__angle", "geometry__diameter_radius"}
    improving = set(qwen.with_verdict("improves"))
    assert certain <= improving <= certain | edge
    for name in edge:
        assert qwen.task(name).slope.q == pytest.approx(0.05, abs=0.015)
        assert qwen.task(name).slope.value > 0
    assert intern.with_verdict("worsens") == qwen.with_verdict("worsens") == ()


def test_two_sizes_have_a_slope_and_no_verdict(families):
    for name in ("Llama-3.2-V", "LLaVA-NeXT", "Molmo"):
        assert families[name].overall.slope.verdict == "cannot tell"
        assert families[name].notices[0].code == "two-sizes"


def test_the_odd_model_on_one_task(families):
    intern = families["InternVL2"]
    assert intern.task("chemistry__shape_single").fitness.odd == "InternVL2-40B"
    assert intern.overall.fitness.odd == ""


def test_failure_modes_that_people_saw(trends, shared):
    assert held(trends.human_labels(shared)) == []


def test_error_types_of_962_models(trends, shared):
    assert held(trends.imagenet(shared)) == []


def test_tables_of_scores(trends, shared):
    assert held(trends.openclip(shared) + trends.openvlm(shared)) == []


def test_gains_from_reasoning(trends, shared):
    assert held(trends.reasoning(shared)) == []


@pytest.mark.slow
def test_what_can_be_shown(trends):
    assert held(trends.detectable()) == []


def test_true_false_items_shift_bias_and_not_sensitivity(trends, shared):
    from isoloss.errors.items import grid
    from isoloss.errors.trends import flags, hallucination_trends

    items = trends.load("visonlyqa", shared).where(family="InternVL2")
    answers = grid(items, condition="no_reasoning")
    (found,) = hallucination_trends(answers, replicates=200)
    said = [one.value for one in found.measures["yes_ratio"].values]
    assert said == pytest.approx([0.80, 0.38, 0.66, 0.30, 0.59], abs=0.005)
    c = [one.value for one in found.measures["criterion"].values]
    assert c == pytest.approx([-0.85, 0.31, -0.42, 0.52, -0.22], abs=0.006)
    d = [one.value for one in found.measures["sensitivity"].values]
    assert d == pytest.approx([0.01, 0.11, 0.10, 0.04, 0.14], abs=0.006)
    assert {one.slope.verdict for one in found.measures.values()} == {"cannot tell"}
    assert [one.code for one in flags(answers)] == ["bias-shift", "capability"]
