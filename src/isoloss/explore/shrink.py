"""A page in one file, made small: modules without comments, all that is not Plotly's compressed.

An exported page holds the laws that were asked for with all their draws; the other laws, which are
there so that every view opens, with fewer draws; and of the library only what is in the page.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

DRAWS_BESIDE = 100
_FLOAT = 8
# as they stand they would end or change an address
_CODED = re.compile(r"[%#\x00-\x1f\x7f]")


def bare(text: str) -> str:
    """A module without what only people read: comments that begin a line, indents, empty lines.

    Only whole lines are left out: `//` lines, and blocks that begin a line with `/*` and end one
    with `*/`. What stands beside code stays. A module in which a line of code may end inside a
    text, a template over several lines or a text that is continued, is given back as it is.
    """
    kept: list[str] = []
    block: list[str] = []
    for line in (line.strip() for line in text.split("\n")):
        if block or line.startswith("/*"):
            block.append(line)
            if "*/" in line[2 if len(block) == 1 else 0 :]:
                if not line.endswith("*/") or line.count("*/") > 1:
                    kept += block  # code follows
                block = []
        elif line and not line.startswith("//"):
            kept.append(line)
    # a block that never ends is no comment of ours
    doubtful = any(line.count("`") % 2 or "\\`" in line or line.endswith("\\") for line in kept)
    return text if block or doubtful else "\n".join(kept) + "\n"


def data_address(text: str) -> str:
    """A `data:` address of a module."""
    coded = _CODED.sub(lambda found: f"%{ord(found[0]):02X}", text.strip())
    return f"data:text/javascript,{coded}"


def packed(parts: dict[str, str]) -> str:
    """Texts by name as base64 of a compressed JSON object; the same texts give the same."""
    plain = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(plain, 9, mtime=0)).decode("ascii")


def short(document: dict[str, Any]) -> dict[str, Any]:
    """A bundle's document for one file.

    Laws in `document["asked"]` keep all draws, the others the first `DRAWS_BESIDE`. The library is
    that of the laws in the page.
    """
    asked = set(document["asked"])
    laws = [
        entry if entry["key"] in asked else _fewer(entry, DRAWS_BESIDE)
        for entry in document["laws"]
    ]
    here = {entry["key"] for entry in laws}
    made = {**document, "laws": laws}
    made["catalogue"] = [row for row in document["catalogue"] if row["key"] in here]
    if "registry" in document:
        ids = {key.partition(":")[0] for key in here}
        made["registry"] = {name: one for name, one in document["registry"].items() if name in ids}
    return made


def _fewer(entry: dict[str, Any], draws: int) -> dict[str, Any]:
    """An entry with its point and its first draws: a random sample is one from its start, too."""
    theta = entry["theta"]
    if theta["rows"] <= draws + 1:
        return entry
    length = (draws + 1) * len(entry["parameters"]) * _FLOAT
    data = base64.b64encode(base64.b64decode(theta["data"])[:length]).decode("ascii")
    return {**entry, "theta": {"rows": draws + 1, "data": data}}
