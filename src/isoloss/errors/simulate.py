"""Answers with one known cause: what every flag must find, and no other flag may.

Six simulators, each of one family with five sizes that answer the same questions. Questions differ
in difficulty, which all models share, so that answers of two models are as alike as real ones are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from isoloss.errors.items import Coded, Items, Model
from isoloss.exceptions import ItemsError

SIZES = (1e9, 3e9, 1e10, 3e10, 1e11)
LETTERS = ("a", "b", "c", "d")
# tokens of an answer that counts only as a whole
TOKENS = 20


def simulate(
    cause: str, *, items: int = 1200, sizes: Sequence[float] = SIZES, seed: int = 0
) -> Items:
    """Answers whose trend over size has one cause.

    Args:
        cause: `capability`, `format-shift`, `bias-shift`, `base-rate`, `metric-artefact` or
            `odd-model`: the flag that must be raised.
        items: questions.
        sizes: parameters of the models, at least four.
        seed: equal seeds give equal answers.

    Raises:
        ItemsError: an unknown cause, fewer than four sizes, or fewer than 20 questions.
    """
    if cause not in CAUSES:
        raise ItemsError(f"no cause '{cause}'; there is {', '.join(CAUSES)}")
    if len(set(sizes)) < 4 or items < 20:
        raise ItemsError(
            f"{len(set(sizes))} sizes and {items} questions; expected at least 4 and 20"
        )
    rng = np.random.default_rng([seed, list(CAUSES).index(cause)])
    return CAUSES[cause](rng, items, np.sort(np.asarray(sizes, dtype=float)))


def capability_only(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """Ability grows by .6 logits per decade; one answer in fifty cannot be read at any size."""
    ability = -0.3 + 0.6 * _centred(sizes)
    return _multiple_choice(rng, items, sizes, ability, np.full(len(sizes), 0.98))


def format_only(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """Readable answers grow from 60 to 95 %; ability stays."""
    step = (np.log10(sizes) - np.log10(sizes[0])) / np.log10(sizes[-1] / sizes[0])
    return _multiple_choice(rng, items, sizes, np.zeros(len(sizes)), 0.6 + 0.35 * step)


def odd_model(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """Ability is the same but for one model in the middle, a logit lower."""
    ability = np.full(len(sizes), 0.3)
    ability[len(sizes) // 2] -= 1.0
    return _multiple_choice(rng, items, sizes, ability, np.full(len(sizes), 0.98))


def bias_only(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """The criterion moves from -.8 to .8 with size; d' is 1 at every size."""
    gold = rng.permutation(np.arange(items) % 2)
    shared = rng.normal(0.0, np.sqrt(0.5), items)
    criterion = np.linspace(-0.8, 0.8, len(sizes))
    own = rng.normal(0.0, np.sqrt(0.5), (len(sizes), items))
    yes = (gold - 0.5) + shared + own > criterion[:, None]
    return _items(sizes, np.where(gold, "yes", "no"), np.where(yes, "yes", "no"), 2)


def base_rate(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """Every right answer is "no"; how readily a model says it swings with size."""
    ready = np.resize([0.02, 0.98, 0.72, 0.9, 1.0], len(sizes))
    taste = rng.normal(0.0, 0.5, items)
    logit = np.log(ready / (1.0 - ready + 1e-3) + 1e-9)
    no = rng.random((len(sizes), items)) < _sigma(logit[:, None] + taste)
    return _items(sizes, np.full(items, "no"), np.where(no, "no", "yes"), 2)


def exact_match(rng: np.random.Generator, items: int, sizes: np.ndarray) -> Items:
    """The chance of one token grows evenly; an answer is right only with all of its tokens."""
    ability = 1.7 + 1.7 * _centred(sizes)
    token = _sigma(ability[:, None] + rng.normal(0.0, 0.4, items))
    correct = rng.random(token.shape) < token**TOKENS
    gold = np.array([f"answer {i}" for i in range(items)])
    answers = np.where(correct, gold, "another")
    return _items(sizes, gold, answers, 0, loss=-TOKENS * np.log(token))


CAUSES: dict[str, Callable[[np.random.Generator, int, np.ndarray], Items]] = {
    "capability": capability_only,
    "format-shift": format_only,
    "bias-shift": bias_only,
    "base-rate": base_rate,
    "metric-artefact": exact_match,
    "odd-model": odd_model,
}


def _multiple_choice(
    rng: np.random.Generator, items: int, sizes: np.ndarray, ability: np.ndarray, valid: np.ndarray
) -> Items:
    """Four options; a model that does not know the answer takes one of the others."""
    known = _sigma(ability[:, None] + rng.normal(0.0, 1.0, items))
    correct = rng.random(known.shape) < known
    gold = rng.integers(0, 4, items)
    other = (gold + rng.integers(1, 4, known.shape)) % 4
    answers = np.array(LETTERS, dtype=object)[np.where(correct, gold, other)]
    answers[rng.random(known.shape) >= valid[:, None]] = None
    return _items(sizes, np.array(LETTERS)[gold], answers, 4, loss=-np.log(known))


def _items(
    sizes: np.ndarray,
    gold: np.ndarray,
    answers: np.ndarray,
    options: int,
    loss: np.ndarray | None = None,
) -> Items:
    """Answers (M, I) as a table."""
    models = tuple(Model(f"sim-{size / 1e9:g}B", "simulated", size, size) for size in sizes)
    count, items = answers.shape
    rows = count * items
    given = [None if text is None else str(text) for text in answers.ravel()]
    return Items(
        models,
        np.repeat(np.arange(count, dtype=np.int32), items),
        Coded(np.tile(np.arange(items, dtype=np.int32), count), tuple(map(str, range(items)))),
        Coded.same("simulated", rows),
        Coded.same("default", rows),
        Coded.of(str(text) for text in np.tile(gold, count)),
        Coded.of(given),
        (answers == gold.astype(object)).astype(np.int8).ravel(),
        n_options=np.full(rows, options, np.int32),
        loss=None if loss is None else loss.ravel(),
    )


def _centred(sizes: np.ndarray) -> np.ndarray:
    return np.log10(sizes) - np.log10(sizes).mean()


def _sigma(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))
