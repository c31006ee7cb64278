"""Files, folders and globs to a list of files, in an order that does not depend on the machine."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from isoloss.exceptions import ItemsError

# endings that a folder is searched for; a file that is named is read whatever its ending
ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".parquet", ".pq", ".eval")


def expand(given: Any) -> Iterator[tuple[Path, bool]]:
    """Every file, and whether it was found in a folder rather than named.

    Links to folders are not followed, and hidden files are passed over.

    Raises:
        ItemsError: nothing of that name, or a folder without any log.
    """
    several = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if not several:
        raise ItemsError("no logs were given; name files, folders or patterns such as 'logs/*'")
    seen: set[Path] = set()
    for one in several:
        for path, found in _expand_one(one):
            if path not in seen:
                seen.add(path)
                yield path, found


def _expand_one(given: Any) -> Iterator[tuple[Path, bool]]:
    if not isinstance(given, str | os.PathLike):
        raise ItemsError(
            f"logs are named by path, got {type(given).__name__}; give a path, a folder, a "
            "pattern, or one data frame alone"
        )
    text = os.fspath(given)
    path = Path(os.path.expanduser(text))  # noqa: PTH111 -- keeps bytes that are no user's name
    try:
        if path.is_dir():
            files = sorted(_walk(path))
            if not files:
                raise ItemsError(
                    f"the folder {text} holds no log; searched for {', '.join(ENDINGS)}, "
                    "each also with .gz"
                )
            yield from ((file, True) for file in files)
        elif path.exists():
            yield path, False
        elif glob.has_magic(text):
            matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
            if not matches:
                raise ItemsError(f"no file matches {text!r}")
            for match in matches:
                yield from _expand_one(match)
        else:
            raise ItemsError(f"{text} does not exist{_near(path)}")
    except (OSError, ValueError) as error:
        raise ItemsError(f"{text!r} cannot be opened: {error}") from None


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            plain = name.lower().removesuffix(".gz")
            if plain.endswith(ENDINGS) and not name.startswith((".", "~$")):
                yield Path(place) / name


def _near(path: Path) -> str:
    names = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, names, n=3)
    return f"; in the same folder: {', '.join(close)}" if close else ""
