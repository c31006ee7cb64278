"""The Errors view against `isoloss.errors`: the study's own numbers, hostile texts, any state."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from isoloss import errors
from isoloss.errors.items import Coded
from isoloss.exceptions import ItemsError
from isoloss.explore.bundle import make_bundle
from isoloss.explore.errors_example import example, example_items, make_example
from isoloss.explore.errors_part import plain, studies_part, study_part
from tests.explore.node import run
from tests.explore.paper import PAPER, TAGS
from tests.explore.states import RANDOM_STATES, SHOW

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e\"' javascript:alert(3)"
CONTEXT = "const context = { bundle, laws };\n"


@pytest.fixture(scope="module")
def items():
    return errors.label(example_items(40))


@pytest.fixture(scope="module")
def study(items):
    return errors.study(items, "simulated", replicates=100, seed=0)


@pytest.fixture(scope="module")
def bundle(study):
    return make_bundle(laws=["besiroglu2024"], studies=[study_part(study)], draws=2, library=False)


@pytest.fixture(scope="module")
def hostile():
    """Answers whose every text wants to be markup."""
    made = example_items(20)

    def evil(column):
        return Coded(column.codes, tuple(f"{text}{EVIL}" for text in column.values))

    models = tuple(replace(one, name=f"{EVIL}{i}") for i, one in enumerate(made.models))
    changed = replace(
        made,
        models=models,
        task=evil(made.task),
        question=evil(made.question),
        prediction=evil(made.prediction),
        gold=evil(made.gold),
        options=Coded.same(json.dumps([EVIL, EVIL]), len(made)),
        raw=np.array([EVIL] * len(made), dtype=object),
    )
    return studies_part(errors.label(changed), EVIL, replicates=50)


def shown(states, bundle):
    return run(SHOW, {"view": "errors", "states": states}, bundle)


def trend(mode):
    """What a failure mode does with size."""
    return [mode[key] for key in ("name", "counts", "rate_slope", "share_slope")]


def test_every_number_of_the_view_is_that_of_the_study(study, bundle):
    document = plain(study.to_document())
    tasks = ["all questions", *study.grid.task.values]
    found = shown([{"task": task} for task in tasks], bundle)
    parts = [document["accuracy"]["overall"], *document["accuracy"]["tasks"]]
    changes = [document["contrast"]["accuracy"], *document["contrast"]["tasks"]]
    mixes = {one["name"]: one for one in document["modes"]["tasks"]}
    for task, page, part, change in zip(tasks, found, parts, changes, strict=True):
        numbers = page["numbers"]
        assert (part["name"], change["name"]) in ((task, task), ("all", "all"))
        for ours, theirs in zip(part["accuracy"], numbers["models"], strict=True):
            assert theirs["accuracy"] == {k: ours[k] for k in ("value", "low", "high", "n")}
        assert numbers["slope"] == part["slope"]
        assert numbers["change"]["change"]["value"] == change["change"]["value"]
        assert (numbers["lost"], numbers["gained"]) == (change["lost"], change["gained"])
        assert (
            change["verdict"] in next(f for f in page["facts"] if f["key"] == "change")["interval"]
        )
        mix = document["modes"]["overall"] if task == "all questions" else mixes[task]
        ours = [
            (one["name"], one["counts"], one["rate_slope"], one["share_slope"])
            for one in mix["modes"]
        ]
        theirs = [
            (one["name"], one["counts"], one["rate_slope"], one["share_slope"])
            for one in numbers["modes"]["modes"]
        ]
        assert theirs == ours
        rows = next(one for one in page["figures"] if one["id"] == "modes")["table"]["rows"]
        values = [
            (*(100 * e[k] for e in (rate, share) for k in ("value", "low", "high")),)
            for one in mix["modes"]
            for rate, share in zip(one["rate"], one["share"], strict=True)
        ]
        for row, value in zip(rows, values, strict=True):
            assert row[3:] == pytest.approx(value, rel=1e-9)


def test_what_is_said_of_the_whole_is_what_the_answer_says(study, bundle):
    (page,) = shown([{}], bundle)
    slope = study.accuracy.overall.slope
    first, last = study.accuracy.overall.accuracy[0], study.accuracy.overall.accuracy[-1]
    assert f"{100 * first.value:.1f} %" in page["headline"]
    assert f"{100 * last.value:.1f} %" in page["headline"]
    assert f"{slope.value:+.2f}".replace("-", "−") in page["headline"]
    split = study.contrast.split
    facts = {fact["key"]: fact for fact in page["facts"]}
    assert facts["format"]["value"] == f"{100 * split.format.value:+.1f}".replace("-", "−")
    assert split.capability_verdict in facts["capability"]["interval"]


def test_any_two_models_are_compared_as_the_contrast_compares_them(study, bundle):
    names = study.grid.names
    pairs = [(0, 1), (1, 3), (0, 4)]
    found = shown([{"small": names[a], "large": names[b]} for a, b in pairs], bundle)
    for (a, b), page in zip(pairs, found, strict=True):
        flips = errors.contrast(study.grid, names[a], names[b], replicates=20).flips
        numbers = page["numbers"]
        assert (numbers["lost"], numbers["gained"]) == (len(flips.lost), len(flips.gained))
        assert numbers["pair"]["regression"]["value"] == pytest.approx(flips.regression.value)
        assert numbers["pair"]["fix"]["n"] == flips.fix.n
        assert ("no interval" in str(page["facts"])) == ((a, b) != (0, 4))


def test_the_line_and_the_guess_level_are_those_of_the_report(study):
    part = study_part(study)["parts"]
    slopes = [one.slope.value for one in (study.accuracy.overall, *study.accuracy.tasks)]
    assert [one["line"]["slope"] for one in part] == pytest.approx(slopes, rel=1e-9)
    assert [one["guess"] for one in part] == pytest.approx([1 / 3, 1 / 4, 1 / 4, 1 / 2])


def test_the_filters_count_what_the_answers_hold(study, bundle):
    grid, names = study.grid, study.grid.names
    modes = list(bundle.document["studies"][0]["modes"])
    states = [
        {
            "task": task,
            "which": which,
            "who": who,
            "mode": mode,
            "small": names[1],
            "large": names[3],
        }
        for task, which, who, mode in product(
            ("all questions", "format task"),
            ("any", "lost", "gained", "wrong", "right", "never", "always"),
            ("", names[2]),
            ("", *modes[:2]),
        )
    ]
    found = run(
        CONTEXT
        + """import { fitting } from "isoloss/views/errors_study.js";
        answer(given.map((state) => fitting(bundle.studies[0], state)));""",
        states,
        bundle,
    )
    right = grid.correct == 1
    small, large = right[1], right[3]
    kinds = {
        "any": np.ones(grid.shape[1], bool),
        "lost": small & ~large,
        "gained": large & ~small,
        "wrong": ~small & ~large,
        "right": small & large,
        "never": ~right.any(axis=0),
        "always": right.all(axis=0),
    }
    assert grid.mode is not None
    for state, page in zip(states, found, strict=True):
        kept = kinds[state["which"]].copy()
        if state["task"] != "all questions":
            kept &= grid.task.codes == grid.task.code(state["task"])
        if state["who"] or state["mode"]:
            wrong = ~right
            if state["mode"]:
                wrong &= grid.mode == grid.modes.index(state["mode"])
            lines = [names.index(state["who"])] if state["who"] else range(len(names))
            kept &= wrong[lines].any(axis=0)
        assert page["all"] == kept.sum(), state
        assert len(page["readable"]) == page["all"]


def test_search_reads_every_text_of_a_question(bundle):
    words = ["question 7 of the format task", "YES", "option c", "nowhere at all"]
    found = run(
        CONTEXT
        + """import { fitting } from "isoloss/views/errors_study.js";
        answer(given.map((find) => fitting(bundle.studies[0], { find }).readable.length));""",
        words,
        bundle,
    )
    assert found[0] == 1
    assert found[1] == 40
    assert found[2] == 80
    assert found[3] == 0


def test_a_page_of_few_questions_has_some_of_every_kind(study):
    few = study_part(study, answers=0)
    assert len(few["questions"]) == 60
    assert few["count"] == 120
    at = [one["at"] for one in few["questions"]]
    assert at == sorted(set(at))
    grid = study.grid
    kinds = np.stack([grid.task.codes, *grid.correct[[0, -1]], *grid.mode[[0, -1]]])
    everything = {tuple(kind) for kind in kinds.T.tolist()}
    assert {tuple(kind) for kind in kinds[:, at].T.tolist()} == everything
    codes = np.frombuffer(base64.b64decode(few["answers"]["data"]), np.uint8).reshape(grid.shape)
    assert np.array_equal(codes == 0, grid.correct == 1)
    for place, name in enumerate(few["modes"]):
        assert np.array_equal(codes == 2 + place, grid.mode == grid.modes.index(name))


MOUNT = (
    PAPER
    + CONTEXT
    + """
