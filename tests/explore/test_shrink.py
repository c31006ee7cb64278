"""A page in one file: small, whole, the same each time."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
from urllib.parse import unquote

import pytest

from isoloss.explore.bundle import make_bundle
from isoloss.explore.page import MADE, STATIC, module, modules, plotly, single_modules, single_page
from isoloss.explore.shrink import DRAWS_BESIDE, bare, data_address, packed, short
from tests.explore.node import node

MEGA, KILO = 1_000_000, 1000


@pytest.fixture(scope="module")
def bundle():
    return make_bundle(library=False)


@pytest.fixture(scope="module")
def page(bundle):
    return single_page(bundle)


def test_a_page_is_small(bundle, page):
    """Under 6 MB with the script that draws, and under 300 kB without."""
    assert len(page.encode()) < 6 * MEGA
    without = len(single_page(bundle, with_plotly=False).encode())
    assert without < 300 * KILO
    assert len(page.encode()) - without > 0.99 * len(plotly())


def test_a_page_is_the_same_each_time(bundle):
    one, other = (single_page(bundle, with_plotly=False) for _ in range(2))
    assert one == other


def test_a_page_asks_for_nothing(page):
    head = page.split("<script")[0]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', head)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "http" not in policy[1]
    assert not re.search(
        r"<(link|img|iframe|script)[^>]*\b(src|href)=", page.replace(plotly_of(page), "")
    )


def plotly_of(page):
    return max(re.findall(r"<script>(.*?)</script>", page, re.DOTALL), key=len)


def unpacked(page):
    found = re.search(r'id="packed">([^<]*)<', page)
    assert found is not None
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


def test_what_was_packed_comes_out_whole(bundle):
    parts = unpacked(single_page(bundle, with_plotly=False))
    imports = json.loads(parts["imports"])["imports"]
    texts = dict(single_modules(bundle))
    assert {f"isoloss/{name}" for name in texts} == set(imports)
    for name, text in texts.items():
        coded = imports[f"isoloss/{name}"].removeprefix("data:text/javascript,")
        assert unquote(coded) == text.strip()
        assert not re.search(r"[#\n\t\r]", coded)
    assert json.loads(parts["bundle"]) == json.loads(json.dumps(short(bundle.document)))


def test_a_page_has_every_view_and_nothing_of_a_server(bundle):
    names = {name for name, _ in single_modules(bundle)}
    views = re.findall(r'"isoloss/(views/[\w-]+\.js)"', module("views/index.js"))
    assert len(views) >= 1
    assert set(views) <= names
    assert not {"server.js", "widget.js", "unpack.js"} & names
    assert {"main.js", MADE} <= names


def test_laws_beside_those_that_were_asked_for_have_fewer_draws(bundle):
    before = {entry["key"]: entry for entry in bundle.document["laws"]}
    after = {entry["key"]: entry for entry in short(bundle.document)["laws"]}
    first = bundle.document["first"]
    assert after[first] == before[first]
    cut = 0
    for key, entry in after.items():
        raw = base64.b64decode(entry["theta"]["data"])
        assert len(raw) == 8 * entry["theta"]["rows"] * len(entry["parameters"])
        assert base64.b64decode(before[key]["theta"]["data"]).startswith(raw)
        if key != first and before[key]["theta"]["rows"] > DRAWS_BESIDE + 1:
            assert entry["theta"]["rows"] == DRAWS_BESIDE + 1
            cut += 1
    assert cut >= 3


def test_laws_that_were_asked_for_keep_their_draws():
    document = make_bundle(laws=["hoffmann2022_a3", "kaplan2020_Cmin"], library=False).document
    assert document["asked"] == ["hoffmann2022_a3", "kaplan2020_Cmin"]
    rows = {entry["key"]: entry["theta"]["rows"] for entry in short(document)["laws"]}
    assert rows["hoffmann2022_a3"] == rows["kaplan2020_Cmin"] == 401
    assert rows["besiroglu2024"] == DRAWS_BESIDE + 1


def test_the_library_of_a_page_is_that_of_its_laws():
    whole = make_bundle(laws=["hoffmann2022_a3"]).document
    made = short(whole)
    here = {entry["key"] for entry in made["laws"]}
    assert {row["key"] for row in made["catalogue"]} == here
    assert len(whole["catalogue"]) > 10 * len(here)
    assert set(made["registry"]) == {key.partition(":")[0] for key in here}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("// one\nlet a = 1;\n", "let a = 1;\n"),
        ("  /** two\n   * lines */\n  let a = 1; // stays\n", "let a = 1; // stays\n"),
        ("/* @type {any} */ (a).b = 1;\n", "/* @type {any} */ (a).b = 1;\n"),
        ("/* a */ b /* c */\n", "/* a */ b /* c */\n"),
        ("/* a\n b */ let c = 1;\n", "/* a\nb */ let c = 1;\n"),
        ('let a = "http://x";\n', 'let a = "http://x";\n'),
        ("let a = 1\n\n\n  + 2;\n", "let a = 1\n+ 2;\n"),
        ("let a = `x ${b} // y`;\n// c `d`\n", "let a = `x ${b} // y`;\n"),
        # a template over lines, a text that is continued, a comment without an end: as they are
        ("let a = `\n// no comment\n`;\n", "let a = `\n// no comment\n`;\n"),
        ("let a = 'x\\\n// no comment';\n", "let a = 'x\\\n// no comment';\n"),
        ("let a = `\\``;\n// b\n", "let a = `\\``;\n// b\n"),
        ("let a = 1;\n/* never ends\n", "let a = 1;\n/* never ends\n"),
    ],
)
def test_only_comments_that_begin_a_line_are_left_out(text, wanted):
    assert bare(text) == wanted


def test_modules_mean_the_same_without_their_comments():
    """What Node makes of them, when it has parsed both, has the same tokens."""
    program = """
import { readFileSync } from "node:fs";
const tokens = (text) => text
  .replace(/\\/\\*[^]*?\\*\\/|(^|\\s)\\/\\/[^\\n]*/g, " ").split(/\\s+/).filter(Boolean).join(" ");
const given = JSON.parse(readFileSync(0, "utf-8"));
for (const [name, [whole, bare]] of Object.entries(given)) {
  if (tokens(whole) !== tokens(bare)) throw new Error(name);
}
console.log(Object.keys(given).length);
"""
    pairs = {name: [module(name), bare(module(name))] for name in modules() if name != MADE}
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", program],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(pairs)
    smaller = sum(len(bare) for _, bare in pairs.values())
    assert smaller < 0.97 * sum(len(whole) for whole, _ in pairs.values())


def test_every_bare_module_can_be_parsed(tmp_path):
    for name in modules():
        path = tmp_path / name.replace("/", "_").replace(".js", ".mjs")
        path.write_text(bare(module(name)), encoding="utf-8")
        done = subprocess.run([node(), "--check", str(path)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_addresses_and_packs_hold_any_text():
    text = 'let a = "100 %", b = /#\\t/, c = `é\u2028`; // <script>\n\tlet d;'
    address = data_address(text)
    assert unquote(address.removeprefix("data:text/javascript,")) == text
    assert json.loads(gzip.decompress(base64.b64decode(packed({"a": text}))))["a"] == text


def test_the_style_stays_what_it_is():
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    assert re.sub(r"\s+", "", bare(css)) == re.sub(r"\s+", "", css) or "/*" in css
