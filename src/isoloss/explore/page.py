"""The page as text: one that a server gives piece by piece, or one file that holds everything."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from isoloss.explore.bundle import Bundle
from isoloss.explore.javascript import laws_module
from isoloss.explore.shrink import bare, data_address, packed, short

STATIC = Path(__file__).parent / "static"
# names, or how they begin
NEEDS_SERVER = ("server.js", "data/")
# not of a page that a server gives: a notebook starts with one, a page in one file with the other
APART = ("widget.js", "unpack.js")
MADE = "laws.js"
STYLE, PLOTLY = "style.css", "plotly.js"


@cache
def modules() -> tuple[str, ...]:
    """Names of the modules of the page, such as `views/allocate.js`."""
    found = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
    return tuple(
        name for name in found if not name.startswith("node_modules/") and name not in APART
    )


def module(name: str) -> str:
    """The text of a module."""
    return (STATIC / name).read_text(encoding="utf-8")


def style() -> str:
    """The style sheet."""
    return (STATIC / STYLE).read_text(encoding="utf-8")


@cache
def plotly() -> bytes:
    """Plotly's script, out of the `plotly` package."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_bytes()


@cache
def places() -> dict[str, str]:
    """Where a server has the parts of the package, by name, `plotly.js` among them.

    The address names the content, so that a browser may keep it with what it compiled of it.
    """
    texts = {name: module(name).encode() for name in modules()} | {STYLE: style().encode()}
    whole = hashlib.sha256(b"\0".join(texts.values())).hexdigest()[:12]
    drawing = hashlib.sha256(plotly()).hexdigest()[:12]
    return {name: f"/static/{name}?v={whole}" for name in texts} | {
        PLOTLY: f"/plotly.js?v={drawing}"
    }


def import_map(places: dict[str, str]) -> str:
    """The map from `isoloss/NAME` to where the module is."""
    imports = {f"isoloss/{name}": place for name, place in places.items()}
    return json.dumps({"imports": imports}, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Of an inline script, as a Content-Security-Policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def served_page(bundle: Bundle, token: str) -> tuple[str, str]:
    """The page that a server gives, and its Content-Security-Policy."""
    known = places()
    mapped = {name: known[name] for name in modules()} | {MADE: f"/laws.js?token={token}"}
    imports = import_map(mapped)
    # an inline script waits for style sheets before it. All modules come at once, not one import
    # after another; chart.js runs Plotly when the first answer stands in words
    preloads = "".join(
        f'<link rel="modulepreload" href="{place}">'
        for name, place in mapped.items()
        if not name.startswith(NEEDS_SERVER[1:])
    )
    head = (
        f'<meta name="isoloss-token" content="{html.escape(token)}">'
        f'<script type="importmap">{imports}</script>'
        f'<link rel="stylesheet" href="{known[STYLE]}">{preloads}'
        f'<link rel="preload" as="script" fetchpriority="low" href="{known[PLOTLY]}">'
    )
    # nothing in the data may end its element
    data = _json(bundle.document).replace("<", "\\u003c")
    tail = (
        f'<script type="application/json" id="bundle">{data}</script>'
        f'<script type="module" src="{known["main.js"]}"></script>'
    )
    page = _document(head, tail)
    policy = (
        f"default-src 'none'; script-src 'self' {digest(imports)}; style-src 'self' "
        "'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return page, policy


def single_page(bundle: Bundle, *, with_plotly: bool = True) -> str:
    """One file that opens from a disk, without a server and without a network.

    Args:
        bundle: what it shows.
        with_plotly: whether the script that draws figures is in it; without, the page shows the
            tables in their place.
    """
    imports = import_map({name: data_address(text) for name, text in single_modules(bundle)})
    pack = packed({"imports": imports, "bundle": _json(short(bundle.document))})
    scripts = [bare(module("unpack.js"))]
    if with_plotly:
        scripts.insert(0, _inline(plotly().decode("utf-8")))
    allowed = " ".join(digest(text) for text in (imports, *scripts))
    # a page from a disk has no headers: its policy stands in it, and lets nothing out
    policy = (
        f"default-src 'none'; script-src data: {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        f"<style>{bare(style())}</style>"
    )
    tail = f'<script type="text/plain" id="packed">{pack}</script>'
    return _document(head, tail + "".join(f"<script>{text}</script>" for text in scripts))


def single_modules(bundle: Bundle) -> list[tuple[str, str]]:
    """The modules of a page without a server, with their texts, the laws' functions among them."""
    names = [name for name in modules() if not name.startswith((*NEEDS_SERVER, MADE))]
    return [(name, bare(module(name))) for name in names] + [(MADE, laws_module(bundle.laws))]


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _document(head: str, tail: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>isoloss</title>{head}</head><body>"
        '<div id="explorer"><p class="wait">Loading …</p></div>'
        '<noscript><p class="wait">This page computes in the browser and needs JavaScript.'
        f"</p></noscript>{tail}</body></html>\n"
    )


def _inline(script: str) -> str:
    """A script that may stand in a page: nothing in it ends its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
