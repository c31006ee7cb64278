"""`python -m isoloss.law.published [FAMILY]`: check the files, and count what stands in them."""

from __future__ import annotations

import sys

from isoloss.exceptions import LawError
from isoloss.law import tables
from isoloss.law.published.read import FOLDER, read_entry


def check(family: str) -> int:
    """Print every problem of the matching files; the number of problems."""
    problems = 0
    for path in sorted(FOLDER.glob(f"{family}.toml")):
        good = 0
        try:
            entries = tables.load(path)
        except LawError as error:
            print(error)
            problems += 1
            continue
        for id_, entry in entries.items():
            try:
                read_entry(id_, entry, path.name, path.stem).law.functions  # noqa: B018
                good += 1
            except Exception as error:
                print(error)
                problems += 1
        print(f"{path.name}: {good} of {len(entries)} entries are in order")
    return problems


if __name__ == "__main__":
    sys.exit(1 if check(sys.argv[1] if len(sys.argv) > 1 else "*") else 0)
