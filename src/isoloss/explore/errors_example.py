"""Answers that are made here, each task with one known cause: what the page finds can be checked.

The study of them takes seconds, so its document is kept beside this file; `python -m
isoloss.explore.errors_example` writes it anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isoloss.errors import Items

MADE = (
    "made here by isoloss.errors.simulate with one known cause for each task; no model answered "
    "anything"
)
# task, cause, what is asked
_TASKS = (
    ("ability task", "capability", "four options; a larger model knows the right one more often"),
    ("format task", "format-shift", "four options; larger models are easier to read"),
    ("leaning task", "bias-shift", "yes or no; larger models say no more readily"),
)
_EACH = 100
FILE = Path(__file__).parent / "errors_example.json"


@cache
def example() -> dict[str, Any]:
    """The document of a study of made answers, for a page without answers of one's own."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def make_example() -> dict[str, Any]:
    """The same, computed."""
    from isoloss.errors import label, study
    from isoloss.explore.errors_part import study_part

    made = study(label(example_items()), "simulated", name="worked example", replicates=400, seed=0)
    return study_part(made, by=MADE)


def example_items(each: int = _EACH) -> Items:
    """Five sizes, three tasks.

    Args:
        each: questions of a task.
    """
    import numpy as np

    from isoloss.errors import Items, simulate
    from isoloss.errors.items import Coded

    parts = [simulate(cause, items=each, seed=0) for _, cause, _ in _TASKS]
    count = len(parts[0])
    task = Coded.joined([Coded.same(name, count) for name, _, _ in _TASKS])
    texts = [
        f"Question {int(key) + 1} of the {name}: {says}."
        for (name, _, says), part in zip(_TASKS, parts, strict=True)
        for key in part.item.texts()
        if key is not None
    ]
    options = [
        json.dumps(["option a", "option b", "option c", "option d"] if n == 4 else ["yes", "no"])
        for part in parts
        for n in part.n_options.tolist()
    ]
    joined = {
        name: Coded.joined([getattr(part, name) for part in parts])
        for name in ("item", "condition", "gold", "prediction")
    }
    return Items(
        parts[0].models,
        np.concatenate([part.model for part in parts]),
        joined["item"],
        task,
        joined["condition"],
        joined["gold"],
        joined["prediction"],
        np.concatenate([part.correct for part in parts]),
        question=Coded.of(texts),
        options=Coded.of(options),
        n_options=np.concatenate([part.n_options for part in parts]),
    )


def main() -> None:
    """Write the document."""
    text = json.dumps(make_example(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
