"""Laws as one JavaScript module: the same formula that NumPy evaluates, written by `law.render`.

Every law becomes two functions over its variables x (in the order of `law.variables`) and its
natural parameters p (in the order of `law.parameters`), both in base units:

| function | gives |
|---|---|
| `one(x, p)` | the value |
| `many(out, theta, x)` | out[m] = the value for row m of theta, a flat (rows, p) array |

Names of a law mean nothing in JavaScript (`law.tree.is_plain_name`), and what the functions bring
along begins with `$`, which no name of a law can.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from isoloss.law import Law


def laws_module(laws: Iterable[tuple[str, Law]]) -> str:
    """The module that exports `functions`, by key.

    Args:
        laws: a key for each law.
    """
    parts = [f"{json.dumps(key)}: {{\n{_functions(law)}}}" for key, law in laws]
    return "export const functions = {\n" + ",\n".join(parts) + "\n};\n"


def _functions(law: Law) -> str:
    variables = _constants(law.variable_names, "$x[{}]")
    one = _constants(law.parameter_names, "$p[{}]")
    many = _constants(law.parameter_names, "$t[$m + {}]")
    width = len(law.parameter_names)
    return (
        f"one: ($x, $p) => {{ {variables}{one}return {law.javascript}; }},\n"
        f"many: ($out, $t, $x) => {{ {variables}"
        f"for (let $i = 0, $m = 0; $i < $out.length; $i++, $m += {width}) "
        f"{{ {many}$out[$i] = {law.javascript}; }} }}\n"
    )


def _constants(names: tuple[str, ...], place: str) -> str:
    if not names:
        return ""
    return "const " + ", ".join(f"{n} = {place.format(i)}" for i, n in enumerate(names)) + "; "
