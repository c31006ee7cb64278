"""What a request brings along, within bounds: files, compressed files, JSON."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from pathlib import Path
from typing import Any

from isoloss.exceptions import InputError
from isoloss.explore.security import too_large

JSON_LIMIT = 256 * 2**10
_DEEPEST = 20
_BLOCK = 2**18
_LONGEST_NAME = 100


class TooLargeError(Exception):
    """More came than is taken."""


async def save_body(request: Any, path: Path, limit: int) -> None:
    """Write a body to a file as it comes.

    Raises:
        TooLargeError: it does not end within the limit; nothing beyond is read.
    """
    size = 0
    with path.open("wb") as file:
        async for block in request.stream():
            size += len(block)
            if size > limit:
                raise TooLargeError(too_large(limit))
            file.write(block)


async def read_json(request: Any) -> dict[str, Any]:
    """A body that is one JSON object.

    Raises:
        TooLargeError: it is long.
        InputError: it is no JSON object, or nested deeply.
    """
    parts, size = [], 0
    async for block in request.stream():
        size += len(block)
        if size > JSON_LIMIT:
            raise TooLargeError(f"a question of more than {JSON_LIMIT // 2**10} kB is not read")
        parts.append(block)
    try:
        text = b"".join(parts).decode("utf-8")
        if _depth(text) > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} deep")
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON that can be read: {error}") from None
    if not isinstance(found, dict):
        raise InputError('a JSON object is expected, such as {"law": "chinchilla"}')
    return found


def _depth(text: str) -> int:
    """How deep brackets nest, those in strings left out."""
    deepest = depth = 0
    # a string that does not end takes the rest, so that the search stays linear
    for mark in re.findall(r'(?s)"(?:[^"\\]|\\.)*"?|[\[\]{}]', text):
        depth += (mark in "[{") - (mark in "]}")
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def unzip(path: Path, limit: int) -> None:
    """Replace a gzipped file by what is in it; other files stay as they are.

    Raises:
        TooLargeError: there is more in it than the limit.
        InputError: the stream is damaged.
    """
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return
    plain, size = path.with_name(path.name + ".plain"), 0
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        with path.open("rb") as packed, plain.open("wb") as out:
            while block := packed.read(_BLOCK):
                while block and not inflate.eof:
                    part = inflate.decompress(block, _BLOCK)
                    size += len(part)
                    if size > limit:
                        raise TooLargeError(f"unpacked, {too_large(limit)}")
                    out.write(part)
                    block = inflate.unconsumed_tail
        if not inflate.eof or inflate.unused_data:
            raise InputError("the gzip stream is damaged or has several parts; send it unpacked")
        plain.replace(path)
    except zlib.error as error:
        raise InputError(f"the gzip stream is damaged ({error}); compress it again") from None
    finally:
        plain.unlink(missing_ok=True)


def plain_name(text: str) -> str:
    """A file name without folders, control characters and marks that turn text around."""
    name = re.split(r"[/\\]", text)[-1]
    kept = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > _LONGEST_NAME and dot:
        kept = f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return kept[:_LONGEST_NAME] if kept.strip(".") else "table.csv"
