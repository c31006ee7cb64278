"""The pictures of the guide: `python -m tests.browser.explore_pictures docs/img`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from isoloss.explore.bundle import make_bundle
from isoloss.explore.page import single_page
from tests.browser.explore_pages import chromium, open_page, show

VIEWS = {
    "allocate": ("?C=5e19&held=N&mine=3e9", 960),
    "curves": ("?law=henighan2020_C&law2=kaplan2020_Cmin&law3=shukor2025_early_C", 1240),
    "tradeoff": ("", 1060),
    "laws": ("", 900),
}


def main(folder: Path) -> None:
    """Write a picture of each view."""
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        path = Path(made) / "page.html"
        path.write_text(single_page(make_bundle(library=False)), encoding="utf-8")
        page = open_page(browser, path.as_uri(), width=1200)
        for view, (query, height) in VIEWS.items():
            page.set_viewport_size({"width": 1200, "height": height})
            show(page, view, query)
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"explore-{view}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
