"""Which answers count as valid: read off the model's text, and one of the options."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isoloss.errors.items import MISSING, Grid

# failure modes in which no answer stands that could be right or wrong: those that the rules give,
# and names that other sources use for them
INVALID = (
    "empty",
    "truncated",
    "missing_modality",
    "refusal",
    "echo",
    "out_of_range",
    "format_recoverable",
    "multiple_answers",
    "unparsed",
    "empty_or_truncated",
    "missing_modality_refusal",
    "multi_answer",
    "no_answer",
    "invalid",
)


def valid_answers(grid: Grid, invalid: Sequence[str] = INVALID) -> np.ndarray:
    """Which answers are valid, (M, I) of bool.

    Labels decide where there are any: an answer whose failure mode is among `invalid` is not
    valid. Where labels are silent, an answer is valid that was read and is one of the options. A
    right answer is always valid, so that accuracy is exactly the share of valid answers times the
    share of right ones among them.

    Args:
        grid: answers.
        invalid: names of failure modes.
    """
    plain = _read(grid)
    if grid.mode is None:
        return plain | (grid.correct == 1)
    bad = np.array([mode in invalid for mode in grid.modes] + [False])
    labelled = ~bad[grid.mode]
    return np.where(grid.mode == MISSING, plain, labelled) | (grid.correct == 1)


def _read(grid: Grid) -> np.ndarray:
    """Read, and within range where options are letters."""
    table = [text.strip() for text in grid.predictions] + [""]
    letter = np.array([_letter(text) for text in table])[grid.prediction]
    read = np.array([bool(text) for text in table])[grid.prediction]
    golds = np.array([_letter(text) for text in [*grid.gold.values, ""]])[grid.gold.codes]
    lettered = (golds >= 0) & (grid.n_options > 0)
    within = (letter >= 0) & (letter < grid.n_options)
    return np.where(lettered, within, read)


def _letter(text: str) -> int:
    """0 for a, 1 for b; -1 where the text is no single letter."""
    text = text.strip().lower()
    return ord(text) - ord("a") if len(text) == 1 and "a" <= text <= "z" else -1
