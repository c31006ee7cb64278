"""The code blocks of the documentation: found, run, compared, and rewritten.

What a block means is told by its language and, for some, its title:

    ```python                    run in order, one namespace a page
    ```text title="output"       what the python block before it prints
    ```console                   `$ isoloss ...` lines, each followed by what it prints
    ```csv title="runs.csv"      a file that the page's later blocks find; toml and json too
    ```toml                      laws, read as laws; with title="...", also a file
    ```json                      must parse
    ```bash                      installing and building only; not run
    ```text                      anything else; not run

A page is run in a folder of its own that holds `runs.csv`, the shipped ladder. A console command
may end in ` 2>&1`, which shows notices and errors too, and in `; echo $?`, which shows the exit
code; without the latter the exit code must be 0.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from isoloss import ladders
from isoloss.cli import main
from isoloss.law.published.read import read_published
from isoloss.law.read import read_family

LANGUAGES = ("python", "console", "text", "toml", "json", "bash", "csv")
SHELL = re.compile(r"(make|pip|git clone|python3 -m venv|cd)\b.*|#.*|")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>.*)$")
_TITLE = re.compile(r'title="([^"]*)"')
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        language: the first word after the fence.
        title: of `title="..."`, or empty.
        first: index of the first line within the fence.
        lines: what is within, without the fence's indentation.
        indent: that indentation.
    """

    language: str
    title: str
    first: int
    lines: tuple[str, ...]
    indent: str

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def blocks(text: str) -> list[Block]:
    """Every fenced block of a Markdown page, in order."""
    lines, found, i = text.splitlines(), [], 0
    while i < len(lines):
        fence = _FENCE.match(lines[i])
        if fence is None:
            i += 1
            continue
        indent, info = fence["indent"], fence["info"].strip()
        end = next((j for j in range(i + 1, len(lines)) if lines[j].strip() == "```"), None)
        if end is None:
            raise AssertionError(f"line {i + 1}: the fence is never closed")
        title = _TITLE.search(info)
        inside = tuple(line.removeprefix(indent) for line in lines[i + 1 : end])
        language = info.split(" ")[0]
        found.append(Block(language, title[1] if title else "", i + 1, inside, indent))
        i = end + 1
    return found


@dataclass(frozen=True)
class Mismatch:
    """A block whose output is not what the page shows."""

    block: Block
    shown: str
    found: str

    def __str__(self) -> str:
        return (
            f"line {self.block.first + 1} shows\n{self.shown}\n--- but the command printed\n"
            f"{self.found}"
        )


