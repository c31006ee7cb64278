"""The Laws view against the library: values, filters, formulas, hostile texts, any state."""

from __future__ import annotations

import base64
import contextlib
import io
import re
from html import unescape

import numpy as np
import pytest

from isoloss import find_law, ladders, read_runs
from isoloss.exceptions import IsolossError
from isoloss.explore.bundle import Bundle, catalogue, find, make_bundle
from isoloss.explore.entry import published_entry
from isoloss.explore.formula import formula_nodes
from isoloss.explore.registry_part import registry
from isoloss.law import published_laws
from isoloss.law.published.number import EVIDENCE, USED
from isoloss.report.formula import formula_html
from tests.explore.node import run
from tests.explore.paper import PAPER, TAGS
from tests.explore.states import RANDOM_STATES, SHOW

ASKED = (
    "besiroglu2024",
    "hoffmann2022_a3",
    "kaplan2020_alloc_N",
    "frantar2023_sparsity",
    "muennighoff2023",
    "shukor2025_additive_refit",
    "shukor2025_early_C:text",
    "gadre2024_loss",
)
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'"
CONTEXT = """
import { complete } from "isoloss/fields.js";
import { view } from "isoloss/views/laws.js";
const moves = [];
const context = { bundle, laws, change: () => {}, state: () => ({}) };
context.go = (...to) => moves.push(to);
const whole = (state) => {
  const first = complete(view.fields(state, context), state);
  return complete(view.fields(first, context), first);
};
"""
# a page with the view on it, and everything that stands there
MOUNT = (
    PAPER
    + CONTEXT
    + """
const result = new Paper("main"), place = new Paper("div");
result.append(place);
const mounted = view.mount(place, context);
const look = (state) => {
  mounted.update(whole(state));
  return result.all;
};
"""
)


@pytest.fixture(scope="module")
def bundle():
    runs = read_runs(ladders.path("char_lm"), map="N=params,D=tokens,loss=loss")
    fit = find_law("chinchilla").fit(runs, draws=60, seed=0)
    return make_bundle([("fit", fit)], laws=ASKED)


def shown(states, bundle):
    return run(SHOW, {"view": "laws", "states": states}, bundle)


def test_values_and_intervals_are_those_of_python(bundle):
    states = []
    for entry in bundle.document["laws"]:
        key = entry["key"]
        states.append({"law": key})
        asked = {"law": key}
        for v in entry["variables"]:
            name = v["name"] if v["name"] in ("N", "D", "C") else f"at_{v['name']}"
            far = v["high"] * 7 if v["log"] else 0.3 * v["low"] + 0.7 * v["high"]
            asked[name] = far
        states.append(asked)
    found = shown(states, bundle)
    laws, entries = dict(bundle.laws), {one["key"]: one for one in bundle.document["laws"]}
    outside = 0
    for state, page in zip(states, found, strict=True):
        key, numbers = state["law"], page["numbers"]
        law, entry = laws[key], entries[key]
        theta = np.frombuffer(base64.b64decode(entry["theta"]["data"])).reshape(
            entry["theta"]["rows"], -1
        )
        names = dict(zip(law.parameter_names, theta.T, strict=True))
        with np.errstate(all="ignore"):
            values = np.broadcast_to(law({**numbers["at"], **names}), len(theta))
        if not np.isfinite(values[0]):
            assert numbers["value"] is None
            assert "no value" in page["headline"]
            continue
        assert numbers["value"] == pytest.approx(values[0], rel=1e-9), key
        if len(theta) > 1:
            tail = (1 - entry["level"]) / 2
            low, high = np.nanquantile(values[1:], [tail, 1 - tail])
            assert (numbers["low"], numbers["high"]) == pytest.approx((low, high), rel=1e-9), key
        outside += numbers["place"] == "outside"
    assert outside >= 5


def test_a_mixture_starts_as_parts_of_one_whole_and_a_wrong_sum_is_told(bundle):
    key = "shukor2025_additive_refit"
    whole, wrong = shown([{"law": key}, {"law": key, "at_h_book": 0.9}], bundle)
    shares = [value for name, value in whole["numbers"]["at"].items() if name.startswith("h_")]
    assert len(shares) == 7
    assert sum(shares) == pytest.approx(1.0)
    assert "add up" not in str(whole["warnings"])
    assert "add up to 1.76, not to 1" in str(wrong["warnings"])


