"""Which column of a plain table is what, by the names that such tables use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isoloss.errors.readers.asked import PLACE
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

# the likelier names first; a name that two roles know goes to the role that comes first here
_KNOWN = {
    "model": "model model_name model_id subj system checkpoint",
    "item": "item item_id question_id doc_id sample_id example_id instance_id qid idx index id",
    "task": "task task_name dataset benchmark subtask category subject",
    "condition": "condition prompt_type setting variant filter",
    "prediction": "prediction predicted pred predicted_answer model_answer y_pred parsed_pred "
    "parsed_answer extracted_answer extracted model_prediction object_response",
    "correct": "correct is_correct hit acc accuracy exact_match em right score",
    "gold": "gold gold_answer ground_truth gt gt_answer correct_answer y_true label target answer",
    "raw": "raw response model_response full_prediction output completion generation "
    "raw_prediction model_outputs model_output text",
    "question": "question question_text query prompt input",
    "options": "options choices",
    "n_options": "n_options num_options n_choices num_choices",
    "cluster": "cluster image_id image image_path imagename passage_id video_id",
    "loss": "loss nll gold_loss",
    "finish": "finish finish_reason stop_reason",
}
_MODE = ("failure_mode", "error_type", "error_category", "failure_type")
_LABEL = re.compile(r"label\.(.+)\.mode")


@dataclass(frozen=True)
class Roles:
    """Columns by role, and what was guessed.

    Attributes:
        columns: column by role; `label.SOURCE` for failure modes.
        notices: the guesses.
    """

    columns: Mapping[str, str]
    notices: tuple[Notice, ...]

    def get(self, role: str) -> str | None:
        """The column of a role; None where there is none."""
        return self.columns.get(role)


def find_roles(
    names: Sequence[str], given: Mapping[str, str], source: str, *, golds: bool = False
) -> Roles:
    """What was given, and guesses for the rest.

    Args:
        names: the columns.
        given: columns by role, as the person said.
        source: for messages.
        golds: whether right answers come from a file of their own.

    Raises:
        ItemsError: a column that was given is not there, or is there twice, or what a table of
            answers needs is missing.
    """
    for role, column in given.items():
        if column not in names and not (role == "item" and column == PLACE):
            raise ItemsError(
                f"{source} has no column '{column}' (map {role}={column}); it has "
                f"{', '.join(names[:30])}"
            )
    columns = dict(given)
    guessed = {}
    plain = {normal(name): name for name in reversed(names)}
    taken = set(given.values())
    for role, known in _KNOWN.items():
        if role in columns:
            continue
        hits = [plain[name] for name in known.split() if name in plain]
        hit = next((name for name in hits if name not in taken), None)
        if hit is not None:
            columns[role] = guessed[role] = hit
            taken.add(hit)
    _scores(plain, columns, guessed)
    for name in names:
        if match := _LABEL.fullmatch(name):
            columns.setdefault(f"label.{match.group(1)}", name)
    mode = next((plain[name] for name in _MODE if name in plain), None)
    if mode is not None and mode not in columns.values():
        columns["label.given"] = guessed["label.given"] = mode
    _answer(plain, columns, guessed)
    _check(names, columns, source, golds)
    return Roles(columns, _notice(source, guessed))


def normal(name: str) -> str:
    """Lower case, with every run of other characters as one underscore."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")


def _scores(plain: Mapping[str, str], columns: dict[str, str], guessed: dict[str, str]) -> None:
    """Inspect's data frames have a column `score_SCORER` for each scorer."""
    if "correct" in columns:
        return
    hits = [name for short, name in plain.items() if short.startswith("score_")]
    if len(hits) == 1:
        columns["correct"] = guessed["correct"] = hits[0]


def _answer(plain: Mapping[str, str], columns: dict[str, str], guessed: dict[str, str]) -> None:
    """`answer` beside another right answer is what the model said."""
    column = plain.get("answer")
    if column is None or column in columns.values() or "prediction" in columns:
        return
    columns["prediction"] = guessed["prediction"] = column


def _check(names: Sequence[str], columns: Mapping[str, str], source: str, golds: bool) -> None:
    for column in columns.values():
        if list(names).count(column) > 1:
            raise ItemsError(f"{source} has two columns named '{column}'; rename one")
    listed = f"; it has the columns {', '.join(names[:30])}"
    if "item" not in columns and "question" not in columns:
        raise ItemsError(
            f"{source}: no column says which question a row answers; name it with map item=COLUMN"
            f"{listed}"
        )
    if "correct" in columns:
        return
    if "gold" not in columns and not (golds and "item" in columns):
        raise ItemsError(
            f"{source}: no column says whether an answer is right; name it with map "
            f"correct=COLUMN, or the right answer with map gold=COLUMN, or give a file of right "
            f"answers with gold=FILE{listed}"
        )
    if "prediction" not in columns and "raw" not in columns:
        raise ItemsError(
            f"{source}: no column holds the answers; name it with map prediction=COLUMN (or "
            f"raw=COLUMN for the model's whole text){listed}"
        )


def _notice(source: str, guessed: Mapping[str, str]) -> tuple[Notice, ...]:
    # a column that bears the very name is no guess
    unsure = {role: column for role, column in guessed.items() if role != column}
    if not unsure:
        return ()
    pairs = ", ".join(f"{role}={column}" for role, column in unsure.items())
    return (
        Notice(
            "guessed-columns",
            f"{source}: columns were taken by their names: {pairs}",
            f"if one is wrong, say it with map, such as {next(iter(unsure))}=COLUMN",
        ),
    )