class Page:
    """One page, run in a folder; collects what differs."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder
        self.text = path.read_text(encoding="utf-8")
        self.namespace: dict[str, object] = {"__name__": "__main__"}
        self.printed: str | None = None
        self.mismatches: list[Mismatch] = []

    def run(self) -> None:
        """Run every block; the present folder must be the page's."""
        shutil.copy(ladders.path("char_lm"), self.folder / "runs.csv")
        for block in blocks(self.text):
            if block.language not in LANGUAGES:
                raise AssertionError(
                    f"line {block.first}: a block of language '{block.language}'; "
                    f"use one of {', '.join(LANGUAGES)}"
                )
            if block.language in ("csv", "toml", "json") and block.title:
                (self.folder / block.title).write_text(block.text + "\n", encoding="utf-8")
            # a block without a method of its own is only looked at
            step: Callable[[Block], None] | None = getattr(self, f"_{block.language}", None)
            if step is not None:
                step(block)

    def updated(self) -> str:
        """The page with every differing block rewritten."""
        lines = self.text.splitlines()
        for mismatch in sorted(self.mismatches, key=lambda m: -m.block.first):
            block = mismatch.block
            new = [(block.indent + line).rstrip() for line in mismatch.found.splitlines()]
            lines[block.first : block.first + len(block.lines)] = new
        return "\n".join(lines) + "\n"

    def _python(self, block: Block) -> None:
        # blank lines in front make a traceback name the line of the page
        source = "\n" * block.first + block.text
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(source, str(self.path), "exec"), self.namespace)
        self.printed = out.getvalue()

    def _text(self, block: Block) -> None:
        if block.title != "output":
            return
        if self.printed is None:
            raise AssertionError(f"line {block.first}: an output without a python block before it")
        self._compare(block, _trim(self.printed))
        self.printed = None

    def _console(self, block: Block) -> None:
        parts = []
        for command in _commands(block):
            parts.append(_trim("\n".join(f"{line}" for line in command)))
            parts.append(_trim(_run(" ".join(line.rstrip("\\") for line in command)[2:])))
        self._compare(block, "\n".join(part for part in parts if part))

    def _toml(self, block: Block) -> None:
        path = self.folder / (block.title or "_block.toml")
        path.write_text(block.text + "\n", encoding="utf-8")
        # published numbers say how they were read, a form does not
        read = read_published if re.search(r"^evidence = ", block.text, re.M) else read_family
        if not read(path):
            raise AssertionError(f"line {block.first}: no law in the TOML block")

    def _json(self, block: Block) -> None:
        import json

        json.loads(block.text)

    def _bash(self, block: Block) -> None:
        for line in block.lines:
            if not SHELL.fullmatch(line):
                raise AssertionError(f"line {block.first}: '{line}' is not allowed in a bash block")

    def _compare(self, block: Block, found: str) -> None:
        if not same(block.text, found):
            self.mismatches.append(Mismatch(block, block.text, found))


def same(shown: str, found: str) -> bool:
    """Whether two outputs agree: words exactly, numbers as far as machines agree.

    Another processor adds in another order. So numbers may differ by 1 % or by one in the last
    digit that is shown, numbers below 1e-9 are all the same, and spaces and rules do not count.
    """
    if _words(shown) != _words(found):
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(found), strict=True)
    return all(_close(a, b) for a, b in pairs)


def _words(text: str) -> list[str]:
    return re.sub(r"─+", "─", _NUMBER.sub("#", text)).split()


def _close(left: str, right: str) -> bool:
    a, b = (float(text.replace(",", "")) for text in (left, right))
    digit = max(_last_digit(left), _last_digit(right))
    if max(abs(a), abs(b)) < 1e-9:
        return True
    return abs(a - b) <= max(1.001 * digit, 0.01 * max(abs(a), abs(b)))


def _last_digit(text: str) -> float:
    mantissa, _, exponent = text.replace(",", "").lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals)


def _trim(text: str) -> str:
    """Without spaces at the ends of lines, and without blank lines at either end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _commands(block: Block) -> list[list[str]]:
    """The `$` lines of a console block, each with the lines that a backslash continues it by."""
    if not block.lines or not block.lines[0].startswith("$ "):
        raise AssertionError(f"line {block.first}: a console block begins with '$ isoloss ...'")
    found, open_ = [], False
    for line in block.lines:
        if line.startswith("$ "):
            found.append([line])
        elif open_:
            found[-1].append(line)
        open_ = (line.startswith("$ ") or open_) and line.endswith("\\")
    return found


def _run(command: str) -> str:
    """What one command prints."""
    command, wants_code = re.subn(r";\s*echo \$\?\s*$", "", command)
    command, wants_errors = re.subn(r"\s2>&1\s*$", "", command.rstrip())
    words = shlex.split(command)
    if words[0] != "isoloss":
        raise AssertionError(f"'{command}': only isoloss is run in a console block")
    out, errors = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(out if wants_errors else errors):
            main(words[1:])
    except SystemExit as ended:
        code = ended.code
    else:
        raise AssertionError(f"'{command}' did not exit")
    if wants_code:
        return f"{out.getvalue()}{code}\n"
    if code:
        raise AssertionError(f"'{command}' exits with {code}: {errors.getvalue()}{out.getvalue()}")
    return out.getvalue()