def test_the_program_of_the_page_says_the_same(bundle):
    keys = [key for key in ASKED if key != "kaplan2020_alloc_N"]
    for key, page in zip(keys, shown([{"law": key} for key in keys], bundle), strict=True):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(page["python"], {})
        told = re.search(r"value=([-+.\de]+)", said.getvalue())
        assert told, key
        value = float(told[1])
        assert value == pytest.approx(page["numbers"]["value"], rel=1e-9), key


FILTERS = (
    {},
    {"family": "dense"},
    {"modality": "multimodal", "usable": True},
    {"evidence": "contradicted"},
    {"target": "N_opt", "input": "C"},
    {"words": "chinchilla REFIT"},
    {"words": "no law has these words"},
    {"family": "no such family"},
)


def test_the_filters_find_what_the_library_has(bundle):
    found = run(
        CONTEXT
        + """import { fitting, rows } from "isoloss/views/laws_list.js";
        const keys = (state) => fitting(rows(context), whole(state)).map((row) => row.key);
        answer(given.map(keys));""",
        [*FILTERS, {"sort": "evidence"}, {"sort": "newest"}],
        bundle,
    )
    rows = catalogue()
    wanted = [
        {row["key"] for row in rows} | {"fit"},
        {row["key"] for row in rows if row["family"] == "dense"},
        {row["key"] for row in rows if "multimodal" in row["modality"] and row["usable"]},
        {row["key"] for row in rows if row["evidence"] == "contradicted"},
        {row["key"] for row in rows if row["target"] == "N_opt" and "C" in row["inputs"]},
        None,
        set(),
        {row["key"] for row in rows} | {"fit"},
    ]
    for state, keys, ours in zip(FILTERS, found, wanted, strict=False):
        assert len(set(keys)) == len(keys)
        if ours is not None:
            assert set(keys) == ours, state
    assert found[0][0] == "fit"
    assert "besiroglu2024" in found[5]
    evidence = {row["key"]: row["evidence"] for row in rows} | {"fit": "your runs"}
    order = ["your runs", *EVIDENCE]
    levels = [order.index(evidence[key]) for key in found[8]]
    assert levels == sorted(levels)
    years = [int(year[0]) if (year := re.search(r"20\d\d", key)) else 0 for key in found[9]]
    assert years[1:60] == sorted(years[1:60], reverse=True)


def test_only_evidence_that_isoloss_uses_is_marked_as_used():
    found = run(
        'import { EVIDENCE } from "isoloss/views/laws_list.js"; answer(EVIDENCE);',
    )
    assert [name for name in found if found[name]["used"]] == ["your runs", *USED]
    assert list(found) == ["your runs", *EVIDENCE]
    assert len({one["mark"] for one in found.values()}) == len(found)


def test_formulas_as_lists_are_those_of_the_report():
    def text(node):
        return node if isinstance(node, str) else "".join(text(child) for child in node[2:])

    for entry in published_laws().values():
        plain = unescape(re.sub(r"<[^>]*>", "", formula_html(entry.law)))
        assert text(formula_nodes(entry.law)) == plain, entry.id


def test_the_registry_has_every_number_as_printed():
    for name, entry in registry().items():
        source = published_laws()[name]
        assert len(entry["sets"]) == len(source.sets)
        for one in entry["sets"].values():
            numbers = source.sets[one["set"]].numbers
            printed = {n["name"]: n["printed"] for n in one["numbers"]}
            assert printed == {n.name: n.printed for n in numbers.values()}


def test_why_a_law_cannot_be_asked_is_told_where_it_cannot():
    told = {key: one["why"] for entry in registry().values() for key, one in entry["sets"].items()}
    for row in catalogue():
        assert (not told[row["key"]]) == row["usable"], row["key"]
        if row["usable"]:
            continue
        with pytest.raises(IsolossError) as refused:
            published_entry(*find(row["key"]))
        assert told[row["key"]] == str(refused.value)


