"""The names of failure modes, and what kind of failure each is.

A person may add modes of their own; these are what the built-in rules give. `FORMAT_MODES` are
those in which no answer stands that could be right or wrong: a split of accuracy into format and
capability takes them as "no valid answer".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

CORRECT = "correct"


@dataclass(frozen=True)
class Mode:
    """A failure mode.

    Attributes:
        name: as labels hold it.
        kind: `format` (no valid answer), `bias`, `quantity`, `choice`, `class`, `suspicion` of the
            question or the score, or `rest`.
        says: what it means.
    """

    name: str
    kind: str
    says: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


_LINES = (
    ("empty", "format", "the model gave no text, or the request for it failed"),
    ("truncated", "format", "the text was cut off before an answer stood in it"),
    ("missing_modality", "format", "the model says that it was given no image, sound or video"),
    ("refusal", "format", "the model declines, or says that it cannot be determined"),
    ("echo", "format", "a special token or the prompt stands in place of an answer"),
    ("out_of_range", "format", "an option that the question does not have"),
    ("format_recoverable", "format", "the answer can be told, but not in the form asked for"),
    ("multiple_answers", "format", "several answers to a question that has one"),
    ("unparsed", "format", "no answer could be read"),
    ("false_yes", "bias", "yes where no is right: something is seen that is not there"),
    ("false_no", "bias", "no where yes is right: something is missed that is there"),
    ("position_prior", "bias", "the model gives one letter to every question of the task"),
    ("non_numeric", "quantity", "no number where a number is right"),
    ("num_off_by_one", "quantity", "one more or one less"),
    ("num_sign", "quantity", "the right size with the other sign"),
    ("num_power_of_10", "quantity", "ten, a hundred, ... times too much or too little"),
    ("num_unit", "quantity", "the right number or quantity in another unit, or without its unit"),
    ("num_within_25pct", "quantity", "within a quarter of the right number"),
    ("num_far", "quantity", "another number altogether"),
    ("near_miss", "quantity", "the option next to the right one, of options that have an order"),
    ("texture_choice", "class", "the class of the texture where shape and texture disagree"),
    ("same_superclass", "class", "another class of the same superclass"),
    ("cross_superclass", "class", "a class of another superclass"),
    ("ambiguous_gold", "suspicion", "one of several answers that the question counts as right"),
    ("score_conflict", "suspicion", "scored wrong, and equal to the right answer"),
    ("ocr_copy", "choice", "text that stands in the image and is not the answer"),
    ("language_prior", "choice", "what the same model answers without the image"),
    ("consensus_distractor", "suspicion", "the wrong option that nearly every model takes"),
    ("set_subset", "choice", "some of the right options, and no wrong one"),
    ("set_superset", "choice", "all of the right options, and wrong ones besides"),
    ("wrong_option", "rest", "another option, about which the rules know nothing more"),
    ("wrong_other", "rest", "another answer, about which the rules know nothing more"),
)

MODES: dict[str, Mode] = {name: Mode(name, kind, says) for name, kind, says in _LINES}
FORMAT_MODES: frozenset[str] = frozenset(
    mode.name for mode in MODES.values() if mode.kind == "format"
)
