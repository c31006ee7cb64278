"""`python -m isoloss.report.library [FOLDER]`: write the pages of the law library.

FOLDER is `docs/laws` when nothing is said, so that it is run at the root of a checkout. What a
family page holds follows from the laws alone; the same laws give the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.report.library.catalogue import catalogue
from isoloss.report.library.pages import pages


def main(arguments: list[str]) -> int:
    """Write every page and figure whose text has changed; the exit code."""
    if len(arguments) > 1:
        print("usage: python -m isoloss.report.library [FOLDER]", file=sys.stderr)
        return 2
    folder = Path(arguments[0] if arguments else "docs/laws")
    if not folder.is_dir():
        print(f"error: the folder '{folder}' does not exist; make it or name another one")
        return 1
    try:
        found = pages(catalogue())
    except IsolossError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    changed = 0
    for name, text in found.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            store.write_text(path, text)
            changed += 1
    print(f"{len(found)} files in {folder}, {changed} of them written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
