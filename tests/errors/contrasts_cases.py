"""Grids of answers made for tests of contrasts and agreement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.errors.items import Coded, Grid, Model

LETTERS = tuple("abcdefgh")


def make(
    correct,
    *,
    answers: Sequence[Sequence[str | None]] | None = None,
    gold: Sequence[str | None] | None = None,
    options=4,
    modes: Sequence[Sequence[str | None]] | None = None,
    task: Sequence[str] | None = None,
    cluster=None,
    sizes: Sequence[float] | None = None,
    families: Sequence[str] | None = None,
    loss=None,
    choices=None,
) -> Grid:
    """A grid from right answers (M, I); right answers are `a` and wrong ones `b` unless given."""
    correct = np.asarray(correct, dtype=np.int8)
    models, items = correct.shape
    if gold is None:
        gold = ["a"] * items
    if answers is None:
        answers = [["a" if right else "b" for right in line] for line in correct]
    said = Coded.of(text for line in answers for text in line)
    labels = None if modes is None else Coded.of(text for line in modes for text in line)
    sizes = [1e9 * 2.0**m for m in range(models)] if sizes is None else list(sizes)
    families = ["F"] * models if families is None else list(families)
    return Grid(
        tuple(Model(f"m{m}", families[m], sizes[m], sizes[m]) for m in range(models)),
        Coded.of(f"q{i}" for i in range(items)),
        Coded.of(["t"] * items if task is None else task),
        Coded.of(gold),
        np.arange(items, dtype=np.int32) if cluster is None else np.asarray(cluster, np.int32),
        np.broadcast_to(np.asarray(options, np.int32), (items,)).copy(),
        correct,
        said.codes.reshape(models, items),
        said.values,
        None if labels is None else labels.codes.reshape(models, items),
        () if labels is None else labels.values,
        None if loss is None else np.asarray(loss, float),
        None if choices is None else np.asarray(choices, float),
        np.arange(models * items).reshape(models, items),
        {},
    )


def rasch_answers(models: int, items: int, seed: int, spread: float = 2.0) -> np.ndarray:
    """Right answers (M, I) of models of evenly spaced ability."""
    rng = np.random.default_rng(seed)
    ability = np.linspace(-spread / 2, spread / 2, models)[:, None]
    difficulty = rng.normal(0.0, 1.0, items)
    chance = 1.0 / (1.0 + np.exp(difficulty - ability))
    return (rng.random((models, items)) < chance).astype(np.int8)
