"""The tables of answers in ../shared/items as `Items`, for benchmarks and tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from isoloss.errors.items import Coded, Items, Labels, Model

SHARED = Path(__file__).resolve().parents[2] / "shared"


def load(name: str, shared: Path = SHARED) -> Items:
    """`visonlyqa`, `blink_val`, `mathvision`, `pope_llava15` or `mme_llava15`."""
    table = pd.read_parquet(shared / "items" / f"{name}.parquet")
    names = list(dict.fromkeys(table["model"]))
    first = table.drop_duplicates("model").set_index("model")
    models = tuple(
        Model(n, str(first.family[n]), float(first.size_params[n]), float(first.size_params[n]))
        for n in names
    )

    def coded(column: str) -> Coded:
        return Coded.of(None if pd.isna(v) else str(v) for v in table[column])

    if name == "blink_val":
        table["task"] = table["task"].str.replace(" ", "_")
    options = table.get("n_options", pd.Series(0, index=table.index)).fillna(0)
    extra = {}
    if "options" in table:
        extra["options"] = coded("options")
    if "loss" in table:
        extra["loss"] = table["loss"].to_numpy(float)
    mode = coded("failure_mode")
    missing = Coded(np.full(len(table), -1, np.int32), ())
    return Items(
        models,
        table["model"].map({n: i for i, n in enumerate(names)}).to_numpy(np.int32),
        coded("item_id"),
        coded("task"),
        coded("condition"),
        coded("gold"),
        coded("prediction"),
        table["correct"].to_numpy(np.int8),
        raw=np.array([None if pd.isna(v) else v for v in table["raw"]], dtype=object),
        n_options=options.to_numpy(np.int32),
        labels={"given": Labels(mode, missing, np.full(len(table), np.nan))},
        **extra,
    )
