"""The explorer in a notebook: the modules of the page as a widget, its state kept with Python's.

Needs the extra `notebook` (anywidget). Nothing is loaded from a network: the modules come with the
widget, and Plotly's script is sent by the kernel once, however many widgets a notebook has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from isoloss.exceptions import InputError, MissingExtraError
from isoloss.explore.bundle import Bundle, make_bundle
from isoloss.explore.entry import DRAWS
from isoloss.explore.page import STATIC, module, plotly, single_modules, style
from isoloss.fit import Fit

# a notebook has rules for tables, lists and headings: they are taken back by one rule of ours,
# which is stronger than they are and weaker than all that follow; Plotly's own stay as they are
_ROOT = ".isoloss-explore"
PLACE = 4 * _ROOT
_TAKEN_BACK = f"{3 * _ROOT} *:not(.plot, .plot *) {{ all: revert; }}\n"
_WHOLE = (":root", "html", "body", "#explorer")
# starts a page; a widget starts by itself
START = "main.js"


def explore(
    what: Fit | str | Mapping[str, Fit] | Iterable[Fit | str] | None = None,
    *,
    view: str = "allocate",
    draws: int = DRAWS,
    **state: str | float | bool,
) -> Any:
    """Explore fits and published laws in a notebook.

    Args:
        what: a fit, fits by name, names of published laws (`ID` or `ID:SET`), or a mixture; the
            laws to start with when nothing is given.
        view: what opens first, such as "allocate" or "frontier".
        draws: at most so many rows of numbers for each law.
        **state: values of controls, as they stand in the address of a page: `C=1e21`,
            `held="none"`.

    Returns:
        A widget. `state` and `view` can be read and set, `numbers` and `headline` hold what it
        says just now.

    Raises:
        MissingExtraError: anywidget is not installed.
        InputError: the view is unknown, or a value is of no kind that a control has.
        LawError: a law is unknown or has no numbers to rely on.
    """
    if view not in views():
        raise InputError(f"no view is called {view!r}; there are: {', '.join(views())}")
    for key, value in state.items():
        if not isinstance(value, str | int | float | bool):
            raise InputError(f"{key} = {value!r} is no number, no text, and neither True nor False")
    fits, laws = _sorted(what)
    bundle = make_bundle(fits, laws, view=view, draws=draws, library=False)
    return _widget_class()(**_traits(bundle), view=view, state=state)


def views() -> tuple[str, ...]:
    """Names of the views."""
    return tuple(re.findall(r'"isoloss/views/([\w-]+)\.js"', module("views/index.js")))


def scoped(css: str) -> str:
    """The style sheet for one element of a page that is not ours: no rule reaches beyond it."""
    css = re.sub(r"/\*.*?\*/|@page[^{]*\{[^}]*\}", "", css, flags=re.DOTALL)

    def rule(found: re.Match[str]) -> str:
        selectors = re.split(r",(?![^(]*\))", found[1])
        return ", ".join(_inside(one.strip()) for one in selectors) + found[2]

    return _TAKEN_BACK + re.sub(r"([^{}]+)(\{[^{}]*\})", rule, css)


def _inside(selector: str) -> str:
    for whole in _WHOLE:
        if re.match(re.escape(whole) + r"(?![\w-])", selector):
            return PLACE + selector[len(whole) :]
    return f"{PLACE}, {PLACE} *" if selector == "*" else f"{PLACE} {selector}"


def _sorted(what: Any) -> tuple[list[tuple[str, Fit]], list[str]]:
    """Fits with their keys, and names of laws."""
    if what is None:
        return [], []
    if isinstance(what, Mapping):
        pairs = list(what.items())
    else:
        given = [what] if isinstance(what, Fit | str) else list(what)
        count = sum(isinstance(one, Fit) for one in given)
        numbers = iter(range(1, count + 1))
        pairs = [
            (one, one)
            if isinstance(one, str)
            else (f"fit{next(numbers)}" if count > 1 else "fit", one)
            for one in given
        ]
    fits, laws = [], []
    for key, one in pairs:
        if isinstance(one, Fit):
            fits.append((str(key), one))
        elif isinstance(one, str):
            laws.append(one)
        else:
            raise InputError(f"{one!r} is neither a fit nor the name of a published law")
    return fits, laws


def _traits(bundle: Bundle) -> dict[str, Any]:
    texts = {name: text for name, text in single_modules(bundle) if name != START}
    return {"_modules": texts, "_bundle": bundle.document}


@cache
def _widget_class() -> type[Any]:
    try:
        import anywidget  # pyright: ignore[reportMissingImports]
        import traitlets  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise MissingExtraError("anywidget", "notebook", "the explorer in a notebook") from None

    class Explorer(anywidget.AnyWidget):
        """The explorer.

        Attributes:
            view: which view is open.
            state: values of its controls.
            numbers: the numbers of its answer.
            headline: its answer in a sentence.
        """

        _esm = (STATIC / "widget.js").read_text(encoding="utf-8")
        _css = scoped(style())
        _modules = traitlets.Dict().tag(sync=True)
        _bundle = traitlets.Dict().tag(sync=True)
        view = traitlets.Unicode("allocate").tag(sync=True)
        state = traitlets.Dict().tag(sync=True)
        numbers = traitlets.Dict().tag(sync=True)
        headline = traitlets.Unicode().tag(sync=True)

        def __init__(self, **traits: Any) -> None:
            super().__init__(**traits)
            self.on_msg(self._answer)

        def _answer(self, _: Any, content: Any, __: Any) -> None:
            if isinstance(content, dict) and content.get("ask") == "plotly":
                self.send({"give": "plotly"}, [plotly()])

        def __repr__(self) -> str:
            return f"Explorer(view={self.view!r}, state={self.state!r})"

    return Explorer
