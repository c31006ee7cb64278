"""Every code block of the documentation does what the page says.

    ISOLOSS_UPDATE_DOCS=1 python -m pytest tests/unit/test_docs.py

rewrites the outputs in place; look at the difference before it is committed. What the blocks may
hold is told in `tests/docs_blocks.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests import docs_blocks

ROOT = Path(__file__).resolve().parents[2]
UPDATE = "ISOLOSS_UPDATE_DOCS"
PAGES = sorted(
    path
    for path in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "VISION.md",
        *(ROOT / "docs").rglob("*.md"),
    ]
    if path.is_file()
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    monkeypatch.chdir(tmp_path)
    page = docs_blocks.Page(path, tmp_path)
    page.run()
    if os.environ.get(UPDATE):
        # bytes, so that no platform puts its own line ends in
        if page.updated() != page.text and page.mismatches:
            path.write_bytes(page.updated().encode())
        return
    assert not page.mismatches, "\n\n".join(
        [*map(str, page.mismatches), f"run with {UPDATE}=1 to rewrite the page"]
    )


def test_cli_page_lists_every_option() -> None:
    import typer

    from isoloss.cli.app import app

    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = getattr(typer.main.get_command(app), "commands")  # noqa: B009
    sections = dict(re.findall(r"^## isoloss (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    assert sorted(sections) == sorted(commands)
    for name, command in commands.items():
        told = set(re.findall(r"^\| `(--[\w-]+)", sections[name], re.M))
        params = [*command.params]
        for sub in getattr(command, "commands", {}).values():
            params += sub.params
        real = {opt for p in params for opt in p.opts if opt.startswith("--")}
        assert told == real - {"--help"}, name


def test_navigation_holds_every_page() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert listed == {
        path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }


def test_links_to_files_exist() -> None:
    for path in PAGES:
        text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def page_of(text: str, tmp_path: Path) -> docs_blocks.Page:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    page = docs_blocks.Page(path, tmp_path)
    page.run()
    return page


def test_wrong_output_is_found_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "A page.\n\n```python\nx = 2\n```\n\n```python\nprint(x + 1)\n```\n\n"
        '```text title="output"\n4.5\n```\n\n'
        "```console\n$ isoloss predict nothing.json --at N=1 2>&1; echo $?\nfine\n0\n```\n\nEnd.\n"
    )
    page = page_of(text, tmp_path)
    assert len(page.mismatches) == 2
    again = page.updated()
    assert '```text title="output"\n3\n```\n' in again
    assert "cannot read 'nothing.json'" in again
    assert "\n1\n```\n\nEnd.\n" in again
    assert not page_of(again, tmp_path).mismatches


def test_a_command_that_fails_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exits with 1"):
        page_of("```console\n$ isoloss trust nothing.json\n```\n", tmp_path)


@pytest.mark.parametrize(
    "block",
    [
        "```bash\nrm -rf build\n```\n",
        "```bash\npipenv run it\n```\n",
        "```yaml\na: 1\n```\n",
        "```\nno language\n```\n",
        "```console\n$ ls\n```\n",
        "```python\nprint(1)\n",
        '```text title="output"\n1\n```\n',
    ],
)
def test_what_is_not_allowed(block: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        page_of(block, tmp_path)


def test_a_wrong_law_or_json_fails(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="formula"):
        page_of("```toml\n[a]\nname = 'no formula'\n```\n", tmp_path)
    with pytest.raises(ValueError, match="Expecting"):
        page_of("```json\n{'a': 1}\n```\n", tmp_path)


@pytest.mark.parametrize(
    ("shown", "found", "agree"),
    [
        ("alpha  0.347", "alpha 0.348", True),
        ("alpha  0.347", "alpha 0.357", False),
        ("gradient 5e-15", "gradient 2e-16", True),
        ("23 of 24 starts", "22 of 24 starts", True),
        ("23 of 24 starts", "12 of 24 starts", False),
        ("1.81722", "1.8", True),
        ("inside", "outside", False),
        ("loss 1.5", "loss", False),
        ("4,500 starts", "4500 starts", True),
        ("── a", "───── a", True),
    ],
)
def test_numbers_may_differ_by_rounding_only(shown: str, found: str, agree: bool) -> None:
    assert docs_blocks.same(shown, found) is agree


def test_reference_holds_every_public_name() -> None:
    """A module hides the function of its name in its room, so that one stands there by its path."""
    import importlib

    for room in (
        "law",
        "runs",
        "fit",
        "trust",
        "plan",
        "report",
        "quantities",
        "ladders",
        "federated",
    ):
        page = (ROOT / "docs" / "api" / f"{room}.md").read_text(encoding="utf-8")
        names = set(getattr(importlib.import_module(f"isoloss.{room}"), "__all__", ()))
        hidden = {n for n in names if (ROOT / "src/isoloss" / room / f"{n}.py").exists()}
        shown = {n for n in names if f"::: isoloss.{room}.{n}.{n}\n" in page}
        assert shown == hidden, room
        assert f"::: isoloss.{room}\n" in page, room
        chosen = re.search(rf"^::: isoloss\.{room}\n.*\n *members: \[(.+)\]", page, re.M)
        if chosen:
            assert {*chosen[1].split(", "), *hidden} == names, room
