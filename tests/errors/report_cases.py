"""Answers made for tests of the errors report: plain ones, and ones full of markup."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from isoloss.errors.items import Coded, Items, Model
from isoloss.errors.study import ErrorStudy, study

# what a log may hold, and what must stay text in HTML, JSON, Markdown and figures
EVIL = (
    "</script><script>window.hurt=1</script>",
    '<img src=x onerror="window.hurt=1">',
    "<b>bold</b> &lt;i&gt; %{x} $x^2$",
    "a|b `c` *d* [e](javascript:alert(1)) ~f~",
    "quotes \" ' \\ \x00 \x1b[31m \ud800 \u202e right to left",
    "line\none\r\n# heading\n- item\n1. one",
)


def answers(
    count: int = 160,
    sizes: tuple[float, ...] = (2e9, 7e9, 30e9),
    seed: int = 0,
    text: Callable[[str], str] = str,
    **covariates: tuple[str, ...],
) -> Items:
    """Two tasks, one of letters and one of yes and no, with questions, options and raw text.

    Args:
        count: questions in each task.
        sizes: of the models.
        seed: of the answers.
        text: what becomes of every text.
        covariates: of the models, a value each.
    """
    rng = np.random.default_rng(seed)
    skill = np.linspace(-0.6, 0.9, len(sizes))[:, None]
    hard = rng.normal(0.0, 1.0, 2 * count)
    right = rng.random((len(sizes), 2 * count)) < 1.0 / (1.0 + np.exp(hard - skill))
    letters = np.array(["A", "B", "C", "D"])
    place = rng.integers(0, 4, 2 * count)
    said = np.where(right, place, (place + rng.integers(1, 4, right.shape)) % 4)
    binary = np.arange(2 * count) >= count
    yes = np.array(["yes", "no"])
    gold = np.where(binary, yes[place % 2], letters[place])
    answer = np.where(binary, yes[np.where(right, place, place + 1) % 2], letters[said])
    # the smallest model often gives no answer that can be read
    lost = (rng.random(right.shape) < 0.15) & ~right & (np.arange(len(sizes)) == 0)[:, None]
    rows = right.size
    models = tuple(
        Model(
            text(f"model-{size / 1e9:g}B"),
            text("family"),
            size,
            size,
            {name: text(values[i]) for name, values in covariates.items()},
        )
        for i, size in enumerate(sizes)
    )
    flat = [None if gone else str(a) for a, gone in zip(answer.ravel(), lost.ravel(), strict=True)]
    item = np.tile(np.arange(2 * count), len(sizes))
    return Items(
        models,
        np.repeat(np.arange(len(sizes), dtype=np.int32), 2 * count),
        Coded.of(text(f"q{i}") for i in item),
        Coded.of(text("yes_no" if binary[i] else "letters") for i in item),
        Coded.same(text("default"), rows),
        Coded.of(str(gold[i]) for i in item),
        Coded.of(flat),
        right.astype(np.int8).ravel(),
        raw=np.array([text(f"I say {a}") for a in flat], dtype=object),
        question=Coded.of(text(f"What is number {i}?") for i in item),
        options=Coded.of(
            text('["yes", "no"]' if binary[i] else '["w", "x", "y", "z"]') for i in item
        ),
        n_options=np.where(binary[item], 2, 4).astype(np.int32),
    )


def studied(items: Items, name: str = "made", **options) -> ErrorStudy:
    """A quick study of the one family there is."""
    settings = {"replicates": 60, "name": name} | options
    return study(items, items.families[0], **settings)


def hostile() -> ErrorStudy:
    """Every name and text ends in markup."""
    items = answers(
        text=lambda plain: f"{plain} {EVIL[sum(map(ord, plain)) % len(EVIL)]}",
        encoder=("small", "small", "large"),
    )
    return studied(items, name=EVIL[0])