def test_every_law_of_the_library_can_be_looked_at(bundle):
    keys = [row["key"] for row in catalogue()] + ["fit"]
    found = run(
        MOUNT
        + """answer({ laws: given.map((law) => {
          // an empty list beside it: what is looked at is the law
          const state = { law, words: "no law has these" };
          const { headline, warnings, figures } = view.show(whole(state), context);
          const math = look(state).find((node) => node.attributes.role === "math");
          const formula = math?.textContent ?? "", text = result.textContent;
          return { law, headline, warnings, figures: figures.length, formula, text };
        }), tags: [...made] });""",
        keys,
        bundle,
    )
    assert set(found["tags"]) <= TAGS
    here = {entry["key"] for entry in bundle.document["laws"]}
    rows = {row["key"]: row for row in catalogue()}
    for page in found["laws"]:
        key = page["law"]
        assert page["headline"], key
        assert page["formula"], key
        assert page["figures"] == (1 if key in here else 0), key
        assert not re.search(r"undefined|NaN|\[object", page["text"]), key
        if key in rows and key not in here:
            told = " ".join(page["warnings"])
            assert ("cannot be asked" in told) == (
                not rows[key]["usable"]
            ) or "does not hold" in told


def test_a_law_is_opened_elsewhere_with_what_was_asked_of_it(bundle):
    found = run(
        MOUNT
        + """const open = (state) => {
          context.state = () => state;
          moves.length = 0;
          const views = ["Curves", "Allocate", "Surface"];
          const buttons = look(state).filter((node) => node.tag === "button");
          for (const one of buttons) if (views.includes(one.textContent)) one.fire("click");
          return [...moves];
        };
        answer(given.map(open));""",
        [{"law": "besiroglu2024", "N": 7e9, "D": 2e11}, {"law": "kaplan2020_alloc_N"}],
        bundle,
    )
    both, compute = found
    assert [view for view, _ in both] == ["curves", "allocate", "surface"]
    assert all(state == {"law": "besiroglu2024", "N": 7e9, "D": 2e11} for _, state in both)
    assert [view for view, _ in compute] == ["curves"]


def test_hostile_texts_stay_text(bundle):
    document = {**bundle.document, "server": True}
    entries = [
        {
            **entry,
            "name": EVIL,
            "cite": EVIL,
            "url": "javascript:alert(1)",
            "notices": [EVIL],
            "pitfalls": [EVIL],
            "formula_nodes": ["script", "evil", EVIL, ["img", "onerror", ["iframe", "formula"]]],
        }
        if entry["key"] == "fit"
        else entry
        for entry in document["laws"]
    ]
    hostile = Bundle({**document, "laws": entries}, bundle.laws)
    found = run(
        MOUNT
        + """const links = (law) => (look({ law }), result.all.filter((node) => node.tag === "a"));
        const fit = links("fit").length, text = result.textContent;
        const real = links("besiroglu2024").map((a) => [a.attributes.href, a.attributes.rel]);
        bundle.server = false;
        answer({ fit, text, real, offline: links("hoffmann2022_a3").length, tags: [...made] });""",
        None,
        hostile,
    )
    assert set(found["tags"]) <= TAGS
    assert found["text"].count(EVIL) >= 4
    assert found["fit"] == 0
    assert all(rel == "noreferrer noopener" for _, rel in found["real"])
    assert found["real"][0][0] == "https://arxiv.org/abs/2404.10102"
    assert found["offline"] == 0


def test_no_state_throws_or_shows_what_is_no_number(bundle):
    given = {"view": "laws", "count": 200, "seed": 5}
    # of the library some, so that laws that can be asked come up as well
    here = {entry["key"] for entry in bundle.document["laws"]}
    rows = bundle.document["catalogue"]
    few = [row for i, row in enumerate(rows) if row["key"] in here or i % 40 == 0]
    found = run(RANDOM_STATES, given, Bundle({**bundle.document, "catalogue": few}, bundle.laws))
    assert found["bad"] == []
    assert found["answered"] >= 80


def test_a_short_page_lists_its_own_laws_alone():
    document = make_bundle(laws=["besiroglu2024"], library=False, draws=2).document
    here = {entry["key"] for entry in document["laws"]}
    assert {row["key"] for row in document["catalogue"]} == here
    assert set(document["registry"]) == {key.partition(":")[0] for key in here}
