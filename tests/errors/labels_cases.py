"""Small tables of answers for tests of labels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from isoloss.errors.items import Coded, Items, Model


def answers(*rows: dict[str, Any]) -> Items:
    """A table from rows such as `{"gold": "a", "prediction": "b"}`; what is left out is plain.

    A row without `correct` is wrong; columns that no row names are not there.
    """
    names = list(dict.fromkeys(row.get("model", "m") for row in rows))
    models = tuple(Model(name, "family", 1e9, 1e9) for name in names)

    def texts(key: str, plain: Any = None) -> list[Any]:
        return [row.get(key, plain) for row in rows]

    extra: dict[str, Any] = {}
    for key in ("question", "finish", "cluster"):
        if any(key in row for row in rows):
            extra[key] = Coded.of(texts(key))
    if any("options" in row for row in rows):
        given = texts("options")
        extra["options"] = Coded.of(
            one if one is None or isinstance(one, str) else json.dumps(one) for one in given
        )
    if any("raw" in row for row in rows):
        extra["raw"] = np.array(texts("raw"), dtype=object)
    return Items(
        models,
        np.array([names.index(row.get("model", "m")) for row in rows], dtype=np.int32),
        Coded.of(str(row.get("item", f"q{i}")) for i, row in enumerate(rows)),
        Coded.of(texts("task", "t")),
        Coded.of(texts("condition", "default")),
        Coded.of(texts("gold")),
        Coded.of(texts("prediction")),
        np.array(texts("correct", 0), dtype=np.int8),
        n_options=np.array(texts("n", 0), dtype=np.int32),
        **extra,
    )


def modes(items: Items, source: str = "rules") -> list[str | None]:
    """The mode of every row."""
    return items.labels[source].mode.texts()