const { view } = await import("isoloss/views/errors.js");
import { complete } from "isoloss/fields.js";
const place = new Paper("div");
context.change = () => {};
const mounted = view.mount(place, context);
const state = complete(view.fields({}, context), {});
mounted.update(state);
const closed = place.all.length;
for (const one of place.all.filter((node) => node.tag === "details")) {
  one.open = true;
  one.fire("toggle");
}
mounted.update(complete(view.fields({ which: "gained" }, context), { which: "gained" }));
mounted.update(state);
answer({ tags: [...made], text: place.textContent, grown: place.all.length > closed });
"""
)


def test_hostile_answers_stay_text(hostile):
    bundle = make_bundle(laws=["besiroglu2024"], studies=hostile, draws=2, library=False)
    assert len(hostile[0]["models"]) == 5
    found = run(MOUNT, None, bundle)
    assert set(found["tags"]) <= TAGS
    assert found["grown"]
    # the text is there, as text, and without the mark that turns what follows round
    assert found["text"].count("<img src=x onerror=alert(1)></script>") > 50
    assert "\u202e" not in found["text"]
    states = [{}, {"as": "shares", "mode": next(iter(hostile[0]["modes"]))}]
    figures = run(
        CONTEXT
        + """import { complete } from "isoloss/fields.js";
        const { view } = await import("isoloss/views/errors.js");
        const whole = (state) => complete(view.fields(state, context), state);
        const drawn = ({ data, layout }) => ({ data, layout });
        answer(given.map((state) => view.show(whole(state), context).figures.map(drawn)));""",
        states,
        bundle,
    )
    # Plotly reads tags in texts: none but those that the view itself writes
    tags = set(re.findall(r"<[^&]*?>", json.dumps(figures, ensure_ascii=False)))
    assert tags == {"<b>", "</b>", "<br>"}
    assert "&lt;img" in json.dumps(figures)


@pytest.mark.parametrize("kind", ["example", "hostile", "two sizes", "no modes"])
def test_no_state_throws_or_shows_what_is_no_number(kind, items, hostile):
    if kind == "example":
        studies = []
    elif kind == "hostile":
        studies = hostile
    elif kind == "two sizes":
        studies = studies_part(items.where(models=("sim-1B", "sim-30B")), replicates=50)
        assert not studies[0]["trend"]
    else:
        studies = studies_part(items, replicates=50)
        for part in studies[0]["parts"]:
            part["modes"] = None
        studies[0]["modes"] = {}
    bundle = make_bundle(laws=["besiroglu2024"], studies=studies, draws=2, library=False)
    given = {"view": "errors", "count": 200 if kind == "example" else 40, "seed": 3}
    found = run(RANDOM_STATES, given, bundle)
    assert found["bad"] == []
    assert found["answered"] == given["count"]


def test_several_studies_have_names_of_their_own(items):
    twice = [study for name in ("one", "two") for study in studies_part(items, name, replicates=20)]
    bundle = make_bundle(laws=["besiroglu2024"], studies=[*twice, twice[0]], draws=2, library=False)
    found = run(
        CONTEXT
        + """const { view } = await import("isoloss/views/errors.js");
        answer(view.fields({}, context)[0].options.map((option) => option.value));""",
        None,
        bundle,
    )
    assert found == ["simulated, one", "simulated, two", "simulated, one (3)"]


def test_a_page_without_answers_has_the_worked_example_and_says_so():
    bundle = make_bundle(laws=["besiroglu2024"], draws=2, library=False)
    assert bundle.document["studies"] == [example()]
    (page,) = shown([{}], bundle)
    assert page["headline"].startswith("Worked example.")
    assert any("made here by isoloss.errors.simulate" in one for one in page["warnings"])
    text = run(MOUNT, None, bundle)["text"]
    assert "isoloss explore items.parquet" in text


def test_the_worked_example_is_what_it_is_computed_to_be():
    def same(ours, theirs):
        if isinstance(ours, dict):
            assert ours.keys() == theirs.keys()
            for key in ours:
                same(ours[key], theirs[key])
        elif isinstance(ours, list):
            assert len(ours) == len(theirs)
            for one, other in zip(ours, theirs, strict=True):
                same(one, other)
        elif isinstance(ours, float):
            assert theirs == pytest.approx(ours, rel=1e-6, abs=1e-9)
        else:
            assert ours == theirs

    same(make_example(), example())


def test_what_cannot_be_compared_by_size_is_refused_with_the_reason(items):
    with pytest.raises(ItemsError, match="nothing to compare: simulated"):
        studies_part(items.where(models=("sim-1B",)))
