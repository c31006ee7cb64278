"""What one or many rows have in common, for rules that read text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from isoloss.errors.labels.text import bounded, unmarked

_HINTS = (
    *("not", "n't", "n’t", "no ", "unable", "sorry", "apolog", "as an ai", "will ", "missing"),
    *("impossible", "difficult", "hard to", "insufficient"),
    *("provide", "upload", "attach", "share", "send"),
)


@dataclass(frozen=True)
class Case:
    """One combination of recorded answer, text and options.

    Attributes:
        prediction: the recorded answer, or an empty text.
        raw: the model's text, or an empty text where an answer was taken as it was recorded.
        options: the options as JSON, or an empty text.
        n: how many options; 0 where that is not known.
        kind: of question, as in `answers`.
    """

    prediction: str
    raw: str
    options: str
    n: int
    kind: int

    @cached_property
    def heard(self) -> tuple[str, ...]:
        """The texts to judge, the recorded answer first; long ones by their ends."""
        same = self.prediction == self.raw
        return tuple(bounded(text) for text in (self.prediction, "" if same else self.raw) if text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The same in lower case, without LaTeX and special tokens round the words."""
        return tuple(unmarked(text) for text in self.heard)

    @cached_property
    def declines(self) -> bool:
        """Whether a small word stands in it that every refusal holds; quicker to see than those."""
        lower = "\n".join(self.heard).lower()
        return any(hint in lower for hint in _HINTS)
