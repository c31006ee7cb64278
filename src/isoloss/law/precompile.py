"""Derive the code of the built-in forms ahead: `python -m isoloss.law.precompile [FAMILY]`.

The result ships beside each family's TOML file, so that a built-in law needs no SymPy when it is
used. A test compares the two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from isoloss.law.calculus import FORMS, differentiate, key, to_json
from isoloss.law.read import read_family


def derive(family: Path) -> str:
    """The JSON text that belongs beside a family's TOML file."""
    codes = {
        key(law.expression, law.coordinates): to_json(
            differentiate(law.expression, law.coordinates)
        )
        for law in read_family(family).values()
    }
    return json.dumps(codes, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    # one family, or all of them
    for path in sorted(FORMS.glob(f"{sys.argv[1] if len(sys.argv) > 1 else '*'}.toml")):
        path.with_suffix(".json").write_text(derive(path), encoding="utf-8")
