"""The widget of a notebook: its parts without a browser."""

from __future__ import annotations

import builtins
import json
import re
import subprocess
import sys

import pytest

from isoloss import find_law
from isoloss.exceptions import InputError, LawError, MissingExtraError
from isoloss.explore import widget
from isoloss.explore.bundle import make_bundle
from isoloss.explore.page import STATIC, single_modules, style
from isoloss.explore.widget import PLACE, explore, scoped, views
from tests.explore.node import node
from tests.unit import fit_cases


@pytest.fixture(scope="module")
def fit():
    return find_law("chinchilla").fit(fit_cases.runs(), draws=20)


@pytest.fixture
def made():
    pytest.importorskip("anywidget")
    return lambda *given, **options: explore(*given, **options)


def test_a_fit_is_explored_with_its_state(made, fit):
    one = made(fit, view=views()[0], C=1e22, held="none")
    assert one.state == {"C": 1e22, "held": "none"}
    assert one._bundle["first"] == "fit"
    assert one._bundle["laws"][0]["runs"]["$count"] == len(fit.runs)
    assert '"fit": {' in one._modules["laws.js"]
    assert "main.js" not in one._modules
    assert repr(one).startswith("Explorer(view=")


def test_fits_by_name_and_laws_can_be_mixed(made, fit):
    one = made({"mine": fit, "theirs": "hoffmann2022_a3"})
    assert [entry["key"] for entry in one._bundle["laws"]][:2] == ["mine", "hoffmann2022_a3"]
    two = made([fit, fit, "hoffmann2022_a3"])
    assert [entry["key"] for entry in two._bundle["laws"]][:3] == [
        "fit1",
        "fit2",
        "hoffmann2022_a3",
    ]


def test_what_makes_no_sense_is_told():
    with pytest.raises(InputError, match=r"no view is called 'surfaces'; there are: .*surface"):
        explore(view="surfaces")
    with pytest.raises(InputError, match=r"C = .* is no number"):
        explore(C=[1e21])  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="3 is neither a fit nor the name"):
        explore([3])  # pyright: ignore[reportArgumentType]
    with pytest.raises(LawError, match="nobody2020"):
        explore("nobody2020")


def test_without_anywidget_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def absent(name, *rest, **options):
        if name == "anywidget":
            raise ImportError(name)
        return real(name, *rest, **options)

    widget._widget_class.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'isoloss\[notebook\]'"):
        explore()


def test_the_module_imports_no_heavy_package():
    code = (
        "import sys, isoloss.explore.widget; "
        "print([n for n in ('anywidget', 'plotly', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_rule_of_the_style_reaches_beyond_the_widget():
    css = scoped(style())
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{", "", css)):
        for one in re.split(r",(?![^(]*\))", selectors):
            # what takes the notebook's rules back is weaker than ours
            assert one.strip().startswith((PLACE, ".isoloss-explore" * 3 + " *"))
    assert css.count("{") == css.count("}")
    assert "@page" not in css


@pytest.mark.parametrize(
    ("css", "wanted"),
    [
        ("a { b: c }", " a{ b: c }"),
        (":root[data-theme=dark] .x { b: c }", "[data-theme=dark] .x{ b: c }"),
        ("body { b: c }", "{ b: c }"),
        ("#explorer, .bodyless { b: c }", None),
        (":is(a, b) { c: d }", " :is(a, b){ c: d }"),
    ],
)
def test_rules_are_put_into_place(css, wanted):
    made = scoped(css).partition("\n")[2]
    assert made == (PLACE + wanted if wanted else f"{PLACE}, {PLACE} .bodyless{{ b: c }}")


def test_modules_are_linked_and_those_that_no_widget_changes_are_shared():
    """Two widgets with other laws: what depends on no laws is one module, such as that of ids."""
    program = """
import { linked } from "isoloss/widget.js";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf-8"));
const texts = [];
const address = (text) => {
  if (!texts.includes(text)) texts.push(text);
  return `blob:${texts.indexOf(text)}`;
};
const [one, other] = given.map((modules) => linked(modules, address));
const unlinked = texts.flatMap((text) =>
  [...text.matchAll(/(?:from|import)\\s*["']isoloss\\/([^"']+)["']/g)].map((found) => found[1]));
let circle = "";
try {
  linked({ "a.js": 'import "isoloss/b.js"', "b.js": 'import "isoloss/a.js"' }, address);
} catch (error) { circle = error.message; }
console.log(JSON.stringify({ one, other, unlinked, circle }));
"""
    bundles = [make_bundle(library=False), make_bundle(laws=["muennighoff2023"], library=False)]
    given = [dict(single_modules(bundle)) for bundle in bundles]
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=STATIC,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["unlinked"] == []
    assert found["one"]["dom.js"] == found["other"]["dom.js"]
    assert found["one"]["laws.js"] != found["other"]["laws.js"]
    assert "circle: a.js > b.js > a.js" in found["circle"]


def test_the_names_of_views_are_their_ids():
    for name in views():
        text = (STATIC / "views" / f"{name}.js").read_text(encoding="utf-8")
        assert re.search(rf'^  id: "{name}"', text, re.MULTILINE)
